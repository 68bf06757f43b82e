/** A terminal of tests: files by name, and what was said. */

import type { Terminal } from "../../src/cli/terminal.ts";
import { MeshError } from "../../src/mesh/error.ts";

export interface CapturedTerminal extends Terminal {
  readonly said: string[];
  readonly complained: string[];
  /** Texts that were written as they are. */
  readonly written: string[];
}

export function capturedTerminal(files: Readonly<Record<string, string | Uint8Array>>): CapturedTerminal {
  const said: string[] = [];
  const complained: string[] = [];
  const written: string[] = [];
  return {
    said,
    complained,
    written,
    out: (line) => said.push(line),
    err: (line) => complained.push(line),
    write: (text) => written.push(text),
    env: () => undefined,
    read(file) {
      const content = files[file];
      if (content === undefined) throw new MeshError("MESH_CLI_FILE", "config", `${file}: ENOENT`, "Correct the path.");
      return typeof content === "string" ? new TextEncoder().encode(content) : content;
    },
  };
}
