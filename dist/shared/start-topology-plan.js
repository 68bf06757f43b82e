import { S as optionalSecret, _ as sshInputs, b as flag, d as changeInputs, f as controlInputs, g as policyInputs, h as meshInputs, m as installInputs, o as loadMesh, t as main, u as defineAction } from "./main.js";
import { t as meshJob } from "./mesh-job.js";
// src/actions/matrix.ts
function matrixOutputs(nodes) {
	const present = nodes.filter((node) => node.state === "present");
	return {
		"matrix-clusters": matrix([...new Set(present.map((node) => node.cluster))].map((cluster) => ({ cluster }))),
		"matrix-nodes": matrix(present.map(({ cluster, name, role }) => ({
			cluster,
			node: name,
			role
		}))),
		count: String(present.length)
	};
}
function matrix(include) {
	return JSON.stringify({ include });
}
// src/actions/topology-plan.ts
const action = defineAction({
	name: "topology-plan",
	inputs: {
		...meshInputs,
		mode: changeInputs.mode,
		"fail-on-changes": changeInputs["fail-on-changes"],
		...controlInputs,
		...sshInputs,
		"ssh-private-key": optionalSecret(),
		offline: flag(),
		...policyInputs,
		...installInputs
	},
	rules: [{
		input: "ssh-private-key",
		why: "is required, unless offline is true",
		holds: (inputs) => inputs.offline || inputs["ssh-private-key"] !== void 0
	}],
	outputs: [
		"matrix-clusters",
		"matrix-nodes",
		"count"
	],
	readsOnly: true,
	async job(inputs, wiring) {
		const { mesh, selection } = await loadMesh(inputs, wiring);
		const outputs = matrixOutputs(selection.nodes);
		const { "ssh-private-key": privateKey } = inputs;
		if (inputs.offline || privateKey === void 0) {
			const { offlineJob } = await import("./offline-job.js");
			return offlineJob(mesh, outputs, wiring);
		}
		const request = {
			parts: {
				policy: true,
				nodes: true,
				check: false
			},
			install: inputs,
			policy: inputs
		};
		return withOutputs(await meshJob({
			...inputs,
			"ssh-private-key": privateKey
		}, wiring, request), outputs);
	}
});
function withOutputs(job, outputs) {
	return {
		observe: () => job.observe(),
		plan: (observed) => job.plan(observed),
		preview(planned) {
			const outcome = job.preview(planned);
			return {
				...outcome,
				outputs: {
					...outcome.outputs,
					...outputs
				}
			};
		},
		apply: (planned) => job.apply(planned),
		verify: (planned) => job.verify(planned),
		close: () => job.close()
	};
}
// \0start:topology-plan
const start = () => main(action);
export { start };
