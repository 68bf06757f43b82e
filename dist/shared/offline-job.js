import { I as inertMarkdown, h as emptyOutcome, x as emptyPlan } from "./mesh.js";
import { l as readPolicyFiles, s as judgeOffline } from "./policy.js";
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
export { offlineJob };
