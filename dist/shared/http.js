import { r as takeEarly } from "./early.js";
import { C as Secret, R as inertText, V as defineErrors, z as MeshError } from "./mesh.js";
const { X509Certificate } = process.getBuiltinModule("node:crypto");
const { setTimeout: setTimeout$1 } = process.getBuiltinModule("node:timers/promises");
// src/adapters/clock.ts
const systemClock = {
	now: () => new Date(),
	sleep: async (milliseconds, signal) => {
		try {
			await setTimeout$1(milliseconds, void 0, signal ? { signal } : {});
		} catch (error) {
			throw signal?.aborted ? signal.reason : error;
		}
	}
};
// src/adapters/control/errors.ts
const controlErrors = defineErrors({
	MESH_CONTROL_DOWN: {
		kind: "unreachable",
		meaning: "The control server does not answer. Joined nodes keep their traffic without it, but nothing can be read or changed.",
		hint: "Is the server running, and its port reachable from this runner? `curl -v URL/health` from here answers both; `journalctl -u headscale` there tells why it stopped."
	},
	MESH_CONTROL_UNKNOWN: {
		kind: "config",
		meaning: "What answers at the address is not the control server that the topology names.",
		hint: "`tailnet.url` is Headscale's `server_url`, without a path. A login page or another site in front of it must let /version and /api/ pass."
	},
	MESH_CONTROL_UNSUPPORTED: {
		kind: "config",
		meaning: "This version of Tailmesh does not speak with that version of the control server.",
		hint: "Use Headscale 0.29 or newer. Older ones know neither grants nor policy tests."
	},
	MESH_CREDENTIAL_MISSING: {
		kind: "config",
		meaning: "There is no credential for the control server, or it is no text that could be one.",
		hint: "Give one of: `oauth-client-id` with `audience`, `oauth-client-id` with `oauth-client-secret`, or `api-key`, or keep the client in Vault (`credentials` of the topology); docs/tailscale.md, docs/headscale.md and docs/vault.md say where each is made. In a pull request from a fork, secrets are empty."
	},
	MESH_CREDENTIAL_INCOMPLETE: {
		kind: "config",
		meaning: "One half of a credential is given and the other is not. Nothing else is tried in its place: a run uses the credential that you meant, or none.",
		hint: "`oauth-client-id` goes with `audience` (workload identity) or with `oauth-client-secret`. In a pull request from a fork, secrets are empty. To use `api-key`, leave the other three out."
	},
	MESH_CREDENTIAL_UNFIT: {
		kind: "config",
		meaning: "That kind of credential does not exist on that kind of control server.",
		hint: "Tailscale takes workload identity, OAuth clients and API keys; Headscale 0.30 OAuth clients and API keys; Headscale 0.29 API keys only."
	},
	MESH_CREDENTIAL_REJECTED: {
		kind: "denied",
		meaning: "The control server does not accept the credential: expired, revoked, mistyped, or of another server.",
		hint: "Make a new one (docs/tailscale.md, docs/headscale.md) and store it as the secret behind the input."
	},
	MESH_CREDENTIAL_DENIED: {
		kind: "denied",
		meaning: "The credential is valid but lacks the right for this request.",
		hint: "Give it the right that the message names, or look for a proxy in front of the server that filters /api/."
	},
	MESH_CREDENTIAL_TAGS: {
		kind: "denied",
		meaning: "The credential may not give a device that tag: it neither holds exactly the tags that were asked for, nor does a tag of it own them in the policy that is in force.",
		hint: "Let the credential hold one tag, the owner tag (`tailnet.owner-tag`, default tag:ci), let the policy make that the owner of every cluster's tag, and apply the policy before keys are minted."
	},
	MESH_IDENTITY_REJECTED: {
		kind: "denied",
		meaning: "The control server does not trust the identity of this job.",
		hint: "Compare the credential in the console with the values that are printed: each must be equal, letter by letter."
	},
	MESH_CONTROL_NOT_FOUND: {
		kind: "remote",
		meaning: "The control server has no such thing or no such endpoint.",
		hint: "If it was there a moment ago, somebody removed it: run again. Otherwise check `tailnet.url`."
	},
	MESH_CONTROL_REJECTED: {
		kind: "remote",
		meaning: "The control server understood the request and refused it; nothing was changed by it.",
		hint: "The message is the server's own. A tag must be in the policy's `tagOwners` before a device can have it: apply the policy first."
	},
	MESH_CONTROL_FAILED: {
		kind: "remote",
		meaning: "The control server failed at the request.",
		hint: "Look at the server's log for this moment (`journalctl -u headscale`), then run again: a run starts by reading what is there."
	},
	MESH_CONTROL_LIMITED: {
		kind: "unreachable",
		meaning: "The control server, or a proxy in front of it, says that we ask too often.",
		hint: "Wait as long as it says and run again. The no-op of a run costs four requests at most: look for other clients."
	},
	MESH_CONTROL_ANSWER: {
		kind: "remote",
		meaning: "The control server's answer is not what its API promises.",
		hint: "Is something in between that rewrites answers? Otherwise please report it, with the server's version."
	},
	MESH_POLICY_READ_ONLY: {
		kind: "denied",
		meaning: "The control server takes its policy from a file and does not let us write it.",
		hint: "Set `policy.mode: database` in Headscale's configuration and restart it, after storing the present file with `headscale policy set -f FILE`."
	}
});
// src/adapters/control/credentials.ts
function chooseCredential(inputs, context) {
	const { clientId, clientSecret, audience, apiKey } = inputs;
	if (clientId !== void 0 && audience !== void 0) {
		if (context.control === "headscale") throw controlErrors("MESH_CREDENTIAL_UNFIT", "`audience` is given, and Headscale has no workload identity", { hint: "Use `oauth-client-id` with `oauth-client-secret` (Headscale 0.30) or `api-key`, and leave `audience` out." });
		return {
			kind: "workload-identity",
			clientId: plain(clientId, "oauth-client-id"),
			audience: plain(audience, "audience")
		};
	}
	if (clientId !== void 0 && clientSecret !== void 0) return {
		kind: "oauth-client",
		clientId: plain(clientId, "oauth-client-id"),
		clientSecret: headerSafe(clientSecret, "oauth-client-secret")
	};
	if (clientId !== void 0) throw incomplete("`oauth-client-id` is given without `audience` and without `oauth-client-secret`");
	if (audience !== void 0) throw incomplete("`audience` is given without `oauth-client-id`");
	if (clientSecret !== void 0) throw incomplete("`oauth-client-secret` is given without `oauth-client-id`");
	if (apiKey !== void 0) return {
		kind: "api-key",
		apiKey: headerSafe(apiKey, "api-key")
	};
	if (context.isStored) return void 0;
	throw controlErrors("MESH_CREDENTIAL_MISSING", "no credential for the control server is given", { hint: missing[context.control] });
}
function storedCredential({ clientId, clientSecret }) {
	return {
		kind: "oauth-client",
		clientId: plain(clientId, "oauth_client_id", "the stored field"),
		clientSecret: headerSafe(clientSecret, "oauth_client_secret", "the stored field")
	};
}
function headerSafe(secret, name, what = "the input") {
	return new Secret(plain(secret.reveal(), name, what));
}
function plain(value, name, what = "the input") {
	const text = value.trim();
	if (text === "") throw controlErrors("MESH_CREDENTIAL_MISSING", `${what} ${name} is empty`);
	if (/^[\x21-\x7e]+$/.test(text)) return text;
	throw controlErrors("MESH_CREDENTIAL_MISSING", `${what} ${name} holds blanks or other characters that no credential has`);
}
function incomplete(message) {
	return controlErrors("MESH_CREDENTIAL_INCOMPLETE", message);
}
const missing = {
	tailscale: "Make one in the admin console, Settings > Trust credentials, with the scopes \"Policy File: Write\" and \"Auth Keys: Write\" and the tag tag:ci; docs/tailscale.md has every step. tag:ci must be in the policy before a credential can hold it: add `\"tagOwners\": {\"tag:ci\": [\"autogroup:admin\"]}` under Access controls first. In a pull request from a fork, secrets are empty.",
	headscale: "Give the input `api-key`: `headscale apikeys create --expiration 90d` prints one. On Headscale 0.30 an OAuth client with fewer rights does as well; docs/headscale.md has both. In a pull request from a fork, secrets are empty."
};
// src/adapters/files/errors.ts
const fileErrors = defineErrors({
	MESH_FILE_READ: {
		kind: "config",
		meaning: "A file is there but cannot be read: a folder in its place, or no right to it.",
		hint: "Paths are relative to the repository's root. Check that it is a plain file that the runner's user may read."
	},
	MESH_FILE_WRITE: {
		kind: "config",
		meaning: "A file of this run or of the checkout could not be written. What was there before is as it was.",
		hint: "Is there room on the disk, and may the runner's user write to its temporary folder (RUNNER_TEMP)?"
	},
	MESH_FILE_OUTSIDE: {
		kind: "refused",
		meaning: "A file was to be written or removed outside the folder of this run, or outside the checkout.",
		hint: "Something replaced part of the run's folder by a link, or a name with `..` got here. Start the job on a clean runner."
	},
	MESH_STORE_FOLDER: {
		kind: "config",
		meaning: "A file store cannot use its folder: no right to it, no plain file at the place, or a link that leads out of it. What was there before is as it was.",
		hint: "`stores.NAME.file.folder` must be a folder that the runner's user may write to, on a file system with hard links; places in it are plain files."
	}
});
// src/adapters/github/errors.ts
const githubError = defineErrors({
	MESH_GITHUB_COMMENT: {
		kind: "denied",
		meaning: "The plan could not be written as a comment on the pull request. The plan itself is not concerned.",
		hint: "Give the job `permissions: { pull-requests: write }` and `github-token: ${{ github.token }}`. Pull requests from forks get a token that may only read: there the step summary has the plan."
	},
	MESH_GITHUB_TOKEN_MISSING: {
		kind: "config",
		meaning: "A store is on GitHub and there is no token that may write there.",
		hint: "Give `github-token` the token of a GitHub App (actions/create-github-app-token) or a fine-grained personal token. The job's own GITHUB_TOKEN can never write secrets, whatever `permissions:` says (docs/github-secrets.md)."
	},
	MESH_GITHUB_REPOSITORY: {
		kind: "config",
		meaning: "A store is on GitHub and this run does not say which repository it belongs to.",
		hint: "GITHUB_REPOSITORY is `owner/name` in every job on GitHub. Elsewhere, set it to the repository that has the environment."
	},
	MESH_GITHUB_TOKEN: {
		kind: "denied",
		meaning: "GitHub does not accept the token: it has expired, was revoked, or is none.",
		hint: "An App's token lives for an hour: make it in the same job, right before this step. A personal token has the date that it was made with."
	},
	MESH_GITHUB_DENIED: {
		kind: "denied",
		meaning: "The token may not do this with the environment's secrets and variables.",
		hint: "The App or the fine-grained personal token needs the repository permissions Environments, Secrets and Variables, each Read and write; after a change an App's owner must accept it. The job's own GITHUB_TOKEN can never have them, whatever `permissions:` says (docs/github-secrets.md)."
	},
	MESH_GITHUB_ENVIRONMENT: {
		kind: "config",
		meaning: "The repository has no environment of that name, or the token does not see the repository.",
		hint: "Make the environment under Settings > Environments, with the very name of the topology, and let the App be installed on this repository. Private repositories on the free plan have no environment secrets: use a Vault store there."
	},
	MESH_GITHUB_NAME: {
		kind: "config",
		meaning: "GitHub takes no secret of that name, or no variable of that name with _META behind it.",
		hint: "Use letters, digits and _, not a digit first, nothing that begins with GITHUB_, and at most 250 characters."
	},
	MESH_GITHUB_FOREIGN: {
		kind: "refused",
		meaning: "The environment has a secret or a variable of that name that Tailmesh did not make. It is not written over.",
		hint: "If it is of no use any more, delete the secret and its _META variable, else give the stored key another `name`."
	},
	MESH_GITHUB_REJECTED: {
		kind: "remote",
		meaning: "GitHub refuses what was sent: a limit is reached, or the environment's public key has just changed.",
		hint: "An environment takes 100 secrets and 100 variables. Otherwise run again."
	},
	MESH_GITHUB_LIMITED: {
		kind: "remote",
		meaning: "GitHub takes no more requests with this token for some time.",
		hint: "Run again after the time in the message. What was begun is finished or repaired by then. A token of its own for this job has a limit of its own."
	},
	MESH_GITHUB_FAILED: {
		kind: "remote",
		meaning: "GitHub's API failed, or something else answered in its place.",
		hint: "Run again; what was begun is finished or repaired. githubstatus.com tells of outages. On GitHub Enterprise Server, GITHUB_API_URL must be its own API."
	},
	MESH_GITHUB_UNPROVEN: {
		kind: "unverified",
		meaning: "GitHub said that it took the secret, and shows it as unchanged. No key was revoked.",
		hint: "Run again: the key is replaced. If it happens twice, look at the secret's date under Settings > Environments."
	},
	MESH_GITHUB_RACE: {
		kind: "conflict",
		meaning: "Two runs wrote the same secret at the same time, and GitHub cannot say which of the two keys it holds. No key was revoked.",
		hint: "Run again: the secret gets a new key and both others are revoked later. One run at a time: put all workflows that change the mesh into one `concurrency` group, and rotate a key in one repository only."
	}
});
// src/adapters/http/errors.ts
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
	},
	MESH_PING_REFUSED: {
		kind: "remote",
		meaning: "The watchdog that is told of a good run does not take it. The run itself is not concerned.",
		hint: "Open the address of `ping-url` by hand: was the check there deleted, or is the secret cut off?"
	}
});
// src/adapters/http/direct.ts
const idle = 4e3;
const modules = {
	"http:": () => process.getBuiltinModule("node:http"),
	"https:": () => process.getBuiltinModule("node:https")
};
function createDirect(settings) {
	const agents = new Map();
	function agentFor(protocol) {
		const known = agents.get(protocol);
		if (known) return known;
		const { Agent } = modules[protocol]();
		const tls = settings.trust ? { secureContext: settings.trust } : {};
		const agent = new Agent({
			keepAlive: true,
			maxSockets: 4,
			timeout: idle,
			...tls
		});
		if (protocol === "https:" && settings.trust === void 0) useEarly(agent);
		agents.set(protocol, agent);
		return agent;
	}
	return {
		async send(url, exchange) {
			const protocol = url.protocol === "http:" ? "http:" : "https:";
			const { request } = modules[protocol]();
			const agent = agentFor(protocol);
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
function useEarly(agent) {
	const connect = agent.createConnection;
	agent.createConnection = (options, ready) => takeEarly(options.host, options.port) ?? connect.call(agent, options, ready);
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
// src/adapters/runner/errors.ts
const runnerError = defineErrors({
	MESH_ROOTS_MISSING: {
		kind: "config",
		meaning: "The PEM file of certificate authorities, input `ca-file`, `tailnet.ca` or `ca` of a Vault store, is not there.",
		hint: "Commit the file, or write it in an earlier step; a path is relative to the checkout."
	},
	MESH_ID_TOKEN_MISSING: {
		kind: "config",
		meaning: "The runner gives this job no ID token, which workload identity (`audience`) and a JWT login at Vault need.",
		hint: "Add `permissions: { id-token: write, contents: read }` to the job. Pull requests from forks never get one, and neither does a job outside GitHub Actions: use `oauth-client-secret` or `api-key` there, and AppRole or `vault-token` for Vault."
	},
	MESH_ARCHIVE_NOT_FOUND: {
		kind: "config",
		meaning: "The tailscale archive could not be read from the path or URL that `tailscale-archive` names.",
		hint: "Check `tailscale-archive`; `{version}` and `{arch}` in it are filled in (amd64, arm64, arm, 386, riscv64). A path is relative to the checkout."
	},
	MESH_ARCHIVE_CHECKSUM_MISSING: {
		kind: "config",
		meaning: "No SHA-256 is known for the tailscale archive: neither as input nor beside the archive.",
		hint: "Give `tailscale-sha256` (one sum, or one `arch=sum` for each architecture), or put a file `….tgz.sha256` beside the archive."
	},
	MESH_ARCHIVE_CHECKSUM_MISMATCH: {
		kind: "refused",
		meaning: "The tailscale archive is not the one that its SHA-256 promises. No node has received it.",
		hint: "If you meant another build, give its sum as `tailscale-sha256`. Otherwise do not use this archive: it was cut short or tampered with."
	},
	MESH_ARCHIVE_LAYOUT: {
		kind: "refused",
		meaning: "The tailscale archive is not laid out as Tailscale's own: one folder `tailscale_VERSION_ARCH` with plain files. No node has received it.",
		hint: "Use an archive from https://pkgs.tailscale.com/stable/ or build yours in that layout; `tailscale-version` must be the version in its folder's name."
	}
});
// src/adapters/http/mismatch.ts
function mismatch({ issues }) {
	const [issue] = issues;
	if (issue === void 0) return "it cannot be read";
	const why = issue.code === "invalid_type" ? `expected ${issue.expected}` : issue.message;
	return `${issue.path.join(".") || "the body"}: ${why}`;
}
// src/adapters/ssh/errors.ts
const sshErrors = defineErrors({
	MESH_SSH_HOST_KEY: {
		kind: "denied",
		meaning: "The machine that answered is not the one whose host key you vouched for. We did not log in.",
		hint: "If the machine was reinstalled, compare on its console with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` and update `host-key` or the known_hosts file. Otherwise somebody may be in between."
	},
	MESH_SSH_HOST_UNKNOWN: {
		kind: "config",
		meaning: "There is no host key to compare with: none in the topology and none for this host and port in the known_hosts file. We did not log in.",
		hint: "Read the key on the machine itself (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`) and set `ssh.host-key`, or add a line for this very host name and port to the known_hosts file."
	},
	MESH_SSH_KNOWN_HOSTS: {
		kind: "config",
		meaning: "The known_hosts file that the topology names does not exist.",
		hint: "Paths are relative to the repository. Commit the file, or set `ssh.host-key` instead."
	},
	MESH_SSH_KEY: {
		kind: "config",
		meaning: "The SSH private key cannot be used: it is not a private key, is encrypted, or its passphrase is wrong.",
		hint: "`ssh-private-key` takes the whole file, from its BEGIN to its END line (OpenSSH or PEM); `ssh-passphrase` its passphrase. `ssh-keygen -yf FILE` tells whether both fit."
	},
	MESH_SSH_AUTH: {
		kind: "denied",
		meaning: "The node does not let this user in with this key.",
		hint: "Is the key's public half in ~/.ssh/authorized_keys of that user on that machine, and is `ssh.user` the right one? The node's journal of sshd tells why it refused."
	},
	MESH_SSH_TIMEOUT: {
		kind: "unreachable",
		meaning: "No SSH connection in time.",
		hint: "Is the machine up, and does a firewall or security group let this runner's address in on that port? Behind NAT a node needs `ssh.jump` or `ssh.host`."
	},
	MESH_SSH_REFUSED: {
		kind: "unreachable",
		meaning: "The machine is there, but nothing listens on the SSH port, or a firewall rejects it.",
		hint: "Check that sshd runs and that `ssh.port` is its port."
	},
	MESH_SSH_DNS: {
		kind: "unreachable",
		meaning: "The host name of a node cannot be resolved from this runner.",
		hint: "Check `ssh.host` for a typing error; private names do not resolve on GitHub's own runners."
	},
	MESH_SSH_UNREACHABLE: {
		kind: "unreachable",
		meaning: "There is no network path to the node, or the connection broke during the handshake.",
		hint: "Try `ssh -v` from the same runner. A private address is only reachable from inside its network, or through `ssh.jump`."
	},
	MESH_SSH_PROTOCOL: {
		kind: "remote",
		meaning: "What answered does not speak SSH as we do: no algorithm in common, or no SSH server at all.",
		hint: "Is `ssh.port` really sshd's? An OpenSSH of the last ten years with its default algorithms always fits."
	},
	MESH_SSH_JUMP: {
		kind: "remote",
		meaning: "A jump host let us in but does not pass the connection on.",
		hint: "It needs `AllowTcpForwarding yes` in its sshd_config, and must itself reach the next host and port."
	},
	MESH_SSH_EXEC: {
		kind: "remote",
		meaning: "The node let us in but does not start a command.",
		hint: "A forced command, a restricted shell or `MaxSessions 0` may stand in the way: the user must be able to run /bin/sh."
	},
	MESH_SSH_EXEC_TIMEOUT: {
		kind: "unreachable",
		meaning: "A command on a node did not end within its limit; its channel was closed. It may have done part of its work, and may still be at it.",
		hint: "Run again: every stage starts by looking at what is there. If it repeats, look at the load, the disk and the journal of that node."
	},
	MESH_SSH_OUTPUT: {
		kind: "remote",
		meaning: "A command on a node printed far more than it can have to say; it was ended.",
		hint: "Look at what that node prints on login (profile files of root) and at its state; then run again."
	},
	MESH_SSH_LOST: {
		kind: "unreachable",
		meaning: "The connection to a node broke while a command ran. It may have done part of its work; what is risky undoes itself.",
		hint: "Run again: it looks at what is there first. If it repeats at the same place, that step cuts the path this runner uses."
	},
	MESH_SUDO_REFUSED: {
		kind: "denied",
		meaning: "The SSH user may not become root without a password.",
		hint: "Allow it with a line in /etc/sudoers.d/tailmesh: `USER ALL=(root) NOPASSWD: /bin/sh`, or use the user root."
	}
});
const vaultErrors = defineErrors({
	MESH_VAULT_UNREACHABLE: {
		kind: "unreachable",
		meaning: "Vault does not answer, or what stands in front of it says that it does not.",
		hint: "Is the address right, the server running, and its port open from this runner? If this Vault is reached through the mesh that this run is to build or repair, it cannot be asked before the mesh stands: use workload identity (`oauth-client-id` with `audience`), or give the credential as an input. Either is used without asking Vault (docs/vault.md)."
	},
	MESH_VAULT_UNTRUSTED: {
		kind: "config",
		meaning: "Vault's certificate is signed by nobody this machine trusts. Nothing was sent to it.",
		hint: "For a private authority, put its PEM certificate into the repository and name the file in `stores.NAME.vault.ca`."
	},
	MESH_VAULT_SEALED: {
		kind: "unreachable",
		meaning: "Vault is sealed: it runs, but cannot read its own storage. Nothing was changed.",
		hint: "Unseal it (`bao operator unseal`, `vault operator unseal`) and run again. A restart seals it unless auto-unseal is set up."
	},
	MESH_VAULT_STANDBY: {
		kind: "unreachable",
		meaning: "That server is on standby and knows no active one. Nothing was changed.",
		hint: "Wait for an active server (`bao operator raft list-peers` shows them), or let the store's `url` be an address that always leads to it."
	},
	MESH_VAULT_REDIRECT: {
		kind: "remote",
		meaning: "Vault's address sends us to another one. A token is never carried there.",
		hint: "A server on standby does this when it may not forward requests, and a login page in front of it does too: let the store's `url` be the address that answers by itself."
	},
	MESH_VAULT_LIMITED: {
		kind: "unreachable",
		meaning: "Vault says that it is asked too often (a rate limit quota), or a proxy in front of it does.",
		hint: "Run again later, or raise the quota (`sys/quotas/rate-limit`)."
	},
	MESH_VAULT_FAILED: {
		kind: "remote",
		meaning: "Vault failed at the request.",
		hint: "The message is the server's own; its log for this moment says more. Then run again: a run starts by reading what is there."
	},
	MESH_VAULT_ANSWER: {
		kind: "remote",
		meaning: "What answers at Vault's address does not answer as Vault does.",
		hint: "`stores.NAME.vault.url` is scheme, host and port, without a path. A login page or another site in front of it must let /v1/ pass."
	},
	MESH_VAULT_NAMESPACE: {
		kind: "config",
		meaning: "Vault does not have that namespace.",
		hint: "`namespace` is where the secrets are, `auth-namespace` where the login is (default: the same). `bao namespace list` shows them. Open-source Vault has none; OpenBao does."
	},
	MESH_VAULT_LOGIN_MISSING: {
		kind: "config",
		meaning: "The store's way of logging in needs inputs that are not given.",
		hint: "Give `vault-role-id` with `vault-secret-id` for approle, `vault-token` for token, or let the store log in by jwt with this job's own identity (`permissions: id-token: write`). In a pull request from a fork, secrets are empty."
	},
	MESH_VAULT_APPROLE: {
		kind: "denied",
		meaning: "Vault does not accept the role id and secret id.",
		hint: "Is the secret id expired or used up (`secret_id_ttl`, `secret_id_num_uses`), or bound to other addresses? `bao write -f auth/approle/role/NAME/secret-id` gives a new one; `bao read auth/approle/role/NAME/role-id` shows the role id."
	},
	MESH_VAULT_AUTH_MOUNT: {
		kind: "config",
		meaning: "No login method answers at that path, in that namespace.",
		hint: "`bao auth list` shows where the methods are mounted: write the path in `stores.NAME.vault.auth.mount`, and its namespace in `auth-namespace`. A role that is bound to other addresses than this runner's is answered so, too."
	},
	MESH_VAULT_AUTH_CONFIG: {
		kind: "config",
		meaning: "The login method is mounted and not configured, or not in that namespace; or it cannot reach the issuer.",
		hint: "`bao write auth/MOUNT/config oidc_discovery_url=https://token.actions.githubusercontent.com bound_issuer=https://token.actions.githubusercontent.com` configures it. Is `auth-namespace` the namespace where that was done?"
	},
	MESH_VAULT_ROLE: {
		kind: "config",
		meaning: "The login names no role, and the method has no default one; or there is no such role.",
		hint: "`bao list auth/MOUNT/role` shows them: name one in `stores.NAME.vault.auth.role`, in the long form of `auth`."
	},
	MESH_VAULT_AUDIENCE: {
		kind: "denied",
		meaning: "The role does not take tokens that are made out to this audience. Tailmesh asks for the store's `url`.",
		hint: "Let `bound_audiences` of the role be the store's `url`, letter by letter."
	},
	MESH_VAULT_CLAIM: {
		kind: "denied",
		meaning: "The role is bound to a claim that this job's token does not have, or has with another value.",
		hint: "Either this job is not meant to get in, or the role's `bound_claims` are to be corrected. `environment` is in the token only when the job has `environment: NAME`."
	},
	MESH_VAULT_CLOCK: {
		kind: "denied",
		meaning: "For Vault, this job's token is expired or not valid yet.",
		hint: "Compare the clocks of this machine and of Vault's (`timedatectl`): a token of GitHub's lives for five minutes."
	},
	MESH_VAULT_ISSUER: {
		kind: "denied",
		meaning: "This job's token was issued by somebody else than the method's `bound_issuer`.",
		hint: "Let `bound_issuer` of the method's configuration be the token's `iss`; an enterprise can have an issuer of its own."
	},
	MESH_VAULT_SIGNATURE: {
		kind: "denied",
		meaning: "Vault cannot verify the signature of this job's token with the keys that it knows.",
		hint: "Do `oidc_discovery_url` or `jwks_url` of the method's configuration belong to the token's `iss`, and can Vault reach them?"
	},
	MESH_VAULT_LOGIN: {
		kind: "denied",
		meaning: "Vault refuses the login.",
		hint: "The message is the server's own; its audit log says more."
	},
	MESH_VAULT_TOKEN: {
		kind: "denied",
		meaning: "Vault does not know the token: expired, revoked, used up, or of another server.",
		hint: "Make a new one and store it as the secret behind `vault-token`. For a login of Tailmesh's own: `token_ttl` of the role must last for a run, and `token_num_uses` must be 0 or larger than the number of its requests."
	},
	MESH_VAULT_CAPABILITY: {
		kind: "denied",
		meaning: "The token's policies lack a capability on that path.",
		hint: "Add the printed lines to a policy of the role (docs/vault.md has the whole of it)."
	},
	MESH_VAULT_MOUNT: {
		kind: "config",
		meaning: "No secrets engine is mounted at that path, in that namespace.",
		hint: "`bao secrets list` shows them: write the path in `stores.NAME.vault.mount` (default secret), and its namespace in `namespace`."
	},
	MESH_VAULT_NOT_KV2: {
		kind: "config",
		meaning: "What is mounted there is no KV engine of version 2: without its check-and-set two runs could overwrite each other.",
		hint: "`bao secrets enable -path=PATH kv-v2` makes one; `bao kv enable-versioning PATH` turns a version 1 into it."
	},
	MESH_VAULT_CAS_REQUIRED: {
		kind: "remote",
		meaning: "Vault asks for a check-and-set that was sent with the write: something in between took it out.",
		hint: "Look for a proxy that rewrites bodies. Nothing was written."
	},
	MESH_VAULT_UNSURE: {
		kind: "unreachable",
		meaning: "A write was sent, no answer came, and the place could not be read afterwards: whether it was written is not known.",
		hint: "Run again when Vault answers: a run starts by reading what is there, and repairs."
	},
	MESH_VAULT_SECRET_MISSING: {
		kind: "config",
		meaning: "There is no secret at the path of `credentials`, or its newest version is deleted.",
		hint: "`bao kv put -mount=MOUNT PATH oauth_client_id=… oauth_client_secret=-` writes one. `credentials.path` is the path below the mount, without `data/`."
	},
	MESH_VAULT_FIELD_MISSING: {
		kind: "config",
		meaning: "The secret at the path of `credentials` lacks a field, or what is in it is no text.",
		hint: "It needs `oauth_client_id` and `oauth_client_secret`; `bao kv patch` adds one."
	}
});
export { createHttp as a, fileErrors as c, controlErrors as d, systemClock as f, runnerError as i, chooseCredential as l, sshErrors as n, httpErrors as o, mismatch as r, githubError as s, vaultErrors as t, storedCredential as u };
