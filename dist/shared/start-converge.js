import { T as switchOn, _ as sshInputs, d as changeInputs, f as controlInputs, g as policyInputs, h as meshInputs, m as installInputs, p as failOnInput, t as main, u as defineAction } from "./main.js";
import { t as meshJob } from "./mesh-job.js";
import { n as revokeMinted } from "./revoke.js";
// src/actions/converge.ts
const action = defineAction({
	name: "converge",
	inputs: {
		...meshInputs,
		...changeInputs,
		...controlInputs,
		...sshInputs,
		...policyInputs,
		...installInputs,
		...failOnInput,
		rollback: switchOn()
	},
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
// \0start:converge
const start = () => main(action);
export { start };
