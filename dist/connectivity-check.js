import { m as strictObject } from "./shared/vendor-schema.js";
import { d as controlInputs, f as failOnInput, g as sshInputs, l as defineAction, m as meshInputs, t as main, u as changeInputs } from "./shared/main.js";
import { t as meshJob } from "./shared/mesh-job.js";
// src/actions/connectivity-check.ts
const action = defineAction({
	name: "connectivity-check",
	inputs: strictObject({
		...meshInputs,
		mode: changeInputs.mode,
		...controlInputs,
		...sshInputs,
		...failOnInput
	}),
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
// \0entry:connectivity-check
await main(action);
export {};
