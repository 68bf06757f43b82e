/** From the facts of a node to the steps that bring it to its desired state; pure. */
import type { NodeFacts } from "../facts/facts.ts";
import type { MeshError } from "../mesh/error.ts";
import type { Plan, Unchanged } from "../plan/change.ts";
import type { DesiredNode } from "./desired.ts";
import { refusals } from "./refusals.ts";
import type { NodeStep, PlannedStep, Stage } from "./step.ts";
import { acceptStep } from "./steps/accept.ts";
import { guardStep, networkdStep } from "./steps/guard.ts";
import { daemonStep, installStep } from "./steps/install.ts";
import { loginStep } from "./steps/login.ts";
import { advertiseStep, prefsStep } from "./steps/prefs.ts";
import { sysctlStep } from "./steps/sysctl.ts";

/** The order matters twice: guards before accept (own prefixes must never go by the tunnel), login before the prefs. */
const steps: readonly NodeStep[] = [
  sysctlStep,
  installStep,
  daemonStep,
  loginStep,
  guardStep,
  networkdStep,
  prefsStep,
  advertiseStep,
  acceptStep,
];

export interface NodePlan {
  readonly desired: DesiredNode;
  readonly facts: NodeFacts;
  readonly steps: readonly PlannedStep[];
  readonly unchanged: readonly Unchanged[];
  /** Why nothing may be done to this node; empty when all may. */
  readonly refused: readonly MeshError[];
}

export function planNode(facts: NodeFacts, desired: DesiredNode): NodePlan {
  const refused = refusals(facts, desired);
  const planned: PlannedStep[] = [];
  const unchanged: Unchanged[] = [];
  for (const s of refused.length > 0 ? [] : steps) {
    const result = s.plan(facts, desired);
    if (result === null) continue;
    if ("unchanged" in result) unchanged.push({ address: `node/${desired.node.name}/${s.id}`, why: result.unchanged });
    else planned.push(result);
  }
  return { desired, facts, steps: planned, unchanged, refused };
}

/** The steps of one exec. */
export function stageSteps(plan: NodePlan, stage: Stage): readonly PlannedStep[] {
  return plan.steps.filter((s) => s.stage === stage);
}

/** As the plan that people read, nodes in order. */
export function nodesPlan(plans: readonly NodePlan[]): Plan {
  return {
    changes: plans.flatMap((p) => p.steps.map((s) => s.change)),
    unchanged: plans.flatMap((p) => p.unchanged),
  };
}

/** Whether the node's work includes a login with a key. */
export function wantsKey(plan: NodePlan): boolean {
  return plan.steps.some((s) => s.needs === "key");
}
