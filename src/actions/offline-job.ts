/** What topology-plan does with `offline`: topology and policy are judged, and nobody is asked. */
import { inertMarkdown } from "../mesh/inert.ts";
import type { Mesh } from "../mesh/mesh.ts";
import { emptyPlan } from "../plan/change.ts";
import { emptyOutcome, type Job, type Outcome, type Planned } from "../plan/job.ts";
import { readPolicyFiles } from "../policy/observe.ts";
import { judgeOffline, type OfflineVerdict } from "../policy/offline.ts";
import type { PolicyFile } from "../policy/parts.ts";
import type { Wiring } from "../wiring.ts";

interface Judged extends Planned {
  readonly instead: string;
  readonly verdict: OfflineVerdict;
}

const unasked =
  "Offline: neither the control server nor a node was asked, and no secret was used, as in a pull request from a fork. What would change is not known.";

/** The mesh is read already; `outputs` are what the action tells of it. */
export function offlineJob(
  mesh: Mesh,
  outputs: Readonly<Record<string, string>>,
  { workspace, reporter }: Pick<Wiring, "workspace" | "reporter">,
): Job<readonly PolicyFile[], Judged> {
  const outcomeOf = ({ verdict, instead }: Judged): Outcome => ({
    ...emptyOutcome,
    outputs,
    summary: [unasked, inertMarkdown(`${instead}.`, 400), warningLines(verdict)].filter((block) => block !== ""),
    failure: verdict.error ?? null,
  });
  return {
    observe: () => readPolicyFiles(workspace, mesh.policyFiles),
    plan(files) {
      reporter.info(unasked);
      const verdict = judgeOffline(mesh, files);
      for (const warning of verdict.warnings) reporter.warn(warning);
      return { plan: emptyPlan, instead: sentence(mesh, verdict), verdict };
    },
    preview: outcomeOf,
    apply: async () => {},
    verify: async (planned) => outcomeOf(planned),
    close: async () => {},
  };
}

function sentence(mesh: Mesh, { tests, error }: OfflineVerdict): string {
  const nodes = mesh.clusters.reduce((sum, cluster) => sum + cluster.nodes.length, 0);
  const counts = (["passed", "failed", "undecided"] as const).filter((kind) => tests[kind] > 0);
  const tested =
    counts.length === 0 ? "no tests" : `tests ${counts.map((kind) => `${tests[kind]} ${kind}`).join(", ")}`;
  const policy = error === undefined ? "its policy is valid" : "its policy is not valid";
  return `checked offline: ${mesh.clusters.length} clusters with ${nodes} nodes, ${policy} (${tested})`;
}

function warningLines({ warnings }: OfflineVerdict): string {
  return warnings.map((warning) => `- ${inertMarkdown(warning, 400)}`).join("\n");
}
