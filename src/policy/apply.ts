/** Writes a planned policy: checked by the server, on condition that nothing changed, and read back. */
import { canonicalText } from "../hujson/value.ts";
import { canonicalJson } from "../plan/fingerprint.ts";
import type { Control, Device, PolicyDocument } from "../ports/control.ts";
import type { Reporter } from "../ports/reporter.ts";
import { listMember, readPolicy } from "./document.ts";
import { policyError } from "./errors.ts";
import { rejection } from "./findings.ts";
import { type PolicyPlan, planPolicy } from "./plan.ts";

/**
 * Returns the policy that is in force afterwards. Throws what blocks the plan, MESH_POLICY_EMPTY, MESH_POLICY_REJECTED,
 * MESH_POLICY_CHANGED or MESH_POLICY_NOT_STORED.
 */
export async function applyPolicy(control: Control, planned: PolicyPlan, reporter: Reporter): Promise<PolicyDocument> {
  if (planned.blocked !== null) {
    await showDiff(planned, reporter);
    throw planned.blocked;
  }
  const { text } = planned;
  if (text === null) return control.getPolicy();
  refuseEmpty(text);
  await check(control, text, reporter);
  await write(control, planned, text, reporter);
  const stored = await control.getPolicy();
  // Values, not bytes: a server may reformat or drop comments.
  if (meaningOf(stored.text) !== meaningOf(text)) {
    throw policyError("MESH_POLICY_NOT_STORED", "the policy that was read back is not the one that was written");
  }
  const count = planned.plan.changes.filter(({ resource }) => resource !== "file").length;
  reporter.info(`policy written: ${count} entries changed`);
  return stored;
}

/** Servers take `null`, `{}` and nothing at all as: everything is allowed. Throws MESH_POLICY_EMPTY. */
export function refuseEmpty(text: string): void {
  const tree = text.trim() === "" ? undefined : readPolicy(text);
  const rules = tree && (listMember(tree, tree.root, "grants") ?? listMember(tree, tree.root, "acls"));
  if (rules === undefined)
    throw policyError("MESH_POLICY_EMPTY", "the policy to be written has neither grants nor acls");
}

/** Whether two policies say the same, comments and form aside. */
export function isSamePolicy(a: string, b: string): boolean {
  return meaningOf(a) === meaningOf(b);
}

/** A policy that changed since it was read is read again, and written when that leads to the very same plan. */
async function write(control: Control, planned: PolicyPlan, text: string, reporter: Reporter): Promise<void> {
  const first = await control.setPolicy(text, planned.version);
  if (first.kind === "written") return;
  if (first.kind === "rejected") throw rejection(first.findings, text);
  const again = planPolicy({ ...planned.input, document: await control.getPolicy() });
  const isSame = again.text === text && canonicalJson(again.plan.changes) === canonicalJson(planned.plan.changes);
  if (again.blocked !== null || !isSame) {
    throw policyError("MESH_POLICY_CHANGED", "the policy changed since it was read, and the plan with it");
  }
  reporter.info("the policy on the server changed since it was read; the plan is the same and goes on");
  const second = await control.setPolicy(text, again.version);
  if (second.kind === "rejected") throw rejection(second.findings, text);
  if (second.kind === "conflict") throw policyError("MESH_POLICY_CHANGED", "the policy changes again and again");
}

/**
 * Tests that were held back, once the devices that they need have joined. Writes nothing else: where more would change, the
 * next run plans it.
 */
export async function applyHeldTests(
  control: Control,
  planned: PolicyPlan,
  devices: readonly Device[],
  reporter: Reporter,
): Promise<PolicyDocument | undefined> {
  if (planned.held.length === 0) return undefined;
  const again = planPolicy({ ...planned.input, document: await control.getPolicy(), devices });
  if (again.text === null || again.held.length === planned.held.length) return undefined;
  const isOnlyTests = again.plan.changes.every(
    (c) => c.kind === "create" && c.resource.toLowerCase() === "policy.tests",
  );
  if (again.blocked !== null || !isOnlyTests) {
    reporter.warn("tests that were held back are not written yet: the policy changed meanwhile; run again");
    return undefined;
  }
  reporter.info("the devices of tests that were held back have joined: the tests are written");
  return applyPolicy(control, again, reporter);
}

async function check(control: Control, text: string, reporter: Reporter): Promise<void> {
  if (control.capabilities.policy.validate !== "server") return;
  const result = await control.checkPolicy(text);
  if (result.kind === "failed") throw rejection(result.findings, text);
  if (result.kind === "passed")
    for (const { text: said } of result.warnings ?? []) reporter.warn(`the server: ${said}`);
  if (result.kind === "unsupported") reporter.debug("the server cannot check a policy before it is written");
  if (result.kind !== "passed") return;
  for (const { text: said } of result.warnings ?? []) reporter.warn(`the server on the new policy: ${said}`);
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
