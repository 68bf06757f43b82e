import { _ as unknown, d as number, f as object, g as union, h as string, o as array, p as record, s as boolean } from "./vendor-schema.js";
// src/adapters/control/v2-wire.ts
const time = string().nullish().catch(null).transform((text) => {
	const date = text ? new Date(text) : null;
	return date === null || Number.isNaN(date.getTime()) || date.getUTCFullYear() <= 1 ? null : date;
});
const texts = array(string()).nullish().transform((list) => list ?? []);
const text = string().nullish().transform((value) => value ?? "");
const flag = boolean().nullish().transform((value) => value ?? false);
const id = union([string(), number()]).transform(String);
const create = object({
	reusable: flag,
	ephemeral: flag,
	tags: texts
});
const key = object({
	id: string().min(1),
	keyType: text,
	key: text,
	description: text,
	created: time,
	expires: time,
	revoked: time,
	invalid: flag,
	userId: string().nullish().catch(void 0),
	capabilities: object({ devices: object({ create: create.nullish() }).nullish() }).nullish().catch(void 0),
	tags: texts
});
const keyReply = key;
const keysReply = object({ keys: array(key).nullish() });
const device = object({
	id: id.optional(),
	nodeId: id.nullish(),
	name: text,
	hostname: text,
	addresses: texts,
	tags: texts,
	connectedToControl: boolean().nullish(),
	lastSeen: time,
	expires: time,
	keyExpiryDisabled: flag,
	advertisedRoutes: texts,
	enabledRoutes: texts,
	nodeKey: text,
	user: text
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
const credentialKinds = {
	api: "api-token",
	client: "oauth-client",
	federated: "federated-identity"
};
const shortestLife = 864e5;
function toExpiring(keys) {
	return keys.flatMap(({ id: keyId, keyType, description, created, expires, revoked, userId }) => {
		const kind = credentialKinds[keyType];
		if (kind === void 0 || expires === null || revoked !== null) return [];
		const isOfOneRun = created !== null && expires.getTime() - created.getTime() < shortestLife;
		if (kind === "api-token" && (userId === "" || isOfOneRun)) return [];
		return {
			kind,
			id: keyId,
			name: description || keyId,
			expires
		};
	});
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
		user: wire.tags.length > 0 || !wire.user.includes("@") ? null : wire.user,
		online: wire.connectedToControl ?? wire.lastSeen === null,
		keyExpires: wire.keyExpiryDisabled ? null : wire.expires,
		advertisedRoutes: wire.advertisedRoutes,
		enabledRoutes: wire.enabledRoutes,
		servingRoutes: null,
		nodeKey: wire.nodeKey === "" ? null : wire.nodeKey
	};
}
export { previewReply as a, toExpiring as c, openApiReply as i, keyReply as n, toAuthKey as o, keysReply as r, toDevice as s, devicesReply as t };
