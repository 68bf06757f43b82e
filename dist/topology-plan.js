import { m as strictObject } from "./shared/vendor-schema.js";
import { d as controlInputs, g as sshInputs, h as policyInputs, l as defineAction, m as meshInputs, o as loadMesh, p as installInputs, t as main, u as changeInputs, v as flag, x as optionalSecret } from "./shared/main.js";
import { t as meshJob } from "./shared/mesh-job.js";
import { I as inertText, P as inertMarkdown, V as joinErrors, b as emptyPlan, m as emptyOutcome } from "./shared/mesh.js";
import { n as readPolicyFiles } from "./shared/observe.js";
import { $ as policyError, t as evaluate, w as renderLocally } from "./shared/evaluate.js";
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
// src/policy/offline.ts
const maxErrors = 10;
function judgeOffline(mesh, files) {
	const text = renderLocally(mesh, files, void 0);
	const { ok, problems, tests } = evaluate(text, { server: mesh.tailnet.control });
	const lines = text.split("\n");
	const told = problems.map((problem) => placed(problem, files, lines));
	const [first, ...rest] = told.filter(({ severity }) => severity === "error").slice(0, maxErrors).map(({ message, code, where }) => policyError("MESH_POLICY_INVALID", `${message} (${code})`, { where }));
	const untold = policyError("MESH_POLICY_INVALID", `${tests.failed} of the policy's tests fail`);
	return {
		tests,
		warnings: told.filter(({ severity }) => severity === "warning").map(({ message }) => message),
		error: first === void 0 ? ok ? void 0 : untold : joinErrors([first, ...rest])
	};
}
function placed({ severity, code, message, line }, files, united) {
	const wanted = (united[line - 1] ?? "").trim();
	const [place, ...others] = files.flatMap(({ file, text }) => text.split("\n").flatMap((own, index) => own.trim() === wanted && wanted !== "" ? [{
		file,
		line: index + 1
	}] : []));
	if (place !== void 0 && others.length === 0) return {
		severity,
		code,
		message: inertText(message, 300),
		where: place
	};
	return {
		severity,
		code,
		message: `${inertText(message, 300)}, in: ${inertText(wanted, 200)}`,
		where: { address: "policy" }
	};
}
// src/actions/offline-job.ts
const unasked = "Offline: neither the control server nor a node was asked, and no secret was used, as in a pull request from a fork. What would change is not known.";
function offlineJob(mesh, outputs, { workspace, reporter }) {
	const outcomeOf = ({ verdict, instead }) => ({
		...emptyOutcome,
		outputs,
		summary: [
			unasked,
			inertMarkdown(`${instead}.`, 400),
			warningLines(verdict)
		].filter((block) => block !== ""),
		failure: verdict.error ?? null
	});
	return {
		observe: () => readPolicyFiles(workspace, mesh.policyFiles),
		plan(files) {
			reporter.info(unasked);
			const verdict = judgeOffline(mesh, files);
			for (const warning of verdict.warnings) reporter.warn(warning);
			return {
				plan: emptyPlan,
				instead: sentence(mesh, verdict),
				verdict
			};
		},
		preview: outcomeOf,
		apply: async () => {},
		verify: async (planned) => outcomeOf(planned),
		close: async () => {}
	};
}
function sentence(mesh, { tests, error }) {
	const nodes = mesh.clusters.reduce((sum, cluster) => sum + cluster.nodes.length, 0);
	const counts = [
		"passed",
		"failed",
		"undecided"
	].filter((kind) => tests[kind] > 0);
	const tested = counts.length === 0 ? "no tests" : `tests ${counts.map((kind) => `${tests[kind]} ${kind}`).join(", ")}`;
	const policy = error === void 0 ? "its policy is valid" : "its policy is not valid";
	return `checked offline: ${mesh.clusters.length} clusters with ${nodes} nodes, ${policy} (${tested})`;
}
function warningLines({ warnings }) {
	return warnings.map((warning) => `- ${inertMarkdown(warning, 400)}`).join("\n");
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
		"ssh-private-key": optionalSecret(),
		offline: flag(),
		...policyInputs,
		...installInputs
	}).refine((inputs) => inputs.offline || inputs["ssh-private-key"] !== void 0, {
		path: ["ssh-private-key"],
		message: "is required, unless offline is true"
	}),
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
		if (inputs.offline || privateKey === void 0) return offlineJob(mesh, outputs, wiring);
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
// \0entry:topology-plan
await main(action);
export {};
