/** What the store and the control server say about one stored key, put together: which key is in force, and what is left of earlier ones. */
import { inertText } from "../mesh/inert.ts";
import type { StoredKey } from "../mesh/mesh.ts";
import type { AuthKey } from "../ports/control.ts";
import type { KeyRecord, StoreReading } from "../ports/secret-store.ts";
import { readStoredMark, type StoredMark } from "./marker.ts";

/** Seconds. A key of ours that is younger and in no store may be another run's that is about to be stored. */
export const orphanAge = 900;

/** Shorter-lived keys are for joins. */
const longestJoin = 900_000;

export interface StoredFacts {
  readonly stored: StoredKey;
  readonly mark: StoredMark;
  readonly reading: StoreReading;
  /** The store gives the text of a key back. */
  readonly isReadable: boolean;
}

export interface ServerFacts {
  /** All auth keys. Asked for after the store was read: then no key can be in the store and missing here. */
  readonly keys: readonly AuthKey[];
  /** The server's time. */
  readonly now: Date;
  /** False: a key is told by its tags and its long life. */
  readonly hasDescriptions: boolean;
}

/** A usable key of ours that the store does not name. */
export interface Leftover {
  readonly key: AuthKey;
  /** `superseded`: was in the store. `orphan`: never was, a run was stopped in between. */
  readonly kind: "superseded" | "orphan";
  /** When it was replaced; of an orphan, when it was minted. */
  readonly since: Date;
}

export interface Standing {
  /** Null: nothing is stored. */
  readonly record: KeyRecord | null;
  /** The key that the record names; null when the server does not know it. */
  readonly named: AuthKey | null;
  /** Why that key will not do, in words; null when it does. */
  readonly flaw: string | null;
  /** The place may hold a key that its record does not name: none of ours may be revoked before it was written whole. */
  readonly isUnsure: boolean;
  /** Id of the key that a new one takes the place of. */
  readonly replaces: string | null;
  readonly leftovers: readonly Leftover[];
  /** Keys that look like ours and are left alone, with the reason. */
  readonly alone: readonly { readonly key: AuthKey; readonly why: string }[];
}

export function standingOf(facts: StoredFacts, server: ServerFacts): Standing {
  const { reading } = facts;
  const record = reading.kind === "present" ? reading.record : null;
  const named = server.keys.find((key) => key.id === record?.keyId) ?? null;
  const others = server.keys.filter((key) => key.state === "usable" && key.id !== record?.keyId);
  const own = others.filter((key) => isOwn(key, facts, server));
  const suspects = facts.isReadable ? [] : own.filter((key) => mayBeInPlace(key, record, server.keys));
  const isUnsure = !reading.isConsistent || suspects.length > 0;
  const leftovers = isUnsure ? [] : own.map((key) => leftover(key, record, facts, server.keys));
  return {
    record,
    named,
    flaw: flawOf(facts, record, named),
    isUnsure,
    replaces: isUnsure ? (newest([...(named ? [named] : []), ...own])?.id ?? null) : (record?.keyId ?? null),
    leftovers,
    alone: [
      ...(isUnsure ? own.map((key) => ({ key, why: "its place may hold it" })) : []),
      ...others.flatMap((key) => aloneOf(key, facts, server) ?? []),
    ],
  };
}

/** Usable keys that bear the name and another owner's mark. */
export function foreignKeys({ mark }: Pick<StoredFacts, "mark">, keys: readonly AuthKey[]): readonly AuthKey[] {
  return keys.filter((key) => {
    const theirs = readStoredMark(key.description);
    return key.state === "usable" && theirs?.name === mark.name && theirs.owner !== mark.owner;
  });
}

/** The same tags, in whatever order. */
export function sameTags(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [new Set(one), new Set(other)];
  return a.size === b.size && [...a].every((tag) => b.has(tag));
}

/** Whether a key may be revoked by us at all. */
export function isOwn(key: AuthKey, { stored, mark, reading }: StoredFacts, server: ServerFacts): boolean {
  const { record } = reading;
  const isRecorded = key.id === record?.keyId || key.id === record?.previousKeyId;
  if (!server.hasDescriptions) {
    const life = key.expires === null ? Number.POSITIVE_INFINITY : key.expires.getTime() - key.created.getTime();
    return life > longestJoin && !key.ephemeral && (isRecorded || sameTags(key.tags, stored.tags));
  }
  const theirs = readStoredMark(key.description);
  return theirs?.name === mark.name && theirs.owner === mark.owner && (theirs.place === mark.place || isRecorded);
}

function aloneOf(
  key: AuthKey,
  facts: StoredFacts,
  server: ServerFacts,
): { readonly key: AuthKey; readonly why: string } | undefined {
  if (!server.hasDescriptions || isOwn(key, facts, server)) return undefined;
  const theirs = readStoredMark(key.description);
  if (key.id === facts.reading.record?.previousKeyId && theirs === undefined) {
    return { key, why: "it bears no mark of ours; it expires by itself" };
  }
  if (theirs?.name !== facts.mark.name || theirs.owner !== facts.mark.owner) return undefined;
  return {
    key,
    why: "it was minted for another store or place of this name; revoke it by hand when nothing uses it there",
  };
}

/**
 * For a store that cannot be read: the key may be the one in the place, since it is newer than the one before the record's
 * and the record's chain does not have it. Two runs at once leave that, and a run that was stopped between two writes.
 */
function mayBeInPlace(key: AuthKey, record: KeyRecord | null, keys: readonly AuthKey[]): boolean {
  if (record === null) return true;
  if (key.id === record.previousKeyId) return false;
  const previous = keys.find(({ id }) => id === record.previousKeyId);
  return previous === undefined || key.created > previous.created;
}

function leftover(
  key: AuthKey,
  record: KeyRecord | null,
  { isReadable }: StoredFacts,
  keys: readonly AuthKey[],
): Leftover {
  const orphan: Leftover = { key, kind: "orphan", since: key.created };
  if (record === null) return orphan;
  const superseded = (since: Date): Leftover => ({ key, kind: "superseded", since });
  if (key.id === record.previousKeyId || !isReadable) return superseded(record.created);
  if (key.created > record.created || record.previousKeyId === null) return orphan;
  const previous = keys.find(({ id }) => id === record.previousKeyId);
  if (previous === undefined) return superseded(record.created);
  // What lies between the two was never stored; what is older was replaced by the previous one at the latest.
  return key.created > previous.created ? orphan : superseded(previous.created);
}

function flawOf({ stored, reading }: StoredFacts, record: KeyRecord | null, named: AuthKey | null): string | null {
  if (record === null) return "no key is stored";
  const id = inertText(record.keyId, 60);
  if (named === null) return `the control server has no usable key ${id}`;
  if (named.state !== "usable") return `key ${id} is ${named.state}`;
  if (!sameTags(named.tags, stored.tags)) {
    return `key ${id} has ${inertText(named.tags.join(", ") || "no tag", 120)}, wanted ${stored.tags.join(", ")}`;
  }
  if (named.reusable !== stored.reusable) {
    return stored.reusable ? `key ${id} works only once` : `key ${id} works more than once`;
  }
  const text = reading.secret?.reveal();
  if (text !== undefined && named.prefix !== null && !text.startsWith(named.prefix)) {
    return `the text in its place is not that of key ${id}`;
  }
  return null;
}

function newest(keys: readonly AuthKey[]): AuthKey | undefined {
  return keys.toSorted((a, b) => b.created.getTime() - a.created.getTime())[0];
}
