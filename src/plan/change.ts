/** A change is data with an address. Nouns make them; this folder knows none of the nouns. */

export type ChangeKind = "create" | "update" | "delete";

/** How much a change can hurt: `none` reads or adds beside, `reversible` has an undo that is armed, `disruptive` interrupts traffic for a moment. */
export type Risk = "none" | "reversible" | "disruptive";

/** One thing to be done. Everything in it may be printed: a secret never gets in here. */
export interface Change {
  /** What it is done to: `policy`, `node/homelab-1/guard`, `key/homelab-1`. Unique in a plan. */
  readonly address: string;
  /** The kind of thing: `policy`, `key`, `route`, `node.sysctl`, … */
  readonly resource: string;
  readonly kind: ChangeKind;
  /** Why it is needed, one sentence. */
  readonly why: string;
  /** Before and after, readable; may have several lines. */
  readonly diff: string;
  readonly risk: Risk;
  /** How it is taken back, one line. */
  readonly undo: string;
  /** The API calls and node commands that do it, as they will run, secrets left out. */
  readonly does: readonly string[];
}

/** A thing that already is as it should be, and why. */
export interface Unchanged {
  readonly address: string;
  readonly why: string;
}

/** What an action would do. Order is the order of apply. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly unchanged: readonly Unchanged[];
}

export const emptyPlan: Plan = { changes: [], unchanged: [] };

/** Plans one after another. */
export function joinPlans(plans: readonly Plan[]): Plan {
  return {
    changes: plans.flatMap((p) => p.changes),
    unchanged: plans.flatMap((p) => p.unchanged),
  };
}
