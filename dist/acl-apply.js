import { m as strictObject } from "./shared/vendor-schema.js";
import { _ as topologyInputs, a as controlSettings, d as controlInputs, h as policyInputs, l as defineAction, o as loadMesh, t as main, u as changeInputs, x as optionalSecret } from "./shared/main.js";
import { n as policyOptions } from "./shared/mesh-job.js";
// src/actions/acl-apply.ts
const action = defineAction({
	name: "acl-apply",
	inputs: strictObject({
		...topologyInputs,
		...changeInputs,
		...controlInputs,
		...policyInputs,
		"github-token": optionalSecret()
	}),
	outputs: ["etag", "diff-file"],
	async job(inputs, wiring) {
		const { mesh } = await loadMesh({
			...inputs,
			clusters: [],
			nodes: []
		}, wiring);
		const connecting = wiring.control(controlSettings(mesh, inputs))();
		const [{ policyJob }, { pastOf }, control] = await Promise.all([
			import("./shared/job.js"),
			import("./shared/past.js"),
			connecting
		]);
		const { workspace, reporter, shown } = wiring;
		const token = inputs["github-token"];
		const forge = token && wiring.forge(token);
		return policyJob({
			control,
			workspace,
			reporter,
			shown,
			past: pastOf(inputs.topology, wiring),
			forge
		}, {
			mesh,
			...policyOptions(inputs)
		});
	}
});
// \0entry:acl-apply
await main(action);
export {};
