/** One stored key's transaction: mint → store on condition → read back. What a lost answer did is found out by reading. */
import { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { StoredKey } from "../mesh/mesh.ts";
import type { Secret } from "../mesh/secret.ts";
import type { AuthKey, Control, MintedKey } from "../ports/control.ts";
import type { Reporter } from "../ports/reporter.ts";
import type { RunState } from "../ports/run-state.ts";
import type { KeyRecord, SecretStore, StoreReading } from "../ports/secret-store.ts";
import { whyRotate } from "./due.ts";
import { keyError } from "./errors.ts";
import { type StoredMark, storedDescription } from "./marker.ts";
import { sameTags, standingOf } from "./reconcile.ts";
import { sameSecret } from "./same-secret.ts";
import { forgetUnstored, noteUnstored } from "./unstored.ts";

export interface StoreKeyPorts {
  readonly control: Control;
  readonly reporter: Pick<Reporter, "mask" | "info" | "warn">;
  readonly state: RunState;
}

export interface StoreKeyOrder {
  readonly stored: StoredKey;
  readonly mark: StoredMark;
  readonly store: SecretStore;
  /** The version that the write is on condition of. */
  readonly version: string;
  /** Id of the key that the new one takes the place of. */
  readonly replaces: string | null;
  readonly runId: string;
}

export type StoredResult =
  /** The store has it. */
  | { readonly kind: "stored"; readonly key: AuthKey }
  /** Another run was faster, and its key is fine; this run's was revoked, or is what the other one replaced. */
  | { readonly kind: "overtaken"; readonly key: AuthKey };

/** How far the life of a key may be from what was asked for; clocks differ, and servers round. */
const tolerance = 300;

/**
 * Throws the store's error when it did not take the key, and MESH_STORED_KEY_CONFLICT, _DIFFERS, _UNPROVEN. A key whose fate
 * is open then is left to the post step and to the next run: it is never revoked while the store may have it.
 */
export async function mintIntoStore(ports: StoreKeyPorts, order: StoreKeyOrder): Promise<StoredResult> {
  const { stored, mark, store, runId } = order;
  const { control, reporter, state } = ports;
  const minted = await control.mintKey({
    tags: stored.tags,
    description: storedDescription(mark, runId),
    expirySeconds: stored.expiry,
    reusable: stored.reusable,
  });
  const { key } = minted;
  reporter.mask(minted.secret);
  noteUnstored(state, { keyId: key.id, name: stored.name, phase: "minted" });
  reporter.info(`key ${inertText(key.id, 60)} minted for stored key ${stored.name}`);
  const wrong = misfit(key, stored);
  if (wrong !== null) {
    await takeBackOwn(ports, key.id);
    throw unproven(key.id, stored, wrong);
  }
  noteUnstored(state, { keyId: key.id, name: stored.name, phase: "sent" });
  const record = recordOf(order, minted);
  const rival = await write(store, stored.place, minted.secret, record, order.version);
  if (rival !== null) {
    await takeBackOwn(ports, key.id);
    return overtaken(ports, order, rival, `the key of this run, ${inertText(key.id, 60)}, was revoked`);
  }
  const seen = await store.read(stored.place);
  if (holds(seen, key.id) && (seen.secret === null || sameSecret(seen.secret, minted.secret))) {
    forgetUnstored(state, key.id);
    reporter.info(`${stored.name}: ${store.capabilities.readable ? "stored and read back" : "stored"}`);
    return { kind: "stored", key };
  }
  if (seen.kind === "present" && seen.isConsistent && seen.record?.previousKeyId === key.id) {
    forgetUnstored(state, key.id);
    return overtaken(ports, order, seen, `it replaced the key of this run, ${inertText(key.id, 60)}`);
  }
  throw keyError("MESH_STORED_KEY_DIFFERS", `${place(order)} does not give back key ${inertText(key.id, 60)}`, {
    where: { address: `stored-key/${stored.name}` },
  });
}

/** What is wrong with a key, in words; null when it is what the topology asks for. */
export function misfit(key: AuthKey, stored: StoredKey): string | null {
  if (key.state !== "usable") return `it is ${key.state}`;
  if (!sameTags(key.tags, stored.tags)) return `it has ${inertText(key.tags.join(", ") || "no tag", 120)}`;
  if (key.reusable !== stored.reusable) return key.reusable ? "it works more than once" : "it works only once";
  const life = key.expires === null ? Number.POSITIVE_INFINITY : key.expires.getTime() - key.created.getTime();
  return Math.abs(life / 1000 - stored.expiry) <= tolerance ? null : "it lives for another time than was asked for";
}

export function unproven(keyId: string, stored: StoredKey, wrong: string): MeshError {
  return keyError(
    "MESH_STORED_KEY_UNPROVEN",
    `the new key ${inertText(keyId, 60)} of stored key ${stored.name}: ${wrong}`,
    { where: { address: `stored-key/${stored.name}` } },
  );
}

function recordOf({ stored, replaces, runId }: StoreKeyOrder, { key }: MintedKey): KeyRecord {
  return {
    keyId: key.id,
    name: stored.name,
    tags: stored.tags,
    created: key.created,
    expires: key.expires ?? new Date(key.created.getTime() + stored.expiry * 1000),
    previousKeyId: replaces,
    mintedByRun: runId,
  };
}

/**
 * Null once the store has it; what it has instead when somebody else was faster, and this write cannot come true any more.
 * A write without an answer is looked for; when the place is as before, it is sent once more: on the same condition, or in a
 * store without one the same whole text, so that twice is as good as once.
 */
async function write(
  store: SecretStore,
  place: string,
  secret: Secret,
  record: KeyRecord,
  version: string,
): Promise<StoreReading | null> {
  let failure: MeshError | undefined;
  let condition = version;
  for (const isLast of [false, true]) {
    let answer: "stored" | "conflict" | "none" = "none";
    try {
      answer = (await store.write(place, secret, record, condition)).kind;
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      failure = error;
    }
    if (answer === "stored") return null;
    const seen = await readAfter(store, place, failure);
    if (holds(seen, record.keyId)) return null;
    const isDecided = failure === undefined || (store.capabilities.compareAndSet && seen.version !== version);
    if (isDecided) return seen;
    if (isLast || isRefusal(failure)) break;
    // What a store without a condition shows now may be half of this very write.
    if (!store.capabilities.compareAndSet) condition = seen.version;
  }
  throw failure ?? new Error("a write neither failed nor ended");
}

/** The failure of the write says more than that of the look after it. */
async function readAfter(store: SecretStore, place: string, failure: MeshError | undefined): Promise<StoreReading> {
  try {
    return await store.read(place);
  } catch (error) {
    throw failure ?? error;
  }
}

/** The store has understood the request and does not do it: sent again it does not either. */
function isRefusal(failure: MeshError | undefined): boolean {
  return failure !== undefined && ["denied", "config", "refused", "conflict"].includes(failure.kind);
}

function holds(reading: StoreReading, keyId: string): boolean {
  return reading.kind === "present" && reading.isConsistent && reading.record?.keyId === keyId;
}

/** The one key that is certainly in no store: of this run, before it was sent or after it was refused. */
async function takeBackOwn({ control, reporter, state }: StoreKeyPorts, keyId: string): Promise<void> {
  const id = inertText(keyId, 60);
  try {
    await control.revokeKey(keyId);
    reporter.info(`key ${id} is in no store and was revoked`);
    forgetUnstored(state, keyId);
  } catch (error) {
    const why = error instanceof MeshError ? `${error.code}: ${error.message}` : "unexpected failure";
    reporter.warn(
      `key ${id} is in no store and could not be revoked: ${inertText(why, 300)}; the next run takes it back`,
    );
  }
}

/** Looks once at what the other one has stored. */
async function overtaken(
  { control, reporter }: StoreKeyPorts,
  order: StoreKeyOrder,
  reading: StoreReading,
  ending: string,
): Promise<StoredResult> {
  const { stored, mark, store } = order;
  const keys = await control.listKeys();
  const server = { keys, now: control.now(), hasDescriptions: control.capabilities.keys.description };
  const standing = standingOf({ stored, mark, reading, isReadable: store.capabilities.readable }, server);
  const why = reading.kind === "foreign" ? "something else is there" : whyRotate(standing, stored, server.now, false);
  if (why === null && standing.named !== null && reading.record?.name === stored.name) {
    const winner = inertText(standing.named.id, 60);
    reporter.info(`${stored.name}: another run stored key ${winner} meanwhile, which is fine; ${ending}`);
    return { kind: "overtaken", key: standing.named };
  }
  throw keyError(
    "MESH_STORED_KEY_CONFLICT",
    `${place(order)} was written by somebody else meanwhile, and it will not do: ${why ?? "it is another stored key's"}; ${ending}`,
    { where: { address: `stored-key/${stored.name}` } },
  );
}

function place({ stored }: StoreKeyOrder): string {
  return `${stored.place} in store ${stored.store}`;
}
