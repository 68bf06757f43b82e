import { p as strictObject } from "./shared/vendor-schema.js";
import { _ as installInputs, b as sshInputs, g as failOnInput, h as controlInputs, m as changeInputs, p as defineAction, t as main, v as meshInputs, y as policyInputs } from "./shared/main.js";
import { t as meshJob } from "./shared/mesh-job.js";
import { n as revokeMinted } from "./shared/revoke.js";
// src/actions/converge.ts
const action = defineAction({
	name: "converge",
	inputs: strictObject({
		...meshInputs,
		...changeInputs,
		...controlInputs,
		...sshInputs,
		...policyInputs,
		...installInputs,
		...failOnInput
	}),
	outputs: [
		"etag",
		"nodes-changed",
		"verdict",
		"matrix-file"
	],
	job: (inputs, wiring) => meshJob(inputs, wiring, {
		parts: {
			policy: true,
			nodes: true,
			check: true
		},
		install: inputs,
		policy: inputs,
		failOn: inputs["fail-on"]
	}),
	post: revokeMinted
});
// \0entry:converge
await main(action);
export {};
