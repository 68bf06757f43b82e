/** Validates and plans everything, changes nothing, and emits matrices for jobs that fan out. */
import * as z from "zod";
import type { Job, Planned } from "../plan/job.ts";
import { changeInputs, controlInputs, installInputs, meshInputs, policyInputs, sshInputs } from "./common.ts";
import { defineAction } from "./define.ts";
import { matrixOutputs } from "./matrix.ts";
import { meshJob } from "./mesh-job.ts";
import { loadMesh } from "./topology.ts";

export const action = defineAction({
  name: "topology-plan",
  inputs: z.strictObject({
    ...meshInputs,
    mode: changeInputs.mode,
    "fail-on-changes": changeInputs["fail-on-changes"],
    ...controlInputs,
    ...sshInputs,
    ...policyInputs,
    ...installInputs,
  }),
  outputs: ["matrix-clusters", "matrix-nodes", "count"],
  readsOnly: true,
  async job(inputs, wiring) {
    const { selection } = await loadMesh(inputs, wiring);
    const parts = { policy: true, nodes: true, check: false };
    const job = await meshJob(inputs, wiring, { parts, install: inputs, policy: inputs });
    return withOutputs(job, matrixOutputs(selection.nodes));
  },
});

/** The same job, with more to tell of its plan. */
function withOutputs<Observed, P extends Planned>(
  job: Job<Observed, P>,
  outputs: Readonly<Record<string, string>>,
): Job<Observed, P> {
  return {
    observe: () => job.observe(),
    plan: (observed) => job.plan(observed),
    preview(planned) {
      const outcome = job.preview(planned);
      return { ...outcome, outputs: { ...outcome.outputs, ...outputs } };
    },
    apply: (planned) => job.apply(planned),
    verify: (planned) => job.verify(planned),
    close: () => job.close(),
  };
}
