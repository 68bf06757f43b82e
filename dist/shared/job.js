import { P as inertMarkdown, R as MeshError, h as countChanges, m as emptyOutcome, p as planMarkdown } from "./mesh.js";
import { t as visibleDevices } from "./control.js";
import { i as logLines, n as diffReport, o as applyPolicy, t as policySummary } from "./summary.js";
import { B as sha256 } from "./evaluate.js";
import { t as observePolicy } from "./observe.js";
// src/policy/comment.ts
const maxBody = 6e4;
function commentMarker({ tailnet, clusters }) {
	const names = [
		tailnet.url,
		tailnet.name,
		...clusters.map(({ name }) => name)
	].join("\n");
	return `<!-- tailmesh acl-apply ${sha256(new TextEncoder().encode(names)).slice(0, 16)} -->`;
}
function commentBody(planned, hash) {
	const { plan, blocked } = planned;
	const count = plan.changes.length === 0 ? "nothing would change" : `${countChanges(plan)} would be made`;
	const title = `### Tailnet policy: ${blocked === null ? "" : "refused, "}${count}`;
	const blocks = [...policySummary(planned), ...planMarkdown(plan)];
	const last = `Plan \`${inertMarkdown(hash)}\``;
	const kept = [];
	let size = title.length + last.length + 200;
	for (const block of blocks) {
		if (size + block.length > maxBody) {
			kept.push("*The rest is left out: a comment is limited. The step summary has all of it.*");
			break;
		}
		kept.push(block);
		size += block.length + 2;
	}
	return [
		title,
		...kept,
		last
	].join("\n\n");
}
// src/policy/job.ts
function policyJob(ports, settings) {
	const { control, workspace, reporter, forge, shown = (text) => text } = ports;
	const { mesh, ...options } = settings;
	let version = "";
	return {
		async observe() {
			const planned = await observePolicy(ports, {
				mesh,
				options
			}, () => visibleDevices(control));
			for (const warning of planned.warnings) reporter.warn(warning);
			for (const line of logLines(planned)) reporter.info(line);
			const diff = diffReport(planned);
			const diffFile = diff === "" ? "" : await workspace.writeRunFile("policy.diff", shown(diff));
			version = planned.version;
			return {
				...planned,
				diffFile
			};
		},
		plan: (planned) => planned,
		preview: (planned) => outcome(planned, planned.version),
		async publish(planned, hash) {
			if (!forge?.isPullRequest) return;
			try {
				await forge.comment(commentMarker(mesh), shown(commentBody(planned, hash)));
			} catch (error) {
				if (!(error instanceof MeshError)) throw error;
				reporter.warn(`${error.code}: ${error.message}. ${error.hint}`);
			}
		},
		async apply(planned) {
			version = (await applyPolicy(control, planned, reporter)).version;
			if (planned.rewrite !== null) await workspace.write(planned.rewrite.file, planned.rewrite.text);
		},
		verify: async (planned) => outcome(planned, version),
		async close() {}
	};
}
function outcome(planned, version) {
	return {
		...emptyOutcome,
		outputs: {
			etag: version,
			"diff-file": planned.diffFile
		},
		summary: policySummary(planned)
	};
}
export { policyJob };
