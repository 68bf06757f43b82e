/**
 * The job of the action key-rotate: reconcile → decide → mint → store → read back → prove valid → revoke what was replaced
 * long ago. What is wrong with one stored key does not keep the others from their turn.
 */
import { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { StoredKey } from "../mesh/mesh.ts";
import { emptyOutcome, type Job, type Outcome, type Planned } from "../plan/job.ts";
import type { Clock } from "../ports/clock.ts";
import { type AuthKey, type Control, type Device, type ExpiringCredential, visibleDevices } from "../ports/control.ts";
import type { Reporter } from "../ports/reporter.ts";
import type { RunState } from "../ports/run-state.ts";
import type { SecretStore } from "../ports/secret-store.ts";
import type { Workspace } from "../ports/workspace.ts";
import { whyRotate } from "./due.ts";
import { storedMark } from "./marker.ts";
import { checkLifetime } from "./mint.ts";
import type { RadarInput } from "./radar.ts";
import { type ServerFacts, standingOf } from "./reconcile.ts";
import {
  type Look,
  planRotation,
  type Rotation,
  type RotationSettings,
  refusalOf,
  type Seen,
  type TakeBack,
  type Turn,
} from "./rotation.ts";
import { type RotationTold, rotationOutcome, type TurnEnd } from "./rotation-outcome.ts";
import { mintIntoStore, misfit, unproven } from "./store-key.ts";

export interface RotatePorts {
  readonly control: Control;
  readonly workspace: Workspace;
  readonly reporter: Reporter;
  readonly state: RunState;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Opens a store of the topology, once for each name. */
  store(name: string): Promise<SecretStore>;
  /** A text as it may leave this run. */
  shown(text: string): string;
  /** Tells a watchdog that a run ended well; left out when there is none. */
  readonly ping?: (() => Promise<void>) | undefined;
}

export interface RotateSettings extends RotationSettings {
  readonly storedKeys: readonly StoredKey[];
  /** Stands for the repository: whoever rotates under another one is refused. */
  readonly owner: string;
  readonly runId: string;
}

interface Observed {
  readonly looks: readonly Look[];
  readonly server: ServerFacts;
}

/** What else expires. Null: it could not be listed. */
interface Scan {
  readonly devices: readonly Device[] | null;
  readonly credentials: readonly ExpiringCredential[] | null;
  readonly logins: NonNullable<RadarInput["logins"]>;
}

export interface RotatePlanned extends Planned {
  readonly rotation: Rotation;
}

/** Apart by more than this, tokens of a login that carry times are refused somewhere. */
const noticedSkew = 60_000;

export function rotateJob(ports: RotatePorts, settings: RotateSettings): Job<Observed, RotatePlanned> {
  const { control } = ports;
  let ends: readonly TurnEnd[] = [];
  let revoked: readonly string[] = [];
  let told: RotationTold | undefined;
  /** Last of all: it must not keep a key from being replaced. */
  const tellAll = async ({ rotation }: RotatePlanned): Promise<Outcome> => {
    const found = await scan(ports, settings.storedKeys);
    const { storedKeys } = settings;
    told = rotationOutcome({ rotation, ends, revoked, now: control.now(), storedKeys, ...found });
    const files = await tell(ports, told);
    return { ...told.outcome, outputs: { ...told.outcome.outputs, ...files } };
  };
  let shown: Outcome | undefined;
  return {
    async observe() {
      const [looks, server] = await look(ports, { ...settings, all: settings.storedKeys });
      warnOfSkew(ports);
      return { looks, server };
    },
    plan({ looks, server }) {
      const rotation = planRotation(looks, server, settings, { all: settings.storedKeys, wire: control.wire });
      return { plan: rotation.plan, rotation };
    },
    async publish(planned) {
      shown = await tellAll(planned);
    },
    preview: () => shown ?? emptyOutcome,
    async apply({ rotation }) {
      const turned = await rotateEach(ports, settings.runId, rotation.turns);
      ends = await prove(ports, turned);
      revoked = await takeBack(ports, rotation.takeBacks, ends);
    },
    async verify(planned) {
      const outcome = await tellAll(planned);
      if (outcome.failure === null) await ping(ports);
      return outcome;
    },
    async close() {},
  };
}

/** Two requests to the server and what stores know of their own login; what fails is said, and is no failure. */
async function scan(ports: RotatePorts, storedKeys: readonly StoredKey[]): Promise<Scan> {
  const { control, reporter } = ports;
  const orNull = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      reporter.warn(`${what} could not be looked at: ${reason(error)}`);
      return null;
    }
  };
  const names = [...new Set(storedKeys.map(({ store }) => store))];
  const [devices, credentials, ...logins] = await Promise.all([
    orNull("devices", () => visibleDevices(control)),
    orNull("credentials that expire", () => control.listExpiring()),
    ...names.map(async (store) => {
      const login = await orNull(`the login at store ${store}`, async () => {
        const keys = await ports.store(store);
        return { kind: keys.loginKind ?? "vault-token", store, expires: (await keys.loginExpiry?.()) ?? null };
      });
      return login && login.expires !== null ? [{ ...login, expires: login.expires }] : [];
    }),
  ]);
  return { devices, credentials, logins: logins.flat() };
}

export interface LookSettings {
  /** Those that are looked at. */
  readonly storedKeys: readonly StoredKey[];
  /** Every one of the topology. */
  readonly all: readonly StoredKey[];
  readonly owner: string;
  readonly force: boolean;
}

/** Stores first, then the server's keys: so no key can be in a store and missing in the list. */
export async function look(
  ports: Pick<RotatePorts, "control" | "store">,
  settings: LookSettings,
): Promise<readonly [readonly Look[], ServerFacts]> {
  const { control } = ports;
  const seen = await Promise.all(settings.storedKeys.map((stored) => lookAt(ports, stored, settings.owner)));
  const keys = await control.listKeys();
  const server: ServerFacts = {
    keys,
    now: control.now(),
    hasDescriptions: control.capabilities.keys.description,
  };
  const looks = await Promise.all(seen.map((one) => checked(ports, settings, one, server)));
  return [looks, server];
}

async function lookAt({ store }: Pick<RotatePorts, "store">, stored: StoredKey, owner: string): Promise<Look> {
  const mark = await storedMark(stored, owner);
  return failing({ stored, mark }, async () => {
    const opened = await store(stored.store);
    const reading = await opened.read(stored.place);
    return { reading, isReadable: opened.capabilities.readable, wire: opened.wire };
  });
}

/** No key is minted for a server that does not give such a key, nor for a store that would not take it. */
async function checked(
  { control, store }: Pick<RotatePorts, "control" | "store">,
  { force, all }: LookSettings,
  one: Look,
  server: ServerFacts,
): Promise<Look> {
  if ("error" in one) return one;
  const { stored, mark, seen } = one;
  const facts = { stored, mark, reading: seen.reading, isReadable: seen.isReadable };
  if (refusalOf(facts, server, all) !== null) return one;
  if (whyRotate(standingOf(facts, server), stored, server.now, force) === null) return one;
  return failing({ stored, mark }, async () => {
    checkLifetime(control, stored.expiry);
    await (await store(stored.store)).checkWritable(stored.place);
    return seen;
  });
}

async function failing(about: Pick<Turn, "stored" | "mark">, work: () => Promise<Seen>): Promise<Look> {
  try {
    return { ...about, seen: await work() };
  } catch (error) {
    if (error instanceof MeshError) return { ...about, error };
    throw error;
  }
}

function warnOfSkew({ control, clock, reporter }: RotatePorts): void {
  const ahead = clock.now().getTime() - control.now().getTime();
  if (Math.abs(ahead) <= noticedSkew) return;
  const seconds = Math.round(Math.abs(ahead) / 1000);
  reporter.warn(
    `this machine's clock is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} the control server's. Nothing is decided by it, but logins by tokens may fail`,
  );
}

type TurnPorts = Pick<RotatePorts, "control" | "reporter" | "state" | "signal" | "store">;

export async function rotateEach(ports: TurnPorts, runId: string, turns: readonly Turn[]): Promise<readonly TurnEnd[]> {
  const ends: TurnEnd[] = [];
  for (const turn of turns) {
    if (turn.why === null) {
      ends.push({ kind: "kept", turn });
      continue;
    }
    ports.signal.throwIfAborted();
    ends.push(await rotateOne(ports, runId, turn));
  }
  return ends;
}

async function rotateOne(ports: TurnPorts, runId: string, turn: Turn): Promise<TurnEnd> {
  const { stored, mark, seen, standing } = turn;
  try {
    const store = await ports.store(stored.store);
    const order = { stored, mark, store, version: seen.reading.version, replaces: standing.replaces, runId };
    const { kind, key } = await mintIntoStore(ports, order);
    return { kind: kind === "stored" ? "rotated" : "overtaken", turn, key };
  } catch (error) {
    if (error instanceof MeshError) return { kind: "failed", turn, error };
    throw error;
  }
}

/** One more look at the server for all new keys together. */
export async function prove(
  { control }: Pick<RotatePorts, "control">,
  ends: readonly TurnEnd[],
): Promise<readonly TurnEnd[]> {
  if (!ends.some(({ kind }) => kind === "rotated")) return ends;
  let keys: readonly AuthKey[] | MeshError;
  try {
    keys = await control.listKeys();
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    keys = error;
  }
  return ends.map((end) => {
    if (end.kind !== "rotated") return end;
    const { turn } = end;
    if (keys instanceof MeshError) return { kind: "failed", turn, error: keys };
    const key = keys.find(({ id }) => id === end.key.id);
    const wrong = key === undefined ? "it is not listed" : misfit(key, turn.stored);
    return wrong === null || key === undefined
      ? { kind: "rotated", turn, key: key ?? end.key }
      : { kind: "failed", turn, error: unproven(end.key.id, turn.stored, wrong) };
  });
}

/** Ids of what was revoked. Every place is read again first: only where it still names the key in force does an old one go. */
async function takeBack(
  ports: RotatePorts,
  takeBacks: readonly TakeBack[],
  ends: readonly TurnEnd[],
): Promise<readonly string[]> {
  const revoked: string[] = [];
  for (const end of ends) {
    const those = takeBacks.filter(({ turn }) => turn === end.turn);
    if (those.length === 0 || (end.kind !== "kept" && end.kind !== "rotated")) continue;
    ports.signal.throwIfAborted();
    const inForce = end.kind === "rotated" ? end.key.id : end.turn.standing.named?.id;
    if (inForce === undefined || !(await isStill(ports, end.turn, inForce))) continue;
    for (const { leftover } of those) {
      if (leftover.key.id !== inForce && (await revoke(ports, leftover.key.id))) revoked.push(leftover.key.id);
    }
  }
  return revoked;
}

async function isStill({ store, reporter }: RotatePorts, { stored }: Turn, keyId: string): Promise<boolean> {
  try {
    const { record, isConsistent } = await (await store(stored.store)).read(stored.place);
    if (isConsistent && record?.keyId === keyId) return true;
    reporter.warn(
      `${stored.place} in store ${stored.store} has changed meanwhile: nothing is revoked for ${stored.name}`,
    );
  } catch (error) {
    reporter.warn(`nothing is revoked for ${stored.name}: ${reason(error)}`);
  }
  return false;
}

/** What fails is a warning: a key that stays ends by itself. */
async function revoke({ control, reporter }: RotatePorts, keyId: string): Promise<boolean> {
  const id = inertText(keyId, 60);
  try {
    await control.revokeKey(keyId);
    reporter.info(`key ${id} revoked`);
    return true;
  } catch (error) {
    reporter.warn(`key ${id} could not be revoked: ${reason(error)}; the next run tries again, and it ends by itself`);
    return false;
  }
}

/** Warnings and lines to the log, report and metrics to their files, as outputs. */
async function tell(
  { reporter, workspace, shown }: RotatePorts,
  { report, metrics, warnings, lines }: RotationTold,
): Promise<Readonly<Record<string, string>>> {
  for (const line of lines) reporter.info(line);
  for (const warning of warnings) reporter.warn(warning);
  return {
    "report-file": await workspace.writeRunFile("rotation.json", shown(report)),
    "metrics-file": await workspace.writeRunFile("rotation.prom", shown(metrics)),
  };
}

async function ping({ ping: tell, reporter }: RotatePorts): Promise<void> {
  try {
    await tell?.();
  } catch (error) {
    reporter.warn(`the ping was not taken: ${reason(error)}`);
  }
}

/** Rethrows what is no failure of the other side. */
function reason(error: unknown): string {
  if (!(error instanceof MeshError)) throw error;
  return inertText(`${error.code}: ${error.message}`, 300);
}
