import { f as object, g as union, i as _enum, l as literal, m as strictObject, o as array } from "./vendor-schema.js";
import { l as parseJson } from "./wire.js";
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
	const bare = text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, string) => string ?? " ");
	return parseJson(bare.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_all, string) => string ?? ""));
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
export { findingsOf as i, isDefaultPolicy as n, checkLife as r, emptiness as t };
