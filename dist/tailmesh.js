#!/usr/bin/env node
import { a as MeshError, i as inertText, s as defineErrors, t as inertLine } from "./shared/inert.js";
import { c as decodeText, l as encodeText, n as parseHujson, o as depthOf, s as stringOf, t as policyError, u as positionAt } from "./shared/errors.js";
import { n as formatIPv4, r as parseIPv4 } from "./shared/cidr.js";
import { parseArgs } from "node:util";
import { readFileSync } from "node:fs";
// src/cli/errors.ts
const cliError = defineErrors({
	MESH_CLI_USAGE: {
		kind: "config",
		meaning: "A command or an option does not exist, or something it needs is missing.",
		hint: "Read `tailmesh --help`."
	},
	MESH_CLI_FILE: {
		kind: "config",
		meaning: "A file named on the command line cannot be read, or is not JSON where JSON is needed.",
		hint: "Correct the path, or the file."
	}
});
// src/cli/arguments.ts
function readArguments(args, options) {
	try {
		return parseArgs({
			args: [...args],
			options,
			allowPositionals: true,
			strict: true
		});
	} catch (error) {
		const message = error instanceof Error ? error.message : "the arguments cannot be read";
		throw cliError("MESH_CLI_USAGE", inertText(message, 300));
	}
}
function usageError(message) {
	throw cliError("MESH_CLI_USAGE", inertText(message, 300));
}
// src/policy/rules/address.ts
const widths = {
	4: 32n,
	6: 128n
};
function parseAddress(text) {
	const dotted = parseIPv4(text);
	if (dotted !== void 0) return {
		family: 4,
		first: BigInt(dotted),
		last: BigInt(dotted)
	};
	const long = parseIPv6(text);
	return long === void 0 ? void 0 : {
		family: 6,
		first: long,
		last: long
	};
}
function parsePrefix(text) {
	const [address = "", bits = "", ...rest] = text.split("/");
	const single = parseAddress(address);
	if (single === void 0 || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) return void 0;
	const hostBits = widths[single.family] - BigInt(bits);
	if (hostBits < 0n) return void 0;
	const first = single.first >> hostBits << hostBits;
	return {
		family: single.family,
		first,
		last: first + (1n << hostBits) - 1n
	};
}
function parseSpan(text) {
	const [from = "", to = "", ...rest] = text.split("-");
	const first = parseAddress(from);
	const last = parseAddress(to);
	if (first === void 0 || last === void 0 || rest.length > 0) return void 0;
	if (first.family !== last.family || first.first > last.first) return void 0;
	return {
		family: first.family,
		first: first.first,
		last: last.last
	};
}
function parseRange(text) {
	return parseAddress(text) ?? parsePrefix(text) ?? parseSpan(text);
}
function formatRange(range) {
	if (range.first === range.last) return formatAddress(range.family, range.first);
	const bits = prefixBits(range);
	return bits === void 0 ? `${formatAddress(range.family, range.first)}-${formatAddress(range.family, range.last)}` : `${formatAddress(range.family, range.first)}/${bits}`;
}
function formatPrefix(range) {
	const bits = prefixBits(range);
	return bits === void 0 ? void 0 : `${formatAddress(range.family, range.first)}/${bits}`;
}
function isEverything({ family, first, last }) {
	return first === 0n && last === (1n << widths[family]) - 1n;
}
function overlap(a, b) {
	return a.family === b.family && a.first <= b.last && b.first <= a.last;
}
function covers(outer, inner) {
	return outer.reduce((rest, range) => subtract(rest, range), [inner]).length === 0;
}
function subtract(ranges, taken) {
	return ranges.flatMap((range) => {
		if (!overlap(range, taken)) return [range];
		const left = range.first < taken.first ? [{
			...range,
			last: taken.first - 1n
		}] : [];
		const right = range.last > taken.last ? [{
			...range,
			first: taken.last + 1n
		}] : [];
		return [...left, ...right];
	});
}
function prefixBits({ family, first, last }) {
	const size = last - first + 1n;
	if ((size & size - 1n) !== 0n || first % size !== 0n) return void 0;
	return widths[family] - BigInt(size.toString(2).length - 1);
}
function formatAddress(family, value) {
	return family === 4 ? formatIPv4(Number(value)) : formatIPv6(value);
}
function parseIPv6(text) {
	if (!/^[0-9a-fA-F:.]+$/.test(text)) return void 0;
	const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
	const tail = dotted === null ? void 0 : parseIPv4(dotted[2] ?? "");
	if (dotted !== null && tail === void 0) return void 0;
	const halves = (tail === void 0 ? text : `${dotted?.[1]}${(tail >>> 16).toString(16)}:${(tail & 65535).toString(16)}`).split("::");
	if (halves.length > 2) return void 0;
	const [head = [], end = []] = halves.map((half) => half === "" ? [] : half.split(":"));
	const missing = 8 - head.length - end.length;
	if (halves.length === 1 ? missing !== 0 : missing < 1) return void 0;
	const groups = [
		...head,
		...Array.from({ length: missing }, () => "0"),
		...end
	];
	if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return void 0;
	return groups.reduce((value, group) => value << 16n | BigInt(`0x${group}`), 0n);
}
function formatIPv6(value) {
	const groups = Array.from({ length: 8 }, (_, i) => (value >> BigInt(16 * (7 - i)) & 65535n).toString(16));
	let best = {
		start: 0,
		length: 0
	};
	for (let start = 0; start < 8; start += 1) {
		let length = 0;
		while (groups[start + length] === "0") length += 1;
		if (length > best.length) best = {
			start,
			length
		};
	}
	if (best.length < 2) return groups.join(":");
	return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.length).join(":")}`;
}
// src/policy/rules/capability.ts
const grantable = [
	"drive",
	"kubernetes",
	"relay",
	"webui",
	"golink",
	"tsidp",
	"secrets"
];
const companions = new Map([["tailscale.com/cap/drive", "tailscale.com/cap/drive-sharer"], ["tailscale.com/cap/relay", "tailscale.com/cap/relay-target"]]);
function refuseCapability(name) {
	if (!/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\/.+$/.test(name)) return `capability "${name}" does not have the form domain/path`;
	const [domain = "", ...path] = name.split("/");
	const isTheirs = domain === "tailscale.com" || domain.endsWith(".tailscale.com");
	const isGrantable = domain === "tailscale.com" && path[0] === "cap" && grantable.includes(path[1] ?? "");
	return isTheirs && !isGrantable ? `capability "${name}" is in the tailscale.com domain` : void 0;
}
// src/policy/rules/selector.ts
const serverKnown = [
	"admin",
	"owner",
	"it-admin",
	"network-admin",
	"billing-admin",
	"auditor",
	"shared"
];
const decided = [
	"member",
	"tagged",
	"self",
	"internet",
	"danger-all",
	"nonroot"
];
function isServerKnown(autogroup) {
	return serverKnown.includes(autogroup);
}
function parseSelector(names, text) {
	if (text === "*") return { kind: "any" };
	const [, prefix = "", rest = ""] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
	if (prefix === "autogroup") return autogroup(rest);
	if (prefix === "group") {
		const members = names.groups.get(text);
		return members === void 0 ? unknown(`group not found: "${text}"`) : {
			kind: "group",
			name: text,
			members
		};
	}
	if (prefix === "tag") return names.tags.has(text) ? {
		kind: "tag",
		name: text
	} : unknown(`tag not found: "${text}"`);
	if (prefix === "ipset") {
		const ranges = names.ipsets.get(text);
		return ranges === void 0 ? unknown(`IP set not found: "${text}"`) : {
			kind: "ranges",
			ranges,
			isSingle: false
		};
	}
	if (prefix === "svc") return {
		kind: "service",
		name: text
	};
	if (prefix === "user" && rest.startsWith("*@")) return {
		kind: "domain",
		domain: rest.slice(2)
	};
	const host = names.hosts.get(text);
	if (host !== void 0) return {
		kind: "ranges",
		ranges: [host.range],
		isSingle: host.isSingle
	};
	const range = parseRange(text);
	if (range !== void 0) return {
		kind: "ranges",
		ranges: [range],
		isSingle: !/[/-]/.test(text)
	};
	if (text.includes("@")) return {
		kind: "user",
		name: text
	};
	return {
		code: "MESH_RULES_UNKNOWN_NAME",
		message: `"${text}" is no address, and no host of that name is defined`
	};
}
function isRefusal(value) {
	return "message" in value;
}
function readSelector(reading, names, side, { text, node }) {
	const selector = parseSelector(names, text);
	if (!isRefusal(selector)) {
		if (reading.server === "headscale") reportForHeadscale(reading, selector, {
			text,
			node
		});
		return selector;
	}
	reading.report("error", selector.code, node, `${side}: ${selector.message}`);
}
function autogroup(written) {
	const name = written === "members" ? "member" : written;
	return decided.includes(name) || isServerKnown(name) ? {
		kind: "autogroup",
		name
	} : unknown(`no such autogroup: "autogroup:${written}"`);
}
function unknown(message) {
	return {
		code: "MESH_RULES_UNKNOWN_NAME",
		message
	};
}
function reportForHeadscale(reading, selector, { text, node }) {
	if (selector.kind === "domain" || selector.kind === "service" || selector.kind === "autogroup" && isServerKnown(selector.name)) reading.report("error", "MESH_RULES_HEADSCALE", node, `Headscale does not know "${text}" here`);
}
// src/policy/rules/tailnet.ts
const tailnetRanges = ranges([
	"100.64.0.0-100.115.91.255",
	"100.115.94.0-100.127.255.255",
	"fd7a:115c:a1e0::/48"
]);
const sharedRange = ranges(["100.64.0.0/10"]);
const everywhere = ranges(["0.0.0.0/0", "::/0"]);
const internetRanges = ranges([
	"0.0.0.0/8",
	"10.0.0.0/8",
	"100.64.0.0/10",
	"127.0.0.0/8",
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.168.0.0/16",
	"224.0.0.0/3"
]).reduce(subtract, ranges(["0.0.0.0/0", "2000::/3"]));
function ranges(texts) {
	return texts.flatMap((text) => parseRange(text) ?? []);
}
// src/policy/rules/resolve.ts
function isUndecided(selector) {
	return selector.kind === "service" || selector.kind === "autogroup" && isServerKnown(selector.name);
}
function isMeant(selector, device) {
	switch (selector.kind) {
		case "user": return device.user === selector.name;
		case "domain": return device.user?.endsWith(`@${selector.domain}`) ?? false;
		case "group": return device.user !== void 0 && selector.members.includes(device.user);
		case "tag": return device.tags.includes(selector.name);
		case "autogroup":
			if (selector.name === "member") return device.user !== void 0;
			return selector.name === "tagged" && device.tags.length > 0;
		default: return false;
	}
}
function sourceRanges(selector, devices) {
	if (selector.kind === "any") return [...tailnetRanges, ...devices.nodes.flatMap((device) => device.routes)];
	if (selector.kind === "ranges") return selector.ranges;
	if (selector.kind === "autogroup" && selector.name === "danger-all") return everywhere;
	return devices.nodes.filter((device) => isMeant(selector, device)).flatMap((device) => device.addresses);
}
function destinationRanges(selector, devices) {
	if (selector.kind === "any") return void 0;
	if (selector.kind === "ranges") return selector.ranges;
	if (selector.kind === "autogroup" && selector.name === "internet") return internetRanges;
	return devices.nodes.filter((device) => isMeant(selector, device)).flatMap((device) => device.addresses);
}
function rangeTexts(ranges) {
	return [...new Set(ranges.map(formatRange))].sort();
}
// src/policy/rules/access.ts
function accessOf(rules, devices) {
	const plain = rules.filter((rule) => !rule.isConditional).map((rule) => ({
		rule,
		src: rule.src.flatMap((selector) => sourceRanges(selector, devices))
	}));
	return new Map(devices.nodes.map((device) => [device.name, plain.flatMap(({ rule, src }) => [
		...plainEntries(rule, src, device, devices),
		...selfEntries(rule, device, devices),
		...companionEntries(rule, device, devices)
	])]));
}
function openAccess(devices) {
	const entry = {
		rule: void 0,
		src: sourceRanges({ kind: "any" }, devices),
		protocol: void 0,
		dst: [{
			range: void 0,
			ports: [{
				first: 0,
				last: 65535
			}]
		}],
		app: new Map(),
		capDst: []
	};
	return new Map(devices.nodes.map((device) => [device.name, [entry]]));
}
function isSelf(selector) {
	return selector.kind === "autogroup" && selector.name === "self";
}
function plainEntries(rule, src, device, devices) {
	if (src.length === 0 || rule.via.length > 0 && !rule.via.some((tag) => device.tags.includes(tag))) return [];
	const isVia = rule.via.length > 0;
	const network = rule.traffic.flatMap(({ protocol, dst }) => {
		const kept = dst.flatMap(({ selector, ports }) => localPart(selector, device, devices, isVia).map((range) => ({
			range,
			ports
		})));
		return kept.length === 0 ? [] : [{
			rule,
			src,
			protocol,
			dst: kept,
			app: new Map(),
			capDst: []
		}];
	});
	const capDst = rule.app.dst.flatMap((selector) => capabilityPart(selector, device, devices, isVia));
	if (capDst.length === 0) return network;
	return [...network, {
		rule,
		src,
		protocol: void 0,
		dst: [],
		app: rule.app.capabilities,
		capDst: unique(capDst)
	}];
}
function localPart(selector, device, devices, isVia) {
	if (isSelf(selector) || isUndecided(selector)) return [];
	if (selector.kind === "autogroup" && selector.name === "internet") return device.isExit ? internetRanges : [];
	const ranges = destinationRanges(selector, devices);
	if (ranges === void 0) return isVia && device.routes.length === 0 ? [] : [void 0];
	const served = isVia ? device.routes : [...device.addresses, ...device.routes];
	return ranges.filter((range) => served.some((one) => overlap(one, range)));
}
function capabilityPart(selector, device, devices, isVia) {
	return localPart(selector, device, devices, isVia).flatMap((range) => range ?? device.addresses);
}
function selfEntries(rule, device, devices) {
	if (device.user === void 0) return [];
	const ports = rule.traffic.flatMap(({ protocol, dst }) => {
		const own = dst.filter(({ selector }) => isSelf(selector));
		return own.length === 0 ? [] : [{
			protocol,
			dst: own
		}];
	});
	const isApp = rule.app.dst.some(isSelf);
	if (ports.length === 0 && !isApp) return [];
	const src = sameOwner(rule.src, device, devices);
	if (src.length === 0) return [];
	const network = ports.map(({ protocol, dst }) => {
		const each = dst.flatMap((target) => device.addresses.map((range) => ({
			range,
			ports: target.ports
		})));
		return {
			rule,
			src,
			protocol,
			dst: each,
			app: new Map(),
			capDst: []
		};
	});
	if (!isApp) return network;
	const capDst = device.addresses;
	return [...network, {
		rule,
		src,
		protocol: void 0,
		dst: [],
		app: rule.app.capabilities,
		capDst
	}];
}
function sameOwner(src, device, devices) {
	return devices.nodes.filter((other) => other.user !== void 0 && other.user === device.user).filter((other) => src.some((selector) => selector.kind === "any" || isMeant(selector, other))).flatMap((other) => other.addresses);
}
function companionEntries(rule, device, devices) {
	const names = [...rule.app.capabilities.keys()].sort().flatMap((name) => companions.get(name) ?? []);
	if (names.length === 0 || !isSource(rule.src, device)) return [];
	return [rule.app.dst.flatMap((selector) => isSelf(selector) ? [] : sourceRanges(selector, devices)), rule.app.dst.some(isSelf) && device.user !== void 0 ? sameOwner(rule.src, device, devices) : []].filter((src) => src.length > 0).flatMap((src) => names.map((name) => ({
		rule,
		src,
		protocol: void 0,
		dst: [],
		app: new Map([[name, null]]),
		capDst: device.addresses
	})));
}
function isSource(src, device) {
	return src.some((selector) => selector.kind === "any" || isMeant(selector, device) || selector.kind === "ranges" && device.addresses.some((address) => selector.ranges.some((range) => overlap(range, address))));
}
function unique(ranges) {
	return ranges.filter((range, i) => ranges.findIndex((r) => r.first === range.first && r.last === range.last) === i);
}
// src/policy/rules/ports.ts
const allPorts = {
	first: 0,
	last: 65535
};
const numbers = {
	icmp: 1,
	igmp: 2,
	ipv4: 4,
	"ip-in-ip": 4,
	tcp: 6,
	egp: 8,
	igp: 9,
	udp: 17,
	dccp: 33,
	gre: 47,
	esp: 50,
	ah: 51,
	"ipv6-icmp": 58,
	sctp: 132
};
const withPorts = [
	6,
	17,
	132
];
function parseProtocol(text) {
	if (text === "" || text === "*") return "default";
	const named = numbers[text.toLowerCase()];
	if (named !== void 0) return named;
	return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255 ? Number(text) : void 0;
}
function hasPorts(protocol) {
	return withPorts.includes(protocol);
}
function parsePorts(text) {
	if (text === "*") return allPorts;
	const [from = "", to, ...rest] = text.split("-");
	if (rest.length > 0) return `port range "${text}": too many dashes`;
	const first = portNumber(from);
	if (first === void 0) return `port range "${text}": invalid first integer`;
	const last = to === void 0 ? first : portNumber(to);
	if (last === void 0) return `port range "${text}": invalid last integer`;
	if (first === 0) return `port range "${text}": the first port is above 0; "*" means all`;
	return first > last ? `port range "${text}": the first port is above the last` : {
		first,
		last
	};
}
function portNumber(text) {
	return /^\d{1,6}$/.test(text) && Number(text) <= 65535 ? Number(text) : void 0;
}
function protocolName(protocol) {
	return Object.entries(numbers).find(([, number]) => number === protocol)?.[0] ?? `${protocol}`;
}
// src/policy/rules/reading.ts
function startReading(document, server, problems) {
	return {
		document,
		server,
		report: (severity, code, node, message) => problems.push({
			severity,
			code,
			message: inertText(message, 300),
			...positionAt(document.bytes, node.start)
		})
	};
}
function readMembers(reading, node, what, { both, tailscaleOnly = [] }) {
	if (node.kind !== "object") {
		reading.report("error", "MESH_RULES_SHAPE", node, `${what} is an object`);
		return;
	}
	const known = new Set(both.map((name) => name.toLowerCase()));
	const foreign = new Set(tailscaleOnly.map((name) => name.toLowerCase()));
	const members = new Map();
	for (const { name, value } of node.items) {
		const text = stringOf(reading.document, name);
		const isForeign = foreign.has(text.toLowerCase());
		if (isForeign && reading.server === "headscale") reading.report("error", "MESH_RULES_HEADSCALE", name, `for Headscale, ${what} has no member "${text}"`);
		else if (!isForeign && !known.has(text.toLowerCase())) reading.report("error", "MESH_RULES_UNKNOWN_MEMBER", name, `${what} has no member "${text}"`);
		else if (value.kind !== "null") members.set(text.toLowerCase(), value);
	}
	return members;
}
function readEntries(reading, node, what) {
	if (node === void 0 || node.kind === "null") return [];
	if (node.kind !== "object") {
		reading.report("error", "MESH_RULES_SHAPE", node, `${what} is an object`);
		return [];
	}
	return node.items.map(({ name, value }) => ({
		name: {
			text: stringOf(reading.document, name),
			node: name
		},
		value
	}));
}
function readList(reading, node, what) {
	if (node === void 0 || node.kind === "null") return [];
	if (node.kind === "array") return node.items.map((item) => item.value);
	reading.report("error", "MESH_RULES_SHAPE", node, `${what} is a list`);
	return [];
}
function readTexts(reading, node, what) {
	return readList(reading, node, what).flatMap((item) => readText(reading, item, `each of ${what}`) ?? []);
}
function readText(reading, node, what) {
	if (node === void 0 || node.kind === "null") return void 0;
	if (node.kind === "string") return {
		text: stringOf(reading.document, node),
		node
	};
	reading.report("error", "MESH_RULES_SHAPE", node, `${what} is a text`);
}
function reportDuplicates(reading, root) {
	const open = [{
		node: root,
		isRoot: true
	}];
	for (let next = open.pop(); next !== void 0; next = open.pop()) {
		const { node, isRoot } = next;
		if (node.kind !== "object" && node.kind !== "array") continue;
		const seen = new Set();
		for (const item of node.items) {
			open.push({
				node: item.value,
				isRoot: false
			});
			if (!("name" in item)) continue;
			const name = stringOf(reading.document, item.name);
			const key = isRoot ? name.toLowerCase() : name;
			if (seen.has(key)) reading.report("error", "MESH_RULES_DUPLICATE", item.name, `"${name}" is there twice`);
			seen.add(key);
		}
	}
}
// src/policy/rules/postures.ts
function readPostures(reading, node) {
	const entries = readEntries(reading, node, "\"postures\"");
	for (const { name, value } of entries) {
		readTexts(reading, value, `"${name.text}"`);
		if (!/^posture:./.test(name.text)) reading.report("error", "MESH_RULES_DEFINITION", name.node, "names of postures begin with \"posture:\"");
	}
	return new Set(entries.map(({ name }) => name.text));
}
function readSrcPosture(reading, names, node) {
	if (node === void 0) return false;
	const wanted = readTexts(reading, node, "\"srcPosture\"");
	for (const { text, node: at } of wanted) if (text.startsWith("posture:") && !names.postures.has(text)) reading.report("error", "MESH_RULES_UNKNOWN_NAME", at, `posture not found: "${text}"`);
	return wanted.length > 0;
}
// src/policy/rules/sides.ts
function readSources(reading, names, list) {
	return list.flatMap((entry) => {
		const selector = readSelector(reading, names, "src", entry);
		if (selector === void 0) return [];
		if (!(selector.kind === "service" || selector.kind === "autogroup" && [
			"self",
			"internet",
			"nonroot"
		].includes(selector.name))) return [selector];
		reading.report("error", "MESH_RULES_SELECTOR", entry.node, `"${entry.text}" is not valid on the src side of a rule`);
		return [];
	});
}
function readDestination(reading, names, entry) {
	const selector = readSelector(reading, names, "dst", entry);
	if (selector === void 0) return void 0;
	if (!(selector.kind === "autogroup" && ["nonroot", "danger-all"].includes(selector.name))) return selector;
	reading.report("error", "MESH_RULES_SELECTOR", entry.node, `"${entry.text}" is not valid on the dst side of a rule`);
}
function checkSelf(reading, node, src, dst, isAnyTaken) {
	if (!dst.some((selector) => selector.kind === "autogroup" && selector.name === "self")) return;
	if (src.every((selector) => isPeople(selector, isAnyTaken))) return;
	reading.report("error", "MESH_RULES_SELECTOR", node, "autogroup:self goes with sources that are users, groups or autogroups of users only");
}
function isPeople(selector, isAnyTaken) {
	switch (selector.kind) {
		case "any": return isAnyTaken;
		case "user":
		case "group":
		case "domain": return true;
		case "autogroup": return selector.name === "member" || isServerKnown(selector.name) && selector.name !== "shared";
		default: return false;
	}
}
function readEither(reading, members, name, old) {
	const key = members.has(name) ? name : old;
	return readTexts(reading, members.get(key), `"${key}"`);
}
// src/policy/rules/acls.ts
const memberNames$7 = {
	both: [
		"action",
		"src",
		"dst",
		"proto"
	],
	tailscaleOnly: [
		"users",
		"ports",
		"srcPosture"
	]
};
function readAcls(reading, names, node) {
	return readList(reading, node, "\"acls\"").flatMap((entry) => {
		const members = readMembers(reading, entry, "a rule", memberNames$7);
		if (members === void 0) return [];
		const action = readText(reading, members.get("action"), "\"action\"");
		if (action?.text !== "accept") reading.report("error", "MESH_RULES_ACTION", action?.node ?? entry, `action="${action?.text ?? ""}" is not supported`);
		const protocol = readProtocol(reading, members.get("proto"));
		const src = readSources(reading, names, readEither(reading, members, "src", "users"));
		const dst = readEither(reading, members, "dst", "ports").flatMap((text) => readTarget(reading, names, text, protocol));
		checkSelf(reading, entry, src, dst.map((target) => target.selector), true);
		return [{
			section: "acls",
			node: entry,
			src,
			traffic: [{
				protocol,
				dst
			}],
			app: {
				capabilities: new Map(),
				dst: []
			},
			via: [],
			isConditional: readSrcPosture(reading, names, members.get("srcposture"))
		}];
	});
}
function readProtocol(reading, node) {
	const proto = readText(reading, node, "\"proto\"");
	if (proto === void 0) return void 0;
	const protocol = parseProtocol(proto.text);
	if (protocol === void 0) reading.report("error", "MESH_RULES_PORT", proto.node, `no such protocol: "${proto.text}"`);
	return protocol === "default" ? void 0 : protocol;
}
function readTarget(reading, names, target, protocol) {
	const split = splitTarget(target.text);
	if (split === void 0) {
		reading.report("error", "MESH_RULES_PORT", target.node, `dst="${target.text}": a destination has ports behind a colon`);
		return [];
	}
	const ports = split.ports.split(",").map((text) => parsePorts(text.trim()));
	const refusal = ports.find((one) => typeof one === "string");
	if (refusal !== void 0) {
		reading.report("error", "MESH_RULES_PORT", target.node, `dst="${target.text}": ${refusal}`);
		return [];
	}
	const selector = readDestination(reading, names, {
		text: split.host,
		node: target.node
	});
	if (selector === void 0) return [];
	const ranges = ports.filter((one) => typeof one !== "string");
	if (protocol !== void 0 && !hasPorts(protocol) && ranges.some((range) => range !== allPorts)) {
		const severity = reading.server === "headscale" ? "error" : "warning";
		reading.report(severity, "MESH_RULES_PORT", target.node, `dst="${target.text}": this protocol has no ports, write "*"`);
	}
	return [{
		selector,
		ports: ranges
	}];
}
function splitTarget(text) {
	const colon = text.lastIndexOf(":");
	if (colon === -1) return void 0;
	const host = text.slice(0, colon);
	return {
		host: /^\[.*\]$/.test(host) ? host.slice(1, -1) : host,
		ports: text.slice(colon + 1)
	};
}
// src/policy/rules/auto-approvers.ts
const memberNames$6 = {
	both: ["routes", "exitNode"],
	tailscaleOnly: ["services"]
};
const none$1 = {
	routes: [],
	exitNode: []
};
function readAutoApprovers(reading, names, node) {
	if (node === void 0) return none$1;
	const members = readMembers(reading, node, "\"autoApprovers\"", memberNames$6);
	if (members === void 0) return none$1;
	for (const { name, value } of readEntries(reading, members.get("services"), "\"autoApprovers.services\"")) readApprovers(reading, names, readTexts(reading, value, `approvers of "${name.text}"`));
	return {
		routes: readEntries(reading, members.get("routes"), "\"autoApprovers.routes\"").flatMap(({ name, value }) => {
			const approvers = readApprovers(reading, names, readTexts(reading, value, `approvers of "${name.text}"`));
			const prefix = parsePrefix(name.text);
			if (prefix !== void 0) return [{
				prefix,
				approvers
			}];
			reading.report("error", "MESH_RULES_DEFINITION", name.node, `"${name.text}" is no prefix`);
			return [];
		}),
		exitNode: readApprovers(reading, names, readTexts(reading, members.get("exitnode"), "\"autoApprovers.exitNode\""))
	};
}
function withApprovals(devices, approvers) {
	const nodes = devices.nodes.map((device) => {
		const approved = device.offered.filter((route) => approves(approvers, route, device));
		const added = approved.filter((route) => !isEverything(route) && !device.routes.some((one) => covers([one], route)));
		return {
			...device,
			routes: [...device.routes, ...added],
			isExit: device.isExit || approved.some(isEverything)
		};
	});
	return {
		...devices,
		nodes
	};
}
function approves(approvers, route, device) {
	return (isEverything(route) ? approvers.exitNode : approvers.routes.filter(({ prefix }) => covers([prefix], route)).flatMap((entry) => entry.approvers)).some((approver) => isApprover(approver, device));
}
function isApprover(approver, device) {
	switch (approver.kind) {
		case "tag": return device.tags.includes(approver.name);
		case "user": return device.user === approver.name;
		case "group": return device.user !== void 0 && approver.members.includes(device.user);
		case "autogroup": return approver.name === "member" ? device.user !== void 0 : approver.name === "tagged" && device.tags.length > 0;
		default: return false;
	}
}
function readApprovers(reading, names, list) {
	return list.flatMap(({ text, node }) => {
		const selector = parseSelector(names, text);
		if (isRefusal(selector)) {
			reading.report("error", selector.code, node, `approver: ${selector.message}`);
			return [];
		}
		if (selector.kind === "autogroup" && reading.server === "headscale") reading.report("error", "MESH_RULES_HEADSCALE", node, `Headscale refuses "${text}" as an approver`);
		if (selector.kind === "any" || selector.kind === "ranges" || selector.kind === "service") {
			reading.report("error", "MESH_RULES_DEFINITION", node, `"${text}" cannot approve: approvers are users, groups, tags or autogroups`);
			return [];
		}
		return [selector];
	});
}
// src/policy/rules/json.ts
function plainValue(document, node) {
	switch (node.kind) {
		case "object": return Object.fromEntries(node.items.map((m) => [stringOf(document, m.name), plainValue(document, m.value)]));
		case "array": return node.items.map((item) => plainValue(document, item.value));
		case "string": return stringOf(document, node);
		case "number": return Number(decodeText(document.bytes, node));
		case "true": return true;
		case "false": return false;
		case "null": return null;
	}
}
// src/policy/rules/grants.ts
const memberNames$5 = {
	both: [
		"src",
		"dst",
		"ip",
		"app",
		"via"
	],
	tailscaleOnly: ["srcPosture"]
};
function readGrants(reading, names, node) {
	return readList(reading, node, "\"grants\"").flatMap((entry) => {
		const members = readMembers(reading, entry, "a grant", memberNames$5);
		if (members === void 0) return [];
		const src = readSources(reading, names, readTexts(reading, members.get("src"), "\"src\""));
		const dst = readDestinations(reading, names, members);
		checkSelf(reading, entry, src, dst, false);
		const ip = readTexts(reading, members.get("ip"), "\"ip\"");
		const capabilities = readApp(reading, members.get("app"));
		if (ip.length === 0 && capabilities.size === 0) reading.report("error", "MESH_RULES_CAPABILITY", entry, "ip and app are both empty: nothing is granted");
		if (dst.some((selector) => selector.kind === "autogroup" && selector.name === "internet") && capabilities.size > 0) reading.report("error", "MESH_RULES_CAPABILITY", entry, "autogroup:internet has no applications to grant");
		return [{
			section: "grants",
			node: entry,
			src,
			traffic: readTraffic(reading, ip, dst),
			app: {
				capabilities,
				dst: capabilities.size === 0 ? [] : dst
			},
			via: readVia(reading, names, members.get("via")),
			isConditional: readSrcPosture(reading, names, members.get("srcposture"))
		}];
	});
}
function readDestinations(reading, names, members) {
	return readTexts(reading, members.get("dst"), "\"dst\"").flatMap((entry) => {
		if (/^(0\.0\.0\.0|::)\/0$/.test(entry.text)) {
			const message = `dst "${entry.text}": all addresses are "*" or "autogroup:internet"`;
			reading.report("error", "MESH_RULES_SELECTOR", entry.node, message);
			return [];
		}
		return readDestination(reading, names, entry) ?? [];
	});
}
function readTraffic(reading, ip, dst) {
	const ports = new Map();
	for (const entry of ip) {
		const read = readIp(reading, entry);
		if (read !== void 0) ports.set(read.protocol, [...ports.get(read.protocol) ?? [], read.ports]);
	}
	return [...ports].map(([protocol, list]) => ({
		protocol,
		dst: dst.map((selector) => ({
			selector,
			ports: list
		}))
	}));
}
function readIp(reading, { text, node }) {
	const colon = text.lastIndexOf(":");
	const named = colon === -1 ? "*" : text.slice(0, colon);
	const protocol = named === "" ? void 0 : parseProtocol(named);
	if (protocol === void 0) {
		reading.report("error", "MESH_RULES_PORT", node, `ip "${text}": no such protocol`);
		return;
	}
	const ports = parsePorts(text.slice(colon + 1));
	if (typeof ports === "string") {
		reading.report("error", "MESH_RULES_PORT", node, `ip "${text}": ${ports}`);
		return;
	}
	if (protocol !== "default" && !hasPorts(protocol) && ports !== allPorts) {
		const severity = reading.server === "headscale" ? "error" : "warning";
		reading.report(severity, "MESH_RULES_PORT", node, `ip "${text}": this protocol has no ports, write "*"`);
	}
	return {
		protocol: protocol === "default" ? void 0 : protocol,
		ports
	};
}
function readApp(reading, node) {
	const app = new Map();
	for (const { name, value } of readEntries(reading, node, "\"app\"")) {
		const refusal = refuseCapability(name.text);
		if (refusal !== void 0) reading.report("error", "MESH_RULES_CAPABILITY", name.node, refusal);
		readList(reading, value, `parameters of "${name.text}"`);
		app.set(name.text, plainValue(reading.document, value));
	}
	return app;
}
function readVia(reading, names, node) {
	return readTexts(reading, node, "\"via\"").map(({ text, node: at }) => {
		if (!text.startsWith("tag:")) reading.report("error", "MESH_RULES_SELECTOR", at, `via "${text}": only tags are taken`);
		else if (!names.tags.has(text)) reading.report("error", "MESH_RULES_UNKNOWN_NAME", at, `via: tag "${text}" not found`);
		return text;
	});
}
// src/policy/rules/groups.ts
function readGroups(reading, node) {
	const groups = new Map();
	for (const { name, value } of readEntries(reading, node, "\"groups\"")) {
		if (!/^group:./.test(name.text)) reading.report("error", "MESH_RULES_DEFINITION", name.node, `group names begin with "group:", not "${name.text}"`);
		const members = readTexts(reading, value, `"${name.text}"`);
		for (const member of members) checkMember(reading, name.text, member.text, member.node);
		groups.set(name.text, members.map((member) => member.text));
	}
	return groups;
}
function checkMember(reading, group, member, node) {
	const report = (message) => reading.report("error", "MESH_RULES_DEFINITION", node, message);
	if (member.startsWith("group:")) report(`"${group}" holds "${member}": groups cannot hold groups`);
	else if (member.startsWith("tag:") || member.startsWith("autogroup:")) report(`"${group}" holds "${member}": groups hold users`);
	else if (!member.includes("@")) {
		if (reading.server === "headscale") reading.report("error", "MESH_RULES_HEADSCALE", node, `Headscale's users have an "@": "${member}@"`);
		else reading.report("warning", "MESH_RULES_POINTLESS", node, `"${member}" does not look like a user's login name`);
	}
}
// src/policy/rules/hosts.ts
function readHosts(reading, node) {
	const hosts = new Map();
	for (const { name, value } of readEntries(reading, node, "\"hosts\"")) {
		if (name.text.includes("@")) reading.report("error", "MESH_RULES_DEFINITION", name.node, `a host's name has no "@": "${name.text}"`);
		const target = readText(reading, value, `host "${name.text}"`);
		if (target === void 0) continue;
		const single = parseAddress(target.text);
		const range = single ?? parsePrefix(target.text);
		if (range === void 0) reading.report("error", "MESH_RULES_DEFINITION", target.node, `"${target.text}" is no address and no prefix`);
		else hosts.set(name.text, {
			range,
			isSingle: single !== void 0
		});
	}
	return hosts;
}
// src/policy/rules/ipsets.ts
function readIpsets(reading, node, hosts) {
	const entries = readEntries(reading, node, "\"ipsets\"");
	const texts = new Map(entries.map(({ name, value }) => [name.text, readTexts(reading, value, `"${name.text}"`)]));
	for (const { name } of entries) if (!/^ipset:./.test(name.text)) reading.report("error", "MESH_RULES_DEFINITION", name.node, `IP sets' names begin with "ipset:"`);
	const sets = new Map();
	const build = (name, within) => {
		const done = sets.get(name);
		if (done !== void 0) return done;
		const ranges = (texts.get(name) ?? []).reduce((all, entry) => {
			const [, verb = "add", target = ""] = /^(?:(add|remove)\s+)?(.*)$/s.exec(entry.text) ?? [];
			const some = resolve(target.trim(), entry, [...within, name]);
			return verb === "remove" ? some.reduce(subtract, all) : all.concat(some);
		}, []);
		sets.set(name, ranges);
		return ranges;
	};
	const resolve = (target, entry, within) => {
		if (target === "autogroup:internet") return internetRanges;
		if (target.startsWith("ipset:") && texts.has(target)) {
			if (!within.includes(target)) return build(target, within);
			reading.report("error", "MESH_RULES_DEFINITION", entry.node, `"${target}" contains itself`);
			return [];
		}
		const range = hosts.get(target.replace(/^host:/, ""))?.range ?? parseRange(target);
		if (range !== void 0) return [range];
		reading.report("error", "MESH_RULES_DEFINITION", entry.node, `"${entry.text}" is nothing that an IP set can hold`);
		return [];
	};
	for (const name of texts.keys()) build(name, []);
	return sets;
}
// src/policy/rules/node-attrs.ts
const memberNames$4 = {
	both: [
		"target",
		"attr",
		"app"
	],
	tailscaleOnly: ["ipPool"]
};
const refusedByHeadscale = ["funnel"];
function checkNodeAttrs(reading, names, node) {
	for (const entry of readList(reading, node, "\"nodeAttrs\"")) {
		const members = readMembers(reading, entry, "a node attribute", memberNames$4);
		if (members === void 0) continue;
		for (const target of readTexts(reading, members.get("target"), "\"target\"")) readSelector(reading, names, "target", target);
		for (const { text, node: at } of readTexts(reading, members.get("attr"), "\"attr\"")) if (reading.server === "headscale" && refusedByHeadscale.includes(text)) reading.report("error", "MESH_RULES_HEADSCALE", at, `Headscale refuses the attribute "${text}"`);
		readEntries(reading, members.get("app"), "\"app\"");
		checkPool(reading, members.get("ippool"));
	}
}
function checkPool(reading, node) {
	if (node === void 0) return;
	for (const { text, node: at } of readTexts(reading, node, "\"ipPool\"")) {
		const prefix = parsePrefix(text);
		if (prefix === void 0) reading.report("error", "MESH_RULES_DEFINITION", at, `ipPool: "${text}" is no prefix`);
		else if (!covers(sharedRange, prefix)) reading.report("error", "MESH_RULES_DEFINITION", at, `ipPool: "${text}" is not within 100.64.0.0/10`);
	}
}
// src/policy/rules/ssh.ts
const memberNames$3 = {
	both: [
		"action",
		"src",
		"dst",
		"users",
		"checkPeriod",
		"acceptEnv"
	],
	tailscaleOnly: [
		"srcPosture",
		"recorder",
		"enforceRecorder"
	]
};
const maxCheckSeconds = 604800;
function readSsh(reading, names, node) {
	return readList(reading, node, "\"ssh\"").flatMap((entry) => {
		const members = readMembers(reading, entry, "an SSH rule", memberNames$3);
		if (members === void 0) return [];
		const action = readText(reading, members.get("action"), "\"action\"");
		checkAction(reading, entry, action);
		const src = readTexts(reading, members.get("src"), "\"src\"").flatMap((text) => readSide(reading, names, "src", text) ?? []);
		const dst = readTexts(reading, members.get("dst"), "\"dst\"").flatMap((text) => readSide(reading, names, "dst", text) ?? []);
		checkPair(reading, entry, src, dst);
		checkPeriod(reading, readText(reading, members.get("checkperiod"), "\"checkPeriod\""));
		for (const { text, node: at } of readTexts(reading, members.get("acceptenv"), "\"acceptEnv\"")) if (text === "") reading.report("error", "MESH_RULES_SSH", at, "acceptEnv has an empty value");
		return [{
			action: action?.text === "check" ? "check" : "accept",
			src,
			dst,
			users: readUsers(reading, entry, members.get("users")),
			isConditional: readSrcPosture(reading, names, members.get("srcposture"))
		}];
	});
}
function checkAction(reading, rule, action) {
	if (action === void 0 || action.text === "") reading.report("error", "MESH_RULES_ACTION", action?.node ?? rule, "an SSH rule needs an action");
	else if (action.text !== "accept" && action.text !== "check") reading.report("error", "MESH_RULES_ACTION", action.node, `"${action.text}" is no action of SSH rules`);
}
function readSide(reading, names, side, entry) {
	const selector = readSelector(reading, names, side, entry);
	if (selector === void 0) return void 0;
	const isTakenHost = reading.server === "headscale" && side === "dst" && names.hosts.has(entry.text);
	if (!(selector.kind === "ranges" && !isTakenHost || selector.kind === "service" || side === "dst" && selector.kind === "any" || side === "src" && selector.kind === "autogroup" && [
		"self",
		"internet",
		"nonroot"
	].includes(selector.name) || side === "dst" && selector.kind === "autogroup" && [
		"internet",
		"nonroot",
		"danger-all"
	].includes(selector.name))) return selector;
	reading.report("error", "MESH_RULES_SELECTOR", entry.node, `invalid ${side} "${entry.text}" in an SSH rule`);
}
function checkPair(reading, rule, src, dst) {
	checkSelf(reading, rule, src, dst, true);
	const strangers = dst.filter((one) => one.kind === "user" && !src.every((s) => s.kind === "user" && s.name === one.name));
	if (reading.server === "headscale") {
		if (strangers.length > 0 || src.some((one) => one.kind === "any") || dst.some((one) => one.kind === "group")) reading.report("error", "MESH_RULES_HEADSCALE", rule, "Headscale refuses these sources and destinations in an SSH rule");
	} else if (strangers.length > 0) reading.report("warning", "MESH_RULES_POINTLESS", rule, "an SSH rule to a user's devices is for that user alone");
}
function readUsers(reading, rule, node) {
	const users = readTexts(reading, node, "\"users\"");
	if (users.length === 0) reading.report("error", "MESH_RULES_SSH", node ?? rule, "an SSH rule needs users");
	for (const { text, node: at } of users) {
		if (text === "" || text === "*") reading.report("error", "MESH_RULES_SSH", at, `user "${text}" is not valid`);
		const domain = /^localpart:\*@(.*)$/s.exec(text)?.[1];
		if (domain !== void 0 && !isDomain(domain)) reading.report("error", "MESH_RULES_SSH", at, `"${domain}" is no domain of a tailnet, in "${text}"`);
	}
	return users.map(({ text }) => text);
}
function isDomain(text) {
	return /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(text);
}
function checkPeriod(reading, period) {
	if (period === void 0 || period.text === "" || period.text === "always") return;
	const report = (message) => reading.report("error", "MESH_RULES_SSH", period.node, message);
	const seconds = goDuration(period.text);
	if (seconds === void 0) report(`checkPeriod "${period.text}" is no duration`);
	else if (seconds < 0) report(`checkPeriod ${period.text} is negative`);
	else if (seconds > maxCheckSeconds) report(`checkPeriod ${period.text} is above the most there is (168h)`);
}
const unitSeconds = {
	ns: 1e-9,
	us: 1e-6,
	µs: 1e-6,
	μs: 1e-6,
	ms: .001,
	s: 1,
	m: 60,
	h: 3600
};
function goDuration(text) {
	const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
	if (rest === "0") return 0;
	if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return void 0;
	const seconds = [...rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)].reduce((sum, [, amount = "0", unit = "s"]) => sum + Number(amount) * (unitSeconds[unit] ?? 1), 0);
	return sign === "-" ? -seconds : seconds;
}
// src/policy/rules/party.ts
const order = [
	"no",
	"maybe",
	"yes"
];
function both(...answers) {
	return order.find((answer) => answers.includes(answer)) ?? "yes";
}
function either(answers) {
	return order.findLast((answer) => answers.includes(answer)) ?? "no";
}
function partiesOf(selector) {
	switch (selector.kind) {
		case "user":
		case "tag": return [selector];
		case "group": return selector.members.map((name) => ({
			kind: "user",
			name
		}));
		case "ranges": return selector.ranges.map((range) => ({
			kind: "address",
			range
		}));
		case "autogroup": return selector.name === "member" || selector.name === "tagged" ? [selector] : void 0;
		default: return;
	}
}
function devicesOf(party, devices) {
	if (party.kind !== "address") return devices?.nodes.filter((device) => isMeant(party, device));
	return devices?.nodes.filter((device) => device.addresses.some((address) => overlap(address, party.range)));
}
function coversSource(selector, party, devices) {
	if (selector.kind !== "any") return coversEither(selector, party, devices);
	if (party.kind !== "address") return "yes";
	if (covers([...tailnetRanges, ...devices?.nodes.flatMap((device) => device.routes) ?? []], party.range)) return "yes";
	return devices === void 0 ? "maybe" : "no";
}
function coversTarget(selector, party, source, devices) {
	if (selector.kind === "any") return "yes";
	if (selector.kind === "autogroup" && selector.name === "internet") return party.kind === "address" && covers(internetRanges, party.range) ? "yes" : "no";
	if (selector.kind === "autogroup" && selector.name === "self") return isSameUser(party, source, devices);
	return coversEither(selector, party, devices);
}
function isSameUser(party, source, devices) {
	const user = userOf(party, devices);
	const asking = userOf(source, devices);
	if (user === void 0 || asking === void 0) return "no";
	if (user === "unknown" || asking === "unknown") return "maybe";
	return user.name === asking.name ? "yes" : "no";
}
function userOf(party, devices) {
	if (party.kind === "user") return party;
	if (party.kind === "tag") return void 0;
	if (party.kind === "autogroup" || devices === void 0) return "unknown";
	const user = devicesOf(party, devices)?.[0]?.user;
	return user === void 0 ? void 0 : { name: user };
}
function coversEither(selector, party, devices) {
	if (selector.kind === "autogroup" && selector.name === "danger-all") return "yes";
	if (isUndecided(selector)) return party.kind === "tag" && selector.kind === "autogroup" ? "no" : "maybe";
	if (isNamed(selector, party)) return "yes";
	if (selector.kind === "ranges" && party.kind === "address" && covers(selector.ranges, party.range)) return "yes";
	const own = devicesOf(party, devices);
	if (own === void 0) return needsDevices(selector, party) ? "maybe" : "no";
	return own.length > 0 && own.every((device) => isMeant(selector, device) || holds(selector, device)) ? "yes" : "no";
}
function isNamed(selector, party) {
	switch (party.kind) {
		case "user": return selector.kind === "user" && selector.name === party.name || selector.kind === "group" && selector.members.includes(party.name) || selector.kind === "domain" && party.name.endsWith(`@${selector.domain}`) || selector.kind === "autogroup" && selector.name === "member";
		case "tag": return selector.kind === "tag" && selector.name === party.name || selector.kind === "autogroup" && selector.name === "tagged";
		case "autogroup": return selector.kind === "autogroup" && selector.name === party.name;
		case "address": return false;
	}
}
function holds(selector, device) {
	return selector.kind === "ranges" && device.addresses.some((address) => covers(selector.ranges, address));
}
function needsDevices(selector, party) {
	if (party.kind === "address") return selector.kind !== "ranges" && covers(tailnetRanges, party.range);
	return selector.kind === "ranges";
}
// src/policy/rules/verdict.ts
function worst(node, outcomes) {
	const by = (verdict) => outcomes.find((outcome) => outcome.verdict === verdict);
	return by("failed") ?? by("undecided") ?? {
		verdict: "passed",
		node,
		why: ""
	};
}
function readParties(reading, names, devices, { text }) {
	const selector = parseSelector(names, text);
	if (isRefusal(selector)) return selector.message;
	const parties = partiesOf(selector);
	if (parties === void 0) return `"${text}" cannot stand in a test`;
	if (parties.length === 0) return `"${text}" is nobody`;
	if (parties.find((party) => party.kind === "user" && devices !== void 0 && devices.users.length > 0 && !devices.users.includes(party.name)) !== void 0 && selector.kind === "user") return `there is no user "${text}"`;
	if (reading.server === "headscale" && devices !== void 0 && selector.kind !== "ranges") {
		if (!devices.nodes.some((device) => parties.some((party) => party.kind === "user" ? device.user === party.name : hasParty(device, party)))) return `"${text}" has no device, which fails a test on Headscale`;
	}
	return parties;
}
function hasParty(device, party) {
	if (party.kind === "tag") return device.tags.includes(party.name);
	return party.kind === "autogroup" && party.name === "member" === (device.user !== void 0);
}
function countOutcomes(reading, outcomes) {
	for (const { verdict, node, why } of outcomes) if (verdict === "failed") reading.report("error", "MESH_RULES_TEST_FAILED", node, why);
	const count = (verdict) => outcomes.filter((outcome) => outcome.verdict === verdict).length;
	return {
		passed: count("passed"),
		failed: count("failed"),
		undecided: count("undecided")
	};
}
// src/policy/rules/ssh-tests.ts
const memberNames$2 = {
	both: [
		"src",
		"dst",
		"accept",
		"deny",
		"check"
	],
	tailscaleOnly: ["srcPostureAttrs"]
};
function runSshTests(reading, ground, node) {
	return readList(reading, node, "\"sshTests\"").flatMap((entry) => {
		const members = readMembers(reading, entry, "an SSH test", memberNames$2);
		if (members === void 0) return [];
		const fail = (why, at = entry) => [{
			verdict: "failed",
			node: at,
			why
		}];
		const src = readText(reading, members.get("src"), "\"src\"");
		const dst = readTexts(reading, members.get("dst"), "\"dst\"");
		const wanted = [
			"accept",
			"deny",
			"check"
		].flatMap((kind) => readTexts(reading, members.get(kind), `"${kind}"`).map((user) => ({
			kind,
			user
		})));
		if (src === void 0) return fail("the SSH test has no src");
		if (dst.length === 0) return fail("the SSH test has no dst");
		if (wanted.length === 0) return fail("the SSH test has neither accept, deny nor check");
		const sources = readParties(reading, ground.names, ground.devices, src);
		if (typeof sources === "string") return fail(`src: ${sources}`, src.node);
		return [worst(entry, dst.flatMap((target) => {
			if (target.text === "autogroup:self") return [{
				verdict: "undecided",
				node: target.node,
				why: ""
			}];
			const targets = readParties(reading, ground.names, ground.devices, target);
			if (typeof targets === "string") return fail(`dst: ${targets}`, target.node);
			return wanted.map(({ kind, user }) => {
				const verdicts = sources.flatMap((source) => targets.map((party) => judge$1(ground, source, party, user.text, kind)));
				const verdict = verdicts.includes("failed") ? "failed" : verdicts.includes("undecided") ? "undecided" : "passed";
				const why = `${src.text} as "${user.text}" on ${target.text}: "${kind}" is not what the SSH rules give`;
				return {
					verdict,
					node: user.node,
					why
				};
			});
		}))];
	});
}
function judge$1(ground, source, target, user, wanted) {
	const accept = login(ground, "accept", source, target, user);
	const check = login(ground, "check", source, target, user);
	const any = either([accept, check]);
	if (wanted === "deny") return any === "no" ? "passed" : any === "yes" ? "failed" : "undecided";
	const [own, other] = wanted === "accept" ? [accept, check] : [check, accept];
	if (any === "no") return "failed";
	return own === "yes" && other === "no" ? "passed" : "undecided";
}
function login({ rules, devices }, action, source, target, user) {
	return either(rules.filter((rule) => rule.action === action).map((rule) => both(rule.isConditional ? "maybe" : "yes", either(rule.src.map((selector) => coversSource(selector, source, devices))), either(rule.dst.map((selector) => coversTarget(selector, target, source, devices))), either(rule.users.map((pattern) => isUser(pattern, user, source))))));
}
function isUser(pattern, user, source) {
	if (pattern === "autogroup:nonroot") return user === "root" ? "no" : "yes";
	const domain = /^localpart:\*@(.*)$/s.exec(pattern)?.[1];
	if (domain === void 0) return pattern === user ? "yes" : "no";
	if (source.kind === "user") return source.name === `${user}@${domain}` ? "yes" : "no";
	return source.kind === "tag" ? "no" : "maybe";
}
// src/policy/rules/tags.ts
function readTagOwners(reading, node) {
	const owners = new Map();
	for (const { name, value } of readEntries(reading, node, "\"tagOwners\"")) {
		const refusal = refuseTag(name.text);
		if (refusal !== void 0) reading.report("error", "MESH_RULES_DEFINITION", name.node, refusal);
		owners.set(name.text, readTexts(reading, value, `owners of "${name.text}"`));
	}
	return {
		tags: new Set(owners.keys()),
		owners
	};
}
function checkOwners(reading, { tags, owners }, groups) {
	for (const [tag, list] of owners) for (const owner of list) {
		const refusal = refuseOwner(reading, tags, groups, owner.text);
		if (refusal !== void 0) reading.report("error", refusal[0], owner.node, `owner of "${tag}": ${refusal[1]}`);
	}
}
function refuseOwner(reading, tags, groups, owner) {
	if (owner.startsWith("tag:")) return tags.has(owner) ? void 0 : ["MESH_RULES_UNKNOWN_NAME", `tag not found: "${owner}"`];
	if (owner.startsWith("group:")) return groups.has(owner) ? void 0 : ["MESH_RULES_UNKNOWN_NAME", `group not found: "${owner}"`];
	if (owner.startsWith("autogroup:")) {
		if (reading.server === "headscale") return ["MESH_RULES_HEADSCALE", `Headscale refuses "${owner}" as an owner`];
		const name = owner.slice(10);
		return isServerKnown(name) || name === "member" || name === "members" ? void 0 : ["MESH_RULES_DEFINITION", `"${owner}" cannot own a tag`];
	}
	if (owner.includes("@") || reading.server === "tailscale") return void 0;
	return ["MESH_RULES_HEADSCALE", `Headscale's users have an "@": "${owner}@"`];
}
function refuseTag(tag) {
	if (!tag.startsWith("tag:")) return `tags begin with "tag:", not "${tag}"`;
	if (!/^tag:[A-Za-z]/.test(tag)) return `"${tag}": a tag's name begins with a letter`;
	return /^tag:[A-Za-z0-9-]+$/.test(tag) ? void 0 : `"${tag}": a tag's name has letters, digits and dashes only`;
}
// src/policy/rules/tests.ts
const memberNames$1 = {
	both: [
		"src",
		"proto",
		"accept",
		"deny"
	],
	tailscaleOnly: [
		"user",
		"allow",
		"srcPostureAttrs"
	]
};
function runTests(reading, ground, node) {
	return readList(reading, node, "\"tests\"").flatMap((entry) => {
		const members = readMembers(reading, entry, "a test", memberNames$1);
		if (members === void 0) return [];
		const fail = (why) => [{
			verdict: "failed",
			node: entry,
			why
		}];
		const src = readText(reading, members.get("src") ?? members.get("user"), "\"src\"");
		const accept = readEither(reading, members, "accept", "allow");
		const deny = readEither(reading, members, "deny", "deny");
		if (src === void 0) return fail("the test has no src");
		if (accept.length + deny.length === 0) return fail("the test has neither accept nor deny");
		const protocol = parseProtocol(readText(reading, members.get("proto"), "\"proto\"")?.text ?? "");
		if (protocol === void 0) return fail("the test's proto does not exist");
		if (reading.server === "headscale" && protocol !== "default" && !hasPorts(protocol)) return fail("Headscale tests TCP, UDP and SCTP only");
		const parties = readParties(reading, ground.names, ground.devices, src);
		if (typeof parties === "string") return fail(`src: ${parties}`);
		const judge = (target, wanted) => judgeTarget(reading, ground, {
			src,
			parties,
			protocol
		}, target, wanted);
		return [worst(entry, [...accept.map((t) => judge(t, "accept")), ...deny.map((t) => judge(t, "deny"))])];
	});
}
function judgeTarget(reading, ground, asking, target, wanted) {
	const fail = (why) => ({
		verdict: "failed",
		node: target.node,
		why: `"${target.text}": ${why}`
	});
	const split = splitTarget(target.text);
	if (split === void 0) return fail("a test's destination is host:port");
	const port = readPort(split.ports, asking.protocol);
	if (port === void 0) return fail("a test's destination has one port");
	if (isPrefix(ground.names, split.host)) return fail("a test's destination is a single host, not a prefix");
	if (split.host === "autogroup:self") return judgeSelf(reading, ground, asking, target, wanted, port);
	const targets = readParties(reading, ground.names, ground.devices, {
		text: split.host,
		node: target.node
	});
	if (typeof targets === "string") return fail(targets);
	const answers = asking.parties.flatMap((source) => targets.map((party) => reach(reading, ground, source, party, port, asking.protocol)));
	return {
		verdict: wanted === "accept" ? judgeAccept(answers) : judgeDeny(reading, answers),
		node: target.node,
		why: otherwise(asking, target, wanted)
	};
}
function otherwise(asking, target, wanted) {
	const said = wanted === "accept" ? "is to reach" : "is not to reach";
	return `${asking.src.text} ${said} ${target.text}, by the rules it is otherwise`;
}
function judgeSelf(reading, ground, asking, target, wanted, port) {
	return {
		verdict: asking.parties.map((party) => reach(reading, ground, party, party, port, asking.protocol)).some((answer) => answer === (wanted === "accept" ? "no" : "yes")) ? "failed" : "undecided",
		node: target.node,
		why: otherwise(asking, target, wanted)
	};
}
function judgeAccept(answers) {
	if (answers.includes("no")) return "failed";
	return answers.includes("maybe") ? "undecided" : "passed";
}
function judgeDeny(reading, answers) {
	if (reading.server === "headscale" && answers.includes("no")) return "passed";
	if (answers.includes("yes")) return "failed";
	return answers.includes("maybe") ? "undecided" : "passed";
}
function readPort(text, protocol) {
	if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) return void 0;
	const isPortless = protocol !== "default" && !hasPorts(protocol);
	return Number(text) === 0 && !isPortless ? void 0 : Number(text);
}
function isPrefix(names, host) {
	const alias = names.hosts.get(host);
	return alias === void 0 ? host.includes("/") || host.startsWith("ipset:") : !alias.isSingle;
}
function reach(reading, { rules, devices }, source, target, port, protocol) {
	if (rules === void 0) return "yes";
	return either(rules.map((rule) => {
		if (rule.via.length > 0 && reading.server === "headscale") return "no";
		return both(rule.isConditional || rule.via.length > 0 ? "maybe" : "yes", either(rule.src.map((selector) => coversSource(selector, source, devices))), either(rule.traffic.filter((traffic) => isSameProtocol(reading, traffic.protocol, protocol)).flatMap((traffic) => traffic.dst).filter(({ ports }) => port === 0 || ports.some((range) => range.first <= port && port <= range.last)).map(({ selector }) => coversTarget(selector, target, source, devices))));
	}));
}
function isSameProtocol(reading, ruled, asked) {
	const any = reading.server === "headscale" ? [
		1,
		6,
		17,
		58
	] : [6, 17];
	if (asked === "default") return ruled === void 0 || any.includes(ruled);
	return ruled === void 0 ? [
		1,
		6,
		17,
		58
	].includes(asked) : ruled === asked;
}
// src/policy/rules/evaluate.ts
const none = {
	passed: 0,
	failed: 0,
	undecided: 0
};
const maxDepth = 64;
const memberNames = {
	both: [
		"grants",
		"acls",
		"ssh",
		"autoApprovers",
		"nodeAttrs",
		"tagOwners",
		"groups",
		"hosts",
		"tests",
		"sshTests",
		"randomizeClientPort"
	],
	tailscaleOnly: [
		"postures",
		"defaultSrcPosture",
		"ipsets",
		"attrConfig",
		"derpMap",
		"disableIPv4",
		"OneCGNATRoute"
	]
};
function evaluate(source, options = {}) {
	const problems = [];
	const bytes = typeof source === "string" ? encodeText(source) : source;
	const given = parseHujson(bytes);
	const parsed = given.ok ? given : parseHujson(withNewline(bytes));
	if (!parsed.ok) {
		const { line, column, text } = given.ok ? parsed.problem : given.problem;
		return refused([{
			severity: "error",
			code: "MESH_HUJSON_SYNTAX",
			message: inertText(text, 200),
			line,
			column
		}]);
	}
	const reading = startReading(parsed.document, options.server ?? "tailscale", problems);
	const root = parsed.document.root;
	if (!given.ok) problems.push({
		severity: "warning",
		code: "MESH_RULES_FINAL_NEWLINE",
		message: "the file ends in a comment without a newline",
		line: given.problem.line,
		column: given.problem.column
	});
	reportDuplicates(reading, root);
	if (depthOf(root) > maxDepth) {
		reading.report("error", "MESH_RULES_SHAPE", root, `nested deeper than ${maxDepth} levels`);
		return refused(problems);
	}
	const members = readMembers(reading, root, "a policy", memberNames);
	if (members === void 0) return refused(problems);
	const { policy, devices, tests } = judge(reading, (name) => members.get(name.toLowerCase()), options.devices);
	const access = devices === void 0 ? new Map() : policy.rules === void 0 ? openAccess(devices) : accessOf(policy.rules, devices);
	const isRefused = problems.some((problem) => problem.severity === "error");
	return {
		problems: inOrder(problems),
		tests,
		ok: !isRefused,
		policy,
		document: parsed.document,
		devices,
		access
	};
}
function judge(reading, member, given) {
	const groups = readGroups(reading, member("groups"));
	const hosts = readHosts(reading, member("hosts"));
	const owners = readTagOwners(reading, member("tagOwners"));
	checkOwners(reading, owners, groups);
	const names = {
		groups,
		hosts,
		ipsets: readIpsets(reading, member("ipsets"), hosts),
		tags: owners.tags,
		postures: readPostures(reading, member("postures"))
	};
	const isAllConditional = readSrcPosture(reading, names, member("defaultSrcPosture"));
	const acls = member("acls");
	const grants = member("grants");
	const written = [...readGrants(reading, names, grants), ...readAcls(reading, names, acls)].map((rule) => isAllConditional ? {
		...rule,
		isConditional: true
	} : rule);
	for (const rule of written) reportUndecided(reading, rule);
	const rules = acls === void 0 && grants === void 0 ? void 0 : written;
	const autoApprovers = readAutoApprovers(reading, names, member("autoApprovers"));
	const devices = given === void 0 ? void 0 : withApprovals(given, autoApprovers);
	const ssh = readSsh(reading, names, member("ssh"));
	checkNodeAttrs(reading, names, member("nodeAttrs"));
	const outcomes = [...runTests(reading, {
		names,
		rules,
		devices
	}, member("tests")), ...runSshTests(reading, {
		names,
		rules: ssh,
		devices
	}, member("sshTests"))];
	return {
		policy: {
			names,
			rules,
			autoApprovers
		},
		devices,
		tests: countOutcomes(reading, outcomes)
	};
}
function reportUndecided(reading, rule) {
	const sides = [
		...rule.src,
		...rule.traffic.flatMap(({ dst }) => dst.map((one) => one.selector)),
		...rule.app.dst
	];
	if (rule.isConditional) reading.report("info", "MESH_RULES_UNDECIDED", rule.node, "this rule holds for devices of certain postures only; which, the server knows");
	else if (sides.some(isUndecided)) reading.report("info", "MESH_RULES_UNDECIDED", rule.node, "this rule names users, devices or services that only the server knows");
}
function withNewline(bytes) {
	const longer = new Uint8Array(bytes.length + 1);
	longer.set(bytes);
	longer[bytes.length] = 10;
	return longer;
}
function refused(problems) {
	return {
		problems: inOrder(problems),
		tests: none,
		ok: false,
		policy: void 0,
		document: void 0,
		devices: void 0,
		access: new Map()
	};
}
function inOrder(problems) {
	return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
// src/policy/rules/devices.ts
function readDevices(value) {
	if (!isObject(value)) throw bad("it is not an object with `users` and `nodes`");
	const users = value["users"] === void 0 ? [] : textList(value["users"], "users");
	const nodes = value["nodes"] ?? {};
	if (!isObject(nodes)) throw bad("`nodes` is not an object of devices by name");
	return {
		users,
		nodes: Object.entries(nodes).map(([name, node]) => readDevice(name, node))
	};
}
function readDevice(name, node) {
	const where = `nodes.${inertText(name, 60)}`;
	if (!isObject(node)) throw bad(`\`${where}\` is not an object`);
	const list = (key) => node[key] === void 0 || node[key] === null ? [] : textList(node[key], `${where}.${key}`);
	const tags = list("tags");
	const user = optionalText(node["user"], `${where}.user`);
	const addresses = ["ipv4", "ipv6"].flatMap((key) => {
		const text = optionalText(node[key], `${where}.${key}`);
		if (text === void 0) return [];
		const address = parseAddress(text);
		if (address === void 0) throw bad(`\`${where}.${key}\` is not an address`);
		return [address];
	});
	const prefixes = (key) => list(key).map((text) => {
		const prefix = parsePrefix(text);
		if (prefix === void 0) throw bad(`\`${where}.${key}\` has something that is not a prefix`);
		return prefix;
	});
	const approved = prefixes("approved");
	return {
		name,
		user: tags.length > 0 ? void 0 : user,
		tags,
		addresses,
		routes: approved.filter((route) => !isEverything(route)),
		isExit: approved.some(isEverything),
		offered: prefixes("routes")
	};
}
function isObject(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
function textList(value, where) {
	if (!Array.isArray(value)) throw bad(`\`${where}\` is not a list of texts`);
	const texts = value.filter((item) => typeof item === "string");
	if (texts.length !== value.length) throw bad(`\`${where}\` is not a list of texts`);
	return texts;
}
function optionalText(value, where) {
	if (value === void 0 || value === null) return void 0;
	if (typeof value !== "string") throw bad(`\`${where}\` is not a text`);
	return value;
}
function bad(message) {
	return policyError("MESH_POLICY_DEVICES", `the devices file cannot be used: ${message}`);
}
// src/cli/devices-file.ts
function readDevicesFile(terminal, file) {
	const text = decodeText(terminal.read(file));
	let value;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw cliError("MESH_CLI_FILE", `${inertText(file, 200)} is not JSON`, {
			where: { file },
			cause: error
		});
	}
	return readDevices(value);
}
// src/cli/problem-lines.ts
function problemLine(file, { severity, code, message, line, column }) {
	return inertLine(`${file}:${line}:${column}: ${severity} ${code}: ${message}`);
}
// src/cli/policy-check.ts
const policyCheck = {
	words: ["policy", "check"],
	usage: "[--syntax] [--server tailscale|headscale] [--devices FILE] [--json] FILE…",
	help: "Is each policy valid, and do its tests pass? Exit status 1 when one is not or does not.",
	run(args, terminal) {
		const { values, positionals } = readArguments(args, {
			syntax: {
				type: "boolean",
				default: false
			},
			server: {
				type: "string",
				default: "tailscale"
			},
			devices: { type: "string" },
			json: {
				type: "boolean",
				default: false
			}
		});
		if (positionals.length === 0) usageError("policy check needs a FILE");
		const server = readServer(values.server);
		const devices = values.devices === void 0 ? void 0 : readDevicesFile(terminal, values.devices);
		let isAllOk = true;
		for (const file of positionals) {
			const verdict = checkFile(terminal, file, values.syntax, server, devices);
			isAllOk &&= verdict.ok;
			for (const line of values.json ? [jsonLine(file, verdict)] : humanLines(file, verdict)) terminal.out(line);
		}
		return isAllOk ? 0 : 1;
	}
};
const untested = {
	passed: 0,
	failed: 0,
	undecided: 0
};
function readServer(text) {
	if (text === "tailscale" || text === "headscale") return text;
	return usageError(`--server is tailscale or headscale, not "${text}"`);
}
function checkFile(terminal, file, isSyntaxOnly, server, devices) {
	let bytes;
	try {
		bytes = terminal.read(file);
	} catch (error) {
		if (!(error instanceof MeshError)) throw error;
		return {
			ok: false,
			problems: [{
				severity: "error",
				code: error.code,
				message: error.message,
				line: 1,
				column: 1
			}],
			tests: untested
		};
	}
	if (!isSyntaxOnly) return evaluate(bytes, {
		server,
		...devices === void 0 ? {} : { devices }
	});
	const result = parseHujson(bytes);
	if (result.ok) return {
		ok: true,
		problems: [],
		tests: untested
	};
	const { text, line, column } = result.problem;
	return {
		ok: false,
		problems: [{
			severity: "error",
			code: "MESH_HUJSON_SYNTAX",
			message: inertText(text, 200),
			line,
			column
		}],
		tests: untested
	};
}
function jsonLine(file, { ok, problems, tests }) {
	const plain = problems.map(({ severity, code, message, line, column }) => ({
		severity,
		code,
		message,
		line,
		column
	}));
	return JSON.stringify({
		file,
		ok,
		problems: plain,
		tests
	});
}
function humanLines(file, { ok, problems, tests }) {
	const counts = [
		"passed",
		"failed",
		"undecided"
	].filter((kind) => tests[kind] > 0);
	const said = counts.length === 0 ? "" : `; tests: ${counts.map((kind) => `${tests[kind]} ${kind}`).join(", ")}`;
	return [...problems.map((problem) => problemLine(file, problem)), inertLine(`${file}: ${ok ? "ok" : "not ok"}${said}`)];
}
// src/policy/rules/filter.ts
function filtersOf(access) {
	return new Map([...access].map(([name, entries]) => [name, filterOf(entries)]));
}
function filterOf(entries) {
	const rules = new Map();
	for (const entry of entries) {
		const rule = filterRule(entry);
		const key = JSON.stringify([
			rule.SrcIPs,
			rule.IPProto ?? [],
			rule.CapGrant === void 0 ? "" : rules.size
		]);
		const same = rules.get(key);
		rules.set(key, same === void 0 ? rule : {
			...same,
			DstPorts: [...same.DstPorts ?? [], ...rule.DstPorts ?? []]
		});
	}
	return [...rules.values()];
}
function filterRule(entry) {
	const SrcIPs = rangeTexts(entry.src);
	if (entry.app.size > 0) return {
		SrcIPs,
		CapGrant: [{
			Dsts: entry.capDst.map((range) => formatPrefix(range) ?? formatRange(range)),
			CapMap: Object.fromEntries(entry.app)
		}]
	};
	return {
		SrcIPs,
		DstPorts: entry.dst.flatMap(({ range, ports }) => ports.map(({ first, last }) => ({
			IP: range === void 0 ? "*" : formatRange(range),
			Ports: {
				First: first,
				Last: last
			}
		}))),
		...entry.protocol === void 0 ? {} : { IPProto: [entry.protocol] }
	};
}
// src/policy/rules/peers.ts
function peersOf(access, devices) {
	const letsIn = new Map(devices.nodes.map((device) => {
		const entries = access.get(device.name) ?? [];
		return [device.name, new Set(devices.nodes.filter((other) => admits(entries, other)).map((other) => other.name))];
	}));
	return new Map(devices.nodes.map(({ name }) => {
		return [name, devices.nodes.filter((other) => other.name !== name && (letsIn.get(name)?.has(other.name) || letsIn.get(other.name)?.has(name))).map((other) => other.name).sort()];
	}));
}
function admits(entries, other) {
	const reach = [...other.addresses, ...other.routes];
	return entries.some((entry) => entry.src.some((range) => reach.some((one) => overlap(one, range))));
}
// src/policy/rules/reach.ts
function reachRows(document, access, devices) {
	return devices.nodes.flatMap((device) => (access.get(device.name) ?? []).flatMap((entry) => {
		const line = entry.rule === void 0 ? void 0 : positionAt(document.bytes, entry.rule.node.start).line;
		const from = sourceNames(entry.src, device, devices);
		if (from.length === 0) return [];
		const apps = entry.app.size === 0 ? [] : [{
			target: "itself",
			ports: `app ${[...entry.app.keys()].join(", ")}`
		}];
		const targets = new Map();
		for (const { range, ports } of entry.dst) {
			const target = targetText(device, range);
			const known = targets.get(target) ?? new Set();
			for (const one of ports) known.add(portText(entry.protocol, one));
			targets.set(target, known);
		}
		return [...[...targets].map(([target, ports]) => ({
			target,
			ports: [...ports].join(", ")
		})), ...apps].map((row) => ({
			from,
			device: device.name,
			line,
			...row
		}));
	}));
}
function sourceNames(src, device, devices) {
	const named = devices.nodes.filter((other) => other.addresses.some((address) => covers(src, address)));
	const addresses = devices.nodes.flatMap((other) => other.addresses);
	const isNobodys = (range) => !addresses.some((address) => overlap(address, range));
	return [...named.map((other) => other.name).filter((name) => name !== device.name), ...rangeTexts(src.filter(isNobodys))];
}
function targetText(device, range) {
	if (range === void 0) return device.routes.length === 0 && !device.isExit ? "itself" : "itself and behind it";
	return device.addresses.some((address) => covers([range], address)) ? "itself" : formatRange(range);
}
function portText(protocol, { first, last }) {
	const ports = first === allPorts.first && last === allPorts.last ? "*" : first === last ? `${first}` : `${first}-${last}`;
	return protocol === void 0 ? ports : `${protocolName(protocol)}:${ports}`;
}
// src/cli/table.ts
function tableLines(rows) {
	const columns = Math.max(0, ...rows.map((row) => row.length));
	const widths = Array.from({ length: columns }, (_, i) => Math.max(0, ...rows.map((row) => (row[i] ?? "").length)));
	return rows.map((row) => row.map((cell, i) => i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd());
}
// src/cli/policy-reach.ts
const policyReach = {
	words: ["policy", "reach"],
	usage: "--devices FILE [--json] FILE",
	help: "Who reaches what, on which ports, by which line of the policy?",
	run(args, terminal) {
		const { values, positionals } = readArguments(args, {
			devices: { type: "string" },
			json: {
				type: "boolean",
				default: false
			}
		});
		const [file, ...more] = positionals;
		if (file === void 0 || more.length > 0) return usageError("policy reach needs one FILE");
		if (values.devices === void 0) return usageError("policy reach needs --devices FILE");
		const given = readDevicesFile(terminal, values.devices);
		const evaluation = evaluate(terminal.read(file), { devices: given });
		for (const problem of evaluation.problems) terminal.err(problemLine(file, problem));
		if (evaluation.problems.some(({ severity, code }) => severity === "error" && code !== "MESH_RULES_TEST_FAILED") || evaluation.devices === void 0) return 1;
		const lines = values.json ? [reachJson(evaluation, evaluation.devices)] : reachTable(evaluation, evaluation.devices);
		for (const line of lines) terminal.out(line);
		return 0;
	}
};
function reachJson({ access }, devices) {
	const filters = filtersOf(access);
	const peers = peersOf(access, devices);
	const shown = devices.nodes.map(({ name }) => [name, {
		peers: peers.get(name) ?? [],
		filter: filters.get(name) ?? []
	}]);
	return JSON.stringify({ devices: Object.fromEntries(shown) });
}
function reachTable({ access, document }, devices) {
	const rows = document === void 0 ? [] : reachRows(document, access, devices);
	if (rows.length === 0) return ["Nothing reaches anything."];
	return tableLines([[
		"FROM",
		"TO",
		"PORTS",
		"BY"
	], ...rows.map(({ from, device, target, ports, line }) => [
		from.join(", "),
		target === "itself" ? device : `${device}: ${target}`,
		ports,
		line === void 0 ? "no rules are written" : `line ${line}`
	]).map((row) => row.map((cell) => inertText(cell, 300)))]);
}
// src/cli/terminal.ts
const processTerminal = {
	read(file) {
		try {
			return readFileSync(file);
		} catch (error) {
			const reason = error instanceof Error && "code" in error ? String(error.code) : "it cannot be read";
			throw cliError("MESH_CLI_FILE", `${inertText(file, 200)}: ${reason}`, {
				where: { file },
				cause: error
			});
		}
	},
	out: (line) => process.stdout.write(`${line}\n`),
	err: (line) => process.stderr.write(`${line}\n`)
};
// src/cli/main.ts
const commands = [policyCheck, policyReach];
async function main() {
	process.exitCode = await runCli(process.argv.slice(2), processTerminal);
}
async function runCli(args, terminal) {
	try {
		if (args.length === 0 || args.includes("--help") || args.includes("-h")) {
			for (const line of helpLines(args)) terminal.out(line);
			return args.length === 0 ? 2 : 0;
		}
		const command = commands.find(({ words }) => words.every((word, i) => args[i] === word));
		if (command === void 0) return usageError(`there is no command "${args.slice(0, 2).join(" ")}"`);
		return await command.run(args.slice(command.words.length), terminal);
	} catch (error) {
		if (!(error instanceof MeshError)) throw error;
		terminal.err(inertLine(`${error.code}: ${error.message}`));
		terminal.err(inertLine(error.hint));
		return 2;
	}
}
function helpLines(args) {
	const words = args.filter((arg) => !arg.startsWith("-"));
	const shown = commands.filter((command) => command.help !== void 0);
	const chosen = shown.filter((command) => words.every((word, i) => command.words[i] === word));
	return ["Usage:", ...(chosen.length === 0 ? shown : chosen).flatMap(({ words: own, usage, help }) => [`  tailmesh ${own.join(" ")} ${usage}`, `      ${help}`])];
}
// \0entry:tailmesh
await main();
export {};
