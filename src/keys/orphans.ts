/** Keys of ours that a killed run left usable. */
import { inertText } from "../mesh/inert.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Change } from "../plan/change.ts";
import type { AuthKey } from "../ports/control.ts";
import { holdsKey } from "./check.ts";
import { isOurDescription } from "./description.ts";
import type { KeyFileEntry } from "./file.ts";

/** What tells a killed run's keys from those still wanted. */
export interface Keep {
  /** Start of this run: younger keys are other runs' or this one's. */
  readonly startedAt: Date;
  /** This run's key file; empty where it has none. */
  readonly keyFile: readonly KeyFileEntry[];
}

/** Longer-lived keys were made by somebody for something. */
const longestLife = 15 * 60 * 1000;

/**
 * Ours = usable, single-use, meant to live at most 15 minutes, tagged with exactly one cluster's tag, made before this run
 * and not in its key file; and where the server keeps descriptions, with ours. Only clusters of `mesh` count: give it those
 * that this run works on, so that runs side by side for other clusters keep theirs.
 */
export function orphanedKeys(keys: readonly AuthKey[], mesh: Pick<Mesh, "clusters">, keep: Keep): readonly AuthKey[] {
  const tags: readonly string[] = mesh.clusters.map((c) => c.tag);
  const hasDescriptions = keys.some((key) => key.description !== "");
  return keys.filter((key) => {
    const life = key.expires === null ? Number.POSITIVE_INFINITY : key.expires.getTime() - key.created.getTime();
    const [tag, ...more] = new Set(key.tags);
    // A server that hides what its keys begin with (Headscale 0.30) does not tell which ones the file holds: any may be.
    const isKept = keep.keyFile.some((entry) => key.prefix === null || holdsKey(entry, key));
    return (
      key.state === "usable" &&
      !key.reusable &&
      life <= longestLife &&
      tag !== undefined &&
      more.length === 0 &&
      tags.includes(tag) &&
      key.created < keep.startedAt &&
      !isKept &&
      (hasDescriptions ? isOurDescription(key.description) : true)
    );
  });
}

/** The change that takes one back. Revoking a key of ours is not a deletion: it needs no permission. */
export function revokeChange(key: AuthKey, wire: string): Change {
  const id = inertText(key.id, 60);
  return {
    address: `key/${id}`,
    resource: "key",
    kind: "update",
    why: "an earlier run was stopped before it used or revoked this key",
    diff: `- usable key for ${inertText(key.tags.join(", "), 120)}\n+ revoked`,
    risk: "none",
    undo: "none needed: a key is minted when one is wanted",
    does: [`${wire} (key ${id})`],
  };
}
