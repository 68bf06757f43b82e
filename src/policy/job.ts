/** The job of the action acl-apply. */
import { MeshError } from "../mesh/error.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Job, Outcome } from "../plan/job.ts";
import { emptyOutcome } from "../plan/job.ts";
import { visibleDevices } from "../ports/control.ts";
import type { Forge } from "../ports/forge.ts";
import type { Reporter } from "../ports/reporter.ts";
import { applyPolicy } from "./apply.ts";
import { commentBody, commentMarker } from "./comment.ts";
import { type ObservePorts, observePolicy } from "./observe.ts";
import type { PolicyOptions, PolicyPlan } from "./plan.ts";
import { diffReport, logLines } from "./report.ts";
import { policySummary } from "./summary.ts";

export interface PolicyPorts extends ObservePorts {
  readonly reporter: Reporter;
  /** Where a plan is shown to those who review; undefined without a token. */
  readonly forge?: Forge | undefined;
  /** A text as it may be shown outside of this run: no secret, and no more detail than asked for. */
  readonly shown?: (text: string) => string;
}

export interface PolicySettings extends PolicyOptions {
  readonly mesh: Mesh;
}

/** A plan, and where its diff was written; the path is empty when nothing differs. */
export interface PolicyJobPlan extends PolicyPlan {
  readonly diffFile: string;
}

/** One read when there is nothing to do; devices are asked for only when something is to be written. */
export function policyJob(ports: PolicyPorts, settings: PolicySettings): Job<PolicyJobPlan, PolicyJobPlan> {
  const { control, workspace, reporter, forge, shown = (text) => text } = ports;
  const { mesh, ...options } = settings;
  let version = "";
  return {
    async observe() {
      const planned = await observePolicy(ports, { mesh, options }, () => visibleDevices(control));
      for (const warning of planned.warnings) reporter.warn(warning);
      for (const line of logLines(planned)) reporter.info(line);
      const diff = diffReport(planned);
      const diffFile = diff === "" ? "" : await workspace.writeRunFile("policy.diff", shown(diff));
      version = planned.version;
      return { ...planned, diffFile };
    },
    plan: (planned) => planned,
    preview: (planned) => outcome(planned, planned.version),
    async publish(planned, hash) {
      if (!forge?.isPullRequest) return;
      try {
        await forge.comment(commentMarker(mesh), shown(commentBody(planned, hash)));
      } catch (error) {
        if (!(error instanceof MeshError)) throw error;
        reporter.warn(`${error.code}: ${error.message}. ${error.hint}`);
      }
    },
    async apply(planned) {
      version = (await applyPolicy(control, planned, reporter)).version;
      if (planned.rewrite !== null) await workspace.write(planned.rewrite.file, planned.rewrite.text);
    },
    verify: async (planned) => outcome(planned, version),
    async close() {},
  };
}

function outcome(planned: PolicyJobPlan, version: string): Outcome {
  return {
    ...emptyOutcome,
    outputs: { etag: version, "diff-file": planned.diffFile },
    summary: policySummary(planned),
  };
}
