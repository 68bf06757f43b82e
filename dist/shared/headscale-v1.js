import { C as Secret } from "./mesh.js";
import { d as controlErrors } from "./http.js";
import { a as anyReply, c as hasNoEndpoint, d as nodesReply, f as policyReply, h as toExpiring, i as findingsOf, l as keyReply, m as toDevice, n as emptiness, o as apiKeysReply, p as toAuthKey, r as checkLife, s as errorTexts, u as keysReply } from "./control.js";
const { createHash } = process.getBuiltinModule("node:crypto");
// src/adapters/control/headscale-v1.ts
const wire = {
	setPolicy: "PUT /api/v1/policy",
	mintKey: "POST /api/v1/preauthkey",
	revokeKey: "DELETE /api/v1/preauthkey?id={id}",
	setDeviceTags: "POST /api/v1/node/{id}/tags",
	setEnabledRoutes: "POST /api/v1/node/{id}/approve_routes",
	deleteDevice: "DELETE /api/v1/node/{id}"
};
const defaultPolicy = {
	text: "",
	version: "default",
	isDefault: true
};
var HeadscaleV1 = class {
	url;
	wire = wire;
	capabilities;
	#api;
	constructor(api, serverVersion) {
		this.#api = api;
		this.url = api.url;
		this.capabilities = {
			provider: "headscale-v1",
			serverVersion,
			policy: {
				validate: "server",
				preview: false,
				etag: false,
				keepsComments: true,
				testsNeedNodes: true,
				ownerAutogroups: false,
				autoApproveIsRetroactive: true
			},
			keys: {
				maxLifetimeSeconds: null,
				description: false,
				revokeIsSoft: false
			},
			devices: {
				list: true,
				change: true,
				approve: true
			}
		};
	}
	now() {
		return this.#api.now();
	}
	async getPolicy() {
		const reply = await this.#api.call("GET", "/api/v1/policy");
		if (!reply.ok && errorTexts(reply.text).some((text) => text.includes("acl policy not found"))) return defaultPolicy;
		return stored(this.#api.read(reply, policyReply).policy);
	}
	async checkPolicy(text) {
		const reply = await this.#api.call("POST", "/api/v1/policy/check", { policy: text }, { repeatable: true });
		if (reply.status === 400) return {
			kind: "failed",
			findings: findingsOf(errorTexts(reply.text))
		};
		this.#api.read(reply, anyReply);
		return { kind: "passed" };
	}
	async previewPolicy() {
		return { kind: "unsupported" };
	}
	async setPolicy(text, ifVersion) {
		const empty = emptiness(text);
		if (empty) return {
			kind: "rejected",
			findings: [empty]
		};
		if ((await this.getPolicy()).version !== ifVersion) return { kind: "conflict" };
		const reply = await this.#api.call("PUT", "/api/v1/policy", { policy: text });
		if (reply.ok) return {
			kind: "written",
			stored: stored(this.#api.read(reply, policyReply).policy)
		};
		return this.#policyRefusal(reply);
	}
	#policyRefusal(reply) {
		const texts = errorTexts(reply.text);
		if (texts.some((text) => text.includes("update is disabled"))) throw controlErrors("MESH_POLICY_READ_ONLY", `${this.url} takes its policy from a file`, { where: { address: this.url } });
		const invalid = texts.some((text) => /^(setting policy|verifying SSH rules): /.test(text));
		if (reply.status !== 400 && !invalid) throw this.#api.failure(reply);
		return {
			kind: "rejected",
			findings: findingsOf(texts)
		};
	}
	async mintKey(request) {
		const { expirySeconds } = request;
		checkLife(expirySeconds);
		const { preAuthKey } = await this.#api.must(keyReply, "POST", "/api/v1/preauthkey", {
			reusable: request.reusable,
			ephemeral: false,
			expiration: new Date(this.#api.now().getTime() + expirySeconds * 1e3).toISOString(),
			aclTags: request.tags
		});
		return {
			key: toAuthKey(preAuthKey, this.#api.now()),
			secret: new Secret(preAuthKey.key)
		};
	}
	async listKeys() {
		const { preAuthKeys } = await this.#api.must(keysReply, "GET", "/api/v1/preauthkey");
		return (preAuthKeys ?? []).map((key) => toAuthKey(key, this.#api.now()));
	}
	async listExpiring() {
		const { apiKeys } = await this.#api.must(apiKeysReply, "GET", "/api/v1/apikey");
		return toExpiring(apiKeys);
	}
	revokeKey(id) {
		return this.#remove(`/api/v1/preauthkey?id=${encodeURIComponent(id)}`, "revoked");
	}
	async listDevices() {
		const { nodes } = await this.#api.must(nodesReply, "GET", "/api/v1/node");
		return (nodes ?? []).map(toDevice);
	}
	async setDeviceTags(id, tags) {
		await this.#api.must(anyReply, "POST", `/api/v1/node/${encodeURIComponent(id)}/tags`, { tags });
	}
	async setEnabledRoutes(id, routes) {
		await this.#api.must(anyReply, "POST", `/api/v1/node/${encodeURIComponent(id)}/approve_routes`, { routes: [...routes] });
	}
	deleteDevice(id) {
		return this.#remove(`/api/v1/node/${encodeURIComponent(id)}`, "deleted");
	}
	async #remove(path, done) {
		const reply = await this.#api.call("DELETE", path);
		if (reply.status === 404 && !hasNoEndpoint(reply)) return "already-gone";
		this.#api.read(reply, anyReply);
		return done;
	}
};
function stored(text) {
	return {
		text,
		version: `sha256:${createHash("sha256").update(text).digest("hex")}`,
		isDefault: text.trim() === ""
	};
}
export { HeadscaleV1 };
