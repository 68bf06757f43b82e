import { p as strictObject } from "./shared/vendor-schema.js";
import { C as failOnInput, D as sshInputs, S as controlInputs, T as meshInputs, b as defineAction, t as main, x as changeInputs } from "./shared/main.js";
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
