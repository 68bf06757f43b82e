import { C as Secret, M as Cidr, R as inertText, z as MeshError } from "./mesh.js";
import { d as controlErrors, f as systemClock, r as mismatch } from "./http.js";
import { C as transform, O as _minLength, S as string, T as unknown, _ as optional, a as _lazy, b as refine, c as boolean, f as looseObject, g as object, h as number, m as nullish, r as _catch, s as array, t as number$1, v as pipe, w as union, y as record } from "./vendor-schema.js";
const { isDeepStrictEqual } = process.getBuiltinModule("node:util");
const { createHash } = process.getBuiltinModule("node:crypto");
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
// src/adapters/control/wire.ts
const time$1 = _lazy(() => pipe(nullish(string()), transform((text) => text ? new Date(text) : null)).check(refine((date) => date === null || !Number.isNaN(date.getTime()), "not a time")));
const texts$1 = _lazy(() => pipe(nullish(array(string())), transform((list) => list ?? [])));
const id$1 = _lazy(() => pipe(union([string(), number()]), transform(String)));
const flag$1 = _lazy(() => pipe(nullish(boolean()), transform((value) => value ?? false)));
const text$1 = _lazy(() => pipe(nullish(string()), transform((value) => value ?? "")));
const anyReply = _lazy(() => looseObject({}));
const tokenReply = _lazy(() => object({
	access_token: string().check(_minLength(1)),
	expires_in: _catch(number$1(), 0),
	scope: _catch(optional(string()), void 0)
}));
const versionReply = _lazy(() => object({ version: string() }));
const policyReply = _lazy(() => object({ policy: string() }));
const preAuthKey = _lazy(() => object({
	id: id$1,
	key: text$1,
	reusable: flag$1,
	ephemeral: flag$1,
	used: flag$1,
	expiration: time$1,
	createdAt: time$1,
	aclTags: texts$1
}));
const keyReply$1 = _lazy(() => object({ preAuthKey }));
const keysReply$1 = _lazy(() => object({ preAuthKeys: nullish(array(preAuthKey)) }));
const apiKey = _lazy(() => object({
	id: optional(id$1),
	prefix: text$1,
	expiration: time$1
}));
const apiKeysReply = _lazy(() => object({ apiKeys: nullish(array(apiKey)) }));
function toExpiring$1(keys) {
	return (keys ?? []).flatMap(({ id: number = "", prefix, expiration }) => expiration === null || expiration.getUTCFullYear() <= 1 ? [] : {
		kind: "api-token",
		id: number,
		name: prefix.replace(/[-*.]+$/, "") || number,
		expires: expiration
	});
}
const node = _lazy(() => object({
	id: id$1,
	name: text$1,
	givenName: text$1,
	nodeKey: text$1,
	ipAddresses: texts$1,
	tags: texts$1,
	online: flag$1,
	expiry: time$1,
	approvedRoutes: texts$1,
	availableRoutes: texts$1,
	subnetRoutes: texts$1,
	user: nullish(object({
		name: text$1,
		email: text$1
	}))
}));
const nodesReply = _lazy(() => object({ nodes: nullish(array(node)) }));
function toAuthKey$1(wire, now) {
	return {
		id: wire.id,
		prefix: /^hskey-auth-[A-Za-z0-9_-]{12}(?=-)/.exec(wire.key)?.[0] ?? null,
		tags: wire.aclTags,
		description: "",
		created: wire.createdAt ?? new Date(0),
		expires: wire.expiration,
		reusable: wire.reusable,
		ephemeral: wire.ephemeral,
		state: stateOf$1(wire, now)
	};
}
function stateOf$1(wire, now) {
	if (wire.used && !wire.reusable) return "used";
	return wire.expiration !== null && wire.expiration.getTime() <= now.getTime() ? "expired" : "usable";
}
function toDevice$1(wire) {
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
const errorBody = _lazy(() => object({
	message: optional(string()),
	data: _catch(nullish(array(object({
		user: text$1,
		errors: nullish(array(string())),
		warnings: nullish(array(string()))
	}))), void 0),
	detail: optional(string()),
	title: optional(string()),
	errors: nullish(array(object({ message: optional(string()) }))),
	error: optional(string()),
	error_description: optional(string())
}));
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
// src/adapters/control/trust.ts
const claim = _catch(optional(union([string(), pipe(number(), transform(String))])), void 0);
const ClaimsSchema = object({
	iss: claim,
	sub: claim,
	aud: _catch(optional(union([string(), pipe(array(string()), transform((list) => list.join(", ")))])), void 0),
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
		throw this.unreadable(reply, mismatch(parsed.error));
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
	return parseJson(text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, string) => string ?? " ").replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_all, string) => string ?? ""));
}
function emptiness(text) {
	const value = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "").trim() === "" ? null : policyValue(text);
	return value === null || typeof value === "object" && Object.keys(value).length === 0 ? {
		severity: "error",
		text: "an empty policy would allow everything"
	} : void 0;
}
const openRules = [
	{
		src: ["*"],
		dst: ["*"],
		ip: ["*"]
	},
	{
		action: "accept",
		src: ["*"],
		dst: ["*:*"]
	},
	{
		action: "accept",
		users: ["*"],
		ports: ["*:*"]
	}
];
const people = [["autogroup:member"], ["autogroup:members"]];
function isDefaultPolicy(text) {
	if (text.trim() === "") return true;
	const value = policyValue(text);
	if (!isObject(value)) return false;
	const { acls, grants, ssh = [], nodeAttrs = [], groups = {}, hosts = {}, tagOwners = {}, ...rest } = value;
	const [open, ...more] = listOf(acls) ?? listOf(grants) ?? [];
	return acls === void 0 !== (grants === void 0) && more.length === 0 && openRules.some((rule) => isDeepStrictEqual(rule, open)) && listOf(ssh)?.every(isOwnDevices) === true && listOf(nodeAttrs)?.every(isFunnel) === true && [
		groups,
		hosts,
		tagOwners,
		rest
	].every((named) => isObject(named) && Object.keys(named).length === 0);
}
function isOwnDevices(rule) {
	return isObject(rule) && isOneOf(rule["src"], people) && isOneOf(rule["dst"], [["autogroup:self"]]);
}
function isFunnel(attribute) {
	return isObject(attribute) && isOneOf(attribute["target"], people) && isOneOf(attribute["attr"], [["funnel"]]);
}
function isOneOf(value, known) {
	return known.some((one) => isDeepStrictEqual(value, one));
}
function listOf(value) {
	return Array.isArray(value) ? value : void 0;
}
function isObject(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
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
// src/adapters/control/v2-wire.ts
const time = _lazy(() => pipe(_catch(nullish(string()), null), transform((text) => {
	const date = text ? new Date(text) : null;
	return date === null || Number.isNaN(date.getTime()) || date.getUTCFullYear() <= 1 ? null : date;
})));
const texts = _lazy(() => pipe(nullish(array(string())), transform((list) => list ?? [])));
const text = _lazy(() => pipe(nullish(string()), transform((value) => value ?? "")));
const flag = _lazy(() => pipe(nullish(boolean()), transform((value) => value ?? false)));
const id = _lazy(() => pipe(union([string(), number()]), transform(String)));
const create = _lazy(() => object({
	reusable: flag,
	ephemeral: flag,
	tags: texts
}));
const key = _lazy(() => object({
	id: string().check(_minLength(1)),
	keyType: text,
	key: text,
	description: text,
	created: time,
	expires: time,
	revoked: time,
	invalid: flag,
	userId: _catch(nullish(string()), void 0),
	capabilities: _catch(nullish(object({ devices: nullish(object({ create: nullish(create) })) })), void 0),
	tags: texts
}));
const keyReply = key;
const keysReply = _lazy(() => object({ keys: nullish(array(key)) }));
const device = _lazy(() => object({
	id: optional(id),
	nodeId: nullish(id),
	name: text,
	hostname: text,
	addresses: texts,
	tags: texts,
	connectedToControl: nullish(boolean()),
	lastSeen: time,
	expires: time,
	keyExpiryDisabled: flag,
	advertisedRoutes: texts,
	enabledRoutes: texts,
	nodeKey: text,
	user: text
}));
const devicesReply = _lazy(() => object({ devices: nullish(array(device.check(refine((d) => Boolean(d.nodeId || d.id), "a device has no id")))) }));
const previewReply = _lazy(() => object({ matches: pipe(nullish(array(object({
	users: texts,
	ports: texts,
	lineNumber: _catch(number(), 0)
}))), transform((list) => (list ?? []).map(({ users, ports, lineNumber }) => ({
	users,
	ports,
	line: lineNumber
})))) }));
const openApiReply = _lazy(() => object({
	openapi: string(),
	info: optional(object({ version: optional(string()) })),
	paths: record(string(), unknown())
}));
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
	await fetchToken(credential, bearer);
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
export { anyReply as a, hasNoEndpoint as c, nodesReply as d, policyReply as f, toExpiring$1 as h, findingsOf as i, keyReply$1 as l, toDevice$1 as m, emptiness as n, apiKeysReply as o, toAuthKey$1 as p, checkLife as r, errorTexts as s, connectControl as t, keysReply$1 as u };
