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
export { MeshError as a, joinErrors as c, inertText as i, inertMarkdown as n, allErrors as o, inertMermaid as r, defineErrors as s, inertLine as t };
