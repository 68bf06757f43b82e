import { I as inertText } from "./mesh.js";
import { c as isOurDescription } from "./mint.js";
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
export { revokeChange as n, orphanedKeys as t };
