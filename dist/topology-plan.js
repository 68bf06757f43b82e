import { m as strictObject } from "./shared/vendor-schema.js";
import { d as controlInputs, g as sshInputs, h as policyInputs, l as defineAction, m as meshInputs, o as loadMesh, p as installInputs, t as main, u as changeInputs } from "./shared/main.js";
import { t as meshJob } from "./shared/mesh-job.js";
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
	inputs: strictObject({
		...meshInputs,
		mode: changeInputs.mode,
		"fail-on-changes": changeInputs["fail-on-changes"],
		...controlInputs,
		...sshInputs,
		...policyInputs,
		...installInputs
	}),
	outputs: [
		"matrix-clusters",
		"matrix-nodes",
		"count"
	],
	readsOnly: true,
	async job(inputs, wiring) {
		const { selection } = await loadMesh(inputs, wiring);
		return withOutputs(await meshJob(inputs, wiring, {
			parts: {
				policy: true,
				nodes: true,
				check: false
			},
			install: inputs,
			policy: inputs
		}), matrixOutputs(selection.nodes));
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
// \0entry:topology-plan
await main(action);
export {};
