import { $ as policyError, A as signatureOf, B as sha256, D as ownershipOf, E as baseOf, F as sourceOf, G as readPolicy, H as listMember, I as isMarkedBy, J as canonicalText, K as textsOf, L as markerHash, M as testEntry, N as applyEdits, O as derivePolicy, P as editContainer, Q as positionAt, R as policyState, S as parsePrefix, T as renderPolicy, U as memberOf, V as fieldsOf, W as objectMember, X as decodeText, Y as stringOf, Z as encodeText, a as openAccess, b as overlap, c as isRefusal, d as tailnetRanges, f as allPorts, g as covers, h as protocolName, i as accessOf, j as ruleEntries, k as signature, l as parseSelector, m as hasPorts, n as withApprovals, o as isMeant, p as defaultProtocols, r as splitTarget, t as evaluate, u as everywhere, v as formatRange, w as renderLocally, x as parseAddress, y as isEverything$1, z as withoutMarker } from "./evaluate.js";
import { E as clusterOf, I as inertText, R as MeshError, V as joinErrors, k as tailscaleNodes } from "./mesh.js";
// src/policy/last-applied.ts
function findLastApplied(versions, search) {
	const hash = markerHash(search.document.text);
	const meaning = hash === void 0 ? meaningOf(search.document.text) : void 0;
	for (const { commit, texts } of versions) {
		const text = candidates$1(texts, search).find((candidate) => hash === void 0 ? meaningOf(candidate) === meaning : isMarkedBy(candidate, hash));
		if (text !== void 0) return {
			text,
			commit
		};
	}
	return null;
}
function candidates$1(texts, search) {
	const files = search.files.flatMap((file) => {
		const text = texts.get(file);
		return text === void 0 ? [] : [{
			file,
			text
		}];
	});
	if (files.length === 0 || files.length < search.files.length) return [];
	const mesh = search.readMesh(texts.get(search.topology) ?? "");
	const rendered = mesh && attempt(() => renderLocally(mesh, files, void 0));
	return [...rendered === void 0 ? [] : [rendered], ...files.map(({ text }) => text)].map(withoutMarker);
}
function meaningOf(text) {
	return attempt(() => {
		const { document, root } = readPolicy(text);
		return canonicalText(document, root);
	});
}
function attempt(work) {
	try {
		return work();
	} catch (error) {
		if (error instanceof MeshError) return void 0;
		throw error;
	}
}
// src/policy/access-diff.ts
function accessDiff(before, after) {
	const shown = shownDevices(after.devices);
	const [old, now] = [grantsOf(before, shown), grantsOf(after, shown)];
	return [...grouped("loses", missing(old, now)), ...grouped("gains", missing(now, old))];
}
const maxDevices$1 = 150;
function hasAll(devices) {
	return (devices?.nodes.length ?? 0) <= maxDevices$1;
}
function shownDevices(devices) {
	const nodes = devices?.nodes ?? [];
	if (hasAll(devices)) return new Set(nodes.map(({ name }) => name));
	const plain = nodes.filter(({ routes, isExit }) => routes.length === 0 && !isExit);
	const kinds = new Map(plain.toReversed().map((one) => [JSON.stringify([one.user, one.tags]), one.name]));
	return new Set([...nodes.filter((one) => !plain.includes(one)).map(({ name }) => name), ...kinds.values()]);
}
function grantsOf({ devices, document, access }, shown) {
	const lines = new Map();
	const senders = new Map();
	const lineOf = (rule) => {
		if (rule === void 0 || document === void 0) return void 0;
		const line = lines.get(rule) ?? positionAt(document.bytes, rule.node.start).line;
		lines.set(rule, line);
		return line;
	};
	const sourcesOf = (src) => {
		const known = senders.get(src) ?? (devices === void 0 ? [] : findSources(src, devices, shown));
		senders.set(src, known);
		return known;
	};
	const all = (devices?.nodes ?? []).filter(({ name }) => shown.has(name)).map((device) => {
		const found = new Map();
		for (const entry of access.get(device.name) ?? []) {
			const sources = sourcesOf(entry.src).filter(({ from }) => from !== device.name);
			for (const { to, target, pieces } of piecesOf(entry, device, lineOf(entry.rule))) for (const { from, source } of sources) {
				const key = JSON.stringify([from, to]);
				const known = found.get(key)?.pieces ?? [];
				found.set(key, {
					from,
					source,
					device: device.name,
					to,
					target,
					pieces: [...known, ...pieces]
				});
			}
		}
		return [device.name, [...found.values()]];
	});
	return new Map(all);
}
function findSources(src, devices, shown) {
	const named = devices.nodes.filter(({ name, addresses }) => shown.has(name) && addresses.some((address) => isInside(address, src)));
	const own = devices.nodes.flatMap(({ addresses }) => addresses);
	const outside = src.filter((range) => !own.some((address) => overlap(range, address)) && !isInside(range, tailnetRanges));
	const texts = new Map(outside.map((range) => [formatRange(range), range]));
	return [...named.map((other) => ({
		from: other.name,
		source: other.addresses
	})), ...[...texts].map(([from, range]) => ({
		from,
		source: [range]
	}))];
}
function piecesOf(entry, device, line) {
	const network = entry.dst.flatMap(({ range, ports }) => {
		const pieces = (entry.protocol === void 0 ? defaultProtocols : [entry.protocol]).flatMap((protocol) => (hasPorts(protocol) ? ports : [allPorts]).map((one) => ({
			protocol,
			range: one,
			line
		})));
		return targetsOf(range, device).map((target) => ({
			...target,
			pieces
		}));
	});
	if (entry.app.size === 0) return network;
	const apps = [...entry.app.keys()].map((name) => ({
		protocol: name,
		range: allPorts,
		line
	}));
	return [...network, {
		to: device.name,
		target: void 0,
		pieces: apps
	}];
}
function targetsOf(range, device) {
	const isOwn = range === void 0 || device.addresses.some((address) => overlap(range, address));
	const inside = device.routes.flatMap((route) => {
		if (range === void 0 || covers([range], route)) return [route];
		return overlap(range, route) ? [range] : [];
	});
	const exit = device.isExit && range === void 0 ? [{
		to: `${device.name}: the internet`,
		target: void 0
	}] : [];
	return [
		...isOwn ? [{
			to: device.name,
			target: void 0
		}] : [],
		...inside.map((target) => ({
			to: `${device.name}: ${formatRange(target)}`,
			target
		})),
		...exit
	];
}
function missing(all, other) {
	return [...all].flatMap(([device, grants]) => {
		const rivals = other.get(device) ?? [];
		const exact = new Map(rivals.map((one) => [JSON.stringify([one.from, one.to]), one]));
		return grants.flatMap((grant) => {
			const twin = exact.get(JSON.stringify([grant.from, grant.to]));
			const first = piecesWithout(distinct$1(grant.pieces), twin?.pieces ?? []);
			if (first.length === 0) return [];
			const left = piecesWithout(first, rivals.filter((one) => one !== twin && includes(one, grant)).flatMap(({ pieces }) => pieces));
			return left.length === 0 ? [] : [{
				...grant,
				pieces: left
			}];
		});
	});
}
function piecesWithout(pieces, taken) {
	return pieces.flatMap((piece) => taken.filter((one) => one.protocol === piece.protocol).reduce((rest, { range }) => without(rest, range), [piece.range]).map((range) => ({
		...piece,
		range
	})));
}
function includes(one, grant) {
	const isSource = one.from === grant.from || grant.source.every((range) => isInside(range, one.source));
	if (!isSource || one.to === grant.to) return isSource;
	return one.target !== void 0 && grant.target !== void 0 && isInside(grant.target, [one.target]);
}
function isInside(inner, ranges) {
	return ranges.some(({ family, first, last }) => family === inner.family && first <= inner.first && inner.last <= last);
}
function distinct$1(pieces) {
	return pieces.flatMap((piece, i) => piecesWithout([piece], pieces.slice(0, i)));
}
function without(ranges, taken) {
	return ranges.flatMap((range) => {
		if (taken.last < range.first || range.last < taken.first) return [range];
		const left = range.first < taken.first ? [{
			first: range.first,
			last: taken.first - 1
		}] : [];
		const right = range.last > taken.last ? [{
			first: taken.last + 1,
			last: range.last
		}] : [];
		return [...left, ...right];
	});
}
function grouped(kind, grants) {
	const single = grants.flatMap(({ from, to, pieces }) => {
		return [...Map.groupBy(pieces, (piece) => piece.line)].map(([line, some]) => ({
			from,
			to,
			line,
			ports: portsText(some)
		}));
	});
	const rows = [...Map.groupBy(single, ({ from, line, ports }) => JSON.stringify([
		from,
		line ?? null,
		ports
	])).values()].flatMap((list) => {
		const [first] = list;
		return first === void 0 ? [] : [{
			...first,
			to: [...new Set(list.map(({ to }) => to))]
		}];
	});
	return [...Map.groupBy(rows, ({ to, line, ports }) => JSON.stringify([
		to,
		line ?? null,
		ports
	])).values()].flatMap((list) => {
		const [first] = list;
		if (first === void 0) return [];
		return [{
			kind,
			from: list.map(({ from }) => from),
			to: first.to,
			ports: first.ports,
			line: first.line
		}];
	});
}
function portsText(pieces) {
	const texts = [...Map.groupBy(pieces, (piece) => piece.protocol)].map(([protocol, some]) => [protocol, rangesText(some.map(({ range }) => range))]);
	const [first] = texts;
	if (texts.length === defaultProtocols.length && texts.every(([protocol, text]) => defaultProtocols.some((p) => p === protocol) && text === first?.[1]) && first?.[1] === "*") return "*";
	return texts.map(([protocol, text]) => {
		if (typeof protocol === "string") return `app ${protocol}`;
		return hasPorts(protocol) ? `${protocolName(protocol)}:${text}` : protocolName(protocol);
	}).join(", ");
}
function rangesText(ranges) {
	return ranges.map(({ first, last }) => {
		if (first === allPorts.first && last === allPorts.last) return "*";
		return first === last ? `${first}` : `${Math.max(first, 1)}-${last}`;
	}).join(",");
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
// src/policy/adopt.ts
function adoptedMarkChange(does) {
	return {
		address: "policy/mark",
		resource: "policy",
		kind: "update",
		why: "adopt: the policy on the server is the base from now on, and its first line says so",
		diff: "+ // tailmesh sha256:…",
		risk: "none",
		undo: "take the first line out",
		does: [does]
	};
}
function adoptedFile(files, merged) {
	const [file, ...more] = files;
	if (file === void 0 || more.length > 0 || file.text === merged) return null;
	return {
		file: file.file,
		text: merged
	};
}
function adoptedFileChange([old], { file, text }) {
	return {
		address: `workspace/${inertText(file, 200)}`,
		resource: "file",
		kind: "update",
		why: "adopt: the policy on the server is the base from now on",
		diff: textDiff(old?.text ?? "", text, {
			before: `a/${file}`,
			after: `b/${file}`
		}),
		risk: "reversible",
		undo: "git checkout the file",
		does: [`write ${inertText(file, 200)} in the checkout (${text.length} characters)`]
	};
}
function adoptWarnings(files, rewrite) {
	const names = files.map(({ file }) => file).join(", ");
	if (rewrite !== null) return [`adopt: the policy on the server was taken as the base; ${names} is rewritten in the checkout, commit it before the next run`];
	if (files.length < 2) return [];
	return [`adopt: the policy on the server was taken as the base instead of ${names}; bring your files up to date before the next run`];
}
// src/policy/allow-all.ts
function allowAllLines(tree, server) {
	const nodes = candidates(tree);
	if (nodes.length === 0) return [];
	const { policy } = evaluate(tree.document, {
		server,
		skipTests: true
	});
	const starts = new Set(nodes.map(({ start }) => start));
	return (policy?.rules ?? []).filter((rule) => starts.has(rule.node.start) && isOpen(rule)).map((rule) => positionAt(tree.document.bytes, rule.node.start).line);
}
function openNotes(document, server) {
	const note = "while that is so, links and forbid restrict nothing";
	if (document.text.trim() === "") return [`the server has no policy, which allows everything: ${note}`];
	const tree = readPolicy(document.text);
	if (!["grants", "acls"].some((name) => listMember(tree, tree.root, name) !== void 0)) return [`the policy has no rules, which allows everything: ${note}`];
	return allowAllLines(tree, server).map((line) => openNote(line));
}
function openNote(line) {
	return `line ${line} of the policy allows everything: while that rule is there, links and forbid restrict nothing`;
}
function candidates(tree) {
	const hosts = objectMember(tree, tree.root, "hosts");
	const names = new Set(hosts?.items.map(({ name }) => stringOf(tree.document, name)));
	const isWide = (text) => /^(\*$|autogroup:|ipset:)|\/0$|^[0-9a-f.:]+-[0-9a-f.:]+$/i.test(text) || names.has(text);
	return ["grants", "acls"].flatMap((section) => (listMember(tree, tree.root, section)?.items ?? []).flatMap(({ value }) => {
		if (value.kind !== "object") return [];
		const fields = fieldsOf(tree.document, value);
		return ["src", "users"].flatMap((name) => textsOf(tree.document, fields.get(name)) ?? []).some(isWide) ? [value] : [];
	}));
}
function isOpen({ src, traffic, via, isConditional }) {
	if (isConditional || via.length > 0 || !isEverybody(src)) return false;
	const protocols = traffic.filter(({ dst }) => dst.some(({ selector, ports }) => isEverything(selector) && isAll(ports))).map(({ protocol }) => protocol);
	return protocols.includes(void 0) || protocols.includes(6) && protocols.includes(17);
}
function isEverybody(src) {
	const groups = src.flatMap((selector) => selector.kind === "autogroup" ? [selector.name] : []);
	return src.some((selector) => selector.kind === "any") || groups.includes("danger-all") || groups.includes("member") && groups.includes("tagged") || src.some(isEverything);
}
function isEverything(selector) {
	if (selector.kind === "any") return true;
	return selector.kind === "ranges" && everywhere.some((all) => all.family === 4 && covers(selector.ranges, all));
}
function isAll(ports) {
	return ports.some(({ first, last }) => first <= 1 && last === 65535);
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
	const context = {
		tree,
		derived,
		ownership: ownershipOf(tree, derived),
		wanted: new Map()
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
	if (value.kind === "object" && namedSections.includes(lower)) return value.items.map((m) => named$1(context, section, stringOf(document, m.name), m.value));
	if (value.kind !== "array") return [entry(context, section, "", value, "other")];
	const list = listSections.find((s) => s === lower);
	return value.items.map((item) => {
		const [name, origin] = list === void 0 ? [void 0, "other"] : listName(context, list, item.value);
		const hash = () => sha256(encodeText(canonicalText(document, item.value))).slice(0, 8);
		return entry(context, section, name ?? hash(), item.value, origin);
	});
}
function named$1(context, section, name, value) {
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
	const names = context.wanted.get(section) ?? namesOf$1(context.derived, section);
	context.wanted.set(section, names);
	const written = names.get(key);
	if (written !== void 0) return [written, "derived"];
	const name = context.ownership.nameOf(section, document, value);
	return [name ?? void 0, name === void 0 ? "other" : "owned"];
}
function namesOf$1(derived, section) {
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
// src/policy/edits.ts
function editsSince(server, derived, last, isUnmarked) {
	if (!last) return {
		kind: "two-way",
		basis: isUnmarked ? "this server drops comments, and with them the mark of what was written last" : "what Tailmesh wrote last is not in the Git history of this checkout (actions/checkout with `fetch-depth: 0` has all of it)",
		shown: []
	};
	const { changes } = diffEntries(policyEntries(readPolicy(last.text), derived), policyEntries(server, derived), "");
	const shown = changes.flatMap(({ address, diff }) => diff.split("\n").map((line) => editLine(address, line)));
	return {
		kind: "three-way",
		basis: last.commit,
		shown
	};
}
function editLine(address, line) {
	return `${line.slice(0, 1)} ${address}: ${line.slice(2)}`;
}
// src/policy/foreign.ts
function foreignDevices(devices, mesh) {
	const tags = mesh.clusters.map((c) => c.tag);
	return devices.filter((device) => !device.tags.some((tag) => tags.includes(tag)));
}
// src/policy/held-tests.ts
function holdTests(base, server, devices) {
	const list = listMember(base, base.root, "tests");
	const { policy } = evaluate(base.document, { server: "headscale" });
	if (list === void 0 || policy === void 0) return {
		tree: base,
		tests: []
	};
	const inForce = server && listMember(server, server.root, "tests");
	const values = new Set(inForce?.items.map((item) => canonicalText(server?.document ?? base.document, item.value)));
	const remove = new Set();
	const tests = [];
	for (const [index, { value }] of list.items.entries()) {
		const needs = namesOf(base, value).find((name) => isNobody(name, policy.names, devices));
		if (needs === void 0 || values.has(canonicalText(base.document, value))) continue;
		remove.add(index);
		tests.push({
			line: positionAt(base.document.bytes, value.start).line,
			needs: inertText(needs, 80)
		});
	}
	if (remove.size === 0) return {
		tree: base,
		tests
	};
	const edits = editContainer(base.document, list, { remove });
	return {
		tree: readPolicy(decodeText(applyEdits(base.document.bytes, edits)), base.file),
		tests
	};
}
function namesOf({ document }, test) {
	if (test.kind !== "object") return [];
	const fields = fieldsOf(document, test);
	const src = fields.get("src") ?? fields.get("user");
	const hosts = [
		"accept",
		"allow",
		"deny"
	].flatMap((name) => textsOf(document, fields.get(name)) ?? []).flatMap((target) => splitTarget(target)?.host ?? []);
	return [...src?.kind === "string" ? [stringOf(document, src)] : [], ...hosts];
}
function isNobody(name, names, devices) {
	if (name.startsWith("tag:")) return !devices.some((device) => device.tags.includes(name));
	const selector = parseSelector(names, name);
	if (isRefusal(selector)) return false;
	const people = devices.filter((device) => device.tags.length === 0);
	const areKnown = people.every((device) => typeof device.user === "string");
	const has = (user) => !areKnown || people.some((device) => device.user === user);
	switch (selector.kind) {
		case "user": return !has(selector.name);
		case "group": return !selector.members.some(has);
		case "autogroup":
			if (selector.name === "member") return people.length === 0;
			return selector.name === "tagged" && people.length === devices.length;
		default: return false;
	}
}
// src/policy/live-devices.ts
const maxDevices = 150;
function liveDevices(devices, mesh, policies) {
	const all = named(devices ?? []);
	const live = (all.length > maxDevices ? distinct(all, mesh, policies) : all).map(([name, one]) => judged(name, one));
	const planned = plannedRouters(mesh).filter((router) => !live.some((one) => one.name === router.name));
	return {
		users: [],
		nodes: [...live, ...planned]
	};
}
function named(devices) {
	const counts = new Map();
	return devices.map((device) => {
		const label = device.label || device.hostname || device.id;
		const count = (counts.get(label) ?? 0) + 1;
		counts.set(label, count);
		return [count === 1 ? label : `${label}#${count}`, device];
	});
}
function distinct(devices, mesh, policies) {
	const tags = mesh.clusters.map((cluster) => cluster.tag);
	const seen = new Set();
	return devices.filter(([, { tags: own, enabledRoutes, advertisedRoutes, addresses }]) => {
		const [tag, ...more] = own;
		if (tag === void 0 || more.length > 0 || !tags.includes(tag)) return true;
		if (enabledRoutes.length + advertisedRoutes.length > 0) return true;
		if (seen.has(tag) && !addresses.some((address) => policies.some((text) => text.includes(address)))) return false;
		seen.add(tag);
		return true;
	});
}
function judged(name, device) {
	const approved = prefixes(device.enabledRoutes);
	return {
		name,
		user: device.tags.length > 0 ? void 0 : device.user ?? `the owner of ${name}`,
		tags: device.tags,
		addresses: device.addresses.flatMap((text) => parseAddress(text) ?? []),
		routes: approved.filter((route) => !isEverything$1(route)),
		isExit: approved.some(isEverything$1),
		offered: prefixes(device.advertisedRoutes)
	};
}
function plannedRouters(mesh) {
	return mesh.clusters.filter((cluster) => cluster.state === "present").flatMap((cluster) => {
		const routes = prefixes([cluster.pods.text, cluster.services.text]);
		return cluster.nodes.filter((node) => node.role === "router" && node.state === "present").map((node) => ({
			name: node.hostname,
			user: void 0,
			tags: [cluster.tag],
			addresses: [],
			routes,
			isExit: false,
			offered: routes
		}));
	});
}
function prefixes(texts) {
	return texts.flatMap((text) => parsePrefix(text) ?? []);
}
// src/policy/lockout.ts
function lockouts(input) {
	return [
		...lostOwners(input),
		...lostTags(input),
		...lostWay(input),
		...lostAdmins(input),
		...lostPeople(input),
		...lostRoutes(input)
	];
}
function lockoutError(found) {
	const [first, ...rest] = found.map((one) => policyError("MESH_POLICY_LOCKOUT", lockoutText(one), { where: {
		address: "policy",
		...one.line === void 0 ? {} : { line: one.line }
	} }));
	return first && joinErrors([first, ...rest]);
}
function lockoutText({ who, what, line }) {
	const by = line === void 0 ? "" : `, which line ${line} of the policy on the server gives`;
	return inertText(`${who} ${what}${by}`, 400);
}
function lostOwners({ mesh, before, after }) {
	const { ownerTag } = mesh.tailnet;
	const old = ownersOf(before.tree, ownerTag);
	const now = ownersOf(after.tree, ownerTag);
	if (old === void 0) return [];
	if (now === void 0) return [{
		who: "the credential",
		what: `would lose its tag ${ownerTag}, which is not defined any more`,
		line: old.line
	}];
	const implied = mesh.tailnet.control === "tailscale" && now.names.length === 0 ? ["autogroup:admin"] : [];
	const kept = [
		...now.names,
		...implied,
		ownerTag
	];
	return old.names.filter((name) => !kept.includes(name)).map((name) => ({
		who: name,
		what: `would no longer own ${ownerTag}, the credential's tag`,
		line: old.line
	}));
}
function ownersOf(tree, tag) {
	if (tree === void 0) return void 0;
	const owners = objectMember(tree, tree.root, "tagOwners");
	const member = owners && memberOf(tree.document, owners, tag);
	if (member === void 0) return void 0;
	const { line } = positionAt(tree.document.bytes, member.name.start);
	return {
		names: textsOf(tree.document, member.value) ?? [],
		line
	};
}
function lostTags({ mesh, before, after, devices }) {
	const now = after.evaluation.policy?.names.tags ?? new Set();
	const leaving = mesh.clusters.filter((c) => c.state === "absent").map((c) => c.tag);
	const carriers = new Map();
	for (const [name, device] of named(devices)) for (const tag of device.tags) carriers.set(tag, [...carriers.get(tag) ?? [], name]);
	return [...carriers].flatMap(([tag, names]) => {
		const old = ownersOf(before.tree, tag);
		if (old === void 0 || now.has(tag) || leaving.includes(tag)) return [];
		return [{
			who: list(names),
			what: `would lose the tag ${tag}, which is not defined any more`,
			line: old.line
		}];
	});
}
function lostWay(input) {
	const { ownerTag } = input.mesh.tailnet;
	const holds = (selector) => isEveryone(selector) || selector.kind === "tag" && selector.name === ownerTag || selector.kind === "autogroup" && selector.name === "tagged";
	const [old, now] = [asParty(input.before.evaluation, holds), asParty(input.after.evaluation, holds)];
	const isStaying = (node) => clusterOf(input.mesh, node.cluster).state === "present";
	return tailscaleNodes(input.mesh).filter(isStaying).flatMap((node) => {
		const dialled = parseAddress(node.ssh.host);
		const isInside = dialled !== void 0 && tailnetRanges.some((range) => covers([range], dialled));
		if (node.ssh.via !== "tailnet" && !isInside) return [];
		const own = input.devices.filter((d) => d.hostname === node.hostname || d.label === node.hostname);
		const targets = [...dialled ? [dialled] : [], ...own.flatMap((d) => d.addresses.flatMap((a) => parseAddress(a) ?? []))];
		const given = targets.map((target) => old.find(target, node.ssh.port)).find((way) => way !== void 0);
		if (given === void 0 || targets.some((target) => now.find(target, node.ssh.port) !== void 0)) return [];
		const what = `would lose tcp:${node.ssh.port} on ${node.name}`;
		return [{
			who: `the runner, which comes as ${ownerTag},`,
			what,
			line: given.line
		}];
	});
}
function lostAdmins(input) {
	if (input.mesh.tailnet.control !== "tailscale") return [];
	const roles = [
		"member",
		"admin",
		"owner"
	];
	const holds = (selector) => isEveryone(selector) || selector.kind === "autogroup" && roles.includes(selector.name);
	return lostDevices(input, holds, "admins");
}
function lostDevices(input, holds, who) {
	const [old, now] = [asParty(input.before.evaluation, holds), asParty(input.after.evaluation, holds)];
	const lost = liveOf(input.before.evaluation, input.devices).flatMap((device) => {
		const port = device.addresses.some((a) => old.find(a, 22) !== void 0) ? 22 : void 0;
		const given = device.addresses.map((a) => old.find(a, port)).find((way) => way !== void 0);
		const isKept = device.addresses.some((a) => now.find(a, port) !== void 0);
		return given === void 0 || isKept ? [] : [{
			name: device.name,
			port,
			line: given.line
		}];
	});
	return [...Map.groupBy(lost, ({ port, line }) => `${port} ${line}`).values()].flatMap((some) => {
		const [first] = some;
		if (first === void 0) return [];
		const names = list(some.map(({ name }) => name));
		return [{
			who,
			what: `would lose ${first.port === void 0 ? "all access to" : "tcp:22 on"} ${names}`,
			line: first.line
		}];
	});
}
function lostPeople(input) {
	const live = liveOf(input.before.evaluation, input.devices);
	const own = live.filter((device) => device.tags.length === 0);
	return [...Map.groupBy(own, (device) => device.user ?? device.name)].flatMap(([who, devices]) => {
		const holds = (selector) => isEveryone(selector) || devices.some((device) => isMeant(selector, device) || isAddressOf(selector, device));
		const others = live.filter((device) => !devices.includes(device));
		const [old, now] = [asParty(input.before.evaluation, holds), asParty(input.after.evaluation, holds)];
		const entered = (ways) => others.flatMap((device) => [...device.addresses, ...device.routes]).map((target) => ways.find(target, void 0)).find((way) => way !== void 0);
		const given = entered(old);
		if (given === void 0 || entered(now) !== void 0) return [];
		return [{
			who,
			what: "would lose all access to other devices",
			line: given.line
		}];
	});
}
function lostRoutes({ mesh, before, after, devices }) {
	const tags = mesh.clusters.map((cluster) => cluster.tag);
	return named(devices).flatMap(([name, device]) => {
		if (device.tags.some((tag) => tags.includes(tag))) return [];
		return (device.servingRoutes ?? device.enabledRoutes.filter((r) => device.advertisedRoutes.includes(r))).flatMap((text) => {
			const route = parsePrefix(text);
			if (route === void 0) return [];
			const isApproved = (evaluation) => approves(evaluation, name, route);
			const approval = isApproved(before.evaluation) && !isApproved(after.evaluation) ? [{
				who: name,
				what: `would lose the approval of its route ${text}`,
				line: approverLine(before.tree, text)
			}] : [];
			const old = someoneEnters(before.evaluation, name, route);
			if (old === void 0 || someoneEnters(after.evaluation, name, route) !== void 0) return approval;
			return [...approval, {
				who: "everybody",
				what: `would lose the route ${text} of ${name}`,
				line: old.line
			}];
		});
	});
}
function approves(evaluation, name, route) {
	const device = evaluation.devices?.nodes.find((one) => one.name === name);
	const { policy } = evaluation;
	if (device === void 0 || policy === void 0) return false;
	const bare = {
		...device,
		routes: [],
		isExit: false,
		offered: [route]
	};
	const [judged] = withApprovals({
		users: [],
		nodes: [bare]
	}, policy.autoApprovers).nodes;
	return judged !== void 0 && (judged.isExit || judged.routes.some((one) => covers([one], route)));
}
function approverLine(tree, prefix) {
	const approvers = tree && objectMember(tree, tree.root, "autoApprovers");
	const routes = approvers && objectMember(tree, approvers, "routes");
	const wanted = parsePrefix(prefix);
	const member = routes?.items.find(({ name }) => {
		const range = parsePrefix(tree ? textOf(tree, name) : "");
		return range !== void 0 && wanted !== void 0 && covers([range], wanted);
	});
	return member && tree ? positionAt(tree.document.bytes, member.name.start).line : void 0;
}
function textOf(tree, node) {
	return new TextDecoder().decode(tree.document.bytes.subarray(node.start + 1, node.end - 1));
}
function someoneEnters(evaluation, name, route) {
	const entry = (evaluation.access.get(name) ?? []).find(({ src, dst }) => src.length > 0 && dst.some(({ range }) => range === void 0 || overlap(range, route)));
	return entry && { line: lineOf(evaluation, entry) };
}
const asker = parseAddress("192.0.2.1");
function asParty(evaluation, holds) {
	const { policy, devices } = evaluation;
	if (devices === void 0 || asker === void 0) return { find: () => void 0 };
	const src = {
		kind: "ranges",
		ranges: [asker],
		isSingle: true
	};
	const rules = policy?.rules?.filter((rule) => rule.src.some(holds)).map((rule) => ({
		...rule,
		src: [src]
	}));
	const server = policy?.server ?? "tailscale";
	const access = rules === void 0 ? openAccess(devices, server) : accessOf(rules, devices, server);
	return { find(target, port) {
		const entry = devices.nodes.filter(({ addresses, routes }) => [...addresses, ...routes].some((one) => covers([one], target))).flatMap((device) => access.get(device.name) ?? []).find((one) => opens(one, target, port));
		return entry && { line: lineOf(evaluation, entry) };
	} };
}
function opens({ protocol, dst }, target, port) {
	if (port !== void 0 && protocol !== void 0 && protocol !== 6) return false;
	return dst.some(({ range, ports }) => (range === void 0 || overlap(range, target)) && (port === void 0 || ports.some(({ first, last }) => first <= port && port <= last)));
}
function lineOf({ document }, { rule }) {
	if (rule === void 0 || document === void 0) return void 0;
	return positionAt(document.bytes, rule.node.start).line;
}
function liveOf({ devices }, live) {
	const names = new Set(named(live).map(([name]) => name));
	return (devices?.nodes ?? []).filter(({ name }) => names.has(name));
}
function isEveryone(selector) {
	return selector.kind === "any" || selector.kind === "autogroup" && selector.name === "danger-all";
}
function isAddressOf(selector, device) {
	return selector.kind === "ranges" && device.addresses.some((address) => covers(selector.ranges, address));
}
const maxNames = 5;
function list(names) {
	const more = names.length - maxNames;
	return `${names.slice(0, maxNames).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
// src/policy/plan.ts
function planPolicy(input) {
	const { adopt } = input.options;
	const { keepsComments } = input.capabilities.policy;
	const derived = derivePolicy(input.mesh);
	const server = input.document.isDefault ? void 0 : readPolicy(input.document.text);
	const state = stateOf(input, server, derived);
	const { base, held } = heldBase(input, state, server);
	const rendered = renderPolicy(base, derived);
	const { merged } = rendered;
	const text = state === "ours" && merged === withoutMarker(input.document.text) ? input.document.text : rendered.text();
	const isAsStored = server !== void 0 && text === input.document.text;
	const result = isAsStored ? server : readPolicy(text);
	const after = policyEntries(result, derived);
	checkRules(result);
	if (merged !== decodeText(base.tree.document.bytes)) checkNothingLost(base.tree, result, after, derived);
	const before = isAsStored ? after : server === void 0 ? [] : policyEntries(server, derived);
	const does = `${input.wire} (${text.length} characters)`;
	const { changes: entryChanges, unchanged } = diffEntries(before, after, does);
	const isUnmarked = keepsComments && !isAsStored && (state === "foreign" || state === "drifted");
	const changes = adopt && entryChanges.length === 0 && isUnmarked ? [adoptedMarkChange(does)] : entryChanges;
	const isSame = changes.length === 0;
	const judged = isSame || input.devices === void 0 ? void 0 : judge(input, server, result);
	const isAdopted = adopt && base.from === "server";
	const rewrite = isAdopted ? adoptedFile(input.files, merged) : null;
	const shownBefore = server === void 0 ? "" : input.document.text;
	const edits = isSame ? null : editsOf(input, state, server, derived);
	return {
		plan: {
			changes: [...changes, ...rewrite ? [adoptedFileChange(input.files, rewrite)] : []],
			unchanged
		},
		text: isSame ? null : text,
		version: input.document.version,
		diff: isSame ? "" : textDiff(shownBefore, text, {
			before: "policy on the server",
			after: "policy of the topology"
		}),
		warnings: [...new Set([
			...server?.warnings ?? [],
			...base.warnings,
			...isAdopted ? adoptWarnings(input.files, rewrite) : [],
			...resultWarnings(result, derived, input.mesh.tailnet.control),
			...heldWarnings(held),
			...judged?.warnings ?? []
		])],
		access: judged?.access ?? [],
		edits,
		held,
		rewrite,
		blocked: isSame ? null : blockedBy(input, state, edits, lostEntries(before, after), judged?.blocked),
		input
	};
}
function stateOf(input, server, derived) {
	const state = policyState(input.document);
	if (state !== "foreign" || server === void 0 || input.capabilities.policy.keepsComments) return state;
	if (input.lastApplied) return "ours";
	const isOurs = ({ origin, address }) => origin !== "other" && address !== `policy/tagOwners/${derived.ownerTag}`;
	return policyEntries(server, derived).some(isOurs) ? "unmarked" : "foreign";
}
function heldBase(input, state, server) {
	const { mesh, document, files, devices, options, capabilities } = input;
	const base = baseOf({
		control: mesh.tailnet.control,
		document,
		state: state === "unmarked" ? "drifted" : state,
		server,
		files,
		adopt: options.adopt,
		hasForeignDevices: countForeign(input) !== 0
	});
	if (base.from !== "files" || !devices || !capabilities.policy.testsNeedNodes) return {
		base,
		held: []
	};
	const { tree, tests } = holdTests(base.tree, server, devices);
	return {
		base: {
			...base,
			tree
		},
		held: tests
	};
}
function countForeign({ document, devices, mesh }) {
	if (!document.isDefault || devices === void 0) return 0;
	return devices === null ? null : foreignDevices(devices, mesh).length;
}
function judge(input, server, result) {
	const { mesh, devices = null, document, options } = input;
	const inForce = document.text.trim() === "" ? "{}" : document.text;
	const texts = [inForce, decodeText(result.document.bytes)];
	const known = {
		server: mesh.tailnet.control,
		devices: liveDevices(devices, mesh, texts)
	};
	const before = evaluate(inForce, {
		...known,
		skipTests: true
	});
	const skipTests = isLarge(result);
	const after = evaluate(result.document, {
		...known,
		skipTests
	});
	const found = [...lockouts({
		mesh,
		before: {
			tree: server,
			evaluation: before
		},
		after: {
			tree: result,
			evaluation: after
		},
		devices: devices ?? []
	}), ...input.previewed ?? []];
	const access = accessDiff(before, after);
	const sampled = hasAll(after.devices) && known.devices.nodes.length >= (devices?.length ?? 0) ? [] : ["who gains or loses access is told for one device of each kind: the tailnet has too many to compare all"];
	const allowed = options.allowLockout ? found.map((one) => `allow-lockout: ${lockoutText(one)}`) : [];
	const blind = devices === null ? ["the credential may not list devices: who is locked out, and who gains or loses access, is not verified"] : [];
	const untried = skipTests ? ["the policy has too many tests and rules to try its tests here: only the server does"] : [];
	return {
		access,
		warnings: [
			...blind,
			...sampled,
			...untried,
			...allowed,
			...localProblems(after)
		],
		blocked: options.allowLockout ? void 0 : lockoutError(found)
	};
}
function isLarge(result) {
	const [tests = 0, ...rules] = [
		"tests",
		"grants",
		"acls"
	].map((name) => listMember(result, result.root, name)?.items.length ?? 0);
	return tests * rules.reduce((sum, count) => sum + count, 0) > 1e5;
}
const maxProblems = 5;
function localProblems({ problems }) {
	return problems.filter(({ severity }) => severity === "error").slice(0, maxProblems).map(({ line, message, code }) => `line ${line} of the new policy: ${message} (${code}; the server decides)`);
}
function editsOf(input, state, server, derived) {
	if (server === void 0 || state !== "drifted" && state !== "unmarked") return null;
	return editsSince(server, derived, input.lastApplied, state === "unmarked");
}
function heldWarnings(held) {
	return held.map(({ line, needs }) => `the test in line ${line} of your policy is held back: nobody is ${needs} yet, which Headscale takes for a failure; it is written once a device is`);
}
function checkRules(result) {
	if (listMember(result, result.root, "grants") ?? listMember(result, result.root, "acls")) return;
	throw policyError("MESH_POLICY_EMPTY", "the policy to be written has neither grants nor acls");
}
function checkNothingLost(base, result, after, derived) {
	const lost = lostEntries(policyEntries(base, derived), after);
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
function resultWarnings(result, derived, server) {
	const open = allowAllLines(result, server).map(openNote);
	const owners = objectMember(result, result.root, "tagOwners");
	const shared = derived.tags.filter((tag) => {
		return (owners && textsOf(result.document, memberOf(result.document, owners, tag)?.value))?.some((name) => name !== derived.ownerTag) ?? false;
	});
	return [...open, ...shared.map((tag) => `${tag} has other owners beside ${derived.ownerTag}; they stay, so rules with that tag count as yours and are not taken out later`)];
}
const devicesHint = "Give the credential the scope `devices:core:read`, or set `adopt: true` to keep everything allowed for now, or write a policy for those devices and name it in `policy.file`.";
function blockedBy(input, state, edits, lost, lockout) {
	const [first, ...rest] = [stateError(input, state, edits, lost), lockout].filter((error) => error !== void 0);
	return first ? joinErrors([first, ...rest]) : null;
}
function stateError(input, state, edits, lost) {
	const { options } = input;
	const where = { address: "policy" };
	if (options.adopt) return void 0;
	if (state === "foreign") return policyError("MESH_POLICY_FOREIGN", "the policy on the server was not written by Tailmesh", { where });
	if ((state === "drifted" || state === "unmarked" && lost.length > 0) && options.onDrift === "fail") {
		const what = edits === null || edits.shown.length === 0 ? "" : `: ${edits.shown.slice(0, 5).join("; ")}`;
		const message = state === "unmarked" ? `the policy on the server has entries that your file lacks, which may have been edited elsewhere${what}` : `the policy was edited elsewhere since Tailmesh last wrote it${what}`;
		return policyError("MESH_POLICY_DRIFTED", message, { where });
	}
	if (state !== "default") return void 0;
	const count = countForeign(input);
	if (count === null) return policyError("MESH_POLICY_DEFAULT_IN_USE", "whether devices outside the topology would lose all access is not verified: the credential may not list devices", {
		where,
		hint: devicesHint
	});
	if (count === 0) return void 0;
	const named = count === 1 ? "1 device" : `${count} devices`;
	return policyError("MESH_POLICY_DEFAULT_IN_USE", `${named} outside the topology would lose all access`, { where });
}
function lostEntries(before, after) {
	const values = new Set(after.map(({ resource, value }) => `${resource} ${value}`));
	return before.filter(({ origin, resource, value }) => origin === "other" && !values.has(`${resource} ${value}`));
}
// src/policy/preview.ts
const maxAsked = 20;
async function previewLockouts(control, planned) {
	const { input, text } = planned;
	const { document, devices, mesh, capabilities } = input;
	if (!capabilities.policy.preview || text === null || !devices || document.text.trim() === "") return [];
	const found = [];
	const people = new Set(devices.flatMap((d) => d.tags.length === 0 && d.user ? [d.user] : []));
	for (const user of [...people].slice(0, maxAsked)) {
		const isNamed = (preview) => preview.kind === "matches" && preview.matches.length > 0;
		if (await isLost(control, [document.text, text], "user", user, isNamed)) found.push({
			who: user,
			what: "would be left without any rule, as the server's preview says",
			line: void 0
		});
	}
	const { ownerTag } = mesh.tailnet;
	const opens = (preview) => preview.kind === "matches" && preview.matches.some(({ users }) => [
		ownerTag,
		"*",
		"autogroup:tagged"
	].some((name) => users.includes(name)));
	for (const node of tailscaleNodes(mesh).filter(({ ssh }) => ssh.via === "tailnet")) {
		const [address] = devices.find((d) => d.hostname === node.hostname || d.label === node.hostname)?.addresses ?? [];
		const target = `${address}:${node.ssh.port}`;
		if (address !== void 0 && await isLost(control, [document.text, text], "ipport", target, opens)) {
			const what = `would lose tcp:${node.ssh.port} on ${node.name}, as the server's preview says`;
			found.push({
				who: `the runner, which comes as ${ownerTag},`,
				what,
				line: void 0
			});
		}
	}
	return found;
}
async function isLost(control, [before, after], type, target, holds) {
	const now = await control.previewPolicy(after, type, target);
	if (now.kind !== "matches" || holds(now)) return false;
	return holds(await control.previewPolicy(before, type, target));
}
// src/policy/observe.ts
async function observePolicy({ control, workspace, past }, { mesh, options }, devices) {
	const input = {
		mesh,
		document: await control.getPolicy(),
		capabilities: control.capabilities,
		wire: control.wire.setPolicy,
		files: await readPolicyFiles(workspace, mesh.policyFiles),
		options
	};
	const first = planPolicy(input);
	if (first.text === null) return first;
	const lastApplied = await lastAppliedOf(input, past);
	const second = planPolicy({
		...input,
		devices: await devices(),
		lastApplied
	});
	if (second.text === null || second.blocked !== null) return second;
	const previewed = await previewLockouts(control, second);
	return previewed.length === 0 ? second : planPolicy({
		...second.input,
		previewed
	});
}
async function lastAppliedOf(input, past) {
	const { document, capabilities, mesh } = input;
	const isUnmarked = !capabilities.policy.keepsComments && markerHash(document.text) === void 0;
	if (document.isDefault || policyState(document) !== "drifted" && !isUnmarked) return void 0;
	if (past === void 0) return null;
	const versions = await past.history.versions([...mesh.policyFiles, past.topology]);
	const { topology, readMesh } = past;
	return findLastApplied(versions, {
		document,
		files: mesh.policyFiles,
		topology,
		readMesh
	});
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
export { openNotes as a, named as i, readPolicyFiles as n, planPolicy as r, observePolicy as t };
