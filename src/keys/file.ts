/** The key file: how keys travel from key-mint to node-provision, one line `NODE KEY` each. */
import { joinErrors, type MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import { Secret } from "../mesh/secret.ts";
import { keyError } from "./errors.ts";

export interface KeyFileEntry {
  /** Name of the node, or of the tags where no node was named. */
  readonly node: string;
  readonly secret: Secret;
}

/** Reads it; `file` is for messages. Throws all problems at once, none of which shows a part of a key. */
export function parseKeyFile(text: string, file: string): readonly KeyFileEntry[] {
  const entries: KeyFileEntry[] = [];
  const problems: MeshError[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const where = { file, line: index + 1 };
    const [node, key, ...rest] = line.split(/[ \t]+/);
    if (node !== undefined && key === undefined && isNodeName(node)) {
      problems.push(keyError("MESH_KEY_EMPTY", `line ${index + 1} names a node and has no key`, { where }));
    } else if (node === undefined || key === undefined || rest.length > 0) {
      problems.push(keyError("MESH_KEY_FILE_SYNTAX", `line ${index + 1} is not NODE KEY`, { where }));
    } else if (entries.some((e) => e.node === node)) {
      problems.push(keyError("MESH_KEY_FILE_DUPLICATE", `a second key for ${inertText(node, 80)}`, { where }));
    } else entries.push({ node, secret: new Secret(key) });
  }
  const [first, ...more] = problems;
  if (first !== undefined) throw joinErrors([first, ...more]);
  return entries;
}

/** A word that stands alone may be a key as well, and then it is not told as a node that lacks one. */
function isNodeName(word: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(word) && !/^[a-z]+key-/.test(word);
}

/** The text of a key file. It holds the keys: write it 0600 and nowhere else. */
export function formatKeyFile(entries: readonly KeyFileEntry[]): string {
  return entries.map((e) => `${e.node} ${e.secret.reveal()}\n`).join("");
}
