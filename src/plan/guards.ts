/** Guards that every plan passes before anything is written. */
import type { MeshError } from "../mesh/error.ts";
import type { Change, ChangeKind, Plan } from "./change.ts";
import { planError } from "./errors.ts";

export interface PlanLimits {
  /** Kinds of change that may be applied. */
  readonly allow: readonly ChangeKind[];
  /** Hash that an apply is pinned to; undefined = any plan. */
  readonly pin: string | undefined;
}

/** Why this plan must not be applied; empty when it may. An empty plan passes: it does nothing. */
export function refusals(plan: Plan, hash: string, limits: PlanLimits): readonly MeshError[] {
  if (plan.changes.length === 0) return [];
  return [...unpinned(hash, limits.pin), ...notAllowed(plan.changes, limits.allow)];
}

/** The error of `fail-on-changes`; undefined when the plan is empty. */
export function pendingChanges(plan: Plan): MeshError | undefined {
  if (plan.changes.length === 0) return undefined;
  return planError("MESH_CHANGES_PENDING", `${countChanges(plan)} would be made: ${addresses(plan.changes)}`);
}

/** `1 change`, `3 changes`. */
export function countChanges(plan: Plan): string {
  return plan.changes.length === 1 ? "1 change" : `${plan.changes.length} changes`;
}

function unpinned(hash: string, pin: string | undefined): readonly MeshError[] {
  if (pin === undefined || pin === hash) return [];
  return [planError("MESH_PLAN_CHANGED", `the plan is ${hash} now, this run is pinned to ${pin}`)];
}

function notAllowed(changes: readonly Change[], allow: readonly ChangeKind[]): readonly MeshError[] {
  const refused = changes.filter((change) => !allow.includes(change.kind));
  const kinds = [...new Set(refused.map((change) => change.kind))];
  return kinds.map((kind) => {
    const those = refused.filter((change) => change.kind === kind);
    const hint = `Read the changes listed under Plan. If you want them, set \`allow: ${[...allow, kind].join(",")}\`.`;
    return planError("MESH_CHANGE_NOT_ALLOWED", `${kind} is not allowed: ${addresses(those)}`, { hint });
  });
}

function addresses(changes: readonly Change[]): string {
  return changes.map((change) => change.address).join(", ");
}
