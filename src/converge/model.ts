/** What the job of the whole mesh is given, what it learns, and what it decides. */
import type { Observation } from "../facts/observe.ts";
import type { KeyFileEntry } from "../keys/file.ts";
import type { Watch } from "../keys/watch.ts";
import type { MeshError } from "../mesh/error.ts";
import type { Link, Mesh, Node } from "../mesh/mesh.ts";
import type { Unapproved } from "../nodes/approval.ts";
import type { NodeSettings } from "../nodes/desired.ts";
import type { NodePlan } from "../nodes/plan.ts";
import type { Planned } from "../plan/job.ts";
import type { Past } from "../policy/observe.ts";
import type { PolicyOptions, PolicyPlan } from "../policy/plan.ts";
import type { Archives } from "../ports/archives.ts";
import type { Clock } from "../ports/clock.ts";
import type { AuthKey, Control, Device } from "../ports/control.ts";
import type { Reporter } from "../ports/reporter.ts";
import type { RunState } from "../ports/run-state.ts";
import type { Shell } from "../ports/shell.ts";
import type { Workspace } from "../ports/workspace.ts";
import type { WatchSettings } from "./watch.ts";

export interface ConvergePorts {
  /** Connects at the first call; throws MeshError while the server cannot be used. */
  readonly control: () => Promise<Control>;
  readonly shell: Shell;
  readonly archives: Archives;
  readonly workspace: Workspace;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly state: RunState;
  /** Earlier versions of the policy's files; undefined: not looked for. */
  readonly past?: Past | undefined;
}

/** Which parts of the job an action wants. */
export interface Parts {
  readonly policy: boolean;
  readonly nodes: boolean;
  readonly check: boolean;
}

export interface ConvergeSettings {
  readonly mesh: Mesh;
  readonly parts: Parts;
  /** Nodes that may be changed. */
  readonly selected: readonly Node[];
  /** Links that count: either end is selected. */
  readonly links: readonly Link[];
  readonly node: NodeSettings;
  readonly policy: PolicyOptions;
  /** Put the policy of before back for links that it broke; default true. */
  readonly rollback?: boolean;
  /** Keys of key-mint; undefined = minted just in time. */
  readonly keyFile: readonly KeyFileEntry[] | undefined;
  readonly failOn: "broken" | "relayed";
  readonly concurrency: number;
  /** Unguessable word that frames what nodes say. */
  readonly nonce: string;
  /** Port of the listeners that probes use in pods. */
  readonly probePort: number;
  /** Named in the description of keys. */
  readonly runId: string;
  readonly startedAt: Date;
  readonly signal: AbortSignal;
  /** Stored keys that are watched over; undefined: none, and nothing is asked for it. */
  readonly watch?: WatchSettings | undefined;
}

/** What is known before anything is decided. */
export interface Observed {
  readonly control: Control | MeshError;
  readonly policy: PolicyPlan | undefined;
  /** What is to be said of a policy that lets everything through, where only the check is wanted. */
  readonly open: readonly string[];
  /** Null: the credential may not list them. */
  readonly devices: readonly Device[] | null;
  readonly keys: readonly AuthKey[];
  readonly watch?: Watch | undefined;
  readonly seen: Observation;
}

export interface ConvergePlanned extends Planned {
  readonly observed: Observed;
  readonly policy: PolicyPlan | undefined;
  readonly nodes: readonly NodePlan[];
  readonly orphans: readonly AuthKey[];
  readonly passedOver: readonly Unapproved[];
  /** Why nothing may be done; plan mode shows it, apply throws it. */
  readonly blocked: MeshError | null;
}
