/** One action's work in the steps that the common life of every action drives. */
import type { MeshError } from "../mesh/error.ts";
import type { Plan } from "./change.ts";

export type Verdict = "reachable" | "broken" | "not-tested";

/** What was found about one link; the shape of the result file's `links`. */
export interface LinkResult {
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
  readonly path: "direct" | "relayed" | null;
  /** First layer that failed, null when none did. */
  readonly layer: string | null;
  readonly remedy: string | null;
}

/** What a run has to tell at its end. */
export interface Outcome {
  /** Values of the action's own outputs; the common ones are added by the runner of jobs. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly links: readonly LinkResult[];
  /** Markdown blocks for the summary, already inert. */
  readonly summary: readonly string[];
  /** Set when the run fails although every step went through (a broken link, something unverified). */
  readonly failure: MeshError | null;
}

export const emptyOutcome: Outcome = { outputs: {}, links: [], summary: [], failure: null };

/** Anything that carries a plan beside what apply needs to carry it out. */
export interface Planned {
  readonly plan: Plan;
  /** Why nothing of it may be done; plan mode shows it and fails, apply mode stops before the first write. */
  readonly blocked?: MeshError | null;
  /** What is said in the place of what would change, where that was not asked for. */
  readonly instead?: string;
}

/**
 * observe → plan → (guard) → apply → verify. `plan` is pure; in plan mode the life ends after it, with `preview`.
 * `apply` is not called for an empty plan; `verify` always is, in apply mode.
 */
export interface Job<Observed, P extends Planned> {
  observe(): Promise<Observed>;
  plan(observed: Observed): P;
  /** What plan mode reports beside the plan. */
  preview(planned: P): Outcome;
  /** Plan mode only: shows the plan to those who review it. `hash` is the plan's. */
  publish?(planned: P, hash: string): Promise<void>;
  apply(planned: P): Promise<void>;
  /** Observes again where something was written. */
  verify(planned: P): Promise<Outcome>;
  /** Lets go of connections and of keys that were not used; runs whatever happened. */
  close(): Promise<void>;
}
