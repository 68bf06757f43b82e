/** The plan for the answer that most runs get, made while the answer is on its way. */
import { MeshError } from "../mesh/error.ts";
import type { PolicyDocument } from "../ports/control.ts";
import { type PolicyInput, type PolicyPlan, planPolicy } from "./plan.ts";
import { renderLocally } from "./render.ts";

/**
 * For a server that has the policy as the last run with the same topology and files wrote it. Undefined where it never has,
 * since it drops comments, and where nothing can be planned: the answer decides what is to be said of that.
 */
export function expectedPlan(input: Omit<PolicyInput, "document">): PolicyPlan | undefined {
  if (!input.capabilities.policy.keepsComments) return undefined;
  try {
    const text = renderLocally(input.mesh, input.files, undefined);
    return planPolicy({ ...input, document: { text, version: "", isDefault: false } });
  } catch (error) {
    if (error instanceof MeshError) return undefined;
    throw error;
  }
}

/** The expected plan when the answer is what it was made for; undefined when it has to be made anew. */
export function confirmed(expected: PolicyPlan | undefined, document: PolicyDocument): PolicyPlan | undefined {
  if (expected === undefined || document.isDefault || document.text !== expected.input.document.text) return undefined;
  return { ...expected, version: document.version, input: { ...expected.input, document } };
}
