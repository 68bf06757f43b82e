import { R as inertText, z as MeshError } from "./mesh.js";
import { n as sshErrors } from "./http.js";
const { createHash, createHmac } = process.getBuiltinModule("node:crypto");
const { constants } = process.getBuiltinModule("node:os");
const { Readable } = process.getBuiltinModule("node:stream");
// src/adapters/ssh/command.ts
function invocation(script, user) {
	const bytes = new TextEncoder().encode(`{\n${script}\n}\n`);
	const n = bytes.length;
	const shell = `/bin/sh -c 's=$(${`dd bs=${n} count=1 iflag=fullblock 2>/dev/null || dd bs=1 count=${n} 2>/dev/null`}) && eval "$s"'`;
	return {
		command: user === "root" ? shell : `sudo -n ${shell}`,
		script: bytes
	};
}
const refusals = [
	/^sudo: a password is required/m,
	/^sudo: a terminal is required/m,
	/^sudo: .*you must have a tty/m,
	/^sudo: no tty present/m,
	/^sudo: PERM_\w+: /m,
	/^sudo: .*must be owned by uid 0/m,
	/^sudo: .*is not in the sudoers file/m,
	/is not in the sudoers file/,
	/^Sorry, user \S+ (is not allowed to execute|may not run sudo)/m,
	/^sudo: I'm sorry .*\. I'm afraid I can't do that/m,
	/sudo: (command )?not found/
];
function isSudoRefusal(result) {
	return (result.code === 1 || result.code === 127) && result.stdout === "" && refusals.some((pattern) => pattern.test(result.stderr));
}
// src/adapters/ssh/failure.ts
const bySocket = {
	ECONNREFUSED: ["MESH_SSH_REFUSED", "connection refused"],
	ENOTFOUND: ["MESH_SSH_DNS", "no such host name"],
	EAI_AGAIN: ["MESH_SSH_DNS", "the name server did not answer"],
	ETIMEDOUT: ["MESH_SSH_TIMEOUT", "connection timed out"],
	EHOSTUNREACH: ["MESH_SSH_UNREACHABLE", "no route to the host"],
	ENETUNREACH: ["MESH_SSH_UNREACHABLE", "no route to the network"],
	ECONNRESET: ["MESH_SSH_UNREACHABLE", "connection reset during the handshake"]
};
function explain(error, to) {
	if (error instanceof MeshError) return error;
	const details = {
		where: { address: to.address },
		cause: error
	};
	const target = `${to.host}:${to.port}`;
	const told = error instanceof Error ? error.message : String(error);
	const socket = bySocket[textOf(error, "code")];
	if (socket) return sshErrors(socket[0], `${target}: ${socket[1]}`, details);
	if (/privateKey|passphrase/i.test(told)) {
		const encrypted = /no passphrase/i.test(told) ? "it is encrypted and no passphrase is given" : "it cannot be read";
		return sshErrors("MESH_SSH_KEY", `the SSH private key: ${encrypted}`, { cause: error });
	}
	switch (textOf(error, "level")) {
		case "client-authentication": return sshErrors("MESH_SSH_AUTH", `${target}: the key is not accepted for user ${to.user}`, details);
		case "client-timeout": return sshErrors("MESH_SSH_TIMEOUT", `${target}: no SSH handshake in time`, details);
		case "handshake":
		case "protocol": return sshErrors("MESH_SSH_PROTOCOL", `${target}: ${inertText(told, 200)}`, details);
		default: return sshErrors("MESH_SSH_UNREACHABLE", `${target}: ${inertText(told, 200)}`, details);
	}
}
function isNoCommonHostKey(error) {
	return error instanceof Error && /no matching host key format/i.test(error.message);
}
function textOf(error, property) {
	if (!(error instanceof Error)) return "";
	const value = Reflect.get(error, property);
	return typeof value === "string" ? value : "";
}
// src/adapters/ssh/known-hosts.ts
function findKnownKeys(text, host, port) {
	const entries = text.split(/\r?\n/).flatMap(parseLine);
	const bracketed = `[${host.toLowerCase()}]:${port}`;
	const plain = host.toLowerCase();
	const named = (names) => entries.filter((entry) => names.some((name) => matches(entry.hosts, name)));
	const exact = named(port === 22 ? [plain, bracketed] : [bracketed]);
	const usable = exact.some((entry) => entry.marker === void 0) ? exact : [...exact, ...named([plain])];
	return {
		keys: usable.filter((entry) => entry.marker === void 0).map((entry) => entry.key),
		revoked: named([plain, bracketed]).flatMap((entry) => entry.marker === "@revoked" ? [entry.key] : []),
		hasAuthority: usable.some((entry) => entry.marker === "@cert-authority")
	};
}
function parseLine(line) {
	const words = line.trim().split(/[ \t]+/);
	const marker = words[0]?.startsWith("@") ? words.shift() : void 0;
	const [hosts = "", type = "", key = ""] = words;
	return !hosts.startsWith("#") && hosts !== "" && keyType(key) === type && type !== "" ? [{
		marker,
		hosts,
		key: key.replace(/=+$/, "")
	}] : [];
}
function keyType(blob) {
	const bytes = Buffer.from(blob, "base64");
	if (bytes.length < 8) return void 0;
	const length = bytes.readUInt32BE(0);
	return length > 0 && length <= 64 && bytes.length > 4 + length ? bytes.toString("latin1", 4, 4 + length) : void 0;
}
function matches(hosts, name) {
	if (hosts.startsWith("|")) return matchesHash(hosts, name);
	const patterns = hosts.split(",");
	return !patterns.some((p) => p.startsWith("!") && matchesPattern(p.slice(1), name)) && patterns.some((p) => !p.startsWith("!") && matchesPattern(p, name));
}
function matchesPattern(pattern, name) {
	const source = pattern.toLowerCase().replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
	return new RegExp(`^${source}$`).test(name);
}
function matchesHash(field, name) {
	const [, version, salt = "", hash = ""] = field.split("|");
	return version === "1" && createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}
// src/adapters/ssh/host-key.ts
const algorithms = {
	"ssh-ed25519": ["ssh-ed25519"],
	"ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
	"ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
	"ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
	"ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"]
};
function offeredAlgorithms(known, not = []) {
	const rank = (type) => known.includes(type) ? 0 : 1;
	return Object.entries(algorithms).filter(([type]) => !not.includes(type)).sort(([a], [b]) => rank(a) - rank(b)).flatMap(([, names]) => [...names]);
}
function fingerprint(key) {
	return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}
function describeKey(key) {
	return `${keyType(key.toString("base64")) ?? "unreadable"} ${fingerprint(key)}`;
}
async function vouchedFor(hop, address, knownHosts) {
	const details = { where: { address } };
	const target = `${hop.host}:${hop.port}`;
	if (hop.hostKey) return inline(hop.hostKey, target, address);
	if (hop.knownHosts === void 0) throw sshErrors("MESH_SSH_HOST_UNKNOWN", `${target}: no host key and no known_hosts file is given`, details);
	const text = await knownHosts(hop.knownHosts);
	if (text === void 0) throw sshErrors("MESH_SSH_KNOWN_HOSTS", `${hop.knownHosts} does not exist`, { where: { file: hop.knownHosts } });
	const known = findKnownKeys(text, hop.host, hop.port);
	if (known.keys.length === 0) {
		const name = hop.port === 22 ? hop.host : `[${hop.host}]:${hop.port}`;
		const why = known.hasAuthority ? " but a certificate authority, which we cannot check" : "";
		throw sshErrors("MESH_SSH_HOST_UNKNOWN", `${hop.knownHosts} has no key for ${name}${why}`, details);
	}
	return fromKeys(known.keys, known.revoked);
}
function inline(hostKey, target, address) {
	if (hostKey.kind === "fingerprint") {
		const wanted = `SHA256:${hostKey.sha256.replace(/^SHA256:/, "").replace(/=+$/, "")}`;
		return {
			types: [],
			fingerprints: [wanted],
			accepts: (key) => fingerprint(key) === wanted,
			isRevoked: () => false
		};
	}
	const blob = hostKey.key.split(/\s+/).find((word) => keyType(word) !== void 0);
	if (blob !== void 0) return fromKeys([blob.replace(/=+$/, "")], []);
	throw sshErrors("MESH_SSH_HOST_UNKNOWN", `${target}: its host-key is not a public key`, { where: { address } });
}
function fromKeys(keys, revoked) {
	const unpadded = (key) => key.toString("base64").replace(/=+$/, "");
	return {
		types: keys.flatMap((key) => keyType(key) ?? []),
		fingerprints: keys.map((key) => describeKey(Buffer.from(key, "base64"))),
		accepts: (key) => keys.includes(unpadded(key)) && !revoked.includes(unpadded(key)),
		isRevoked: (key) => revoked.includes(unpadded(key))
	};
}
// src/adapters/ssh/dial.ts
const keepAlive = {
	keepaliveInterval: 5e3,
	keepaliveCountMax: 3
};
async function dial(to, vouched, options) {
	const shown = [];
	for (;;) {
		const offered = offeredAlgorithms(vouched.types, shown.flatMap((key) => keyType(key.toString("base64")) ?? []));
		const before = shown.length;
		try {
			return await attempt(to, offered, options, (key) => {
				if (vouched.accepts(key)) return true;
				shown.push(key);
				return false;
			});
		} catch (error) {
			const mismatch = shown.length > before;
			if (mismatch && vouched.types.length === 0 && offered.length > 1 && shown.length < 5) continue;
			if (mismatch || shown.length > 0 && isNoCommonHostKey(error)) throw wrongHost(to, vouched, shown, error);
			throw explain(error, to);
		}
	}
}
function wrongHost(to, vouched, shown, cause) {
	const seen = shown.map(describeKey).join(", ");
	const what = shown.some((key) => vouched.isRevoked(key)) ? "its host key is marked as revoked" : "its host key is another";
	return sshErrors("MESH_SSH_HOST_KEY", `${to.host}:${to.port}: ${what}: expected ${vouched.fingerprints.join(" or ")}, got ${seen}; nothing was changed`, {
		where: { address: to.address },
		cause
	});
}
async function attempt(to, offered, options, isRightHost) {
	options.signal?.throwIfAborted();
	const { NodeSSH } = await import("./esm.js");
	const sock = await options.via?.();
	const ssh = new NodeSSH();
	const connecting = ssh.connect({
		...sock ? { sock } : {},
		host: to.host,
		port: to.port,
		username: to.user,
		privateKey: options.privateKey.reveal().replaceAll("\r\n", "\n"),
		...options.passphrase && !options.passphrase.isEmpty ? { passphrase: options.passphrase.reveal() } : {},
		authHandler: ["publickey"],
		readyTimeout: options.timeout,
		...keepAlive,
		algorithms: { serverHostKey: [...offered] },
		hostVerifier: isRightHost
	});
	const client = ssh.connection;
	if (!client) {
		await connecting;
		throw new Error("no connection");
	}
	client.setNoDelay(true);
	let broken;
	client.on("error", (error) => {
		broken ??= error;
	});
	const closed = new Promise((resolve) => client.once("close", () => resolve()));
	const abort = () => {
		client.destroy();
	};
	options.signal?.addEventListener("abort", abort, { once: true });
	try {
		await connecting;
	} catch (error) {
		client.destroy();
		options.signal?.removeEventListener("abort", abort);
		options.signal?.throwIfAborted();
		throw broken ?? error;
	}
	return {
		client,
		broken: () => broken,
		async close() {
			options.signal?.removeEventListener("abort", abort);
			client.end();
			const late = setTimeout(() => client.destroy(), 500);
			await closed;
			clearTimeout(late);
		}
	};
}
// src/adapters/ssh/exec.ts
const sliceSize = 262144;
function exec(connection, request) {
	const { client } = connection;
	const where = { address: request.address };
	return new Promise((resolve, reject) => {
		let channel;
		let code;
		const lost = () => {
			const cause = connection.broken();
			settle(() => reject(sshErrors("MESH_SSH_LOST", "the connection broke while a command ran", {
				where,
				cause
			})));
		};
		const timer = setTimeout(() => {
			const limit = `a command did not end within ${request.timeout / 1e3} seconds`;
			settle(() => reject(sshErrors("MESH_SSH_EXEC_TIMEOUT", limit, { where })));
			channel?.signal("KILL");
			channel?.close();
		}, request.timeout);
		const settle = (how) => {
			clearTimeout(timer);
			client.removeListener("close", lost);
			how();
		};
		const output = new Output(request.outputLimit, () => {
			settle(() => reject(sshErrors("MESH_SSH_OUTPUT", `more than ${request.outputLimit} bytes of output`, { where })));
			channel?.close();
		});
		client.once("close", lost);
		const opened = (error, stream) => {
			if (error) {
				settle(() => reject(sshErrors("MESH_SSH_EXEC", "the command was not started", {
					where,
					cause: error
				})));
				return;
			}
			channel = stream;
			stream.on("exit", (status, signal) => {
				code = status ?? signalCode(signal);
			});
			stream.on("data", (chunk) => output.add("stdout", chunk));
			stream.stderr.on("data", (chunk) => output.add("stderr", chunk));
			stream.on("error", () => void 0);
			stream.on("close", () => code === void 0 ? lost() : settle(() => resolve(output.result(code ?? 255))));
			Readable.from(slices(request.input)).pipe(stream);
		};
		try {
			client.exec(request.command, opened);
		} catch {
			lost();
		}
	});
}
function signalCode(signal) {
	return 128 + (constants.signals[`SIG${signal?.replace(/^SIG/, "") ?? ""}`] ?? 0);
}
function* slices(parts) {
	for (const part of parts) for (let at = 0; at < part.length; at += sliceSize) yield part.subarray(at, at + sliceSize);
}
var Output = class {
	#limit;
	#onOverflow;
	#chunks = {
		stdout: [],
		stderr: []
	};
	#size = 0;
	constructor(limit, onOverflow) {
		this.#limit = limit;
		this.#onOverflow = onOverflow;
	}
	add(stream, chunk) {
		this.#size += chunk.length;
		if (this.#size > this.#limit) this.#onOverflow();
		else this.#chunks[stream].push(chunk);
	}
	result(code) {
		const { stdout, stderr } = this.#chunks;
		return {
			code,
			stdout: Buffer.concat(stdout).toString(),
			stderr: Buffer.concat(stderr).toString()
		};
	}
};
// src/adapters/ssh/turns.ts
var Turns = class {
	#waiting = [];
	#free;
	constructor(most) {
		this.#free = Math.max(1, most);
	}
	async take(work) {
		if (this.#free > 0) this.#free -= 1;
		else await new Promise((resolve) => this.#waiting.push(resolve));
		try {
			return await work();
		} finally {
			const next = this.#waiting.shift();
			if (next) next();
			else this.#free += 1;
		}
	}
};
// src/adapters/ssh/shell.ts
const outputLimit = 8388608;
const mostAtATime = 4;
function createShell(options) {
	return new NodeShell(options);
}
var NodeShell = class {
	#options;
	#turns;
	#files = new Map();
	connections = 0;
	jumps = 0;
	constructor(options) {
		this.#options = options;
		this.#turns = new Turns(options.concurrency);
	}
	open(node) {
		return this.#turns.take(() => this.#open(node));
	}
	async #open(node) {
		const address = `node/${node.name}`;
		const hops = [];
		try {
			for (const hop of node.ssh.jump) {
				hops.unshift(await this.#dial(hop, address, hops[0]));
				this.jumps += 1;
			}
			const connection = await this.#dial(node.ssh, address, hops[0]);
			this.connections += 1;
			return new NodeSession(node, connection, hops);
		} catch (error) {
			await Promise.all(hops.map((hop) => hop.close()));
			throw error;
		}
	}
	async #dial(hop, address, over) {
		const to = {
			user: hop.user,
			host: hop.host,
			port: hop.port,
			address
		};
		return dial(to, await vouchedFor(hop, address, (path) => this.#read(path)), {
			privateKey: this.#options.privateKey,
			passphrase: this.#options.passphrase,
			timeout: this.#options.connectTimeout ?? 1e4,
			signal: this.#options.signal,
			via: over && (() => forward(over, to, this.#options.connectTimeout ?? 1e4))
		});
	}
	#read(path) {
		const known = this.#files.get(path) ?? this.#options.knownHosts(path);
		this.#files.set(path, known);
		return known;
	}
};
function forward(over, to, timeout) {
	const target = `${to.host}:${to.port}`;
	const where = { address: to.address };
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(sshErrors("MESH_SSH_TIMEOUT", `${target}: the jump host did not connect in time`, { where })), timeout);
		over.client.forwardOut("127.0.0.1", 0, to.host, to.port, (error, stream) => {
			clearTimeout(timer);
			if (!error) {
				resolve(stream);
				return;
			}
			const why = inertText(error.message, 200);
			reject(sshErrors("MESH_SSH_JUMP", `${target}: the jump host did not connect: ${why}`, {
				where,
				cause: error
			}));
		});
	});
}
var NodeSession = class {
	node;
	#user;
	#connection;
	#hops;
	#turns = new Turns(mostAtATime);
	execs = 0;
	constructor(node, connection, hops) {
		this.node = node.name;
		this.#user = node.ssh.user;
		this.#connection = connection;
		this.#hops = hops;
	}
	async run(script, options) {
		const { command, script: bytes } = invocation(script, this.#user);
		this.execs += 1;
		const result = await this.#turns.take(() => exec(this.#connection, {
			command,
			input: options.payload ? [bytes, options.payload] : [bytes],
			timeout: options.timeout * 1e3,
			outputLimit,
			address: `node/${this.node}`
		}));
		if (this.#user !== "root" && isSudoRefusal(result)) throw this.#refusal(result.stderr);
		return result;
	}
	#refusal(stderr) {
		const line = `${this.#user} ALL=(root) NOPASSWD: /bin/sh`;
		return sshErrors("MESH_SUDO_REFUSED", `user ${this.#user} may not become root: ${inertText(stderr.trim(), 200)}`, {
			where: { address: `node/${this.node}` },
			hint: `On that node, as root, put this line into /etc/sudoers.d/tailmesh (mode 0440): \`${line}\`. Or let the SSH user be root. Nothing was changed.`
		});
	}
	async [Symbol.asyncDispose]() {
		await this.#connection.close();
		await Promise.all(this.#hops.map((hop) => hop.close()));
	}
};
export { createShell };
