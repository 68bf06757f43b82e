/** Puts the policy of before back, where that is decided, and only over what this run wrote. */
import { MeshError } from "../mesh/error.ts";
import type { Control } from "../ports/control.ts";
import { isSamePolicy, refuseEmpty } from "./apply.ts";
import type { PolicyPlan } from "./plan.ts";
import { type BrokenLink, planRollback } from "./rollback.ts";

/** Says what became of it: `the previous policy is in force again`, or that the new one stays and why; a clause. */
export async function takeBackPolicy(
  control: Control,
  written: PolicyPlan,
  broken: readonly BrokenLink[],
): Promise<string> {
  const decided = planRollback(written, broken);
  if (decided.kind === "keep") return `the policy stays as written: ${decided.why}`;
  try {
    refuseEmpty(decided.text);
    const now = await control.getPolicy();
    if (!isSamePolicy(now.text, written.text ?? "")) return "the policy stays: somebody changed it since";
    const write = await control.setPolicy(decided.text, now.version);
    if (write.kind === "written") return "the previous policy is in force again";
    return `the policy stays as written: the server does not take the previous one (${write.kind})`;
  } catch (error) {
    // What got worse is the news; that this failed too is told with it.
    if (!(error instanceof MeshError)) throw error;
    return `the previous policy could not be put back: ${error.code}: ${error.message}`;
  }
}
