/** Writes a planned policy: checked by the server, on condition that nothing changed, and read back. */
import { canonicalText } from "../hujson/value.ts";
import type { Control, PolicyDocument } from "../ports/control.ts";
import type { Reporter } from "../ports/reporter.ts";
import { readPolicy } from "./document.ts";
import { policyError } from "./errors.ts";
import { rejection } from "./findings.ts";
import type { PolicyPlan } from "./plan.ts";

/**
 * Returns the policy that is in force afterwards. Throws what blocks the plan, MESH_POLICY_REJECTED, MESH_POLICY_CHANGED
 * or MESH_POLICY_NOT_STORED.
 */
export async function applyPolicy(control: Control, planned: PolicyPlan, reporter: Reporter): Promise<PolicyDocument> {
  if (planned.blocked !== null) {
    await showDiff(planned, reporter);
    throw planned.blocked;
  }
  const { text } = planned;
  if (text === null) return control.getPolicy();
  await check(control, text, reporter);
  const write = await control.setPolicy(text, planned.version);
  if (write.kind === "rejected") throw rejection(write.findings, text);
  if (write.kind === "conflict") throw policyError("MESH_POLICY_CHANGED", "the policy changed since it was read");
  const stored = await control.getPolicy();
  // Values, not bytes: a server may reformat or drop comments.
  if (meaningOf(stored.text) !== meaningOf(text)) {
    throw policyError("MESH_POLICY_NOT_STORED", "the policy that was read back is not the one that was written");
  }
  reporter.info(`policy written: ${planned.plan.changes.length} entries changed`);
  return stored;
}

async function check(control: Control, text: string, reporter: Reporter): Promise<void> {
  if (control.capabilities.policy.validate !== "server") return;
  const result = await control.checkPolicy(text);
  if (result.kind === "failed") throw rejection(result.findings, text);
  if (result.kind === "passed")
    for (const { text: said } of result.warnings ?? []) reporter.warn(`the server: ${said}`);
  if (result.kind === "unsupported") reporter.debug("the server cannot check a policy before it is written");
}

async function showDiff(planned: PolicyPlan, reporter: Reporter): Promise<void> {
  await reporter.group("Policy diff", async () => {
    for (const line of planned.diff.split("\n")) reporter.info(line);
  });
}

function meaningOf(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  const { document, root } = readPolicy(text);
  return canonicalText(document, root);
}
