import { I as inertText, P as inertMarkdown, v as canonicalJson, z as allErrors } from "./mesh.js";
import { $ as policyError, G as readPolicy, H as listMember, J as canonicalText } from "./evaluate.js";
import { r as planPolicy } from "./observe.js";
// src/policy/findings.ts
const maxFindings = 10;
const maxLines$1 = 20;
function rejection(findings, sent) {
	const errors = findings.filter((f) => f.severity === "error");
	const told = (errors.length > 0 ? errors : findings).slice(0, maxFindings);
	const text = told.flatMap((f) => f.text.split("\n")).map((line) => inertText(line.trim(), 300)).filter((line) => line !== "").slice(0, maxLines$1).join("; ");
	const placed = told.find((f) => f.line !== void 0);
	const line = placed?.line;
	const quoted = line === void 0 ? "" : `, which is: ${inertText(sent.split("\n")[line - 1] ?? "", 200)}`;
	const place = line === void 0 ? "" : ` (line ${line} of the policy that was sent${quoted})`;
	const column = placed?.column;
	return policyError("MESH_POLICY_REJECTED", `${text === "" ? "the server gives no reason" : text}${place}`, { where: {
		address: "policy",
		...line === void 0 ? {} : { line },
		...column === void 0 ? {} : { column }
	} });
}
// src/policy/apply.ts
async function applyPolicy(control, planned, reporter) {
	if (planned.blocked !== null) {
		await showDiff(planned, reporter);
		throw planned.blocked;
	}
	const { text } = planned;
	if (text === null) return control.getPolicy();
	refuseEmpty(text);
	await check(control, text, reporter);
	await write(control, planned, text, reporter);
	const stored = await control.getPolicy();
	if (meaningOf(stored.text) !== meaningOf(text)) throw policyError("MESH_POLICY_NOT_STORED", "the policy that was read back is not the one that was written");
	const count = planned.plan.changes.filter(({ resource }) => resource !== "file").length;
	reporter.info(`policy written: ${count} entries changed`);
	return stored;
}
function refuseEmpty(text) {
	const tree = text.trim() === "" ? void 0 : readPolicy(text);
	if ((tree && (listMember(tree, tree.root, "grants") ?? listMember(tree, tree.root, "acls"))) === void 0) throw policyError("MESH_POLICY_EMPTY", "the policy to be written has neither grants nor acls");
}
function isSamePolicy(a, b) {
	return meaningOf(a) === meaningOf(b);
}
async function write(control, planned, text, reporter) {
	const first = await control.setPolicy(text, planned.version);
	if (first.kind === "written") return;
	if (first.kind === "rejected") throw rejection(first.findings, text);
	const again = planPolicy({
		...planned.input,
		document: await control.getPolicy()
	});
	const isSame = again.text === text && canonicalJson(again.plan.changes) === canonicalJson(planned.plan.changes);
	if (again.blocked !== null || !isSame) throw policyError("MESH_POLICY_CHANGED", "the policy changed since it was read, and the plan with it");
	reporter.info("the policy on the server changed since it was read; the plan is the same and goes on");
	const second = await control.setPolicy(text, again.version);
	if (second.kind === "rejected") throw rejection(second.findings, text);
	if (second.kind === "conflict") throw policyError("MESH_POLICY_CHANGED", "the policy changes again and again");
}
async function applyHeldTests(control, planned, devices, reporter) {
	if (planned.held.length === 0) return void 0;
	const again = planPolicy({
		...planned.input,
		document: await control.getPolicy(),
		devices
	});
	if (again.text === null || again.held.length === planned.held.length) return void 0;
	const isOnlyTests = again.plan.changes.every((c) => c.kind === "create" && c.resource.toLowerCase() === "policy.tests");
	if (again.blocked !== null || !isOnlyTests) {
		reporter.warn("tests that were held back are not written yet: the policy changed meanwhile; run again");
		return;
	}
	reporter.info("the devices of tests that were held back have joined: the tests are written");
	return applyPolicy(control, again, reporter);
}
async function check(control, text, reporter) {
	if (control.capabilities.policy.validate !== "server") return;
	const result = await control.checkPolicy(text);
	if (result.kind === "failed") throw rejection(result.findings, text);
	if (result.kind === "passed") for (const { text: said } of result.warnings ?? []) reporter.warn(`the server: ${said}`);
	if (result.kind === "unsupported") reporter.debug("the server cannot check a policy before it is written");
	if (result.kind !== "passed") return;
	for (const { text: said } of result.warnings ?? []) reporter.warn(`the server on the new policy: ${said}`);
}
async function showDiff(planned, reporter) {
	await reporter.group("Policy diff", async () => {
		for (const line of planned.diff.split("\n")) reporter.info(line);
	});
}
function meaningOf(text) {
	if (text.trim() === "") return void 0;
	const { document, root } = readPolicy(text);
	return canonicalText(document, root);
}
// src/policy/report.ts
const maxShown = 200;
function logLines(planned) {
	return [...editLines(planned), ...accessLines(planned.access)];
}
function diffReport(planned) {
	const { plan, diff } = planned;
	if (plan.changes.length === 0) return "";
	const sections = [...Map.groupBy(plan.changes, ({ resource }) => resource)].map(([resource, changes]) => section(resource, changes.flatMap(entryLines)));
	const access = accessLines(planned.access);
	const edits = editLines(planned);
	return [
		...sections,
		...access.length === 0 ? [] : [section("access", access.slice(1))],
		...edits.length === 0 ? [] : [section("edited elsewhere", edits)],
		diff
	].filter((part) => part !== "").join("\n");
}
function section(title, lines) {
	return [
		title,
		...lines.map((line) => `  ${inertText(line, 500)}`),
		""
	].join("\n");
}
function entryLines({ address, kind, why, diff }) {
	return [`${kind} ${address}: ${why}`, ...diff.split("\n").map((line) => `  ${line}`)];
}
function accessLines(access) {
	if (access.length === 0) return [];
	const lines = access.slice(0, maxShown).map(accessLine);
	const more = access.length > maxShown ? [`… and ${access.length - maxShown} more`] : [];
	return [
		"Who gains and who loses access, as far as it can be told without the server:",
		...lines,
		...more
	];
}
function accessLine({ kind, from, to, ports, line }) {
	return `${kind === "gains" ? "+" : "-"} ${few(from)} ${kind} ${few(to)} (${ports}) ${byLine(kind, line)}`;
}
function byLine(kind, line) {
	if (line === void 0) return kind === "gains" ? "as no rules are written" : "as so far no rules were written";
	return `by line ${line} of the ${kind === "gains" ? "new" : "old"} policy`;
}
const maxNames = 8;
function few(names) {
	const more = names.length - maxNames;
	return more > 0 ? `${names.slice(0, maxNames).join(", ")} and ${more} more` : names.join(", ");
}
function editLines({ edits }) {
	if (edits === null) return [];
	if (edits.kind === "two-way") return [`What was edited elsewhere cannot be told apart, the difference is two-way: ${edits.basis}.`];
	const since = `Edited elsewhere since Tailmesh last wrote it (from commit ${inertText(edits.basis.slice(0, 12))}):`;
	return edits.shown.length === 0 ? [`${since} nothing but comments and form.`] : [since, ...edits.shown];
}
// src/policy/summary.ts
const maxLines = 300;
function policySummary(planned) {
	const { blocked, warnings, diff } = planned;
	return [
		(blocked === null ? [] : allErrors(blocked)).map((error) => `> **${error.code}**: ${inertMarkdown(error.message)}. ${inertMarkdown(error.hint)}`).join("\n>\n"),
		warnings.map((warning) => `- ${inertMarkdown(warning)}`).join("\n"),
		editLines(planned).map((line) => `- ${inertMarkdown(line)}`).join("\n"),
		accessTable(planned.access),
		diff === "" ? "" : fencedDiff(diff)
	].filter((block) => block !== "");
}
const maxRows = 100;
function accessTable(access) {
	if (access.length === 0) return "";
	const rows = access.slice(0, maxRows).map(({ kind, from, to, ports, line }) => `| ${kind} | ${[
		few(from),
		few(to),
		ports,
		byLine(kind, line)
	].map((cell) => inertMarkdown(cell)).join(" | ")} |`);
	const more = access.length > maxRows ? [`| | … and ${access.length - maxRows} more | | | |`] : [];
	return [
		"| access | who | to | ports | why |",
		"| --- | --- | --- | --- | --- |",
		...rows,
		...more
	].join("\n");
}
function fencedDiff(diff) {
	const all = diff.trimEnd().split("\n");
	const lines = all.slice(0, maxLines).map((line) => inertText(line, 500));
	const rest = all.length - lines.length;
	const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map((run) => run[0].length)));
	const fence = "`".repeat(longest + 1);
	const more = rest > 0 ? [`… ${rest} more lines in the diff file`] : [];
	return `<details><summary>Policy diff</summary>\n\n${[
		`${fence}diff`,
		...lines,
		...more,
		fence
	].join("\n")}\n\n</details>`;
}
export { applyHeldTests as a, refuseEmpty as c, logLines as i, diffReport as n, applyPolicy as o, few as r, isSamePolicy as s, policySummary as t };
