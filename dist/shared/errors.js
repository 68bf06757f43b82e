import { i as inertText, s as defineErrors } from "./inert.js";
// src/hujson/tree.ts
function positionAt(bytes, offset) {
	let line = 1;
	let lineStart = 0;
	for (let at = bytes.indexOf(10); at !== -1 && at < offset; at = bytes.indexOf(10, at + 1)) {
		line += 1;
		lineStart = at + 1;
	}
	return {
		line,
		column: offset - lineStart + 1
	};
}
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
function encodeText(text) {
	return encoder.encode(text);
}
const short = 48;
function decodeText(bytes, span = {
	start: 0,
	end: bytes.length
}) {
	if (span.end - span.start <= short) {
		let text = "";
		let at = span.start;
		for (; at < span.end && (bytes[at] ?? 128) < 128; at += 1) text += String.fromCharCode(bytes[at] ?? 0);
		if (at === span.end) return text;
	}
	return decoder.decode(bytes.subarray(span.start, span.end));
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
// src/hujson/errors.ts
const hujsonError = defineErrors({ MESH_HUJSON_SYNTAX: {
	kind: "config",
	meaning: "A policy file is not HuJSON (JSON with comments and trailing commas); the place is where the reader gave up.",
	hint: "Look at that line and the one before it: most often a comma or a quote is missing. Nothing was written."
} });
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
		if (frame !== void 0 && letter === closer(frame) && !isNamed(frame)) return this.#close(frame);
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
function isNamed(frame) {
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
		hint: "Read the diff. `adopt: true` keeps those edits and merges into them; `on-drift: overwrite` goes on with your own base."
	},
	MESH_POLICY_DEFAULT_IN_USE: {
		kind: "refused",
		meaning: "The server still has its default policy, which allows everything, and devices outside the topology live under it; the first policy would cut them off.",
		hint: "Set `adopt: true` to keep everything allowed for now, or write a policy for those devices and name it in `policy.file`."
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
export { canonicalText as a, decodeText as c, repairFinalNewline as i, encodeText as l, parseHujson as n, depthOf as o, readHujson as r, stringOf as s, policyError as t, positionAt as u };
