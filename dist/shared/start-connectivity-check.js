import { _ as sshInputs, d as changeInputs, f as controlInputs, h as meshInputs, p as failOnInput, t as main, u as defineAction } from "./main.js";
import { t as meshJob } from "./mesh-job.js";
// src/actions/connectivity-check.ts
const action = defineAction({
	name: "connectivity-check",
	inputs: {
		...meshInputs,
		mode: changeInputs.mode,
		...controlInputs,
		...sshInputs,
		...failOnInput
	},
	outputs: ["verdict", "matrix-file"],
	job: (inputs, wiring) => meshJob(inputs, wiring, {
		parts: {
			policy: false,
			nodes: false,
			check: true
		},
		failOn: inputs["fail-on"]
	})
});
// \0start:connectivity-check
const start = () => main(action);
export { start };
