// src/mesh/error.ts
var MeshError = class extends Error {
	name = "MeshError";
	code;
	kind;
	hint;
	where;
	also;
	constructor(code, kind, message, hint, details = {}) {
		super(message, details.cause === void 0 ? void 0 : { cause: details.cause });
		this.code = code;
		this.kind = kind;
		this.hint = hint;
		this.where = details.where;
		this.also = details.also ?? [];
	}
};
function defineErrors(specs) {
	const make = (code, message, details = {}) => new MeshError(code, specs[code].kind, message, details.hint ?? specs[code].hint, details);
	return Object.assign(make, { specs });
}
function joinErrors(errors) {
	const [first, ...rest] = errors;
	if (rest.length === 0) return first;
	return new MeshError(first.code, first.kind, first.message, first.hint, {
		...first.where ? { where: first.where } : {},
		cause: first.cause,
		also: [...first.also, ...rest]
	});
}
function allErrors(error) {
	return [error, ...error.also];
}
// src/mesh/inert.ts
const maxShown = 2e3;
function inertText(text, limit = maxShown) {
	return (text.length > limit ? `${text.slice(0, limit)}… (${text.length - limit} more characters)` : text).replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu, (c) => c === "	" ? " " : `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}
function inertLine(text, limit = maxShown) {
	return inertText(text, limit).replace(/^(\s*):(?=:)/, "$1:​").replaceAll("##[", "#​#[");
}
function inertMarkdown(text, limit = 400) {
	return inertText(text, limit).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replace(/[\\`*_{}[\]()#+!|~$@:]/g, (c) => `&#${c.charCodeAt(0)};`);
}
function inertMermaid(text, limit = 80) {
	return inertText(text, limit).replace(/[^A-Za-z0-9 ./_-]/g, (c) => `#${c.codePointAt(0)};`);
}
// src/mesh/cidr.ts
var Cidr = class Cidr {
	base;
	bits;
	#text;
	constructor(base, bits) {
		this.base = base;
		this.bits = bits;
	}
	static parse(text) {
		const [address = "", length, ...rest] = text.split("/");
		if (length === void 0 || rest.length > 0 || !/^(0|[1-9]\d?)$/.test(length)) return void 0;
		const base = parseIPv4(address);
		const bits = Number(length);
		if (base === void 0 || bits > 32) return void 0;
		const cidr = new Cidr(base, bits);
		return (base & cidr.#mask) >>> 0 === base ? cidr : void 0;
	}
	static around(address, bits) {
		const value = parseIPv4(address);
		if (value === void 0 || bits < 0 || bits > 32) throw new RangeError(`not an IPv4 prefix: ${address}/${bits}`);
		return new Cidr((value & maskOf(bits)) >>> 0, bits);
	}
	static of(base, bits) {
		if (!Number.isInteger(base) || base < 0 || base > 4294967295 || !Number.isInteger(bits) || bits < 0 || bits > 32) return void 0;
		return (base & maskOf(bits)) >>> 0 === base ? new Cidr(base, bits) : void 0;
	}
	get #mask() {
		return maskOf(this.bits);
	}
	get size() {
		return 2 ** (32 - this.bits);
	}
	get text() {
		this.#text ??= `${formatIPv4(this.base)}/${this.bits}`;
		return this.#text;
	}
	address(n) {
		return formatIPv4(this.base + n >>> 0);
	}
	containsAddress(address) {
		const value = parseIPv4(address);
		return value !== void 0 && (value & this.#mask) >>> 0 === this.base;
	}
	contains(other) {
		return other.bits >= this.bits && (other.base & this.#mask) >>> 0 === this.base;
	}
	overlaps(other) {
		return this.contains(other) || other.contains(this);
	}
	equals(other) {
		return this.base === other.base && this.bits === other.bits;
	}
	toString() {
		return this.text;
	}
	toJSON() {
		return this.text;
	}
};
function maskOf(bits) {
	return bits === 0 ? 0 : -1 << 32 - bits >>> 0;
}
function parseIPv4(text) {
	const parts = text.split(".");
	if (parts.length !== 4 || !parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255)) return void 0;
	return parts.reduce((sum, p) => sum * 256 + Number(p), 0);
}
function formatIPv4(value) {
	return [
		24,
		16,
		8,
		0
	].map((shift) => value >>> shift & 255).join(".");
}
// src/mesh/sha256.ts
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
// src/mesh/mesh.ts
function meshNodes(mesh) {
	return mesh.clusters.flatMap((c) => c.nodes);
}
function tailscaleNodes(mesh) {
	return meshNodes(mesh).filter((n) => n.role !== "plain" && n.state === "present");
}
function clusterOf(mesh, name) {
	const found = mesh.clusters.find((c) => c.name === name);
	if (!found) throw new RangeError(`no cluster ${name}`);
	return found;
}
function advertisedRoutes(cluster) {
	const { pods, services } = cluster;
	return pods.text < services.text ? [pods.text, services.text] : [services.text, pods.text];
}
// src/mesh/errors.ts
const meshErrors = defineErrors({
	MESH_TOPOLOGY_SYNTAX: {
		kind: "config",
		meaning: "The topology file is not valid YAML.",
		hint: "Look at the named line and the one before it: indentation, a missing colon, quote or bracket. Tabs cannot indent YAML."
	},
	MESH_TOPOLOGY_EMPTY: {
		kind: "config",
		meaning: "The topology file holds no mapping: it is empty, or a list or plain text.",
		hint: "Start from examples/two-clusters.yaml: `version: 1` and `clusters:`."
	},
	MESH_TOPOLOGY_TOO_LARGE: {
		kind: "config",
		meaning: "The topology file is larger, deeper or holds more aliases than any real network needs.",
		hint: "Write nodes out instead of multiplying them with YAML aliases, and check that the input `topology` names the right file."
	},
	MESH_TOPOLOGY_MORE: {
		kind: "config",
		meaning: "The topology file has more problems than are shown.",
		hint: "Mend those that are shown and run again; check that the input `topology` names the right file."
	},
	MESH_TOPOLOGY_DUPLICATE_KEY: {
		kind: "config",
		meaning: "The same key stands twice in one mapping; YAML readers would silently drop one of them.",
		hint: "Remove or rename one of the two."
	},
	MESH_TOPOLOGY_UNKNOWN_KEY: {
		kind: "config",
		meaning: "The topology file has a key that Tailmesh does not know.",
		hint: "Check the spelling and the indentation. schemas/topology.schema.json lists every key; an editor with a YAML language server completes them."
	},
	MESH_TOPOLOGY_MISSING_KEY: {
		kind: "config",
		meaning: "A key that is needed is missing.",
		hint: "Add it. examples/two-clusters.yaml has all that are needed, examples/many.yaml has every key."
	},
	MESH_TOPOLOGY_TYPE: {
		kind: "config",
		meaning: "A value is of the wrong kind: text where a mapping is expected, a number where text is, or nothing at all.",
		hint: "Give a value of the kind that the message names; text that looks like a number needs quotes."
	},
	MESH_TOPOLOGY_CHOICE: {
		kind: "config",
		meaning: "A value is not one of the few that the key allows, such as a role that does not exist.",
		hint: "Use one of the values that the message names."
	},
	MESH_TOPOLOGY_VALUE: {
		kind: "config",
		meaning: "A value is written in a form that the key does not allow.",
		hint: "Write it as the message says."
	},
	MESH_TOPOLOGY_NAME: {
		kind: "config",
		meaning: "A name of a cluster, node, store or key is not a plain DNS label.",
		hint: "Use 1 to 63 of a-z, 0-9 and -, with a letter or digit at both ends. Names end up in host names, tags, paths and drawings."
	},
	MESH_TAG_INVALID: {
		kind: "config",
		meaning: "A tag is not one that control servers accept.",
		hint: "Write it as `tag:` and then a lower-case letter, followed by a-z, 0-9 and -. A cluster whose name begins with a digit needs its own `tag`."
	},
	MESH_TAG_SHARED: {
		kind: "config",
		meaning: "Two clusters, or a cluster and the owner, have the same tag, so that nothing could tell their nodes apart.",
		hint: "Give each cluster a `tag` of its own; the owner tag is the credential's alone."
	},
	MESH_CIDR_INVALID: {
		kind: "config",
		meaning: "A value is not an IPv4 prefix.",
		hint: "Write four numbers and a length, such as 10.52.0.0/16, without leading zeros."
	},
	MESH_CIDR_HOST_BITS: {
		kind: "config",
		meaning: "A prefix has bits set behind its length, so that it is unclear whether the address or the length is the mistake.",
		hint: "Write the canonical prefix."
	},
	MESH_CIDR_OVERLAP: {
		kind: "config",
		meaning: "A pod or service network shares addresses with another network of the mesh, a local network, or the tailnet itself.",
		hint: "Give one of the two another range. K3s fixes its ranges when a cluster is first started, so a running cluster must be rebuilt for it."
	},
	MESH_K3S_DEFAULTS: {
		kind: "config",
		meaning: "Two clusters both use K3s' default networks (10.42.0.0/16 and 10.43.0.0/16), so that no address tells which of them is meant.",
		hint: "Rebuild one of them with ranges of its own."
	},
	MESH_LOCAL_OVERLAP: {
		kind: "config",
		meaning: "A pod or service network of another cluster shares addresses with what a node holds locally: its LAN, a bridge such as docker0, or a route.",
		hint: "Move the local network (for docker0: `bip` and `default-address-pools` in /etc/docker/daemon.json), or rebuild the other cluster with the free range that the message names."
	},
	MESH_IPV6_UNSUPPORTED: {
		kind: "config",
		meaning: "An IPv6 address or prefix was given. IPv6 is refused until it is proven end to end.",
		hint: "Give the IPv4 address or prefix. Dual-stack clusters can be joined by their IPv4 networks."
	},
	MESH_ADDRESS_INVALID: {
		kind: "config",
		meaning: "A value is not an IPv4 address that a node can have, or not a host name that can be dialled.",
		hint: "Write four numbers such as 10.10.10.10, without leading zeros or a length. Where the runner dials another name, give it as `ssh: { host: … }`."
	},
	MESH_URL_INVALID: {
		kind: "config",
		meaning: "A URL is not an https:// base URL.",
		hint: "Write https://host[:port][/path] without user, query or fragment. http:// is allowed for loopback addresses only, since keys travel over it."
	},
	MESH_PORT_INVALID: {
		kind: "config",
		meaning: "An entry of `ports` is not written as protocol and port.",
		hint: "Write `tcp:443`, `udp:53`, `tcp:8000-8100`, `tcp:*`, `icmp` or `*`; ports are 1 to 65535, what the client dials."
	},
	MESH_DURATION_INVALID: {
		kind: "config",
		meaning: "A duration is not a number with a unit, or not in the range that its key allows.",
		hint: "Write a whole number and s, m, h, d or w: `300s`, `10m`, `90d`."
	},
	MESH_ENV_MISSING: {
		kind: "config",
		meaning: "`{ env: NAME }` names an environment variable that is not set, or empty.",
		hint: "Set it with `env:` on the step or the job of the workflow, from `vars.NAME` or `secrets.NAME`. A secret that the run may not read is empty too."
	},
	MESH_ENV_REFUSED: {
		kind: "config",
		meaning: "`{ env: NAME }` names a variable that may hold a credential of the runner or an input of the action.",
		hint: "Give the value a variable of its own. Secrets are inputs of the actions and never belong into the topology."
	},
	MESH_NO_ROUTER: {
		kind: "config",
		meaning: "A cluster has no node that advertises its networks.",
		hint: "Give one present node `role: router`. Without any `role` the first node is the router."
	},
	MESH_DUPLICATE_NODE: {
		kind: "config",
		meaning: "Two nodes have the same name, or would have the same host name in the tailnet.",
		hint: "Node names are unique in the whole file, also across clusters; so is `hostname`."
	},
	MESH_DUPLICATE_ADDRESS: {
		kind: "config",
		meaning: "Two nodes of one cluster have the same address.",
		hint: "Each node has an address of its own, K3s' node-ip. Where several nodes are dialled through one address, give it as `ssh: { host, port }`."
	},
	MESH_HOST_KEY_MISSING: {
		kind: "config",
		meaning: "A machine would be dialled over SSH without anything to recognise it by.",
		hint: "Give `known-hosts: FILE` under `ssh` (for all nodes, a cluster or a node), made with `ssh-keyscan HOST` on a network you trust, or `host-key: SHA256:…` as `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints it on the machine."
	},
	MESH_HOST_KEY_INVALID: {
		kind: "config",
		meaning: "A host key is neither an OpenSSH public key nor a SHA256 fingerprint, or is given twice.",
		hint: "Write `SHA256:` and 43 characters as ssh-keygen -l prints them, or the whole line of /etc/ssh/ssh_host_ed25519_key.pub; either `host-key` or `known-hosts`, not both in one place."
	},
	MESH_JUMP_INVALID: {
		kind: "config",
		meaning: "A jump host is neither a node of this file nor user@host[:port], or nodes are reached through each other in a circle.",
		hint: "Name a node of this file, write user@host or user@host:port, or use the long form { host, user, port, host-key }."
	},
	MESH_UNKNOWN_CLUSTER: {
		kind: "config",
		meaning: "A cluster is named that the topology file does not have.",
		hint: "Use one of the names under `clusters`."
	},
	MESH_UNKNOWN_NODE: {
		kind: "config",
		meaning: "A node is named that the topology file does not have.",
		hint: "Use one of the names under `nodes` of any cluster."
	},
	MESH_UNKNOWN_STORE: {
		kind: "config",
		meaning: "A store is named that the topology file does not have.",
		hint: "Declare it under `stores`."
	},
	MESH_SELECTION_EMPTY: {
		kind: "config",
		meaning: "The filters `clusters` and `nodes` together select no node.",
		hint: "A node is selected when it passes both filters; leave one of them out."
	},
	MESH_LINK_INVALID: {
		kind: "config",
		meaning: "A link joins a cluster to itself, or is both demanded and forbidden.",
		hint: "`links` and `forbid` name two different clusters, and no port of one pair may be in both."
	},
	MESH_POLICY_SOURCE: {
		kind: "config",
		meaning: "`policy` names both a file and parts, or neither.",
		hint: "Give `file: policy.hujson`, or `parts: [a.hujson, b.hujson]`, or leave `policy` out to build on the policy of the server."
	},
	MESH_STORE_INVALID: {
		kind: "config",
		meaning: "A store is not exactly one of the known kinds, or is of a kind that cannot do what is asked of it.",
		hint: "A store has exactly one of `vault`, `github` and `file`. `credentials` need a Vault store: GitHub's secrets cannot be read back, and files are for keys."
	},
	MESH_STORED_KEY_INVALID: {
		kind: "config",
		meaning: "A stored key lacks what it needs, or has too much of it.",
		hint: "Give exactly one of `cluster` and `tags`; `path` for a Vault or file store, `name` for a GitHub store; each place holds one key."
	}
});
// src/mesh/duration.ts
const units = {
	s: 1,
	m: 60,
	h: 3600,
	d: 86400,
	w: 604800
};
const durationPattern = "^(0|[1-9][0-9]{0,8})[smhdw]$";
function readDuration(text) {
	const [, count, unit] = /^(0|[1-9]\d{0,8})([smhdw])$/.exec(text) ?? [];
	if (count === void 0 || !isUnit(unit)) return void 0;
	return Number(count) * units[unit];
}
function isUnit(text) {
	return text !== void 0 && Object.hasOwn(units, text);
}
// src/mesh/secret.ts
const shown = "[secret]";
var Secret = class {
	#value;
	constructor(value) {
		this.#value = value;
	}
	reveal() {
		return this.#value;
	}
	get isEmpty() {
		return this.#value.trim() === "";
	}
	toString() {
		return shown;
	}
	toJSON() {
		return shown;
	}
	[Symbol.for("nodejs.util.inspect.custom")]() {
		return shown;
	}
};
// src/plan/change.ts
const emptyPlan = {
	changes: [],
	unchanged: []
};
function joinPlans(plans) {
	return {
		changes: plans.flatMap((p) => p.changes),
		unchanged: plans.flatMap((p) => p.unchanged)
	};
}
// src/plan/fingerprint.ts
function fingerprint(action, plan) {
	return sha256(new TextEncoder().encode(canonicalJson({
		action,
		changes: plan.changes
	})));
}
function canonicalJson(value) {
	return JSON.stringify(value, (_key, member) => isRecord(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => a < b ? -1 : 1)) : member);
}
function isRecord(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
// src/plan/errors.ts
const planError = defineErrors({
	MESH_CHANGE_NOT_ALLOWED: {
		kind: "refused",
		meaning: "The plan holds a kind of change (create, update or delete) that the input `allow` does not name. Nothing was changed.",
		hint: "Read the changes listed under Plan. If you want them, name their kind in `allow`, for example `allow: create,update,delete`."
	},
	MESH_PLAN_CHANGED: {
		kind: "refused",
		meaning: "The input `plan` pins the apply to one plan, and what was observed now leads to another. Nothing was changed.",
		hint: "Run with `mode: plan`, review the plan, and pin the new hash (output `plan-hash`)."
	},
	MESH_CHANGES_PENDING: {
		kind: "refused",
		meaning: "`fail-on-changes` is true and the plan is not empty: what is there differs from what your files say.",
		hint: "Read the changes listed under Plan; apply them with `mode: apply`, or bring the topology file to what is there."
	}
});
// src/plan/guards.ts
function refusals(plan, hash, limits) {
	if (plan.changes.length === 0) return [];
	return [...unpinned(hash, limits.pin), ...notAllowed(plan.changes, limits.allow)];
}
function pendingChanges(plan) {
	if (plan.changes.length === 0) return void 0;
	return planError("MESH_CHANGES_PENDING", `${countChanges(plan)} would be made: ${addresses(plan.changes)}`);
}
function countChanges(plan) {
	return plan.changes.length === 1 ? "1 change" : `${plan.changes.length} changes`;
}
function unpinned(hash, pin) {
	if (pin === void 0 || pin === hash) return [];
	return [planError("MESH_PLAN_CHANGED", `the plan is ${hash} now, this run is pinned to ${pin}`)];
}
function notAllowed(changes, allow) {
	const refused = changes.filter((change) => !allow.includes(change.kind));
	return [...new Set(refused.map((change) => change.kind))].map((kind) => {
		const those = refused.filter((change) => change.kind === kind);
		const hint = `Read the changes listed under Plan. If you want them, set \`allow: ${[...allow, kind].join(",")}\`.`;
		return planError("MESH_CHANGE_NOT_ALLOWED", `${kind} is not allowed: ${addresses(those)}`, { hint });
	});
}
function addresses(changes) {
	return changes.map((change) => change.address).join(", ");
}
// src/plan/job.ts
const emptyOutcome = {
	outputs: {},
	links: [],
	summary: [],
	failure: null
};
// src/plan/render.ts
const signs = {
	create: "+",
	update: "~",
	delete: "-"
};
function planLines(plan) {
	return [...plan.changes.flatMap(changeLines), ...plan.unchanged.map(unchangedLine)];
}
function changeLines(change) {
	return [
		`${signs[change.kind]} ${change.address} (${change.resource}, ${change.kind}): ${change.why}`,
		...textLines(change.diff).map((line) => `    ${line}`),
		...change.does.flatMap(textLines).map((line) => `    does: ${line}`),
		`    undo: ${change.undo}`
	];
}
function unchangedLine(item) {
	return `= ${item.address}: ${item.why}`;
}
function textLines(text) {
	return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
function planMarkdown(plan) {
	if (plan.changes.length === 0) return [unchangedMarkdown(plan)];
	const table = [
		"| change | address | why |",
		"| --- | --- | --- |",
		...plan.changes.map((change) => `| ${signs[change.kind]} ${change.kind} | ${inertMarkdown(change.address)} | ${inertMarkdown(change.why)} |`)
	].join("\n");
	const diffs = plan.changes.filter((change) => change.diff !== "").map(diffMarkdown);
	return [
		`**${countChanges(plan)}**\n\n${table}`,
		...diffs,
		unchangedMarkdown(plan)
	].filter((block) => block !== "");
}
function unchangedMarkdown(plan) {
	if (plan.unchanged.length === 0) return "";
	const items = plan.unchanged.map((item) => `- ${inertMarkdown(item.address)}: ${inertMarkdown(item.why)}`);
	return folded(`${plan.unchanged.length} unchanged`, items.join("\n"));
}
function diffMarkdown(change) {
	const lines = textLines(change.diff);
	const body = !lines.some((line) => /[<`]|\]\(|::|##\[/.test(line)) ? [
		"```diff",
		...lines.map((line) => inertText(line)),
		"```"
	] : [
		"<pre>",
		...lines.map((line) => inertMarkdown(line, 2e3) || " "),
		"</pre>"
	];
	return folded(inertMarkdown(change.address), body.join("\n"));
}
function folded(title, body) {
	return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
// src/ports/control.ts
async function visibleDevices(control) {
	if (!control.capabilities.devices.list) return null;
	try {
		return await control.listDevices();
	} catch (error) {
		if (error instanceof MeshError && error.code === "MESH_CREDENTIAL_DENIED") return null;
		throw error;
	}
}
// src/mesh/topology/patterns.ts
const labelPattern = "^(?![0-9]+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
const tagPattern = "^tag:[a-z][a-z0-9-]{0,62}$";
const ipv4Pattern = "^([0-9]{1,3}\\.){3}[0-9]{1,3}$";
const prefixPattern = "^([0-9]{1,3}\\.){3}[0-9]{1,3}/[0-9]{1,2}$";
const userPattern = "^[A-Za-z_][A-Za-z0-9_.-]{0,31}$";
const hostPattern = "^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*\\.?$";
const pathPattern = "^[A-Za-z0-9_./@+~][A-Za-z0-9_./@+~ -]*$";
const portPattern = "^(\\*|icmp|(tcp|udp):(\\*|[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?))$";
const plainPattern = "^[A-Za-z0-9_.@+-][A-Za-z0-9_.@+ /:-]*$";
const variablePattern = "^[A-Za-z_][A-Za-z0-9_]*$";
// src/mesh/tag.ts
const tagForm = new RegExp(tagPattern);
function isTag(text) {
	return tagForm.test(text);
}
export { tailscaleNodes as A, allErrors as B, Secret as C, advertisedRoutes as D, meshErrors as E, inertLine as F, joinErrors as H, inertMarkdown as I, inertMermaid as L, Cidr as M, formatIPv4 as N, clusterOf as O, parseIPv4 as P, inertText as R, joinPlans as S, readDuration as T, defineErrors as V, pendingChanges as _, pathPattern as a, fingerprint as b, prefixPattern as c, variablePattern as d, visibleDevices as f, countChanges as g, emptyOutcome as h, labelPattern as i, sha256 as j, meshNodes as k, tagPattern as l, planMarkdown as m, hostPattern as n, plainPattern as o, planLines as p, ipv4Pattern as r, portPattern as s, isTag as t, userPattern as u, refusals as v, durationPattern as w, emptyPlan as x, canonicalJson as y, MeshError as z };
