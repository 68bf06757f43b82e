/** Rotates stored keys long before they end, and tells what else expires. */
import { rotateJob } from "../keys/rotate.ts";
import { revokeUnstored, unstoredKeys } from "../keys/unstored.ts";
import { changeInputs, controlInputs, topologyInputs } from "./common.ts";
import { defineAction } from "./define.ts";
import { flag, integer, optionalSecret, span } from "./inputs.ts";
import { lazyKeys } from "./revoke.ts";
import { ownerOf, runIdOf, storedPlace } from "./stored-key.ts";
import { openStore } from "./stores.ts";
import { controlSettings, loadMesh, trustedFiles } from "./topology.ts";

export const action = defineAction({
  name: "key-rotate",
  inputs: {
    ...topologyInputs,
    ...changeInputs,
    ...controlInputs,
    force: flag(),
    grace: span("0s", "90d", "24h"),
    "max-revocations": integer(0, 1000, 3),
    "github-token": optionalSecret(),
    "ping-url": optionalSecret(),
  },
  outputs: ["rotated", "next-due", "report-file", "metrics-file"],
  async job(inputs, wiring) {
    const { mesh } = await loadMesh({ ...inputs, clusters: [], nodes: [] }, wiring);
    const control = await wiring.control(controlSettings(mesh, inputs))();
    const { workspace, reporter, clock, state, signal } = wiring;
    const url = inputs["ping-url"];
    return rotateJob(
      {
        control,
        workspace,
        reporter,
        clock,
        state,
        signal,
        store: (name) => openStore(mesh, name, inputs, wiring),
        shown: (text) => wiring.shown(text),
        ...(url === undefined ? {} : { ping: () => wiring.ping(url, trustedFiles(mesh, inputs["ca-file"])) }),
      },
      {
        storedKeys: mesh.storedKeys ?? [],
        owner: ownerOf(wiring.env),
        runId: runIdOf(wiring),
        force: inputs.force,
        grace: inputs.grace,
        maxRevocations: inputs["max-revocations"],
      },
    );
  },
  async post(inputs, wiring) {
    if (unstoredKeys(wiring.state).length === 0) return;
    const { reporter, state } = wiring;
    await revokeUnstored(state, {
      control: lazyKeys(inputs, wiring),
      reporter,
      find: (name) => storedPlace(name, inputs, wiring),
    });
  },
});
