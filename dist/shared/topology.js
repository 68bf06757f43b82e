import { E as meshErrors, H as joinErrors, M as Cidr, O as clusterOf, P as parseIPv4, R as inertText, T as readDuration, a as pathPattern, c as prefixPattern, i as labelPattern, k as meshNodes, l as tagPattern, n as hostPattern, o as plainPattern, r as ipv4Pattern, s as portPattern, t as isTag, u as userPattern, w as durationPattern, z as MeshError } from "./mesh.js";
import { n as tailscaleApi } from "./early.js";
import { a as isMap, i as isAlias, n as LineCounter, o as isScalar, r as visit, s as isSeq, t as parseDocument } from "./vendor-text.js";
import { D as _lte, E as _gte, S as string, _ as optional, a as _lazy, c as boolean, d as literal, i as _enum, j as globalRegistry, s as array, u as int, w as union, x as strictObject, y as record } from "./vendor-schema.js";
// src/mesh/topology/document.ts
const maxCharacters = 2 ** 19;
const maxDepth = 32;
const maxClusters = 500;
const maxErrors = 200;
const maxValues = 1e5;
function pathKey(path) {
	return path.join("\0");
}
function readSource(text, options) {
	const whole = { file: options.file };
	if (text.length > maxCharacters) return unreadable([meshErrors("MESH_TOPOLOGY_TOO_LARGE", `the file has more than ${maxCharacters} characters`, { where: whole })], whole);
	try {
		return new Reader(text, options).read();
	} catch (cause) {
		if (cause instanceof MeshError) return unreadable([cause], whole);
		return unreadable([meshErrors("MESH_TOPOLOGY_TOO_LARGE", "the file is nested too deeply to be read", {
			where: whole,
			cause
		})], whole);
	}
}
function unreadable(errors, where) {
	return {
		value: void 0,
		errors,
		place: () => where,
		keyPlace: () => where,
		variable: () => void 0,
		isUnreadable: () => false
	};
}
var Reader = class {
	#options;
	#lines = new LineCounter();
	#document;
	#errors = [];
	#places = new Map();
	#variables = new Map();
	#unreadable = new Set();
	#targets = new Map();
	#open = new Set();
	#values = 0;
	constructor(text, options) {
		this.#options = options;
		this.#document = parseDocument(text, {
			lineCounter: this.#lines,
			prettyErrors: false,
			stringKeys: true,
			uniqueKeys: false,
			schema: "core",
			merge: false,
			logLevel: "error"
		});
	}
	read() {
		const { contents, errors, warnings } = this.#document;
		const wrong = [...errors, ...warnings].map((e) => meshErrors("MESH_TOPOLOGY_SYNTAX", inertText(e.message, 200), { where: this.#at(e.pos[0]) }));
		const start = contents?.range[0] ?? 0;
		if (wrong.length > 0) return unreadable(wrong, this.#at(start));
		if (!isMap(contents)) {
			const what = contents === null || isScalar(contents) && contents.value === null ? "the file is empty" : "the file is not a mapping of keys to values";
			return unreadable([meshErrors("MESH_TOPOLOGY_EMPTY", what, { where: this.#at(start) })], this.#at(start));
		}
		this.#findTargets();
		this.#places.set("", {
			value: start,
			key: start
		});
		const value = this.#readMap(contents, []);
		const clusters = value["clusters"];
		if (clusters !== null && typeof clusters === "object" && Object.keys(clusters).length > maxClusters) throw this.#tooLarge(this.#nearest(["clusters"]).key, `there are more than ${maxClusters} clusters`);
		return {
			value,
			errors: this.#errors,
			place: (path) => this.#at(this.#nearest(path).value),
			keyPlace: (path) => this.#at(this.#nearest(path).key),
			variable: (path) => this.#variables.get(pathKey(path)),
			isUnreadable: (path) => this.#unreadable.has(pathKey(path))
		};
	}
	#at(offset) {
		const { line, col } = this.#lines.linePos(offset);
		return {
			file: this.#options.file,
			line: Math.max(line, 1),
			column: Math.max(col, 1)
		};
	}
	#nearest(path) {
		for (let length = path.length; length > 0; length--) {
			const found = this.#places.get(pathKey(path.slice(0, length)));
			if (found) return length === path.length ? found : {
				value: found.key,
				key: found.key
			};
		}
		return this.#places.get("") ?? {
			value: 0,
			key: 0
		};
	}
	#findTargets() {
		const anchors = new Map();
		visit(this.#document, {
			Value: (_, node) => {
				if (node.anchor) anchors.set(node.anchor, node);
			},
			Alias: (_, alias) => {
				this.#targets.set(alias, anchors.get(alias.source));
			}
		});
	}
	#read(node, path, key) {
		const where = offsetOf(node) ?? key;
		if (++this.#values > maxValues) throw this.#tooLarge(where, `aliases multiply the file to more than ${maxValues} values`);
		if (path.length > maxDepth) throw this.#tooLarge(where, `values are nested more than ${maxDepth} deep`);
		this.#places.set(pathKey(path), {
			value: where,
			key
		});
		return this.#resolve(node, path, where);
	}
	#resolve(node, path, where) {
		if (isAlias(node)) {
			const target = this.#targets.get(node);
			if (target === void 0) {
				const message = `there is no anchor "${inertText(node.source, 80)}" before this alias`;
				return this.#fail(path, where, "MESH_TOPOLOGY_SYNTAX", message);
			}
			if (this.#open.has(target)) throw this.#tooLarge(where, "an alias stands within its own anchor");
			return this.#resolve(target, path, where);
		}
		this.#open.add(node);
		try {
			if (isMap(node)) return this.#variableOf(node, path, where) ?? this.#readMap(node, path);
			if (isSeq(node)) return node.items.map((item, n) => this.#read(item, [...path, n], offsetOf(item) ?? where));
			return isScalar(node) ? plain(node.value) : null;
		} finally {
			this.#open.delete(node);
		}
	}
	#readMap(map, path) {
		const result = Object.create(null);
		for (const pair of map.items) {
			const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
			const offset = offsetOf(pair.key) ?? 0;
			if (Object.hasOwn(result, key)) {
				const message = `the key "${inertText(key, 80)}" stands here a second time`;
				this.#report(offset, "MESH_TOPOLOGY_DUPLICATE_KEY", message);
			} else if (key === "__proto__") this.#report(offset, "MESH_TOPOLOGY_UNKNOWN_KEY", `unknown key "__proto__"`);
			else result[key] = this.#read(pair.value, [...path, key], offset);
		}
		return result;
	}
	#variableOf(map, path, where) {
		const [pair, more] = map.items;
		if (!pair || more || holdsNames(path) || !isScalar(pair.key) || pair.key.value !== "env") return void 0;
		const name = isScalar(pair.value) ? pair.value.value : void 0;
		if (typeof name !== "string" || !new RegExp("^[A-Za-z_][A-Za-z0-9_]*$").test(name)) return this.#fail(path, where, "MESH_TOPOLOGY_VALUE", "`env` takes the name of an environment variable: letters, digits and _");
		if (isReserved(name)) return this.#fail(path, where, "MESH_ENV_REFUSED", `the variable ${name} is not for the topology file`);
		const value = this.#options.env(name);
		if (value === void 0 || value === "") return this.#fail(path, where, "MESH_ENV_MISSING", `the environment variable ${name} is not set`);
		this.#variables.set(pathKey(path), name);
		return value;
	}
	#report(offset, code, message) {
		if (this.#errors.length < maxErrors) this.#errors.push(meshErrors(code, message, { where: this.#at(offset) }));
	}
	#fail(path, where, code, message) {
		this.#report(where, code, message);
		this.#unreadable.add(pathKey(path));
		return "";
	}
	#tooLarge(offset, message) {
		return meshErrors("MESH_TOPOLOGY_TOO_LARGE", message, { where: this.#at(offset) });
	}
};
function holdsNames(path) {
	const [top, , below] = path;
	if (path.length === 1) return top === "clusters" || top === "stores" || top === "stored-keys";
	return path.length === 3 && top === "clusters" && below === "nodes";
}
function isReserved(name) {
	return /^(INPUT_|ACTIONS_|STATE_|GITHUB_TOKEN$|VAULT_TOKEN$)/i.test(name);
}
function plain(value) {
	switch (typeof value) {
		case "string":
		case "number":
		case "boolean": return value;
		default: return null;
	}
}
function offsetOf(node) {
	if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return void 0;
	const [start] = node.range;
	return typeof start === "number" ? start : void 0;
}
var Problems = class {
	#source;
	#found;
	#damaged = new Set();
	#around = new Set();
	#left = 0;
	constructor(source) {
		this.#source = source;
		this.#found = [...source.errors];
	}
	at(path, code, message, hint) {
		this.#add(path, code, message, {
			where: this.#source.place(path),
			...hint ? { hint } : {}
		});
	}
	atKey(path, code, message, hint) {
		this.#add(path, code, message, {
			where: this.#source.keyPlace(path),
			...hint ? { hint } : {}
		});
	}
	damage(path) {
		this.#damaged.add(pathKey(path));
		path.forEach((_, n) => {
			this.#around.add(pathKey(path.slice(0, n)));
		});
	}
	isDamaged(path) {
		return this.#around.has(pathKey(path)) || this.#isWithinDamage(path) || this.#source.isUnreadable(path);
	}
	quote(path, text) {
		const variable = this.#source.variable(path);
		return variable ? `the value of ${variable}` : `"${inertText(text, 120)}"`;
	}
	isHidden(path) {
		return this.#source.variable(path) !== void 0;
	}
	get isFull() {
		return this.#found.length >= 200;
	}
	throwIfAny() {
		const [first, ...rest] = this.#found.toSorted((a, b) => (a.where?.line ?? 0) - (b.where?.line ?? 0) || (a.where?.column ?? 0) - (b.where?.column ?? 0));
		if (!first) return;
		const more = `${this.#left} more problems are not shown`;
		throw joinErrors([
			first,
			...rest,
			...this.#left > 0 ? [meshErrors("MESH_TOPOLOGY_MORE", more, { where: this.#source.place([]) })] : []
		]);
	}
	#isWithinDamage(path) {
		if (this.#damaged.size === 0) return false;
		return path.some((_, n) => this.#damaged.has(pathKey(path.slice(0, n + 1))));
	}
	#add(path, code, message, details) {
		if (this.#isWithinDamage(path) || this.#source.isUnreadable(path)) return;
		if (this.isFull) {
			this.#left++;
			return;
		}
		const hint = details.hint === void 0 ? {} : { hint: inertText(details.hint) };
		this.#found.push(meshErrors(code, inertText(message), {
			...details,
			...hint
		}));
	}
};
function pathText(path) {
	const text = path.map((part) => typeof part === "number" ? `[${part}]` : `.${part}`).join("");
	return inertText(text.replace(/^\./, ""), 200);
}
// src/mesh/topology/values.ts
const labelForm = new RegExp(labelPattern);
const userForm = new RegExp(userPattern);
const hostForm = new RegExp(hostPattern);
const pathForm = new RegExp(pathPattern);
const plainForm = new RegExp(plainPattern);
const portForm = new RegExp(portPattern);
const nowhere = Cidr.around("0.0.0.0", 32);
function isLabel(text) {
	return labelForm.test(text);
}
function checkName(problems, path, what) {
	const name = String(path.at(-1));
	if (!isLabel(name)) problems.atKey(path, "MESH_TOPOLOGY_NAME", `"${inertText(name, 80)}" is no name for a ${what}`);
}
function readLabel(problems, path, text) {
	if (!isLabel(text)) problems.at(path, "MESH_TOPOLOGY_NAME", `${pathText(path)}: ${problems.quote(path, text)} is not a DNS label`);
	return text;
}
function readTag(problems, path, text) {
	if (isTag(text)) return text;
	problems.at(path, "MESH_TAG_INVALID", `${pathText(path)}: ${problems.quote(path, text)} is not a tag`);
	problems.damage(path);
	return `tag:${text}`;
}
function readPrefix(problems, path, text) {
	const cidr = Cidr.parse(text);
	if (cidr || problems.isDamaged(path)) return problems.isDamaged(path) ? void 0 : cidr;
	const said = problems.quote(path, text);
	const [address = "", length = ""] = text.split("/");
	if (looksLikeIPv6(text)) problems.at(path, "MESH_IPV6_UNSUPPORTED", `${pathText(path)}: ${said} is IPv6`);
	else if (parseIPv4(address) !== void 0 && /^([0-9]|[12][0-9]|3[0-2])$/.test(length)) {
		const canonical = problems.isHidden(path) ? "" : ` The prefix of that length is ${Cidr.around(address, Number(length)).text}.`;
		problems.at(path, "MESH_CIDR_HOST_BITS", `${pathText(path)}: ${said} has bits set behind its length`, `Write the canonical prefix.${canonical}`);
	} else problems.at(path, "MESH_CIDR_INVALID", `${pathText(path)}: ${said} is not an IPv4 prefix`);
}
function prefixOr(prefix) {
	return prefix ?? nowhere;
}
function readAddress(problems, path, text) {
	const value = parseIPv4(text);
	if (value !== void 0 && isUnicast(value)) return text;
	const said = problems.quote(path, text);
	if (looksLikeIPv6(text)) problems.at(path, "MESH_IPV6_UNSUPPORTED", `${pathText(path)}: ${said} is IPv6`);
	else problems.at(path, "MESH_ADDRESS_INVALID", `${pathText(path)}: ${said} is not an IPv4 address of a machine`);
	return text;
}
function isUnicast(value) {
	const first = value >>> 24;
	return first !== 0 && first !== 127 && first < 224 && value >>> 16 !== 43518;
}
function readHost(problems, path, text) {
	if (looksLikeIPv6(text)) problems.at(path, "MESH_IPV6_UNSUPPORTED", `${pathText(path)}: ${problems.quote(path, text)} is IPv6`);
	else if (!isHost(text)) {
		const message = `${pathText(path)}: ${problems.quote(path, text)} is neither a host name nor an IPv4 address`;
		problems.at(path, "MESH_ADDRESS_INVALID", message, "Write a host name or four numbers; the port has a key of its own.");
	}
	return text;
}
function isHost(text) {
	return text.length <= 253 && hostForm.test(text) && (!/^[0-9.]+$/.test(text) || parseIPv4(text) !== void 0);
}
function isUser(text) {
	return userForm.test(text);
}
function readUser(problems, path, text) {
	if (!isUser(text)) problems.at(path, "MESH_TOPOLOGY_VALUE", `${pathText(path)}: ${problems.quote(path, text)} is not a user name`);
	return text;
}
function readPath(problems, path, text) {
	if (!pathForm.test(text) || text.length > 1024) {
		const message = `${pathText(path)}: ${problems.quote(path, text)} is not a path; it has letters, digits, spaces and _ . / @ + ~ -`;
		problems.at(path, "MESH_TOPOLOGY_VALUE", message);
	}
	return text;
}
function readStorePath(problems, path, text) {
	if (text.split("/").some((part) => part === "" || part === "." || part === "..")) {
		const message = `${pathText(path)}: ${problems.quote(path, text)} has an empty part, or one of dots`;
		problems.at(path, "MESH_TOPOLOGY_VALUE", message, "Write it without slashes at its ends, such as `tailmesh/homelab`.");
		return text;
	}
	return readPath(problems, path, text);
}
function readPlain(problems, path, text) {
	if (!plainForm.test(text) || text.length > 255) problems.at(path, "MESH_TOPOLOGY_VALUE", `${pathText(path)}: ${problems.quote(path, text)} has characters that no such name has`);
	return text;
}
function readUrl(problems, path, text) {
	const url = text.length <= 2048 && URL.canParse(text) ? new URL(text) : void 0;
	const wrong = url ? urlFault(url) : "is not a URL";
	if (wrong) problems.at(path, "MESH_URL_INVALID", `${pathText(path)}: ${problems.quote(path, text)} ${wrong}`);
	return url ? url.href.replace(/\/+$/, "") : text;
}
function urlFault(url) {
	if (url.protocol !== "https:" && url.protocol !== "http:") return "is not an https:// URL";
	if (url.username !== "" || url.password !== "") return "has a user or a password in it";
	if (url.search !== "" || url.hash !== "") return "has a query or a fragment";
	if (!/^[A-Za-z0-9._~/%-]*$/.test(url.pathname)) return "has a path with characters that need quoting";
	return url.protocol === "http:" && !isLoopback(url.hostname) ? "is not encrypted" : void 0;
}
function isLoopback(host) {
	return host === "localhost" || host === "[::1]" || (parseIPv4(host) ?? 0) >>> 24 === 127;
}
function readSeconds(problems, path, text) {
	const seconds = readDuration(text);
	if (seconds !== void 0 && seconds > 0) return seconds;
	problems.at(path, "MESH_DURATION_INVALID", `${pathText(path)}: ${problems.quote(path, text)} is not a duration`);
	problems.damage(path);
	return 1;
}
function readPort(problems, path, text) {
	const port = parsePort(text);
	if (port) return port;
	problems.at(path, "MESH_PORT_INVALID", `${pathText(path)}: ${problems.quote(path, text)} is not a port`);
	return {
		protocol: "any",
		first: void 0,
		last: void 0
	};
}
function parsePort(text) {
	if (!portForm.test(text)) return void 0;
	if (text === "*") return {
		protocol: "any",
		first: void 0,
		last: void 0
	};
	const [protocol, range = ""] = text.split(":");
	if (protocol !== "tcp" && protocol !== "udp") return {
		protocol: "icmp",
		first: void 0,
		last: void 0
	};
	if (range === "*") return {
		protocol,
		first: void 0,
		last: void 0
	};
	const [first = 0, last = first] = range.split("-").map(Number);
	return first <= last && last <= 65535 ? {
		protocol,
		first,
		last
	} : void 0;
}
function parseHostKey(text) {
	const [, sha256] = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(text) ?? [];
	if (sha256) return {
		kind: "fingerprint",
		sha256: `SHA256:${sha256}`
	};
	const [, type, blob] = /^([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})( .*)?$/.exec(text) ?? [];
	if (type && blob && keyTypeOf(blob) === type) return {
		kind: "key",
		key: `${type} ${blob}`
	};
}
function checkHostKey(problems, path, text) {
	if (parseHostKey(text)) return;
	const message = `${pathText(path)}: ${problems.quote(path, text)} is neither an OpenSSH public key nor a SHA256 fingerprint`;
	problems.at(path, "MESH_HOST_KEY_INVALID", message);
}
function keyTypeOf(blob) {
	if (blob.length % 4 !== 0) return void 0;
	const bytes = atob(blob);
	const length = [
		0,
		1,
		2,
		3
	].reduce((sum, n) => sum * 256 + bytes.charCodeAt(n), 0);
	return bytes.length > 4 + length ? bytes.slice(4, 4 + length) : void 0;
}
function looksLikeIPv6(text) {
	return /^[0-9a-fA-F:.,/ [\]]+$/.test(text) && text.split(":").length > 2;
}
// src/mesh/topology/ssh.ts
function checkSsh({ entry, path }, problems) {
	if (!entry) return;
	if (entry.user !== void 0) readUser(problems, [...path, "user"], entry.user);
	if (entry.host !== void 0) readHost(problems, [...path, "host"], entry.host);
	checkIdentity(entry, path, problems);
}
function checkIdentity(entry, path, problems) {
	const key = entry["host-key"];
	const file = entry["known-hosts"];
	if (key !== void 0) checkHostKey(problems, [...path, "host-key"], key);
	if (file !== void 0) readPath(problems, [...path, "known-hosts"], file);
	if (key !== void 0 && file !== void 0) problems.atKey([...path, "host-key"], "MESH_HOST_KEY_INVALID", `${pathText(path)} has both host-key and known-hosts`);
}
const maxJumps = 8;
var SshRoutes = class {
	#problems;
	#subjects;
	#reported = new Set();
	constructor(subjects, problems) {
		this.#problems = problems;
		this.#subjects = new Map(subjects.map((s) => [s.node, s]));
	}
	target(subject) {
		if (!identityLevel(subject) && !isSshDamaged(subject, this.#problems)) this.#problems.atKey(subject.path, "MESH_HOST_KEY_MISSING", `nothing says which SSH host key ${subject.node} has`);
		return {
			...this.#hop(subject),
			jump: this.#jumps(subject, [subject.node]),
			via: pick(subject, "via") ?? "direct"
		};
	}
	#hop(subject) {
		return {
			user: pick(subject, "user") ?? "root",
			host: pick(subject, "host") ?? subject.address,
			port: pick(subject, "port") ?? 22,
			...identity(identityLevel(subject)?.entry)
		};
	}
	#jumps(subject, trail) {
		const setting = jumpSetting(subject);
		const hops = [];
		if (setting && (setting.entries.length > maxJumps || trail.length > maxJumps)) {
			this.#once(setting.path, `${pathText(setting.path)}: ${subject.node} is more than ${maxJumps} jumps away`);
			return [];
		}
		for (const { entry, path } of setting?.entries ?? []) {
			if (entry === subject.node) {
				if (setting?.own) this.#once(path, `${subject.node} is its own jump host`);
				break;
			}
			hops.push(...this.#expand(entry, path, subject, hops.length === 0, trail));
		}
		return hops;
	}
	#expand(entry, path, subject, first, trail) {
		if (typeof entry !== "string") return [this.#longHop(entry, path, subject)];
		if (entry.includes("@")) return this.#shortHop(entry, path, subject);
		const node = this.#subjects.get(entry);
		if (!node) {
			if (!this.#problems.isDamaged(path)) this.#once(path, `${pathText(path)}: ${this.#problems.quote(path, entry)} is not a node of this file`);
			return [];
		}
		if (trail.includes(entry)) {
			this.#once(path, `nodes are reached through each other: ${[...trail, entry].join(" → ")}`);
			return [];
		}
		return [...first ? this.#jumps(node, [...trail, entry]) : [], this.#hop(node)];
	}
	#shortHop(entry, path, subject) {
		const [, user = "", host = "", portText = "22"] = /^([^@]*)@([^:]*)(?::([0-9]{1,5}))?$/.exec(entry) ?? [];
		const port = Number(portText);
		if (!isUser(user) || !isHost(host) || port < 1 || port > 65535) {
			this.#once(path, `${pathText(path)}: ${this.#problems.quote(path, entry)} is not user@host or user@host:port`);
			return [];
		}
		const knownHosts = pick(subject, "known-hosts");
		if (knownHosts === void 0 && !isSshDamaged(subject, this.#problems)) this.#missing(path, host);
		return [{
			user,
			host,
			port,
			hostKey: void 0,
			knownHosts
		}];
	}
	#longHop(entry, path, subject) {
		if (!this.#reported.has(pathText(path))) {
			this.#reported.add(pathText(path));
			readHost(this.#problems, [...path, "host"], entry.host);
			if (entry.user !== void 0) readUser(this.#problems, [...path, "user"], entry.user);
			checkIdentity(entry, path, this.#problems);
		}
		const own = entry["host-key"] !== void 0 || entry["known-hosts"] !== void 0;
		const { hostKey, knownHosts } = own ? identity(entry) : {
			hostKey: void 0,
			knownHosts: pick(subject, "known-hosts")
		};
		if (!own && knownHosts === void 0 && !isSshDamaged(subject, this.#problems)) this.#missing(path, entry.host);
		return {
			user: entry.user ?? pick(subject, "user") ?? "root",
			host: entry.host,
			port: entry.port ?? 22,
			hostKey,
			knownHosts
		};
	}
	#missing(path, host) {
		const id = `key ${pathText(path)}`;
		if (this.#reported.has(id)) return;
		this.#reported.add(id);
		const message = `nothing says which SSH host key the jump host ${this.#problems.quote(path, host)} has`;
		this.#problems.at(path, "MESH_HOST_KEY_MISSING", message);
	}
	#once(path, message) {
		const id = `jump ${pathText(path)}`;
		if (this.#reported.has(id)) return;
		this.#reported.add(id);
		this.#problems.at(path, "MESH_JUMP_INVALID", message);
	}
};
function identityLevel(subject) {
	return subject.levels.findLast(({ entry }) => entry?.["host-key"] !== void 0 || entry?.["known-hosts"] !== void 0);
}
function identity(entry) {
	const key = entry?.["host-key"];
	if (key !== void 0) return {
		hostKey: parseHostKey(key),
		knownHosts: void 0
	};
	return {
		hostKey: void 0,
		knownHosts: entry?.["known-hosts"]
	};
}
function pick(subject, key) {
	return subject.levels.findLast(({ entry }) => entry?.[key] !== void 0)?.entry?.[key];
}
function jumpSetting(subject) {
	const at = subject.levels.findLastIndex(({ entry }) => entry?.jump !== void 0);
	const level = subject.levels[at];
	const jump = level?.entry?.jump;
	if (!level || jump === void 0) return void 0;
	const path = [...level.path, "jump"];
	return {
		entries: Array.isArray(jump) ? jump.map((entry, n) => ({
			entry,
			path: [...path, n]
		})) : [{
			entry: jump,
			path
		}],
		path,
		own: at === subject.levels.length - 1
	};
}
function isSshDamaged(subject, problems) {
	return subject.levels.some(({ path }) => problems.isDamaged(path));
}
// src/mesh/topology/clusters.ts
function readClusters(file, ownerTag, problems) {
	const inputs = Object.entries(file.clusters).map(([name, entry]) => clusterInput(name, entry));
	if (inputs.length === 0) problems.at(["clusters"], "MESH_TOPOLOGY_MISSING_KEY", "clusters names no cluster");
	checkSsh({
		entry: file.ssh,
		path: ["ssh"]
	}, problems);
	const routes = new SshRoutes(inputs.flatMap((cluster) => cluster.nodes.map((node) => subjectOf(file, cluster, node))), problems);
	const clusters = inputs.map((input) => readCluster(input, file, routes, problems));
	checkTags(clusters, ownerTag, problems);
	checkNames(clusters, problems);
	for (const input of inputs) checkAddresses(input, problems);
	return clusters;
}
function clusterInput(name, entry) {
	const path = ["clusters", name];
	return {
		name,
		entry,
		path,
		nodes: Object.entries(entry.nodes).map(([node, value]) => {
			const nodePath = [
				...path,
				"nodes",
				node
			];
			if (typeof value === "string") return {
				name: node,
				entry: { address: value },
				path: nodePath,
				addressPath: nodePath
			};
			return {
				name: node,
				entry: value,
				path: nodePath,
				addressPath: [...nodePath, "address"]
			};
		})
	};
}
function subjectOf(file, cluster, node) {
	return {
		node: node.name,
		path: node.path,
		address: node.entry.address,
		levels: [
			{
				entry: file.ssh,
				path: ["ssh"]
			},
			{
				entry: cluster.entry.ssh,
				path: [...cluster.path, "ssh"]
			},
			{
				entry: node.entry.ssh,
				path: [...node.path, "ssh"]
			}
		]
	};
}
function readCluster(input, file, routes, problems) {
	const { name, entry, path } = input;
	checkName(problems, path, "cluster");
	checkSsh({
		entry: entry.ssh,
		path: [...path, "ssh"]
	}, problems);
	const lan = typeof entry.lan === "string" ? [entry.lan] : entry.lan;
	const single = typeof entry.lan === "string";
	const first = input.nodes.find((n) => n.entry.state !== "absent");
	const nodes = input.nodes.map((n) => readNode(n, input, n === first, routes, file, problems));
	checkRouter(input, nodes, problems);
	return {
		name,
		tag: readClusterTag(input, problems),
		pods: prefixOr(readPrefix(problems, [...path, "pods"], entry.pods)),
		services: prefixOr(readPrefix(problems, [...path, "services"], entry.services)),
		lan: lan?.map((text, n) => prefixOr(readPrefix(problems, single ? [...path, "lan"] : [
			...path,
			"lan",
			n
		], text))),
		underlayOnly: entry["underlay-only"] ?? false,
		advertise: entry.advertise ?? "cluster",
		state: entry.state ?? "present",
		nodes
	};
}
function readClusterTag({ name, entry, path }, problems) {
	if (entry.tag !== void 0) return readTag(problems, [...path, "tag"], entry.tag);
	const tag = `tag:${name}`;
	if (isTag(tag)) return tag;
	if (/^[0-9]/.test(name)) problems.atKey(path, "MESH_TAG_INVALID", `${pathText(path)}: the name makes no tag`, "Give the cluster a `tag` of its own: tags begin with a letter, this cluster's name does not.");
	return tag;
}
function readNode(node, cluster, first, routes, file, problems) {
	const { name, entry, path } = node;
	checkName(problems, path, "node");
	checkSsh({
		entry: entry.ssh,
		path: [...path, "ssh"]
	}, problems);
	return {
		name,
		cluster: cluster.name,
		address: readAddress(problems, node.addressPath, entry.address),
		role: entry.role ?? (first ? "router" : "member"),
		k3s: entry.k3s ?? (first ? "server" : "agent"),
		hostname: entry.hostname === void 0 ? name : readLabel(problems, [...path, "hostname"], entry.hostname),
		state: cluster.entry.state === "absent" ? "absent" : entry.state ?? "present",
		ssh: routes.target(subjectOf(file, cluster, node))
	};
}
function checkRouter({ name, entry, path }, nodes, problems) {
	const at = [...path, "nodes"];
	if (entry.state === "absent" || problems.isDamaged(at)) return;
	if (nodes.length === 0) problems.at(at, "MESH_NO_ROUTER", `${name} has no nodes`);
	else if (!nodes.some((n) => n.role === "router" && n.state === "present")) problems.atKey(at, "MESH_NO_ROUTER", `${name} has no router`);
}
function checkTags(clusters, ownerTag, problems) {
	const owners = new Map([[ownerTag, "the owner (owner-tag)"]]);
	for (const { name, tag } of clusters) {
		const other = owners.get(tag);
		const path = ["clusters", name];
		if (other !== void 0) problems.at([...path, "tag"], "MESH_TAG_SHARED", `${name} has the tag ${problems.quote([...path, "tag"], tag)} of ${other}`);
		owners.set(tag, name);
	}
}
function checkNames(clusters, problems) {
	const names = new Map();
	const hosts = new Map();
	for (const node of clusters.flatMap((c) => c.nodes)) {
		const path = [
			"clusters",
			node.cluster,
			"nodes",
			node.name
		];
		const twin = names.get(node.name);
		const double = node.state === "present" ? hosts.get(node.hostname) : void 0;
		if (twin) problems.atKey(path, "MESH_DUPLICATE_NODE", `${twin.cluster} already has a node ${node.name}`);
		else if (double) {
			const message = `${node.name} and ${double.name} would both be called ${node.hostname} in the tailnet`;
			problems.at([...path, "hostname"], "MESH_DUPLICATE_NODE", message);
		}
		names.set(node.name, node);
		if (node.state === "present") hosts.set(node.hostname, node);
	}
}
function checkAddresses(cluster, problems) {
	const holders = new Map();
	for (const { name, entry, addressPath } of cluster.nodes) {
		const address = parseIPv4(entry.address);
		if (address === void 0) continue;
		const other = holders.get(address);
		if (other !== void 0) problems.at(addressPath, "MESH_DUPLICATE_ADDRESS", `${name} has the address of ${other}`);
		holders.set(address, name);
	}
}
// src/mesh/topology/ports.ts
const highest = 65535;
const lowest = 1;
function overlapping(a, b) {
	return a.length === 0 || b.length === 0 || a.some((x) => b.some((y) => overlap(x, y)));
}
function overlap(a, b) {
	if (a.protocol === "any" || b.protocol === "any") return true;
	if (a.protocol !== b.protocol) return false;
	return (a.first ?? lowest) <= (b.last ?? highest) && (b.first ?? lowest) <= (a.last ?? highest);
}
function portsExcept(ports) {
	if (ports.length === 0 || ports.some((p) => p.protocol === "any")) return [];
	const icmp = ports.some((p) => p.protocol === "icmp") ? [] : [{
		protocol: "icmp",
		first: void 0,
		last: void 0
	}];
	return [
		...rangesExcept("tcp", ports),
		...rangesExcept("udp", ports),
		...icmp
	];
}
function rangesExcept(protocol, ports) {
	const taken = ports.filter((p) => p.protocol === protocol).map((p) => ({
		first: p.first ?? lowest,
		last: p.last ?? highest
	})).sort((a, b) => a.first - b.first);
	if (taken.length === 0) return [{
		protocol,
		first: void 0,
		last: void 0
	}];
	const left = [];
	let next = lowest;
	for (const { first, last } of taken) {
		if (first > next) left.push({
			protocol,
			first: next,
			last: first - 1
		});
		next = Math.max(next, last + 1);
	}
	return next <= highest ? [...left, {
		protocol,
		first: next,
		last: highest
	}] : left;
}
// src/mesh/topology/links.ts
function deriveLinks(input, problems) {
	const forbidden = readLinks(input.forbid, "forbid", input.known, problems);
	const forbid = onePerPair(forbidden, input.present);
	if (input.links === "full") return {
		links: fullLinks(input.present, forbid),
		forbid
	};
	const demanded = readLinks(input.links, "links", input.known, problems);
	reportContradictions(demanded, forbidden, problems);
	return {
		links: onePerPair(demanded, input.present),
		forbid
	};
}
function fullLinks(names, forbid) {
	const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({
		from,
		to
	})));
	const byPair = new Map(forbid.map((f) => [pairOf(f), f]));
	return pairs.flatMap((pair) => {
		const forbidden = byPair.get(pairOf(pair));
		if (!forbidden) return [{
			...pair,
			ports: []
		}];
		const ports = portsExcept(forbidden.ports);
		return ports.length > 0 ? [{
			...pair,
			ports
		}] : [];
	});
}
function readLinks(entries, key, known, problems) {
	return entries.map((entry, n) => {
		const path = [key, n];
		const link = {
			from: entry.from,
			to: entry.to,
			ports: readPorts(entry, path, problems)
		};
		checkEnds(link, path, known, problems);
		return {
			link,
			path
		};
	});
}
function readPorts(entry, path, problems) {
	const ports = (entry.ports ?? []).map((text, n) => readPort(problems, [
		...path,
		"ports",
		n
	], text));
	return ports.some((p) => p.protocol === "any") ? [] : ports;
}
function checkEnds(link, path, known, problems) {
	for (const end of ["from", "to"]) {
		const at = [...path, end];
		if (known.includes(link[end])) continue;
		const hint = `The clusters of this file are: ${known.filter(isLabel).join(", ")}.`;
		problems.at(at, "MESH_UNKNOWN_CLUSTER", `${pathText(at)}: there is no cluster ${problems.quote(at, link[end])}`, hint);
	}
	const to = [...path, "to"];
	if (link.from === link.to) problems.at(to, "MESH_LINK_INVALID", `${pathText(path)} joins ${problems.quote(to, link.to)} to itself`);
}
function onePerPair(written, present) {
	const pairs = new Map();
	for (const { link } of written) {
		if (!present.includes(link.from) || !present.includes(link.to)) continue;
		const id = pairOf(link);
		const before = pairs.get(id);
		const everything = link.ports.length === 0 || before?.ports.length === 0;
		pairs.set(id, {
			...link,
			ports: everything ? [] : [...before?.ports ?? [], ...link.ports]
		});
	}
	return [...pairs.values()];
}
function reportContradictions(demanded, forbidden, problems) {
	const byPair = Map.groupBy(demanded, (d) => pairOf(d.link));
	for (const { link, path } of forbidden) {
		const other = byPair.get(pairOf(link))?.find((d) => overlapping(d.link.ports, link.ports));
		if (!other || problems.isDamaged(path) || problems.isDamaged(other.path)) continue;
		problems.at(path, "MESH_LINK_INVALID", `${pathText(path)} forbids what ${pathText(other.path)} demands`);
	}
}
function pairOf({ from, to }) {
	return `${from} ${to}`;
}
// src/mesh/topology/overlap.ts
const reserved = [
	{
		what: "the tailnet's own addresses, 100.64.0.0/10",
		prefix: Cidr.around("100.64.0.0", 10)
	},
	{
		what: "loopback, 127.0.0.0/8",
		prefix: Cidr.around("127.0.0.0", 8)
	},
	{
		what: "link-local addresses, 169.254.0.0/16",
		prefix: Cidr.around("169.254.0.0", 16)
	},
	{
		what: "\"this network\", 0.0.0.0/8",
		prefix: Cidr.around("0.0.0.0", 8)
	},
	{
		what: "multicast and reserved addresses, 224.0.0.0/3",
		prefix: Cidr.around("224.0.0.0", 3)
	}
];
const k3sDefault = {
	pods: Cidr.around("10.42.0.0", 16),
	services: Cidr.around("10.43.0.0", 16)
};
const avoided = [
	k3sDefault.pods,
	k3sDefault.services,
	Cidr.around("172.17.0.0", 16)
];
const pools = [
	[Cidr.around("10.52.0.0", 14), 184549376],
	[Cidr.around("10.0.0.0", 8), 184549376],
	[Cidr.around("172.16.0.0", 12), 2887778304],
	[Cidr.around("192.168.0.0", 16), 3232301056]
];
function freeRange(bits, taken) {
	const size = 2 ** (32 - bits);
	const all = [
		...taken,
		...avoided,
		...reserved.map((r) => r.prefix)
	];
	for (const [first, end] of pools) {
		let base = Math.ceil(first.base / size) * size;
		while (base + size <= end) {
			const candidate = Cidr.of(base, bits);
			const hit = candidate && all.find((c) => c.overlaps(candidate));
			if (!hit) return candidate;
			base = Math.max(base + size, Math.ceil((hit.base + hit.size) / size) * size);
		}
	}
}
var Offers = class {
	#taken;
	constructor(taken) {
		this.#taken = [...taken];
	}
	next(bits) {
		const free = freeRange(bits, this.#taken);
		if (free) this.#taken.push(free);
		return free;
	}
};
function checkOverlaps(mesh, others, problems) {
	const offers = new Offers([...mesh, ...others].map((p) => p.prefix));
	const onDefaults = reportK3sDefaults(mesh, offers, problems);
	mesh.forEach((later, n) => {
		for (const earlier of mesh.slice(0, n)) if (!(onDefaults.has(later) && onDefaults.has(earlier) && later.prefix.equals(earlier.prefix)) && later.prefix.overlaps(earlier.prefix)) report(later, nameOf(earlier, problems), offers, problems);
		for (const other of [...others, ...reserved]) if (later.prefix.overlaps(other.prefix)) report(later, other.what, offers, problems);
	});
}
function report(prefix, other, offers, problems) {
	const free = problems.isFull ? void 0 : offers.next(prefix.prefix.bits);
	const hint = `${free ? `Use a free range such as ${free.text}` : "No private range of that size is free; use a smaller one"}${changeNote(prefix)}`;
	problems.at(prefix.path, "MESH_CIDR_OVERLAP", `${nameOf(prefix, problems)} overlaps ${other}`, hint);
}
function changeNote({ cluster }) {
	return `. K3s fixes its ranges when a cluster is first started: if ${cluster} already runs, it must be rebuilt for it. Nothing was changed.`;
}
function nameOf({ cluster, kind, prefix, path }, problems) {
	return `the ${kind === "pods" ? "pod" : "service"} network of ${cluster}${problems.isHidden(path) ? "" : ` (${prefix.text})`}`;
}
function reportK3sDefaults(mesh, offers, problems) {
	const onDefaults = mesh.filter((p) => p.prefix.equals(k3sDefault[p.kind]));
	const [kept, ...others] = [...new Set(onDefaults.map((p) => p.cluster))].filter((c) => onDefaults.filter((p) => p.cluster === c).length === 2);
	if (kept === void 0) return new Set();
	for (const cluster of others) {
		const first = onDefaults.find((p) => p.cluster === cluster);
		if (!first) continue;
		const [pods, services] = [offers.next(16), offers.next(16)];
		const message = `${kept} and ${cluster} both use K3s' default networks, ${k3sDefault.pods.text} and ${k3sDefault.services.text}, so that an address does not tell which of them is meant`;
		const hint = [
			`One of them must be rebuilt. Keep ${kept}, the first in the file, as it is (or the one that is harder to rebuild) and set up ${cluster} anew`,
			pods && services ? ` with \`cluster-cidr: ${pods.text}\` and \`service-cidr: ${services.text}\` in /etc/rancher/k3s/config.yaml before its first start, and the same here` : " with ranges of its own",
			`. The ranges are fixed when a cluster is first started; editing them later breaks it. Nothing was changed.`
		].join("");
		problems.at(first.path, "MESH_K3S_DEFAULTS", message, hint);
	}
	const told = new Set([kept, ...others]);
	return new Set(onDefaults.filter((p) => told.has(p.cluster)));
}
const ownInterfaces = /^(cni0|flannel[.\w-]*|kube-ipvs0|tailscale0)$/;
function localOverlaps(mesh, local) {
	const held = local.flatMap((l) => {
		const prefix = readLocal(l.prefix);
		return prefix && prefix.bits > 0 && !ownInterfaces.test(l.interface) ? [{
			...l,
			cidr: prefix
		}] : [];
	});
	const offers = new Offers([...mesh.clusters.flatMap((c) => [
		c.pods,
		c.services,
		...c.lan ?? []
	]), ...held.map((h) => h.cidr)]);
	const homes = new Map(meshNodes(mesh).map((n) => [n.name, n.cluster]));
	const errors = new Map();
	for (const { node, cidr, interface: name } of held) {
		const home = homes.get(node);
		if (home === void 0 || isOwn(mesh, home, cidr)) continue;
		for (const cluster of mesh.clusters.filter((c) => c.name !== home)) for (const kind of ["pods", "services"]) {
			if (!cluster[kind].overlaps(cidr)) continue;
			const id = `${node} ${cidr.text} ${cluster.name} ${kind}`;
			if (errors.has(id)) continue;
			const free = offers.next(cluster[kind].bits);
			const network = `${kind === "pods" ? "pod" : "service"} network of ${cluster.name} (${cluster[kind].text})`;
			const message = `${node} itself holds ${cidr.text} on ${inertText(name, 40)}, which overlaps the ${network}`;
			const hint = `Give the local network another range (for docker0: \`bip\` and \`default-address-pools\` in /etc/docker/daemon.json), or ${free ? `rebuild ${cluster.name} with a free range such as ${free.text}` : `rebuild ${cluster.name} with a smaller range`}. Nothing was changed.`;
			errors.set(id, meshErrors("MESH_LOCAL_OVERLAP", message, {
				hint,
				where: { address: `node/${node}` }
			}));
		}
	}
	return [...errors.values()];
}
function isOwn(mesh, cluster, prefix) {
	const { pods, services } = clusterOf(mesh, cluster);
	return pods.contains(prefix) || services.contains(prefix);
}
function readLocal(text) {
	const [, address, length = "32"] = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d{1,2}))?$/.exec(text) ?? [];
	if (address === void 0 || Number(length) > 32) return void 0;
	return Cidr.parse(`${address}/32`) && Cidr.around(address, Number(length));
}
// src/mesh/topology/stores.ts
const day = 86400;
const defaultExpiry = 90 * day;
const tailscaleExpiry = 90 * day;
function readStores(entries, problems) {
	return Object.entries(entries ?? {}).flatMap(([name, entry]) => {
		const path = ["stores", name];
		checkName(problems, path, "store");
		return readStore(name, entry, path, problems);
	});
}
function readStore(name, entry, path, problems) {
	const { vault, github, file } = entry;
	const kinds = [
		"vault",
		"github",
		"file"
	].filter((kind) => entry[kind] !== void 0);
	if (kinds.length !== 1) {
		const what = kinds.length === 0 ? "names no kind of store" : `is more than one kind of store: ${kinds.join(", ")}`;
		if (!problems.isDamaged(path)) problems.atKey(path, "MESH_STORE_INVALID", `${pathText(path)} ${what}`);
		return [];
	}
	if (vault) return [readVault(name, vault, [...path, "vault"], problems)];
	if (file) return [{
		kind: "file",
		name,
		folder: readPath(problems, [
			...path,
			"file",
			"folder"
		], file.folder)
	}];
	if (!github) return [];
	return [{
		kind: "github",
		name,
		environment: readPlain(problems, [
			...path,
			"github",
			"environment"
		], github.environment)
	}];
}
function readVault(name, vault, path, problems) {
	const read = (key) => {
		const text = vault[key];
		return text === void 0 ? void 0 : readStorePath(problems, [...path, key], text);
	};
	const namespace = read("namespace");
	return {
		kind: "vault",
		name,
		url: readUrl(problems, [...path, "url"], vault.url),
		mount: vault.mount === void 0 ? "secret" : readStorePath(problems, [...path, "mount"], vault.mount),
		auth: readAuth(vault.auth ?? "jwt", [...path, "auth"], problems),
		namespace,
		authNamespace: read("auth-namespace") ?? namespace,
		ca: vault.ca === void 0 ? void 0 : readPath(problems, [...path, "ca"], vault.ca)
	};
}
function readAuth(auth, path, problems) {
	if (typeof auth === "string") return {
		method: auth,
		mount: auth,
		role: void 0
	};
	return {
		method: auth.method,
		mount: auth.mount === void 0 ? auth.method : readStorePath(problems, [...path, "mount"], auth.mount),
		role: auth.role === void 0 ? void 0 : readPlain(problems, [...path, "role"], auth.role)
	};
}
function readCredentials(entry, context, problems) {
	if (!entry) return void 0;
	const path = ["credentials", "from"];
	const store = findStore(entry.from, path, context, problems);
	if (store !== void 0 && store.kind !== "vault") {
		const why = store.kind === "github" ? "GitHub secrets cannot be read back" : "a file store keeps keys only";
		problems.at(path, "MESH_STORE_INVALID", `credentials cannot be read from ${problems.quote(path, entry.from)}: ${why}`);
	}
	return {
		store: entry.from,
		path: readStorePath(problems, ["credentials", "path"], entry.path)
	};
}
function findStore(name, path, context, problems) {
	if (!context.storeNames.includes(name)) problems.at(path, "MESH_UNKNOWN_STORE", `${pathText(path)}: there is no store ${problems.quote(path, name)}`);
	return context.stores.find((s) => s.name === name);
}
function readStoredKeys(entries, context, problems) {
	const places = new Map();
	return Object.entries(entries ?? {}).map(([name, entry]) => {
		const path = ["stored-keys", name];
		checkName(problems, path, "stored key");
		const key = {
			name,
			...readOwner(entry, path, context, problems),
			...readPlace(entry, path, context, problems)
		};
		const id = `${key.store}\n${key.place}`;
		const other = places.get(id);
		if (other !== void 0 && key.place !== "") problems.atKey(path, "MESH_STORED_KEY_INVALID", `${pathText(path)} is kept in the same place as ${other}`);
		places.set(id, name);
		return {
			...key,
			...readTimes(entry, path, context.control, problems),
			reusable: entry.reusable ?? true
		};
	});
}
function readOwner(entry, path, context, problems) {
	const [first, ...rest] = (entry.tags ?? []).map((tag, n) => readTag(problems, [
		...path,
		"tags",
		n
	], tag));
	const cluster = context.clusters.find((c) => c.name === entry.cluster);
	if (entry.cluster === void 0 === (first === void 0) && !problems.isDamaged(path)) {
		const what = first ? "has both cluster and tags" : "has neither cluster nor tags";
		problems.atKey(path, "MESH_STORED_KEY_INVALID", `${pathText(path)} ${what}`);
	}
	if (entry.cluster !== void 0 && !cluster) {
		const at = [...path, "cluster"];
		problems.at(at, "MESH_UNKNOWN_CLUSTER", `${pathText(at)}: there is no cluster ${problems.quote(at, entry.cluster)}`);
	}
	const tags = first ? [first, ...rest] : [cluster?.tag ?? "tag:unknown"];
	return {
		cluster: entry.cluster,
		tags
	};
}
function readPlace(entry, path, context, problems) {
	const store = findStore(entry.store, [...path, "store"], context, problems);
	const key = store?.kind === "github" ? "name" : "path";
	const other = key === "name" ? "path" : "name";
	if (store && !problems.isDamaged(path)) {
		if (entry[key] === void 0) problems.atKey(path, "MESH_STORED_KEY_INVALID", `${pathText(path)} needs \`${key}\`: its store is ${store.kind}`);
		if (entry[other] !== void 0) problems.atKey([...path, other], "MESH_STORED_KEY_INVALID", `${pathText(path)} has \`${other}\`, which a ${store.kind} store does not use`);
	}
	const place = entry[key];
	if (place === void 0) return {
		store: entry.store,
		place: ""
	};
	const at = [...path, key];
	if (key === "path") return {
		store: entry.store,
		place: readStorePath(problems, at, place)
	};
	if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(place) || /^GITHUB_/i.test(place)) {
		const message = `${pathText(at)}: ${problems.quote(at, place)} is no name for a GitHub secret`;
		problems.at(at, "MESH_TOPOLOGY_VALUE", message, "Use letters, digits and _, not a digit first, and nothing that begins with GITHUB_.");
	}
	return {
		store: entry.store,
		place: place.toUpperCase()
	};
}
function readTimes(entry, path, control, problems) {
	const read = (key, fallback) => {
		const text = entry[key];
		return text === void 0 ? fallback : readSeconds(problems, [...path, key], text);
	};
	const expiry = read("expiry", defaultExpiry);
	const times = {
		expiry,
		rotateAfter: read("rotate-after", Math.floor(expiry / 3)),
		renewBefore: read("renew-before", Math.floor(expiry / 2))
	};
	if (control === "tailscale" && expiry > tailscaleExpiry) problems.at([...path, "expiry"], "MESH_DURATION_INVALID", `${pathText(path)}: Tailscale's auth keys live 90d at most`);
	if (problems.isDamaged([...path, "expiry"])) return times;
	for (const [key, value] of [["rotate-after", times.rotateAfter], ["renew-before", times.renewBefore]]) {
		if (value < expiry) continue;
		const at = [...path, key];
		problems.at(at, "MESH_DURATION_INVALID", `${pathText(at)} must be shorter than expiry`, "A key is replaced while the old one still works.");
	}
	return times;
}
// src/mesh/topology/derive.ts
function deriveMesh(file, problems) {
	const tailnet = readTailnet(file.tailnet ?? {}, problems);
	const clusters = readClusters(file, tailnet.ownerTag, problems);
	const accept = (file.accept ?? []).map((text, n) => ({
		prefix: readPrefix(problems, ["accept", n], text),
		path: ["accept", n]
	}));
	const known = clusters.map((c) => c.name);
	const present = clusters.filter((c) => c.state === "present").map((c) => c.name);
	const links = deriveLinks({
		links: file.links ?? "full",
		forbid: file.forbid ?? [],
		known,
		present
	}, problems);
	const accepted = accept.flatMap(({ prefix, path }) => prefix ? [{
		what: named$1("a prefix under accept", prefix, path, problems),
		prefix
	}] : []);
	checkOverlaps(meshPrefixes(file, clusters, problems), [...localPrefixes(file, clusters, problems), ...accepted], problems);
	const stores = readStores(file.stores, problems);
	const context = {
		stores,
		storeNames: Object.keys(file.stores ?? {}),
		clusters,
		control: tailnet.control
	};
	return {
		tailnet,
		clusters,
		...links,
		policyFiles: readPolicyFiles(file.policy, problems),
		accept: accepted.map((a) => a.prefix),
		stores,
		credentials: readCredentials(file.credentials, context, problems),
		storedKeys: readStoredKeys(file["stored-keys"], context, problems),
		rollout: readRollout(file.rollout, known, problems),
		dns: readDns(file.dns, problems)
	};
}
function readTailnet(entry, problems) {
	const control = entry.control ?? "tailscale";
	if (control === "headscale" && entry.url === void 0 && !problems.isDamaged(["tailnet", "url"])) problems.atKey(["tailnet"], "MESH_TOPOLOGY_MISSING_KEY", "tailnet.url is missing: a Headscale server can be anywhere", "Give the URL that clients log in to, such as https://headscale.example.net.");
	return {
		control,
		url: entry.url === void 0 ? tailscaleApi : readUrl(problems, ["tailnet", "url"], entry.url),
		name: entry.name === void 0 ? "-" : readPlain(problems, ["tailnet", "name"], entry.name),
		ownerTag: entry["owner-tag"] === void 0 ? "tag:ci" : readTag(problems, ["tailnet", "owner-tag"], entry["owner-tag"]),
		ca: entry.ca === void 0 ? void 0 : readPath(problems, ["tailnet", "ca"], entry.ca)
	};
}
function meshPrefixes(file, clusters, problems) {
	return clusters.flatMap((cluster) => ["pods", "services"].flatMap((kind) => {
		const path = [
			"clusters",
			cluster.name,
			kind
		];
		return Cidr.parse(file.clusters[cluster.name]?.[kind] ?? "") !== void 0 && !problems.isDamaged(path) ? [{
			cluster: cluster.name,
			kind,
			prefix: cluster[kind],
			path
		}] : [];
	}));
}
function localPrefixes(file, clusters, problems) {
	return clusters.flatMap((cluster) => {
		const path = [
			"clusters",
			cluster.name,
			"lan"
		];
		const lan = file.clusters[cluster.name]?.lan ?? [];
		const lans = (typeof lan === "string" ? [{
			text: lan,
			at: path
		}] : lan.map((text, n) => ({
			text,
			at: [...path, n]
		}))).flatMap(({ text, at }) => {
			const prefix = Cidr.parse(text);
			return prefix ? [{
				what: named$1(`a local network of ${cluster.name}`, prefix, at, problems),
				prefix
			}] : [];
		});
		return [...lans, ...cluster.nodes.flatMap((node) => machineAddresses(node, lans))];
	});
}
function named$1(what, prefix, path, problems) {
	return problems.isHidden(path) ? what : `${what} (${prefix.text})`;
}
function machineAddresses(node, lans) {
	const machines = [
		{
			what: `the address of ${node.name}`,
			address: node.address
		},
		{
			what: `the address that ${node.name} is dialled at`,
			address: node.ssh.host
		},
		...node.ssh.jump.map((hop) => ({
			what: `a jump host of ${node.name}`,
			address: hop.host
		}))
	];
	const seen = new Set();
	return machines.flatMap(({ what, address }) => {
		const prefix = Cidr.parse(`${address}/32`);
		if (!prefix || seen.has(address) || lans.some((l) => l.prefix.contains(prefix))) return [];
		seen.add(address);
		return [{
			what,
			prefix
		}];
	});
}
function readPolicyFiles(policy, problems) {
	if (!policy) return [];
	if (policy.file !== void 0 && policy.parts === void 0) return [readPath(problems, ["policy", "file"], policy.file)];
	const parts = policy.parts ?? [];
	if (policy.file !== void 0 || parts.length === 0) problems.atKey(["policy"], "MESH_POLICY_SOURCE", policy.file === void 0 ? "policy names no file" : "policy has both file and parts");
	return parts.map((part, n) => readPath(problems, [
		"policy",
		"parts",
		n
	], part));
}
function readRollout(rollout, known, problems) {
	if (!rollout) return void 0;
	const first = rollout.first ?? [];
	first.forEach((name, n) => {
		const path = [
			"rollout",
			"first",
			n
		];
		if (!known.includes(name)) problems.at(path, "MESH_UNKNOWN_CLUSTER", `${pathText(path)}: there is no cluster ${problems.quote(path, name)}`);
		else if (first.indexOf(name) < n) problems.at(path, "MESH_TOPOLOGY_VALUE", `${pathText(path)}: ${problems.quote(path, name)} stands in the list twice`);
	});
	return {
		first,
		pauseOn: rollout["pause-on"]
	};
}
function readDns(dns, problems) {
	if (!dns) return void 0;
	const path = ["dns", "zone"];
	if (!dns.zone.split(".").every(isLabel) || dns.zone.length > 100) problems.at(path, "MESH_TOPOLOGY_VALUE", `${pathText(path)}: ${problems.quote(path, dns.zone)} is not a name of DNS labels`);
	else if (/(^|\.)(cluster\.local|local|ts\.net|localhost)$/.test(dns.zone)) problems.at(path, "MESH_TOPOLOGY_VALUE", `${pathText(path)}: ${problems.quote(path, dns.zone)} already means something else`, "Use a name that exists nowhere else, such as mesh.");
	return { zone: dns.zone };
}
// src/mesh/topology/schema.ts
const about = globalRegistry;
function text(description, pattern, examples) {
	return string().register(about, {
		description,
		...pattern ? { pattern } : {},
		...examples ? { examples: [...examples] } : {}
	});
}
function closed(shape, meta) {
	return strictObject(shape, { error: (issue) => issue.code === "unrecognized_keys" ? Object.keys(shape).join(", ") : void 0 }).register(about, { ...meta });
}
function named(value, description) {
	return record(string().register(about, { pattern: labelPattern }), value).register(about, { description });
}
const prefix = (description) => text(description, prefixPattern, ["10.52.0.0/16"]);
const file = (description) => text(`${description} Relative to the workspace.`, pathPattern);
const clusterName = (description) => text(description, labelPattern);
const duration = (description, example) => text(description, durationPattern, [example]);
const HostKeySchema = text("The machine's SSH host key: its SHA256 fingerprint as ssh-keygen -l prints it, or the public key itself.", "^(SHA256:[A-Za-z0-9+/]{43}=?|[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?)$", ["SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"]);
const KnownHostsSchema = file("A known_hosts file that holds the machine's host key.");
const SshUserSchema = text("User to log in as; needs sudo without a password unless it is root. Default: root.", userPattern);
const SshPortSchema = int().check(_gte(1)).check(_lte(65535)).register(about, {
	description: "Port of the SSH server. Default: 22.",
	examples: [22]
});
const JumpHopSchema = _lazy(() => closed({
	host: text("Host name or IPv4 address of the jump host."),
	user: optional(SshUserSchema),
	port: optional(SshPortSchema),
	"host-key": optional(HostKeySchema),
	"known-hosts": optional(KnownHostsSchema)
}, {
	id: "JumpHop",
	description: "A jump host with a host key of its own."
}));
const JumpSchema = _lazy(() => union([
	text("A node of this file, or user@host[:port]."),
	JumpHopSchema,
	array(union([text("A node of this file, or user@host[:port]."), JumpHopSchema]))
]).register(about, {
	description: "Machines to go through, in the order they are dialled: a node of this file, user@host[:port], the long form with a host key of its own, or a list of these. An empty list undoes an outer jump.",
	examples: ["homelab-1", "ubuntu@bastion.example.net:2222"]
}));
const SshSchema = closed({
	user: optional(SshUserSchema),
	host: optional(text("Where the runner dials: a host name or an IPv4 address. Default: the node's address.")),
	port: optional(SshPortSchema),
	"host-key": optional(HostKeySchema),
	"known-hosts": optional(KnownHostsSchema),
	jump: optional(JumpSchema),
	via: optional(_enum(["direct", "tailnet"]).register(about, { description: "Which way the runner reaches the node: as the network is, or through the tailnet. Default: direct." }))
}, {
	id: "Ssh",
	description: "How machines are reached over SSH. A key of a node wins over that of its cluster, and that over the top level's."
});
const NodeSchema = closed({
	address: text("The node's own IPv4 address, K3s' node-ip.", ipv4Pattern, ["10.10.10.10"]),
	role: optional(_enum([
		"router",
		"member",
		"plain"
	]).register(about, { description: "router advertises the cluster's networks and accepts those of others, member only accepts, plain has no tailscaled. Default: the first node is a router, the others are members." })),
	k3s: optional(_enum(["server", "agent"]).register(about, { description: "What K3s is on it. Default: the first node is a server, the others are agents." })),
	hostname: optional(text("Host name in the tailnet. Default: the node's name.", labelPattern)),
	state: optional(_enum(["present", "absent"]).register(about, { description: "absent: take the node out of the mesh. Default: present." })),
	ssh: optional(SshSchema)
}, {
	id: "Node",
	description: "A machine of a cluster."
});
const ClusterSchema = closed({
	pods: prefix("The cluster's pod network, K3s' cluster-cidr."),
	services: prefix("The cluster's service network, K3s' service-cidr."),
	nodes: named(union([text("The node's own IPv4 address.", ipv4Pattern), NodeSchema]), "The cluster's machines by name. Short form: just the address."),
	tag: optional(text("Tag of the cluster's nodes in the tailnet. Default: tag: and the cluster's name.", tagPattern)),
	lan: optional(union([prefix("A local network."), array(prefix("A local network."))]).register(about, { description: "Local networks of the nodes. Default: read from the nodes. LANs of different clusters may be equal." })),
	"underlay-only": optional(boolean().register(about, { description: "The nodes reach each other by their local network only; the tailnet must never carry it. Default: false." })),
	advertise: optional(_enum(["cluster", "per-node"]).register(about, { description: "cluster: each router advertises the whole pod and service network; per-node: each router its own slice of the pod network too. Default: cluster." })),
	state: optional(_enum(["present", "absent"]).register(about, { description: "absent: take the cluster out of the mesh. Default: present." })),
	ssh: optional(SshSchema)
}, {
	id: "Cluster",
	description: "A K3s cluster of the mesh."
});
const LinkSchema = _lazy(() => closed({
	from: clusterName("Cluster whose pods (or any process on its nodes) open the connection."),
	to: clusterName("Cluster whose pods and services are dialled."),
	ports: optional(array(text("tcp:443, udp:53, tcp:8000-8100, tcp:*, icmp or *.", portPattern)).register(about, {
		description: "What the client dials. Default: everything.",
		examples: [["tcp:443", "icmp"]]
	}))
}, {
	id: "Link",
	description: "A connection between two clusters, in one direction."
}));
const TailnetSchema = closed({
	control: optional(_enum(["tailscale", "headscale"]).register(about, { description: "Kind of control server. Default: tailscale." })),
	url: optional(text("Base URL of the control server. Needed for headscale. Default: https://api.tailscale.com.", "^https?://")),
	name: optional(text("Name of the tailnet in the API. Default: -, the credential's own.", void 0, ["-", "example.com"])),
	"owner-tag": optional(text("The credential's tag, which owns every cluster tag. Default: tag:ci.", tagPattern)),
	ca: optional(file("PEM file of roots to trust for the control server, added to the system's."))
}, {
	id: "Tailnet",
	description: "The tailnet and its control server."
});
const VaultAuthSchema = _lazy(() => closed({
	method: _enum([
		"jwt",
		"approle",
		"token"
	]).register(about, { description: "How to log in." }),
	mount: optional(text("Where the auth method is mounted. Default: the method's name.", pathPattern, ["jwt/github"])),
	role: optional(text("Role of a JWT login. Default: the mount's default role."))
}, {
	id: "VaultAuth",
	description: "A login with its mount and role."
}));
const VaultSchema = _lazy(() => closed({
	url: text("Base URL of Vault or OpenBao.", "^https?://", ["https://vault.example.net:8200"]),
	mount: optional(text("Mount of the KV v2 engine. Default: secret.", pathPattern)),
	auth: optional(union([_enum([
		"jwt",
		"approle",
		"token"
	]).register(about, { description: "How to log in." }), VaultAuthSchema]).register(about, { description: "How to log in: jwt (GitHub's OIDC token), approle or token; the long form has mount and role. Default: jwt." })),
	namespace: optional(text("Namespace of the secrets.", pathPattern)),
	"auth-namespace": optional(text("Namespace of the login. Default: that of the secrets.", pathPattern)),
	ca: optional(file("PEM file of roots to trust for Vault, added to the system's."))
}, {
	id: "Vault",
	description: "A KV v2 engine of Vault or OpenBao."
}));
const StoreSchema = _lazy(() => closed({
	vault: optional(VaultSchema),
	github: optional(closed({ environment: text("Name of the GitHub environment that holds the secrets.") }, {
		id: "GitHub",
		description: "Secrets of a GitHub environment."
	})),
	file: optional(closed({ folder: file("Folder for the keys, relative to the checkout or absolute: one file of mode 0600 for each.") }, {
		id: "Folder",
		description: "A folder of the machine that the run is on."
	}))
}, {
	id: "Store",
	description: "A place for secrets: exactly one of vault, github and file."
}));
const StoredKeySchema = _lazy(() => closed({
	cluster: optional(clusterName("The cluster that the key enrols into. Either this or tags.")),
	tags: optional(array(text("A tag.", tagPattern)).register(about, { description: "Tags of what the key enrols. Either this or cluster." })),
	store: text("Name of the store.", labelPattern),
	path: optional(text("Path of the secret in a Vault store, or of the file in a file store.", pathPattern, ["tailmesh/homelab"])),
	name: optional(text("Name of the secret in a GitHub store.", "^[A-Za-z_][A-Za-z0-9_]*$", ["TAILSCALE_AUTHKEY"])),
	expiry: optional(duration("How long a key lives; Tailscale allows up to 90d. Default: 90d.", "90d")),
	"rotate-after": optional(duration("Rotate a key that is older than this. Default: a third of expiry.", "30d")),
	"renew-before": optional(duration("Rotate a key that has less than this to live. Default: half of expiry.", "45d")),
	reusable: optional(boolean().register(about, { description: "Whether the key enrols more than one device. Default: true." }))
}, {
	id: "StoredKey",
	description: "A named long-lived auth key in a store, for what enrols outside of GitHub Actions."
}));
const TopologySchema = closed({
	version: literal(1).register(about, { description: "Version of this format." }),
	ssh: optional(SshSchema),
	tailnet: optional(TailnetSchema),
	clusters: named(ClusterSchema, "The clusters of the mesh by name."),
	links: optional(union([literal("full").register(about, { description: "Every cluster reaches every other." }), array(LinkSchema)]).register(about, { description: "Which clusters must reach which: full (the default) or a list." })),
	forbid: optional(array(LinkSchema).register(about, { description: "What must not connect. A pair in neither links nor forbid is not tested." })),
	policy: optional(closed({
		file: optional(file("Your tailnet policy (HuJSON); what Tailmesh derives is merged into it.")),
		parts: optional(array(file("A part of your tailnet policy (HuJSON).")).register(about, { description: "Parts of your tailnet policy, merged in order, comments kept." }))
	}, { description: "Your own tailnet policy: a file or parts. Default: the policy on the server." })),
	accept: optional(array(prefix("A prefix of another advertiser.")).register(about, { description: "Prefixes of other advertisers that cluster nodes may receive; any other is refused." })),
	stores: optional(named(StoreSchema, "Places for secrets by name.")),
	credentials: optional(closed({
		from: text("Name of a Vault store.", labelPattern),
		path: text("Path of the secret with the fields oauth_client_id and oauth_client_secret.", pathPattern, ["tailmesh/oauth"])
	}, { description: "Where the control server's OAuth client is kept." })),
	"stored-keys": optional(named(StoredKeySchema, "Long-lived auth keys by name.")),
	rollout: optional(closed({
		first: optional(array(clusterName("A cluster.")).register(about, { description: "Clusters that are changed before all others, in this order." })),
		"pause-on": optional(_enum(["regression"]).register(about, { description: "regression: stop after a cluster when a link that worked before is broken." }))
	}, { description: "In which order clusters are changed." })),
	dns: optional(closed({ zone: text("Zone of the names, not one that exists elsewhere.", void 0, ["mesh"]) }, { description: "Names across clusters: web.default.svc.CLUSTER.ZONE from any cluster." }))
}, { description: "The network that Tailmesh keeps: its clusters, how they are reached, and which of them must reach which." });
// src/mesh/topology/shape.ts
function readShape(root, source, problems) {
	for (let round = 0; round < 50; round++) {
		const result = TopologySchema.safeParse(root);
		if (result.success) return result.data;
		for (const issue of result.error.issues.flatMap((i) => unfold(i, []))) repair(root, issue, source, problems);
	}
}
function unfold(issue, outer) {
	const path = [...outer, ...issue.path.map((part) => typeof part === "number" ? part : String(part))];
	if (issue.code !== "invalid_union") return [{
		path,
		issue,
		expected: []
	}];
	const inside = issue.errors.find((branch) => !branch.some(isOutside));
	if (inside) return inside.flatMap((i) => unfold(i, path));
	const all = issue.errors.flat();
	const told = all.find((i) => i.code === "invalid_value") ?? all.find((i) => i.code === "invalid_type" && i.expected !== "array") ?? all[0];
	return told ? [{
		path,
		issue: told,
		expected: all.map(kindOf)
	}] : [];
}
function isOutside(issue) {
	if (issue.code === "invalid_union") return issue.path.length === 0 && issue.errors.every((branch) => branch.some(isOutside));
	return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}
const kinds = {
	string: "text",
	object: "a mapping",
	record: "a mapping",
	array: "a list",
	boolean: "true or false",
	number: "a number",
	int: "a whole number"
};
function kindOf(issue) {
	if (issue.code === "invalid_type") return kinds[issue.expected] ?? issue.expected;
	if (issue.code === "invalid_value") return issue.values.map(String).join(", ");
	return "";
}
function repair(root, { path, issue, expected }, source, problems) {
	const name = pathText(path);
	if (issue.code === "unrecognized_keys") {
		for (const key of issue.keys) {
			const hint = `Known here: ${issue.message}. Check the spelling and the indentation.`;
			problems.atKey([...path, key], "MESH_TOPOLOGY_UNKNOWN_KEY", `unknown key "${inertText(key, 80)}"${within(name)}`, hint);
			remove(root, path, key);
		}
		return;
	}
	const value = valueAt(root, path);
	if (source.variable(path)) {
		const converted = fromVariable(issue, value);
		if (converted !== void 0) {
			put(root, path, converted);
			return;
		}
	}
	const wanted = expected.length > 0 ? [...new Set(expected)].join(" or ") : kindOf(issue);
	if (value === void 0) problems.atKey(path, "MESH_TOPOLOGY_MISSING_KEY", `${name} is missing`);
	else if (issue.code === "invalid_value" && typeof value === "string") {
		const allowed = issue.values.map(String).join(", ");
		problems.at(path, "MESH_TOPOLOGY_CHOICE", `${name} cannot be ${problems.quote(path, value)}; it is one of: ${allowed}`);
	} else if (issue.code === "too_small" || issue.code === "too_big") {
		const range = "minimum" in issue ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
		problems.at(path, "MESH_TOPOLOGY_VALUE", `${name} must be ${range}`);
	} else problems.at(path, "MESH_TOPOLOGY_TYPE", `${name} must be ${wanted}, not ${describe(value)}`);
	problems.damage(path);
	put(root, path, harmless(issue));
}
function within(name) {
	return name === "" ? "" : ` in ${name}`;
}
function describe(value) {
	if (value === null) return "nothing";
	if (Array.isArray(value)) return "a list";
	if (typeof value === "object") return "a mapping";
	return typeof value === "string" ? "text" : typeof value === "boolean" ? "true or false" : "a number";
}
function fromVariable(issue, value) {
	if (typeof value !== "string") return void 0;
	const numeric = /^\d{1,9}$/.test(value) ? Number(value) : void 0;
	if (issue.code === "invalid_value") return numeric !== void 0 && issue.values.includes(numeric) ? numeric : void 0;
	if (issue.code !== "invalid_type") return void 0;
	if (issue.expected === "boolean") return value === "true" ? true : value === "false" ? false : void 0;
	return issue.expected === "number" || issue.expected === "int" ? numeric : void 0;
}
function harmless(issue) {
	if (issue.code === "invalid_value") return plainValue(issue.values[0]);
	if (issue.code === "too_small") return Number(issue.minimum);
	if (issue.code === "too_big") return Number(issue.maximum);
	if (issue.code !== "invalid_type") return "";
	switch (issue.expected) {
		case "object":
		case "record": return Object.create(null);
		case "array": return [];
		case "boolean": return false;
		case "number":
		case "int": return 1;
		default: return "";
	}
}
function plainValue(value) {
	return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : "";
}
function valueAt(root, path) {
	let value = root;
	for (const part of path) if (Array.isArray(value)) value = value[Number(part)];
	else if (isMapping(value)) value = value[part];
	else return void 0;
	return value;
}
function put(root, path, value) {
	const parent = valueAt(root, path.slice(0, -1));
	const last = path.at(-1);
	if (last === void 0) return;
	if (Array.isArray(parent)) parent[Number(last)] = value;
	else if (isMapping(parent)) parent[last] = value;
}
function remove(root, path, key) {
	const parent = valueAt(root, path);
	if (isMapping(parent)) delete parent[key];
}
function isMapping(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
// src/mesh/topology/parse.ts
function parseTopology(text, options) {
	const source = readSource(text, options);
	const problems = new Problems(source);
	const file = source.value && readShape(source.value, source, problems);
	const mesh = file && deriveMesh(file, problems);
	problems.throwIfAny();
	if (!mesh) throw new RangeError("a topology without problems has a mesh");
	return mesh;
}
export { localOverlaps as n, parseTopology as t };
