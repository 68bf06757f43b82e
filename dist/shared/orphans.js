import { a as MeshError, i as inertText, s as defineErrors } from "./inert.js";
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
export { mintKeys as a, revokeUnused as c, mintChange as i, keyError as l, revokeChange as n, mintedIds as o, checkLifetime as r, needsKey as s, orphanedKeys as t };
