import { t as require_undici } from "./vendor-undici.js";
import { t as systemClock } from "./clock.js";
import { a as MeshError, i as inertText, s as defineErrors } from "./inert.js";
import { X509Certificate } from "node:crypto";
import { createSecureContext, getCACertificates } from "node:tls";
// src/adapters/http/errors.ts
var import_undici = require_undici();
const httpErrors = defineErrors({
	MESH_HTTP_URL: {
		kind: "config",
		meaning: "An address is not an http or https URL, or it carries a user name or password.",
		hint: "Write it as https://host[:port]. Credentials belong in the inputs for them, never in the address."
	},
	MESH_HTTP_UNREACHABLE: {
		kind: "unreachable",
		meaning: "No connection to the server, or it broke before the answer was complete.",
		hint: "Is the host name right, the server running, and its port open from this runner? `curl -v` to the same address shows which."
	},
	MESH_HTTP_PROXY: {
		kind: "unreachable",
		meaning: "The proxy of HTTPS_PROXY or HTTP_PROXY does not pass the connection on.",
		hint: "Check the proxy's address and rules, or name the host in NO_PROXY if it is to be reached directly."
	},
	MESH_HTTP_REDIRECT: {
		kind: "remote",
		meaning: "The server sends us to another host. A credential is never carried there.",
		hint: "If the other address is the right one, write it in place of this one. Often this is a login page in front of the server."
	},
	MESH_HTTP_TOO_LARGE: {
		kind: "remote",
		meaning: "An answer is larger than what is reasonable for it and was not read to its end.",
		hint: "Is this address the server you mean? A download of this size belongs to another address."
	},
	MESH_TLS_UNTRUSTED: {
		kind: "config",
		meaning: "The server's certificate is signed by nobody this machine trusts. Nothing was sent to it.",
		hint: "For a private authority, give its PEM certificate as input `ca-file` or as `tailnet.ca` of the topology. If the authority is a public one, someone may be in between."
	},
	MESH_TLS_INVALID: {
		kind: "remote",
		meaning: "The server's certificate is expired, not valid yet, or for another name; or the port does not speak TLS. Nothing was sent to it.",
		hint: "Renew the certificate, use the name that is in it, or correct this machine's clock. `openssl s_client -connect host:port` shows it."
	},
	MESH_CA_INVALID: {
		kind: "config",
		meaning: "The file of additional roots holds no readable PEM certificate.",
		hint: "It must hold one or more blocks from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, of authorities and not of a key."
	}
});
// src/adapters/http/failure.ts
const untrusted = new Set([
	"CERT_SIGNATURE_FAILURE",
	"CERT_UNTRUSTED",
	"DEPTH_ZERO_SELF_SIGNED_CERT",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"UNABLE_TO_GET_ISSUER_CERT",
	"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE"
]);
const invalid = {
	CERT_HAS_EXPIRED: "its certificate has expired",
	CERT_NOT_YET_VALID: "its certificate is not valid yet",
	ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
	ERR_SSL_WRONG_VERSION_NUMBER: "that port does not speak TLS",
	ERR_SSL_PACKET_LENGTH_TOO_LONG: "that port does not speak TLS"
};
const unreachable = {
	ECONNREFUSED: "connection refused",
	ECONNRESET: "connection reset",
	EPIPE: "connection reset",
	UND_ERR_SOCKET: "connection closed before the answer was complete",
	ENOTFOUND: "no such host name",
	EAI_AGAIN: "the name server did not answer",
	EHOSTUNREACH: "no route to the host",
	ENETUNREACH: "no route to the network",
	ETIMEDOUT: "connection timed out",
	UND_ERR_CONNECT_TIMEOUT: "connection timed out",
	UND_ERR_HEADERS_TIMEOUT: "no answer in time",
	UND_ERR_BODY_TIMEOUT: "the answer stopped in the middle"
};
function errorCode(error) {
	if (!(error instanceof Error)) return void 0;
	if ("code" in error && typeof error.code === "string") return error.code;
	return errorCode(error instanceof AggregateError ? error.errors[0] : error.cause);
}
function isUntrusted(error) {
	return untrusted.has(errorCode(error) ?? "");
}
function isReset(error) {
	return [
		"ECONNRESET",
		"EPIPE",
		"UND_ERR_SOCKET"
	].includes(errorCode(error) ?? "");
}
function hostPort(url) {
	return `${url.hostname}:${url.port || (url.protocol === "https:" ? "443" : "80")}`;
}
function explain(error, url, limit) {
	if (error instanceof MeshError) return error;
	const code = errorCode(error) ?? "";
	const details = {
		where: { address: url.origin },
		cause: error
	};
	const target = hostPort(url);
	const told = error instanceof Error ? inertText(error.message, 200) : "unknown failure";
	if (untrusted.has(code)) return httpErrors("MESH_TLS_UNTRUSTED", `${target}: its certificate is not trusted by this machine (${code})`, details);
	if (invalid[code] !== void 0) return httpErrors("MESH_TLS_INVALID", `${target}: ${invalid[code]}: ${told}`, details);
	if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") return httpErrors("MESH_HTTP_TOO_LARGE", `${target}: the answer is larger than ${limit} bytes`, details);
	if (/proxy response|proxy connection/i.test(told) || code === "UND_ERR_PRX_TLS") return httpErrors("MESH_HTTP_PROXY", `${target}: the proxy did not connect: ${told}`, details);
	return httpErrors("MESH_HTTP_UNREACHABLE", `${target}: ${unreachable[code] ?? told}`, details);
}
// src/adapters/http/roots.ts
function parseRoots(pem) {
	const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
	if (blocks.length === 0) throw httpErrors("MESH_CA_INVALID", "the additional roots hold no PEM certificate");
	blocks.forEach((block, index) => {
		try {
			new X509Certificate(block);
		} catch (cause) {
			throw httpErrors("MESH_CA_INVALID", `certificate ${index + 1} of the additional roots cannot be read`, { cause });
		}
	});
	return blocks;
}
function defaultTrust(extra) {
	return extra.length === 0 ? void 0 : createSecureContext({ ca: [...getCACertificates("default"), ...extra] });
}
function systemTrust(extra) {
	const all = new Set([
		...getCACertificates("default"),
		...getCACertificates("system"),
		...extra
	]);
	return createSecureContext({ ca: [...all] });
}
// src/adapters/http/http.ts
const mebibyte = 1048576;
const mostRetries = 3;
const mostRedirects = 3;
const firstPause = 250;
const longestPause = 2e4;
const retriedStatus = new Set([
	502,
	503,
	504
]);
const redirectStatus = new Set([
	301,
	302,
	303,
	307,
	308
]);
function createHttp(options) {
	return new UndiciHttp(options);
}
var UndiciHttp = class {
	#options;
	#roots;
	#clock;
	#requests = [];
	#opened = [];
	#dispatcher;
	#trustsSystem = false;
	constructor(options) {
		this.#options = options;
		this.#roots = options.roots === void 0 ? [] : parseRoots(options.roots);
		this.#clock = options.clock ?? systemClock;
	}
	get requests() {
		return this.#requests;
	}
	async request(request) {
		let url = parseUrl(request.url);
		for (let redirects = 0;; redirects++) {
			const reply = await this.#withRetries(request, url);
			const location = reply.headers["location"];
			if (!redirectStatus.has(reply.status) || location === void 0) return reply;
			url = redirectTarget(request, url, location, redirects);
		}
	}
	async #withRetries(request, url) {
		for (let retries = 0;; retries++) {
			const isLeft = retries < mostRetries;
			const mayRetry = isLeft && (request.method === "GET" || request.repeatable === true);
			let pause = firstPause * 2 ** retries;
			try {
				const reply = await this.#once(request, url);
				if (!(isLeft && reply.status === 429) && !(mayRetry && retriedStatus.has(reply.status))) return reply;
				pause = retryAfter(reply.headers["retry-after"], this.#clock.now()) ?? pause;
				if (pause > longestPause) return reply;
			} catch (error) {
				if (request.signal?.aborted) throw request.signal.reason;
				if (!mayRetry || !isReset(error)) throw explain(error, url, limitOf(request));
			}
			await this.#clock.sleep(pause, request.signal);
		}
	}
	async #once(request, url) {
		try {
			return await this.#exchange(request, url);
		} catch (error) {
			if (this.#trustsSystem || !isUntrusted(error)) throw error;
			this.#trustsSystem = true;
			this.#dispatcher = this.#open(systemTrust(this.#roots));
			return await this.#exchange(request, url);
		}
	}
	async #exchange(request, url) {
		this.#dispatcher ??= this.#open(defaultTrust(this.#roots));
		const record = {
			method: request.method,
			origin: url.origin,
			path: url.pathname,
			status: 0
		};
		this.#requests.push(record);
		const deadline = AbortSignal.timeout(this.#options.timeouts?.total ?? 6e4);
		try {
			const reply = await (0, import_undici.request)(url, {
				dispatcher: this.#dispatcher,
				method: request.method,
				headers: this.#headers(request),
				signal: request.signal ? AbortSignal.any([request.signal, deadline]) : deadline,
				...request.body === void 0 ? {} : { body: request.body }
			});
			record.status = reply.statusCode;
			const body = await readBody(reply.body, url, limitOf(request));
			return {
				status: reply.statusCode,
				headers: firstOf(reply.headers),
				body,
				text: new TextDecoder().decode(body)
			};
		} catch (error) {
			if (!deadline.aborted) throw error;
			throw httpErrors("MESH_HTTP_UNREACHABLE", `${hostPort(url)}: no complete answer in time`, {
				where: { address: url.origin },
				cause: error
			});
		} finally {
			this.#options.log?.(`${record.method} ${record.origin}${record.path} → ${record.status || "no answer"}`);
		}
	}
	#headers(request) {
		return {
			"user-agent": this.#options.userAgent,
			...request.headers,
			...request.bearer ? { authorization: `Bearer ${request.bearer.reveal()}` } : {}
		};
	}
	#open(trust) {
		const { timeouts = {}, proxy } = this.#options;
		const tls = trust ? { secureContext: trust } : {};
		const common = {
			connections: 4,
			allowH2: false,
			connectTimeout: timeouts.connect ?? 5e3,
			headersTimeout: timeouts.headers ?? 15e3,
			bodyTimeout: timeouts.body ?? 15e3,
			connect: {
				timeout: timeouts.connect ?? 5e3,
				...tls
			}
		};
		const dispatcher = proxy ? new import_undici.EnvHttpProxyAgent({
			...common,
			requestTls: tls,
			httpProxy: proxy.http ?? "",
			httpsProxy: proxy.https ?? "",
			noProxy: proxy.no ?? ""
		}) : new import_undici.Agent(common);
		this.#opened.push(dispatcher);
		return dispatcher;
	}
	async [Symbol.asyncDispose]() {
		await Promise.all(this.#opened.map((dispatcher) => dispatcher.destroy()));
	}
};
function limitOf(request) {
	return request.bodyLimit ?? 10 * mebibyte;
}
function parseUrl(text) {
	const url = URL.canParse(text) ? new URL(text) : void 0;
	if (!url || !["http:", "https:"].includes(url.protocol)) throw httpErrors("MESH_HTTP_URL", "the address is not an http or https URL");
	if (url.username || url.password) throw httpErrors("MESH_HTTP_URL", `the address of ${url.host} carries a user name or password`);
	return url;
}
function redirectTarget(request, from, location, redirects) {
	const to = URL.canParse(location, from.href) ? new URL(location, from) : void 0;
	const anywhere = request.redirects === "anywhere" && request.bearer === void 0 && to?.protocol === "https:";
	const allowed = request.method === "GET" && redirects < mostRedirects && (to?.origin === from.origin || anywhere);
	if (to && allowed) return to;
	throw httpErrors("MESH_HTTP_REDIRECT", `${hostPort(from)} sends us to ${to ? to.origin : "an unreadable address"}; not followed`, { where: { address: from.origin } });
}
function retryAfter(value, now) {
	if (value === void 0) return void 0;
	if (/^\d+$/.test(value)) return Number(value) * 1e3;
	const date = Date.parse(value);
	return Number.isNaN(date) ? void 0 : Math.max(0, date - now.getTime());
}
function firstOf(headers) {
	return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => {
		const first = typeof value === "string" ? value : value?.[0];
		return first === void 0 ? [] : [[name.toLowerCase(), first]];
	}));
}
async function readBody(stream, url, limit) {
	const chunks = [];
	let size = 0;
	for await (const chunk of stream) {
		size += chunk.length;
		if (size > limit) throw httpErrors("MESH_HTTP_TOO_LARGE", `${hostPort(url)}: the answer is larger than ${limit} bytes`, { where: { address: url.origin } });
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
export { createHttp };
