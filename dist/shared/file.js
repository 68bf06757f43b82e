import { C as Secret, H as joinErrors, R as inertText } from "./mesh.js";
import { s as keyError } from "./mint.js";
// src/keys/file.ts
function parseKeyFile(text, file) {
	const entries = [];
	const problems = [];
	for (const [index, raw] of text.split("\n").entries()) {
		const line = raw.trim();
		if (line === "" || line.startsWith("#")) continue;
		const where = {
			file,
			line: index + 1
		};
		const [node, key, ...rest] = line.split(/[ \t]+/);
		if (node !== void 0 && key === void 0 && isNodeName(node)) problems.push(keyError("MESH_KEY_EMPTY", `line ${index + 1} names a node and has no key`, { where }));
		else if (node === void 0 || key === void 0 || rest.length > 0) problems.push(keyError("MESH_KEY_FILE_SYNTAX", `line ${index + 1} is not NODE KEY`, { where }));
		else if (entries.some((e) => e.node === node)) problems.push(keyError("MESH_KEY_FILE_DUPLICATE", `a second key for ${inertText(node, 80)}`, { where }));
		else entries.push({
			node,
			secret: new Secret(key)
		});
	}
	const [first, ...more] = problems;
	if (first !== void 0) throw joinErrors([first, ...more]);
	return entries;
}
function isNodeName(word) {
	return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(word) && !/^[a-z]+key-/.test(word);
}
function formatKeyFile(entries) {
	return entries.map((e) => `${e.node} ${e.secret.reveal()}\n`).join("");
}
export { parseKeyFile as n, formatKeyFile as t };
