import { a as emptyOutcome, c as visibleDevices, d as clusterOf } from "./main.js";
import { a as canonicalText, c as decodeText, i as repairFinalNewline, l as encodeText, n as parseHujson, o as depthOf, r as readHujson, s as stringOf, t as policyError, u as positionAt } from "./errors.js";
import { i as inertText, n as inertMarkdown } from "./inert.js";
// src/policy/document.ts
const maxDepth = 64;
function readPolicy(source, file) {
	const { text, repaired } = repairFinalNewline(source);
	const document = readHujson(text, file);
	const named = file ?? "the policy on the server";
	const root = document.root;
	const at = {
		document,
		file
	};
	if (depthOf(root) > maxDepth) throw shapeError(at, root, `nested deeper than ${maxDepth} levels`);
	if (root.kind !== "object") throw shapeError(at, root, "a policy is an object");
	const warnings = repaired ? [`${named} ends in a comment without a newline, which servers refuse; one is added`] : [];
	checkNames(at, root, true);
	return {
		document,
		root,
		file,
		warnings
	};
}
function shapeError(tree, node, message) {
	return policyError("MESH_POLICY_SHAPE", message, { where: whereOf(tree, node) });
}
function whereOf(tree, node) {
	const { line, column } = positionAt(tree.document.bytes, node.start);
	return tree.file === void 0 ? {
		address: "policy",
		line,
		column
	} : {
		file: tree.file,
		line,
		column
	};
}
function checkNames(tree, node, isRoot = false) {
	if (node.kind !== "object" && node.kind !== "array") return;
	const seen = new Set();
	for (const item of node.items) {
		if ("name" in item) {
			const name = stringOf(tree.document, item.name);
			const key = isRoot ? name.toLowerCase() : name;
			if (seen.has(key)) throw shapeError(tree, item.name, `"${inertText(name, 80)}" is there twice`);
			seen.add(key);
		}
		checkNames(tree, item.value);
	}
}
function memberOf(document, object, name) {
	return object.items.find((m) => stringOf(document, m.name).toLowerCase() === name.toLowerCase());
}
function objectMember(tree, object, name) {
	const value = memberOf(tree.document, object, name)?.value;
	if (value === void 0 || value.kind === "null") return void 0;
	if (value.kind !== "object") throw shapeError(tree, value, `"${name}" is an object`);
	return value;
}
function listMember(tree, object, name) {
	const value = memberOf(tree.document, object, name)?.value;
	if (value === void 0 || value.kind === "null") return void 0;
	if (value.kind !== "array") throw shapeError(tree, value, `"${name}" is a list`);
	return value;
}
function textsOf(document, node) {
	if (node?.kind !== "array") return void 0;
	const texts = node.items.map((item) => item.value.kind === "string" ? stringOf(document, item.value) : void 0);
	return texts.every((text) => text !== void 0) ? texts : void 0;
}
function fieldsOf(document, object) {
	return new Map(object.items.map((m) => [stringOf(document, m.name).toLowerCase(), m.value]));
}
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
	await check(control, text, reporter);
	const write = await control.setPolicy(text, planned.version);
	if (write.kind === "rejected") throw rejection(write.findings, text);
	if (write.kind === "conflict") throw policyError("MESH_POLICY_CHANGED", "the policy changed since it was read");
	const stored = await control.getPolicy();
	if (meaningOf(stored.text) !== meaningOf(text)) throw policyError("MESH_POLICY_NOT_STORED", "the policy that was read back is not the one that was written");
	reporter.info(`policy written: ${planned.plan.changes.length} entries changed`);
	return stored;
}
async function check(control, text, reporter) {
	if (control.capabilities.policy.validate !== "server") return;
	const result = await control.checkPolicy(text);
	if (result.kind === "failed") throw rejection(result.findings, text);
	if (result.kind === "passed") for (const { text: said } of result.warnings ?? []) reporter.warn(`the server: ${said}`);
	if (result.kind === "unsupported") reporter.debug("the server cannot check a policy before it is written");
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
// src/policy/allow-all.ts
const everyone = ["*", "autogroup:danger-all"];
function allowAllLines(tree) {
	return ["grants", "acls"].flatMap((section) => (listMember(tree, tree.root, section)?.items ?? []).flatMap(({ value }) => {
		if (value.kind !== "object") return [];
		const fields = fieldsOf(tree.document, value);
		const list = (name) => textsOf(tree.document, fields.get(name)) ?? [];
		const src = [...list("src"), ...list("users")];
		const dst = [...list("dst"), ...list("ports")];
		const isOpen = section === "acls" ? dst.includes("*:*") && !fields.has("proto") : dst.includes("*") && list("ip").includes("*");
		const isBound = fields.has("via") || fields.has("srcposture");
		return src.some((s) => everyone.includes(s)) && isOpen && !isBound ? [positionAt(tree.document.bytes, value.start).line] : [];
	}));
}
// src/policy/desired.ts
function derivePolicy(mesh) {
	const present = mesh.clusters.filter((c) => c.state === "present");
	const tags = [...new Set(present.map((c) => c.tag))];
	const isPresent = (link) => [link.from, link.to].every((n) => clusterOf(mesh, n).state === "present");
	const forbid = mesh.forbid.filter(isPresent);
	const links = mesh.links.filter((link) => isPresent(link) && !forbid.some((f) => samePair(f, link) && f.ports.length === 0));
	checkForbidden(links, forbid);
	return {
		ownerTag: mesh.tailnet.ownerTag,
		tags,
		absentTags: mesh.clusters.filter((c) => c.state === "absent" && !tags.includes(c.tag)).map((c) => c.tag),
		routes: present.flatMap((c) => [c.pods, c.services].map((prefix) => ({
			prefix: prefix.text,
			tag: c.tag
		}))),
		rules: links.map((link) => rule(mesh, link)),
		tests: [...links.flatMap((l) => tests(mesh, l, "accept")), ...forbid.flatMap((l) => tests(mesh, l, "deny"))],
		clusters: mesh.clusters
	};
}
function linkName(from, to) {
	return `${from}→${to}`;
}
function podProbe(cluster) {
	return cluster.pods.address(1);
}
function testTargets(cluster, port) {
	return [`${podProbe(cluster)}:${port}`, `${cluster.services.address(1)}:${port}`];
}
function samePair(a, b) {
	return a.from === b.from && a.to === b.to;
}
function rule(mesh, link) {
	const from = clusterOf(mesh, link.from);
	const to = clusterOf(mesh, link.to);
	return {
		name: linkName(link.from, link.to),
		from: link.from,
		to: link.to,
		src: [from.tag, from.pods.text],
		dst: [to.pods.text, to.services.text],
		ports: link.ports
	};
}
function tests(mesh, link, verdict) {
	const from = clusterOf(mesh, link.from);
	const to = clusterOf(mesh, link.to);
	return ["tcp", "udp"].flatMap((proto) => {
		const port = testPort(link.ports, proto);
		if (port === void 0) return [];
		const suffix = verdict === "deny" ? "/deny" : "";
		return [{
			name: `${linkName(link.from, link.to)}/${proto}${suffix}`,
			src: podProbe(from),
			proto,
			verdict,
			targets: testTargets(to, port)
		}];
	});
}
function testPort(ports, proto) {
	if (ports.length === 0) return proto === "tcp" ? 443 : void 0;
	const found = ports.find((p) => p.protocol === proto) ?? (proto === "tcp" ? ports.find((p) => p.protocol === "any") : void 0);
	return found && (found.first ?? 443);
}
function checkForbidden(links, forbid) {
	for (const no of forbid) if (links.find((link) => samePair(link, no) && (link.ports.length === 0 || overlap(link.ports, no.ports))) !== void 0) throw policyError("MESH_POLICY_FORBID_CONTRADICTS", `${linkName(no.from, no.to)} is allowed by links and forbidden by forbid`);
}
function overlap(a, b) {
	return a.some((x) => b.some((y) => sameProtocol(x, y) && low(x) <= high(y) && low(y) <= high(x)));
}
function sameProtocol(a, b) {
	return a.protocol === b.protocol || a.protocol === "any" || b.protocol === "any";
}
function low(port) {
	return port.first ?? 0;
}
function high(port) {
	return port.last ?? port.first ?? 65535;
}
// src/policy/diff.ts
function diffEntries(before, after, does) {
	const pairs = pair(before, after);
	return {
		changes: pairs.filter(([old, now]) => old?.value !== now?.value).flatMap(([old, now], index) => {
			const subject = now ?? old;
			if (subject === void 0) return [];
			const kind = kindOf(old, now);
			return [{
				address: subject.address,
				resource: subject.resource,
				kind,
				why: whyOf(kind, old, now),
				diff: [...old ? [`- ${old.shown}`] : [], ...now ? [`+ ${now.shown}`] : []].join("\n"),
				risk: kind === "create" ? "none" : "reversible",
				undo: "write the previous policy again, which is the left side of the diff file",
				does: index === 0 ? [does] : []
			}];
		}),
		unchanged: pairs.flatMap(([old, now]) => old !== void 0 && old.value === now?.value && now.origin === "derived" ? [{
			address: now.address,
			why: "the policy already says so"
		}] : [])
	};
}
function pair(before, after) {
	const open = Map.groupBy(before, nameOf);
	const take = (now, isIt) => {
		const list = open.get(nameOf(now)) ?? [];
		const index = list.findIndex(isIt);
		return index === -1 ? void 0 : list.splice(index, 1)[0];
	};
	return [...after.map((now) => [take(now, (old) => old.value === now.value), now]).map(([old, now]) => [old ?? (now && take(now, () => true)), now]), ...[...open.values()].flat().map((old) => [old, void 0])];
}
function nameOf(entry) {
	return entry.address.replace(/#\d+$/, "");
}
function kindOf(old, now) {
	if (old === void 0) return "create";
	if (now !== void 0) return "update";
	return old.origin === "other" ? "update" : "delete";
}
function whyOf(kind, old, now) {
	if (now?.origin === "derived") return kind === "create" ? "the topology needs it" : "the topology needs it changed";
	if (now !== void 0) return "your policy file has it";
	return old?.origin === "other" ? "your policy file no longer has it" : "the topology no longer derives it";
}
// src/hujson/edit.ts
function editContainer(document, container, edit) {
	const remove = edit.remove ?? new Set();
	return [
		...[...edit.replace ?? []].flatMap(([index, text]) => {
			const value = container.items[index]?.value;
			return value === void 0 || remove.has(index) ? [] : [{
				start: value.start,
				end: value.end,
				text
			}];
		}),
		...removalSpans(document, container, remove).map((span) => ({
			...span,
			text: ""
		})),
		...commaEdits(container, remove, edit.append ?? []),
		...insertion(document, container, remove, edit.append ?? [])
	];
}
function applyEdits(bytes, edits) {
	const sorted = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
	const parts = [];
	let at = 0;
	for (const edit of sorted) {
		if (edit.start < at) throw new RangeError(`text edits overlap at byte ${edit.start}`);
		parts.push(bytes.subarray(at, edit.start), encodeText(edit.text));
		at = edit.end;
	}
	parts.push(bytes.subarray(at));
	const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		result.set(part, offset);
		offset += part.length;
	}
	return result;
}
function indentAt(bytes, offset) {
	const start = lineStart(bytes, offset);
	let end = start;
	while (isInlineBlank(bytes[end])) end += 1;
	return decodeText(bytes, {
		start,
		end
	});
}
function indentUnit(document) {
	const root = document.root;
	const first = root.kind === "object" || root.kind === "array" ? itemStart(root.items[0]) : void 0;
	if (first === void 0 || !beginsLine(document.bytes, first)) return "  ";
	const outer = indentAt(document.bytes, root.start);
	const inner = indentAt(document.bytes, first);
	return inner.length > outer.length && inner.startsWith(outer) ? inner.slice(outer.length) : "  ";
}
function lineEnd(bytes) {
	const first = bytes.indexOf(10);
	return first > 0 && bytes[first - 1] === 13 ? "\r\n" : "\n";
}
function itemStart(item) {
	if (item === void 0) return void 0;
	return "name" in item ? item.name.start : item.value.start;
}
function isInlineBlank(byte) {
	return byte === 32 || byte === 9 || byte === 13;
}
function lineStart(bytes, offset) {
	return offset === 0 ? 0 : bytes.lastIndexOf(10, offset - 1) + 1;
}
function beginsLine(bytes, offset) {
	let at = offset;
	while (at > 0 && isInlineBlank(bytes[at - 1])) at -= 1;
	return at === 0 || bytes[at - 1] === 10;
}
function removalSpans(document, container, remove) {
	const bytes = document.bytes;
	const raw = [];
	for (const [index, item] of container.items.entries()) {
		if (!remove.has(index)) continue;
		add(raw, bytes, {
			start: itemStart(item) ?? item.value.start,
			end: item.value.end
		});
		if (item.comma !== void 0) add(raw, bytes, {
			start: item.comma,
			end: item.comma + 1
		});
	}
	return raw.map((span) => widen(bytes, container, span));
}
function add(spans, bytes, span) {
	const last = spans.at(-1);
	const gap = last === void 0 ? "x" : decodeText(bytes, {
		start: last.end,
		end: span.start
	});
	if (last !== void 0 && gap.trim() === "") spans.splice(-1, 1, {
		start: last.start,
		end: span.end
	});
	else spans.push(span);
}
function widen(bytes, container, span) {
	let start = span.start;
	let end = span.end;
	while (isInlineBlank(bytes[end])) end += 1;
	if (beginsLine(bytes, start)) {
		if (bytes[end] === 10) return {
			start: Math.max(lineStart(bytes, start), container.start + 1),
			end: end + 1
		};
		return {
			start,
			end
		};
	}
	while (start > container.start + 1 && isInlineBlank(bytes[start - 1])) start -= 1;
	return start === container.start + 1 && bytes[end] !== 10 ? {
		start: span.start,
		end
	} : {
		start,
		end: span.end
	};
}
function commaEdits(container, remove, append) {
	const lastKept = container.items.findLastIndex((_, index) => !remove.has(index));
	const kept = container.items[lastKept];
	if (kept === void 0) return [];
	if (append.length > 0) return kept.comma === void 0 ? [{
		start: kept.value.end,
		end: kept.value.end,
		text: ","
	}] : [];
	return container.items.at(-1)?.comma !== void 0 || kept.comma === void 0 ? [] : [{
		start: kept.comma,
		end: kept.comma + 1,
		text: ""
	}];
}
function insertion(document, container, remove, append) {
	if (append.length === 0) return [];
	const bytes = document.bytes;
	const close = container.end - 1;
	if (beginsLine(bytes, close) && lineStart(bytes, close) > container.start) return [{
		start: lineStart(bytes, close),
		end: lineStart(bytes, close),
		text: ownLines(document, container, append)
	}];
	const needsLines = append.some((item) => item.comments !== void 0 || item.text.includes("\n"));
	const kept = container.items.findLast((_, index) => !remove.has(index));
	if (needsLines || kept === void 0 && decodeText(bytes).includes("\n")) return [{
		start: close,
		end: close,
		text: `${lineEnd(bytes)}${ownLines(document, container, append)}${indentAt(bytes, container.start)}`
	}];
	const trailing = container.items.at(-1)?.comma !== void 0 ? "," : "";
	const list = append.map((item) => item.text).join(", ");
	if (kept === void 0) return [{
		start: close,
		end: close,
		text: `${list}${trailing}`
	}];
	const at = kept.comma === void 0 ? kept.value.end : kept.comma + 1;
	return [{
		start: at,
		end: at,
		text: ` ${list}${trailing}`
	}];
}
function ownLines(document, container, append) {
	const bytes = document.bytes;
	const newline = lineEnd(bytes);
	const first = container.items.map(itemStart).find((start) => start !== void 0 && beginsLine(bytes, start));
	const indent = first === void 0 ? indentAt(bytes, container.start) + indentUnit(document) : indentAt(bytes, first);
	const last = container.items.at(-1);
	const hasTrailing = last === void 0 ? !isPlainJson(document) : last.comma !== void 0;
	return append.map((item, index) => {
		const comma = index < append.length - 1 || hasTrailing ? "," : "";
		return `${(item.comments ?? []).map((comment) => `${indent}${comment}${newline}`).join("")}${indent}${item.text}${comma}${newline}`;
	}).join("");
}
function isPlainJson(document) {
	return document.comments.length === 0 && document.trailingCommas.length === 0;
}
function commentsIn(document, span) {
	return document.comments.filter((c) => c.start >= span.start && c.end <= span.end).map((c) => decodeText(document.bytes, c).trimEnd());
}
function sourceOf(document, node) {
	return decodeText(document.bytes, node);
}
// src/policy/entry-text.ts
function ruleEntries(rule, style) {
	if (style === "grants") {
		const ip = rule.ports.length === 0 ? ["*"] : rule.ports.map(grantPort);
		return [{
			name: rule.name,
			members: {
				src: rule.src,
				dst: rule.dst,
				ip
			}
		}];
	}
	return [...Map.groupBy(rule.ports.length === 0 ? [everything] : rule.ports, (port) => port.protocol)].map(([protocol, ports]) => ({
		name: protocol === "any" ? rule.name : `${rule.name}/${protocol}`,
		members: {
			action: "accept",
			...protocol === "any" ? {} : { proto: protocol },
			src: rule.src,
			dst: rule.dst.map((prefix) => `${prefix}:${aclPorts(ports)}`)
		}
	}));
}
function testEntry(test) {
	return {
		name: test.name,
		members: {
			src: test.src,
			proto: test.proto,
			[test.verdict]: test.targets
		}
	};
}
function entryText(entry) {
	return `{ ${Object.entries(entry.members).map(([name, value]) => `${JSON.stringify(name)}: ${memberText(value)}`).join(", ")} }`;
}
function memberText(value) {
	return typeof value === "string" ? JSON.stringify(value) : `[${value.map((v) => JSON.stringify(v)).join(", ")}]`;
}
const everything = {
	protocol: "any",
	first: void 0,
	last: void 0
};
function grantPort(port) {
	if (port.protocol === "any") return range(port);
	return `${port.protocol}:${range(port)}`;
}
function aclPorts(ports) {
	const ranges = ports.map(range);
	return ranges.includes("*") ? "*" : ranges.join(",");
}
function range(port) {
	if (port.first === void 0 || port.protocol === "icmp") return "*";
	return port.last === void 0 || port.last === port.first ? `${port.first}` : `${port.first}-${port.last}`;
}
// src/policy/merge-list.ts
function planList(document, list, section, wanted, ownership) {
	const items = list?.items ?? [];
	const open = new Map(wanted.map((entry) => [signature(entry.members), entry]));
	const byName = new Map(wanted.map((entry) => [entry.name, entry]));
	const unmatched = [...items.entries()].filter(([, item]) => !open.delete(signatureOf(document, item.value)));
	const remove = new Set();
	const inner = [];
	for (const [index, { value }] of unmatched) {
		const name = ownership.nameOf(section, document, value);
		if (name === void 0) continue;
		const successor = name === null ? void 0 : byName.get(name);
		if (successor !== void 0 && value.kind === "object" && open.delete(signature(successor.members))) inner.push(...changeMembers(document, value, successor.members));
		else remove.add(index);
	}
	const missing = [...open.values()];
	const edit = {
		remove,
		append: missing.map((entry) => ({ text: entryText(entry) }))
	};
	return {
		edits: list === void 0 ? [] : [...inner, ...editContainer(document, list, edit)],
		missing
	};
}
function changeMembers(document, entry, members) {
	const replace = new Map();
	const remove = new Set();
	const missing = new Map(Object.entries(members));
	for (const [index, item] of entry.items.entries()) {
		const name = stringOf(document, item.name).toLowerCase();
		const wanted = missing.get(name);
		missing.delete(name);
		if (wanted === void 0) remove.add(index);
		else if (valueKey(document, item.value) !== writtenKey(wanted)) replace.set(index, memberText(wanted));
	}
	return editContainer(document, entry, {
		replace,
		remove,
		append: [...missing].map(([name, value]) => ({ text: `${JSON.stringify(name)}: ${memberText(value)}` }))
	});
}
function signature(members) {
	return pairs(Object.entries(members).map(([name, value]) => [name, writtenKey(value)]));
}
function signatureOf(document, entry) {
	if (entry.kind !== "object") return "";
	return pairs([...fieldsOf(document, entry)].map(([name, value]) => [name, valueKey(document, value)]));
}
function pairs(list) {
	return JSON.stringify(list.toSorted(([a], [b]) => a < b ? -1 : 1));
}
function writtenKey(value) {
	return JSON.stringify(typeof value === "string" ? value : [...new Set(value)].sort());
}
function valueKey(document, node) {
	if (node.kind === "string") return JSON.stringify(stringOf(document, node));
	const texts = textsOf(document, node);
	return texts === void 0 ? `?${node.start}` : writtenKey(texts);
}
// src/policy/owned.ts
const ruleFields = {
	grants: [
		"src",
		"dst",
		"ip"
	],
	acls: [
		"action",
		"src",
		"dst",
		"proto"
	]
};
function ownershipOf(tree, derived) {
	const owners = objectMember(tree, tree.root, "tagOwners");
	const isOwnedTag = (tag) => {
		if (tag === derived.ownerTag || owners === void 0) return false;
		const names = textsOf(tree.document, memberOf(tree.document, owners, tag)?.value);
		return names?.length === 1 && names[0] === derived.ownerTag;
	};
	const prefixes = new Map(derived.clusters.flatMap((c) => [c.pods, c.services].map((p) => [p.text, c])));
	const isDerivedPrefix = (prefix) => prefixes.has(prefix);
	const probes = probesOf(derived.clusters);
	const nameOf = (section, document, entry) => section === "tests" ? testName(document, entry, probes) : ruleName(section, document, entry);
	function ruleName(section, document, entry) {
		if (entry.kind !== "object") return void 0;
		const fields = fieldsOf(document, entry);
		if (![...fields.keys()].every((name) => ruleFields[section].includes(name))) return void 0;
		const src = textsOf(document, fields.get("src")) ?? [];
		const dst = (textsOf(document, fields.get("dst")) ?? []).map((d) => section === "acls" ? withoutPorts(d) : d);
		const isOurs = (name) => isOwnedTag(name) || isDerivedPrefix(name);
		if (!src.some(isOwnedTag) || !dst.some(isDerivedPrefix) || ![...src, ...dst].every(isOurs)) return void 0;
		const proto = fields.get("proto");
		const suffix = proto?.kind === "string" ? `/${stringOf(document, proto)}` : "";
		const from = only(src.map((s) => prefixes.get(s) ?? derived.clusters.find((c) => c.tag === s)));
		const to = only(dst.map((d) => prefixes.get(d)));
		return from && to ? `${linkName(from.name, to.name)}${suffix}` : null;
	}
	return {
		isOwnedTag,
		isDerivedPrefix,
		nameOf
	};
}
function only(clusters) {
	const [first, ...rest] = new Set(clusters.filter((c) => c !== void 0));
	return rest.length === 0 ? first : void 0;
}
function withoutPorts(target) {
	return target.replace(/:[^:]*$/, "");
}
function probesOf(clusters) {
	return {
		sources: new Map(clusters.map((c) => [podProbe(c), c])),
		targets: new Map(clusters.map((c) => [testTargets(c, 0).join(" "), c]))
	};
}
function testName(document, entry, probes) {
	if (entry.kind !== "object") return void 0;
	const fields = fieldsOf(document, entry);
	const verdict = fields.has("accept") ? "accept" : "deny";
	const [src, proto] = [fields.get("src"), fields.get("proto")];
	const targets = textsOf(document, fields.get(verdict));
	if (fields.size !== 3 || src?.kind !== "string" || proto?.kind !== "string" || targets === void 0) return void 0;
	const ports = new Set(targets.map((target) => /:([1-9]\d{0,4})$/.exec(target)?.[1]));
	const from = probes.sources.get(stringOf(document, src));
	const to = probes.targets.get(targets.map((target) => target.replace(/:\d+$/, ":0")).join(" "));
	const protocol = stringOf(document, proto);
	if (from === void 0 || to === void 0 || ports.size !== 1 || ports.has(void 0)) return void 0;
	if (protocol !== "tcp" && protocol !== "udp") return void 0;
	return `${linkName(from.name, to.name)}/${protocol}${verdict === "deny" ? "/deny" : ""}`;
}
// src/policy/sha256.ts
const primes = firstPrimes(64);
const roundConstants = primes.map((p) => fraction(Math.cbrt(p)));
const initialState = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
function sha256(bytes) {
	const state = Uint32Array.from(initialState);
	const padded = pad(bytes);
	const view = new DataView(padded.buffer);
	const words = new Uint32Array(64);
	for (let offset = 0; offset < padded.length; offset += 64) compress(state, words, view, offset);
	return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
}
function pad(bytes) {
	const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
	padded.set(bytes);
	padded[bytes.length] = 128;
	new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
	return padded;
}
function compress(state, words, view, offset) {
	for (let i = 0; i < 16; i += 1) words[i] = view.getUint32(offset + i * 4);
	for (let i = 16; i < 64; i += 1) {
		const near = words[i - 2] ?? 0;
		const far = words[i - 15] ?? 0;
		const small = rotate(far, 7) ^ rotate(far, 18) ^ far >>> 3;
		const large = rotate(near, 17) ^ rotate(near, 19) ^ near >>> 10;
		words[i] = (words[i - 16] ?? 0) + small + (words[i - 7] ?? 0) + large;
	}
	let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
	for (let i = 0; i < 64; i += 1) {
		const choice = e & f ^ ~e & g;
		const first = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + (roundConstants[i] ?? 0) + (words[i] ?? 0) >>> 0;
		const majority = a & b ^ a & c ^ b & c;
		const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority >>> 0;
		h = g;
		g = f;
		f = e;
		e = d + first >>> 0;
		d = c;
		c = b;
		b = a;
		a = first + second >>> 0;
	}
	for (const [i, word] of [
		a,
		b,
		c,
		d,
		e,
		f,
		g,
		h
	].entries()) state[i] = (state[i] ?? 0) + word;
}
function rotate(word, bits) {
	return word >>> bits | word << 32 - bits;
}
function fraction(value) {
	return Math.floor((value - Math.floor(value)) * 2 ** 32);
}
function firstPrimes(count) {
	const found = [];
	for (let n = 2; found.length < count; n += 1) if (found.every((p) => n % p !== 0)) found.push(n);
	return found;
}
// src/policy/entries.ts
const namedSections = [
	"tagowners",
	"groups",
	"hosts",
	"ipsets",
	"postures"
];
const listSections = [
	"grants",
	"acls",
	"tests"
];
function policyEntries(tree, derived) {
	const wanted = {
		grants: namesOf(derived, "grants"),
		acls: namesOf(derived, "acls"),
		tests: namesOf(derived, "tests")
	};
	const context = {
		tree,
		derived,
		ownership: ownershipOf(tree, derived),
		wanted
	};
	return numbered(tree.root.items.flatMap((member) => {
		const name = stringOf(tree.document, member.name);
		return sectionEntries(context, name, member.value);
	}));
}
function sectionEntries(context, section, value) {
	const lower = section.toLowerCase();
	const { document } = context.tree;
	if (value.kind === "object" && lower === "autoapprovers") return value.items.flatMap((m) => {
		const name = stringOf(document, m.name);
		if (name.toLowerCase() !== "routes" || m.value.kind !== "object") return [entry(context, section, name, m.value, "other", true)];
		return m.value.items.map((r) => route(context, section, stringOf(document, r.name), r.value));
	});
	if (value.kind === "object" && namedSections.includes(lower)) return value.items.map((m) => named(context, section, stringOf(document, m.name), m.value));
	if (value.kind !== "array") return [entry(context, section, "", value, "other")];
	const list = listSections.find((s) => s === lower);
	return value.items.map((item) => {
		const [name, origin] = list === void 0 ? [void 0, "other"] : listName(context, list, item.value);
		const text = canonicalText(document, item.value);
		return entry(context, section, name ?? sha256(encodeText(text)).slice(0, 8), item.value, origin);
	});
}
function named(context, section, name, value) {
	const { derived } = context;
	const isOurs = section.toLowerCase() === "tagowners" && (name === derived.ownerTag || derived.tags.some((t) => t === name));
	const isOwned = section.toLowerCase() === "tagowners" && context.ownership.isOwnedTag(name);
	return entry(context, section, name, value, isOurs ? "derived" : isOwned ? "owned" : "other", true);
}
function route(context, section, prefix, value) {
	const origin = context.derived.routes.some((r) => r.prefix === prefix) ? "derived" : context.ownership.isDerivedPrefix(prefix) ? "owned" : "other";
	return entry(context, section, `routes/${prefix}`, value, origin, true);
}
function listName(context, section, value) {
	const { document } = context.tree;
	const key = signatureOf(document, value);
	const written = context.wanted[section].get(key);
	if (written !== void 0) return [written, "derived"];
	const name = context.ownership.nameOf(section, document, value);
	return [name ?? void 0, name === void 0 ? "other" : "owned"];
}
function namesOf(derived, section) {
	const written = section === "tests" ? derived.tests.map(testEntry) : derived.rules.flatMap((r) => ruleEntries(r, section));
	return new Map(written.map((w) => [signature(w.members), w.name]));
}
function entry(context, section, name, value, origin, isNamed = false) {
	const { document } = context.tree;
	const text = canonicalText(document, value);
	const source = sourceOf(document, value);
	const label = name.replace(/^routes\//, "");
	const quoted = isNamed ? `${JSON.stringify(label)}: ` : "";
	return {
		address: [
			"policy",
			inertText(section, 40),
			...name === "" ? [] : [inertText(name, 80)]
		].join("/"),
		resource: `policy.${inertText(section, 40)}`,
		value: text,
		shown: inertText(quoted + (source.includes("\n") ? text : source), 400),
		origin
	};
}
function numbered(entries) {
	const counts = new Map();
	return entries.map((e) => {
		const count = (counts.get(e.address) ?? 0) + 1;
		counts.set(e.address, count);
		return count === 1 ? e : {
			...e,
			address: `${e.address}#${count}`
		};
	});
}
// src/hujson/standardize.ts
function standardize(document) {
	const plain = document.bytes.slice();
	for (const comment of document.comments) for (let at = comment.start; at < comment.end; at += 1) {
		const byte = plain[at];
		if (byte !== 10 && byte !== 13 && byte !== 9) plain[at] = 32;
	}
	for (const comma of document.trailingCommas) plain[comma] = 32;
	return plain;
}
// src/policy/marker.ts
const pattern = /^\/\/ tailmesh sha256:([0-9a-f]{64})[ \t]*\r?\n/;
function policyState(document) {
	if (document.isDefault) return "default";
	const [, hash] = pattern.exec(document.text) ?? [];
	if (hash === void 0) return "foreign";
	return hash === restHash(withoutMarker(document.text)) ? "ours" : "drifted";
}
function withoutMarker(text) {
	return text.replace(pattern, "");
}
function withMarker(text) {
	const rest = withoutMarker(text);
	return `// tailmesh sha256:${restHash(rest) ?? sha256(encodeText(rest))}\n${rest}`;
}
function restHash(rest) {
	const result = parseHujson(encodeText(rest));
	return result.ok ? sha256(standardize(result.document)) : void 0;
}
// src/policy/merge.ts
const minimalPolicy = "{\n  // The policy of this tailnet. Tailmesh keeps the entries of its clusters up to date; add your own beside them.\n}\n";
function mergePolicy(base, derived) {
	const ownership = ownershipOf(base, derived);
	const sections = [
		tagOwnersEdits(base, derived),
		approverEdits(base, derived, ownership),
		...ruleEdits(base, derived, ownership),
		listEdits(base, "tests", derived.tests.map(testEntry), ownership)
	];
	const additions = sections.flatMap((section) => section.additions);
	const replace = new Map(additions.flatMap((a) => a.index === void 0 ? [] : [[a.index, a.value]]));
	const append = additions.flatMap((a) => a.index === void 0 ? [{ text: `${JSON.stringify(a.name)}: ${a.value}` }] : []);
	const edits = [...sections.flatMap((section) => section.edits), ...editContainer(base.document, base.root, {
		replace,
		append
	})];
	const merged = decodeText(applyEdits(base.document.bytes, edits));
	return derived.absentTags.length === 0 ? merged : withoutAbsentTags(readPolicy(merged, base.file), derived);
}
function ruleStyle(base, ownership) {
	const [acls, grants] = ["acls", "grants"].map((section) => listMember(base, base.root, section)?.items ?? []);
	const isOurs = (section) => (item) => ownership.nameOf(section, base.document, item.value) !== void 0;
	if (grants?.some(isOurs("grants"))) return "grants";
	if (acls?.some(isOurs("acls"))) return "acls";
	return acls?.length && !grants?.length ? "acls" : "grants";
}
function withOpenRule(base) {
	const { name, index, value } = addition(base, "grants", block(base, "[]", ["{ \"src\": [\"*\"], \"dst\": [\"*\"], \"ip\": [\"*\"] }"]));
	const edit = index === void 0 ? { append: [{ text: `"${name}": ${value}` }] } : { replace: new Map([[index, value]]) };
	const edits = editContainer(base.document, base.root, edit);
	return readPolicy(decodeText(applyEdits(base.document.bytes, edits)), base.file);
}
function addition(base, name, value) {
	const found = memberOf(base.document, base.root, name);
	return {
		name,
		index: found === void 0 ? void 0 : base.root.items.indexOf(found),
		value
	};
}
function block(base, brackets, lines, depth = 1) {
	const unit = indentUnit(base.document);
	const newline = lineEnd(base.document.bytes);
	const outer = indentAt(base.document.bytes, base.root.start) + unit.repeat(depth);
	const inner = lines.map((line) => `${outer}${unit}${line},${newline}`).join("");
	return lines.length === 0 ? brackets : `${brackets[0]}${newline}${inner}${outer}${brackets[1]}`;
}
function tagOwnersEdits(base, derived) {
	const wanted = derived.tags.map((tag) => [tag, [derived.ownerTag]]);
	const all = [[derived.ownerTag, []], ...wanted];
	return namedLists(base, objectMember(base, base.root, "tagOwners"), all, () => false, (lines) => addition(base, "tagOwners", block(base, "{}", lines)));
}
function approverEdits(base, derived, ownership) {
	const wanted = derived.routes.map((r) => [r.prefix, [r.tag]]);
	const approvers = objectMember(base, base.root, "autoApprovers");
	const routes = approvers && objectMember(base, approvers, "routes");
	const isOurs = (prefix, names) => ownership.isDerivedPrefix(prefix) && names.length > 0 && names.every(ownership.isOwnedTag);
	const make = (lines) => {
		return addition(base, "autoApprovers", block(base, "{}", [`"routes": ${block(base, "{}", lines, 2)}`]));
	};
	const section = namedLists(base, routes, wanted, isOurs, make);
	if (approvers === void 0 || routes !== void 0 || section.additions.length === 0) return section;
	return insideApprovers(base, approvers, wanted);
}
function insideApprovers(base, approvers, wanted) {
	const value = block(base, "{}", wanted.map(namedLine), 2);
	const found = memberOf(base.document, approvers, "routes");
	const edit = found === void 0 ? { append: [{ text: `"routes": ${value}` }] } : { replace: new Map([[approvers.items.indexOf(found), value]]) };
	return {
		edits: editContainer(base.document, approvers, edit),
		additions: []
	};
}
function namedLine([name, values]) {
	return `${JSON.stringify(name)}: ${memberText(values)}`;
}
function namedLists(base, object, wanted, isOurs, make) {
	const missing = new Map(wanted);
	if (object === void 0) return {
		edits: [],
		additions: missing.size === 0 ? [] : [make(wanted.map(namedLine))]
	};
	const replace = new Map();
	const remove = new Set();
	const inner = [];
	for (const [index, item] of object.items.entries()) {
		const name = stringOf(base.document, item.name);
		const values = textsOf(base.document, item.value);
		const target = missing.get(name);
		missing.delete(name);
		if (values === void 0 || item.value.kind !== "array") {
			if (target === void 0) continue;
			throw shapeError(base, item.value, `${JSON.stringify(name)} has a list of names`);
		}
		const lacking = target?.filter((value) => !values.includes(value)) ?? [];
		const surplus = isOurs(name, values) ? values.filter((value) => !target?.includes(value)) : [];
		if (target === void 0 && surplus.length > 0) remove.add(index);
		else if (surplus.length > 0) replace.set(index, memberText(target ?? []));
		else if (lacking.length > 0) inner.push(...editContainer(base.document, item.value, { append: lacking.map(quoted) }));
	}
	const append = [...missing].map((entry) => ({ text: namedLine(entry) }));
	return {
		edits: [...inner, ...editContainer(base.document, object, {
			replace,
			remove,
			append
		})],
		additions: []
	};
}
function quoted(name) {
	return { text: JSON.stringify(name) };
}
function ruleEdits(base, derived, ownership) {
	const style = ruleStyle(base, ownership);
	const wanted = derived.rules.flatMap((rule) => ruleEntries(rule, style));
	const other = style === "grants" ? "acls" : "grants";
	const own = listEdits(base, style, wanted, ownership);
	const hasRules = memberOf(base.document, base.root, "acls") ?? memberOf(base.document, base.root, "grants");
	const empty = wanted.length === 0 && hasRules === void 0 ? [addition(base, style, "[]")] : [];
	return [{
		...own,
		additions: [...own.additions, ...empty]
	}, listEdits(base, other, [], ownership)];
}
function listEdits(base, section, wanted, ownership) {
	const list = listMember(base, base.root, section);
	const { edits, missing } = planList(base.document, list, section, wanted, ownership);
	if (list !== void 0 || missing.length === 0) return {
		edits,
		additions: []
	};
	return {
		edits,
		additions: [addition(base, section, block(base, "[]", missing.map(entryText)))]
	};
}
function withoutAbsentTags(merged, derived) {
	const { document, root } = merged;
	const owners = objectMember(merged, root, "tagOwners");
	const ownership = ownershipOf(merged, derived);
	if (owners === void 0) return decodeText(document.bytes);
	const remove = new Set(owners.items.flatMap((item, index) => {
		const tag = stringOf(document, item.name);
		return derived.absentTags.some((t) => t === tag) && ownership.isOwnedTag(tag) && mentions(merged, root, tag) === 1 ? [index] : [];
	}));
	return decodeText(applyEdits(document.bytes, editContainer(document, owners, { remove })));
}
function mentions(tree, node, tag) {
	if (node.kind === "string") {
		const text = stringOf(tree.document, node);
		return text === tag || text.startsWith(`${tag}:`) ? 1 : 0;
	}
	if (node.kind !== "object" && node.kind !== "array") return 0;
	return node.items.map((item) => ("name" in item ? mentions(tree, item.name, tag) : 0) + mentions(tree, item.value, tag)).reduce((sum, count) => sum + count, 0);
}
// src/policy/parts.ts
function joinParts(files) {
	const [first, ...rest] = files;
	let base = readPolicy(first.text, first.file);
	const origins = new Map();
	noteOrigins(base, base.root, "", origins);
	for (const part of rest) {
		const tree = readPolicy(part.text, part.file);
		base = joined(base, tree, origins);
		noteOrigins(tree, tree.root, "", origins);
	}
	return base;
}
function noteOrigins(tree, object, path, origins) {
	for (const member of object.items) {
		const key = `${path}/${nameKey(stringOf(tree.document, member.name), path)}`;
		const { line } = positionAt(tree.document.bytes, member.name.start);
		if (!origins.has(key)) origins.set(key, `${tree.file}:${line}`);
		if (member.value.kind === "object") noteOrigins(tree, member.value, key, origins);
	}
}
function nameKey(name, path) {
	return path === "" ? name.toLowerCase() : name;
}
function joined(base, part, origins) {
	const edits = uniteObjects(base, base.root, part, part.root, "", origins);
	return {
		...readPolicy(decodeText(applyEdits(base.document.bytes, edits)), base.file),
		warnings: [...base.warnings, ...part.warnings]
	};
}
function uniteObjects(base, into, part, from, path, origins) {
	const append = [];
	return [...[...from.items.entries()].flatMap(([index, member]) => {
		const name = stringOf(part.document, member.name);
		const found = path === "" ? memberOf(base.document, into, name) : sameName(base, into, name);
		if (found === void 0) {
			append.push(itemOf(part, from, index));
			return [];
		}
		const key = `${path}/${nameKey(name, path)}`;
		if (found.value.kind === "object" && member.value.kind === "object") return uniteObjects(base, found.value, part, member.value, key, origins);
		if (path === "" && found.value.kind === "array" && member.value.kind === "array") {
			const list = member.value;
			return editContainer(base.document, found.value, { append: list.items.map((_, i) => itemOf(part, list, i)) });
		}
		if (canonicalText(base.document, found.value) === canonicalText(part.document, member.value)) return [];
		throw conflict(part, member.value, name, origins.get(key) ?? `${base.file}`);
	}), ...editContainer(base.document, into, { append })];
}
function sameName(tree, object, name) {
	return object.items.find((m) => stringOf(tree.document, m.name) === name);
}
function conflict(part, value, name, origin) {
	const message = `${part.file} defines "${inertText(name, 80)}" differently from ${origin}`;
	return policyError("MESH_POLICY_PARTS_CONFLICT", message, { where: whereOf(part, value) });
}
function itemOf(tree, container, index) {
	const { document } = tree;
	const item = container.items[index];
	if (item === void 0) return { text: "null" };
	const comments = outside(tree, {
		start: index === 0 ? container.start + 1 : boundary(tree, container, index - 1),
		end: index === container.items.length - 1 ? container.end - 1 : boundary(tree, container, index)
	}, item.value);
	const value = sourceOf(document, item.value);
	const text = "name" in item && isNode(item.name) ? `${sourceOf(document, item.name)}: ${value}` : value;
	return comments.length === 0 ? { text } : {
		text,
		comments
	};
}
function isNode(value) {
	return typeof value === "object" && value !== null && "kind" in value;
}
function outside(tree, span, value) {
	return [...commentsIn(tree.document, {
		start: span.start,
		end: value.start
	}), ...commentsIn(tree.document, {
		start: value.end,
		end: span.end
	})];
}
function boundary(tree, container, index) {
	const { bytes, comments } = tree.document;
	const item = container.items[index];
	const after = item?.comma === void 0 ? container.end - 1 : item.comma + 1;
	const lineEnd = bytes.indexOf(10, after);
	const trailing = comments.find((c) => c.start >= after && decodeText(bytes, {
		start: after,
		end: c.start
	}).trim() === "");
	return trailing !== void 0 && lineEnd !== -1 && trailing.start < lineEnd && trailing.end <= lineEnd ? trailing.end : after;
}
// src/policy/text-diff.ts
const context = 3;
function textDiff(before, after, names) {
	if (before === after) return "";
	const lines = diffLines(splitLines(before), splitLines(after));
	return [
		`--- ${names.before}`,
		`+++ ${names.after}`,
		...hunks(lines)
	].join("\n").concat("\n");
}
function splitLines(text) {
	const lines = text.split("\n");
	if (lines.at(-1) === "") lines.pop();
	return lines;
}
function diffLines(before, after) {
	const shorter = Math.min(before.length, after.length);
	let head = 0;
	while (head < shorter && before[head] === after[head]) head += 1;
	let tail = 0;
	while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
	const same = (from, to) => before.slice(from, to).map((text) => ({
		sign: " ",
		text
	}));
	const middle = diffMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
	return [
		...same(0, head),
		...middle,
		...same(before.length - tail, before.length)
	];
}
function diffMiddle(before, after) {
	const anchors = longestRise(commonOnce(before, after));
	if (anchors.length === 0) return [...before.map((text) => ({
		sign: "-",
		text
	})), ...after.map((text) => ({
		sign: "+",
		text
	}))];
	const parts = [];
	let [b, a] = [0, 0];
	for (const [inBefore, inAfter] of anchors) {
		parts.push(diffLines(before.slice(b, inBefore), after.slice(a, inAfter)), [{
			sign: " ",
			text: before[inBefore] ?? ""
		}]);
		[b, a] = [inBefore + 1, inAfter + 1];
	}
	parts.push(diffLines(before.slice(b), after.slice(a)));
	return parts.flat();
}
function commonOnce(before, after) {
	const inAfter = placesOfSingles(after);
	return [...placesOfSingles(before)].flatMap(([text, place]) => {
		const other = inAfter.get(text);
		return other === void 0 ? [] : [[place, other]];
	});
}
function placesOfSingles(lines) {
	const places = new Map();
	const repeated = new Set();
	for (const [place, text] of lines.entries()) {
		if (places.has(text)) repeated.add(text);
		places.set(text, place);
	}
	for (const text of repeated) places.delete(text);
	return places;
}
function longestRise(pairs) {
	const tops = [];
	for (const pair of pairs) {
		let [low, high] = [0, tops.length];
		while (low < high) {
			const middle = low + high >> 1;
			if ((tops[middle]?.pair[1] ?? 0) < pair[1]) low = middle + 1;
			else high = middle;
		}
		tops[low] = {
			pair,
			left: low === 0 ? void 0 : tops[low - 1]
		};
	}
	const rise = [];
	for (let card = tops.at(-1); card !== void 0; card = card.left) rise.push(card.pair);
	return rise.reverse();
}
function hunks(lines) {
	const shown = lines.map((_, i) => lines.slice(Math.max(0, i - context), i + context + 1).some((l) => l.sign !== " "));
	const result = [];
	let [before, after] = [1, 1];
	for (let at = 0; at < lines.length;) {
		let end = at;
		while (end < lines.length && shown[end] === shown[at]) end += 1;
		const part = lines.slice(at, end);
		const [old, now] = [part.filter((l) => l.sign !== "+").length, part.filter((l) => l.sign !== "-").length];
		if (shown[at]) result.push(`@@ -${place(before, old)} +${place(after, now)} @@`, ...part.map((l) => l.sign + l.text));
		[before, after, at] = [
			before + old,
			after + now,
			end
		];
	}
	return result;
}
function place(first, count) {
	return `${count === 0 ? first - 1 : first},${count}`;
}
// src/policy/plan.ts
function planPolicy(input) {
	const derived = derivePolicy(input.mesh);
	const state = policyState(input.document);
	const server = state === "default" ? void 0 : readPolicy(input.document.text);
	const base = baseOf(input, state, server);
	const merged = mergePolicy(base.tree, derived);
	const text = withMarker(merged);
	const isAsStored = server !== void 0 && text === input.document.text;
	const result = isAsStored ? server : readPolicy(text);
	const after = policyEntries(result, derived);
	checkRules(result);
	if (merged !== decodeText(base.tree.document.bytes)) checkNothingLost(base.tree, result, after, derived);
	const { changes, unchanged } = diffEntries(isAsStored ? after : server === void 0 ? [] : policyEntries(server, derived), after, `${input.wire} (${text.length} characters)`);
	const warnings = [
		...server?.warnings ?? [],
		...base.warnings,
		...resultWarnings(result, derived)
	];
	const isSame = changes.length === 0;
	const shownBefore = server === void 0 ? "" : input.document.text;
	return {
		plan: {
			changes,
			unchanged
		},
		text: isSame ? null : text,
		version: input.document.version,
		diff: isSame ? "" : textDiff(shownBefore, text, {
			before: "policy on the server",
			after: "policy of the topology"
		}),
		warnings: [...new Set(warnings)],
		blocked: isSame ? null : blockedBy(input, state)
	};
}
function baseOf(input, state, server) {
	const { files, options } = input;
	const [first, ...rest] = files;
	const isForeign = state === "foreign" || state === "drifted";
	if (first !== void 0 && !(options.adopt && isForeign)) {
		const tree = joinParts([first, ...rest]);
		return {
			tree,
			warnings: tree.warnings
		};
	}
	if (server === void 0) return defaultBase(input);
	const base = keepOpen(readPolicy(withoutMarker(input.document.text)));
	if (first === void 0) return base;
	const warning = `adopt: the policy on the server was taken as the base instead of ${files.map((f) => f.file).join(", ")}; bring your file up to date before the next run`;
	return {
		...base,
		warnings: [...base.warnings, warning]
	};
}
function defaultBase(input) {
	if (input.foreignDevices === 0 || !input.options.adopt) return {
		tree: readPolicy(minimalPolicy),
		warnings: []
	};
	const text = withoutMarker(input.document.text);
	return keepOpen(readPolicy(text.trim() === "" ? minimalPolicy : text));
}
function keepOpen(tree) {
	if (["grants", "acls"].some((name) => memberOf(tree.document, tree.root, name)?.value.kind === "array")) return {
		tree,
		warnings: []
	};
	return {
		tree: withOpenRule(tree),
		warnings: ["the policy had no rules, which means that everything is allowed; that is now written as a rule, so that nothing is cut off"]
	};
}
function checkRules(result) {
	if (listMember(result, result.root, "grants") ?? listMember(result, result.root, "acls")) return;
	throw policyError("MESH_POLICY_EMPTY", "the policy to be written has neither grants nor acls");
}
function checkNothingLost(base, result, after, derived) {
	const values = new Set(after.map((e) => `${e.resource} ${e.value}`));
	const lost = policyEntries(base, derived).filter((e) => e.origin === "other" && !values.has(`${e.resource} ${e.value}`));
	const [first] = lost;
	if (first !== void 0) throw policyError("MESH_POLICY_LOSES_ENTRY", `${lost.length} would be lost, the first is ${first.address}: ${first.shown}`);
	checkOwnersKept(base, result);
}
function checkOwnersKept(base, result) {
	const [old, now] = [base, result].map((tree) => objectMember(tree, tree.root, "tagOwners"));
	for (const item of old?.items ?? []) {
		const name = stringOf(base.document, item.name);
		const kept = now && textsOf(result.document, memberOf(result.document, now, name)?.value);
		const missing = kept && textsOf(base.document, item.value)?.filter((value) => !kept.includes(value));
		if (missing?.length) throw policyError("MESH_POLICY_LOSES_ENTRY", inertText(`the owners of ${name} would lose ${missing.join(", ")}`));
	}
}
function resultWarnings(result, derived) {
	const open = allowAllLines(result).map((line) => `line ${line} of the policy allows everything: while that rule is there, links and forbid restrict nothing`);
	const owners = objectMember(result, result.root, "tagOwners");
	const shared = derived.tags.filter((tag) => {
		return (owners && textsOf(result.document, memberOf(result.document, owners, tag)?.value))?.some((name) => name !== derived.ownerTag) ?? false;
	});
	return [...open, ...shared.map((tag) => `${tag} has other owners beside ${derived.ownerTag}; they stay, so rules with that tag count as yours and are not taken out later`)];
}
const devicesHint = "Give the credential the scope `devices:core:read`, or set `adopt: true` to keep everything allowed for now, or write a policy for those devices and name it in `policy.file`.";
function blockedBy(input, state) {
	const { options, foreignDevices } = input;
	const where = { address: "policy" };
	if (options.adopt) return null;
	if (state === "foreign") return policyError("MESH_POLICY_FOREIGN", "the policy on the server was not written by Tailmesh", { where });
	if (state === "drifted" && options.onDrift === "fail") return policyError("MESH_POLICY_DRIFTED", "the policy was edited elsewhere since Tailmesh last wrote it", { where });
	if (state === "default" && foreignDevices === null) return policyError("MESH_POLICY_DEFAULT_IN_USE", "whether devices outside the topology would lose all access is not verified: the credential may not list devices", {
		where,
		hint: devicesHint
	});
	if (state === "default" && foreignDevices !== null && foreignDevices > 0) {
		const count = foreignDevices === 1 ? "1 device" : `${foreignDevices} devices`;
		return policyError("MESH_POLICY_DEFAULT_IN_USE", `${count} outside the topology would lose all access`, { where });
	}
	return null;
}
// src/policy/summary.ts
const maxLines = 300;
function policySummary(planned) {
	const { blocked, warnings, diff } = planned;
	const refusal = blocked && `> **${blocked.code}**: ${inertMarkdown(blocked.message)}. ${inertMarkdown(blocked.hint)}`;
	const notes = warnings.map((warning) => `- ${inertMarkdown(warning)}`).join("\n");
	return [
		refusal ?? "",
		notes,
		diff === "" ? "" : fencedDiff(diff)
	].filter((block) => block !== "");
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
// src/policy/job.ts
function policyJob(ports, settings) {
	const { control, workspace, reporter } = ports;
	let version = "";
	return {
		async observe() {
			const planned = await observePolicy(ports, settings);
			for (const warning of planned.warnings) reporter.warn(warning);
			const diffFile = planned.diff === "" ? "" : await workspace.writeRunFile("policy.diff", planned.diff);
			version = planned.version;
			return {
				...planned,
				diffFile
			};
		},
		plan: (planned) => planned,
		preview: (planned) => outcome(planned, planned.version),
		async apply(planned) {
			version = (await applyPolicy(control, planned, reporter)).version;
		},
		verify: async (planned) => outcome(planned, version),
		async close() {}
	};
}
async function observePolicy(ports, settings) {
	const { control, workspace } = ports;
	const { mesh, adopt, onDrift } = settings;
	const document = await control.getPolicy();
	return planPolicy({
		mesh,
		document,
		capabilities: control.capabilities,
		wire: control.wire.setPolicy,
		foreignDevices: document.isDefault ? countForeign(await visibleDevices(control), mesh) : 0,
		files: await readPolicyFiles(workspace, mesh.policyFiles),
		options: {
			adopt,
			onDrift
		}
	});
}
function countForeign(devices, mesh) {
	return devices === null ? null : foreignDevices(devices, mesh).length;
}
function foreignDevices(devices, mesh) {
	const tags = mesh.clusters.map((c) => c.tag);
	return devices.filter((device) => !device.tags.some((tag) => tags.includes(tag)));
}
async function readPolicyFiles(workspace, paths) {
	const files = [];
	for (const file of paths) {
		const text = await workspace.read(file);
		if (text === void 0) throw policyError("MESH_POLICY_FILE_MISSING", `no such file: ${file}`, { where: { file } });
		files.push({
			file,
			text
		});
	}
	return files;
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
export { planPolicy as a, policySummary as i, policyJob as n, applyPolicy as o, readPolicyFiles as r, countForeign as t };
