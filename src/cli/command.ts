/** One command of the command line. */
import type { Terminal } from "./terminal.ts";

export interface Command {
  /** The words that choose it. */
  readonly words: readonly string[];
  /** What stands behind the words. */
  readonly usage: string;
  /** One sentence; undefined keeps it out of the help. */
  readonly help: string | undefined;
  /** The exit status. Throws MeshError: MESH_CLI_USAGE for wrong arguments. */
  readonly run: (args: readonly string[], terminal: Terminal) => number | Promise<number>;
}
