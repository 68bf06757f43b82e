/** Brings the tailnet policy to what the topology and the operator's own file say. */
import * as z from "zod";
import { changeInputs, controlInputs, policyInputs, topologyInputs } from "./common.ts";
import { defineAction } from "./define.ts";
import { optionalSecret } from "./inputs.ts";
import { policyOptions } from "./mesh-job.ts";
import { controlSettings, loadMesh } from "./topology.ts";

export const action = defineAction({
  name: "acl-apply",
  inputs: z.strictObject({
    ...topologyInputs,
    ...changeInputs,
    ...controlInputs,
    ...policyInputs,
    "github-token": optionalSecret(),
  }),
  outputs: ["etag", "diff-file"],
  async job(inputs, wiring) {
    const { mesh } = await loadMesh({ ...inputs, clusters: [], nodes: [] }, wiring);
    const connecting = wiring.control(controlSettings(mesh, inputs))();
    const [{ policyJob }, { pastOf }, control] = await Promise.all([
      import("../policy/job.ts"),
      import("./past.ts"),
      connecting,
    ]);
    const { workspace, reporter, shown } = wiring;
    const token = inputs["github-token"];
    const forge = token && wiring.forge(token);
    const past = pastOf(inputs.topology, wiring);
    return policyJob({ control, workspace, reporter, shown, past, forge }, { mesh, ...policyOptions(inputs) });
  },
});
