/** Which stored keys get a successor and which old ones are revoked, as a plan. Deciding only, on the server's time. */
import { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { StoredKey } from "../mesh/mesh.ts";
import type { Change, Plan, Unchanged } from "../plan/change.ts";
import type { AuthKey } from "../ports/control.ts";
import type { StoreReading } from "../ports/secret-store.ts";
import { day, nextDue, span, whyRotate } from "./due.ts";
import { keyError } from "./errors.ts";
import type { StoredMark } from "./marker.ts";
import {
  foreignKeys,
  isOwn,
  type Leftover,
  orphanAge,
  type ServerFacts,
  type Standing,
  type StoredFacts,
  sameTags,
  standingOf,
} from "./reconcile.ts";

/** What was seen of one stored key, or why nothing was. */
export type Look =
  | { readonly stored: StoredKey; readonly mark: StoredMark; readonly seen: Seen }
  | { readonly stored: StoredKey; readonly mark: StoredMark; readonly error: MeshError };

export interface Seen {
  readonly reading: StoreReading;
  readonly isReadable: boolean;
  /** The requests that read and write the place, for the plan. */
  readonly wire: { readonly read: string; readonly write: string };
}

export interface RotationSettings {
  /** Every stored key gets a successor, due or not. */
  readonly force: boolean;
  /** Seconds for which a replaced key stays valid. */
  readonly grace: number;
  readonly maxRevocations: number;
}

/** One stored key and what becomes of it. */
export interface Turn {
  readonly stored: StoredKey;
  readonly mark: StoredMark;
  readonly seen: Seen;
  readonly standing: Standing;
  /** Why it gets a successor; null when it does not. */
  readonly why: string | null;
}

/** An old key that goes, after everything was stored and proven. */
export interface TakeBack {
  readonly turn: Turn;
  readonly leftover: Leftover;
}

export interface Rotation {
  readonly plan: Plan;
  readonly turns: readonly Turn[];
  readonly takeBacks: readonly TakeBack[];
  /** What is wrong with some; the others have their turn all the same. */
  readonly failures: readonly Failure[];
}

export interface Failure {
  /** Null: of the run as a whole. */
  readonly stored: StoredKey | null;
  readonly error: MeshError;
}

/** The requests of the control server, for the plan. */
export interface ControlWire {
  readonly mintKey: string;
  readonly revokeKey: string;
}

/** `all`: every stored key of the topology, also those that are not looked at. */
export function planRotation(
  looks: readonly Look[],
  server: ServerFacts,
  settings: RotationSettings,
  context: { readonly all: readonly StoredKey[]; readonly wire: ControlWire },
): Rotation {
  const failures: Failure[] = [];
  const turns: Turn[] = [];
  for (const look of looks) {
    const turn = turnOf(look, server, settings, context.all);
    if (turn instanceof MeshError) failures.push({ stored: look.stored, error: turn });
    else turns.push(turn);
  }
  const wanted = turns.flatMap((turn) => takeBacksOf(turn, turns, server, settings));
  const tooMany = wanted.length > settings.maxRevocations;
  if (tooMany) failures.push({ stored: null, error: tooManyError(wanted, settings.maxRevocations) });
  const takeBacks = tooMany ? [] : wanted;
  const held = tooMany ? wanted : [];
  const plan: Plan = {
    changes: [
      ...turns.filter(({ why }) => why !== null).map((turn) => rotateChange(turn, settings, context.wire)),
      ...takeBacks.map((one) => takeBackChange(one, context.wire, settings)),
    ],
    unchanged: [
      ...turns.flatMap((turn) => unchangedOf(turn, takeBacks, settings, server.now)),
      ...held.map(({ leftover: { key } }) => ({
        address: `key/${inertText(key.id, 60)}`,
        why: "would be revoked, and too many would be: see the error",
      })),
    ],
  };
  return { plan, turns, takeBacks, failures };
}

/** When an old key may go. */
export function endOf(leftover: Leftover, grace: number): Date {
  return new Date(leftover.since.getTime() + (leftover.kind === "orphan" ? orphanAge : grace) * 1000);
}

/** Why this stored key must not be touched; null when it may. */
export function refusalOf(
  { stored, mark, reading }: Omit<StoredFacts, "isReadable">,
  server: ServerFacts,
  all: readonly StoredKey[],
): MeshError | null {
  const where = { address: `stored-key/${stored.name}` };
  if (stored.expiry <= orphanAge) {
    return keyError("MESH_STORED_KEY_LIFE", `${stored.name} is to live for ${span(stored.expiry)}`, { where });
  }
  const twin = all.find((other) => other.name !== stored.name && sameTags(other.tags, stored.tags));
  if (!server.hasDescriptions && twin !== undefined) {
    const tags = stored.tags.join(", ");
    return keyError("MESH_STORED_KEY_TAGS", `${stored.name} and ${twin.name} both have ${tags}`, { where });
  }
  const [foreign] = foreignKeys({ mark }, server.keys);
  if (foreign !== undefined) {
    return keyError(
      "MESH_STORED_KEY_FOREIGN",
      `key ${inertText(foreign.id, 60)} is another repository's for a stored key of the name ${stored.name}`,
      { where },
    );
  }
  const owner = reading.record?.name;
  if (reading.kind !== "foreign" && (owner === undefined || owner === stored.name)) return null;
  const what = owner === undefined ? "something that is no record of ours" : `stored key ${inertText(owner, 80)}`;
  return keyError("MESH_STORED_KEY_OCCUPIED", `${stored.place} in store ${stored.store} holds ${what}`, { where });
}

function turnOf(
  look: Look,
  server: ServerFacts,
  settings: RotationSettings,
  all: readonly StoredKey[],
): Turn | MeshError {
  if ("error" in look) return look.error;
  const { stored, mark, seen } = look;
  const facts = { stored, mark, reading: seen.reading, isReadable: seen.isReadable };
  const refusal = refusalOf(facts, server, all);
  if (refusal !== null) return refusal;
  const standing = standingOf(facts, server);
  return { stored, mark, seen, standing, why: whyRotate(standing, stored, server.now, settings.force) };
}

function takeBacksOf(
  turn: Turn,
  turns: readonly Turn[],
  server: ServerFacts,
  settings: RotationSettings,
): readonly TakeBack[] {
  const { standing, stored, mark, seen, why } = turn;
  // Where nothing may be revoked there are no leftovers, and the key in force is not certain either.
  if (standing.isUnsure) return [];
  const facts = { stored, mark, reading: seen.reading, isReadable: seen.isReadable };
  const { named } = standing;
  const isReplaced = why !== null && named?.state === "usable" && isOwn(named, facts, server);
  const replaced: readonly Leftover[] = isReplaced ? [{ key: named, kind: "superseded", since: server.now }] : [];
  const inForce = turns.flatMap((other) => (other === turn ? [] : (other.standing.record?.keyId ?? [])));
  return [...standing.leftovers, ...replaced]
    .filter((leftover) => endOf(leftover, settings.grace) <= server.now && !inForce.includes(leftover.key.id))
    .map((leftover) => ({ turn, leftover }));
}

function tooManyError(wanted: readonly TakeBack[], most: number): MeshError {
  const ids = wanted.map(({ leftover }) => inertText(leftover.key.id, 60)).join(", ");
  return keyError(
    "MESH_REVOCATIONS_MANY",
    `${wanted.length} old keys would be revoked and \`max-revocations\` is ${most}: ${inertText(ids, 600)}`,
    { hint: `Look at these keys. If they may go, set \`max-revocations: ${wanted.length}\` for one run.` },
  );
}

function rotateChange({ stored, seen, standing, why }: Turn, { grace }: RotationSettings, wire: ControlWire): Change {
  const { record } = standing;
  const at = (request: string): string => request.replaceAll("PLACE", stored.place);
  const fresh = `+ ${stored.reusable ? "reusable" : "single-use"} key for ${stored.tags.join(", ")}, ${span(stored.expiry)}`;
  const old = record === null ? [] : [`- key ${inertText(record.keyId, 60)} of ${day(record.created)}`];
  return {
    address: `stored-key/${stored.name}`,
    resource: "stored-key",
    kind: record === null ? "create" : "update",
    why: why ?? "",
    diff: [...old, fresh].join("\n"),
    risk: "none",
    undo:
      record === null ? "none needed: nothing used one" : `the key that is replaced works for another ${span(grace)}`,
    does: [`${wire.mintKey} (${stored.tags.join(", ")})`, at(seen.wire.write), at(seen.wire.read)],
  };
}

function takeBackChange({ turn, leftover }: TakeBack, wire: ControlWire, { grace }: RotationSettings): Change {
  const { key, kind } = leftover;
  const id = inertText(key.id, 60);
  const why =
    kind === "orphan"
      ? `a run that was stopped minted it for stored key ${turn.stored.name} and no store has it`
      : `stored key ${turn.stored.name} has had another for ${span(grace)} or more`;
  return {
    address: `key/${id}`,
    resource: "key",
    kind: "update",
    why,
    diff: `- usable key for ${inertText(key.tags.join(", "), 120)}\n+ revoked`,
    risk: "none",
    undo: "none needed: what has joined with it stays joined",
    does: [wire.revokeKey.includes("{id}") ? wire.revokeKey.replace("{id}", id) : `${wire.revokeKey} (key ${id})`],
  };
}

function unchangedOf(
  turn: Turn,
  takeBacks: readonly TakeBack[],
  { grace }: RotationSettings,
  now: Date,
): readonly Unchanged[] {
  const { stored, standing, why } = turn;
  const { named, leftovers, alone } = standing;
  const kept = (key: AuthKey, reason: string): Unchanged => ({ address: `key/${inertText(key.id, 60)}`, why: reason });
  const gone = takeBacks.map(({ leftover }) => leftover.key.id);
  return [
    ...(why === null && named !== null
      ? [
          {
            address: `stored-key/${stored.name}`,
            why: `key ${inertText(named.id, 60)} works until ${named.expires === null ? "it is revoked" : day(named.expires)}; its successor is due on ${day(nextDue(named, stored))}`,
          },
        ]
      : []),
    ...leftovers
      .filter((leftover) => !gone.includes(leftover.key.id) && endOf(leftover, grace) > now)
      .map((leftover) =>
        leftover.kind === "orphan"
          ? kept(leftover.key, "is not stored yet: another run may be about to, and the next one takes it back")
          : kept(leftover.key, `was replaced and works until ${endOf(leftover, grace).toISOString().slice(0, 16)}Z`),
      ),
    ...alone.map(({ key, why: reason }) => kept(key, reason)),
  ];
}
