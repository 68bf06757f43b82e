import { R as inertText } from "./mesh.js";
import { c as isOurDescription, s as keyError } from "./mint.js";
// src/keys/check.ts
function checkKeyFile(entries, keys, needs) {
	return needs.flatMap((need) => problemOf(entries, keys, need) ?? []);
}
function holdsKey(entry, key) {
	return key.prefix !== null && key.prefix !== "" && entry.secret.reveal().startsWith(key.prefix);
}
function problemOf(entries, keys, need) {
	const { node, tag } = need;
	const where = { address: `node/${node.name}` };
	const entry = entries.find((e) => e.node === node.name);
	if (entry === void 0) return keyError("MESH_KEY_NONE", `${node.name} has to log in and has no key`, { where });
	const key = keys.find((k) => holdsKey(entry, k));
	if (key === void 0) {
		if (keys.some((k) => k.prefix === null)) return void 0;
		return keyError("MESH_KEY_UNKNOWN", `the control server does not know the key for ${node.name}`, { where });
	}
	if (key.state !== "usable") return keyError("MESH_KEY_UNUSABLE", `key ${inertText(key.id, 40)} for ${node.name} is ${key.state}`, { where });
	const tags = [...new Set(key.tags)];
	if (tags.length === 1 && tags[0] === tag) return void 0;
	const found = tags.length === 0 ? "no tag" : inertText(tags.join(", "), 120);
	return keyError("MESH_KEY_TAGS", `key ${inertText(key.id, 40)} for ${node.name} has ${found}, wanted ${tag}`, { where });
}
// src/keys/orphans.ts
const longestLife = 9e5;
function orphanedKeys(keys, mesh, keep) {
	const tags = mesh.clusters.map((c) => c.tag);
	const hasDescriptions = keys.some((key) => key.description !== "");
	return keys.filter((key) => {
		const life = key.expires === null ? Number.POSITIVE_INFINITY : key.expires.getTime() - key.created.getTime();
		const [tag, ...more] = new Set(key.tags);
		const isKept = keep.keyFile.some((entry) => key.prefix === null || holdsKey(entry, key));
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
export { revokeChange as n, checkKeyFile as r, orphanedKeys as t };
