/** The job of the action acl-apply. */
import type { Mesh } from "../mesh/mesh.ts";
import type { Job, Outcome } from "../plan/job.ts";
import { emptyOutcome } from "../plan/job.ts";
import { type Control, type Device, visibleDevices } from "../ports/control.ts";
import type { Reporter } from "../ports/reporter.ts";
import type { Workspace } from "../ports/workspace.ts";
import { applyPolicy } from "./apply.ts";
import { policyError } from "./errors.ts";
import type { PolicyFile } from "./parts.ts";
import { type PolicyOptions, type PolicyPlan, planPolicy } from "./plan.ts";
import { policySummary } from "./summary.ts";

export interface PolicyPorts {
  readonly control: Control;
  readonly workspace: Workspace;
  readonly reporter: Reporter;
}

export interface PolicySettings extends PolicyOptions {
  readonly mesh: Mesh;
}

/** A plan, and where its diff was written; the path is empty when nothing differs. */
export interface PolicyJobPlan extends PolicyPlan {
  readonly diffFile: string;
}

/** One read when there is nothing to do; devices are asked for only under the server's default policy. */
export function policyJob(ports: PolicyPorts, settings: PolicySettings): Job<PolicyJobPlan, PolicyJobPlan> {
  const { control, workspace, reporter } = ports;
  let version = "";
  return {
    async observe() {
      const planned = await observePolicy(ports, settings);
      for (const warning of planned.warnings) reporter.warn(warning);
      const diffFile = planned.diff === "" ? "" : await workspace.writeRunFile("policy.diff", planned.diff);
      version = planned.version;
      return { ...planned, diffFile };
    },
    plan: (planned) => planned,
    preview: (planned) => outcome(planned, planned.version),
    async apply(planned) {
      version = (await applyPolicy(control, planned, reporter)).version;
    },
    verify: async (planned) => outcome(planned, version),
    async close() {},
  };
}

/** Reads what is needed and plans. */
export async function observePolicy(ports: PolicyPorts, settings: PolicySettings): Promise<PolicyPlan> {
  const { control, workspace } = ports;
  const { mesh, adopt, onDrift } = settings;
  const document = await control.getPolicy();
  return planPolicy({
    mesh,
    document,
    capabilities: control.capabilities,
    wire: control.wire.setPolicy,
    foreignDevices: document.isDefault ? countForeign(await visibleDevices(control), mesh) : 0,
    files: await readPolicyFiles(workspace, mesh.policyFiles),
    options: { adopt, onDrift },
  });
}

/** Null when the devices could not be seen. */
export function countForeign(devices: readonly Device[] | null, mesh: Mesh): number | null {
  return devices === null ? null : foreignDevices(devices, mesh).length;
}

/** Devices that no cluster's tag covers: only the policy of others, or the default, gives them access. */
export function foreignDevices(devices: readonly Device[], mesh: Mesh): readonly Device[] {
  const tags: readonly string[] = mesh.clusters.map((c) => c.tag);
  return devices.filter((device) => !device.tags.some((tag) => tags.includes(tag)));
}

/** The operator's own files, in order. Throws MESH_POLICY_FILE_MISSING. */
export async function readPolicyFiles(workspace: Workspace, paths: readonly string[]): Promise<readonly PolicyFile[]> {
  const files: PolicyFile[] = [];
  for (const file of paths) {
    const text = await workspace.read(file);
    if (text === undefined) throw policyError("MESH_POLICY_FILE_MISSING", `no such file: ${file}`, { where: { file } });
    files.push({ file, text });
  }
  return files;
}

function outcome(planned: PolicyJobPlan, version: string): Outcome {
  return {
    ...emptyOutcome,
    outputs: { etag: version, "diff-file": planned.diffFile },
    summary: policySummary(planned),
  };
}
