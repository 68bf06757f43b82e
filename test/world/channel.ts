/** How the stub commands of one machine talk to the world: a FIFO of requests, files for arguments and answers. */
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
    execFileSync("mkfifo", [fifo]);
    // Opened for both directions: writers never wait for a reader, and the end of one is not the end of all.
    this.#socket = new Socket({ fd: openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK), writable: false });
    this.#socket.on("data", (chunk) => this.#take(chunk.toString()));
  }

  #take(text: string): void {
    const lines = (this.#line + text).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) {
      const [kind = "", id = ""] = line.split(" ");
      if (kind === "run") void this.#run(id);
      else this.#waiting.get(id)?.(readFileSync(this.#path(id, "in"), "utf8"));
    }
  }

  #path(id: string, kind: string): string {
    return join(this.#folder, `${id}.${kind}`);
  }

  async #run(id: string): Promise<void> {
    this.#open.add(id);
    const [path = "", ...args] = readFileSync(this.#path(id, "args"), "utf8").split("\0").slice(0, -1);
    const input = async (): Promise<string> => {
      const text = new Promise<string>((resolve) => this.#waiting.set(id, resolve));
      this.#send(id, "more", `cat >"$w.in"; ask input`);
      return text.finally(() => this.#waiting.delete(id));
    };
    let answer: Answer;
    try {
      answer = await this.#answerer({ name: path, args, input });
    } catch (error) {
      answer = failed(`world: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, 70);
    }
    if (!this.#open.delete(id)) return;
    this.#send(id, "answer", snippet(answer));
  }

  #send(id: string, kind: string, text: string): void {
    try {
      writeFileSync(this.#path(id, kind), `${text}\n`);
      const fd = openSync(this.#path(id, "done"), constants.O_WRONLY | constants.O_NONBLOCK);
      for (const used of ["done", "args", "in"]) rmSync(this.#path(id, used), { force: true });
      writeSync(fd, `${kind}\n`);
      closeSync(fd);
    } catch {
      // The command was killed meanwhile: nobody waits for its answer.
    }
  }

  close(): void {
    for (const id of this.#open) this.#send(id, "answer", "exit 75");
    this.#open.clear();
    this.#socket.destroy();
    rmSync(join(this.#folder, "requests"), { force: true });
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function snippet(answer: Answer): string {
  const out = answer.stdout === "" ? "" : `printf %s ${quoted(answer.stdout)}; `;
  const err = answer.stderr === "" ? "" : `printf %s ${quoted(answer.stderr)} >&2; `;
  return `${out}${err}exit ${answer.code}`;
}
