/**
 * Stored keys and all else that expires, as a run sees them that is not about keys: by the server's lists alone, without
 * asking any store.
 */
import type { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { StoredKey } from "../mesh/mesh.ts";
import type { AuthKey, Device, ExpiringCredential } from "../ports/control.ts";
import { readStoredMark, storedMark } from "./marker.ts";
import { overdueErrors, overdueRotations } from "./overdue.ts";
import { expiryErrors, expiryRadar, expiryWarnings, type Radar } from "./radar.ts";
import { sameTags } from "./reconcile.ts";

export interface WatchInput {
  readonly storedKeys: readonly StoredKey[];
  /** Stands for the repository, as for key-rotate. */
  readonly owner: string;
  readonly keys: readonly AuthKey[];
  /** False: a key is told by its tags and its long life. */
  readonly hasDescriptions: boolean;
  /** Null: not seen. */
  readonly devices: readonly Device[] | null;
  readonly credentials: readonly ExpiringCredential[] | null;
  /** The server's time. */
  readonly now: Date;
}

export interface Watch {
  readonly radar: Radar;
  readonly errors: readonly MeshError[];
  readonly warnings: readonly string[];
}

/** Shorter-lived keys are for joins. */
const longestJoin = 900_000;

export async function watchKeys(input: WatchInput): Promise<Watch> {
  const { storedKeys, now, devices, credentials } = input;
  const found = await Promise.all(storedKeys.map(async (stored) => ({ stored, key: await newestKey(stored, input) })));
  const states = found.flatMap(({ stored, key }) => {
    if (key === undefined || key.expires === null) return [];
    const { name, rotateAfter, renewBefore, expiry: life } = stored;
    return { name, created: key.created, expires: key.expires, rotateAfter, renewBefore, life };
  });
  const radar = expiryRadar({ now, storedKeys: states, devices, credentials });
  const missing = found.filter(({ key }) => key === undefined).map(({ stored }) => stored.name);
  return {
    radar,
    errors: [...overdueErrors(overdueRotations(states, now)), ...expiryErrors(radar)],
    warnings: [
      ...missing.map(
        (name) => `stored key ${inertText(name, 80)} has no usable key at the control server: run key-rotate`,
      ),
      ...expiryWarnings(radar),
    ],
  };
}

/**
 * The newest usable key that bears the stored key's mark. It may be one that a killed run left and that no store has: then
 * the age is told too young, until key-rotate takes that key back.
 */
async function newestKey(stored: StoredKey, input: WatchInput): Promise<AuthKey | undefined> {
  const { keys, owner, hasDescriptions } = input;
  const mark = await storedMark(stored, owner);
  const isOurs = (key: AuthKey): boolean => {
    const theirs = readStoredMark(key.description);
    if (hasDescriptions)
      return theirs?.name === mark.name && theirs.owner === mark.owner && theirs.place === mark.place;
    const life = key.expires === null ? Number.POSITIVE_INFINITY : key.expires.getTime() - key.created.getTime();
    return life > longestJoin && !key.ephemeral && sameTags(key.tags, stored.tags);
  };
  return keys
    .filter((key) => key.state === "usable" && isOurs(key))
    .toSorted((a, b) => b.created.getTime() - a.created.getTime())[0];
}
