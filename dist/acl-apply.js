import { d as strictObject } from "./shared/vendor-schema.js";
import { n as policyJob } from "./shared/job.js";
import { _ as policyInputs, d as defineAction, f as changeInputs, n as loadMesh, p as controlInputs, r as trustedFiles, t as main, y as topologyInputs } from "./shared/main.js";
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
		const caFiles = trustedFiles(mesh, inputs["ca-file"]);
		const control = await wiring.control({
			tailnet: mesh.tailnet,
			apiKey: inputs["api-key"],
			caFiles
		})();
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
