/** The root action: the whole mesh, from policy to proof. */
import {
  changeInputs,
  controlInputs,
  failOnInput,
  installInputs,
  meshInputs,
  policyInputs,
  sshInputs,
} from "./common.ts";
import { defineAction } from "./define.ts";
import { switchOn } from "./inputs.ts";
import { meshJob } from "./mesh-job.ts";
import { revokeMinted } from "./revoke.ts";

export const action = defineAction({
  name: "converge",
  inputs: {
    ...meshInputs,
    ...changeInputs,
    ...controlInputs,
    ...sshInputs,
    ...policyInputs,
    ...installInputs,
    ...failOnInput,
    rollback: switchOn(),
  },
  outputs: ["etag", "nodes-changed", "verdict", "matrix-file"],
  job: (inputs, wiring) =>
    meshJob(inputs, wiring, {
      parts: { policy: true, nodes: true, check: true },
      install: inputs,
      policy: inputs,
      failOn: inputs["fail-on"],
      rollback: inputs.rollback,
      watch: true,
    }),
  post: revokeMinted,
});
