/** Brings the nodes to what the topology says of them. */
import { changeInputs, controlInputs, installInputs, meshInputs, sshInputs } from "./common.ts";
import { defineAction } from "./define.ts";
import { text } from "./inputs.ts";
import { readKeyFile } from "./key-file.ts";
import { meshJob } from "./mesh-job.ts";
import { revokeMinted } from "./revoke.ts";

export const action = defineAction({
  name: "node-provision",
  inputs: {
    ...meshInputs,
    ...changeInputs,
    ...controlInputs,
    ...sshInputs,
    ...installInputs,
    "key-file": text(),
  },
  outputs: ["nodes-changed"],
  job: async (inputs, wiring) =>
    meshJob(inputs, wiring, {
      parts: { policy: false, nodes: true, check: false },
      install: inputs,
      keyFile: await readKeyFile(inputs["key-file"], wiring),
    }),
  post: revokeMinted,
});
