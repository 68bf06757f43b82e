/** What a command has of the outside: files to read, two streams to write to. */
import { readFileSync } from "node:fs";
import { inertText } from "../mesh/inert.ts";
import { cliError } from "./errors.ts";

export interface Terminal {
  /** Throws MESH_CLI_FILE. */
  readonly read: (file: string) => Uint8Array;
  /** A line on standard output; the caller has made it inert. */
  readonly out: (line: string) => void;
  /** A line on standard error; the caller has made it inert. */
  readonly err: (line: string) => void;
  /** A text on standard output as it is, for other programs; nothing is made inert. */
  readonly write: (text: string) => void;
  readonly env: (name: string) => string | undefined;
}

export const processTerminal: Terminal = {
  read(file) {
    try {
      return readFileSync(file);
    } catch (error) {
      const reason = error instanceof Error && "code" in error ? String(error.code) : "it cannot be read";
      throw cliError("MESH_CLI_FILE", `${inertText(file, 200)}: ${reason}`, { where: { file }, cause: error });
    }
  },
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  write: (text) => process.stdout.write(text),
  env: (name) => process.env[name],
};
