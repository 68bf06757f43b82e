/** Brings the tailnet policy to what the topology and the operator's own file say. */
import * as z from "zod";
import { policyJob } from "../policy/job.ts";
import { changeInputs, controlInputs, policyInputs, topologyInputs } from "./common.ts";
import { defineAction } from "./define.ts";
import { controlSettings, loadMesh } from "./topology.ts";

export const action = defineAction({
  name: "acl-apply",
  inputs: z.strictObject({ ...topologyInputs, ...changeInputs, ...controlInputs, ...policyInputs }),
  outputs: ["etag", "diff-file"],
  async job(inputs, wiring) {
    const { mesh } = await loadMesh({ ...inputs, clusters: [], nodes: [] }, wiring);
    const control = await wiring.control(controlSettings(mesh, inputs))();
    const { workspace, reporter } = wiring;
    return policyJob({ control, workspace, reporter }, { mesh, adopt: inputs.adopt, onDrift: inputs["on-drift"] });
  },
});
