import { R as inertText, V as defineErrors, z as MeshError } from "./mesh.js";
// src/keys/description.ts
function keyDescription(name, runId) {
	const run = plainWord(runId).slice(-18);
	return `tailmesh ${plainWord(name).slice(0, 40 - run.length)} ${run}`;
}
function isOurDescription(text) {
	return /^tailmesh [A-Za-z0-9-]+ [A-Za-z0-9-]+$/.test(text);
}
function plainWord(text) {
	return text.replace(/[^A-Za-z0-9-]+/g, "-") || "-";
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
		meaning: "The key file does not exist. It is a file of the job that minted the keys, and goes with that job.",
		hint: "Run key-mint in the same job as node-provision: files do not reach another job, and neither does a key as a job output, since GitHub drops outputs that hold masked values. Or leave `key-file` out: then each node gets a key just in time."
	},
	MESH_KEY_EMPTY: {
		kind: "config",
		meaning: "A line of the key file names a node and has no key after it: the key that was to be written there arrived empty. GitHub drops, without an error, job outputs that hold masked values, so that a key never reaches another job that way.",
		hint: "Run key-mint in the same job as node-provision and give `key-file` its output `key-file`, or leave `key-file` out: then each node gets a key just in time."
	},
	MESH_KEY_NONE: {
		kind: "config",
		meaning: "A node has to log in and the key file has no key for it.",
		hint: "Run key-mint with the same topology and the same nodes selected, in this job and right before this step, or leave `key-file` out. A file that was written from a job output is empty: GitHub drops outputs that hold masked values."
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
	MESH_STORED_KEY_UNKNOWN: {
		kind: "config",
		meaning: "The topology has no stored key of that name.",
		hint: "`stored-key` is a name under `stored-keys` in the topology file."
	},
	MESH_STORED_KEY_LIFE: {
		kind: "config",
		meaning: "A stored key is to live for 15 minutes or less. A key that short could not be told from one that is minted for a join.",
		hint: "Give the stored key a longer `expiry`: 90d is the default, and Tailscale's longest."
	},
	MESH_STORED_KEY_TAGS: {
		kind: "config",
		meaning: "Two stored keys have the same tags, and this control server keeps no descriptions: the keys of one could not be told from the keys of the other.",
		hint: "Give each stored key a set of tags of its own, or move to Headscale 0.30, which keeps descriptions."
	},
	MESH_STORED_KEY_FOREIGN: {
		kind: "refused",
		meaning: "A usable key at the control server bears the name of this stored key and the mark of another repository. One stored key has one owner: two that rotate it would take back each other's keys.",
		hint: "Rotate it in one repository only, or give it another name here. If the other repository is gone or was replaced by this one, revoke the key that the message names and run again."
	},
	MESH_STORED_KEY_OCCUPIED: {
		kind: "refused",
		meaning: "The place of a stored key holds something that Tailmesh did not put there for it. It is not written over.",
		hint: "Look at the place. If what is there is of no use any more, remove it and run again; otherwise give the stored key another `path` or `name`."
	},
	MESH_STORED_KEY_CONFLICT: {
		kind: "conflict",
		meaning: "Somebody else wrote into the place of a stored key while this run did, and what is there now is no key that will do. The key of this run was revoked.",
		hint: "Run again. One run at a time: put all workflows that change the mesh into one `concurrency` group."
	},
	MESH_STORED_KEY_DIFFERS: {
		kind: "unverified",
		meaning: "After the write the store gives back something else than what was written. Nothing was revoked.",
		hint: "Look at the place and at who else writes there, then run again: a key that does not fit is replaced."
	},
	MESH_STORED_KEY_UNPROVEN: {
		kind: "unverified",
		meaning: "The control server does not show the new key as usable with the tags and the life that were asked for. Nothing was revoked.",
		hint: "Run again: a key that does not fit is replaced. If it happens twice, look at the key in the admin console or with `headscale preauthkeys list`."
	},
	MESH_REVOCATIONS_MANY: {
		kind: "refused",
		meaning: "More old keys would be revoked than one run may. None was; new keys were minted and stored all the same.",
		hint: "Look at the keys that the plan lists. If they may go, set `max-revocations` to their number for one run."
	},
	MESH_KEY_LIFETIME: {
		kind: "config",
		meaning: "The life asked for a key is more than this control server gives.",
		hint: "Ask for a shorter `expiry`. Ten minutes are enough for a join in the same job."
	},
	MESH_ROTATION_OVERDUE: {
		kind: "unverified",
		meaning: "A stored key should have been rotated long ago: the scheduled run was dropped, fails, or is switched off.",
		hint: "Look at the runs of the rotation workflow. GitHub switches schedules off after 60 days without a commit in a public repository, and in every fork: switch it on again under Actions, or with `gh workflow enable rotate.yml`, and start it once by hand."
	},
	MESH_EXPIRY_NEAR: {
		kind: "config",
		meaning: "Something that this mesh lives by expires within 14 days, or has expired.",
		hint: "Replace it now; docs/rotation.md says how for each kind. `report-file` lists everything that expires."
	}
});
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
export { needsKey as a, isOurDescription as c, mintedIds as i, plainWord as l, mintChange as n, revokeUnused as o, mintKeys as r, keyError as s, checkLifetime as t };
