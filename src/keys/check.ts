/** Whether the keys of a key file will do, before any node is touched. */
import type { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { Node, Tag } from "../mesh/mesh.ts";
import type { AuthKey } from "../ports/control.ts";
import { keyError } from "./errors.ts";
import type { KeyFileEntry } from "./file.ts";

/** A node that has to log in, and the tag it must get. */
export interface KeyNeed {
  readonly node: Pick<Node, "name">;
  readonly tag: Tag;
}

/** What is wrong with the keys of those nodes; keys of other nodes do not count. */
export function checkKeyFile(
  entries: readonly KeyFileEntry[],
  keys: readonly AuthKey[],
  needs: readonly KeyNeed[],
): readonly MeshError[] {
  return needs.flatMap((need) => problemOf(entries, keys, need) ?? []);
}

/** True when the file's key is that key of the server. */
export function holdsKey(entry: KeyFileEntry, key: AuthKey): boolean {
  return key.prefix !== null && key.prefix !== "" && entry.secret.reveal().startsWith(key.prefix);
}

function problemOf(entries: readonly KeyFileEntry[], keys: readonly AuthKey[], need: KeyNeed): MeshError | undefined {
  const { node, tag } = need;
  const where = { address: `node/${node.name}` };
  const entry = entries.find((e) => e.node === node.name);
  if (entry === undefined) return keyError("MESH_KEY_NONE", `${node.name} has to log in and has no key`, { where });
  const key = keys.find((k) => holdsKey(entry, k));
  if (key === undefined) {
    // Where a server hides what its keys begin with, only the login itself tells.
    if (keys.some((k) => k.prefix === null)) return undefined;
    return keyError("MESH_KEY_UNKNOWN", `the control server does not know the key for ${node.name}`, { where });
  }
  if (key.state !== "usable") {
    return keyError("MESH_KEY_UNUSABLE", `key ${inertText(key.id, 40)} for ${node.name} is ${key.state}`, { where });
  }
  const tags = [...new Set(key.tags)];
  if (tags.length === 1 && tags[0] === tag) return undefined;
  const found = tags.length === 0 ? "no tag" : inertText(tags.join(", "), 120);
  return keyError("MESH_KEY_TAGS", `key ${inertText(key.id, 40)} for ${node.name} has ${found}, wanted ${tag}`, {
    where,
  });
}
