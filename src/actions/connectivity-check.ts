/** Proves that traffic flows, or names the layer where it does not. */
import { changeInputs, controlInputs, failOnInput, meshInputs, sshInputs } from "./common.ts";
import { defineAction } from "./define.ts";
import { meshJob } from "./mesh-job.ts";

export const action = defineAction({
  name: "connectivity-check",
  inputs: {
    ...meshInputs,
    mode: changeInputs.mode,
    ...controlInputs,
    ...sshInputs,
    ...failOnInput,
  },
  outputs: ["verdict", "matrix-file"],
  job: (inputs, wiring) =>
    meshJob(inputs, wiring, {
      parts: { policy: false, nodes: false, check: true },
      failOn: inputs["fail-on"],
    }),
});
