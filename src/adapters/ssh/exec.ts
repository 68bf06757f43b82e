/** Runs one command on an open connection: input with back-pressure, bounded output, a wall-clock limit. */
import { constants } from "node:os";
import { Readable } from "node:stream";
import type { ClientChannel } from "ssh2";
import type { ShellResult } from "../../ports/shell.ts";
import type { Connection } from "./dial.ts";
import { sshErrors } from "./errors.ts";

const sliceSize = 256 * 1024;

export interface ExecRequest {
  readonly command: string;
  /** Written to standard input one after another, then it is closed. */
  readonly input: readonly Uint8Array[];
  /** Milliseconds. */
  readonly timeout: number;
  /** Bytes of both outputs together. */
  readonly outputLimit: number;
  /** For messages: the node's address. */
  readonly address: string;
}

/** Resolves when the channel is closed and the exit code is known; throws MESH_SSH_LOST, _EXEC, _EXEC_TIMEOUT and _OUTPUT. */
export function exec(connection: Connection, request: ExecRequest): Promise<ShellResult> {
  const { client } = connection;
  const where = { address: request.address };
  return new Promise((resolve, reject) => {
    let channel: ClientChannel | undefined;
    let code: number | undefined;
    const lost = (): void => {
      const cause = connection.broken();
      settle(() => reject(sshErrors("MESH_SSH_LOST", "the connection broke while a command ran", { where, cause })));
    };
    const timer = setTimeout(() => {
      const limit = `a command did not end within ${request.timeout / 1000} seconds`;
      settle(() => reject(sshErrors("MESH_SSH_EXEC_TIMEOUT", limit, { where })));
      channel?.signal("KILL");
      channel?.close();
    }, request.timeout);
    const settle = (how: () => void): void => {
      clearTimeout(timer);
      client.removeListener("close", lost);
      how();
    };
    const output = new Output(request.outputLimit, () => {
      settle(() => reject(sshErrors("MESH_SSH_OUTPUT", `more than ${request.outputLimit} bytes of output`, { where })));
      channel?.close();
    });
    client.once("close", lost);
    const opened = (error: Error | undefined, stream: ClientChannel): void => {
      if (error) {
        settle(() => reject(sshErrors("MESH_SSH_EXEC", "the command was not started", { where, cause: error })));
        return;
      }
      channel = stream;
      stream.on("exit", (status: number | null, signal?: string) => {
        code = status ?? signalCode(signal);
      });
      stream.on("data", (chunk: Buffer) => output.add("stdout", chunk));
      stream.stderr.on("data", (chunk: Buffer) => output.add("stderr", chunk));
      // A command may end without reading all of its input: its exit code tells what that means.
      stream.on("error", () => undefined);
      stream.on("close", () => (code === undefined ? lost() : settle(() => resolve(output.result(code ?? 255)))));
      Readable.from(slices(request.input)).pipe(stream);
    };
    try {
      client.exec(request.command, opened);
    } catch {
      lost();
    }
  });
}

/** 128 and the number of the signal, as a shell would report it; the name comes with or without `SIG`. */
function signalCode(signal: string | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[`SIG${signal?.replace(/^SIG/, "") ?? ""}`] ?? 0);
}

function* slices(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += sliceSize) yield part.subarray(at, at + sliceSize);
  }
}

/** Both outputs in bytes, so that a character that arrives in two pieces stays whole. */
class Output {
  readonly #limit: number;
  readonly #onOverflow: () => void;
  readonly #chunks: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
  #size = 0;

  constructor(limit: number, onOverflow: () => void) {
    this.#limit = limit;
    this.#onOverflow = onOverflow;
  }

  add(stream: "stdout" | "stderr", chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#limit) this.#onOverflow();
    else this.#chunks[stream].push(chunk);
  }

  result(code: number): ShellResult {
    const { stdout, stderr } = this.#chunks;
    return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
  }
}
