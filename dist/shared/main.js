import { a as array, c as literal, d as object, f as record, g as unknown, h as union, i as _enum, l as looseObject, m as string, n as number$1, o as boolean, p as strictObject, r as ZodType, s as int, t as require_dist, u as number } from "./vendor-schema.js";
import { a as MeshError, c as joinErrors, i as inertText, n as inertMarkdown, o as allErrors, s as defineErrors, t as inertLine } from "./inert.js";
import { r as parseIPv4, t as Cidr } from "./cidr.js";
import { t as systemClock } from "./clock.js";
import { a as getInput, b as getExecOutput, c as info, d as setOutput, f as setSecret, i as getIDToken, m as summary, n as debug, o as getState, p as warning$1, r as error, s as group, t as ExitCode, u as saveState } from "./vendor-actions-core.js";
import { createHash, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { mkdir, open, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
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
		hint: "A store has exactly one of `vault` and `github`. GitHub secrets cannot be read back, so `credentials` need a Vault store."
	},
	MESH_STORED_KEY_INVALID: {
		kind: "config",
		meaning: "A stored key lacks what it needs, or has too much of it.",
		hint: "Give exactly one of `cluster` and `tags`; `path` for a Vault store, `name` for a GitHub store; each place holds one key."
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
// src/actions/inputs.ts
function text$4() {
	return string().optional();
}
function textOr(fallback) {
	return string().default(fallback);
}
function choice(words) {
	return _enum(words, `must be one of ${words.join(", ")}`).default(words[0]);
}
function flag$2() {
	return _enum(["true", "false"], "must be true or false").default("false").transform((word) => word === "true");
}
function list(fallback = "") {
	return string().default(fallback).transform(splitList);
}
function choices(words, fallback) {
	const entries = array(_enum(words, `each entry must be one of ${words.join(", ")}`));
	return string().default(fallback).transform(splitList).pipe(entries);
}
function integer(first, last, fallback) {
	const message = `must be a whole number from ${first} to ${last}`;
	return string().regex(/^\d{1,9}$/, message).default(String(fallback)).transform(Number).pipe(number().min(first, message).max(last, message));
}
function span(first, last, fallback) {
	const message = `must be a time span from ${first} to ${last}, such as ${fallback}`;
	const bounds = number(message).min(readDuration(first) ?? 0, message).max(readDuration(last) ?? 0, message);
	return string().default(fallback).transform(readDuration).pipe(bounds);
}
function secret() {
	return string("is required").transform((value) => new Secret(value)).meta({ secret: true });
}
function optionalSecret() {
	return string().transform((value) => new Secret(value)).optional().meta({ secret: true });
}
function isSecretInput(schema) {
	return schema instanceof ZodType && schema.meta()?.["secret"] === true;
}
function splitList(value) {
	return value.split(/[,\n]/).map((entry) => entry.trim()).filter((entry) => entry !== "");
}
// src/actions/common.ts
const topologyInputs = {
	topology: textOr("tailmesh.yaml"),
	detail: choice(["masked", "full"])
};
const filterInputs = {
	clusters: list(),
	nodes: list()
};
const meshInputs = {
	...topologyInputs,
	...filterInputs
};
const changeInputs = {
	mode: choice(["apply", "plan"]),
	allow: choices([
		"create",
		"update",
		"delete"
	], "create,update"),
	plan: string().regex(/^[0-9a-f]{64}$/, "must be a plan hash: 64 hexadecimal digits").optional(),
	"fail-on-changes": flag$2(),
	"allow-ref": list("false")
};
const controlInputs = {
	"oauth-client-id": text$4(),
	audience: text$4(),
	"oauth-client-secret": optionalSecret(),
	"api-key": optionalSecret(),
	"ca-file": text$4()
};
const sshInputs = {
	"ssh-private-key": secret(),
	"ssh-passphrase": optionalSecret(),
	concurrency: integer(1, 64, 10)
};
const installInputs = {
	"tailscale-version": string().regex(/^\d+\.\d+\.\d+$/, "must be a version such as 1.102.5").default("1.102.5"),
	"tailscale-archive": text$4(),
	"tailscale-sha256": list(),
	"undo-after": span("60s", "1h", "300s")
};
const policyInputs = {
	adopt: flag$2(),
	"on-drift": choice(["fail", "overwrite"])
};
const failOnInput = { "fail-on": choice(["broken", "relayed"]) };
const LifeSchema = object({
	mode: changeInputs.mode,
	allow: changeInputs.allow,
	plan: changeInputs.plan,
	"fail-on-changes": changeInputs["fail-on-changes"],
	"allow-ref": changeInputs["allow-ref"],
	detail: topologyInputs.detail
});
// src/actions/errors.ts
const actionError = defineErrors({
	MESH_INPUT_INVALID: {
		kind: "config",
		meaning: "An input of the action is missing or has a value that it cannot have. Nothing was contacted.",
		hint: "Correct the input in the step's `with:`; the action's README lists what each takes."
	},
	MESH_TOPOLOGY_MISSING: {
		kind: "config",
		meaning: "The topology file is not in the checkout.",
		hint: "Run actions/checkout before this step, or set `topology` to the path of your file."
	},
	MESH_REF_NOT_ALLOWED: {
		kind: "refused",
		meaning: "Changes are applied from the default branch only, and this run is on another ref. Nothing was contacted.",
		hint: "Use `mode: plan` on branches and pull requests. To apply from this ref all the same, set `allow-ref` to `true` or to its name."
	},
	MESH_CANCELLED: {
		kind: "refused",
		meaning: "The run was told to stop. The step at hand was finished; the rest was not begun.",
		hint: "Run it again: it finishes what is missing and changes nothing else."
	},
	MESH_INTERNAL: {
		kind: "bug",
		meaning: "Something failed that Tailmesh did not expect. Running it again is safe.",
		hint: "Run again with step debug on (secret ACTIONS_STEP_DEBUG=true) and report the stack that it shows."
	}
});
// src/actions/define.ts
function defineAction(spec) {
	return {
		name: spec.name,
		inputs: spec.inputs,
		outputs: spec.outputs,
		prepare(host) {
			const raw = rawInputs(spec.inputs, host);
			const parsed = spec.inputs.safeParse(raw);
			if (!parsed.success) throw inputErrors(parsed.error);
			const life = LifeSchema.parse(raw);
			return {
				life: spec.readsOnly === true ? {
					...life,
					mode: "plan"
				} : life,
				job: (wiring) => spec.job(parsed.data, wiring),
				post: async (wiring) => spec.post?.(parsed.data, wiring)
			};
		}
	};
}
function rawInputs(inputs, host) {
	const set = Object.keys(inputs.shape).map((name) => [name, host.input(name)]).filter(([, value]) => value.trim() !== "");
	for (const [name, value] of set) {
		const schema = inputs.shape[name];
		if (schema !== void 0 && isSecretInput(schema)) host.reporter.mask(new Secret(value));
	}
	return Object.fromEntries(set);
}
function inputErrors(error) {
	const [first, ...rest] = error.issues.map((issue) => {
		const name = String(issue.path[0] ?? "inputs");
		return actionError("MESH_INPUT_INVALID", `input ${name} ${issue.message}`, { where: { address: `input/${name}` } });
	});
	return first === void 0 ? actionError("MESH_INPUT_INVALID", "the inputs do not fit") : joinErrors([first, ...rest]);
}
// src/mesh/mesh.ts
const tailscaleApi = "https://api.tailscale.com";
function meshNodes(mesh) {
	return mesh.clusters.flatMap((c) => c.nodes);
}
function clusterOf(mesh, name) {
	const found = mesh.clusters.find((c) => c.name === name);
	if (!found) throw new RangeError(`no cluster ${name}`);
	return found;
}
function advertisedRoutes(cluster) {
	return [cluster.pods.text, cluster.services.text].sort();
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
		for (const earlier of mesh.slice(0, n)) if (!(onDefaults.has(later) && onDefaults.has(earlier) && later.prefix.equals(earlier.prefix)) && later.prefix.overlaps(earlier.prefix)) report$1(later, nameOf(earlier, problems), offers, problems);
		for (const other of [...others, ...reserved]) if (later.prefix.overlaps(other.prefix)) report$1(later, other.what, offers, problems);
	});
}
function report$1(prefix, other, offers, problems) {
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
		const prefix = readLocal$1(l.prefix);
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
function readLocal$1(text) {
	const [, address, length = "32"] = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d{1,2}))?$/.exec(text) ?? [];
	if (address === void 0 || Number(length) > 32) return void 0;
	return Cidr.parse(`${address}/32`) && Cidr.around(address, Number(length));
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
// src/plan/job.ts
const emptyOutcome = {
	outputs: {},
	links: [],
	summary: [],
	failure: null
};
// src/mesh/topology/patterns.ts
var import_dist = require_dist();
const labelPattern = "^(?![0-9]+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
const tagPattern = "^tag:[a-z][a-z0-9-]{0,62}$";
const ipv4Pattern = "^([0-9]{1,3}\\.){3}[0-9]{1,3}$";
const prefixPattern = "^([0-9]{1,3}\\.){3}[0-9]{1,3}/[0-9]{1,2}$";
const userPattern = "^[A-Za-z_][A-Za-z0-9_.-]{0,31}$";
const hostPattern = "^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*\\.?$";
const pathPattern = "^[A-Za-z0-9_./@+~][A-Za-z0-9_./@+~ -]*$";
const portPattern = "^(\\*|icmp|(tcp|udp):(\\*|[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?))$";
const plainPattern = "^[A-Za-z0-9_.@+-][A-Za-z0-9_.@+ /:-]*$";
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
	#lines = new import_dist.LineCounter();
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
		this.#document = (0, import_dist.parseDocument)(text, {
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
		if (!(0, import_dist.isMap)(contents)) {
			const what = contents === null || (0, import_dist.isScalar)(contents) && contents.value === null ? "the file is empty" : "the file is not a mapping of keys to values";
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
		(0, import_dist.visit)(this.#document, {
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
		if ((0, import_dist.isAlias)(node)) {
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
			if ((0, import_dist.isMap)(node)) return this.#variableOf(node, path, where) ?? this.#readMap(node, path);
			if ((0, import_dist.isSeq)(node)) return node.items.map((item, n) => this.#read(item, [...path, n], offsetOf(item) ?? where));
			return (0, import_dist.isScalar)(node) ? plain$1(node.value) : null;
		} finally {
			this.#open.delete(node);
		}
	}
	#readMap(map, path) {
		const result = Object.create(null);
		for (const pair of map.items) {
			const key = (0, import_dist.isScalar)(pair.key) ? String(pair.key.value) : String(pair.key);
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
		if (!pair || more || holdsNames(path) || !(0, import_dist.isScalar)(pair.key) || pair.key.value !== "env") return void 0;
		const name = (0, import_dist.isScalar)(pair.value) ? pair.value.value : void 0;
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
function plain$1(value) {
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
const tagForm = new RegExp(tagPattern);
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
function isTag(text) {
	return tagForm.test(text);
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
function readStore(name, { vault, github }, path, problems) {
	if (vault === void 0 === (github === void 0)) {
		const what = vault ? "is both a vault and a github store" : "names no kind of store";
		if (!problems.isDamaged(path)) problems.atKey(path, "MESH_STORE_INVALID", `${pathText(path)} ${what}`);
		return [];
	}
	if (vault) return [readVault(name, vault, [...path, "vault"], problems)];
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
	if (findStore(entry.from, path, context, problems)?.kind === "github") problems.at(path, "MESH_STORE_INVALID", `credentials cannot be read from ${problems.quote(path, entry.from)}: GitHub secrets cannot be read back`);
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
function text$3(description, pattern, examples) {
	return string().meta({
		description,
		...pattern ? { pattern } : {},
		...examples ? { examples: [...examples] } : {}
	});
}
function closed(shape, meta) {
	return strictObject(shape, { error: (issue) => issue.code === "unrecognized_keys" ? Object.keys(shape).join(", ") : void 0 }).meta({ ...meta });
}
function named(value, description) {
	return record(string().meta({ pattern: labelPattern }), value).meta({ description });
}
const prefix = (description) => text$3(description, prefixPattern, ["10.52.0.0/16"]);
const file = (description) => text$3(`${description} Relative to the workspace.`, pathPattern);
const clusterName = (description) => text$3(description, labelPattern);
const duration = (description, example) => text$3(description, durationPattern, [example]);
const HostKeySchema = text$3("The machine's SSH host key: its SHA256 fingerprint as ssh-keygen -l prints it, or the public key itself.", "^(SHA256:[A-Za-z0-9+/]{43}=?|[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?)$", ["SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"]);
const KnownHostsSchema = file("A known_hosts file that holds the machine's host key.");
const SshUserSchema = text$3("User to log in as; needs sudo without a password unless it is root. Default: root.", userPattern);
const SshPortSchema = int().min(1).max(65535).meta({
	description: "Port of the SSH server. Default: 22.",
	examples: [22]
});
const JumpHopSchema = closed({
	host: text$3("Host name or IPv4 address of the jump host."),
	user: SshUserSchema.optional(),
	port: SshPortSchema.optional(),
	"host-key": HostKeySchema.optional(),
	"known-hosts": KnownHostsSchema.optional()
}, {
	id: "JumpHop",
	description: "A jump host with a host key of its own."
});
const JumpSchema = union([
	text$3("A node of this file, or user@host[:port]."),
	JumpHopSchema,
	array(union([text$3("A node of this file, or user@host[:port]."), JumpHopSchema]))
]).meta({
	description: "Machines to go through, in the order they are dialled: a node of this file, user@host[:port], the long form with a host key of its own, or a list of these. An empty list undoes an outer jump.",
	examples: ["homelab-1", "ubuntu@bastion.example.net:2222"]
});
const SshSchema = closed({
	user: SshUserSchema.optional(),
	host: text$3("Where the runner dials: a host name or an IPv4 address. Default: the node's address.").optional(),
	port: SshPortSchema.optional(),
	"host-key": HostKeySchema.optional(),
	"known-hosts": KnownHostsSchema.optional(),
	jump: JumpSchema.optional(),
	via: _enum(["direct", "tailnet"]).meta({ description: "Which way the runner reaches the node: as the network is, or through the tailnet. Default: direct." }).optional()
}, {
	id: "Ssh",
	description: "How machines are reached over SSH. A key of a node wins over that of its cluster, and that over the top level's."
});
const NodeSchema = closed({
	address: text$3("The node's own IPv4 address, K3s' node-ip.", ipv4Pattern, ["10.10.10.10"]),
	role: _enum([
		"router",
		"member",
		"plain"
	]).meta({ description: "router advertises the cluster's networks and accepts those of others, member only accepts, plain has no tailscaled. Default: the first node is a router, the others are members." }).optional(),
	k3s: _enum(["server", "agent"]).meta({ description: "What K3s is on it. Default: the first node is a server, the others are agents." }).optional(),
	hostname: text$3("Host name in the tailnet. Default: the node's name.", labelPattern).optional(),
	state: _enum(["present", "absent"]).meta({ description: "absent: take the node out of the mesh. Default: present." }).optional(),
	ssh: SshSchema.optional()
}, {
	id: "Node",
	description: "A machine of a cluster."
});
const ClusterSchema = closed({
	pods: prefix("The cluster's pod network, K3s' cluster-cidr."),
	services: prefix("The cluster's service network, K3s' service-cidr."),
	nodes: named(union([text$3("The node's own IPv4 address.", ipv4Pattern), NodeSchema]), "The cluster's machines by name. Short form: just the address."),
	tag: text$3("Tag of the cluster's nodes in the tailnet. Default: tag: and the cluster's name.", tagPattern).optional(),
	lan: union([prefix("A local network."), array(prefix("A local network."))]).meta({ description: "Local networks of the nodes. Default: read from the nodes. LANs of different clusters may be equal." }).optional(),
	"underlay-only": boolean().meta({ description: "The nodes reach each other by their local network only; the tailnet must never carry it. Default: false." }).optional(),
	advertise: _enum(["cluster", "per-node"]).meta({ description: "cluster: each router advertises the whole pod and service network; per-node: each router its own slice of the pod network too. Default: cluster." }).optional(),
	state: _enum(["present", "absent"]).meta({ description: "absent: take the cluster out of the mesh. Default: present." }).optional(),
	ssh: SshSchema.optional()
}, {
	id: "Cluster",
	description: "A K3s cluster of the mesh."
});
const LinkSchema$1 = closed({
	from: clusterName("Cluster whose pods (or any process on its nodes) open the connection."),
	to: clusterName("Cluster whose pods and services are dialled."),
	ports: array(text$3("tcp:443, udp:53, tcp:8000-8100, tcp:*, icmp or *.", portPattern)).meta({
		description: "What the client dials. Default: everything.",
		examples: [["tcp:443", "icmp"]]
	}).optional()
}, {
	id: "Link",
	description: "A connection between two clusters, in one direction."
});
const TailnetSchema = closed({
	control: _enum(["tailscale", "headscale"]).meta({ description: "Kind of control server. Default: tailscale." }).optional(),
	url: text$3("Base URL of the control server. Needed for headscale. Default: https://api.tailscale.com.", "^https?://").optional(),
	name: text$3("Name of the tailnet in the API. Default: -, the credential's own.", void 0, ["-", "example.com"]).optional(),
	"owner-tag": text$3("The credential's tag, which owns every cluster tag. Default: tag:ci.", tagPattern).optional(),
	ca: file("PEM file of roots to trust for the control server, added to the system's.").optional()
}, {
	id: "Tailnet",
	description: "The tailnet and its control server."
});
const VaultAuthSchema = closed({
	method: _enum([
		"jwt",
		"approle",
		"token"
	]).meta({ description: "How to log in." }),
	mount: text$3("Where the auth method is mounted. Default: the method's name.", pathPattern, ["jwt/github"]).optional(),
	role: text$3("Role of a JWT login. Default: the mount's default role.").optional()
}, {
	id: "VaultAuth",
	description: "A login with its mount and role."
});
const StoreSchema = closed({
	vault: closed({
		url: text$3("Base URL of Vault or OpenBao.", "^https?://", ["https://vault.example.net:8200"]),
		mount: text$3("Mount of the KV v2 engine. Default: secret.", pathPattern).optional(),
		auth: union([_enum([
			"jwt",
			"approle",
			"token"
		]).meta({ description: "How to log in." }), VaultAuthSchema]).meta({ description: "How to log in: jwt (GitHub's OIDC token), approle or token; the long form has mount and role. Default: jwt." }).optional(),
		namespace: text$3("Namespace of the secrets.", pathPattern).optional(),
		"auth-namespace": text$3("Namespace of the login. Default: that of the secrets.", pathPattern).optional(),
		ca: file("PEM file of roots to trust for Vault, added to the system's.").optional()
	}, {
		id: "Vault",
		description: "A KV v2 engine of Vault or OpenBao."
	}).optional(),
	github: closed({ environment: text$3("Name of the GitHub environment that holds the secrets.") }, {
		id: "GitHub",
		description: "Secrets of a GitHub environment."
	}).optional()
}, {
	id: "Store",
	description: "A place for secrets: exactly one of vault and github."
});
const StoredKeySchema = closed({
	cluster: clusterName("The cluster that the key enrols into. Either this or tags.").optional(),
	tags: array(text$3("A tag.", tagPattern)).meta({ description: "Tags of what the key enrols. Either this or cluster." }).optional(),
	store: text$3("Name of the store.", labelPattern),
	path: text$3("Path of the secret in a Vault store.", pathPattern, ["tailmesh/homelab"]).optional(),
	name: text$3("Name of the secret in a GitHub store.", "^[A-Za-z_][A-Za-z0-9_]*$", ["TAILSCALE_AUTHKEY"]).optional(),
	expiry: duration("How long a key lives; Tailscale allows up to 90d. Default: 90d.", "90d").optional(),
	"rotate-after": duration("Rotate a key that is older than this. Default: a third of expiry.", "30d").optional(),
	"renew-before": duration("Rotate a key that has less than this to live. Default: half of expiry.", "45d").optional(),
	reusable: boolean().meta({ description: "Whether the key enrols more than one device. Default: true." }).optional()
}, {
	id: "StoredKey",
	description: "A named long-lived auth key in a store, for what enrols outside of GitHub Actions."
});
const TopologySchema = closed({
	version: literal(1).meta({ description: "Version of this format." }),
	ssh: SshSchema.optional(),
	tailnet: TailnetSchema.optional(),
	clusters: named(ClusterSchema, "The clusters of the mesh by name."),
	links: union([literal("full").meta({ description: "Every cluster reaches every other." }), array(LinkSchema$1)]).meta({ description: "Which clusters must reach which: full (the default) or a list." }).optional(),
	forbid: array(LinkSchema$1).meta({ description: "What must not connect. A pair in neither links nor forbid is not tested." }).optional(),
	policy: closed({
		file: file("Your tailnet policy (HuJSON); what Tailmesh derives is merged into it.").optional(),
		parts: array(file("A part of your tailnet policy (HuJSON).")).meta({ description: "Parts of your tailnet policy, merged in order, comments kept." }).optional()
	}, { description: "Your own tailnet policy: a file or parts. Default: the policy on the server." }).optional(),
	accept: array(prefix("A prefix of another advertiser.")).meta({ description: "Prefixes of other advertisers that cluster nodes may receive; any other is refused." }).optional(),
	stores: named(StoreSchema, "Places for secrets by name.").optional(),
	credentials: closed({
		from: text$3("Name of a Vault store.", labelPattern),
		path: text$3("Path of the secret with the fields oauth_client_id and oauth_client_secret.", pathPattern, ["tailmesh/oauth"])
	}, { description: "Where the control server's OAuth client is kept." }).optional(),
	"stored-keys": named(StoredKeySchema, "Long-lived auth keys by name.").optional(),
	rollout: closed({
		first: array(clusterName("A cluster.")).meta({ description: "Clusters that are changed before all others, in this order." }).optional(),
		"pause-on": _enum(["regression"]).meta({ description: "regression: stop after a cluster when a link that worked before is broken." }).optional()
	}, { description: "In which order clusters are changed." }).optional(),
	dns: closed({ zone: text$3("Zone of the names, not one that exists elsewhere.", void 0, ["mesh"]) }, { description: "Names across clusters: web.default.svc.CLUSTER.ZONE from any cluster." }).optional()
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
// src/mesh/topology/select.ts
function selectNodes(mesh, filters) {
	const all = meshNodes(mesh);
	const [first, ...rest] = [...unknownNames(filters.clusters, mesh.clusters, "MESH_UNKNOWN_CLUSTER", "cluster"), ...unknownNames(filters.nodes, all, "MESH_UNKNOWN_NODE", "node")];
	if (first) throw joinErrors([first, ...rest]);
	const nodes = all.filter((n) => (filters.clusters.length === 0 || filters.clusters.includes(n.cluster)) && (filters.nodes.length === 0 || filters.nodes.includes(n.name)));
	if (nodes.length === 0) throw meshErrors("MESH_SELECTION_EMPTY", "no node passes both filters, `clusters` and `nodes`");
	const clusters = new Set(nodes.map((n) => n.cluster));
	const counts = (link) => clusters.has(link.from) || clusters.has(link.to);
	return {
		nodes,
		links: mesh.links.filter(counts),
		forbid: mesh.forbid.filter(counts),
		isWhole: filters.clusters.length === 0 && filters.nodes.length === 0
	};
}
function unknownNames(names, known, code, what) {
	const hint = `The topology has: ${known.map((k) => k.name).join(", ")}.`;
	return [...new Set(names)].filter((name) => !known.some((k) => k.name === name)).map((name) => meshErrors(code, `the input names the ${what} "${inertText(name, 80)}", which the topology does not have`, { hint }));
}
// src/actions/topology.ts
async function loadMesh({ topology: file, clusters, nodes }, { workspace, env }) {
	const text = await workspace.read(file);
	if (text === void 0) throw actionError("MESH_TOPOLOGY_MISSING", `there is no file ${file} in the checkout`, { where: { file } });
	const mesh = parseTopology(text, {
		file,
		env: (name) => env[name]
	});
	return {
		mesh,
		selection: selectNodes(mesh, {
			clusters,
			nodes
		})
	};
}
function trustedFiles(mesh, caFile) {
	return [...new Set([caFile, mesh.tailnet.ca].filter((file) => file !== void 0))];
}
function controlSettings(mesh, inputs) {
	return {
		tailnet: mesh.tailnet,
		credentials: {
			clientId: inputs["oauth-client-id"],
			clientSecret: inputs["oauth-client-secret"],
			audience: inputs.audience,
			apiKey: inputs["api-key"]
		},
		isStored: mesh.credentials !== void 0,
		caFiles: trustedFiles(mesh, inputs["ca-file"])
	};
}
// src/adapters/control/errors.ts
const controlErrors = defineErrors({
	MESH_CONTROL_DOWN: {
		kind: "unreachable",
		meaning: "The control server does not answer. Joined nodes keep their traffic without it, but nothing can be read or changed.",
		hint: "Is the server running, and its port reachable from this runner? `curl -v URL/health` from here answers both; `journalctl -u headscale` there tells why it stopped."
	},
	MESH_CONTROL_UNKNOWN: {
		kind: "config",
		meaning: "What answers at the address is not the control server that the topology names.",
		hint: "`tailnet.url` is Headscale's `server_url`, without a path. A login page or another site in front of it must let /version and /api/ pass."
	},
	MESH_CONTROL_UNSUPPORTED: {
		kind: "config",
		meaning: "This version of Tailmesh does not speak with that version of the control server.",
		hint: "Use Headscale 0.29 or newer. Older ones know neither grants nor policy tests."
	},
	MESH_CREDENTIAL_MISSING: {
		kind: "config",
		meaning: "There is no credential for the control server, or it is no text that could be one.",
		hint: "Give one of: `oauth-client-id` with `audience`, `oauth-client-id` with `oauth-client-secret`, or `api-key`; docs/tailscale.md and docs/headscale.md say where each is made. In a pull request from a fork, secrets are empty."
	},
	MESH_CREDENTIAL_INCOMPLETE: {
		kind: "config",
		meaning: "One half of a credential is given and the other is not. Nothing else is tried in its place: a run uses the credential that you meant, or none.",
		hint: "`oauth-client-id` goes with `audience` (workload identity) or with `oauth-client-secret`. In a pull request from a fork, secrets are empty. To use `api-key`, leave the other three out."
	},
	MESH_CREDENTIAL_STORED: {
		kind: "config",
		meaning: "The topology keeps the credential in a store (`credentials`), and this version of Tailmesh reads none from there.",
		hint: "Give it as inputs: `oauth-client-id` with `audience` or with `oauth-client-secret`, or `api-key`. An explicit input wins over `credentials`."
	},
	MESH_CREDENTIAL_UNFIT: {
		kind: "config",
		meaning: "That kind of credential does not exist on that kind of control server.",
		hint: "Tailscale takes workload identity, OAuth clients and API keys; Headscale 0.30 OAuth clients and API keys; Headscale 0.29 API keys only."
	},
	MESH_CREDENTIAL_REJECTED: {
		kind: "denied",
		meaning: "The control server does not accept the credential: expired, revoked, mistyped, or of another server.",
		hint: "Make a new one (docs/tailscale.md, docs/headscale.md) and store it as the secret behind the input."
	},
	MESH_CREDENTIAL_DENIED: {
		kind: "denied",
		meaning: "The credential is valid but lacks the right for this request.",
		hint: "Give it the right that the message names, or look for a proxy in front of the server that filters /api/."
	},
	MESH_CREDENTIAL_TAGS: {
		kind: "denied",
		meaning: "The credential may not give a device that tag: it neither holds exactly the tags that were asked for, nor does a tag of it own them in the policy that is in force.",
		hint: "Let the credential hold one tag, the owner tag (`tailnet.owner-tag`, default tag:ci), let the policy make that the owner of every cluster's tag, and apply the policy before keys are minted."
	},
	MESH_IDENTITY_REJECTED: {
		kind: "denied",
		meaning: "The control server does not trust the identity of this job.",
		hint: "Compare the credential in the console with the values that are printed: each must be equal, letter by letter."
	},
	MESH_CONTROL_NOT_FOUND: {
		kind: "remote",
		meaning: "The control server has no such thing or no such endpoint.",
		hint: "If it was there a moment ago, somebody removed it: run again. Otherwise check `tailnet.url`."
	},
	MESH_CONTROL_REJECTED: {
		kind: "remote",
		meaning: "The control server understood the request and refused it; nothing was changed by it.",
		hint: "The message is the server's own. A tag must be in the policy's `tagOwners` before a device can have it: apply the policy first."
	},
	MESH_CONTROL_FAILED: {
		kind: "remote",
		meaning: "The control server failed at the request.",
		hint: "Look at the server's log for this moment (`journalctl -u headscale`), then run again: a run starts by reading what is there."
	},
	MESH_CONTROL_LIMITED: {
		kind: "unreachable",
		meaning: "The control server, or a proxy in front of it, says that we ask too often.",
		hint: "Wait as long as it says and run again. The no-op of a run costs four requests at most: look for other clients."
	},
	MESH_CONTROL_ANSWER: {
		kind: "remote",
		meaning: "The control server's answer is not what its API promises.",
		hint: "Is something in between that rewrites answers? Otherwise please report it, with the server's version."
	},
	MESH_POLICY_READ_ONLY: {
		kind: "denied",
		meaning: "The control server takes its policy from a file and does not let us write it.",
		hint: "Set `policy.mode: database` in Headscale's configuration and restart it, after storing the present file with `headscale policy set -f FILE`."
	}
});
// src/adapters/control/scopes.ts
const older = {
	acl: ["policy_file"],
	devices: [
		"devices:core",
		"devices:posture_attributes",
		"auth_keys"
	],
	routes: ["devices:routes"]
};
const consoleNames = {
	policy_file: "Policy File",
	auth_keys: "Auth Keys",
	"devices:core": "Devices Core",
	"devices:routes": "Devices Routes"
};
const readSuffix = ":read";
function coversScope(granted, needed) {
	const isRead = needed.endsWith(readSuffix);
	const base = isRead ? needed.slice(0, -5) : needed;
	return granted.some((scope) => {
		const readsOnly = scope.endsWith(readSuffix);
		const name = readsOnly ? scope.slice(0, -5) : scope;
		return (name === "all" || name === base || (older[name]?.includes(base) ?? false)) && (isRead || !readsOnly);
	});
}
function readScopes(text) {
	const scopes = (text ?? "").split(/\s+/).filter((scope) => scope !== "");
	return scopes.length === 0 ? null : scopes;
}
function neededScope(method, path) {
	const mode = method === "GET" || /\/acl\/(validate|preview)\b/.test(path) ? readSuffix : "";
	if (/\/tailnet\/[^/]+\/acl\b/.test(path)) return `policy_file${mode}`;
	if (/\/tailnet\/[^/]+\/keys\b/.test(path)) return `auth_keys${mode}`;
	if (/\/device\/[^/]+\/routes\b/.test(path)) return `devices:routes${mode}`;
	if (/\/(devices|device\/[^/]+)\b/.test(path)) return `devices:core${mode}`;
	return null;
}
function scopeText(scope) {
	const base = scope.replace(/:read$/, "");
	const name = consoleNames[base];
	const right = scope.endsWith(readSuffix) ? "Read" : "Write";
	return name === void 0 ? `\`${scope}\`` : `\`${scope}\` (in Tailscale's console: ${name}, ${right})`;
}
// src/adapters/control/wire.ts
const time$1 = string().nullish().transform((text) => text ? new Date(text) : null).refine((date) => date === null || !Number.isNaN(date.getTime()), "not a time");
const texts$1 = array(string()).nullish().transform((list) => list ?? []);
const id$1 = union([string(), number()]).transform(String);
const flag$1 = boolean().nullish().transform((value) => value ?? false);
const text$2 = string().nullish().transform((value) => value ?? "");
const anyReply = looseObject({});
const tokenReply = object({
	access_token: string().min(1),
	expires_in: number$1().catch(0),
	scope: string().optional().catch(void 0)
});
const versionReply = object({ version: string() });
const policyReply = object({ policy: string() });
const preAuthKey = object({
	id: id$1,
	key: text$2,
	reusable: flag$1,
	ephemeral: flag$1,
	used: flag$1,
	expiration: time$1,
	createdAt: time$1,
	aclTags: texts$1
});
const keyReply$1 = object({ preAuthKey });
const keysReply$1 = object({ preAuthKeys: array(preAuthKey).nullish() });
const node = object({
	id: id$1,
	name: text$2,
	givenName: text$2,
	nodeKey: text$2,
	ipAddresses: texts$1,
	tags: texts$1,
	online: flag$1,
	expiry: time$1,
	approvedRoutes: texts$1,
	availableRoutes: texts$1,
	subnetRoutes: texts$1
});
const nodesReply = object({ nodes: array(node).nullish() });
function toAuthKey$1(wire, now) {
	return {
		id: wire.id,
		prefix: /^hskey-auth-[A-Za-z0-9_-]{12}(?=-)/.exec(wire.key)?.[0] ?? null,
		tags: wire.aclTags,
		description: "",
		created: wire.createdAt ?? new Date(0),
		expires: wire.expiration,
		reusable: wire.reusable,
		ephemeral: wire.ephemeral,
		state: stateOf$1(wire, now)
	};
}
function stateOf$1(wire, now) {
	if (wire.used && !wire.reusable) return "used";
	return wire.expiration !== null && wire.expiration.getTime() <= now.getTime() ? "expired" : "usable";
}
function toDevice$1(wire) {
	return {
		id: wire.id,
		hostname: wire.name,
		label: wire.givenName.split(".")[0] ?? "",
		addresses: wire.ipAddresses,
		tags: wire.tags,
		online: wire.online,
		keyExpires: wire.expiry !== null && wire.expiry.getUTCFullYear() > 1 ? wire.expiry : null,
		advertisedRoutes: wire.availableRoutes,
		enabledRoutes: wire.approvedRoutes,
		servingRoutes: wire.subnetRoutes,
		nodeKey: wire.nodeKey === "" ? null : wire.nodeKey
	};
}
const errorBody = object({
	message: string().optional(),
	data: array(object({
		user: text$2,
		errors: array(string()).nullish(),
		warnings: array(string()).nullish()
	})).nullish().catch(void 0),
	detail: string().optional(),
	title: string().optional(),
	errors: array(object({ message: string().optional() })).nullish(),
	error: string().optional(),
	error_description: string().optional()
});
function errorTexts(body) {
	const parsed = errorBody.safeParse(parseJson(body));
	if (!parsed.success) return [isWebPage(body) ? pageText(body) : body.trim() || "no reason given"];
	const { message, data, detail, title, errors, error, error_description } = parsed.data;
	const inner = [...(data ?? []).flatMap((d) => (d.errors ?? []).map((e) => withSubject(d.user, e))), ...(errors ?? []).flatMap((e) => e.message ?? [])];
	const oauth = error_description && error ? `${error}: ${error_description}` : error;
	const outer = message ?? detail ?? title ?? oauth;
	const all = inner.length > 0 ? inner : outer === void 0 ? [] : [outer];
	return all.length > 0 ? all : ["no reason given"];
}
function warningTexts(body) {
	const parsed = errorBody.safeParse(parseJson(body));
	if (!parsed.success) return {
		message: "",
		warnings: []
	};
	const warnings = (parsed.data.data ?? []).flatMap((d) => (d.warnings ?? []).map((w) => withSubject(d.user, w)));
	return {
		message: parsed.data.message ?? "",
		warnings
	};
}
function withSubject(subject, said) {
	return subject === "" ? said : `${subject}: ${said}`;
}
function isWebPage(body) {
	return /^\s*(<!doctype|<html|<\?xml|<head|<body)/i.test(body);
}
function pageText(body) {
	const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1]?.trim();
	return title ? `a web page, "${title}", in place of an answer` : "a web page in place of an answer";
}
function hasNoEndpoint({ status, text }) {
	const body = parseJson(text);
	return status === 404 && (typeof body !== "object" || body === null) || status === 405;
}
function parseJson(body) {
	try {
		return JSON.parse(body);
	} catch {
		return;
	}
}
// src/adapters/control/trust.ts
const claim = union([string(), number().transform(String)]).optional().catch(void 0);
const ClaimsSchema = object({
	iss: claim,
	sub: claim,
	aud: union([string(), array(string()).transform((list) => list.join(", "))]).optional().catch(void 0),
	repository: claim,
	repository_id: claim,
	environment: claim,
	workflow_ref: claim
});
function claimsOf(idToken) {
	const [, payload = ""] = idToken.reveal().split(".");
	const claims = ClaimsSchema.safeParse(parseJson(Buffer.from(payload, "base64url").toString("utf8")));
	return claims.success ? claims.data : {};
}
function trustSnippet(claims, audience) {
	const rules = [
		[
			"repository_id",
			claims.repository_id,
			"the token does not say it"
		],
		[
			"environment",
			claims.environment,
			"this job has none: give it `environment: NAME` in the workflow first"
		],
		[
			"workflow_ref",
			claims.workflow_ref,
			"the token does not say it"
		]
	];
	return [
		`Issuer: ${exact(claims.iss, "the token does not say it")}`,
		`Subject: ${exact(claims.sub, "the token does not say it")}`,
		`Audience: ${exact(audience, "none")} (for this server only; another destination gets its own)`,
		...rules.map(([name, value, absent]) => `Custom claim ${name}: ${exact(value, absent)}`)
	];
}
function exact(value, absent) {
	if (value === void 0 || value === "") return `(${absent})`;
	if (value.includes("*")) return "(the job's value has a * in it, which would match others too: rename it)";
	return inertText(value, 300);
}
function missingClaims(claims) {
	return [
		"repository_id",
		"environment",
		"workflow_ref"
	].filter((name) => !claims[name]);
}
// src/adapters/control/bearer.ts
function createBearer(credential, options) {
	if (credential.kind === "api-key") return fixedBearer(credential.apiKey);
	return new TokenBearer(credential, options);
}
function fixedBearer(apiKey) {
	return {
		current: async () => apiKey,
		renewed: async () => void 0,
		scopes: null,
		secrets: [apiKey]
	};
}
const hour = 3600;
const margin = 300;
var TokenBearer = class {
	#credential;
	#options;
	#token;
	#scopes = null;
	#secrets = [];
	#retired = new WeakSet();
	constructor(credential, options) {
		this.#credential = credential;
		this.#options = options;
		if (credential.kind === "oauth-client") this.#secrets.push(credential.clientSecret);
	}
	get scopes() {
		return this.#scopes;
	}
	get secrets() {
		return this.#secrets;
	}
	async current() {
		const token = await this.#fetched();
		if (this.#options.clock.now().getTime() < token.renewAt) return token.secret;
		this.#retire(token.secret);
		return (await this.#fetched()).secret;
	}
	async renewed(refused) {
		this.#retire(refused);
		return (await this.#fetched()).secret;
	}
	#retire(secret) {
		if (this.#retired.has(secret)) return;
		this.#retired.add(secret);
		this.#token = void 0;
	}
	#fetched() {
		this.#token ??= this.#fetch().catch((error) => {
			this.#token = void 0;
			throw error;
		});
		return this.#token;
	}
	#fetch() {
		const { clientId } = this.#credential;
		if (this.#credential.kind === "oauth-client") {
			const form = {
				client_id: clientId,
				client_secret: this.#credential.clientSecret.reveal(),
				grant_type: "client_credentials"
			};
			return this.#exchange("/api/v2/oauth/token", form, (reply) => this.#clientRefusal(reply));
		}
		return this.#byIdentity(clientId, this.#credential.audience);
	}
	async #byIdentity(clientId, audience) {
		const idToken = await this.#options.idToken(audience);
		this.#keepSecret(idToken);
		const form = {
			client_id: clientId,
			jwt: idToken.reveal()
		};
		return this.#exchange("/api/v2/oauth/token-exchange", form, (reply) => identityRefusal(`${this.#options.url}: ${this.#told(reply)}`, idToken, {
			clientId,
			audience
		}, this.#where));
	}
	async #exchange(path, form, refusal) {
		const { http, url, clock } = this.#options;
		const asked = clock.now().getTime();
		const reply = await http.request({
			method: "POST",
			url: `${url}${path}`,
			headers: {
				"content-type": "application/x-www-form-urlencoded",
				accept: "application/json"
			},
			body: new URLSearchParams(form).toString(),
			repeatable: true
		}).catch((error) => {
			if (!(error instanceof MeshError) || error.code !== "MESH_HTTP_UNREACHABLE") throw error;
			throw controlErrors("MESH_CONTROL_DOWN", error.message, {
				where: this.#where,
				cause: error
			});
		});
		if (reply.status !== 200) throw this.#failure(path, reply, refusal);
		const parsed = tokenReply.safeParse(parseJson(reply.text));
		if (!parsed.success || !/^[\x21-\x7e]+$/.test(parsed.data.access_token)) throw controlErrors("MESH_CONTROL_ANSWER", `POST ${path}: there is no token in the answer`, { where: this.#where });
		const secret = new Secret(parsed.data.access_token);
		this.#keepSecret(secret);
		this.#scopes = readScopes(parsed.data.scope);
		const life = parsed.data.expires_in > 0 ? parsed.data.expires_in : hour;
		return {
			secret,
			renewAt: asked + Math.max(life - margin, life / 2) * 1e3
		};
	}
	#failure(path, reply, refusal) {
		const said = `POST ${path} was answered ${reply.status}: ${this.#told(reply)}`;
		const details = { where: this.#where };
		if (reply.status === 429) return controlErrors("MESH_CONTROL_LIMITED", said, details);
		if ([
			502,
			503,
			504
		].includes(reply.status)) return controlErrors("MESH_CONTROL_DOWN", said, details);
		if (reply.status >= 500) return controlErrors("MESH_CONTROL_FAILED", said, details);
		if (reply.status === 404 || reply.status === 405) return controlErrors("MESH_CONTROL_UNKNOWN", said, details);
		return refusal(reply);
	}
	#clientRefusal(reply) {
		const { control, url } = this.#options;
		const id = inertText(this.#credential.clientId, 80);
		return controlErrors("MESH_CREDENTIAL_REJECTED", `${url} does not accept OAuth client ${id}: ${this.#told(reply)}`, {
			where: this.#where,
			hint: clientHint[control]
		});
	}
	#told(reply) {
		const text = errorTexts(reply.text).join("; ");
		return inertText(withoutSecrets(text, this.#secrets), 400);
	}
	#keepSecret(secret) {
		this.#options.mask(secret);
		this.#secrets.push(secret);
	}
	get #where() {
		return { address: this.#options.url };
	}
};
const clientHint = {
	tailscale: "In the admin console, Settings > Trust credentials, is this client still there? Its secret is shown only once: if it may be another's, generate a new credential and store both values, as `oauth-client-id` and as the secret behind `oauth-client-secret` (docs/tailscale.md). An auth key (tskey-auth-…) is no client secret.",
	headscale: "`headscale oauth-clients list` shows whether it is still there; `headscale oauth-clients create -s policy_file -s auth_keys -t tag:ci` makes a new one. Headscale knows the client by its secret alone (hskey-client-…)."
};
function identityRefusal(said, idToken, identity, where) {
	const claims = claimsOf(idToken);
	const usual = `api.tailscale.com/${identity.clientId}`;
	const lacking = missingClaims(claims);
	const hints = [
		"In the admin console, Settings > Trust credentials, open the credential: its page says why the last exchange was refused. It trusts exactly this job when it has:",
		...trustSnippet(claims, identity.audience),
		...identity.audience === usual ? [] : [`The audience that Tailscale gives this credential is ${inertText(usual, 200)}.`],
		...lacking.length === 0 ? [] : [`Not bound yet: ${lacking.join(", ")}.`]
	];
	return controlErrors("MESH_IDENTITY_REJECTED", `the identity of this job was refused by ${said}`, {
		where,
		hint: hints.join("\n")
	});
}
function withoutSecrets(text, secrets) {
	return secrets.reduce((rest, secret) => {
		const value = secret.reveal();
		return rest.replaceAll(value, "[secret]").replaceAll(encodeURIComponent(value), "[secret]");
	}, text);
}
// src/adapters/control/api.ts
var Api = class {
	url;
	#options;
	#ahead = 0;
	constructor(options) {
		this.url = options.url;
		this.#options = options;
	}
	now() {
		return new Date(this.#options.clock.now().getTime() + this.#ahead);
	}
	async call(method, path, body, options = {}) {
		const request = {
			method,
			url: `${this.url}${path}`,
			headers: {
				accept: options.accept ?? "application/json",
				...body === void 0 ? {} : { "content-type": options.contentType ?? "application/json" },
				...options.ifMatch === void 0 ? {} : { "if-match": options.ifMatch }
			},
			...body === void 0 ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) },
			...options.repeatable === void 0 ? {} : { repeatable: options.repeatable }
		};
		const reply = await (options.anonymous ? this.#send(request) : this.#sendWithCredential(request));
		const date = Date.parse(reply.headers["date"] ?? "");
		if (!Number.isNaN(date)) this.#ahead = date - this.#options.clock.now().getTime();
		const { status, text, headers } = reply;
		return {
			ok: status >= 200 && status < 300,
			status,
			text,
			headers,
			what: `${method} ${path}`,
			method,
			path
		};
	}
	async must(schema, method, path, body, options = {}) {
		return this.read(await this.call(method, path, body, options), schema);
	}
	read(reply, schema) {
		if (!reply.ok) throw this.failure(reply);
		const parsed = schema.safeParse(reply.text.trim() === "" ? {} : parseJson(reply.text));
		if (parsed.success) return parsed.data;
		const issue = parsed.error.issues[0];
		const why = issue ? `${issue.path.join(".") || "the body"}: ${issue.message}` : "it cannot be read";
		throw this.unreadable(reply, why);
	}
	unreadable(reply, why) {
		return controlErrors("MESH_CONTROL_ANSWER", `${reply.what}: ${inertText(why, 200)}`, { where: this.#where });
	}
	failure(reply) {
		const message = `${reply.what} was answered ${reply.status}: ${this.told(reply)}`;
		const code = codeOf$1(reply.status);
		if (code === "MESH_CREDENTIAL_REJECTED") return controlErrors(code, message, {
			where: this.#where,
			hint: this.#options.rejectedHint
		});
		const scope = code === "MESH_CREDENTIAL_DENIED" ? this.#options.missingScope?.(reply.method, reply.path) : null;
		if (!scope) return controlErrors(code, message, { where: this.#where });
		return controlErrors(code, `${message}. It needs the scope ${scope}`, {
			where: this.#where,
			hint: `Add the scope ${scope} to the credential, or make one that has it; docs/tailscale.md and docs/headscale.md list what each action needs.`
		});
	}
	told(reply) {
		return inertText(withoutSecrets(errorTexts(reply.text).join("; "), this.#options.bearer.secrets), 600);
	}
	get #where() {
		return { address: this.url };
	}
	async #sendWithCredential(request) {
		const { bearer } = this.#options;
		const first = await bearer.current();
		const reply = await this.#send({
			...request,
			bearer: first
		});
		if (reply.status !== 401) return reply;
		const second = await bearer.renewed(first);
		return second === void 0 ? reply : this.#send({
			...request,
			bearer: second
		});
	}
	async #send(request) {
		try {
			return await this.#options.http.request(request);
		} catch (error) {
			if (!(error instanceof MeshError) || error.code !== "MESH_HTTP_UNREACHABLE") throw error;
			throw controlErrors("MESH_CONTROL_DOWN", error.message, {
				where: this.#where,
				cause: error
			});
		}
	}
};
function codeOf$1(status) {
	if (status === 401) return "MESH_CREDENTIAL_REJECTED";
	if (status === 403) return "MESH_CREDENTIAL_DENIED";
	if (status === 404) return "MESH_CONTROL_NOT_FOUND";
	if (status === 429) return "MESH_CONTROL_LIMITED";
	if (status === 502 || status === 503 || status === 504) return "MESH_CONTROL_DOWN";
	return status >= 400 && status < 500 ? "MESH_CONTROL_REJECTED" : "MESH_CONTROL_FAILED";
}
// src/adapters/control/findings.ts
function findingsOf(texts) {
	return texts.flatMap((text) => {
		const [head = "", tests] = text.split(/test\(s\) failed:\s*/, 2);
		return tests === void 0 ? problems(withoutSteps(head)).map(finding) : problems(tests).map((line) => finding(`policy test failed: ${line}`));
	});
}
function problems(text) {
	const lines = text.split("\n").map((line) => line.trim());
	return lines[0] === "multiple errors:" || lines.every((line) => /^\S+( ->|:) |^test \d+|^$/.test(line)) ? lines.filter((line) => line !== "" && line !== "multiple errors:") : [text];
}
function finding(text) {
	const position = /\bline (\d+), column (\d+)/.exec(text);
	return {
		severity: "error",
		text,
		...position ? {
			line: Number(position[1]),
			column: Number(position[2])
		} : {}
	};
}
function withoutSteps(text) {
	return text.trim().replace(/^((setting policy|parsing policy from bytes|parsing policy|parsing HuJSON|hujson): )+/, "");
}
// src/adapters/control/key-life.ts
const longestKey = 7776e3;
function checkLife(expirySeconds) {
	if (Number.isInteger(expirySeconds) && expirySeconds >= 1 && expirySeconds <= longestKey) return;
	throw new RangeError(`a key cannot live ${expirySeconds} seconds`);
}
// src/adapters/control/policy-text.ts
function policyValue(text) {
	return parseJson(text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, string) => string ?? " ").replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_all, string) => string ?? ""));
}
function emptiness(text) {
	const value = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "").trim() === "" ? null : policyValue(text);
	return value === null || typeof value === "object" && Object.keys(value).length === 0 ? {
		severity: "error",
		text: "an empty policy would allow everything"
	} : void 0;
}
const all = (...words) => array(_enum(words)).length(1);
const openRule = union([
	strictObject({
		src: all("*"),
		dst: all("*"),
		ip: all("*")
	}),
	strictObject({
		action: literal("accept"),
		src: all("*"),
		dst: all("*:*")
	}),
	strictObject({
		action: literal("accept"),
		users: all("*"),
		ports: all("*:*")
	})
]);
const ownDevices = object({
	src: all("autogroup:member", "autogroup:members"),
	dst: all("autogroup:self")
});
const funnel = object({
	target: all("autogroup:member", "autogroup:members"),
	attr: all("funnel")
});
const DefaultSchema = strictObject({
	acls: array(openRule).length(1).optional(),
	grants: array(openRule).length(1).optional(),
	ssh: array(ownDevices).optional(),
	nodeAttrs: array(funnel).optional(),
	groups: strictObject({}).optional(),
	hosts: strictObject({}).optional(),
	tagOwners: strictObject({}).optional()
}).refine(({ acls, grants }) => acls === void 0 !== (grants === void 0));
function isDefaultPolicy(text) {
	return text.trim() === "" || DefaultSchema.safeParse(policyValue(text)).success;
}
// src/adapters/control/headscale-v1.ts
const wire = {
	setPolicy: "PUT /api/v1/policy",
	mintKey: "POST /api/v1/preauthkey",
	revokeKey: "DELETE /api/v1/preauthkey?id={id}",
	setDeviceTags: "POST /api/v1/node/{id}/tags",
	setEnabledRoutes: "POST /api/v1/node/{id}/approve_routes",
	deleteDevice: "DELETE /api/v1/node/{id}"
};
const defaultPolicy = {
	text: "",
	version: "default",
	isDefault: true
};
var HeadscaleV1 = class {
	url;
	wire = wire;
	capabilities;
	#api;
	constructor(api, serverVersion) {
		this.#api = api;
		this.url = api.url;
		this.capabilities = {
			provider: "headscale-v1",
			serverVersion,
			policy: {
				validate: "server",
				preview: false,
				etag: false,
				keepsComments: true,
				testsNeedNodes: true,
				ownerAutogroups: false,
				autoApproveIsRetroactive: true
			},
			keys: {
				maxLifetimeSeconds: null,
				description: false,
				revokeIsSoft: false
			},
			devices: {
				list: true,
				change: true,
				approve: true
			}
		};
	}
	async getPolicy() {
		const reply = await this.#api.call("GET", "/api/v1/policy");
		if (!reply.ok && errorTexts(reply.text).some((text) => text.includes("acl policy not found"))) return defaultPolicy;
		return stored(this.#api.read(reply, policyReply).policy);
	}
	async checkPolicy(text) {
		const reply = await this.#api.call("POST", "/api/v1/policy/check", { policy: text }, { repeatable: true });
		if (reply.status === 400) return {
			kind: "failed",
			findings: findingsOf(errorTexts(reply.text))
		};
		this.#api.read(reply, anyReply);
		return { kind: "passed" };
	}
	async previewPolicy() {
		return { kind: "unsupported" };
	}
	async setPolicy(text, ifVersion) {
		const empty = emptiness(text);
		if (empty) return {
			kind: "rejected",
			findings: [empty]
		};
		if ((await this.getPolicy()).version !== ifVersion) return { kind: "conflict" };
		const reply = await this.#api.call("PUT", "/api/v1/policy", { policy: text });
		if (reply.ok) return {
			kind: "written",
			stored: stored(this.#api.read(reply, policyReply).policy)
		};
		return this.#policyRefusal(reply);
	}
	#policyRefusal(reply) {
		const texts = errorTexts(reply.text);
		if (texts.some((text) => text.includes("update is disabled"))) throw controlErrors("MESH_POLICY_READ_ONLY", `${this.url} takes its policy from a file`, { where: { address: this.url } });
		const invalid = texts.some((text) => /^(setting policy|verifying SSH rules): /.test(text));
		if (reply.status !== 400 && !invalid) throw this.#api.failure(reply);
		return {
			kind: "rejected",
			findings: findingsOf(texts)
		};
	}
	async mintKey(request) {
		const { expirySeconds } = request;
		checkLife(expirySeconds);
		const { preAuthKey } = await this.#api.must(keyReply$1, "POST", "/api/v1/preauthkey", {
			reusable: request.reusable,
			ephemeral: false,
			expiration: new Date(this.#api.now().getTime() + expirySeconds * 1e3).toISOString(),
			aclTags: request.tags
		});
		return {
			key: toAuthKey$1(preAuthKey, this.#api.now()),
			secret: new Secret(preAuthKey.key)
		};
	}
	async listKeys() {
		const { preAuthKeys } = await this.#api.must(keysReply$1, "GET", "/api/v1/preauthkey");
		return (preAuthKeys ?? []).map((key) => toAuthKey$1(key, this.#api.now()));
	}
	revokeKey(id) {
		return this.#remove(`/api/v1/preauthkey?id=${encodeURIComponent(id)}`, "revoked");
	}
	async listDevices() {
		const { nodes } = await this.#api.must(nodesReply, "GET", "/api/v1/node");
		return (nodes ?? []).map(toDevice$1);
	}
	async setDeviceTags(id, tags) {
		await this.#api.must(anyReply, "POST", `/api/v1/node/${encodeURIComponent(id)}/tags`, { tags });
	}
	async setEnabledRoutes(id, routes) {
		await this.#api.must(anyReply, "POST", `/api/v1/node/${encodeURIComponent(id)}/approve_routes`, { routes: [...routes] });
	}
	deleteDevice(id) {
		return this.#remove(`/api/v1/node/${encodeURIComponent(id)}`, "deleted");
	}
	async #remove(path, done) {
		const reply = await this.#api.call("DELETE", path);
		if (reply.status === 404 && !hasNoEndpoint(reply)) return "already-gone";
		this.#api.read(reply, anyReply);
		return done;
	}
};
function stored(text) {
	return {
		text,
		version: `sha256:${createHash("sha256").update(text).digest("hex")}`,
		isDefault: text.trim() === ""
	};
}
// src/adapters/control/tags.ts
function isTagRefusal(text) {
	return /requested tags \[.*\] are invalid or not permitted|\btag tag:\S+ is not defined in policy|may not assign tag|must create tagged auth keys/.test(text);
}
function explainTags(refusal) {
	const { said, wanted, held, ownerTag } = refusal;
	return {
		message: `the credential may not give ${inertText(wanted.join(", "), 200)} (${said})${held === null ? "" : `; it holds ${held.length === 0 ? "no tag" : inertText(held.join(", "), 200)}`}`,
		hint: held === null || held.includes(ownerTag) ? ownersHint(refusal) : credentialHint(refusal, held)
	};
}
function ownersHint(refusal) {
	const { ownerTag, isApiKey, control } = refusal;
	const api = isApiKey && control === "tailscale" ? " An API key may give what the person who made it owns." : "";
	const unknown = isApiKey ? "" : ` The credential itself must hold ${ownerTag}.`;
	return `In the policy that is in force, ${ownerTag} must own the tag. Apply the policy first (acl-apply, or the root action), which brings ${ownersText(refusal)}; then run again.${unknown}${api}`;
}
function credentialHint(refusal, held) {
	const { ownerTag, control } = refusal;
	return `${held.length > 1 ? `A credential with several tags may ask for all of them together or for tags that one of them owns, never for one alone.` : `It may ask for its own tag or for tags which that one owns.`} One edit, once: ${control === "tailscale" ? `in the admin console, Access controls, add ${ownersText(refusal)}; then Settings > Trust credentials, open the credential, and let ${ownerTag} be its only tag` : `add ${ownersText(refusal)} to the policy; then make a client with this tag only: headscale oauth-clients create -s policy_file -s auth_keys -t ${ownerTag}`}. The tag must be in the policy before a credential can hold it.`;
}
function ownersText({ wanted, ownerTag, control }) {
	return `\`"tagOwners": { ${[`"${ownerTag}": [${control === "tailscale" ? "\"autogroup:admin\"" : `"${ownerTag}"`}]`, ...wanted.filter((tag) => tag !== ownerTag).map((tag) => `"${inertText(tag, 80)}": ["${ownerTag}"]`)].join(", ")} }\``;
}
// src/adapters/control/v2-wire.ts
const time = string().nullish().catch(null).transform((text) => {
	const date = text ? new Date(text) : null;
	return date === null || Number.isNaN(date.getTime()) || date.getUTCFullYear() <= 1 ? null : date;
});
const texts = array(string()).nullish().transform((list) => list ?? []);
const text$1 = string().nullish().transform((value) => value ?? "");
const flag = boolean().nullish().transform((value) => value ?? false);
const id = union([string(), number()]).transform(String);
const create = object({
	reusable: flag,
	ephemeral: flag,
	tags: texts
});
const key = object({
	id: string().min(1),
	keyType: text$1,
	key: text$1,
	description: text$1,
	created: time,
	expires: time,
	revoked: time,
	invalid: flag,
	capabilities: object({ devices: object({ create: create.nullish() }).nullish() }).nullish().catch(void 0),
	tags: texts
});
const keyReply = key;
const keysReply = object({ keys: array(key).nullish() });
const device = object({
	id: id.optional(),
	nodeId: id.nullish(),
	name: text$1,
	hostname: text$1,
	addresses: texts,
	tags: texts,
	connectedToControl: boolean().nullish(),
	lastSeen: time,
	expires: time,
	keyExpiryDisabled: flag,
	advertisedRoutes: texts,
	enabledRoutes: texts,
	nodeKey: text$1
});
const devicesReply = object({ devices: array(device.refine((d) => Boolean(d.nodeId || d.id), "a device has no id")).nullish() });
const previewReply = object({ matches: array(object({
	users: texts,
	ports: texts,
	lineNumber: number().catch(0)
})).nullish().transform((list) => (list ?? []).map(({ users, ports, lineNumber }) => ({
	users,
	ports,
	line: lineNumber
}))) });
const openApiReply = object({
	openapi: string(),
	info: object({ version: string().optional() }).optional(),
	paths: record(string(), unknown())
});
function toAuthKey(wire, now) {
	const { reusable = false, ephemeral = false, tags = [] } = wire.capabilities?.devices?.create ?? {};
	return {
		id: wire.id,
		prefix: /^\d+$/.test(wire.id) ? null : `tskey-auth-${wire.id}-`,
		tags: tags.length > 0 ? tags : wire.tags,
		description: wire.description,
		created: wire.created ?? new Date(0),
		expires: wire.expires,
		reusable,
		ephemeral,
		state: stateOf(wire, reusable, now)
	};
}
function stateOf(wire, reusable, now) {
	if (wire.revoked !== null) return "revoked";
	if (wire.expires !== null && wire.expires.getTime() <= now.getTime()) return "expired";
	if (!wire.invalid) return "usable";
	return reusable ? "invalid" : "used";
}
function toDevice(wire) {
	return {
		id: wire.nodeId || wire.id || "",
		hostname: wire.hostname,
		label: wire.name.split(".")[0] ?? "",
		addresses: wire.addresses,
		tags: wire.tags,
		online: wire.connectedToControl ?? wire.lastSeen === null,
		keyExpires: wire.keyExpiryDisabled ? null : wire.expires,
		advertisedRoutes: wire.advertisedRoutes,
		enabledRoutes: wire.enabledRoutes,
		servingRoutes: null,
		nodeKey: wire.nodeKey === "" ? null : wire.nodeKey
	};
}
// src/adapters/control/v2.ts
const hujson = "application/hujson";
const mostPages = 100;
var ControlV2 = class {
	url;
	capabilities;
	wire;
	#server;
	#api;
	#tailnet;
	constructor(server) {
		this.#server = server;
		this.#api = server.api;
		this.url = server.api.url;
		this.capabilities = server.capabilities;
		this.#tailnet = `/api/v2/tailnet/${encodeURIComponent(server.tailnet)}`;
		this.wire = {
			setPolicy: `POST ${this.#tailnet}/acl`,
			mintKey: `POST ${this.#tailnet}/keys`,
			revokeKey: `DELETE ${this.#tailnet}/keys/{id}`,
			setDeviceTags: "POST /api/v2/device/{id}/tags",
			setEnabledRoutes: "POST /api/v2/device/{id}/routes",
			deleteDevice: "DELETE /api/v2/device/{id}"
		};
	}
	async getPolicy() {
		const reply = await this.#api.call("GET", `${this.#tailnet}/acl`, void 0, { accept: hujson });
		if (!reply.ok) throw this.#api.failure(reply);
		return this.#stored(reply);
	}
	#stored(reply) {
		const { text } = reply;
		if (isWebPage(text)) throw this.#api.unreadable(reply, errorTexts(text).join());
		return {
			text,
			version: normalEtag(reply.headers["etag"]) ?? hashOf(text),
			isDefault: isDefaultPolicy(text)
		};
	}
	async checkPolicy(text) {
		if (this.#server.check === null) return { kind: "unsupported" };
		if (this.#server.check === "v1/policy/check") {
			const reply = await this.#api.call("POST", "/api/v1/policy/check", { policy: text }, { repeatable: true });
			return this.#verdict(reply, []);
		}
		const reply = await this.#ask("validate", text);
		if (!reply.ok) return this.#verdict(reply, []);
		this.#api.read(reply, anyReply);
		const { message, warnings } = warningTexts(reply.text);
		const details = errorTexts(reply.text).filter((told) => told !== "no reason given" && told !== message);
		const failed = details.length > 0 ? details : message !== "" && warnings.length === 0 ? [message] : [];
		return failed.length > 0 ? {
			kind: "failed",
			findings: findingsOf(failed)
		} : this.#verdict(reply, warnings);
	}
	#verdict(reply, warnings) {
		if (reply.status === 400 || reply.status === 422) return {
			kind: "failed",
			findings: findingsOf(errorTexts(reply.text))
		};
		if (hasNoEndpoint(reply)) return { kind: "unsupported" };
		this.#api.read(reply, anyReply);
		return warnings.length === 0 ? { kind: "passed" } : {
			kind: "passed",
			warnings: warnings.map(warning)
		};
	}
	async previewPolicy(text, type, target) {
		if (!this.capabilities.policy.preview) return { kind: "unsupported" };
		const reply = await this.#ask(`preview?${new URLSearchParams({
			type,
			previewFor: target
		}).toString()}`, text);
		if (reply.status === 400 || reply.status === 422) return {
			kind: "failed",
			findings: findingsOf(errorTexts(reply.text))
		};
		if (hasNoEndpoint(reply)) return { kind: "unsupported" };
		return {
			kind: "matches",
			matches: this.#api.read(reply, previewReply).matches
		};
	}
	#ask(what, text) {
		return this.#api.call("POST", `${this.#tailnet}/acl/${what}`, text, {
			contentType: hujson,
			repeatable: true
		});
	}
	async setPolicy(text, ifVersion) {
		const empty = emptiness(text);
		if (empty) return {
			kind: "rejected",
			findings: [empty]
		};
		const hasEtag = !ifVersion.startsWith("sha256:");
		if (!hasEtag && (await this.getPolicy()).version !== ifVersion) return { kind: "conflict" };
		const reply = await this.#api.call("POST", `${this.#tailnet}/acl`, text, {
			contentType: hujson,
			accept: hujson,
			...hasEtag ? { ifMatch: ifVersion } : {}
		});
		if (reply.ok) return {
			kind: "written",
			stored: reply.text.trim() === "" ? await this.getPolicy() : this.#stored(reply)
		};
		if (reply.status === 412) return { kind: "conflict" };
		return this.#policyRefusal(reply, text);
	}
	async #policyRefusal(reply, text) {
		const texts = errorTexts(reply.text);
		if (texts.some((told) => told.includes("update is disabled"))) throw controlErrors("MESH_POLICY_READ_ONLY", `${this.url} takes its policy from a file`, { where: { address: this.url } });
		if (reply.status !== 400 && reply.status !== 422) throw this.#api.failure(reply);
		const check = texts.join() === "test(s) failed" ? await this.checkPolicy(text) : void 0;
		return {
			kind: "rejected",
			findings: check?.kind === "failed" ? check.findings : findingsOf(texts)
		};
	}
	async mintKey(request) {
		checkLife(request.expirySeconds);
		const reply = await this.#api.call("POST", `${this.#tailnet}/keys`, {
			keyType: "auth",
			description: request.description.replace(/[^A-Za-z0-9 -]/g, "-").slice(0, 50),
			expirySeconds: request.expirySeconds,
			capabilities: { devices: { create: {
				reusable: request.reusable,
				ephemeral: false,
				preauthorized: true,
				tags: request.tags
			} } }
		});
		if (!reply.ok) throw await this.#keyRefusal(reply, request.tags);
		const made = this.#api.read(reply, keyReply);
		if (made.key === "") throw this.#api.unreadable(reply, "there is no key in the answer");
		return {
			key: toAuthKey(made, this.#api.now()),
			secret: new Secret(made.key)
		};
	}
	async #keyRefusal(reply, tags) {
		if (!isTagRefusal(errorTexts(reply.text).join("\n"))) return this.#api.failure(reply);
		const { credential } = this.#server;
		const held = await this.#heldTags();
		const { message, hint } = explainTags({
			...credential,
			said: this.#api.told(reply),
			wanted: tags,
			held
		});
		return controlErrors("MESH_CREDENTIAL_TAGS", message, {
			where: { address: this.url },
			hint
		});
	}
	async #heldTags() {
		const { keyId } = this.#server.credential;
		if (keyId === null) return null;
		const reply = await this.#api.call("GET", `${this.#tailnet}/keys/${encodeURIComponent(keyId)}`).catch(() => void 0);
		const parsed = keyReply.safeParse(reply?.ok ? parseJson(reply.text) : void 0);
		return parsed.success ? parsed.data.tags : null;
	}
	async listKeys() {
		const keys = await this.#list(keysReply, `${this.#tailnet}/keys?all=true`, (page) => page.keys);
		const now = this.#api.now();
		return keys.filter(({ keyType }) => keyType === "" || keyType === "auth").map((key) => toAuthKey(key, now));
	}
	revokeKey(id) {
		return this.#remove(`${this.#tailnet}/keys/${encodeURIComponent(id)}`, "revoked");
	}
	async listDevices() {
		return (await this.#list(devicesReply, `${this.#tailnet}/devices?fields=all`, (page) => page.devices)).map(toDevice);
	}
	async setDeviceTags(id, tags) {
		const reply = await this.#api.call("POST", `/api/v2/device/${encodeURIComponent(id)}/tags`, { tags }, { repeatable: true });
		if (!reply.ok) throw await this.#keyRefusal(reply, tags);
		this.#api.read(reply, anyReply);
	}
	async setEnabledRoutes(id, routes) {
		await this.#api.must(anyReply, "POST", `/api/v2/device/${encodeURIComponent(id)}/routes`, { routes: routes.map(canonical) }, { repeatable: true });
	}
	deleteDevice(id) {
		return this.#remove(`/api/v2/device/${encodeURIComponent(id)}`, "deleted");
	}
	async #remove(path, done) {
		const reply = await this.#api.call("DELETE", path, void 0, { repeatable: true });
		if (reply.status === 404 && !hasNoEndpoint(reply)) return "already-gone";
		this.#api.read(reply, anyReply);
		return done;
	}
	async #list(schema, path, pick) {
		const items = [];
		let next = path;
		for (let pages = 0; next !== void 0; pages++) {
			const reply = await this.#api.call("GET", next);
			if (pages === mostPages) throw this.#api.unreadable(reply, `the list has more than ${mostPages} pages`);
			items.push(...pick(this.#api.read(reply, schema)) ?? []);
			next = nextPage(reply, `${this.url}${next}`);
		}
		return items;
	}
};
function nextPage(reply, from) {
	const target = /<([^>]*)>\s*;[^,]*\brel="?next\b/.exec(reply.headers["link"] ?? "")?.[1];
	if (target === void 0 || !URL.canParse(target, from)) return void 0;
	const url = new URL(target, from);
	return url.origin === new URL(from).origin ? `${url.pathname}${url.search}` : void 0;
}
function normalEtag(header) {
	const tag = header?.trim().replace(/^W\//, "");
	if (!tag) return void 0;
	return tag.startsWith("\"") ? tag : `"${tag}"`;
}
function hashOf(text) {
	return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
function warning(text) {
	return {
		severity: "warning",
		text
	};
}
function canonical(route) {
	const [address = "", bits = ""] = route.split("/");
	return Cidr.parse(`${address}/32`) !== void 0 && /^\d+$/.test(bits) && Number(bits) <= 32 ? Cidr.around(address, Number(bits)).text : route;
}
// src/adapters/control/connect.ts
async function connectControl(options) {
	const { kind, credential, http, clock = systemClock, mask, idToken } = options;
	const url = options.url.replace(/\/+$/, "");
	const bearer = createBearer(credential, {
		http,
		url,
		control: kind,
		clock,
		mask,
		idToken
	});
	const api = new Api({
		http,
		url,
		bearer,
		clock,
		rejectedHint: credential.kind === "api-key" ? apiKeyHints[kind] : tokenHints[kind],
		missingScope: (method, path) => missingScope(bearer, method, path)
	});
	if (kind === "headscale") return connectHeadscale(api, bearer, options);
	await fetchToken(credential, bearer);
	return new ControlV2({
		api,
		tailnet: options.tailnet,
		check: "acl/validate",
		credential: credentialFacts(options),
		capabilities: {
			provider: "tailscale",
			serverVersion: null,
			policy: {
				validate: "server",
				preview: true,
				etag: true,
				keepsComments: true,
				testsNeedNodes: false,
				ownerAutogroups: true,
				autoApproveIsRetroactive: false
			},
			keys: {
				maxLifetimeSeconds: 7776e3,
				description: true,
				revokeIsSoft: false
			},
			devices: deviceRights(bearer)
		}
	});
}
async function connectHeadscale(api, bearer, options) {
	if (options.credential.kind === "api-key") {
		const found = versionOf(api, await api.call("GET", "/version", void 0, { anonymous: true }));
		if (found.generation === "v1") return new HeadscaleV1(api, found.version);
		if (found.generation === "v2") return headscaleV2(api, bearer, options, {
			version: found.version,
			paths: []
		});
		return headscaleV2(api, bearer, options, await readOpenApi(api, found.version));
	}
	const document = await readOpenApi(api, null);
	await fetchToken(options.credential, bearer);
	return headscaleV2(api, bearer, options, document);
}
function headscaleV2(api, bearer, options, document) {
	const has = (ending) => document.paths.some((path) => path.endsWith(ending));
	const isApiKey = options.credential.kind === "api-key";
	const check = has("/acl/validate") ? "acl/validate" : isApiKey ? "v1/policy/check" : null;
	const capabilities = {
		provider: "headscale-v2",
		serverVersion: document.version,
		policy: {
			validate: check === null ? "none" : "server",
			preview: has("/acl/preview"),
			etag: true,
			keepsComments: false,
			testsNeedNodes: true,
			ownerAutogroups: false,
			autoApproveIsRetroactive: true
		},
		keys: {
			maxLifetimeSeconds: null,
			description: true,
			revokeIsSoft: true
		},
		devices: deviceRights(bearer)
	};
	return new ControlV2({
		api,
		tailnet: "-",
		check,
		credential: credentialFacts(options),
		capabilities
	});
}
async function readOpenApi(api, version) {
	const reply = await api.call("GET", "/api/v2/openapi.json", void 0, { anonymous: true });
	if ([
		429,
		502,
		503,
		504
	].includes(reply.status)) throw api.failure(reply);
	const parsed = openApiReply.safeParse(parseJson(reply.text));
	const where = { address: api.url };
	if (reply.ok && parsed.success && Object.keys(parsed.data.paths).some((path) => path.endsWith("/acl"))) return {
		version: version ?? parsed.data.info?.version ?? null,
		paths: Object.keys(parsed.data.paths)
	};
	if (version !== null) {
		const said = `${api.url} is Headscale ${inertText(version, 40)}: a build without a version number and without the v2 API of 0.30`;
		throw controlErrors("MESH_CONTROL_UNSUPPORTED", said, { where });
	}
	if (reply.status === 401) {
		const said = `${api.url} has no v2 API, so that it takes API keys only`;
		throw controlErrors("MESH_CREDENTIAL_UNFIT", said, {
			where,
			hint: "Headscale 0.29 knows no OAuth clients: give `api-key` and leave `oauth-client-id` and `oauth-client-secret` out, or upgrade the server to 0.30."
		});
	}
	throw controlErrors("MESH_CONTROL_UNKNOWN", `${api.url} does not answer as Headscale does (${reply.what}: ${reply.status})`, { where });
}
async function fetchToken(credential, bearer) {
	if (credential.kind !== "api-key") await bearer.current();
}
function credentialFacts({ credential, ownerTag, kind }) {
	const isApiKey = credential.kind === "api-key";
	return {
		ownerTag,
		control: kind,
		isApiKey,
		keyId: isApiKey ? null : credential.clientId
	};
}
function deviceRights({ scopes }) {
	const may = (scope) => scopes === null || coversScope(scopes, scope);
	return {
		list: may("devices:core:read"),
		change: may("devices:core"),
		approve: may("devices:routes")
	};
}
function missingScope({ scopes }, method, path) {
	const needed = neededScope(method, path);
	return needed === null || scopes !== null && coversScope(scopes, needed) ? null : scopeText(needed);
}
const apiKeyHints = {
	tailscale: "An API key is made in the admin console, Settings > Keys > Generate access token, and expires after 90 days at most; better is an OAuth client or workload identity, which do not (docs/tailscale.md). An auth key (tskey-auth-…) is no API key.",
	headscale: "Make a new one on the Headscale machine with `headscale apikeys create --expiration 90d` and store it as the secret behind `api-key`; `headscale apikeys list` shows when the old one expired."
};
const tokenHints = {
	tailscale: "Fresh tokens of this credential are refused: was it deleted or changed during the run (admin console, Settings > Trust credentials), and is `tailnet.name` the tailnet that it belongs to? A proxy that drops the header Authorization looks the same.",
	headscale: "Fresh tokens of this OAuth client are refused: `headscale oauth-clients list` shows whether it is still there. A proxy that drops the header Authorization looks the same."
};
function versionOf(api, reply) {
	const where = { address: api.url };
	if ([
		429,
		502,
		503,
		504
	].includes(reply.status)) throw api.failure(reply);
	const parsed = versionReply.safeParse(parseJson(reply.text));
	if (!reply.ok || !parsed.success) {
		const told = `${api.url} does not answer as Headscale does (${reply.what}: ${reply.status})`;
		throw controlErrors("MESH_CONTROL_UNKNOWN", told, { where });
	}
	const { version } = parsed.data;
	const numbers = /^v?(\d+)\.(\d+)\./.exec(version);
	if (!numbers) return {
		generation: "unclear",
		version
	};
	const [major, minor] = [Number(numbers[1]), Number(numbers[2])];
	if (major === 0 && minor === 29) return {
		generation: "v1",
		version
	};
	if (major > 0 || minor > 29) return {
		generation: "v2",
		version
	};
	throw controlErrors("MESH_CONTROL_UNSUPPORTED", `${api.url} is Headscale ${inertText(version, 40)}: too old, 0.29 is needed: before it there are no grants and no policy tests. Nothing was changed`, { where });
}
// src/adapters/control/credentials.ts
function chooseCredential(inputs, context) {
	const { clientId, clientSecret, audience, apiKey } = inputs;
	if (clientId !== void 0 && audience !== void 0) {
		if (context.control === "headscale") throw controlErrors("MESH_CREDENTIAL_UNFIT", "`audience` is given, and Headscale has no workload identity", { hint: "Use `oauth-client-id` with `oauth-client-secret` (Headscale 0.30) or `api-key`, and leave `audience` out." });
		return {
			kind: "workload-identity",
			clientId: plain(clientId, "oauth-client-id"),
			audience: plain(audience, "audience")
		};
	}
	if (clientId !== void 0 && clientSecret !== void 0) return {
		kind: "oauth-client",
		clientId: plain(clientId, "oauth-client-id"),
		clientSecret: headerSafe(clientSecret, "oauth-client-secret")
	};
	if (clientId !== void 0) throw incomplete("`oauth-client-id` is given without `audience` and without `oauth-client-secret`");
	if (audience !== void 0) throw incomplete("`audience` is given without `oauth-client-id`");
	if (clientSecret !== void 0) throw incomplete("`oauth-client-secret` is given without `oauth-client-id`");
	if (apiKey !== void 0) return {
		kind: "api-key",
		apiKey: headerSafe(apiKey, "api-key")
	};
	if (context.isStored) throw controlErrors("MESH_CREDENTIAL_STORED", "no credential is given as an input");
	throw controlErrors("MESH_CREDENTIAL_MISSING", "no credential for the control server is given", { hint: missing[context.control] });
}
function headerSafe(secret, input) {
	return new Secret(plain(secret.reveal(), input));
}
function plain(value, input) {
	const text = value.trim();
	if (text === "") throw controlErrors("MESH_CREDENTIAL_MISSING", `the input ${input} is empty`);
	if (/^[\x21-\x7e]+$/.test(text)) return text;
	throw controlErrors("MESH_CREDENTIAL_MISSING", `the input ${input} holds blanks or other characters that no credential has`);
}
function incomplete(message) {
	return controlErrors("MESH_CREDENTIAL_INCOMPLETE", message);
}
const missing = {
	tailscale: "Make one in the admin console, Settings > Trust credentials, with the scopes \"Policy File: Write\" and \"Auth Keys: Write\" and the tag tag:ci; docs/tailscale.md has every step. tag:ci must be in the policy before a credential can hold it: add `\"tagOwners\": {\"tag:ci\": [\"autogroup:admin\"]}` under Access controls first. In a pull request from a fork, secrets are empty.",
	headscale: "Give the input `api-key`: `headscale apikeys create --expiration 90d` prints one. On Headscale 0.30 an OAuth client with fewer rights does as well; docs/headscale.md has both. In a pull request from a fork, secrets are empty."
};
// src/adapters/files/errors.ts
const fileErrors = defineErrors({
	MESH_FILE_READ: {
		kind: "config",
		meaning: "A file is there but cannot be read: a folder in its place, or no right to it.",
		hint: "Paths are relative to the repository's root. Check that it is a plain file that the runner's user may read."
	},
	MESH_FILE_WRITE: {
		kind: "config",
		meaning: "A file of this run could not be written. What was there before is as it was.",
		hint: "Is there room on the disk, and may the runner's user write to its temporary folder (RUNNER_TEMP)?"
	},
	MESH_FILE_OUTSIDE: {
		kind: "refused",
		meaning: "A file was to be written or removed outside the folder of this run.",
		hint: "Something replaced part of the run's folder by a link, or a name with `..` got here. Start the job on a clean runner."
	}
});
// src/adapters/files/workspace.ts
function createWorkspace(options) {
	return new FolderWorkspace(options.root, resolve(options.root, options.runDir));
}
var FolderWorkspace = class {
	#root;
	#runDir;
	constructor(root, runDir) {
		this.#root = root;
		this.#runDir = runDir;
	}
	async read(path) {
		try {
			return await readFile(resolve(this.#root, path), "utf8");
		} catch (cause) {
			if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return void 0;
			throw fileErrors("MESH_FILE_READ", `${path} cannot be read (${codeOf(cause)})`, {
				where: { file: path },
				cause
			});
		}
	}
	async writeRunFile(name, content, options = {}) {
		const path = this.#inside(name);
		const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
		try {
			await mkdir(dirname(path), {
				recursive: true,
				mode: 448
			});
			await this.#refuseLinks(path);
			await writeNew(temporary, content, options.secret ? 384 : 420);
			await rename(temporary, path);
			return path;
		} catch (cause) {
			await rm(temporary, { force: true });
			throw this.#writeError(name, cause);
		}
	}
	async removeRunFile(path) {
		const target = this.#inside(path);
		try {
			await this.#refuseLinks(target);
			await rm(target, { force: true });
		} catch (cause) {
			if (codeOf(cause) === "ENOENT") return;
			throw this.#writeError(path, cause);
		}
	}
	#inside(name) {
		const path = resolve(this.#runDir, name);
		const below = relative(this.#runDir, path);
		if (below !== "" && !below.startsWith("..") && !isAbsolute(below)) return path;
		throw fileErrors("MESH_FILE_OUTSIDE", `${name} is not a file of this run`, { where: { file: name } });
	}
	async #refuseLinks(path) {
		const below = relative(await realpath(this.#runDir), await realpath(dirname(path)));
		if (!below.startsWith("..") && !isAbsolute(below)) return;
		throw fileErrors("MESH_FILE_OUTSIDE", `${path} leads out of the folder of this run`, { where: { file: path } });
	}
	#writeError(name, cause) {
		if (codeOf(cause) === "MESH_FILE_OUTSIDE") return cause;
		return fileErrors("MESH_FILE_WRITE", `${name} cannot be written (${codeOf(cause)})`, {
			where: { file: name },
			cause
		});
	}
};
async function writeNew(path, content, mode) {
	await using file = await open(path, "wx", mode);
	await file.chmod(mode);
	await file.writeFile(content);
	await file.sync();
}
function codeOf(error) {
	return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
// src/adapters/runner/archive-cache.ts
function createArchiveCache(reporter) {
	const tolerant = async (work) => {
		try {
			return await work();
		} catch (error) {
			reporter.debug(`the cache did not answer: ${error instanceof Error ? error.message : "unknown reason"}`);
			return;
		}
	};
	return {
		restore: (key, file) => tolerant(async () => {
			const cache = await import("./cache.js");
			if (!cache.isFeatureAvailable()) return void 0;
			return await cache.restoreCache([file], key) === void 0 ? void 0 : await readFile(file);
		}),
		save: async (key, file) => {
			await tolerant(async () => {
				const cache = await import("./cache.js");
				if (cache.isFeatureAvailable()) await cache.saveCache([file], key);
			});
		}
	};
}
async function keepFile(file, bytes) {
	await mkdir(dirname(file), {
		recursive: true,
		mode: 448
	});
	await writeFile(file, bytes, { mode: 384 });
}
async function dropFile(file) {
	await rm(file, { force: true });
}
// src/adapters/runner/errors.ts
const runnerError = defineErrors({
	MESH_ROOTS_MISSING: {
		kind: "config",
		meaning: "The PEM file of certificate authorities, input `ca-file` or `tailnet.ca` of the topology, is not there.",
		hint: "Commit the file, or write it in an earlier step; a path is relative to the checkout."
	},
	MESH_ID_TOKEN_MISSING: {
		kind: "config",
		meaning: "The runner gives this job no ID token, which workload identity (`audience`) needs.",
		hint: "Add `permissions: { id-token: write, contents: read }` to the job. Pull requests from forks never get one, and neither does a job outside GitHub Actions: use `oauth-client-secret` or `api-key` there."
	},
	MESH_ARCHIVE_NOT_FOUND: {
		kind: "config",
		meaning: "The tailscale archive could not be read from the path or URL that `tailscale-archive` names.",
		hint: "Check `tailscale-archive`; `{version}` and `{arch}` in it are filled in (amd64, arm64, arm, 386, riscv64). A path is relative to the checkout."
	},
	MESH_ARCHIVE_CHECKSUM_MISSING: {
		kind: "config",
		meaning: "No SHA-256 is known for the tailscale archive: neither as input nor beside the archive.",
		hint: "Give `tailscale-sha256` (one sum, or one `arch=sum` for each architecture), or put a file `….tgz.sha256` beside the archive."
	},
	MESH_ARCHIVE_CHECKSUM_MISMATCH: {
		kind: "refused",
		meaning: "The tailscale archive is not the one that its SHA-256 promises. No node has received it.",
		hint: "If you meant another build, give its sum as `tailscale-sha256`. Otherwise do not use this archive: it was cut short or tampered with."
	},
	MESH_ARCHIVE_LAYOUT: {
		kind: "refused",
		meaning: "The tailscale archive is not laid out as Tailscale's own: one folder `tailscale_VERSION_ARCH` with plain files. No node has received it.",
		hint: "Use an archive from https://pkgs.tailscale.com/stable/ or build yours in that layout; `tailscale-version` must be the version in its folder's name."
	}
});
// src/adapters/runner/archive-layout.ts
async function verifyLayout(file, request) {
	const problem = layoutProblem(await listing(["-tzf", file]), (await listing(["-tvzf", file])).map((line) => line.charAt(0)), request);
	if (problem !== void 0) throw runnerError("MESH_ARCHIVE_LAYOUT", `the archive for ${request.arch} ${problem}`);
}
function layoutProblem(names, kinds, { version, arch }) {
	const folder = `tailscale_${version}_${arch}/`;
	const foreign = names.find((name) => !name.startsWith(folder) || name.split("/").includes(".."));
	if (foreign !== void 0) return `has a member outside ${folder}: ${foreign}`;
	const special = kinds.findIndex((kind) => kind !== "-" && kind !== "d");
	if (special >= 0) return `has a member that is neither file nor folder: ${names[special] ?? "?"}`;
	const missing = ["tailscale", "tailscaled"].find((name) => !names.includes(`${folder}${name}`));
	return missing === void 0 ? void 0 : `lacks ${folder}${missing}`;
}
async function listing(args) {
	const { exitCode, stdout, stderr } = await getExecOutput("tar", [...args], {
		silent: true,
		ignoreReturnCode: true,
		env: {
			PATH: process.env["PATH"] ?? "/usr/bin:/bin",
			LC_ALL: "C"
		}
	});
	if (exitCode !== 0) throw runnerError("MESH_ARCHIVE_LAYOUT", `tar cannot read the archive: ${stderr.trim()}`);
	return stdout.split("\n").filter((line) => line !== "");
}
function locate(source, { version, arch }) {
	const filled = source.replaceAll("{version}", version).replaceAll("{arch}", arch);
	return /^https?:\/\//i.test(filled) ? {
		kind: "url",
		url: filled
	} : {
		kind: "file",
		path: filled
	};
}
function expectedSum(sums, arch) {
	const entries = sums.map((entry) => entry.split(/[=:]/).map((part) => part.trim().toLowerCase()));
	const own = entries.find(([name, sum]) => name === arch && sum !== void 0)?.[1];
	const alone = entries.length === 1 && entries[0]?.length === 1 ? entries[0][0] : void 0;
	return own ?? alone;
}
function sumInFile(text) {
	return /^\s*([0-9a-f]{64})\b/i.exec(text)?.[1]?.toLowerCase();
}
// src/adapters/runner/archives.ts
function createArchives(settings) {
	const loaded = new Map();
	return { get(request) {
		const key = `${request.version}/${request.arch}`;
		const archive = loaded.get(key) ?? load(settings, request);
		loaded.set(key, archive);
		return archive;
	} };
}
async function load(settings, request) {
	const location = locate(settings.source ?? "https://pkgs.tailscale.com/stable/tailscale_{version}_{arch}.tgz", request);
	const place = location.kind === "url" ? location.url : location.path;
	const fetch = location.kind === "url" ? settings.download : (path) => readLocal(settings.checkout, path);
	const sum = expectedSum(settings.sha256 ?? [], request.arch) ?? await sumBeside(fetch, place, request);
	const bytes = location.kind === "url" ? await downloaded(settings, request, place, sum) : await present(fetch, place);
	verifySum(bytes, sum, place);
	await verifyListed(settings, request, bytes);
	settings.reporter.debug(`archive ${place}: SHA-256 ${sum}, ${bytes.length} bytes`);
	return {
		version: request.version,
		arch: request.arch,
		sha256: sum,
		bytes
	};
}
async function present(fetch, place) {
	const bytes = await fetch(place);
	if (bytes === void 0) throw runnerError("MESH_ARCHIVE_NOT_FOUND", `there is no archive at ${place}`);
	return bytes;
}
async function sumBeside(fetch, place, { arch }) {
	const bytes = await fetch(`${place}.sha256`);
	const sum = bytes === void 0 ? void 0 : sumInFile(Buffer.from(bytes).toString("utf8"));
	if (sum === void 0) throw runnerError("MESH_ARCHIVE_CHECKSUM_MISSING", `no SHA-256 for the ${arch} archive ${place}`);
	return sum;
}
async function downloaded(settings, { version, arch }, url, sum) {
	const cache = settings.cache ?? createArchiveCache(settings.reporter);
	const key = `tailmesh-tailscale-${version}-${arch}-${sum}`;
	const file = join(settings.folder, `tailscale_${version}_${arch}_${sum.slice(0, 16)}.tgz`);
	const kept = await cache.restore(key, file);
	await dropFile(file);
	if (kept !== void 0 && sumOf(kept) === sum) return kept;
	const bytes = await present(settings.download, url);
	verifySum(bytes, sum, url);
	await keepFile(file, bytes);
	await cache.save(key, file);
	await dropFile(file);
	return bytes;
}
async function readLocal(checkout, path) {
	try {
		return await readFile(resolve(checkout, path));
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return void 0;
		throw runnerError("MESH_ARCHIVE_NOT_FOUND", `${path} cannot be read`, { cause: error });
	}
}
function sumOf(bytes) {
	return createHash("sha256").update(bytes).digest("hex");
}
function verifySum(bytes, expected, place) {
	const actual = sumOf(bytes);
	if (actual === expected) return;
	const message = `${place} has SHA-256 ${actual}, expected ${expected}`;
	throw runnerError("MESH_ARCHIVE_CHECKSUM_MISMATCH", message);
}
async function verifyListed(settings, request, bytes) {
	const file = join(settings.folder, `verify_${request.version}_${request.arch}.tgz`);
	await keepFile(file, bytes);
	try {
		await verifyLayout(file, request);
	} finally {
		await dropFile(file);
	}
}
// src/adapters/runner/clients.ts
const archiveLimit = 209715200;
var HttpClients = class {
	#settings;
	#clients = new Map();
	constructor(settings) {
		this.#settings = settings;
	}
	get(caFiles) {
		const key = caFiles.join("\n");
		const client = this.#clients.get(key) ?? this.#open(caFiles);
		this.#clients.set(key, client);
		return client;
	}
	async download(url, caFiles) {
		const http = await this.get(caFiles);
		const { signal } = this.#settings;
		const reply = await http.request({
			method: "GET",
			url,
			redirects: "anywhere",
			bodyLimit: archiveLimit,
			signal
		});
		if (reply.status === 200) return reply.body;
		if (reply.status === 404) return void 0;
		throw runnerError("MESH_ARCHIVE_NOT_FOUND", `${url} answers with status ${reply.status}`);
	}
	async requests() {
		return (await Promise.all(this.#clients.values())).flatMap((client) => client.requests);
	}
	async close() {
		const clients = await Promise.allSettled(this.#clients.values());
		await Promise.all(clients.map((client) => client.status === "fulfilled" ? client.value[Symbol.asyncDispose]() : void 0));
	}
	async #open(caFiles) {
		const { userAgent, env, log } = this.#settings;
		const roots = (await Promise.all(caFiles.map((file) => this.#read(file)))).join("\n");
		const either = (name) => env[name] || env[name.toLowerCase()] || "";
		const [https, http, no] = [
			either("HTTPS_PROXY"),
			either("HTTP_PROXY"),
			either("NO_PROXY")
		];
		const { createHttp } = await import("./http.js");
		return abortable(createHttp({
			userAgent,
			log,
			...roots === "" ? {} : { roots },
			...https || http ? { proxy: {
				https,
				http,
				no
			} } : {}
		}), this.#settings.signal);
	}
	async #read(file) {
		const text = await this.#settings.workspace.read(file);
		if (text !== void 0) return text;
		throw runnerError("MESH_ROOTS_MISSING", `there is no file ${file}`, { where: { file } });
	}
};
function abortable(client, signal) {
	return {
		request: (request) => client.request(request.method === "GET" && !signal.aborted ? {
			signal,
			...request
		} : request),
		get requests() {
			return client.requests;
		},
		[Symbol.asyncDispose]: () => client[Symbol.asyncDispose]()
	};
}
// src/adapters/runner/id-token.ts
async function fetchIdToken(audience) {
	try {
		return new Secret(await getIDToken(audience));
	} catch (cause) {
		const said = cause instanceof Error ? inertText(cause.message, 300) : "no reason given";
		throw runnerError("MESH_ID_TOKEN_MISSING", `the runner gave no ID token for ${inertText(audience, 200)}: ${said}`, { cause });
	}
}
// src/adapters/runner/detail.ts
const local = [
	"10.0.0.0/8",
	"172.16.0.0/12",
	"192.168.0.0/16",
	"100.64.0.0/10",
	"127.0.0.0/8",
	"169.254.0.0/16",
	"0.0.0.0/8"
].map((text) => Cidr.parse(text)).filter((cidr) => cidr !== void 0);
function maskDetail(text) {
	return text.replace(/\b([A-Za-z0-9])[A-Za-z0-9._%+-]*@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b/g, "$1…@$2").replace(/(?<![\d.])(\d{1,3})\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/g, (address, first) => isPublic(address) ? `${first}.x.x.x` : address);
}
function isPublic(address) {
	return parseIPv4(address) !== void 0 && !local.some((cidr) => cidr.containsAddress(address));
}
function maskForms(value) {
	const secretLines = value.split(/\r?\n/).map((line) => line.trim()).filter((line) => !/^-----(BEGIN|END) [A-Z0-9 ]+-----$/.test(line));
	const parts = /^[a-z]+key-[a-z]+-\S+-\S+$/.test(value) ? [value.slice(value.lastIndexOf("-") + 1)] : [];
	const forms = [
		value,
		value.trim(),
		...secretLines,
		...parts
	].filter((text) => text.trim().length >= 8).flatMap((text) => [text, ...encodings(text)]).filter((text) => text.length >= 8);
	return [...new Set(forms)].sort((a, b) => b.length - a.length);
}
function encodings(text) {
	const bytes = Buffer.from(text, "utf8");
	const base64 = bytes.toString("base64");
	const hex = bytes.toString("hex");
	return [
		base64,
		base64.replace(/=+$/, ""),
		bytes.toString("base64url"),
		...insideBase64(bytes),
		hex,
		hex.toUpperCase(),
		encodeURIComponent(text),
		new URLSearchParams([["", text]]).toString().slice(1),
		JSON.stringify(text).slice(1, -1)
	];
}
function insideBase64(bytes) {
	return [
		0,
		1,
		2
	].map((skipped) => {
		const rest = bytes.subarray(skipped);
		return rest.subarray(0, rest.length - rest.length % 3).toString("base64");
	});
}
// src/adapters/runner/printer.ts
function createPrinter() {
	let hidden = [];
	let shown = "masked";
	const redact = (text) => hidden.reduce((left, form) => left.replaceAll(form, "***"), text);
	const clean = (text) => shown === "full" ? redact(text) : maskDetail(redact(text));
	return {
		clean,
		redact,
		detail(level) {
			shown = level;
		},
		mask(secret) {
			const value = secret.reveal();
			const forms = maskForms(value);
			if (forms.length === 0 && value.trim() !== "") warning$1(`A secret is shorter than 8 characters and cannot be hidden; choose a longer one.`);
			for (const form of forms.filter((text) => !hidden.includes(text))) setSecret(form);
			hidden = [...new Set([...hidden, ...forms])].sort((a, b) => b.length - a.length);
		},
		line: (text) => inertLine(clean(text)),
		lines: (text) => clean(text).split("\n").map((line) => inertLine(inertText(line))).join("\n")
	};
}
// src/adapters/runner/reporter.ts
function createRunnerReporter(printer) {
	return {
		info: (line) => info(printer.line(line)),
		debug: (line) => debug(printer.line(line)),
		warn: (line, where) => warning$1(printer.line(line), placeOf(where, printer)),
		group: (title, work) => group(printer.line(title), work),
		mask: (secret) => printer.mask(secret)
	};
}
function placeOf(where, printer) {
	if (where?.file === void 0) return {};
	return {
		file: printer.line(where.file),
		...where.line === void 0 ? {} : { startLine: where.line },
		...where.column === void 0 ? {} : { startColumn: where.column }
	};
}
// src/adapters/runner/state.ts
function createRunnerState() {
	return {
		save: (name, value) => saveState(name, value),
		load: (name) => getState(name) || void 0
	};
}
// src/adapters/runner/summary.ts
const summaryLimit = 1044480;
const cutNote = "\n\n*The rest is cut: a step summary holds 1 MiB. The plan and result files have everything.*\n";
async function writeSummary(blocks) {
	if (!process.env["GITHUB_STEP_SUMMARY"] || blocks.length === 0) return;
	await summary.addRaw(fitSummary(blocks, summaryLimit)).write();
}
function fitSummary(blocks, limit) {
	const whole = `${blocks.join("\n\n")}\n`;
	if (Buffer.byteLength(whole) <= limit) return whole;
	const room = limit - Buffer.byteLength(cutNote) - Buffer.byteLength("\n```\n</details>");
	const cut = Buffer.from(whole).subarray(0, Math.max(0, room)).toString("utf8");
	const kept = cut.slice(0, Math.max(0, cut.lastIndexOf("\n")));
	return `${kept}${(kept.match(/^```/gm) ?? []).length % 2 === 1 ? "\n```" : ""}${count(kept, "<details>") > count(kept, "</details>") ? "\n</details>" : ""}${cutNote}`;
}
function count(text, part) {
	return text.split(part).length - 1;
}
// src/adapters/runner/trigger.ts
const EventSchema = object({ repository: object({ default_branch: string() }) });
function readTrigger(env) {
	return {
		ref: env["GITHUB_REF"] || null,
		defaultBranch: defaultBranchOf(env["GITHUB_EVENT_PATH"])
	};
}
function defaultBranchOf(path) {
	if (!path) return null;
	try {
		const event = EventSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
		return event.success ? event.data.repository.default_branch : null;
	} catch {
		return null;
	}
}
// src/adapters/runner/host.ts
function createRunnerHost() {
	const printer = createPrinter();
	return {
		reporter: createRunnerReporter(printer),
		state: createRunnerState(),
		trigger: readTrigger(process.env),
		redact: (text) => printer.redact(text),
		idToken: fetchIdToken,
		input: (name) => getInput(name),
		output: (name, value) => setOutput(name, printer.redact(value)),
		detail: (level) => printer.detail(level),
		annotate: ({ title, message, where }) => error(printer.lines(message), {
			title: printer.line(title),
			...placeOf(where, printer)
		}),
		summary: (blocks) => writeSummary(blocks.map((block) => printer.clean(block))),
		fail(line) {
			info(printer.line(line));
			process.exitCode = ExitCode.Failure;
		}
	};
}
// src/wiring.ts
const userAgent = "tailmesh/0.1.0";
function runnerHost() {
	return createRunnerHost();
}
function wireRunner(host, signal) {
	const env = process.env;
	const checkout = env["GITHUB_WORKSPACE"] || process.cwd();
	const folder = stepFolder(host.state, env["RUNNER_TEMP"] || tmpdir());
	const workspace = createWorkspace({
		root: checkout,
		runDir: folder
	});
	const clients = new HttpClients({
		workspace,
		userAgent,
		env,
		signal,
		log: (line) => host.reporter.debug(line)
	});
	return {
		reporter: host.reporter,
		state: host.state,
		clock: systemClock,
		workspace,
		signal,
		env,
		nonce: randomUUID().replaceAll("-", ""),
		control: (settings) => connectOnce(settings, host, clients),
		shell: (settings) => lazyShell(settings, workspace, signal),
		archives: ({ source, sha256, caFiles }) => createArchives({
			...source === void 0 ? {} : { source },
			sha256,
			download: (url) => clients.download(url, caFiles),
			checkout,
			folder: join(folder, "archives"),
			reporter: host.reporter
		}),
		close: () => clients.close()
	};
}
function stepFolder(state, temp) {
	const name = "tailmesh-folder";
	const folder = state.load(name) ?? join(temp, "tailmesh", randomUUID());
	state.save(name, folder);
	return folder;
}
function lazyShell(settings, workspace, signal) {
	const shell = once(async () => {
		const { createShell } = await import("./shell.js");
		const { privateKey, passphrase, concurrency } = settings;
		return createShell({
			privateKey,
			...passphrase === void 0 ? {} : { passphrase },
			knownHosts: (path) => workspace.read(path),
			concurrency,
			signal
		});
	});
	return { open: async (node) => (await shell()).open(node) };
}
function once(make) {
	let made;
	return () => {
		made ??= make();
		return made;
	};
}
function connectOnce(settings, host, clients) {
	const { tailnet, credentials, isStored, caFiles } = settings;
	const credential = chooseCredential(credentials, {
		control: tailnet.control,
		isStored
	});
	return once(async () => connectControl({
		kind: tailnet.control,
		url: tailnet.url,
		tailnet: tailnet.name,
		ownerTag: tailnet.ownerTag,
		credential,
		http: await clients.get(caFiles),
		clock: systemClock,
		mask: (secret) => host.reporter.mask(secret),
		idToken: (audience) => host.idToken(audience)
	}));
}
// src/plan/files.ts
const ChangeSchema = strictObject({
	address: string().describe("What is changed, such as node/homelab-1/guard; unique in a plan."),
	resource: string().describe("The kind of thing: policy, key, route, node.sysctl, …"),
	kind: _enum([
		"create",
		"update",
		"delete"
	]),
	why: string(),
	diff: string().describe("Before and after, readable; may have several lines."),
	risk: _enum([
		"none",
		"reversible",
		"disruptive"
	]),
	undo: string().describe("How it is taken back."),
	does: array(string()).readonly().describe("The API calls and node commands that do it, secrets left out.")
}).readonly();
const PlanFileSchema = strictObject({
	version: literal(1),
	action: string(),
	hash: string().regex(/^[0-9a-f]{64}$/).describe("Give it as input `plan` to apply exactly this plan."),
	changes: array(ChangeSchema).readonly(),
	unchanged: array(strictObject({
		address: string(),
		why: string()
	}).readonly()).readonly()
}).readonly().meta({
	title: "Tailmesh plan",
	description: "What a run would do, in the order of apply."
});
const WhereSchema = strictObject({
	file: string().optional(),
	line: int().optional(),
	column: int().optional(),
	address: string().optional()
}).readonly();
const ErrorSchema = strictObject({
	code: string().regex(/^MESH_[A-Z0-9_]+$/),
	kind: _enum([
		"config",
		"denied",
		"conflict",
		"unreachable",
		"remote",
		"refused",
		"unverified",
		"bug"
	]),
	message: string(),
	hint: string(),
	where: WhereSchema.nullable()
}).readonly();
const LinkSchema = strictObject({
	from: string(),
	to: string(),
	verdict: _enum([
		"reachable",
		"broken",
		"not-tested"
	]),
	path: _enum(["direct", "relayed"]).nullable(),
	layer: string().nullable().describe("First layer that failed."),
	remedy: string().nullable()
}).readonly();
const ResultFileSchema = strictObject({
	version: literal(1),
	action: string(),
	mode: _enum(["apply", "plan"]),
	changed: boolean().describe("Something was changed (mode plan: would be)."),
	changes: array(ChangeSchema).readonly().describe("The changes of the plan; empty when there was none yet."),
	error: ErrorSchema.nullable(),
	links: array(LinkSchema).readonly()
}).readonly().meta({
	title: "Tailmesh result",
	description: "How a run ended; written when it fails, too."
});
function planFileText(action, hash, plan) {
	return text(PlanFileSchema.parse({
		version: 1,
		action,
		hash,
		changes: plan.changes,
		unchanged: plan.unchanged
	}));
}
function resultFileText(result) {
	const { action, mode, changed, plan, error, links } = result;
	return text(ResultFileSchema.parse({
		version: 1,
		action,
		mode,
		changed,
		changes: plan.changes,
		error: error ? errorRecord(error) : null,
		links
	}));
}
function errorRecord(error) {
	const { code, kind, message, hint, where } = error;
	return {
		code,
		kind,
		message,
		hint,
		where: where ?? null
	};
}
function text(value) {
	return `${JSON.stringify(value, null, 2)}\n`;
}
// src/plan/fingerprint.ts
async function fingerprint(action, plan) {
	const bytes = new TextEncoder().encode(canonicalJson({
		action,
		changes: plan.changes
	}));
	const digest = await crypto.subtle.digest("SHA-256", bytes);
	return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
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
// src/actions/ref.ts
function refusedRef({ ref, defaultBranch }, allowed) {
	if (ref === null || defaultBranch === null || ref === `refs/heads/${defaultBranch}`) return void 0;
	const short = ref.replace(/^refs\/(heads|tags)\//, "");
	if (allowed.some((name) => name === "true" || name === ref || name === short)) return void 0;
	return actionError("MESH_REF_NOT_ALLOWED", `this run is on ${ref}; the default branch is ${defaultBranch}`);
}
// src/actions/report.ts
function hasChanged({ mode, plan, applied }) {
	return mode === "plan" ? plan.changes.length > 0 : applied;
}
function lastLine(ending) {
	if (ending.error !== void 0) return failureLine(ending, ending.error);
	return `${ending.action}: ${[changesPhrase(ending), linksPhrase(ending.outcome.links)].filter(Boolean).join(", ")}.`;
}
function failureLine({ action, applied }, error) {
	const more = error.also.length === 0 ? "" : ` (and ${error.also.length} more)`;
	return `${action} failed, ${applied ? "some changes were made" : "nothing was changed"}: ${error.code}: ${error.message}${more}`;
}
function changesPhrase({ mode, plan }) {
	if (plan.changes.length === 0) return mode === "plan" ? "nothing would change" : "nothing changed";
	return mode === "plan" ? `${countChanges(plan)} would be made` : `${countChanges(plan)} made`;
}
function linksPhrase(links) {
	const tested = links.filter((link) => link.verdict !== "not-tested");
	if (tested.length === 0) return "";
	return `${tested.filter((link) => link.verdict === "reachable").length} of ${tested.length} links reachable`;
}
function summaryBlocks(ending) {
	const sign = ending.error === void 0 ? "✅" : "❌";
	const errors = ending.error === void 0 ? [] : [errorsMarkdown(ending.error)];
	const hash = ending.hash === void 0 ? [] : [`Plan \`${ending.hash}\``];
	return [
		`### ${sign} ${inertMarkdown(lastLine(ending), 600)}`,
		...errors,
		...ending.outcome.summary,
		...planMarkdown(ending.plan),
		...hash
	];
}
function errorsMarkdown(error) {
	return [
		"| error | where | what | what to do |",
		"| --- | --- | --- | --- |",
		...allErrors(error).map((one) => `| ${inertMarkdown(one.code)} | ${inertMarkdown(placeText(one))} | ${inertMarkdown(one.message)} | ${inertMarkdown(one.hint)} |`)
	].join("\n");
}
function placeText({ where }) {
	if (where?.file !== void 0) return [
		where.file,
		where.line,
		where.column
	].filter((part) => part !== void 0).join(":");
	return where?.address ?? "";
}
// src/actions/signals.ts
function listenForStop(say) {
	const controller = new AbortController();
	const stop = (name) => {
		if (controller.signal.aborted) return;
		say(`${name} received: the step at hand is finished, then this run stops.`);
		controller.abort(actionError("MESH_CANCELLED", `stopped by ${name}`));
	};
	const names = ["SIGINT", "SIGTERM"];
	for (const name of names) process.on(name, stop);
	return {
		signal: controller.signal,
		[Symbol.dispose]() {
			for (const name of names) process.off(name, stop);
		}
	};
}
// src/actions/run.ts
const mainHasRun = "tailmesh-main-has-run";
async function runAction(action, host, wire) {
	using stop = listenForStop((line) => host.reporter.info(line));
	if (host.state.load(mainHasRun) !== void 0) return runPost(action, host, wire, stop.signal);
	host.state.save(mainHasRun, "true");
	await runMain(action, host, wire, stop.signal);
}
async function runMain(action, host, wire, signal) {
	const progress = {
		mode: "apply",
		plan: emptyPlan,
		hash: void 0,
		planFile: void 0,
		applied: false,
		outcome: emptyOutcome
	};
	const wiring = wire(host, signal);
	await report(action, host, wiring, progress, await failureOf(async () => {
		const prepared = action.prepare(host);
		progress.mode = prepared.life.mode;
		host.detail(prepared.life.detail);
		await live(action, prepared, host, wiring, progress);
		if (progress.outcome.failure !== null) throw progress.outcome.failure;
	}, host));
	await closeQuietly(() => wiring.close(), host);
}
async function live(action, prepared, host, wiring, progress) {
	const { life } = prepared;
	const ref = life.mode === "apply" && "allow-ref" in action.inputs.shape ? refusedRef(host.trigger, life["allow-ref"]) : void 0;
	if (ref !== void 0) throw ref;
	const job = await prepared.job(wiring);
	try {
		const observed = await host.reporter.group("Observe", () => job.observe());
		wiring.signal.throwIfAborted();
		const planned = job.plan(observed);
		await announce(action, planned.plan, host, wiring, progress);
		progress.outcome = life.mode === "plan" ? preview(job, planned, life) : await carryOut(job, planned, life, host, wiring, progress);
	} finally {
		await closeQuietly(() => job.close(), host);
	}
}
async function announce(action, plan, host, wiring, progress) {
	progress.plan = plan;
	const hash = await fingerprint(action.name, plan);
	progress.hash = hash;
	await host.reporter.group("Plan", async () => {
		for (const line of planLines(plan)) host.reporter.info(line);
		if (plan.changes.length === 0) host.reporter.info("Nothing to change.");
		host.reporter.info(`Plan ${hash}`);
	});
	progress.planFile = await wiring.workspace.writeRunFile(`${action.name}.plan.json`, host.redact(planFileText(action.name, hash, plan)));
}
function preview(job, planned, life) {
	const outcome = withBlock(job.preview(planned), planned);
	const pending = life["fail-on-changes"] ? pendingChanges(planned.plan) : void 0;
	return pending === void 0 ? outcome : {
		...outcome,
		failure: outcome.failure ?? pending
	};
}
function withBlock(outcome, planned) {
	return {
		...outcome,
		failure: outcome.failure ?? planned.blocked ?? null
	};
}
async function carryOut(job, planned, life, host, wiring, progress) {
	const [refused, ...more] = refusals(planned.plan, progress.hash ?? "", {
		allow: life.allow,
		pin: life.plan
	});
	if (refused !== void 0) throw joinErrors([refused, ...more]);
	if (planned.blocked) throw planned.blocked;
	if (planned.plan.changes.length > 0) {
		await host.reporter.group("Apply", () => {
			progress.applied = true;
			return job.apply(planned);
		});
		wiring.signal.throwIfAborted();
	}
	return host.reporter.group("Verify", () => job.verify(planned));
}
async function report(action, host, wiring, progress, failure) {
	const { mode, plan, hash, applied, outcome } = progress;
	let ending = {
		action: action.name,
		mode,
		plan,
		hash,
		applied,
		outcome,
		error: failure
	};
	const resultFile = await failureOrValue(() => writeResult(host, wiring, ending), host);
	if (resultFile instanceof MeshError) ending = {
		...ending,
		error: failure ?? resultFile
	};
	host.output("changed", String(hasChanged(ending)));
	host.output("plan-hash", hash ?? "");
	host.output("plan-file", progress.planFile ?? "");
	host.output("result-file", resultFile instanceof MeshError ? "" : resultFile);
	for (const name of action.outputs) host.output(name, outcome.outputs[name] ?? "");
	await closeQuietly(() => host.summary(summaryBlocks(ending)), host);
	if (ending.error === void 0) return host.reporter.info(lastLine(ending));
	for (const error of allErrors(ending.error)) annotate(error, host);
	host.fail(lastLine(ending));
}
function writeResult(host, wiring, { action, mode, plan, outcome, error, ...rest }) {
	const text = resultFileText({
		action,
		mode,
		changed: hasChanged({
			action,
			mode,
			plan,
			outcome,
			error,
			...rest
		}),
		plan,
		error,
		links: outcome.links
	});
	return wiring.workspace.writeRunFile(`${action}.result.json`, host.redact(text));
}
function annotate(error, host) {
	const place = error.where?.file === void 0 ? placeText(error) : "";
	const lines = [error.message.includes(place.slice(place.lastIndexOf("/") + 1)) ? error.message : `${place}: ${error.message}`, error.hint];
	host.annotate({
		title: error.code,
		message: lines.join("\n"),
		where: error.where
	});
}
async function runPost(action, host, wire, signal) {
	const prepared = await failureOrValue(async () => action.prepare(host), host);
	if (prepared instanceof MeshError) return;
	host.detail(prepared.life.detail);
	const wiring = wire(host, signal);
	const error = await failureOf(() => prepared.post(wiring), host);
	if (error !== void 0) host.reporter.warn(`${action.name}: ${error.code}: ${error.message}. ${error.hint}`);
	await closeQuietly(() => wiring.close(), host);
}
async function failureOf(work, host) {
	const result = await failureOrValue(work, host);
	return result instanceof MeshError ? result : void 0;
}
async function failureOrValue(work, host) {
	try {
		return await work();
	} catch (error) {
		return error instanceof MeshError ? tracedToDebug(error, host) : unexpected(error, host);
	}
}
function tracedToDebug(error, host) {
	for (const line of stackLines(error.cause)) host.reporter.debug(line);
	return error;
}
function unexpected(error, host) {
	for (const line of stackLines(error)) host.reporter.debug(line);
	const message = error instanceof Error ? `${error.name}: ${error.message}` : "something that is no error was thrown";
	return actionError("MESH_INTERNAL", message, { cause: error });
}
function stackLines(error) {
	return error instanceof Error ? (error.stack ?? error.message).split("\n") : [];
}
async function closeQuietly(close, host) {
	const error = await failureOf(close, host);
	if (error !== void 0) host.reporter.warn(`${error.code}: ${error.message}`);
}
// src/actions/main.ts
async function main(action) {
	const host = runnerHost();
	process.on("uncaughtException", (error) => lost(action, host, error));
	process.on("unhandledRejection", (error) => lost(action, host, error));
	await runAction(action, host, wireRunner);
}
function lost(action, host, error) {
	const message = error instanceof Error ? error.message : "something that is no error was thrown";
	for (const line of error instanceof Error ? (error.stack ?? "").split("\n") : []) host.reporter.debug(line);
	host.annotate({
		title: error instanceof MeshError ? error.code : "MESH_INTERNAL",
		message,
		where: void 0
	});
	host.fail(`${action.name} failed: ${message}`);
}
export { list as C, Secret as E, flag$2 as S, text$4 as T, installInputs as _, emptyOutcome as a, sshInputs as b, visibleDevices as c, clusterOf as d, tailscaleApi as f, failOnInput as g, controlInputs as h, isTag as i, localOverlaps as l, changeInputs as m, controlSettings as n, emptyPlan as o, defineAction as p, loadMesh as r, joinPlans as s, main as t, advertisedRoutes as u, meshInputs as v, span as w, topologyInputs as x, policyInputs as y };
