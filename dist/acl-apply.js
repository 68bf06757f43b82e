import { p as strictObject } from "./shared/vendor-schema.js";
import { n as policyJob } from "./shared/job.js";
import { h as controlInputs, m as changeInputs, n as controlSettings, p as defineAction, r as loadMesh, t as main, x as topologyInputs, y as policyInputs } from "./shared/main.js";
// src/actions/acl-apply.ts
const action = defineAction({
	name: "acl-apply",
	inputs: strictObject({
		...topologyInputs,
		...changeInputs,
		...controlInputs,
		...policyInputs
	}),
	outputs: ["etag", "diff-file"],
	async job(inputs, wiring) {
		const { mesh } = await loadMesh({
			...inputs,
			clusters: [],
			nodes: []
		}, wiring);
		const control = await wiring.control(controlSettings(mesh, inputs))();
		const { workspace, reporter } = wiring;
		return policyJob({
			control,
			workspace,
			reporter
		}, {
			mesh,
			adopt: inputs.adopt,
			onDrift: inputs["on-drift"]
		});
	}
});
// \0entry:acl-apply
await main(action);
export {};
