/**
 * How the stub commands of one machine talk to the world: a FIFO of requests, and slots of which each running stub takes
 * one: a FIFO that says when there is an answer, and files for arguments, input and answer.
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";

/** What a simulated command prints and how it ends. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Request {
  readonly name: string;
  readonly args: readonly string[];
  /** Reads the command's standard input to its end. Commands that do not call it leave it to their script. */
  input(): Promise<string>;
}

export type Answerer = (request: Request) => Promise<Answer>;

export const done = (stdout = "", stderr = ""): Answer => ({ code: 0, stdout, stderr });
export const failed = (stderr: string, code = 1, stdout = ""): Answer => ({ code, stdout, stderr: `${stderr}\n` });

/** More than ever run at once on a machine; `stub.sh` knows the number too. */
const slots = 96;

/** Serves requests until it is closed. Commands that still wait are let go with exit code 75. */
export class Channel {
  readonly #folder: string;
  readonly #socket: Socket;
  readonly #answerer: Answerer;
  readonly #waiting = new Map<string, (input: string) => void>();
  readonly #open = new Set<string>();
  #line = "";

  constructor(folder: string, answerer: Answerer) {
    this.#folder = folder;
    this.#answerer = answerer;
    mkdirSync(folder, { recursive: true });
    const fifo = join(folder, "requests");
    execFileSync("mkfifo", [fifo, ...Array.from({ length: slots }, (_, i) => join(folder, `slot.${i}`))]);
    // Opened for both directions: writers never wait for a reader, and the end of one is not the end of all.
    this.#socket = new Socket({ fd: openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK), writable: false });
    this.#socket.on("data", (chunk) => this.#take(chunk.toString()));
  }

  #take(text: string): void {
    const lines = (this.#line + text).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) {
      const [kind = "", slot = ""] = line.split(" ");
      if (kind === "run") void this.#run(slot);
      else if (kind === "free") rmSync(this.#path(slot, "taken"), { force: true });
      else this.#waiting.get(slot)?.(readFileSync(this.#path(slot, "in"), "utf8"));
    }
  }

  #path(slot: string, kind: string): string {
    return join(this.#folder, `slot.${slot}.${kind}`);
  }

  async #run(slot: string): Promise<void> {
    this.#open.add(slot);
    const [path = "", ...args] = readFileSync(this.#path(slot, "args"), "utf8").split("\0").slice(0, -1);
    const input = async (): Promise<string> => {
      const text = new Promise<string>((resolve) => this.#waiting.set(slot, resolve));
      this.#send(slot, "more", `cat >"$w/slot.$slot.in"; ask input`);
      return text.finally(() => this.#waiting.delete(slot));
    };
    let answer: Answer;
    try {
      answer = await this.#answerer({ name: path, args, input });
    } catch (error) {
      answer = failed(`world: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, 70);
    }
    if (!this.#open.delete(slot)) return;
    this.#send(slot, "answer", snippet(answer));
  }

  #send(slot: string, kind: string, text: string): void {
    try {
      writeFileSync(this.#path(slot, kind), `${text}\n`);
      const fd = openSync(join(this.#folder, `slot.${slot}`), constants.O_WRONLY | constants.O_NONBLOCK);
      writeSync(fd, `${kind}\n`);
      closeSync(fd);
    } catch {
      // The command was killed meanwhile: nobody waits for its answer, and its slot is free.
      rmSync(this.#path(slot, "taken"), { force: true });
    }
  }

  close(): void {
    for (const slot of this.#open) this.#send(slot, "answer", "exit 75");
    this.#open.clear();
    this.#socket.destroy();
    rmSync(join(this.#folder, "requests"), { force: true });
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function snippet(answer: Answer): string {
  const out = answer.stdout === "" ? "" : `printf %s ${quoted(answer.stdout)}; `;
  const err = answer.stderr === "" ? "" : `printf %s ${quoted(answer.stderr)} >&2; `;
  return `${out}${err}echo "free $slot" >"$w/requests"; exit ${answer.code}`;
}
