import { p as strictObject } from "./shared/vendor-schema.js";
import { C as failOnInput, D as sshInputs, E as policyInputs, N as switchOn, S as controlInputs, T as meshInputs, b as defineAction, t as main, w as installInputs, x as changeInputs } from "./shared/main.js";
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
		rollback: inputs.rollback
	}),
	post: revokeMinted
});
// \0entry:converge
await main(action);
export {};
