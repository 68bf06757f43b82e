import { R as inertText } from "./mesh.js";
import { f as systemClock, r as mismatch, s as githubError } from "./http.js";
import { C as transform, O as _minLength, S as string, _ as optional, d as literal, g as object, l as extend, m as nullish, n as datetime, o as _undefined, p as nullable, r as _catch, s as array, v as pipe, w as union } from "./vendor-schema.js";
const { createHash } = process.getBuiltinModule("node:crypto");
// src/adapters/github/companion.ts
const time = pipe(datetime(), transform((text) => new Date(text)));
const record = object({
	key_id: string().check(_minLength(1)),
	name: string().check(_minLength(1)),
	tags: array(string()),
	created: time,
	expires: time,
	previous_key_id: nullable(string()),
	minted_by_run: string()
});
const companion = union([extend(record, {
	tailmesh: literal(1),
	pending: nullish(record)
}), object({
	tailmesh: literal(1),
	key_id: optional(_undefined()),
	pending: record
})]);
function companionText({ record: whole, pending }) {
	const fields = whole === null ? {} : fieldsOf(whole);
	return JSON.stringify({
		tailmesh: 1,
		...fields,
		...pending === null ? {} : { pending: fieldsOf(pending) }
	});
}
function readCompanion(text) {
	const parsed = companion.safeParse(parseJson$1(text));
	if (!parsed.success) return void 0;
	const { data } = parsed;
	return {
		record: data.key_id === void 0 ? null : recordOf(data),
		pending: data.pending ? recordOf(data.pending) : null
	};
}
function fieldsOf(one) {
	return {
		key_id: one.keyId,
		name: one.name,
		tags: one.tags,
		created: one.created.toISOString(),
		expires: one.expires.toISOString(),
		previous_key_id: one.previousKeyId,
		minted_by_run: one.mintedByRun
	};
}
function recordOf(wire) {
	return {
		keyId: wire.key_id,
		name: wire.name,
		tags: wire.tags,
		created: wire.created,
		expires: wire.expires,
		previousKeyId: wire.previous_key_id,
		mintedByRun: wire.minted_by_run
	};
}
function parseJson$1(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
// src/adapters/github/environment-api.ts
const longestWait = 90;
const errorBody = object({
	message: _catch(string(), ""),
	errors: _catch(array(_catch(union([string(), pipe(object({ message: string() }), transform((one) => one.message))]), "")), [])
});
var EnvironmentApi = class {
	path;
	address;
	#options;
	#expiry = null;
	constructor(options) {
		const { owner, repo, environment } = options;
		this.#options = options;
		this.path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}/environments/${encodeURIComponent(environment)}`;
		this.address = `environment ${inertText(environment, 80)} of ${inertText(`${owner}/${repo}`, 120)}`;
	}
	get tokenExpiry() {
		return this.#expiry;
	}
	async call(method, below, body, part = false) {
		const { url, token, http, clock } = this.#options;
		const request = {
			method,
			url: `${url.replace(/\/+$/, "")}${this.path}${below}`,
			bearer: token,
			headers: {
				accept: "application/vnd.github+json",
				"x-github-api-version": "2022-11-28",
				...body === void 0 ? {} : { "content-type": "application/json" }
			},
			...body === void 0 ? {} : { body: JSON.stringify(body) },
			repeatable: true,
			...part ? { signal: new AbortController().signal } : {}
		};
		const what = `${method} ${this.path}${below}`;
		for (let left = longestWait;;) {
			const { status, text, headers } = await (await http()).request(request);
			const reply = {
				status,
				text,
				headers,
				what
			};
			this.#expiry = expiryOf(headers) ?? this.#expiry;
			const wait = waitOf(reply, clock.now());
			if (wait === void 0) return reply;
			if (wait > left) throw this.#limited(reply, wait);
			left -= Math.max(1, wait);
			await clock.sleep(Math.max(1, wait) * 1e3);
		}
	}
	read(reply, schema) {
		if (reply.status < 200 || reply.status > 299) throw this.failure(reply);
		const parsed = schema.safeParse(parseJson(reply.text));
		if (parsed.success) return parsed.data;
		const why = mismatch(parsed.error);
		return this.#throw("MESH_GITHUB_FAILED", `${reply.what}: the answer is not GitHub's: ${inertText(why, 200)}`);
	}
	failure(reply) {
		const said = `${reply.what} was answered ${reply.status}: ${inertText(told(reply), 300)}`;
		const where = { address: this.address };
		switch (reply.status) {
			case 401: return githubError("MESH_GITHUB_TOKEN", said, { where });
			case 403: return githubError("MESH_GITHUB_DENIED", `${said}. The token lacks ${neededText(reply)}`, { where });
			case 404: return githubError("MESH_GITHUB_ENVIRONMENT", said, { where });
			case 409:
			case 422: return githubError("MESH_GITHUB_REJECTED", said, { where });
			default: return githubError("MESH_GITHUB_FAILED", said, { where });
		}
	}
	#limited(reply, wait) {
		const until = new Date(this.#options.clock.now().getTime() + wait * 1e3).toISOString();
		const said = `${reply.what} was answered ${reply.status}: ${inertText(told(reply), 200)}; GitHub takes the next one at ${until}`;
		return githubError("MESH_GITHUB_LIMITED", said, { where: { address: this.address } });
	}
	#throw(code, message) {
		throw githubError(code, message, { where: { address: this.address } });
	}
};
function expiryOf(headers) {
	const date = Date.parse(headers["github-authentication-token-expiration"] ?? "");
	return Number.isNaN(date) ? void 0 : new Date(date);
}
function waitOf({ status, headers, text }, now) {
	const after = headers["retry-after"];
	const isSpent = headers["x-ratelimit-remaining"] === "0";
	if (!(status === 429 || status === 403 && (after !== void 0 || isSpent || /rate limit/i.test(text)))) return void 0;
	if (after !== void 0 && /^\d+$/.test(after)) return Number(after);
	const reset = Number(headers["x-ratelimit-reset"]);
	const date = Date.parse(headers["date"] ?? "");
	const from = Number.isNaN(date) ? now.getTime() : date;
	if (isSpent && Number.isFinite(reset)) return Math.max(0, Math.ceil(reset - from / 1e3));
	return 60;
}
function told(reply) {
	const parsed = errorBody.safeParse(parseJson(reply.text));
	if (!parsed.success) return "no reason given";
	const { message, errors } = parsed.data;
	return [message, ...errors].filter((text) => text !== "").join(": ") || "no reason given";
}
function neededText({ headers, what }) {
	const said = (headers["x-accepted-github-permissions"] ?? "").split(";").map((set) => [...set.matchAll(/([a-z_]+)=(read|write|admin)/g)].map(permissionText)).filter((set) => set.length > 0).map((set) => set.join(" and "));
	if (said.length > 0) return said.join(", or ");
	const right = what.startsWith("GET ") ? "read" : "write";
	return `${what.includes("/variables") ? "Variables" : "Secrets"}: ${right} and Environments: ${right}`;
}
function permissionText([, name = "", right = ""]) {
	return `${name.replace(/^actions_variables$/, "variables").replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase())}: ${right}`;
}
function parseJson(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
function secretPath(name) {
	return `/secrets/${encodeURIComponent(name)}`;
}
function variablePath(name) {
	return `/variables/${encodeURIComponent(name)}`;
}
function isMissing({ status }) {
	return status === 404;
}
// src/adapters/github/sealed-box.ts
const publicKeyBytes = 32;
async function sealedBox(text, publicKey) {
	const receiver = Buffer.from(publicKey, "base64");
	if (receiver.length !== publicKeyBytes) return void 0;
	const [{ x25519 }, { hsalsa, xsalsa20poly1305 }, { blake2b }] = await Promise.all([
		import("./ed25519.js"),
		import("./salsa.js"),
		import("./blake2.js")
	]);
	const sender = x25519.keygen();
	const box = xsalsa20poly1305(boxKey(hsalsa, x25519.getSharedSecret(sender.secretKey, receiver)), blake2b(Buffer.concat([sender.publicKey, receiver]), { dkLen: 24 })).encrypt(Buffer.from(text, "utf8"));
	sender.secretKey.fill(0);
	return Buffer.concat([sender.publicKey, box]).toString("base64");
}
function boxKey(hsalsa, shared) {
	const out = new Uint32Array(8);
	hsalsa(words(Buffer.from("expand 32-byte k")), words(shared), new Uint32Array(4), out);
	const key = Buffer.alloc(32);
	out.forEach((word, index) => {
		key.writeUInt32LE(word, index * 4);
	});
	return key;
}
function words(bytes) {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return Uint32Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4, true));
}
// src/adapters/github/secret-store.ts
function createGitHubStore(options) {
	return new GitHubStore(options);
}
const longestName = 255;
const suffix = "_META";
const secretReply = object({ updated_at: datetime({ offset: true }) });
const variableReply = object({
	value: string(),
	updated_at: datetime({ offset: true })
});
const keyReply = object({
	key_id: string().check(_minLength(1)),
	key: string().check(_minLength(1))
});
var GitHubStore = class {
	name;
	capabilities = {
		readable: false,
		compareAndSet: false
	};
	loginKind = "github-token";
	wire;
	#api;
	constructor({ name, environment, repository, url, token, http, clock = systemClock }) {
		const where = { address: `store/${name}` };
		const [owner, repo, ...more] = repository?.split("/") ?? [];
		if (!owner || !repo || more.length > 0) throw githubError("MESH_GITHUB_REPOSITORY", `store ${name}: GITHUB_REPOSITORY does not name a repository`, { where });
		if (token === void 0 || token.isEmpty) throw githubError("MESH_GITHUB_TOKEN_MISSING", `store ${name} is on GitHub, and there is no \`github-token\``, { where });
		this.name = name;
		this.#api = new EnvironmentApi({
			url,
			owner,
			repo,
			environment,
			token,
			http,
			clock
		});
		const { path } = this.#api;
		this.wire = {
			read: `GET ${path}/secrets/PLACE and ${path}/variables/PLACE${suffix}`,
			write: `PUT ${path}/secrets/PLACE, and ${path}/variables/PLACE${suffix} before and after`
		};
	}
	async checkWritable(place) {
		this.#checkName(place);
		await this.#publicKey();
		const variable = await this.#api.call("GET", variablePath(place + suffix));
		if (!isMissing(variable)) this.#api.read(variable, variableReply);
		for (const reply of [await this.#api.call("PUT", secretPath(place), {}), await this.#api.call("POST", "/variables", {})]) if (![400, 422].includes(reply.status)) throw this.#api.failure(reply);
	}
	async read(place) {
		this.#checkName(place);
		return readingOf(await this.#look(place));
	}
	async write(place, secret, record, ifVersion) {
		this.#checkName(place);
		const before = await this.#look(place);
		const reading = readingOf(before);
		if (reading.version !== ifVersion) return { kind: "conflict" };
		if (reading.kind === "foreign") throw this.#error("MESH_GITHUB_FOREIGN", `${place} holds what is not ours`);
		const { key, key_id } = await this.#publicKey();
		const box = await sealedBox(secret.reveal(), key);
		if (box === void 0) throw this.#error("MESH_GITHUB_FAILED", "GitHub's public key is none of X25519");
		const pending = {
			record: before.variable === null ? null : readCompanion(before.variable.value)?.record ?? null,
			pending: record
		};
		await this.#writeVariable(place, companionText(pending), before.variable !== null);
		await this.#writeSecret(place, {
			encrypted_value: box,
			key_id
		});
		const after = await this.#look(place, true);
		if (after.variable?.value !== companionText(pending)) throw await this.#raced(place, after, record);
		const done = companionText({
			record,
			pending: null
		});
		await this.#writeVariable(place, done, true);
		const last = await this.#look(place, true);
		if (last.secretUpdated?.getTime() !== after.secretUpdated?.getTime() && last.variable?.value === done) throw await this.#raced(place, last, record);
		return {
			kind: "stored",
			version: versionOf({
				...after,
				variable: {
					value: done,
					updated: new Date(0)
				}
			})
		};
	}
	async loginExpiry() {
		return this.#api.tokenExpiry;
	}
	async close() {}
	async #look(place, part = false) {
		const secret = await this.#api.call("GET", secretPath(place), void 0, part);
		const variable = await this.#api.call("GET", variablePath(place + suffix), void 0, part);
		return {
			secretUpdated: isMissing(secret) ? null : new Date(this.#api.read(secret, secretReply).updated_at),
			variable: isMissing(variable) ? null : this.#variable(variable)
		};
	}
	#variable(reply) {
		const { value, updated_at } = this.#api.read(reply, variableReply);
		return {
			value,
			updated: new Date(updated_at)
		};
	}
	async #publicKey() {
		return this.#api.read(await this.#api.call("GET", "/secrets/public-key"), keyReply);
	}
	async #writeVariable(place, value, exists) {
		const name = place + suffix;
		if (!exists) {
			const made = await this.#api.call("POST", "/variables", {
				name,
				value
			});
			if (made.status !== 409) return this.#expectSuccess(made);
		}
		this.#expectSuccess(await this.#api.call("PATCH", variablePath(name), {
			name,
			value
		}));
	}
	async #writeSecret(place, body) {
		const written = await this.#api.call("PUT", secretPath(place), body);
		this.#expectSuccess(written);
		const shown = await this.#api.call("GET", secretPath(place), void 0, true);
		const { updated_at } = this.#api.read(shown, secretReply);
		const sent = Date.parse(written.headers["date"] ?? "");
		if (Date.parse(updated_at) < sent - aMinute) throw this.#error("MESH_GITHUB_UNPROVEN", `GitHub took ${place} and shows it as last changed at ${inertText(updated_at, 40)}`);
	}
	async #raced(place, after, record) {
		const theirs = after.variable === null ? void 0 : readCompanion(after.variable.value);
		if (after.variable === null || theirs !== void 0) {
			const text = companionText({
				record: theirs?.record ?? theirs?.pending ?? null,
				pending: record
			});
			await this.#writeVariable(place, text, after.variable !== null);
		}
		return this.#error("MESH_GITHUB_RACE", `another run wrote ${place} at the same time`);
	}
	#expectSuccess(reply) {
		if (reply.status < 200 || reply.status > 299) throw this.#api.failure(reply);
	}
	#checkName(place) {
		if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(place) && !/^GITHUB_/i.test(place) && place.length + 5 <= longestName) return;
		throw this.#error("MESH_GITHUB_NAME", `${inertText(place, 80)} is no name for a secret with a companion`);
	}
	#error(code, message) {
		return githubError(code, message, { where: { address: this.#api.address } });
	}
};
const aMinute = 6e4;
const clockSlack = 1e3;
function readingOf(seen) {
	const { secretUpdated, variable } = seen;
	const companion = variable === null ? void 0 : readCompanion(variable.value);
	const none = {
		version: versionOf(seen),
		record: null,
		secret: null
	};
	if (variable !== null && companion === void 0 || variable === null && secretUpdated !== null) return {
		...none,
		kind: "foreign",
		isConsistent: true
	};
	if (secretUpdated === null || companion === void 0 || variable === null) return {
		...none,
		kind: "absent",
		isConsistent: true
	};
	const isTouched = secretUpdated.getTime() > variable.updated.getTime() + clockSlack;
	return {
		...none,
		kind: "present",
		record: companion.record ?? companion.pending,
		isConsistent: companion.pending === null && !isTouched
	};
}
function versionOf({ secretUpdated, variable }) {
	const parts = [secretUpdated?.toISOString() ?? null, variable?.value ?? null];
	return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
export { createGitHubStore };
