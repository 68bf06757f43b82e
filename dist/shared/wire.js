import { d as number, f as object, g as union, h as string, o as array, s as boolean, t as number$1, u as looseObject } from "./vendor-schema.js";
// src/adapters/control/wire.ts
const time = string().nullish().transform((text) => text ? new Date(text) : null).refine((date) => date === null || !Number.isNaN(date.getTime()), "not a time");
const texts = array(string()).nullish().transform((list) => list ?? []);
const id = union([string(), number()]).transform(String);
const flag = boolean().nullish().transform((value) => value ?? false);
const text = string().nullish().transform((value) => value ?? "");
const anyReply = looseObject({});
const tokenReply = object({
	access_token: string().min(1),
	expires_in: number$1().catch(0),
	scope: string().optional().catch(void 0)
});
const versionReply = object({ version: string() });
const policyReply = object({ policy: string() });
const preAuthKey = object({
	id,
	key: text,
	reusable: flag,
	ephemeral: flag,
	used: flag,
	expiration: time,
	createdAt: time,
	aclTags: texts
});
const keyReply = object({ preAuthKey });
const keysReply = object({ preAuthKeys: array(preAuthKey).nullish() });
const apiKey = object({
	id: id.optional(),
	prefix: text,
	expiration: time
});
const apiKeysReply = object({ apiKeys: array(apiKey).nullish() });
function toExpiring(keys) {
	return (keys ?? []).flatMap(({ id: number = "", prefix, expiration }) => expiration === null || expiration.getUTCFullYear() <= 1 ? [] : {
		kind: "api-token",
		id: number,
		name: prefix.replace(/[-*.]+$/, "") || number,
		expires: expiration
	});
}
const node = object({
	id,
	name: text,
	givenName: text,
	nodeKey: text,
	ipAddresses: texts,
	tags: texts,
	online: flag,
	expiry: time,
	approvedRoutes: texts,
	availableRoutes: texts,
	subnetRoutes: texts,
	user: object({
		name: text,
		email: text
	}).nullish()
});
const nodesReply = object({ nodes: array(node).nullish() });
function toAuthKey(wire, now) {
	return {
		id: wire.id,
		prefix: /^hskey-auth-[A-Za-z0-9_-]{12}(?=-)/.exec(wire.key)?.[0] ?? null,
		tags: wire.aclTags,
		description: "",
		created: wire.createdAt ?? new Date(0),
		expires: wire.expiration,
		reusable: wire.reusable,
		ephemeral: wire.ephemeral,
		state: stateOf(wire, now)
	};
}
function stateOf(wire, now) {
	if (wire.used && !wire.reusable) return "used";
	return wire.expiration !== null && wire.expiration.getTime() <= now.getTime() ? "expired" : "usable";
}
function toDevice(wire) {
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
		user: text,
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
export { isWebPage as a, nodesReply as c, toAuthKey as d, toDevice as f, warningTexts as g, versionReply as h, hasNoEndpoint as i, parseJson as l, tokenReply as m, apiKeysReply as n, keyReply as o, toExpiring as p, errorTexts as r, keysReply as s, anyReply as t, policyReply as u };
