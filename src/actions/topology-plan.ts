/** Validates and plans everything, changes nothing, and emits matrices for jobs that fan out. */
import type { Job, Planned } from "../plan/job.ts";
import { changeInputs, controlInputs, installInputs, meshInputs, policyInputs, sshInputs } from "./common.ts";
import { defineAction } from "./define.ts";
import { flag, optionalSecret } from "./inputs.ts";
import { matrixOutputs } from "./matrix.ts";
import { meshJob } from "./mesh-job.ts";
import { loadMesh } from "./topology.ts";

export const action = defineAction({
  name: "topology-plan",
  inputs: {
    ...meshInputs,
    mode: changeInputs.mode,
    "fail-on-changes": changeInputs["fail-on-changes"],
    ...controlInputs,
    ...sshInputs,
    "ssh-private-key": optionalSecret(),
    offline: flag(),
    ...policyInputs,
    ...installInputs,
  },
  rules: [
    {
      input: "ssh-private-key",
      why: "is required, unless offline is true",
      holds: (inputs) => inputs.offline || inputs["ssh-private-key"] !== undefined,
    },
  ],
  outputs: ["matrix-clusters", "matrix-nodes", "count"],
  readsOnly: true,
  async job(inputs, wiring) {
    const { mesh, selection } = await loadMesh(inputs, wiring);
    const outputs = matrixOutputs(selection.nodes);
    const { "ssh-private-key": privateKey } = inputs;
    if (inputs.offline || privateKey === undefined) {
      const { offlineJob } = await import("./offline-job.ts");
      return offlineJob(mesh, outputs, wiring);
    }
    const parts = { policy: true, nodes: true, check: false };
    const request = { parts, install: inputs, policy: inputs };
    return withOutputs(await meshJob({ ...inputs, "ssh-private-key": privateKey }, wiring, request), outputs);
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
