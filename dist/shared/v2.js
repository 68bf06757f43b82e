import { A as Secret, I as inertText, R as MeshError, S as Cidr } from "./mesh.js";
import { t as controlErrors } from "./errors.js";
import { i as findingsOf, n as isDefaultPolicy, r as checkLife, t as emptiness } from "./policy-text.js";
import { a as previewReply, c as toExpiring, n as keyReply, o as toAuthKey, r as keysReply, s as toDevice, t as devicesReply } from "./v2-wire2.js";
import { a as isWebPage, g as warningTexts, i as hasNoEndpoint, l as parseJson, n as apiKeysReply, p as toExpiring$1, r as errorTexts, t as anyReply } from "./wire.js";
import { createHash } from "node:crypto";
// src/adapters/control/tags.ts
function isTagRefusal(text) {
	return /requested tags \[.*\] are invalid or not permitted|\btag tag:\S+ is not defined in policy|may not assign tag|must create tagged auth keys/.test(text);
}
function explainTags(refusal) {
	const { said, wanted, held, ownerTag } = refusal;
	return {
		message: `the credential may not give ${inertText(wanted.join(", "), 200)} (${said})${held === null ? "" : `; it holds ${held.length === 0 ? "no tag" : inertText(held.join(", "), 200)}`}`,
		hint: held === null || held.includes(ownerTag) ? ownersHint(refusal) : credentialHint(refusal, held)
	};
}
function ownersHint(refusal) {
	const { ownerTag, isApiKey, control } = refusal;
	const api = isApiKey && control === "tailscale" ? " An API key may give what the person who made it owns." : "";
	const unknown = isApiKey ? "" : ` The credential itself must hold ${ownerTag}.`;
	return `In the policy that is in force, ${ownerTag} must own the tag. Apply the policy first (acl-apply, or the root action), which brings ${ownersText(refusal)}; then run again.${unknown}${api}`;
}
function credentialHint(refusal, held) {
	const { ownerTag, control } = refusal;
	return `${held.length > 1 ? `A credential with several tags may ask for all of them together or for tags that one of them owns, never for one alone.` : `It may ask for its own tag or for tags which that one owns.`} One edit, once: ${control === "tailscale" ? `in the admin console, Access controls, add ${ownersText(refusal)}; then Settings > Trust credentials, open the credential, and let ${ownerTag} be its only tag` : `add ${ownersText(refusal)} to the policy; then make a client with this tag only: headscale oauth-clients create -s policy_file -s auth_keys -t ${ownerTag}`}. The tag must be in the policy before a credential can hold it.`;
}
function ownersText({ wanted, ownerTag, control }) {
	return `\`"tagOwners": { ${[`"${ownerTag}": [${control === "tailscale" ? "\"autogroup:admin\"" : `"${ownerTag}"`}]`, ...wanted.filter((tag) => tag !== ownerTag).map((tag) => `"${inertText(tag, 80)}": ["${ownerTag}"]`)].join(", ")} }\``;
}
// src/adapters/control/v2.ts
const hujson = "application/hujson";
const mostPages = 100;
var ControlV2 = class {
	url;
	capabilities;
	wire;
	#server;
	#api;
	#tailnet;
	constructor(server) {
		this.#server = server;
		this.#api = server.api;
		this.url = server.api.url;
		this.capabilities = server.capabilities;
		this.#tailnet = `/api/v2/tailnet/${encodeURIComponent(server.tailnet)}`;
		this.wire = {
			setPolicy: `POST ${this.#tailnet}/acl`,
			mintKey: `POST ${this.#tailnet}/keys`,
			revokeKey: `DELETE ${this.#tailnet}/keys/{id}`,
			setDeviceTags: "POST /api/v2/device/{id}/tags",
			setEnabledRoutes: "POST /api/v2/device/{id}/routes",
			deleteDevice: "DELETE /api/v2/device/{id}"
		};
	}
	now() {
		return this.#api.now();
	}
	async getPolicy() {
		const reply = await this.#api.call("GET", `${this.#tailnet}/acl`, void 0, { accept: hujson });
		if (!reply.ok) throw this.#api.failure(reply);
		return this.#stored(reply);
	}
	#stored(reply) {
		const { text } = reply;
		if (isWebPage(text)) throw this.#api.unreadable(reply, errorTexts(text).join());
		return {
			text,
			version: normalEtag(reply.headers["etag"]) ?? hashOf(text),
			isDefault: isDefaultPolicy(text)
		};
	}
	async checkPolicy(text) {
		if (this.#server.check === null) return { kind: "unsupported" };
		if (this.#server.check === "v1/policy/check") {
			const reply = await this.#api.call("POST", "/api/v1/policy/check", { policy: text }, { repeatable: true });
			return this.#verdict(reply, []);
		}
		const reply = await this.#ask("validate", text);
		if (!reply.ok) return this.#verdict(reply, []);
		this.#api.read(reply, anyReply);
		const { message, warnings } = warningTexts(reply.text);
		const details = errorTexts(reply.text).filter((told) => told !== "no reason given" && told !== message);
		const failed = details.length > 0 ? details : message !== "" && warnings.length === 0 ? [message] : [];
		return failed.length > 0 ? {
			kind: "failed",
			findings: findingsOf(failed)
		} : this.#verdict(reply, warnings);
	}
	#verdict(reply, warnings) {
		if (reply.status === 400 || reply.status === 422) return {
			kind: "failed",
			findings: findingsOf(errorTexts(reply.text))
		};
		if (hasNoEndpoint(reply)) return { kind: "unsupported" };
		this.#api.read(reply, anyReply);
		return warnings.length === 0 ? { kind: "passed" } : {
			kind: "passed",
			warnings: warnings.map(warning)
		};
	}
	async previewPolicy(text, type, target) {
		if (!this.capabilities.policy.preview) return { kind: "unsupported" };
		const reply = await this.#ask(`preview?${new URLSearchParams({
			type,
			previewFor: target
		}).toString()}`, text);
		if (reply.status === 400 || reply.status === 422) return {
			kind: "failed",
			findings: findingsOf(errorTexts(reply.text))
		};
		if (hasNoEndpoint(reply)) return { kind: "unsupported" };
		return {
			kind: "matches",
			matches: this.#api.read(reply, previewReply).matches
		};
	}
	#ask(what, text) {
		return this.#api.call("POST", `${this.#tailnet}/acl/${what}`, text, {
			contentType: hujson,
			repeatable: true
		});
	}
	async setPolicy(text, ifVersion) {
		const empty = emptiness(text);
		if (empty) return {
			kind: "rejected",
			findings: [empty]
		};
		const hasEtag = !ifVersion.startsWith("sha256:");
		if (!hasEtag && (await this.getPolicy()).version !== ifVersion) return { kind: "conflict" };
		const reply = await this.#api.call("POST", `${this.#tailnet}/acl`, text, {
			contentType: hujson,
			accept: hujson,
			...hasEtag ? { ifMatch: ifVersion } : {}
		});
		if (reply.ok) return {
			kind: "written",
			stored: reply.text.trim() === "" ? await this.getPolicy() : this.#stored(reply)
		};
		if (reply.status === 412) return { kind: "conflict" };
		return this.#policyRefusal(reply, text);
	}
	async #policyRefusal(reply, text) {
		const texts = errorTexts(reply.text);
		if (texts.some((told) => told.includes("update is disabled"))) throw controlErrors("MESH_POLICY_READ_ONLY", `${this.url} takes its policy from a file`, { where: { address: this.url } });
		if (reply.status !== 400 && reply.status !== 422) throw this.#api.failure(reply);
		const check = texts.join() === "test(s) failed" ? await this.checkPolicy(text) : void 0;
		return {
			kind: "rejected",
			findings: check?.kind === "failed" ? check.findings : findingsOf(texts)
		};
	}
	async mintKey(request) {
		checkLife(request.expirySeconds);
		const reply = await this.#api.call("POST", `${this.#tailnet}/keys`, {
			keyType: "auth",
			description: request.description.replace(/[^A-Za-z0-9 -]/g, "-").slice(0, 50),
			expirySeconds: request.expirySeconds,
			capabilities: { devices: { create: {
				reusable: request.reusable,
				ephemeral: false,
				preauthorized: true,
				tags: request.tags
			} } }
		});
		if (!reply.ok) throw await this.#keyRefusal(reply, request.tags);
		const made = this.#api.read(reply, keyReply);
		if (made.key === "") throw this.#api.unreadable(reply, "there is no key in the answer");
		return {
			key: toAuthKey(made, this.#api.now()),
			secret: new Secret(made.key)
		};
	}
	async #keyRefusal(reply, tags) {
		if (!isTagRefusal(errorTexts(reply.text).join("\n"))) return this.#api.failure(reply);
		const { credential } = this.#server;
		const held = await this.#heldTags();
		const { message, hint } = explainTags({
			...credential,
			said: this.#api.told(reply),
			wanted: tags,
			held
		});
		return controlErrors("MESH_CREDENTIAL_TAGS", message, {
			where: { address: this.url },
			hint
		});
	}
	async #heldTags() {
		const { keyId } = this.#server.credential;
		if (keyId === null) return null;
		const reply = await this.#api.call("GET", `${this.#tailnet}/keys/${encodeURIComponent(keyId)}`).catch(() => void 0);
		const parsed = keyReply.safeParse(reply?.ok ? parseJson(reply.text) : void 0);
		return parsed.success ? parsed.data.tags : null;
	}
	#allKeys() {
		return this.#list(keysReply, `${this.#tailnet}/keys?all=true`, (page) => page.keys);
	}
	async listExpiring() {
		if (this.#server.expiring === null) return null;
		if (this.#server.expiring === "keys") try {
			return toExpiring(await this.#allKeys());
		} catch (error) {
			if (error instanceof MeshError && error.code === "MESH_CREDENTIAL_DENIED") return null;
			throw error;
		}
		const reply = await this.#api.call("GET", "/api/v1/apikey");
		if ([401, 403].includes(reply.status) || hasNoEndpoint(reply)) return null;
		return toExpiring$1(this.#api.read(reply, apiKeysReply).apiKeys);
	}
	async listKeys() {
		const keys = await this.#allKeys();
		const now = this.#api.now();
		return keys.filter(({ keyType }) => keyType === "" || keyType === "auth").map((key) => toAuthKey(key, now));
	}
	revokeKey(id) {
		return this.#remove(`${this.#tailnet}/keys/${encodeURIComponent(id)}`, "revoked");
	}
	async listDevices() {
		return (await this.#list(devicesReply, `${this.#tailnet}/devices?fields=all`, (page) => page.devices)).map(toDevice);
	}
	async setDeviceTags(id, tags) {
		const reply = await this.#api.call("POST", `/api/v2/device/${encodeURIComponent(id)}/tags`, { tags }, { repeatable: true });
		if (!reply.ok) throw await this.#keyRefusal(reply, tags);
		this.#api.read(reply, anyReply);
	}
	async setEnabledRoutes(id, routes) {
		await this.#api.must(anyReply, "POST", `/api/v2/device/${encodeURIComponent(id)}/routes`, { routes: routes.map(canonical) }, { repeatable: true });
	}
	deleteDevice(id) {
		return this.#remove(`/api/v2/device/${encodeURIComponent(id)}`, "deleted");
	}
	async #remove(path, done) {
		const reply = await this.#api.call("DELETE", path, void 0, { repeatable: true });
		if (reply.status === 404 && !hasNoEndpoint(reply)) return "already-gone";
		this.#api.read(reply, anyReply);
		return done;
	}
	async #list(schema, path, pick) {
		const items = [];
		let next = path;
		for (let pages = 0; next !== void 0; pages++) {
			const reply = await this.#api.call("GET", next);
			if (pages === mostPages) throw this.#api.unreadable(reply, `the list has more than ${mostPages} pages`);
			items.push(...pick(this.#api.read(reply, schema)) ?? []);
			next = nextPage(reply, `${this.url}${next}`);
		}
		return items;
	}
};
function nextPage(reply, from) {
	const target = /<([^>]*)>\s*;[^,]*\brel="?next\b/.exec(reply.headers["link"] ?? "")?.[1];
	if (target === void 0 || !URL.canParse(target, from)) return void 0;
	const url = new URL(target, from);
	return url.origin === new URL(from).origin ? `${url.pathname}${url.search}` : void 0;
}
function normalEtag(header) {
	const tag = header?.trim().replace(/^W\//, "");
	if (!tag) return void 0;
	return tag.startsWith("\"") ? tag : `"${tag}"`;
}
function hashOf(text) {
	return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
function warning(text) {
	return {
		severity: "warning",
		text
	};
}
function canonical(route) {
	const [address = "", bits = ""] = route.split("/");
	return Cidr.parse(`${address}/32`) !== void 0 && /^\d+$/.test(bits) && Number(bits) <= 32 ? Cidr.around(address, Number(bits)).text : route;
}
export { ControlV2 };
