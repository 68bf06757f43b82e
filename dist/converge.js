import { m as strictObject } from "./shared/vendor-schema.js";
import { C as switchOn, d as controlInputs, f as failOnInput, g as sshInputs, h as policyInputs, l as defineAction, m as meshInputs, p as installInputs, t as main, u as changeInputs } from "./shared/main.js";
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
		...failOnInput,
		rollback: switchOn()
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
		failOn: inputs["fail-on"],
		rollback: inputs.rollback,
		watch: true
	}),
	post: revokeMinted
});
// \0entry:converge
await main(action);
export {};
