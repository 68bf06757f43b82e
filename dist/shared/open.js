import { C as Secret, R as inertText, z as MeshError } from "./mesh.js";
import { t as vaultErrors } from "./http.js";
import { S as string, T as unknown, _ as optional, g as object, k as _positive, m as nullish, p as nullable, s as array, u as int, y as record } from "./vendor-schema.js";
import { n as readKeyFields, t as keyFields } from "./key-record.js";
import { i as encodePath, n as openVault } from "./session.js";
// src/adapters/vault/kv.ts
const ReadSchema = object({ data: object({
	data: nullable(record(string(), unknown())),
	metadata: object({ version: int().check(_positive()) })
}) });
const WriteSchema = object({ data: object({ version: int().check(_positive()) }) });
const dataPath = (mount, place) => `${mount}/data/${place}`;
async function readKv(session, place) {
	const path = dataPath(session.store.mount, place);
	const reply = await session.call({
		method: "GET",
		path
	});
	const parsed = ReadSchema.safeParse(reply.json);
	if (parsed.success && (reply.ok || reply.status === 404)) {
		const { data, metadata } = parsed.data.data;
		return {
			version: metadata.version,
			data,
			isDeleted: data === null
		};
	}
	if (reply.ok) throw notKv2(session, reply);
	if (reply.status === 404 && reply.said === "") return {
		version: 0,
		data: null,
		isDeleted: false
	};
	throw session.refusal(reply, path, ["read"]);
}
const pauses = [250, 1e3];
async function writeKv(session, place, data, cas) {
	const path = dataPath(session.store.mount, place);
	for (let attempt = 0;; attempt++) {
		const reply = await sent(session, path, {
			data,
			options: { cas }
		});
		const isAnswered = !(reply instanceof MeshError);
		if (isAnswered) {
			const written = judged(session, reply, path);
			if (written.kind === "stored" || attempt === 0) return written;
		}
		const now = await readAfter(session, place, isAnswered ? reply.what : reply.message);
		if (isSame(now.data, data)) return {
			kind: "stored",
			version: now.version
		};
		if (now.version !== cas) return { kind: "conflict" };
		const pause = pauses[attempt];
		if (isAnswered || pause === void 0) throw unsure(session, path, "it was refused or lost each time", void 0);
		await session.clock.sleep(pause);
	}
}
async function sent(session, path, body) {
	try {
		return await session.call({
			method: "POST",
			path,
			body
		});
	} catch (error) {
		if (!(error instanceof MeshError && lostCodes.has(error.code))) throw error;
		return error;
	}
}
const lostCodes = new Set([
	"MESH_VAULT_UNREACHABLE",
	"MESH_VAULT_FAILED",
	"MESH_VAULT_LIMITED"
]);
async function readAfter(session, place, lost) {
	try {
		return await readKv(session, place);
	} catch (cause) {
		const why = cause instanceof MeshError ? cause.message : "it could not be read";
		throw unsure(session, dataPath(session.store.mount, place), `${lost}; then ${why}`, cause);
	}
}
function unsure(session, path, why, cause) {
	const details = {
		...session.api.where(),
		cause
	};
	return vaultErrors("MESH_VAULT_UNSURE", `whether ${path} was written is not known: ${why}`, details);
}
function judged(session, reply, path) {
	const parsed = WriteSchema.safeParse(reply.json);
	if (reply.ok && parsed.success) return {
		kind: "stored",
		version: parsed.data.data.version
	};
	if (reply.ok) throw notKv2(session, reply);
	if (/check-and-set parameter did not match/i.test(reply.said)) return { kind: "conflict" };
	throw session.refusal(reply, path, ["create", "update"]);
}
function notKv2(session, reply) {
	const { mount } = session.store;
	const said = `${reply.what} was answered ${reply.status} without a version: ${inertText(mount, 200)} is no KV version 2`;
	return vaultErrors("MESH_VAULT_NOT_KV2", said, session.api.where());
}
function isSame(found, wanted) {
	return found !== null && canonical(found) === canonical(wanted);
}
function canonical(fields) {
	return JSON.stringify(Object.entries(fields).sort(([a], [b]) => a < b ? -1 : 1));
}
const MountSchema = object({ data: object({
	type: string(),
	options: nullish(object({ version: optional(string()) }))
}) });
async function isKv2(session) {
	const reply = await session.call({
		method: "GET",
		path: `sys/internal/ui/mounts/${session.store.mount}`
	});
	const parsed = MountSchema.safeParse(reply.json);
	if (!reply.ok || !parsed.success) return void 0;
	const { type, options } = parsed.data.data;
	return type === "kv" && options?.version === "2";
}
// src/adapters/vault/oauth-client.ts
async function readOAuthClient(session, place) {
	const { store, api } = session;
	const path = dataPath(store.mount, place);
	const { data, version, isDeleted } = await readKv(session, place);
	if (data === null) {
		const command = `bao kv undelete -mount=${store.mount} -versions=${version} ${place}`;
		const [what, more] = isDeleted ? [`version ${version} of ${path} is deleted`, { hint: `\`${command}\` brings it back unless it was destroyed.` }] : [`there is nothing at ${path}`, missingHint(store.mount, place)];
		throw vaultErrors("MESH_VAULT_SECRET_MISSING", `${what} (store ${store.name})`, {
			...api.where(),
			...more
		});
	}
	const field = (name) => {
		const value = data[name];
		if (typeof value === "string" && value.trim() !== "") return value.trim();
		const names = Object.keys(data).map((key) => inertText(key, 60));
		const found = names.length === 0 ? "it has no fields" : `it has ${names.slice(0, 20).join(", ")}`;
		const message = `${path} has no text in the field ${name}; ${found} (store ${store.name})`;
		throw vaultErrors("MESH_VAULT_FIELD_MISSING", message, api.where());
	};
	const clientId = field("oauth_client_id");
	const clientSecret = new Secret(field("oauth_client_secret"));
	session.mask(clientSecret);
	api.hide(clientSecret);
	return {
		clientId,
		clientSecret
	};
}
function missingHint(mount, place) {
	const below = [
		`${mount}/data/`,
		`${mount}/`,
		"data/"
	].find((prefix) => place.startsWith(prefix));
	if (below === void 0) return {};
	return { hint: `\`credentials.path\` is the path below the mount: write ${place.slice(below.length)}.` };
}
// src/adapters/vault/secret-store.ts
const needed = [
	"create",
	"read",
	"update"
];
function createVaultStore(session) {
	const { store } = session;
	const path = (place) => dataPath(store.mount, place);
	const data = `/v1/${encodePath(`${store.mount}/data`)}/PLACE`;
	return {
		name: store.name,
		capabilities: {
			readable: true,
			compareAndSet: true
		},
		wire: {
			read: `GET ${data}`,
			write: `POST ${data}`
		},
		checkWritable: (place) => checkWritable(session, path(place)),
		read: (place) => read(session, place),
		write: (place, secret, record, ifVersion) => write(session, place, secret, record, ifVersion),
		loginExpiry: () => session.tokenExpiry(),
		close: () => session.close()
	};
}
const CapabilitiesSchema = object({ data: record(string(), array(string())) });
async function checkWritable(session, path) {
	const { store, api } = session;
	if (await isKv2(session) === false) throw vaultErrors("MESH_VAULT_NOT_KV2", `store ${store.name}: ${store.mount} is no KV engine of version 2`, api.where());
	const asked = rightsQuestion(session, path);
	const body = { paths: [asked.path] };
	const reply = await session.call({
		method: "POST",
		path: "sys/capabilities-self",
		body,
		repeatable: true
	}, asked.at);
	const parsed = CapabilitiesSchema.safeParse(reply.json);
	const rights = parsed.success ? parsed.data.data[asked.path] : void 0;
	if (!reply.ok || rights === void 0) {
		session.say(`${store.name}: whether ${path} may be written is not verified: the login may not ask for its own capabilities (${reply.what}: ${reply.status})`);
		return;
	}
	const missing = rights.includes("root") ? [] : needed.filter((capability) => !rights.includes(capability));
	if (missing.length > 0) throw session.lacks(path, needed, missing, `it has ${rights.join(", ")}`);
}
function rightsQuestion({ store: { namespace = "", authNamespace = "" } }, path) {
	if (namespace === authNamespace) return {
		path,
		at: "secrets"
	};
	const prefix = authNamespace === "" ? "" : `${authNamespace}/`;
	if (!namespace.startsWith(prefix)) return {
		path,
		at: "secrets"
	};
	return {
		path: `${namespace.slice(prefix.length)}/${path}`,
		at: "login"
	};
}
async function read(session, place) {
	const { version, data, isDeleted } = await readKv(session, place);
	const found = {
		version: String(version),
		record: null,
		secret: null,
		isConsistent: true
	};
	if (isDeleted) {
		const path = dataPath(session.store.mount, place);
		session.say(`${session.store.name}: version ${version} of ${path} is deleted; the place is taken as empty`);
	}
	if (data === null) return {
		...found,
		kind: "absent"
	};
	const kept = readKeyFields(data);
	if (kept === void 0) return {
		...found,
		kind: "foreign"
	};
	session.mask(kept.secret);
	session.api.hide(kept.secret);
	return {
		...found,
		kind: "present",
		record: kept.record,
		secret: kept.secret
	};
}
async function write(session, place, secret, record, ifVersion) {
	session.mask(secret);
	session.api.hide(secret);
	const written = await writeKv(session, place, keyFields(secret, record), Number(ifVersion));
	return written.kind === "conflict" ? written : {
		kind: "stored",
		version: String(written.version)
	};
}
// src/adapters/vault/open.ts
function createVault(options) {
	const session = openVault(options);
	return {
		keys: createVaultStore(session),
		oauthClient: (place) => readOAuthClient(session, place),
		close: () => session.close()
	};
}
export { createVault };
