import { A as tailscaleNodes, B as allErrors, H as joinErrors, I as inertMarkdown, N as formatIPv4, O as clusterOf, P as parseIPv4, R as inertText, V as defineErrors, f as visibleDevices, g as countChanges, h as emptyOutcome, j as sha256, m as planMarkdown, y as canonicalJson, z as MeshError } from "./mesh.js";
// src/hujson/errors.ts
const hujsonError = defineErrors({ MESH_HUJSON_SYNTAX: {
	kind: "config",
	meaning: "A policy file is not HuJSON (JSON with comments and trailing commas); the place is where the reader gave up.",
	hint: "Look at that line and the one before it: most often a comma or a quote is missing. Nothing was written."
} });
// src/hujson/tree.ts
const lineStarts = new WeakMap();
function positionAt(bytes, offset) {
	const starts = lineStarts.get(bytes) ?? startsOf(bytes);
	lineStarts.set(bytes, starts);
	let line = 1;
	for (let beyond = starts.length + 1; beyond - line > 1;) {
		const middle = line + beyond >> 1;
		if ((starts[middle - 1] ?? 0) <= offset) line = middle;
		else beyond = middle;
	}
	return {
		line,
		column: offset - (starts[line - 1] ?? 0) + 1
	};
}
function startsOf(bytes) {
	const starts = [0];
	for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
	return starts;
}
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
function encodeText(text) {
	return encoder.encode(text);
}
const plainTexts = new WeakMap();
function plainText(bytes) {
	const known = plainTexts.get(bytes);
	if (known !== void 0) return known.text;
	const text = bytes.every((byte) => byte < 128) ? decoder.decode(bytes) : void 0;
	plainTexts.set(bytes, { text });
	return text;
}
function decodeText(bytes, span = {
	start: 0,
	end: bytes.length
}) {
	return plainText(bytes)?.slice(span.start, span.end) ?? decoder.decode(bytes.subarray(span.start, span.end));
}
// src/hujson/scan.ts
var ScanFailure = class extends Error {
	offset;
	constructor(offset, text) {
		super(text);
		this.offset = offset;
	}
};
const strictDecoder = new TextDecoder("utf-8", {
	fatal: true,
	ignoreBOM: true
});
const char = {
	tab: 9,
	lineFeed: 10,
	carriageReturn: 13,
	space: 32,
	quote: 34,
	star: 42,
	slash: 47,
	backslash: 92
};
function isBlank(byte) {
	return byte === char.space || byte === char.tab || byte === char.lineFeed || byte === char.carriageReturn;
}
function skipExtra(bytes, offset, comments) {
	let at = offset;
	for (;;) {
		while (isBlank(bytes[at])) at += 1;
		const next = bytes[at + 1];
		if (bytes[at] !== char.slash || next !== char.slash && next !== char.star) return at;
		const end = next === char.slash ? lineCommentEnd(bytes, at) : blockCommentEnd(bytes, at);
		checkUtf8(bytes, at, end);
		if (next === char.slash) checkLineSeparators(bytes, at, end);
		comments.push({
			start: at,
			end
		});
		at = end;
	}
}
function lineCommentEnd(bytes, start) {
	const end = bytes.indexOf(char.lineFeed, start);
	if (end === -1) throw new ScanFailure(start, "parsing comment: unexpected EOF");
	return end;
}
function blockCommentEnd(bytes, start) {
	for (let at = bytes.indexOf(char.star, start + 2); at !== -1; at = bytes.indexOf(char.star, at + 1)) if (bytes[at + 1] === char.slash) return at + 2;
	throw new ScanFailure(start, "parsing comment: unexpected EOF");
}
function checkUtf8(bytes, start, end) {
	try {
		strictDecoder.decode(bytes.subarray(start, end));
	} catch {
		throw new ScanFailure(start, "invalid UTF-8 in comment");
	}
}
function checkLineSeparators(bytes, start, end) {
	for (let at = start; at + 2 < end; at += 1) {
		const last = bytes[at + 2];
		if (bytes[at] === 226 && bytes[at + 1] === 128 && (last === 168 || last === 169)) throw new ScanFailure(at, `invalid character '\\u20${last === 168 ? "28" : "29"}' in line comment`);
	}
}
function scanLiteral(bytes, start) {
	if (bytes[start] === char.quote) return scanString(bytes, start);
	let end = start;
	while (isWordByte(bytes[end])) end += 1;
	if (end === start) throw invalidCharacter(bytes, start, "at start of value");
	const word = decodeText(bytes, {
		start,
		end
	});
	if (word === "null" || word === "true" || word === "false") return {
		kind: word,
		start,
		end
	};
	if (/^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(word)) return {
		kind: "number",
		start,
		end
	};
	throw new ScanFailure(start, `invalid literal: ${word}`);
}
function isWordByte(byte) {
	if (byte === void 0) return false;
	return (byte | 32) >= 97 && (byte | 32) <= 122 || byte >= 48 && byte <= 57 || byte === 43 || byte === 45 || byte === 46;
}
function scanString(bytes, start) {
	let at = start + 1;
	while (bytes[at] !== char.quote) {
		if (at >= bytes.length) throw new ScanFailure(bytes.length, "parsing string: unexpected EOF");
		at += bytes[at] === char.backslash ? 2 : 1;
	}
	const span = {
		start,
		end: at + 1
	};
	const text = decodeText(bytes, span);
	if (!/^"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"$/.test(text)) throw new ScanFailure(start, `invalid literal: ${text}`);
	return {
		kind: "string",
		...span
	};
}
function invalidCharacter(bytes, offset, context) {
	return new ScanFailure(offset, `invalid character ${quoteCharacter(bytes, offset)} ${context}`);
}
function quoteCharacter(bytes, offset) {
	const byte = bytes[offset] ?? 0;
	for (let length = 1; length <= 4; length += 1) {
		const point = decodeStrict(bytes.subarray(offset, offset + length));
		if (point === void 0) continue;
		const letter = String.fromCodePoint(point);
		if (letter === "'" || letter === "\\") return `'\\${letter}'`;
		if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(letter)) return `'${letter}'`;
		return point > 65535 ? `'\\U${point.toString(16).padStart(8, "0")}'` : `'\\u${point.toString(16).padStart(4, "0")}'`;
	}
	return `'\\x${byte.toString(16).padStart(2, "0")}'`;
}
function decodeStrict(bytes) {
	try {
		return strictDecoder.decode(bytes).codePointAt(0);
	} catch {
		return;
	}
}
// src/hujson/parse.ts
function parseHujson(bytes) {
	try {
		return {
			ok: true,
			document: new Reader(bytes).read()
		};
	} catch (error) {
		if (!(error instanceof ScanFailure)) throw error;
		return {
			ok: false,
			problem: {
				offset: error.offset,
				text: error.message,
				...positionAt(bytes, error.offset)
			}
		};
	}
}
function readHujson(text, file) {
	const result = parseHujson(encodeText(text));
	if (result.ok) return result.document;
	const { line, column, text: reason } = result.problem;
	const where = file === void 0 ? {
		line,
		column
	} : {
		file,
		line,
		column
	};
	throw hujsonError("MESH_HUJSON_SYNTAX", `line ${line}, column ${column}: ${inertText(reason, 200)}`, { where });
}
function repairFinalNewline(text) {
	if (text.endsWith("\n") || parseHujson(encodeText(text)).ok) return {
		text,
		repaired: false
	};
	const longer = `${text}\n`;
	return parseHujson(encodeText(longer)).ok ? {
		text: longer,
		repaired: true
	} : {
		text,
		repaired: false
	};
}
var Reader = class {
	#bytes;
	#comments = [];
	#trailingCommas = [];
	#frames = [];
	#at = 0;
	constructor(bytes) {
		this.#bytes = bytes;
	}
	read() {
		let root;
		while (root === void 0) {
			const value = this.#nextValue();
			if (value !== void 0) root = this.#place(value);
		}
		if (this.#at < this.#bytes.length) throw invalidCharacter(this.#bytes, this.#at, "after top-level value");
		return {
			bytes: this.#bytes,
			root,
			comments: this.#comments,
			trailingCommas: this.#trailingCommas
		};
	}
	#skip() {
		this.#at = skipExtra(this.#bytes, this.#at, this.#comments);
	}
	#nextValue() {
		this.#skip();
		const start = this.#at;
		const frame = this.#frames.at(-1);
		if (start >= this.#bytes.length) throw new ScanFailure(start, "parsing value: unexpected EOF");
		const letter = String.fromCharCode(this.#bytes[start] ?? 0);
		if (frame !== void 0 && letter === closer(frame) && !isNamed$1(frame)) return this.#close(frame);
		if (letter === "{" || letter === "[") {
			this.#at += 1;
			this.#frames.push(letter === "{" ? {
				kind: "object",
				start,
				items: [],
				name: void 0
			} : {
				kind: "array",
				start,
				items: []
			});
			return;
		}
		const literal = scanLiteral(this.#bytes, start);
		this.#at = literal.end;
		return literal;
	}
	#place(first) {
		let value = first;
		for (;;) {
			const frame = this.#frames.at(-1);
			if (frame?.kind === "object" && frame.name === void 0) return this.#takeName(frame, value);
			this.#skip();
			if (frame === void 0) return value;
			if (this.#at >= this.#bytes.length) throw new ScanFailure(this.#at, `parsing ${frame.kind} after value: unexpected EOF`);
			const letter = String.fromCharCode(this.#bytes[this.#at] ?? 0);
			const isComma = letter === ",";
			if (!isComma && letter !== closer(frame)) throw invalidCharacter(this.#bytes, this.#at, `after ${frame.kind} value (expecting ',' or '${closer(frame)}')`);
			addItem(frame, value, isComma ? this.#at : void 0);
			if (isComma) {
				this.#at += 1;
				return;
			}
			value = this.#close(frame);
		}
	}
	#takeName(frame, value) {
		if (value.kind !== "string") throw invalidCharacter(this.#bytes, value.start, "at start of object name");
		frame.name = {
			...value,
			kind: "string"
		};
		this.#skip();
		if (this.#at >= this.#bytes.length) throw new ScanFailure(this.#at, "parsing object after name: unexpected EOF");
		if (this.#bytes[this.#at] !== 58) throw invalidCharacter(this.#bytes, this.#at, "after object name");
		this.#at += 1;
	}
	#close(frame) {
		this.#frames.pop();
		this.#at += 1;
		const comma = frame.items.at(-1)?.comma;
		if (comma !== void 0) this.#trailingCommas.push(comma);
		const span = {
			start: frame.start,
			end: this.#at
		};
		return frame.kind === "array" ? {
			kind: "array",
			...span,
			items: frame.items
		} : {
			kind: "object",
			...span,
			items: frame.items
		};
	}
};
function closer(frame) {
	return frame.kind === "array" ? "]" : "}";
}
function isNamed$1(frame) {
	return frame.kind === "object" && frame.name !== void 0;
}
function addItem(frame, value, comma) {
	if (frame.kind === "array") frame.items.push({
		value,
		comma
	});
	else if (frame.name !== void 0) {
		frame.items.push({
			name: frame.name,
			value,
			comma
		});
		frame.name = void 0;
	}
}
// src/hujson/value.ts
function stringOf(document, node) {
	const text = decodeText(document.bytes, node);
	if (!text.includes("\\")) return text.slice(1, -1);
	const value = JSON.parse(text);
	return typeof value === "string" ? value : "";
}
function canonicalText(document, node) {
	if (node.kind === "array") return `[${node.items.map((item) => canonicalText(document, item.value)).join(",")}]`;
	if (node.kind === "object") return `{${node.items.map((m) => `${JSON.stringify(stringOf(document, m.name))}:${canonicalText(document, m.value)}`).sort().join(",")}}`;
	if (node.kind === "string") return JSON.stringify(stringOf(document, node));
	const text = decodeText(document.bytes, node);
	return node.kind === "number" && String(Number(text)).length <= 15 ? String(Number(text)) : text;
}
function depthOf(root) {
	let level = [root];
	for (let depth = 0;; depth += 1) {
		const inner = level.flatMap((node) => node.kind === "array" || node.kind === "object" ? node.items.map((i) => i.value) : []);
		if (inner.length === 0) return depth;
		level = inner;
	}
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
function isEverything$1({ family, first, last }) {
	return first === 0n && last === (1n << widths[family]) - 1n;
}
function overlap$1(a, b) {
	return a.family === b.family && a.first <= b.last && b.first <= a.last;
}
function covers(outer, inner) {
	return outer.reduce((rest, range) => subtract(rest, range), [inner]).length === 0;
}
function subtract(ranges, taken) {
	return ranges.flatMap((range) => {
		if (!overlap$1(range, taken)) return [range];
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
function prefixesOf(ranges) {
	return merged(ranges).flatMap(splitIntoPrefixes);
}
function merged(ranges) {
	const order = (a, b) => a.family - b.family || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0);
	const kept = [];
	for (const range of ranges.toSorted(order)) {
		const last = kept.at(-1);
		if (last === void 0 || last.family !== range.family || range.first > last.last + 1n) kept.push(range);
		else if (range.last > last.last) kept[kept.length - 1] = {
			...last,
			last: range.last
		};
	}
	return kept;
}
function splitIntoPrefixes({ family, first, last }) {
	const prefixes = [];
	for (let at = first; at <= last;) {
		let size = 1n;
		while (at % (size * 2n) === 0n && at + size * 2n - 1n <= last) size *= 2n;
		prefixes.push({
			family,
			first: at,
			last: at + size - 1n
		});
		at += size;
	}
	return prefixes;
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
const onHeadscale$1 = [
	"drive",
	"kubernetes",
	"relay",
	"webui",
	"tsidp"
].map((name) => `tailscale.com/cap/${name}`);
function refuseCapability(name, server) {
	if (server === "headscale") {
		if (name.includes("://")) return `capability "${name}" does not have the form domain/path`;
		return name.startsWith("tailscale.com/") && !onHeadscale$1.includes(name) ? `Headscale grants no "${name}"` : void 0;
	}
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
function strangerOf(selector, devices) {
	const users = devices?.users ?? [];
	if (users.length === 0) return void 0;
	return (selector.kind === "group" ? selector.members : selector.kind === "user" ? [selector.name] : []).find((user) => !users.includes(user));
}
function isRefusal(value) {
	return "message" in value;
}
function readSelector(reading, names, side, { text, node }) {
	const selector = parseSelector(names, text);
	if (!isRefusal(selector)) return reading.server === "headscale" ? onHeadscale(reading, selector, {
		text,
		node
	}) : selector;
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
function onHeadscale(reading, selector, { text, node }) {
	if (selector.kind === "domain") {
		const message = `for Headscale "${text}" is the name of a single user, whom nobody is`;
		reading.report("warning", "MESH_RULES_POINTLESS", node, message);
		return {
			kind: "user",
			name: text
		};
	}
	if (selector.kind === "service" || text === "autogroup:members" || selector.kind === "autogroup" && isServerKnown(selector.name)) reading.report("error", "MESH_RULES_HEADSCALE", node, `Headscale does not know "${text}" here`);
	return selector;
}
// src/policy/rules/tailnet.ts
const tailnetRanges = ranges([
	"100.64.0.0-100.115.91.255",
	"100.115.94.0-100.127.255.255",
	"fd7a:115c:a1e0::/48"
]);
const sharedRange = ranges(["100.64.0.0/10"]);
const everywhere = ranges(["0.0.0.0/0", "::/0"]);
const internetRanges = without$1([
	"0.0.0.0/8",
	"10.0.0.0/8",
	"100.64.0.0/10",
	"127.0.0.0/8",
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.168.0.0/16",
	"224.0.0.0/3"
]);
const internetOnHeadscale = without$1([
	"10.0.0.0/8",
	"100.64.0.0/10",
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.168.0.0/16"
]);
function internetOf(server) {
	return server === "headscale" ? internetOnHeadscale : internetRanges;
}
function without$1(texts) {
	return ranges(texts).reduce(subtract, ranges(["0.0.0.0/0", "2000::/3"]));
}
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
function accessOf(rules, devices, server) {
	const plain = rules.filter((rule) => !rule.isConditional).map((rule) => ({
		rule,
		src: rule.src.flatMap((selector) => sourceRanges(selector, devices))
	}));
	return new Map(devices.nodes.map((device) => [device.name, plain.flatMap(({ rule, src }) => [
		...plainEntries(rule, src, device, devices, server),
		...selfEntries(rule, device, devices),
		...companionEntries(rule, device, devices)
	])]));
}
function openAccess(devices, server) {
	const entry = {
		rule: void 0,
		src: server === "headscale" ? everywhere : sourceRanges({ kind: "any" }, devices),
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
function plainEntries(rule, src, device, devices, server) {
	if (src.length === 0 || rule.via.length > 0 && !rule.via.some((tag) => device.tags.includes(tag))) return [];
	const isVia = rule.via.length > 0;
	const network = rule.traffic.flatMap(({ protocol, dst }) => {
		const kept = dst.flatMap(({ selector, ports }) => localPart(selector, device, devices, server, isVia).map((range) => ({
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
	const capDst = rule.app.dst.flatMap((selector) => capabilityPart(selector, device, devices, server, isVia));
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
function localPart(selector, device, devices, server, isVia) {
	if (isSelf(selector) || isUndecided(selector)) return [];
	const internet = internetOf(server);
	if (selector.kind === "autogroup" && selector.name === "internet") return device.isExit ? internet : [];
	const ranges = destinationRanges(selector, devices);
	if (ranges === void 0) return isVia && (server === "headscale" || device.routes.length === 0) ? [] : [void 0];
	const served = isVia ? device.routes : [...device.addresses, ...device.routes];
	const isExit = server === "headscale" && device.isExit && !isVia;
	return ranges.filter((range) => served.some((one) => overlap$1(one, range)) || isExit && covers(internet, range));
}
function capabilityPart(selector, device, devices, server, isVia) {
	return localPart(selector, device, devices, server, isVia).flatMap((range) => range ?? device.addresses);
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
	return src.some((selector) => selector.kind === "any" || isMeant(selector, device) || selector.kind === "ranges" && device.addresses.some((address) => selector.ranges.some((range) => overlap$1(range, address))));
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
const defaultProtocols = [
	1,
	6,
	17,
	58
];
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
		if (action?.text !== "accept") reading.report(action === void 0 && reading.server === "headscale" ? "warning" : "error", "MESH_RULES_ACTION", action?.node ?? entry, `action="${action?.text ?? ""}" is not supported`);
		const protocol = readProtocol(reading, members.get("proto"));
		const src = readSources(reading, names, readEither(reading, members, "src", "users"));
		const dst = readEither(reading, members, "dst", "ports").flatMap((text) => readTarget$1(reading, names, text, protocol));
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
function readTarget$1(reading, names, target, protocol) {
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
	const [, address, bits = ""] = /^\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\](\/\d+)?$/.exec(host) ?? [];
	return {
		host: address === void 0 ? host : `${address}${bits}`,
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
		const approved = device.offered.filter((route) => approves$1(approvers, route, device));
		const added = approved.filter((route) => !isEverything$1(route) && !device.routes.some((one) => covers([one], route)));
		return {
			...device,
			routes: [...device.routes, ...added],
			isExit: device.isExit || approved.some(isEverything$1)
		};
	});
	return {
		...devices,
		nodes
	};
}
function approves$1(approvers, route, device) {
	return (isEverything$1(route) ? approvers.exitNode : approvers.routes.filter(({ prefix }) => covers([prefix], route)).flatMap((entry) => entry.approvers)).some((approver) => isApprover(approver, device));
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
		const via = readVia(reading, names, members.get("via"));
		const isApp = capabilities.size > 0 && (via.length === 0 || !grantsNoAppByVia(reading, entry));
		return [{
			section: "grants",
			node: entry,
			src,
			traffic: readTraffic(reading, ip, dst),
			app: isApp ? {
				capabilities,
				dst
			} : {
				capabilities: new Map(),
				dst: []
			},
			via,
			isConditional: readSrcPosture(reading, names, members.get("srcposture"))
		}];
	});
}
function grantsNoAppByVia(reading, grant) {
	if (reading.server !== "headscale") return false;
	reading.report("warning", "MESH_RULES_POINTLESS", grant, "Headscale grants no applications together with `via`");
	return true;
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
		if (read !== void 0) ports.set(read.protocol, [...ports.get(read.protocol) ?? [], ...read.ports]);
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
	const written = text.slice(colon + 1);
	const read = (reading.server === "headscale" ? written.split(",") : [written]).map(parsePorts);
	const refusal = read.find((one) => typeof one === "string");
	if (refusal !== void 0) {
		reading.report("error", "MESH_RULES_PORT", node, `ip "${text}": ${refusal}`);
		return;
	}
	const ports = read.filter((one) => typeof one !== "string");
	if (protocol !== "default" && !hasPorts(protocol) && ports.some((range) => range !== allPorts)) reading.report("warning", "MESH_RULES_PORT", node, `ip "${text}": this protocol has no ports, write "*"`);
	return {
		protocol: protocol === "default" ? void 0 : protocol,
		ports
	};
}
function readApp(reading, node) {
	const app = new Map();
	for (const { name, value } of readEntries(reading, node, "\"app\"")) {
		const refusal = refuseCapability(name.text, reading.server);
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
function checkNodeAttrs(reading, names, node, devices) {
	for (const entry of readList(reading, node, "\"nodeAttrs\"")) {
		const members = readMembers(reading, entry, "a node attribute", memberNames$4);
		if (members === void 0) continue;
		const attributes = readTexts(reading, members.get("attr"), "\"attr\"");
		for (const target of readTexts(reading, members.get("target"), "\"target\"")) {
			const selector = readSelector(reading, names, "target", target);
			const stranger = selector && strangerOf(selector, devices);
			if (reading.server === "headscale" && stranger !== void 0 && attributes.length > 0) reading.report("error", "MESH_RULES_HEADSCALE", target.node, `there is no user "${stranger}" on Headscale`);
		}
		for (const { text, node: at } of attributes) if (reading.server === "headscale" && refusedByHeadscale.includes(text)) reading.report("error", "MESH_RULES_HEADSCALE", at, `Headscale refuses the attribute "${text}"`);
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
	if (!(selector.kind === "ranges" || selector.kind === "service" || side === "dst" && selector.kind === "any" || side === "src" && selector.kind === "autogroup" && [
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
		if (domain !== void 0 && !isDomain(domain)) {
			const severity = reading.server === "headscale" ? "warning" : "error";
			reading.report(severity, "MESH_RULES_SSH", at, `"${domain}" is no domain of a tailnet, in "${text}"`);
		}
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
	return devices?.nodes.filter((device) => device.addresses.some((address) => overlap$1(address, party.range)));
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
				const verdicts = sources.flatMap((source) => targets.map((party) => judge$2(ground, source, party, user.text, kind)));
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
function judge$2(ground, source, target, user, wanted) {
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
		reportTag(reading, name);
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
function reportTag(reading, { text: tag, node }) {
	const report = (severity, message) => reading.report(severity, "MESH_RULES_DEFINITION", node, message);
	if (!tag.startsWith("tag:")) report("error", `tags begin with "tag:", not "${tag}"`);
	else if (!/^tag:[A-Za-z]/.test(tag)) report("error", `"${tag}": a tag's name begins with a letter`);
	else if (!/^tag:[A-Za-z0-9-]+$/.test(tag)) report(reading.server === "headscale" ? "warning" : "error", `"${tag}": a tag's name has letters, digits and dashes only`);
}
// src/policy/rules/headscale-tests.ts
function addressesOf(names, devices, { text }) {
	const selector = parseSelector(names, text);
	if (isRefusal(selector)) return selector.message;
	if (selector.kind === "any") return tailnetRanges;
	if (selector.kind === "autogroup" && ![
		"member",
		"tagged",
		"danger-all"
	].includes(selector.name)) return `"${text}" cannot stand in a test`;
	const stranger = strangerOf(selector, devices);
	if (stranger !== void 0) return `there is no user "${stranger}"`;
	const ranges = sourceRanges(selector, devices);
	return ranges.length > 0 ? ranges : `"${text}" has no device, which fails a test on Headscale`;
}
function getsThrough(rules, devices, asked) {
	if (rules === void 0) return true;
	const dst = prefixesOf(asked.dst);
	const counted = rules.filter((rule) => rule.via.length === 0);
	return prefixesOf(asked.src).every((source) => counted.some((rule) => rule.src.some((selector) => sourceRanges(selector, devices).some((range) => overlap$1(range, source))) && rule.traffic.some((traffic) => opens$1(traffic, dst, devices, asked))));
}
function opens$1({ protocol: ruled, dst: targets }, dst, devices, { port, protocol }) {
	if (ruled !== void 0 && !(protocol === "default" ? defaultProtocols : [protocol]).includes(ruled)) return false;
	return targets.some(({ selector, ports }) => ports.some(({ first, last }) => first <= port && port <= last) && (rangesOf(selector, devices)?.some((range) => dst.some((one) => overlap$1(range, one))) ?? true));
}
function rangesOf(selector, devices) {
	if (selector.kind !== "autogroup") return destinationRanges(selector, devices);
	if (selector.name === "self") return [];
	return selector.name === "internet" ? internetOf("headscale") : destinationRanges(selector, devices);
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
		if (reading.server === "headscale" && ground.devices !== void 0) {
			const judge = headscaleJudge(ground, ground.devices, src, protocol);
			if (typeof judge === "string") return fail(`src: ${judge}`);
			return [worst(entry, [...accept.map((t) => judge(t, "accept")), ...deny.map((t) => judge(t, "deny"))])];
		}
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
function headscaleJudge({ names, rules }, devices, src, protocol) {
	const from = addressesOf(names, devices, src);
	if (typeof from === "string") return from;
	return (target, wanted) => {
		const read = readTarget(names, target, protocol);
		const dst = typeof read === "string" ? read : addressesOf(names, devices, {
			text: read.host,
			node: target.node
		});
		if (typeof read === "string" || typeof dst === "string") return {
			verdict: "failed",
			node: target.node,
			why: `"${target.text}": ${dst}`
		};
		return {
			verdict: getsThrough(rules, devices, {
				src: from,
				dst,
				port: read.port,
				protocol
			}) === (wanted === "accept") ? "passed" : "failed",
			node: target.node,
			why: otherwise(src, target, wanted)
		};
	};
}
function readTarget(names, { text }, protocol) {
	const split = splitTarget(text);
	if (split === void 0) return "a test's destination is host:port";
	const port = readPort(split.ports, protocol);
	if (port === void 0) return "a test's destination has one port";
	if (isPrefix(names, split.host)) return "a test's destination is a single host, not a prefix";
	return {
		host: split.host,
		port
	};
}
function judgeTarget(reading, ground, asking, target, wanted) {
	const fail = (why) => ({
		verdict: "failed",
		node: target.node,
		why: `"${target.text}": ${why}`
	});
	const read = readTarget(ground.names, target, asking.protocol);
	if (typeof read === "string") return fail(read);
	const { host, port } = read;
	if (host === "autogroup:self") return judgeSelf(reading, ground, asking, target, wanted, port);
	const targets = readParties(reading, ground.names, ground.devices, {
		text: host,
		node: target.node
	});
	if (typeof targets === "string") return fail(targets);
	const answers = asking.parties.flatMap((source) => targets.map((party) => reach(reading, ground, source, party, port, asking.protocol)));
	return {
		verdict: wanted === "accept" ? judgeAccept(answers) : judgeDeny(reading, answers),
		node: target.node,
		why: otherwise(asking.src, target, wanted)
	};
}
function otherwise(src, target, wanted) {
	const said = wanted === "accept" ? "is to reach" : "is not to reach";
	return `${src.text} ${said} ${target.text}, by the rules it is otherwise`;
}
function judgeSelf(reading, ground, asking, target, wanted, port) {
	return {
		verdict: asking.parties.map((party) => reach(reading, ground, party, party, port, asking.protocol)).some((answer) => answer === (wanted === "accept" ? "no" : "yes")) ? "failed" : "undecided",
		node: target.node,
		why: otherwise(asking.src, target, wanted)
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
const maxDepth$1 = 64;
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
	if (typeof source !== "string" && "root" in source) return evaluateDocument(source, options, problems);
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
	if (!given.ok) problems.push({
		severity: "warning",
		code: "MESH_RULES_FINAL_NEWLINE",
		message: "the file ends in a comment without a newline",
		line: given.problem.line,
		column: given.problem.column
	});
	return evaluateDocument(parsed.document, options, problems);
}
function evaluateDocument(document, options, problems) {
	const reading = startReading(document, options.server ?? "tailscale", problems);
	const { root } = document;
	reportDuplicates(reading, root);
	if (depthOf(root) > maxDepth$1) {
		reading.report("error", "MESH_RULES_SHAPE", root, `nested deeper than ${maxDepth$1} levels`);
		return refused(problems);
	}
	const members = readMembers(reading, root, "a policy", memberNames);
	if (members === void 0) return refused(problems);
	const { policy, devices, tests } = judge$1(reading, (name) => members.get(name.toLowerCase()), options);
	const access = devices === void 0 ? new Map() : policy.rules === void 0 ? openAccess(devices, reading.server) : accessOf(policy.rules, devices, reading.server);
	const isRefused = problems.some((problem) => problem.severity === "error");
	return {
		problems: inOrder(problems),
		tests,
		ok: !isRefused,
		policy,
		document,
		devices,
		access
	};
}
function judge$1(reading, member, options) {
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
	const devices = options.devices === void 0 ? void 0 : withApprovals(options.devices, autoApprovers);
	const ssh = readSsh(reading, names, member("ssh"));
	checkNodeAttrs(reading, names, member("nodeAttrs"), options.devices);
	const outcomes = options.skipTests ? [] : [...runTests(reading, {
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
			server: reading.server,
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
// src/policy/errors.ts
const policyError = defineErrors({
	MESH_POLICY_SHAPE: {
		kind: "config",
		meaning: "A policy is well-formed HuJSON, but a part of it is not what a tailnet policy has there (a list where an object belongs, a member twice).",
		hint: "Correct the policy at that place. Nothing was written."
	},
	MESH_POLICY_FILE_MISSING: {
		kind: "config",
		meaning: "The topology names a policy file that is not in the checkout.",
		hint: "Correct `policy.file` or `policy.parts` in the topology, or check out the file before this step."
	},
	MESH_POLICY_INVALID: {
		kind: "config",
		meaning: "The policy that the topology and your policy files give has a mistake, or one of its own tests fails. That was found without a server.",
		hint: "Correct your policy file at that place; `tailmesh policy check` tries it on your machine (docs/policy.md)."
	},
	MESH_POLICY_DEVICES: {
		kind: "config",
		meaning: "A devices file is not what the evaluator can use.",
		hint: "Give it the shape `{\"users\":[…],\"nodes\":{NAME:{\"user\",\"tags\",\"ipv4\",\"ipv6\",\"routes\",\"approved\"}}}` (docs/policy.md)."
	},
	MESH_POLICY_PARTS_CONFLICT: {
		kind: "config",
		meaning: "Two of your policy files define the same name differently.",
		hint: "Keep the definition in one of the two files."
	},
	MESH_POLICY_FORBID_CONTRADICTS: {
		kind: "config",
		meaning: "A port is both allowed by `links` and forbidden by `forbid`; grants can only allow, so one of the two cannot be kept.",
		hint: "List the ports of that link under `links` without the forbidden ones, or remove the entry under `forbid`."
	},
	MESH_POLICY_FOREIGN: {
		kind: "refused",
		meaning: "The tailnet already has a policy that Tailmesh has not written, and it lacks what the topology needs.",
		hint: "Read the diff. To let the derived entries be merged into that policy (nothing of it is removed), set `adopt: true` once."
	},
	MESH_POLICY_DRIFTED: {
		kind: "conflict",
		meaning: "The policy was edited elsewhere after Tailmesh last wrote it, and something is to be written now.",
		hint: "Read the diff. `adopt: true` keeps those edits and merges into them (and rewrites `policy.file`); `on-drift: overwrite` goes on with your own base."
	},
	MESH_POLICY_DEFAULT_IN_USE: {
		kind: "refused",
		meaning: "The server still has its default policy, which allows everything, and devices outside the topology live under it; the first policy would cut them off.",
		hint: "Set `adopt: true` to keep everything allowed for now, or write a policy for those devices and name it in `policy.file`."
	},
	MESH_POLICY_LOCKOUT: {
		kind: "refused",
		meaning: "The policy to be written would take away what nobody wants to lose by accident: the owner of the credential's tag, a tag that devices carry, the runner's way to the nodes, the access of those who look after the tailnet, or a route that is served. Nothing was written.",
		hint: "Put a rule or an owner for it into your policy. If it is meant, set `allow-lockout: true` for this one run."
	},
	MESH_POLICY_EMPTY: {
		kind: "refused",
		meaning: "The policy to be written would be empty or without a rule section. Servers take that as: everything is allowed.",
		hint: "Give the base policy a `grants` section, even an empty one."
	},
	MESH_POLICY_LOSES_ENTRY: {
		kind: "refused",
		meaning: "The merged policy would lack an entry of others that the base has. This must not happen, so nothing was written.",
		hint: "Please report it with the policy and the topology."
	},
	MESH_POLICY_REJECTED: {
		kind: "remote",
		meaning: "The control server refuses the policy. The old one stays in force.",
		hint: "Correct what the server names. A failing test says which access would be wrong."
	},
	MESH_POLICY_CHANGED: {
		kind: "conflict",
		meaning: "The policy was changed by someone else between reading and writing it. Nothing was overwritten.",
		hint: "Run again: the new policy is read and planned afresh."
	},
	MESH_POLICY_NOT_STORED: {
		kind: "unverified",
		meaning: "The server took the policy, but reading it back gives another one.",
		hint: "Run again and read the diff; someone may have written at the same moment."
	}
});
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
		routes: approved.filter((route) => !isEverything$1(route)),
		isExit: approved.some(isEverything$1),
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
	return entries.some((entry) => entry.src.some((range) => reach.some((one) => overlap$1(one, range))));
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
	const isNobodys = (range) => !addresses.some((address) => overlap$1(address, range));
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
	const hash = markerHash(document.text);
	if (hash === void 0) return "foreign";
	return isMarkedBy(withoutMarker(document.text), hash) ? "ours" : "drifted";
}
function markerHash(text) {
	return pattern.exec(text)?.[1];
}
function isMarkedBy(rest, hash) {
	return restHash(rest) === hash;
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
// src/policy/merge.ts
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
// src/policy/base.ts
function baseOf(input) {
	const { files, adopt, state, server, document } = input;
	const [first, ...rest] = files;
	if (first !== void 0 && !(adopt && (state === "foreign" || state === "drifted"))) {
		const tree = joinParts([first, ...rest]);
		return {
			tree,
			from: "files",
			warnings: tree.warnings
		};
	}
	if (server === void 0) return defaultBase(input);
	return {
		...keepOpen(readPolicy(withoutMarker(document.text))),
		from: "server"
	};
}
function defaultBase({ control, adopt, hasForeignDevices, document }) {
	if (!adopt || !hasForeignDevices) return {
		tree: readPolicy(minimalPolicy(control)),
		from: "default",
		warnings: []
	};
	const text = withoutMarker(document.text);
	return {
		...keepOpen(readPolicy(text.trim() === "" ? emptyPolicy : text)),
		from: "default"
	};
}
const heading = "  // The policy of this tailnet. Tailmesh keeps the entries of its clusters up to date; add your own beside them.\n";
const emptyPolicy = `{\n${heading}}\n`;
function minimalPolicy(control) {
	if (control === "headscale") return emptyPolicy;
	return `{\n${heading}  "grants": [\n    // Those who look after the tailnet keep access to all of it.\n    { "src": ["autogroup:owner", "autogroup:admin"], "dst": ["*"], "ip": ["*"] },\n  ],\n}\n`;
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
// src/policy/render.ts
function renderPolicy(base, derived) {
	const merged = mergePolicy(base.tree, derived);
	return {
		merged,
		text: () => withMarker(merged)
	};
}
function renderLocally(mesh, files, server) {
	const document = {
		text: server ?? "",
		version: "",
		isDefault: server === void 0
	};
	return renderPolicy(baseOf({
		control: mesh.tailnet.control,
		document,
		state: policyState(document),
		server: server === void 0 ? void 0 : readPolicy(server),
		files: server === void 0 ? files : [],
		adopt: true,
		hasForeignDevices: false
	}), derivePolicy(mesh)).text();
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
	const named = devices.nodes.filter(({ name, addresses }) => shown.has(name) && addresses.some((address) => isInside$1(address, src)));
	const own = devices.nodes.flatMap(({ addresses }) => addresses);
	const outside = src.filter((range) => !own.some((address) => overlap$1(range, address)) && !isInside$1(range, tailnetRanges));
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
	const isOwn = range === void 0 || device.addresses.some((address) => overlap$1(range, address));
	const inside = device.routes.flatMap((route) => {
		if (range === void 0 || covers([range], route)) return [route];
		return overlap$1(range, route) ? [range] : [];
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
	const isSource = one.from === grant.from || grant.source.every((range) => isInside$1(range, one.source));
	if (!isSource || one.to === grant.to) return isSource;
	return one.target !== void 0 && grant.target !== void 0 && isInside$1(grant.target, [one.target]);
}
function isInside$1(inner, ranges) {
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
	const nodes = candidates$1(tree);
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
function candidates$1(tree) {
	const hosts = objectMember(tree, tree.root, "hosts");
	const names = new Set(hosts?.items.map(({ name }) => stringOf(tree.document, name)));
	const isWide = (text) => /^(\*$|autogroup:(members?|tagged|danger-all)$|ipset:)|\/0$|^[0-9a-f.:]+-[0-9a-f.:]+$/i.test(text) || names.has(text);
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
	const [judged] = withApprovals({
		users: [],
		nodes: [{
			...device,
			routes: [],
			isExit: false,
			offered: [route]
		}]
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
	const entry = (evaluation.access.get(name) ?? []).find(({ src, dst }) => src.length > 0 && dst.some(({ range }) => range === void 0 || overlap$1(range, route)));
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
	return dst.some(({ range, ports }) => (range === void 0 || overlap$1(range, target)) && (port === void 0 || ports.some(({ first, last }) => first <= port && port <= last)));
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
const maxNames$1 = 5;
function list(names) {
	const more = names.length - maxNames$1;
	return `${names.slice(0, maxNames$1).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
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
// src/policy/expected.ts
function expectedPlan(input) {
	if (!input.capabilities.policy.keepsComments) return void 0;
	try {
		const text = renderLocally(input.mesh, input.files, void 0);
		return planPolicy({
			...input,
			document: {
				text,
				version: "",
				isDefault: false
			}
		});
	} catch (error) {
		if (error instanceof MeshError) return void 0;
		throw error;
	}
}
function confirmed(expected, document) {
	if (expected === void 0 || document.isDefault || document.text !== expected.input.document.text) return void 0;
	return {
		...expected,
		version: document.version,
		input: {
			...expected.input,
			document
		}
	};
}
// src/policy/last-applied.ts
function findLastApplied(versions, search) {
	const hash = markerHash(search.document.text);
	const meaning = hash === void 0 ? meaningOf$1(search.document.text) : void 0;
	for (const { commit, texts } of versions) {
		const text = candidates(texts, search).find((candidate) => hash === void 0 ? meaningOf$1(candidate) === meaning : isMarkedBy(candidate, hash));
		if (text !== void 0) return {
			text,
			commit
		};
	}
	return null;
}
function candidates(texts, search) {
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
function meaningOf$1(text) {
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
async function observePolicy({ control, document: asked, workspace, past }, { mesh, options }, devices) {
	const known = {
		mesh,
		capabilities: control.capabilities,
		wire: control.wire.setPolicy,
		files: await readPolicyFiles(workspace, mesh.policyFiles),
		options
	};
	const expected = asked && expectedPlan(known);
	const document = await (asked ?? control.getPolicy());
	const input = {
		...known,
		document
	};
	const first = confirmed(expected, document) ?? planPolicy(input);
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
// src/policy/rollback.ts
function planRollback(planned, broken) {
	const { document, mesh, devices } = planned.input;
	if (planned.text === null) return keep("this run did not write it");
	if (broken.length === 0) return keep("no link got worse");
	if (document.isDefault || document.text.trim() === "") return keep("there was none before that could be put back");
	const taken = planned.access.filter(({ kind }) => kind === "loses");
	if (!devices) return takesRules(planned) ? keep("what it would give back cannot be told without the devices") : restore(document.text);
	const back = taken.filter((change) => !broken.some((link) => isOfLink(change, link, planned, mesh)));
	const [first] = back;
	if (first === void 0) return restore(document.text);
	const more = back.length > 1 ? ` and ${back.length - 1} more` : "";
	return keep(`the one before would give back what was taken away (${few(first.from)} to ${few(first.to)}, ${first.ports}${more})`);
}
function restore(text) {
	return {
		kind: "restore",
		text
	};
}
function keep(why) {
	return {
		kind: "keep",
		why
	};
}
function takesRules({ plan }) {
	const additions = [
		"policy.tests",
		"policy.tagowners",
		"policy.autoapprovers"
	];
	return plan.changes.some(({ kind, resource }) => kind !== "create" && !additions.includes(resource.toLowerCase()));
}
function isOfLink(change, link, planned, mesh) {
	const wanted = mesh.links.find((one) => one.from === link.from && one.to === link.to);
	if (wanted === void 0 || wanted.ports.length > 0) return false;
	const [from, to] = [clusterOf(mesh, link.from), clusterOf(mesh, link.to)];
	return change.from.every((name) => isFrom(name, from, planned)) && change.to.every((target) => isInside(target.replace(/^.*: /, ""), to));
}
function isFrom(name, cluster, { input }) {
	const device = named(input.devices ?? []).find(([one]) => one === name)?.[1];
	return device === void 0 && cluster.nodes.some((node) => node.hostname === name) || (device?.tags.includes(cluster.tag) ?? false) || isInside(name, cluster);
}
function isInside(text, { pods, services }) {
	const range = parseRange(text);
	const own = [pods, services].flatMap((prefix) => parseRange(prefix.text) ?? []);
	return range !== void 0 && covers(own, range);
}
// src/policy/take-back.ts
async function takeBackPolicy(control, written, broken) {
	const decided = planRollback(written, broken);
	if (decided.kind === "keep") return `the policy stays as written: ${decided.why}`;
	try {
		refuseEmpty(decided.text);
		const now = await control.getPolicy();
		if (!isSamePolicy(now.text, written.text ?? "")) return "the policy stays: somebody changed it since";
		const write = await control.setPolicy(decided.text, now.version);
		if (write.kind === "written") return "the previous policy is in force again";
		return `the policy stays as written: the server does not take the previous one (${write.kind})`;
	} catch (error) {
		if (!(error instanceof MeshError)) throw error;
		return `the previous policy could not be put back: ${error.code}: ${error.message}`;
	}
}
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
export { parseHujson as _, applyHeldTests as a, observePolicy as c, renderLocally as d, reachRows as f, evaluate as g, readDevices as h, logLines as i, readPolicyFiles as l, filtersOf as m, takeBackPolicy as n, applyPolicy as o, peersOf as p, policySummary as r, judgeOffline as s, policyJob as t, openNotes as u, decodeText as v };
