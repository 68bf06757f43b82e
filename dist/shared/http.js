import { t as systemClock } from "./clock.js";
import { t as httpErrors } from "./errors4.js";
import { I as inertText, R as MeshError } from "./mesh.js";
import { X509Certificate } from "node:crypto";
// src/adapters/http/direct.ts
const idle = 4e3;
const modules = {
	"http:": () => process.getBuiltinModule("node:http"),
	"https:": () => process.getBuiltinModule("node:https")
};
function createDirect(settings) {
	const agents = new Map();
	return {
		async send(url, exchange) {
			const protocol = url.protocol === "http:" ? "http:" : "https:";
			const { Agent, request } = modules[protocol]();
			const tls = settings.trust && protocol === "https:" ? { secureContext: settings.trust } : {};
			const agent = agents.get(protocol) ?? new Agent({
				keepAlive: true,
				maxSockets: 4,
				timeout: idle,
				...tls
			});
			agents.set(protocol, agent);
			const { method, body, signal } = exchange;
			const length = body === void 0 ? {} : { "content-length": String(Buffer.byteLength(body)) };
			return await answerTo(request(url, {
				method,
				headers: {
					...exchange.headers,
					...length
				},
				signal,
				agent
			}), body, settings, protocol);
		},
		async [Symbol.asyncDispose]() {
			for (const agent of agents.values()) agent.destroy();
		}
	};
}
function answerTo(request, body, { timeouts }, protocol) {
	return new Promise((resolve, reject) => {
		const limit = timer((code) => request.destroy(timedOut(code)));
		request.on("error", (error) => {
			limit.stop();
			reject(error);
		});
		request.once("socket", (socket) => {
			const connected = () => limit.start(timeouts.headers, "HEADERS_TIMEOUT");
			if (request.reusedSocket || !socket.connecting) return connected();
			limit.start(timeouts.connect, "CONNECT_TIMEOUT");
			socket.once(protocol === "https:" ? "secureConnect" : "connect", connected);
		});
		request.once("response", (response) => {
			limit.stop();
			const { statusCode: status = 0, headersDistinct: headers } = response;
			resolve({
				status,
				headers,
				body: bodyOf(response, timeouts.body)
			});
		});
		request.end(body);
	});
}
async function* bodyOf(response, milliseconds) {
	const limit = timer((code) => response.destroy(timedOut(code)));
	try {
		limit.start(milliseconds, "BODY_TIMEOUT");
		for await (const chunk of response) {
			yield chunk;
			limit.start(milliseconds, "BODY_TIMEOUT");
		}
	} finally {
		limit.stop();
	}
}
function timer(expired) {
	let running;
	return {
		start(milliseconds, code) {
			clearTimeout(running);
			running = setTimeout(() => expired(code), milliseconds);
		},
		stop: () => clearTimeout(running)
	};
}
function timedOut(code) {
	return Object.assign(new Error("took too long"), { code });
}
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
	EPROTO: "no TLS could be agreed on; perhaps that port does not speak it",
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
	CONNECT_TIMEOUT: "connection timed out",
	HEADERS_TIMEOUT: "no answer in time",
	BODY_TIMEOUT: "the answer stopped in the middle",
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
const tls = () => process.getBuiltinModule("node:tls");
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
	if (extra.length === 0) return void 0;
	const { createSecureContext, getCACertificates } = tls();
	return createSecureContext({ ca: [...getCACertificates("default"), ...extra] });
}
function systemTrust(extra) {
	const { createSecureContext, getCACertificates } = tls();
	return createSecureContext({ ca: [...new Set([
		...getCACertificates("default"),
		...getCACertificates("system"),
		...extra
	])] });
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
	return new Client(options);
}
var Client = class {
	#options;
	#roots;
	#clock;
	#requests = [];
	#opened = [];
	#transport;
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
				const isTurnedAway = isLeft && reply.status === 429;
				const isRetried = retriedStatus.has(reply.status) || request.retryStatus?.includes(reply.status) === true;
				if (!isTurnedAway && !(mayRetry && isRetried)) return reply;
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
			this.#transport = this.#open(systemTrust(this.#roots));
			return await this.#exchange(request, url);
		}
	}
	async #exchange(request, url) {
		this.#transport ??= this.#open(defaultTrust(this.#roots));
		const record = {
			method: request.method,
			origin: url.origin,
			path: url.pathname,
			status: 0
		};
		this.#requests.push(record);
		const deadline = AbortSignal.timeout(this.#options.timeouts?.total ?? 6e4);
		try {
			const answer = await (await this.#transport).send(url, {
				method: request.method,
				headers: this.#headers(request),
				body: request.body,
				signal: request.signal ? AbortSignal.any([request.signal, deadline]) : deadline
			});
			record.status = answer.status;
			const body = await readBody(answer.body, url, limitOf(request));
			return {
				status: answer.status,
				headers: firstOf(answer.headers),
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
		const { connect = 5e3, headers = 15e3, body = 15e3 } = timeouts;
		const settings = {
			trust,
			timeouts: {
				connect,
				headers,
				body
			}
		};
		const transport = proxy ? import("./proxied.js").then(({ createProxied }) => createProxied(settings, proxy)) : Promise.resolve(createDirect(settings));
		this.#opened.push(transport);
		return transport;
	}
	async [Symbol.asyncDispose]() {
		const opened = await Promise.all(this.#opened);
		await Promise.all(opened.map((transport) => transport[Symbol.asyncDispose]()));
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
