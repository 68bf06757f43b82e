import { B as defineErrors, C as formatIPv4, E as clusterOf, I as inertText, w as parseIPv4 } from "./mesh.js";
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
// src/policy/document.ts
const maxDepth$1 = 64;
function readPolicy(source, file) {
	const { text, repaired } = repairFinalNewline(source);
	const document = readHujson(text, file);
	const named = file ?? "the policy on the server";
	const root = document.root;
	const at = {
		document,
		file
	};
	if (depthOf(root) > maxDepth$1) throw shapeError(at, root, `nested deeper than ${maxDepth$1} levels`);
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
	for (const no of forbid) if (links.find((link) => samePair(link, no) && (link.ports.length === 0 || overlap$1(link.ports, no.ports))) !== void 0) throw policyError("MESH_POLICY_FORBID_CONTRADICTS", `${linkName(no.from, no.to)} is allowed by links and forbidden by forbid`);
}
function overlap$1(a, b) {
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
// src/policy/rules/tailnet.ts
const tailnetRanges = ranges([
	"100.64.0.0-100.115.91.255",
	"100.115.94.0-100.127.255.255",
	"fd7a:115c:a1e0::/48"
]);
const sharedRange = ranges(["100.64.0.0/10"]);
const everywhere = ranges(["0.0.0.0/0", "::/0"]);
const internetRanges = without([
	"0.0.0.0/8",
	"10.0.0.0/8",
	"100.64.0.0/10",
	"127.0.0.0/8",
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.168.0.0/16",
	"224.0.0.0/3"
]);
const internetOnHeadscale = without([
	"10.0.0.0/8",
	"100.64.0.0/10",
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.168.0.0/16"
]);
function internetOf(server) {
	return server === "headscale" ? internetOnHeadscale : internetRanges;
}
function without(texts) {
	return ranges(texts).reduce(subtract, ranges(["0.0.0.0/0", "2000::/3"]));
}
function ranges(texts) {
	return texts.flatMap((text) => parseRange(text) ?? []);
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
	return ranges.filter((range) => served.some((one) => overlap(one, range)) || isExit && covers(internet, range));
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
	return src.some((selector) => selector.kind === "any" || isMeant(selector, device) || selector.kind === "ranges" && device.addresses.some((address) => selector.ranges.some((range) => overlap(range, address))));
}
function unique(ranges) {
	return ranges.filter((range, i) => ranges.findIndex((r) => r.first === range.first && r.last === range.last) === i);
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
	return prefixesOf(asked.src).every((source) => counted.some((rule) => rule.src.some((selector) => sourceRanges(selector, devices).some((range) => overlap(range, source))) && rule.traffic.some((traffic) => opens(traffic, dst, devices, asked))));
}
function opens({ protocol: ruled, dst: targets }, dst, devices, { port, protocol }) {
	if (ruled !== void 0 && !(protocol === "default" ? defaultProtocols : [protocol]).includes(ruled)) return false;
	return targets.some(({ selector, ports }) => ports.some(({ first, last }) => first <= port && port <= last) && (rangesOf(selector, devices)?.some((range) => dst.some((one) => overlap(range, one))) ?? true));
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
	if (depthOf(root) > maxDepth) {
		reading.report("error", "MESH_RULES_SHAPE", root, `nested deeper than ${maxDepth} levels`);
		return refused(problems);
	}
	const members = readMembers(reading, root, "a policy", memberNames);
	if (members === void 0) return refused(problems);
	const { policy, devices, tests } = judge(reading, (name) => members.get(name.toLowerCase()), options);
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
function judge(reading, member, options) {
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
export { policyError as $, signatureOf as A, sha256 as B, parseRange as C, ownershipOf as D, baseOf as E, sourceOf as F, readPolicy as G, listMember as H, isMarkedBy as I, canonicalText as J, textsOf as K, markerHash as L, testEntry as M, applyEdits as N, derivePolicy as O, editContainer as P, positionAt as Q, policyState as R, parsePrefix as S, renderPolicy as T, memberOf as U, fieldsOf as V, objectMember as W, decodeText as X, stringOf as Y, encodeText as Z, formatPrefix as _, openAccess as a, overlap as b, isRefusal as c, tailnetRanges as d, allPorts as f, covers as g, protocolName as h, accessOf as i, ruleEntries as j, signature as k, parseSelector as l, hasPorts as m, withApprovals as n, isMeant as o, defaultProtocols as p, parseHujson as q, splitTarget as r, rangeTexts as s, evaluate as t, everywhere as u, formatRange as v, renderLocally as w, parseAddress as x, isEverything as y, withoutMarker as z };
