/** The job of the action key-mint for a stored key: a new one into its store, now. What it replaces stays valid; key-rotate revokes it. */
import { allErrors, joinErrors, type MeshError } from "../mesh/error.ts";
import type { StoredKey } from "../mesh/mesh.ts";
import { emptyOutcome, type Job, type Outcome, type Planned } from "../plan/job.ts";
import type { ServerFacts } from "./reconcile.ts";
import { look, prove, type RotatePorts, rotateEach } from "./rotate.ts";
import { type Look, planRotation, type Turn } from "./rotation.ts";
import type { TurnEnd } from "./rotation-outcome.ts";

export type StoredMintPorts = Pick<RotatePorts, "control" | "reporter" | "state" | "signal" | "store">;

export interface StoredMintSettings {
  readonly stored: StoredKey;
  /** Every stored key of the topology. */
  readonly all: readonly StoredKey[];
  readonly owner: string;
  readonly runId: string;
}

interface Observed {
  readonly looks: readonly Look[];
  readonly server: ServerFacts;
}

export interface StoredMintPlanned extends Planned {
  readonly turns: readonly Turn[];
}

/** Seconds; what key-rotate leaves a replaced key unless it is told otherwise. */
const usualGrace = 86_400;

export function storedMintJob(ports: StoredMintPorts, settings: StoredMintSettings): Job<Observed, StoredMintPlanned> {
  const { control } = ports;
  const { stored, all, owner, runId } = settings;
  let ends: readonly TurnEnd[] = [];
  return {
    async observe() {
      const [looks, server] = await look(ports, { storedKeys: [stored], all, owner, force: true });
      return { looks, server };
    },
    plan({ looks, server }) {
      const rotation = planRotation(
        looks,
        server,
        { force: true, grace: usualGrace, maxRevocations: Number.POSITIVE_INFINITY },
        { all, wire: control.wire },
      );
      return {
        plan: {
          changes: rotation.plan.changes.filter(({ resource }) => resource === "stored-key"),
          unchanged: rotation.plan.unchanged,
        },
        turns: rotation.turns,
        blocked: joined(rotation.failures.map(({ error }) => error)),
      };
    },
    preview: () => outcomeOf([]),
    async apply({ turns }) {
      ends = await prove(ports, await rotateEach(ports, runId, turns));
    },
    verify: async () => outcomeOf(ends),
    async close() {},
  };
}

function outcomeOf(ends: readonly TurnEnd[]): Outcome {
  const keys = ends.flatMap((end) => (end.kind === "rotated" || end.kind === "overtaken" ? end.key : []));
  return {
    ...emptyOutcome,
    outputs: {
      "key-ids": keys.map(({ id }) => id).join(","),
      "key-file": "",
      expires: keys[0]?.expires?.toISOString() ?? "",
    },
    failure: joined(ends.flatMap((end) => (end.kind === "failed" ? end.error : []))),
  };
}

function joined([first, ...more]: readonly MeshError[]): MeshError | null {
  return first === undefined ? null : joinErrors([first, ...more.flatMap(allErrors)]);
}
