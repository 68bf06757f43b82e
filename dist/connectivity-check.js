import { p as strictObject } from "./shared/vendor-schema.js";
import { b as sshInputs, g as failOnInput, h as controlInputs, m as changeInputs, p as defineAction, t as main, v as meshInputs } from "./shared/main.js";
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
