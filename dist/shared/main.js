import { a as array, c as literal, d as object, f as record, g as unknown, h as union, i as _enum, l as looseObject, m as string, n as number$1, o as boolean, p as strictObject, r as ZodType, s as int, u as number } from "./vendor-schema.js";
import { a as MeshError, c as joinErrors, i as inertText, n as inertMarkdown, o as allErrors, s as defineErrors, t as inertLine } from "./inert.js";
import { a as meshErrors, i as readDuration, t as parseTopology } from "./parse.js";
import { c as parseIPv4, o as Cidr, r as meshNodes } from "./mesh.js";
import { t as systemClock } from "./clock.js";
import { a as getInput, b as getExecOutput, c as info, d as setOutput, f as setSecret, i as getIDToken, m as summary, n as debug, o as getState, p as warning$1, r as error, s as group, t as ExitCode, u as saveState } from "./vendor-actions-core.js";
import { createHash, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { lstat, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
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
function text$3() {
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
function switchOn() {
	return _enum(["true", "false"], "must be true or false").default("true").transform((word) => word === "true");
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
	"oauth-client-id": text$3(),
	audience: text$3(),
	"oauth-client-secret": optionalSecret(),
	"api-key": optionalSecret(),
	"ca-file": text$3()
};
const sshInputs = {
	"ssh-private-key": secret(),
	"ssh-passphrase": optionalSecret(),
	concurrency: integer(1, 64, 10)
};
const installInputs = {
	"tailscale-version": string().regex(/^\d+\.\d+\.\d+$/, "must be a version such as 1.102.5").default("1.102.5"),
	"tailscale-archive": text$3(),
	"tailscale-sha256": list(),
	"undo-after": span("60s", "1h", "300s")
};
const policyInputs = {
	adopt: flag$2(),
	"on-drift": choice(["fail", "overwrite"]),
	"allow-lockout": flag$2()
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
// src/keys/errors.ts
const keyError = defineErrors({
	MESH_KEY_FILE_SYNTAX: {
		kind: "config",
		meaning: "A line of the key file is not `NODE KEY`.",
		hint: "Take the file that key-mint wrote. Each line is a node name, one blank and the key; lines that begin with # are comments."
	},
	MESH_KEY_FILE_DUPLICATE: {
		kind: "config",
		meaning: "The key file has two keys for one node.",
		hint: "Keep one line for each node."
	},
	MESH_KEY_FILE_MISSING: {
		kind: "config",
		meaning: "The key file does not exist.",
		hint: "Give `key-file` the output of key-mint of the same job, or leave it out: then each node gets a key just in time."
	},
	MESH_KEY_NONE: {
		kind: "config",
		meaning: "A node has to log in and the key file has no key for it.",
		hint: "Run key-mint with the same topology and the same nodes selected, right before this step, or leave `key-file` out."
	},
	MESH_KEY_UNKNOWN: {
		kind: "config",
		meaning: "A key of the key file is not known to this control server.",
		hint: "Was it minted for another server or tailnet, or deleted since? Run key-mint again in the same job."
	},
	MESH_KEY_UNUSABLE: {
		kind: "config",
		meaning: "A key of the key file was used already, has expired, or was revoked.",
		hint: "Keys live for ten minutes and work once. Run key-mint again, right before this step."
	},
	MESH_KEY_TAGS: {
		kind: "config",
		meaning: "A key of the key file carries other tags than the node's cluster has. The node would join with the wrong rights.",
		hint: "Run key-mint again with this topology. Tags come from the key and cannot be corrected by the node."
	},
	MESH_KEY_LIFETIME: {
		kind: "config",
		meaning: "The life asked for a key is more than this control server gives.",
		hint: "Ask for a shorter `expiry`. Ten minutes are enough for a join in the same job."
	}
});
// src/keys/description.ts
function keyDescription(name, runId) {
	const run = clean(runId).slice(-18);
	return `tailmesh ${clean(name).slice(0, 40 - run.length)} ${run}`;
}
function isOurDescription(text) {
	return /^tailmesh [A-Za-z0-9-]+ [A-Za-z0-9-]+$/.test(text);
}
function clean(text) {
	return text.replace(/[^A-Za-z0-9-]+/g, "-") || "-";
}
const stateName = "minted-key-ids";
const mintedByRun = new WeakMap();
function needsKey(node, cluster, devices) {
	const name = node.hostname.toLowerCase();
	return !devices.some((d) => d.tags.includes(cluster.tag) && [d.hostname, d.label].some((n) => n.toLowerCase() === name));
}
function mintChange(name, tags, wire, key = {}) {
	const list = typeof tags === "string" ? tags : tags.join(", ");
	const use = key.reusable ? "reusable" : "single-use";
	return {
		address: `key/${name}`,
		resource: "key",
		kind: "create",
		why: key.isSeen === false ? `whether ${name} is joined with ${list} is not verified: the credential may not list devices` : `the control server does not show ${name} as joined with ${list}`,
		diff: `+ ${use} key for ${list}, ${key.expirySeconds ?? 600} s`,
		risk: "none",
		undo: "unused keys are revoked when the job ends",
		does: [`${wire} (${list})`]
	};
}
function checkLifetime(control, expirySeconds) {
	const longest = control.capabilities.keys.maxLifetimeSeconds;
	if (expirySeconds > 0 && (longest === null || expirySeconds <= longest)) return;
	throw keyError("MESH_KEY_LIFETIME", `${expirySeconds} s; the server gives ${longest === null ? "more than 0" : `1 to ${longest}`} s`);
}
async function mintKeys(control, requests, ports) {
	const minted = [];
	for (const { node, tags, runId, expirySeconds = 600, reusable = false } of requests) {
		checkLifetime(control, expirySeconds);
		const made = await control.mintKey({
			tags,
			description: keyDescription(node.name, runId),
			expirySeconds,
			reusable
		});
		ports.reporter.mask(made.secret);
		remember(ports.state, made.key.id);
		ports.reporter.info(`key ${inertText(made.key.id, 60)} minted for ${node.name}`);
		minted.push(made);
	}
	return minted;
}
function remember(state, id) {
	const ids = [...mintedByRun.get(state) ?? [], id];
	mintedByRun.set(state, ids);
	state.save(stateName, ids.join(","));
}
function mintedIds(state) {
	const saved = state.load(stateName) ?? "";
	return mintedByRun.get(state) ?? saved.split(",").filter((id) => id !== "");
}
async function revokeUnused(control, ids, reporter) {
	if (ids.length === 0) return;
	try {
		const usable = (await control.listKeys()).filter((key) => ids.includes(key.id) && key.state === "usable");
		for (const key of usable) await revokeOne(control, key.id, reporter);
	} catch (error) {
		reporter.warn(`keys ${inertText(ids.join(", "), 200)} could not be looked at: ${reason(error)}; unused ones expire by themselves`);
	}
}
async function revokeOne(control, id, reporter) {
	try {
		await control.revokeKey(id);
		reporter.info(`unused key ${inertText(id, 60)} revoked`);
	} catch (error) {
		reporter.warn(`key ${inertText(id, 60)} could not be revoked: ${reason(error)}; it expires by itself`);
	}
}
function reason(error) {
	return error instanceof MeshError ? inertText(`${error.code}: ${error.message}`, 300) : "unexpected failure";
}
// src/keys/orphans.ts
const longestLife = 9e5;
function orphanedKeys(keys, mesh, keep) {
	const tags = mesh.clusters.map((c) => c.tag);
	const hasDescriptions = keys.some((key) => key.description !== "");
	return keys.filter((key) => {
		const life = key.expires === null ? Number.POSITIVE_INFINITY : key.expires.getTime() - key.created.getTime();
		const [tag, ...more] = new Set(key.tags);
		const isKept = key.prefix === null ? keep.prefixes.length > 0 : keep.prefixes.includes(key.prefix);
		return key.state === "usable" && !key.reusable && life <= longestLife && tag !== void 0 && more.length === 0 && tags.includes(tag) && key.created < keep.startedAt && !isKept && (hasDescriptions ? isOurDescription(key.description) : true);
	});
}
function revokeChange(key, wire) {
	const id = inertText(key.id, 60);
	return {
		address: `key/${id}`,
		resource: "key",
		kind: "update",
		why: "an earlier run was stopped before it used or revoked this key",
		diff: `- usable key for ${inertText(key.tags.join(", "), 120)}\n+ revoked`,
		risk: "none",
		undo: "none needed: a key is minted when one is wanted",
		does: [`${wire} (key ${id})`]
	};
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
	subnetRoutes: texts$1,
	user: object({
		name: text$2,
		email: text$2
	}).nullish()
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
		user: wire.tags.length > 0 ? null : userOf(wire.user),
		online: wire.online,
		keyExpires: wire.expiry !== null && wire.expiry.getUTCFullYear() > 1 ? wire.expiry : null,
		advertisedRoutes: wire.availableRoutes,
		enabledRoutes: wire.approvedRoutes,
		servingRoutes: wire.subnetRoutes,
		nodeKey: wire.nodeKey === "" ? null : wire.nodeKey
	};
}
function userOf(user) {
	if (!user) return null;
	if (user.email !== "") return user.email;
	return user.name === "" ? null : user.name.includes("@") ? user.name : `${user.name}@`;
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
		const found = versionOf$1(api, await api.call("GET", "/version", void 0, { anonymous: true }));
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
function versionOf$1(api, reply) {
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
		meaning: "A file of this run or of the checkout could not be written. What was there before is as it was.",
		hint: "Is there room on the disk, and may the runner's user write to its temporary folder (RUNNER_TEMP)?"
	},
	MESH_FILE_OUTSIDE: {
		kind: "refused",
		meaning: "A file was to be written or removed outside the folder of this run, or outside the checkout.",
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
	async write(path, content) {
		const target = resolve(this.#root, path);
		const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
		try {
			await this.#refuseOutside(target, path);
			await writeNew(temporary, content, await modeOf(target));
			await rename(temporary, target);
		} catch (cause) {
			await rm(temporary, { force: true });
			throw this.#writeError(path, cause);
		}
	}
	async #refuseOutside(target, path) {
		const root = await realpath(this.#root);
		const real = join(await realpath(dirname(target)), basename(target));
		const below = relative(root, real);
		if ((await lstat(target).catch(() => void 0))?.isSymbolicLink() !== true && below !== "" && !below.startsWith("..") && !isAbsolute(below)) return;
		throw fileErrors("MESH_FILE_OUTSIDE", `${path} is not a file of the checkout`, { where: { file: path } });
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
async function modeOf(path) {
	const found = await stat(path).catch(() => void 0);
	return found === void 0 ? 420 : found.mode & 511;
}
function codeOf(error) {
	return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
// src/adapters/github/errors.ts
const githubError = defineErrors({ MESH_GITHUB_COMMENT: {
	kind: "denied",
	meaning: "The plan could not be written as a comment on the pull request. The plan itself is not concerned.",
	hint: "Give the job `permissions: { pull-requests: write }` and `github-token: ${{ github.token }}`. Pull requests from forks get a token that may only read: there the step summary has the plan."
} });
// src/adapters/github/forge.ts
function createForge(options) {
	const [owner, repo] = options.repository?.split("/") ?? [];
	const { pullRequest } = options;
	return {
		isPullRequest: pullRequest !== void 0 && owner !== void 0 && repo !== void 0,
		async comment(marker, body) {
			if (pullRequest === void 0 || owner === void 0 || repo === void 0) return;
			const where = { address: `pull request #${pullRequest}` };
			try {
				await writeComment(await client(options), {
					owner,
					repo,
					issue_number: pullRequest
				}, marker, body);
			} catch (cause) {
				throw githubError("MESH_GITHUB_COMMENT", `no comment on #${pullRequest}: ${reasonOf(cause)}`, {
					where,
					cause
				});
			}
		}
	};
}
async function client({ token, url }) {
	const { getOctokitOptions, GitHub } = await import("./utils.js");
	return new GitHub(getOctokitOptions(token.reveal(), {
		baseUrl: url,
		log: silent
	}));
}
const silent = {
	debug() {},
	info() {},
	warn() {},
	error() {}
};
async function writeComment(github, place, marker, body) {
	const text = `${marker}\n${body}`;
	const own = await ownName(github);
	const pages = github.paginate.iterator(github.rest.issues.listComments, {
		...place,
		per_page: 100
	});
	for await (const { data } of pages) {
		const found = data.find(({ body: written, user }) => (written ?? "").startsWith(marker) && (own === void 0 ? user?.type === "Bot" : user?.login === own));
		if (found === void 0) continue;
		if (found.body === text) return;
		await github.rest.issues.updateComment({
			...repository(place),
			comment_id: found.id,
			body: text
		});
		return;
	}
	await github.rest.issues.createComment({
		...place,
		body: text
	});
}
function repository({ owner, repo }) {
	return {
		owner,
		repo
	};
}
async function ownName(github) {
	try {
		return (await github.rest.users.getAuthenticated()).data.login;
	} catch (error) {
		if (statusOf(error) === 403) return void 0;
		throw error;
	}
}
function statusOf(error) {
	return error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : void 0;
}
function reasonOf(error) {
	const status = statusOf(error);
	const message = error instanceof Error ? error.message : "something that is no error was thrown";
	return inertText(status === void 0 ? message : `${status}: ${message}`, 300);
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
// src/adapters/runner/git-history.ts
const maxVersions = 100;
function createGitHistory(options) {
	return { async versions(paths) {
		const names = paths.filter(isPlain);
		if (names.length === 0) return [];
		const found = (await git(options, [
			"log",
			`--max-count=${maxVersions}`,
			"--format=%H",
			"HEAD",
			"--",
			...names
		]) ?? "").split("\n").filter((commit) => /^[0-9a-f]{40,64}$/.test(commit));
		const versions = [];
		for (const commit of found) versions.push(await versionOf(options, commit, names));
		return versions;
	} };
}
function isPlain(path) {
	return !/^[-:/]/.test(path) && !path.split("/").includes("..") && !/[\0\n]/.test(path);
}
async function versionOf(options, commit, paths) {
	const texts = new Map();
	for (const path of paths) {
		const text = await git(options, ["show", `${commit}:./${path.replace(/^\.\//, "")}`]);
		if (text !== void 0) texts.set(path, text);
	}
	return {
		commit,
		texts
	};
}
async function git({ root, env, log }, args) {
	try {
		const { getExecOutput } = await import("./exec.js");
		const { exitCode, stdout, stderr } = await getExecOutput("git", [
			"--no-pager",
			"--literal-pathspecs",
			"-c",
			"core.fsmonitor=false",
			"-c",
			`safe.directory=${root}`,
			...args
		], {
			cwd: root,
			env: environment(env),
			silent: true,
			ignoreReturnCode: true
		});
		if (exitCode === 0) return stdout;
		log(`git ${args[0]}: ${stderr.trim()}`);
	} catch (error) {
		log(`git ${args[0]}: ${error instanceof Error ? error.message : "it cannot be run"}`);
	}
}
function environment(env) {
	const kept = ["PATH", "HOME"].flatMap((name) => env[name] === void 0 ? [] : [[name, env[name]]]);
	return {
		...Object.fromEntries(kept),
		GIT_TERMINAL_PROMPT: "0",
		GIT_OPTIONAL_LOCKS: "0",
		LC_ALL: "C"
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
const email = /\b([A-Za-z0-9])[A-Za-z0-9._%+-]*@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b/g;
const ipv4 = /(?<![\d.])(\d{1,3})\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/g;
const localUser = /(?<![\w.@/-])[A-Za-z][\w.-]*@(?![\w.@-])/g;
const ipv6 = /(?<![0-9A-Fa-f:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4})?(?::[0-9A-Fa-f]{1,4})*(?![0-9A-Fa-f:])/g;
function maskDetail(text) {
	return text.replace(email, "$1…@$2").replace(ipv4, (address, first) => isPublic$1(address) ? `${first}.x.x.x` : address);
}
function createPseudonyms() {
	const names = new Map();
	const nameOf = (kind, value) => {
		const key = `${kind} ${value.toLowerCase()}`;
		const count = [...names.keys()].filter((known) => known.startsWith(kind)).length;
		const name = names.get(key) ?? `${kind}-${count + 1}`;
		names.set(key, name);
		return name;
	};
	return (text) => text.replace(email, (address) => nameOf("user", address)).replace(localUser, (name) => nameOf("user", name)).replace(ipv6, (address, offset, all) => isIPv6(address) && !isPrefix(all, offset + address.length, 128) ? nameOf("address", address) : address).replace(ipv4, (address, _first, offset, all) => {
		return (isPublic$1(address) || (tailnet?.containsAddress(address) ?? false)) && !isPrefix(all, offset + address.length, 32) ? nameOf("address", address) : address;
	});
}
const tailnet = Cidr.parse("100.64.0.0/10");
function isPrefix(text, at, single) {
	const [, bits] = /^\/(\d{1,3})(?!\d)/.exec(text.slice(at, at + 5)) ?? [];
	return bits !== void 0 && Number(bits) < single;
}
function isIPv6(text) {
	return URL.canParse(`http://[${text}]/`) && text.includes("::") ? true : text.split(":").length === 8;
}
function isPublic$1(address) {
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
function createPrinter({ isPublic = false } = {}) {
	let hidden = [];
	let shown = "masked";
	const redact = (text) => hidden.reduce((left, form) => left.replaceAll(form, "***"), text);
	const pseudonyms = createPseudonyms();
	const mask = isPublic ? pseudonyms : maskDetail;
	const clean = (text) => shown === "full" ? redact(text) : mask(redact(text));
	return {
		clean,
		redact,
		file: isPublic ? clean : redact,
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
const EventSchema = object({
	repository: object({
		default_branch: string().nullish(),
		visibility: string().nullish(),
		private: boolean().nullish()
	}).nullish(),
	pull_request: object({ number: number().int().positive() }).nullish()
});
function readTrigger(env) {
	const event = readEvent(env["GITHUB_EVENT_PATH"]);
	return {
		ref: env["GITHUB_REF"] || null,
		defaultBranch: event.repository?.default_branch ?? null,
		isPublic: isPublic(event),
		pullRequest: event.pull_request?.number ?? null
	};
}
function readEvent(path) {
	if (!path) return {};
	try {
		const event = EventSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
		return event.success ? event.data : {};
	} catch {
		return {};
	}
}
function isPublic({ repository }) {
	return repository?.visibility ? repository.visibility === "public" : repository?.private === false;
}
// src/adapters/runner/host.ts
function createRunnerHost() {
	const trigger = readTrigger(process.env);
	const printer = createPrinter({ isPublic: trigger.isPublic ?? false });
	return {
		reporter: createRunnerReporter(printer),
		state: createRunnerState(),
		trigger,
		redact: (text) => printer.file(text),
		shown: (text) => printer.clean(text),
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
		history: createGitHistory({
			root: checkout,
			env,
			log: (line) => host.reporter.debug(line)
		}),
		forge: (token) => createForge({
			token,
			url: env["GITHUB_API_URL"] || "https://api.github.com",
			repository: env["GITHUB_REPOSITORY"] || void 0,
			pullRequest: host.trigger.pullRequest ?? void 0
		}),
		shown: (text) => host.shown(text),
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
		progress.outcome = life.mode === "plan" ? await show(job, planned, life, progress) : await carryOut(job, planned, life, host, wiring, progress);
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
async function show(job, planned, life, progress) {
	await job.publish?.(planned, progress.hash ?? "");
	return preview(job, planned, life);
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
export { list as A, failOnInput as C, sshInputs as D, policyInputs as E, Secret as F, span as M, switchOn as N, topologyInputs as O, text$3 as P, controlInputs as S, meshInputs as T, needsKey as _, loadMesh as a, defineAction as b, emptyPlan as c, orphanedKeys as d, revokeChange as f, mintedIds as g, mintKeys as h, controlSettings as i, optionalSecret as j, flag$2 as k, joinPlans as l, mintChange as m, planMarkdown as n, canonicalJson as o, checkLifetime as p, countChanges as r, emptyOutcome as s, main as t, visibleDevices as u, revokeUnused as v, installInputs as w, changeInputs as x, keyError as y };
