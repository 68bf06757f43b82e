/** Brings the tailnet policy to what the topology and the operator's own file say. */
import { changeInputs, controlInputs, policyInputs, topologyInputs } from "./common.ts";
import { defineAction } from "./define.ts";
import { optionalSecret } from "./inputs.ts";
import { policyOptions } from "./mesh-job.ts";
import { controlSettings, loadMesh, nextTurn } from "./topology.ts";

export const action = defineAction({
  name: "acl-apply",
  inputs: {
    ...topologyInputs,
    ...changeInputs,
    ...controlInputs,
    ...policyInputs,
    "github-token": optionalSecret(),
  },
  outputs: ["etag", "diff-file"],
  async job(inputs, wiring) {
    const { mesh } = await loadMesh({ ...inputs, clusters: [], nodes: [] }, wiring);
    const connecting = wiring.control(controlSettings(mesh, inputs))();
    // The policy is on its way while that which judges it is loaded.
    const document = connecting.then((control) => control.getPolicy());
    // Whoever reads it is told why it failed.
    document.catch(() => undefined);
    await nextTurn();
    const [{ policyJob }, { pastOf }] = await Promise.all([import("../policy/job.ts"), import("./past.ts")]);
    const control = await connecting;
    // So that it has left when the answer that is expected is planned for.
    await nextTurn();
    const { workspace, reporter, shown } = wiring;
    const token = inputs["github-token"];
    const forge = token && wiring.forge(token);
    const past = pastOf(inputs.topology, wiring);
    return policyJob(
      { control, document, workspace, reporter, shown, past, forge },
      { mesh, ...policyOptions(inputs) },
    );
  },
});
