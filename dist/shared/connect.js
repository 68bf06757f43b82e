import { d as number, f as object, g as union, h as string, o as array } from "./vendor-schema.js";
import { A as Secret, I as inertText, R as MeshError } from "./mesh.js";
import { t as systemClock } from "./clock.js";
import { t as controlErrors } from "./errors.js";
import { h as versionReply, l as parseJson, m as tokenReply, r as errorTexts } from "./wire.js";
// src/adapters/control/scopes.ts
const older = {
	acl: ["policy_file"],
	devices: [
		"devices:core",
		"devices:posture_attributes",
		"auth_keys"
	],
	routes: ["devices:routes"]
};
const consoleNames = {
	policy_file: "Policy File",
	auth_keys: "Auth Keys",
	"devices:core": "Devices Core",
	"devices:routes": "Devices Routes"
};
const readSuffix = ":read";
function coversScope(granted, needed) {
	const isRead = needed.endsWith(readSuffix);
	const base = isRead ? needed.slice(0, -5) : needed;
	return granted.some((scope) => {
		const readsOnly = scope.endsWith(readSuffix);
		const name = readsOnly ? scope.slice(0, -5) : scope;
		return (name === "all" || name === base || (older[name]?.includes(base) ?? false)) && (isRead || !readsOnly);
	});
}
function readScopes(text) {
	const scopes = (text ?? "").split(/\s+/).filter((scope) => scope !== "");
	return scopes.length === 0 ? null : scopes;
}
function neededScope(method, path) {
	const mode = method === "GET" || /\/acl\/(validate|preview)\b/.test(path) ? readSuffix : "";
	if (/\/tailnet\/[^/]+\/acl\b/.test(path)) return `policy_file${mode}`;
	if (/\/tailnet\/[^/]+\/keys\b/.test(path)) return `auth_keys${mode}`;
	if (/\/device\/[^/]+\/routes\b/.test(path)) return `devices:routes${mode}`;
	if (/\/(devices|device\/[^/]+)\b/.test(path)) return `devices:core${mode}`;
	return null;
}
function scopeText(scope) {
	const base = scope.replace(/:read$/, "");
	const name = consoleNames[base];
	const right = scope.endsWith(readSuffix) ? "Read" : "Write";
	return name === void 0 ? `\`${scope}\`` : `\`${scope}\` (in Tailscale's console: ${name}, ${right})`;
}
// src/adapters/control/trust.ts
const claim = union([string(), number().transform(String)]).optional().catch(void 0);
const ClaimsSchema = object({
	iss: claim,
	sub: claim,
	aud: union([string(), array(string()).transform((list) => list.join(", "))]).optional().catch(void 0),
	repository: claim,
	repository_id: claim,
	environment: claim,
	workflow_ref: claim
});
function claimsOf(idToken) {
	const [, payload = ""] = idToken.reveal().split(".");
	const claims = ClaimsSchema.safeParse(parseJson(Buffer.from(payload, "base64url").toString("utf8")));
	return claims.success ? claims.data : {};
}
function trustSnippet(claims, audience) {
	const rules = [
		[
			"repository_id",
			claims.repository_id,
			"the token does not say it"
		],
		[
			"environment",
			claims.environment,
			"this job has none: give it `environment: NAME` in the workflow first"
		],
		[
			"workflow_ref",
			claims.workflow_ref,
			"the token does not say it"
		]
	];
	return [
		`Issuer: ${exact(claims.iss, "the token does not say it")}`,
		`Subject: ${exact(claims.sub, "the token does not say it")}`,
		`Audience: ${exact(audience, "none")} (for this server only; another destination gets its own)`,
		...rules.map(([name, value, absent]) => `Custom claim ${name}: ${exact(value, absent)}`)
	];
}
function exact(value, absent) {
	if (value === void 0 || value === "") return `(${absent})`;
	if (value.includes("*")) return "(the job's value has a * in it, which would match others too: rename it)";
	return inertText(value, 300);
}
function missingClaims(claims) {
	return [
		"repository_id",
		"environment",
		"workflow_ref"
	].filter((name) => !claims[name]);
}
// src/adapters/control/bearer.ts
function createBearer(credential, options) {
	if (credential.kind === "api-key") return fixedBearer(credential.apiKey);
	return new TokenBearer(credential, options);
}
function fixedBearer(apiKey) {
	return {
		current: async () => apiKey,
		renewed: async () => void 0,
		scopes: null,
		secrets: [apiKey]
	};
}
const hour = 3600;
const margin = 300;
var TokenBearer = class {
	#credential;
	#options;
	#token;
	#scopes = null;
	#secrets = [];
	#retired = new WeakSet();
	constructor(credential, options) {
		this.#credential = credential;
		this.#options = options;
		if (credential.kind === "oauth-client") this.#secrets.push(credential.clientSecret);
	}
	get scopes() {
		return this.#scopes;
	}
	get secrets() {
		return this.#secrets;
	}
	async current() {
		const token = await this.#fetched();
		if (this.#options.clock.now().getTime() < token.renewAt) return token.secret;
		this.#retire(token.secret);
		return (await this.#fetched()).secret;
	}
	async renewed(refused) {
		this.#retire(refused);
		return (await this.#fetched()).secret;
	}
	#retire(secret) {
		if (this.#retired.has(secret)) return;
		this.#retired.add(secret);
		this.#token = void 0;
	}
	#fetched() {
		this.#token ??= this.#fetch().catch((error) => {
			this.#token = void 0;
			throw error;
		});
		return this.#token;
	}
	#fetch() {
		const { clientId } = this.#credential;
		if (this.#credential.kind === "oauth-client") {
			const form = {
				client_id: clientId,
				client_secret: this.#credential.clientSecret.reveal(),
				grant_type: "client_credentials"
			};
			return this.#exchange("/api/v2/oauth/token", form, (reply) => this.#clientRefusal(reply));
		}
		return this.#byIdentity(clientId, this.#credential.audience);
	}
	async #byIdentity(clientId, audience) {
		const idToken = await this.#options.idToken(audience);
		this.#keepSecret(idToken);
		const form = {
			client_id: clientId,
			jwt: idToken.reveal()
		};
		return this.#exchange("/api/v2/oauth/token-exchange", form, (reply) => identityRefusal(`${this.#options.url}: ${this.#told(reply)}`, idToken, {
			clientId,
			audience
		}, this.#where));
	}
	async #exchange(path, form, refusal) {
		const { http, url, clock } = this.#options;
		const asked = clock.now().getTime();
		const reply = await http.request({
			method: "POST",
			url: `${url}${path}`,
			headers: {
				"content-type": "application/x-www-form-urlencoded",
				accept: "application/json"
			},
			body: new URLSearchParams(form).toString(),
			repeatable: true
		}).catch((error) => {
			if (!(error instanceof MeshError) || error.code !== "MESH_HTTP_UNREACHABLE") throw error;
			throw controlErrors("MESH_CONTROL_DOWN", error.message, {
				where: this.#where,
				cause: error
			});
		});
		if (reply.status !== 200) throw this.#failure(path, reply, refusal);
		const parsed = tokenReply.safeParse(parseJson(reply.text));
		if (!parsed.success || !/^[\x21-\x7e]+$/.test(parsed.data.access_token)) throw controlErrors("MESH_CONTROL_ANSWER", `POST ${path}: there is no token in the answer`, { where: this.#where });
		const secret = new Secret(parsed.data.access_token);
		this.#keepSecret(secret);
		this.#scopes = readScopes(parsed.data.scope);
		const life = parsed.data.expires_in > 0 ? parsed.data.expires_in : hour;
		return {
			secret,
			renewAt: asked + Math.max(life - margin, life / 2) * 1e3
		};
	}
	#failure(path, reply, refusal) {
		const said = `POST ${path} was answered ${reply.status}: ${this.#told(reply)}`;
		const details = { where: this.#where };
		if (reply.status === 429) return controlErrors("MESH_CONTROL_LIMITED", said, details);
		if ([
			502,
			503,
			504
		].includes(reply.status)) return controlErrors("MESH_CONTROL_DOWN", said, details);
		if (reply.status >= 500) return controlErrors("MESH_CONTROL_FAILED", said, details);
		if (reply.status === 404 || reply.status === 405) return controlErrors("MESH_CONTROL_UNKNOWN", said, details);
		return refusal(reply);
	}
	#clientRefusal(reply) {
		const { control, url } = this.#options;
		const id = inertText(this.#credential.clientId, 80);
		return controlErrors("MESH_CREDENTIAL_REJECTED", `${url} does not accept OAuth client ${id}: ${this.#told(reply)}`, {
			where: this.#where,
			hint: clientHint[control]
		});
	}
	#told(reply) {
		const text = errorTexts(reply.text).join("; ");
		return inertText(withoutSecrets(text, this.#secrets), 400);
	}
	#keepSecret(secret) {
		this.#options.mask(secret);
		this.#secrets.push(secret);
	}
	get #where() {
		return { address: this.#options.url };
	}
};
const clientHint = {
	tailscale: "In the admin console, Settings > Trust credentials, is this client still there? Its secret is shown only once: if it may be another's, generate a new credential and store both values, as `oauth-client-id` and as the secret behind `oauth-client-secret` (docs/tailscale.md). An auth key (tskey-auth-…) is no client secret.",
	headscale: "`headscale oauth-clients list` shows whether it is still there; `headscale oauth-clients create -s policy_file -s auth_keys -t tag:ci` makes a new one. Headscale knows the client by its secret alone (hskey-client-…)."
};
function identityRefusal(said, idToken, identity, where) {
	const claims = claimsOf(idToken);
	const usual = `api.tailscale.com/${identity.clientId}`;
	const lacking = missingClaims(claims);
	const hints = [
		"In the admin console, Settings > Trust credentials, open the credential: its page says why the last exchange was refused. It trusts exactly this job when it has:",
		...trustSnippet(claims, identity.audience),
		...identity.audience === usual ? [] : [`The audience that Tailscale gives this credential is ${inertText(usual, 200)}.`],
		...lacking.length === 0 ? [] : [`Not bound yet: ${lacking.join(", ")}.`]
	];
	return controlErrors("MESH_IDENTITY_REJECTED", `the identity of this job was refused by ${said}`, {
		where,
		hint: hints.join("\n")
	});
}
function withoutSecrets(text, secrets) {
	return secrets.reduce((rest, secret) => {
		const value = secret.reveal();
		return rest.replaceAll(value, "[secret]").replaceAll(encodeURIComponent(value), "[secret]");
	}, text);
}
// src/adapters/control/api.ts
var Api = class {
	url;
	#options;
	#ahead = 0;
	constructor(options) {
		this.url = options.url;
		this.#options = options;
	}
	now() {
		return new Date(this.#options.clock.now().getTime() + this.#ahead);
	}
	async call(method, path, body, options = {}) {
		const request = {
			method,
			url: `${this.url}${path}`,
			headers: {
				accept: options.accept ?? "application/json",
				...body === void 0 ? {} : { "content-type": options.contentType ?? "application/json" },
				...options.ifMatch === void 0 ? {} : { "if-match": options.ifMatch }
			},
			...body === void 0 ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) },
			...options.repeatable === void 0 ? {} : { repeatable: options.repeatable }
		};
		const reply = await (options.anonymous ? this.#send(request) : this.#sendWithCredential(request));
		const date = Date.parse(reply.headers["date"] ?? "");
		if (!Number.isNaN(date)) this.#ahead = date - this.#options.clock.now().getTime();
		const { status, text, headers } = reply;
		return {
			ok: status >= 200 && status < 300,
			status,
			text,
			headers,
			what: `${method} ${path}`,
			method,
			path
		};
	}
	async must(schema, method, path, body, options = {}) {
		return this.read(await this.call(method, path, body, options), schema);
	}
	read(reply, schema) {
		if (!reply.ok) throw this.failure(reply);
		const parsed = schema.safeParse(reply.text.trim() === "" ? {} : parseJson(reply.text));
		if (parsed.success) return parsed.data;
		const issue = parsed.error.issues[0];
		const why = issue ? `${issue.path.join(".") || "the body"}: ${issue.message}` : "it cannot be read";
		throw this.unreadable(reply, why);
	}
	unreadable(reply, why) {
		return controlErrors("MESH_CONTROL_ANSWER", `${reply.what}: ${inertText(why, 200)}`, { where: this.#where });
	}
	failure(reply) {
		const message = `${reply.what} was answered ${reply.status}: ${this.told(reply)}`;
		const code = codeOf(reply.status);
		if (code === "MESH_CREDENTIAL_REJECTED") return controlErrors(code, message, {
			where: this.#where,
			hint: this.#options.rejectedHint
		});
		const scope = code === "MESH_CREDENTIAL_DENIED" ? this.#options.missingScope?.(reply.method, reply.path) : null;
		if (!scope) return controlErrors(code, message, { where: this.#where });
		return controlErrors(code, `${message}. It needs the scope ${scope}`, {
			where: this.#where,
			hint: `Add the scope ${scope} to the credential, or make one that has it; docs/tailscale.md and docs/headscale.md list what each action needs.`
		});
	}
	told(reply) {
		return inertText(withoutSecrets(errorTexts(reply.text).join("; "), this.#options.bearer.secrets), 600);
	}
	get #where() {
		return { address: this.url };
	}
	async #sendWithCredential(request) {
		const { bearer } = this.#options;
		const first = await bearer.current();
		const reply = await this.#send({
			...request,
			bearer: first
		});
		if (reply.status !== 401) return reply;
		const second = await bearer.renewed(first);
		return second === void 0 ? reply : this.#send({
			...request,
			bearer: second
		});
	}
	async #send(request) {
		try {
			return await this.#options.http.request(request);
		} catch (error) {
			if (!(error instanceof MeshError) || error.code !== "MESH_HTTP_UNREACHABLE") throw error;
			throw controlErrors("MESH_CONTROL_DOWN", error.message, {
				where: this.#where,
				cause: error
			});
		}
	}
};
function codeOf(status) {
	if (status === 401) return "MESH_CREDENTIAL_REJECTED";
	if (status === 403) return "MESH_CREDENTIAL_DENIED";
	if (status === 404) return "MESH_CONTROL_NOT_FOUND";
	if (status === 429) return "MESH_CONTROL_LIMITED";
	if (status === 502 || status === 503 || status === 504) return "MESH_CONTROL_DOWN";
	return status >= 400 && status < 500 ? "MESH_CONTROL_REJECTED" : "MESH_CONTROL_FAILED";
}
// src/adapters/control/connect.ts
async function connectControl(options) {
	const { kind, credential, http, clock = systemClock, mask, idToken } = options;
	const url = options.url.replace(/\/+$/, "");
	const bearer = createBearer(credential, {
		http,
		url,
		control: kind,
		clock,
		mask,
		idToken
	});
	const api = new Api({
		http,
		url,
		bearer,
		clock,
		rejectedHint: credential.kind === "api-key" ? apiKeyHints[kind] : tokenHints[kind],
		missingScope: (method, path) => missingScope(bearer, method, path)
	});
	if (kind === "headscale") return connectHeadscale(api, bearer, options);
	const [{ ControlV2 }] = await Promise.all([import("./v2.js"), fetchToken(credential, bearer)]);
	return new ControlV2({
		api,
		tailnet: options.tailnet,
		check: "acl/validate",
		expiring: mayListTokens(bearer) ? "keys" : null,
		credential: credentialFacts(options),
		capabilities: {
			provider: "tailscale",
			serverVersion: null,
			policy: {
				validate: "server",
				preview: true,
				etag: true,
				keepsComments: true,
				testsNeedNodes: false,
				ownerAutogroups: true,
				autoApproveIsRetroactive: false
			},
			keys: {
				maxLifetimeSeconds: 7776e3,
				description: true,
				revokeIsSoft: false
			},
			devices: deviceRights(bearer)
		}
	});
}
async function connectHeadscale(api, bearer, options) {
	if (options.credential.kind === "api-key") {
		const found = versionOf(api, await api.call("GET", "/version", void 0, { anonymous: true }));
		if (found.generation === "v1") {
			const { HeadscaleV1 } = await import("./headscale-v1.js");
			return new HeadscaleV1(api, found.version);
		}
		if (found.generation === "v2") return headscaleV2(api, bearer, options, {
			version: found.version,
			paths: []
		});
		return headscaleV2(api, bearer, options, await readOpenApi(api, found.version));
	}
	const document = await readOpenApi(api, null);
	await fetchToken(options.credential, bearer);
	return headscaleV2(api, bearer, options, document);
}
async function headscaleV2(api, bearer, options, document) {
	const { ControlV2 } = await import("./v2.js");
	const has = (ending) => document.paths.some((path) => path.endsWith(ending));
	const isApiKey = options.credential.kind === "api-key";
	const check = has("/acl/validate") ? "acl/validate" : isApiKey ? "v1/policy/check" : null;
	const capabilities = {
		provider: "headscale-v2",
		serverVersion: document.version,
		policy: {
			validate: check === null ? "none" : "server",
			preview: has("/acl/preview"),
			etag: true,
			keepsComments: false,
			testsNeedNodes: true,
			ownerAutogroups: false,
			autoApproveIsRetroactive: true
		},
		keys: {
			maxLifetimeSeconds: null,
			description: true,
			revokeIsSoft: true
		},
		devices: deviceRights(bearer)
	};
	return new ControlV2({
		api,
		tailnet: "-",
		check,
		expiring: isApiKey ? "v1/apikey" : null,
		credential: credentialFacts(options),
		capabilities
	});
}
async function readOpenApi(api, version) {
	const reply = await api.call("GET", "/api/v2/openapi.json", void 0, { anonymous: true });
	if ([
		429,
		502,
		503,
		504
	].includes(reply.status)) throw api.failure(reply);
	const { openApiReply } = await import("./v2-wire.js");
	const parsed = openApiReply.safeParse(parseJson(reply.text));
	const where = { address: api.url };
	if (reply.ok && parsed.success && Object.keys(parsed.data.paths).some((path) => path.endsWith("/acl"))) return {
		version: version ?? parsed.data.info?.version ?? null,
		paths: Object.keys(parsed.data.paths)
	};
	if (version !== null) {
		const said = `${api.url} is Headscale ${inertText(version, 40)}: a build without a version number and without the v2 API of 0.30`;
		throw controlErrors("MESH_CONTROL_UNSUPPORTED", said, { where });
	}
	if (reply.status === 401) {
		const said = `${api.url} has no v2 API, so that it takes API keys only`;
		throw controlErrors("MESH_CREDENTIAL_UNFIT", said, {
			where,
			hint: "Headscale 0.29 knows no OAuth clients: give `api-key` and leave `oauth-client-id` and `oauth-client-secret` out, or upgrade the server to 0.30."
		});
	}
	throw controlErrors("MESH_CONTROL_UNKNOWN", `${api.url} does not answer as Headscale does (${reply.what}: ${reply.status})`, { where });
}
async function fetchToken(credential, bearer) {
	if (credential.kind !== "api-key") await bearer.current();
}
function credentialFacts({ credential, ownerTag, kind }) {
	const isApiKey = credential.kind === "api-key";
	return {
		ownerTag,
		control: kind,
		isApiKey,
		keyId: isApiKey ? null : credential.clientId
	};
}
function mayListTokens({ scopes }) {
	return scopes === null || coversScope(scopes, "api_access_tokens:read");
}
function deviceRights({ scopes }) {
	const may = (scope) => scopes === null || coversScope(scopes, scope);
	return {
		list: may("devices:core:read"),
		change: may("devices:core"),
		approve: may("devices:routes")
	};
}
function missingScope({ scopes }, method, path) {
	const needed = neededScope(method, path);
	return needed === null || scopes !== null && coversScope(scopes, needed) ? null : scopeText(needed);
}
const apiKeyHints = {
	tailscale: "An API key is made in the admin console, Settings > Keys > Generate access token, and expires after 90 days at most; better is an OAuth client or workload identity, which do not (docs/tailscale.md). An auth key (tskey-auth-…) is no API key.",
	headscale: "Make a new one on the Headscale machine with `headscale apikeys create --expiration 90d` and store it as the secret behind `api-key`; `headscale apikeys list` shows when the old one expired."
};
const tokenHints = {
	tailscale: "Fresh tokens of this credential are refused: was it deleted or changed during the run (admin console, Settings > Trust credentials), and is `tailnet.name` the tailnet that it belongs to? A proxy that drops the header Authorization looks the same.",
	headscale: "Fresh tokens of this OAuth client are refused: `headscale oauth-clients list` shows whether it is still there. A proxy that drops the header Authorization looks the same."
};
function versionOf(api, reply) {
	const where = { address: api.url };
	if ([
		429,
		502,
		503,
		504
	].includes(reply.status)) throw api.failure(reply);
	const parsed = versionReply.safeParse(parseJson(reply.text));
	if (!reply.ok || !parsed.success) {
		const told = `${api.url} does not answer as Headscale does (${reply.what}: ${reply.status})`;
		throw controlErrors("MESH_CONTROL_UNKNOWN", told, { where });
	}
	const { version } = parsed.data;
	const numbers = /^v?(\d+)\.(\d+)\./.exec(version);
	if (!numbers) return {
		generation: "unclear",
		version
	};
	const [major, minor] = [Number(numbers[1]), Number(numbers[2])];
	if (major === 0 && minor === 29) return {
		generation: "v1",
		version
	};
	if (major > 0 || minor > 29) return {
		generation: "v2",
		version
	};
	throw controlErrors("MESH_CONTROL_UNSUPPORTED", `${api.url} is Headscale ${inertText(version, 40)}: too old, 0.29 is needed: before it there are no grants and no policy tests. Nothing was changed`, { where });
}
export { connectControl };
