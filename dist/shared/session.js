import { C as Secret, R as inertText, z as MeshError } from "./mesh.js";
import { t as vaultErrors } from "./http.js";
import { A as _regex, C as transform, S as string, _ as optional, g as object, h as number, m as nullish, r as _catch, s as array, v as pipe, w as union } from "./vendor-schema.js";
// src/adapters/vault/api.ts
const ErrorsSchema = object({ errors: array(string()) });
const retryStatus = [412, 500];
var VaultApi = class {
	url;
	#http;
	#secrets = [];
	constructor(url, http) {
		this.url = url;
		this.#http = http;
	}
	hide(secret) {
		this.#secrets.push(secret);
	}
	async call({ method, path, namespace, token, body, repeatable = method === "GET" }) {
		const location = `/v1/${encodePath(path)}`;
		const what = `${method} ${location}${namespace === void 0 ? "" : ` (namespace ${inertText(namespace, 200)})`}`;
		const reply = await this.#http.request({
			method,
			url: `${this.url}${location}`,
			headers: {
				accept: "application/json",
				"x-vault-request": "true",
				...token === void 0 ? {} : { "x-vault-token": token.reveal() },
				...namespace === void 0 ? {} : { "x-vault-namespace": `${namespace}/` },
				...body === void 0 ? {} : { "content-type": "application/json" }
			},
			...body === void 0 ? {} : { body: JSON.stringify(body) },
			repeatable,
			retryStatus
		}).catch((error) => {
			throw this.#unanswered(what, error);
		});
		return this.#judged(what, reply);
	}
	where() {
		return { where: { address: this.url } };
	}
	#judged(what, reply) {
		const { status, headers } = reply;
		const json = reply.text.trim() === "" ? void 0 : parseJson(reply.text);
		const errors = ErrorsSchema.safeParse(json);
		const said = this.#clean((errors.success ? errors.data.errors : []).join("; "));
		const answered = `${what} was answered ${status}${said === "" ? "" : `: ${said}`}`;
		const place = this.where();
		if (status === 429) throw vaultErrors("MESH_VAULT_LIMITED", answered, place);
		if (/\bis sealed\b/i.test(said)) throw vaultErrors("MESH_VAULT_SEALED", answered, place);
		if (isStandby(said)) throw vaultErrors("MESH_VAULT_STANDBY", answered, place);
		if (/namespace not found/i.test(said)) throw vaultErrors("MESH_VAULT_NAMESPACE", answered, place);
		if (!errors.success && [
			502,
			503,
			504
		].includes(status)) throw vaultErrors("MESH_VAULT_UNREACHABLE", `${answered} by something in front of Vault`, place);
		if (status >= 500 || status === 412) throw vaultErrors("MESH_VAULT_FAILED", answered, place);
		if (!(json instanceof Object && !Array.isArray(json) || status === 204) || status >= 300 && status < 400) {
			const kind = /^\s*</.test(reply.text) ? "a web page" : "no JSON";
			throw vaultErrors("MESH_VAULT_ANSWER", `${what} was answered ${status} with ${kind}: that is not Vault`, place);
		}
		const date = Date.parse(headers["date"] ?? "");
		return {
			status,
			ok: status === 200 || status === 204,
			what,
			json,
			said,
			date: Number.isNaN(date) ? null : new Date(date)
		};
	}
	#unanswered(what, error) {
		if (!(error instanceof MeshError)) return error;
		const details = {
			...this.where(),
			cause: error
		};
		if (error.code === "MESH_HTTP_UNREACHABLE") return vaultErrors("MESH_VAULT_UNREACHABLE", `Vault did not answer ${what}: ${error.message}`, details);
		if (error.code === "MESH_TLS_UNTRUSTED") return vaultErrors("MESH_VAULT_UNTRUSTED", error.message, details);
		if (error.code === "MESH_HTTP_REDIRECT") return vaultErrors("MESH_VAULT_REDIRECT", `${what}: ${error.message}`, details);
		return error;
	}
	#clean(text) {
		const without = this.#secrets.reduce((rest, secret) => rest.replaceAll(secret.reveal(), "[secret]"), text);
		return inertText(without.replace(/\s+/g, " ").trim(), 400);
	}
};
function encodePath(path) {
	return path.split("/").map(encodeURIComponent).join("/");
}
function isStandby(said) {
	return /node is not active|no active \w+ instance|active cluster node not found|in standby mode/i.test(said);
}
function parseJson(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
// src/adapters/vault/claims.ts
const claim = _catch(optional(union([string(), pipe(number(), transform(String))])), void 0);
const ClaimsSchema = object({
	iss: claim,
	aud: _catch(optional(union([string(), pipe(array(string()), transform((list) => list.join(", ")))])), void 0),
	sub: claim,
	ref: claim,
	environment: claim,
	job_workflow_ref: claim,
	repository_id: claim,
	repository_owner_id: claim,
	nbf: _catch(optional(number()), void 0),
	exp: _catch(optional(number()), void 0)
});
function readClaims(idToken) {
	const [, payload = ""] = idToken.reveal().split(".");
	try {
		const claims = ClaimsSchema.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
		return claims.success ? claims.data : {};
	} catch {
		return {};
	}
}
const shownClaims = [
	"iss",
	"aud",
	"sub",
	"ref",
	"environment",
	"job_workflow_ref",
	"repository_id"
];
function claimsLine(claims) {
	return `This job's token says: ${shownClaims.map((name) => `${name}=${shown(claims[name])}`).join(", ")}.`;
}
function shown(value) {
	return value === void 0 ? "(not there)" : inertText(value, 300);
}
function roleLines(claims, login) {
	const bound = Object.fromEntries([
		"repository_id",
		"repository_owner_id",
		"environment",
		"job_workflow_ref"
	].flatMap((name) => {
		const value = claims[name];
		return value === void 0 ? [] : [[name, inertText(value, 300)]];
	}));
	const role = {
		role_type: "jwt",
		user_claim: "repository_id",
		bound_audiences: [inertText(claims.aud ?? "", 300)],
		bound_claims_type: "string",
		bound_claims: bound,
		token_policies: ["tailmesh"],
		token_ttl: "10m"
	};
	return `bao write auth/${login.mount}/role/${login.role} - <<'EOF'\n${JSON.stringify(role)}\nEOF`;
}
function lifeOf({ nbf, exp }) {
	const time = (seconds) => seconds === void 0 || Math.abs(seconds) > 1e11 ? "?" : new Date(seconds * 1e3).toISOString();
	return `from ${time(nbf)} to ${time(exp)}`;
}
// src/adapters/vault/login.ts
function chooseLogin(auth, inputs, store) {
	const { token, roleId, secretId } = inputs;
	if (secretId !== void 0 && roleId === void 0) throw vaultErrors("MESH_VAULT_LOGIN_MISSING", "`vault-secret-id` is given without `vault-role-id`");
	const byToken = token === void 0 ? void 0 : {
		method: "token",
		token: plainSecret(token)
	};
	const mount = auth.method === "approle" ? auth.mount : "approle";
	const byRole = roleId === void 0 ? void 0 : {
		method: "approle",
		mount,
		roleId,
		secretId
	};
	const chosen = auth.method === "approle" ? byRole ?? byToken : byToken ?? byRole;
	if (chosen !== void 0) return chosen;
	if (auth.method === "jwt") return {
		method: "jwt",
		mount: auth.mount,
		role: auth.role
	};
	const needed = auth.method === "token" ? "`vault-token`" : "`vault-role-id` with `vault-secret-id`";
	throw vaultErrors("MESH_VAULT_LOGIN_MISSING", `store ${store} logs in by ${auth.method}, and ${needed} is not given`);
}
function plainSecret(token) {
	const text = token.reveal().trim();
	if (/^[\x21-\x7e]+$/.test(text)) return new Secret(text);
	throw vaultErrors("MESH_VAULT_LOGIN_MISSING", "the input vault-token is empty, or holds characters that no token has");
}
const AuthSchema = object({ auth: object({
	client_token: string().check(_regex(/^[\x21-\x7e]+$/)),
	token_type: optional(string())
}) });
async function logIn(login, context) {
	const { api, mask } = context;
	const keep = (secret) => {
		mask(secret);
		api.hide(secret);
		return secret;
	};
	if (login.method === "token") return {
		secret: keep(login.token),
		isOurs: false,
		isRevocable: false
	};
	const idToken = login.method === "jwt" ? keep(await context.idToken(context.audience)) : void 0;
	if (login.method === "approle" && login.secretId) keep(login.secretId);
	const reply = await api.call({
		method: "POST",
		path: `auth/${login.mount}/login`,
		namespace: context.namespace,
		body: idToken === void 0 ? appRoleBody(login) : jwtBody(login, idToken),
		repeatable: true
	});
	if (!reply.ok) throw refusal(login, reply, idToken, context);
	const parsed = AuthSchema.safeParse(reply.json);
	if (!parsed.success) throw vaultErrors("MESH_VAULT_ANSWER", `${reply.what}: there is no token in the answer`);
	const { client_token: token, token_type: type } = parsed.data.auth;
	return {
		secret: keep(new Secret(token)),
		isOurs: true,
		isRevocable: type !== "batch"
	};
}
function jwtBody(login, idToken) {
	const role = login.method === "jwt" ? login.role : void 0;
	return {
		...role === void 0 ? {} : { role },
		jwt: idToken.reveal()
	};
}
function appRoleBody(login) {
	if (login.method !== "approle") return {};
	const secretId = login.secretId?.reveal().trim();
	return {
		role_id: login.roleId.trim(),
		...secretId === void 0 ? {} : { secret_id: secretId }
	};
}
function refusal(login, reply, idToken, context) {
	const place = context.api.where();
	const said = `${reply.what} was answered ${reply.status}: ${reply.said || "no reason given"}`;
	const mount = login.method === "token" ? "" : login.mount;
	if (reply.status === 403 || reply.status === 404) return vaultErrors("MESH_VAULT_AUTH_MOUNT", `no login method answers at auth/${mount}: ${said}`, place);
	if (idToken === void 0) {
		const isSecret = /secret.?id|role.?id|invalid role/i.test(reply.said);
		return vaultErrors(isSecret ? "MESH_VAULT_APPROLE" : "MESH_VAULT_LOGIN", said, place);
	}
	return jwtRefusal(said, reply, readClaims(idToken), {
		...context,
		mount,
		role: login.method === "jwt" ? login.role : void 0
	});
}
function jwtRefusal(said, reply, claims, context) {
	const { code, advice } = reasonOf(reply, claims, context);
	const lines = [advice ?? vaultErrors.specs[code].hint, claimsLine(claims)];
	if (code === "MESH_VAULT_CLAIM" || code === "MESH_VAULT_AUDIENCE" || code === "MESH_VAULT_ROLE") {
		const role = context.role ?? "tailmesh";
		lines.push("A role that lets in this job and no other:", roleLines(claims, {
			mount: context.mount,
			role
		}));
	}
	return vaultErrors(code, said, {
		...context.api.where(),
		hint: lines.join("\n")
	});
}
function reasonOf({ said, date }, claims, context) {
	if (/could not load configuration/i.test(said)) return {
		code: "MESH_VAULT_AUTH_CONFIG",
		advice: `It was looked for in ${context.namespace === void 0 ? "the root namespace" : `namespace ${context.namespace}`}. ${vaultErrors.specs.MESH_VAULT_AUTH_CONFIG.hint.replaceAll("MOUNT", context.mount)}`
	};
	if (/missing role|role .* could not be found/i.test(said)) return {
		code: "MESH_VAULT_ROLE",
		advice: vaultErrors.specs.MESH_VAULT_ROLE.hint.replace("MOUNT", context.mount)
	};
	if (/\(exp\)|\(nbf\)|\(iat\)|is expired|not yet valid|issued in the future/i.test(said)) {
		const server = date === null ? "" : ` Vault's clock says ${date.toISOString()}.`;
		return {
			code: "MESH_VAULT_CLOCK",
			advice: `The token is good ${lifeOf(claims)}.${server} ${vaultErrors.specs.MESH_VAULT_CLOCK.hint}`
		};
	}
	if (/\(iss\)/i.test(said)) return { code: "MESH_VAULT_ISSUER" };
	if (/\(aud\)|no audiences bound/i.test(said)) return { code: "MESH_VAULT_AUDIENCE" };
	if (/\(sub\)/i.test(said)) return {
		code: "MESH_VAULT_CLAIM",
		advice: "The role has `bound_subject`, which changes with the repository's name and with GitHub's form of it: bind `repository_id` and its like instead."
	};
	if (/claim "[^"]*" (is missing|does not match|not found)|error validating claims/i.test(said)) {
		const name = /claim "([^"]*)"/.exec(said)?.[1];
		return name === void 0 ? { code: "MESH_VAULT_CLAIM" } : {
			code: "MESH_VAULT_CLAIM",
			advice: claimAdvice(name)
		};
	}
	if (/signature|malformed jwt|unknown key|no known key/i.test(said)) return { code: "MESH_VAULT_SIGNATURE" };
	return { code: "MESH_VAULT_LOGIN" };
}
function claimAdvice(name) {
	return `Either this job is not meant to get in, or the role's \`bound_claims\` are to be corrected: ${name}.${name === "environment" ? " It is in the token only when the job has `environment: NAME` in the workflow." : ""}`;
}
// src/adapters/vault/policy.ts
function policyLines(path, capabilities) {
	const list = capabilities.map((capability) => JSON.stringify(capability)).join(", ");
	return `path ${JSON.stringify(path)} {\n  capabilities = [${list}]\n}`;
}
// src/adapters/vault/session.ts
function openVault(options) {
	const { store, login, http } = options;
	return new Session(options, chooseLogin(store.auth, login, store.name), new VaultApi(store.url, http));
}
const LookupSchema = object({ data: object({
	type: optional(string()),
	expire_time: nullish(string())
}) });
var Session = class {
	store;
	clock;
	mask;
	say;
	api;
	#options;
	#login;
	#token;
	constructor(options, login, api) {
		this.store = options.store;
		this.clock = options.clock;
		this.mask = options.mask;
		this.say = options.say;
		this.api = api;
		this.#options = options;
		this.#login = login;
	}
	async call(call, where = "secrets") {
		const namespace = where === "secrets" ? this.store.namespace : this.store.authNamespace;
		const held = this.#current();
		const token = await held;
		const reply = await this.api.call({
			...call,
			namespace,
			token: token.secret
		});
		if (!isTokenRefused(reply)) return reply;
		if (!token.isOurs) throw this.#tokenRefusal(reply);
		if (this.#token === held) this.#token = void 0;
		const again = await this.api.call({
			...call,
			namespace,
			token: (await this.#current()).secret
		});
		if (isTokenRefused(again)) throw this.#tokenRefusal(again);
		return again;
	}
	refusal(reply, path, needed) {
		const said = `${reply.what} was answered ${reply.status}${reply.said === "" ? "" : `: ${reply.said}`}`;
		const place = this.api.where();
		if (reply.status === 403) return this.lacks(path, needed, needed, said);
		if (/no handler for route/i.test(reply.said)) return vaultErrors("MESH_VAULT_MOUNT", said, place);
		if (/unsupported path|unsupported operation/i.test(reply.said)) return vaultErrors("MESH_VAULT_NOT_KV2", said, place);
		if (/check-and-set parameter required/i.test(reply.said)) return vaultErrors("MESH_VAULT_CAS_REQUIRED", said, place);
		return vaultErrors("MESH_VAULT_FAILED", said, place);
	}
	lacks(path, needed, missing, said) {
		const { namespace, name } = this.store;
		const at = namespace === void 0 ? "" : ` in namespace ${namespace}`;
		const lacking = `${missing.length === 1 ? "capability" : "capabilities"} ${missing.join(", ")}`;
		return vaultErrors("MESH_VAULT_CAPABILITY", `the login of store ${name} lacks ${lacking} on ${path}${at}: ${said}`, {
			...this.api.where(),
			hint: `Add to a policy of the login${at}, if a secrets engine is mounted there:\n${policyLines(path, needed)}`
		});
	}
	async tokenExpiry() {
		if ((await this.#current()).isOurs) return null;
		const reply = await this.call({
			method: "GET",
			path: "auth/token/lookup-self"
		}, "login");
		const parsed = LookupSchema.safeParse(reply.json);
		if (!reply.ok || !parsed.success) {
			this.say(`${this.store.name}: when its token ends is not known (${reply.what}: ${reply.status})`);
			return null;
		}
		const { type, expire_time: time } = parsed.data.data;
		if (type === "batch" || time === void 0 || time === null || Number.isNaN(Date.parse(time))) return null;
		return new Date(time);
	}
	async close() {
		const held = this.#token;
		this.#token = void 0;
		const token = await held?.catch(() => void 0);
		if (!token?.isOurs || !token.isRevocable) return;
		const { name, authNamespace } = this.store;
		const left = await endLogin(this.api, token.secret, authNamespace);
		await this.#options.remember(null);
		if (left !== void 0) this.say(`${name}: the login could not be ended (${left}); it ends by itself`);
	}
	#current() {
		this.#token ??= this.#logIn().catch((error) => {
			this.#token = void 0;
			throw error;
		});
		return this.#token;
	}
	async #logIn() {
		const { mask, idToken, store, remember } = this.#options;
		const namespace = store.authNamespace;
		const token = await logIn(this.#login, {
			api: this.api,
			namespace,
			audience: store.url,
			mask,
			idToken
		});
		if (token.isRevocable) await remember(token.secret);
		return token;
	}
	#tokenRefusal(reply) {
		const said = `${reply.what} was answered ${reply.status}: ${reply.said}`;
		return vaultErrors("MESH_VAULT_TOKEN", `the token of store ${this.store.name} is no good: ${said}`, this.api.where());
	}
};
async function endLogin(api, token, namespace) {
	const call = {
		method: "POST",
		path: "auth/token/revoke-self",
		namespace,
		token,
		repeatable: true
	};
	const reply = await api.call(call);
	return reply.ok || isTokenRefused(reply) ? void 0 : `${reply.what}: ${reply.status}`;
}
function isTokenRefused({ status, said }) {
	return status === 403 && (/invalid token|bad token/i.test(said) || /^permission denied$/i.test(said));
}
export { encodePath as i, openVault as n, VaultApi as r, endLogin as t };
