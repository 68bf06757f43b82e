import { B as allErrors, C as Secret, E as meshErrors, F as inertLine, H as joinErrors, I as inertMarkdown, M as Cidr, P as parseIPv4, R as inertText, T as readDuration, V as defineErrors, _ as pendingChanges, b as fingerprint, g as countChanges, h as emptyOutcome, k as meshNodes, m as planMarkdown, p as planLines, v as refusals, x as emptyPlan, z as MeshError } from "./mesh.js";
import { a as createHttp, c as fileErrors, f as systemClock, i as runnerError, l as chooseCredential, o as httpErrors, s as githubError, u as storedCredential } from "./http.js";
import { a as getInput, c as info, d as setOutput, f as setSecret, i as getIDToken, n as debug, o as getState, p as warning, r as error, s as group, t as ExitCode, u as saveState } from "./vendor-actions-core.js";
const { appendFileSync, closeSync, fchmodSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } = process.getBuiltinModule("node:fs");
const { basename, dirname, isAbsolute, join, relative, resolve } = process.getBuiltinModule("node:path");
const { randomUUID } = process.getBuiltinModule("node:crypto");
const { tmpdir } = process.getBuiltinModule("node:os");
// src/actions/inputs.ts
var Unfit = class {
	why;
	constructor(why) {
		this.why = why;
	}
};
function input(read) {
	return {
		isSecret: false,
		read
	};
}
function text$1() {
	return input((given) => given);
}
function textOr(fallback) {
	return input((given) => given ?? fallback);
}
function matching(pattern, why, fallback) {
	return input((given) => given === void 0 ? fallback : pattern.test(given) ? given : new Unfit(why));
}
function choice(words) {
	return input((given) => given === void 0 ? words[0] : wordOf(words, given) ?? unlisted("must", words));
}
function flag() {
	return truth(false);
}
function switchOn() {
	return truth(true);
}
function truth(fallback) {
	return input((given) => {
		if (given === void 0) return fallback;
		return given === "true" || given === "false" ? given === "true" : new Unfit("must be true or false");
	});
}
function list(fallback = "") {
	return input((given = fallback) => splitList(given));
}
function choices(words, fallback) {
	return input((given = fallback) => {
		const entries = splitList(given);
		const known = entries.flatMap((entry) => wordOf(words, entry) ?? []);
		return known.length === entries.length ? known : unlisted("each entry must", words);
	});
}
function integer(first, last, fallback) {
	return input((given) => {
		if (given === void 0) return fallback;
		const value = /^\d{1,9}$/.test(given) ? Number(given) : NaN;
		return value >= first && value <= last ? value : new Unfit(`must be a whole number from ${first} to ${last}`);
	});
}
function span(first, last, fallback) {
	return input((given = fallback) => {
		const value = readDuration(given) ?? NaN;
		return value >= (readDuration(first) ?? 0) && value <= (readDuration(last) ?? 0) ? value : new Unfit(`must be a time span from ${first} to ${last}, such as ${fallback}`);
	});
}
function secret() {
	return {
		isSecret: true,
		read: (given) => given === void 0 ? new Unfit("is required") : new Secret(given)
	};
}
function optionalSecret() {
	return {
		isSecret: true,
		read: (given) => given === void 0 ? void 0 : new Secret(given)
	};
}
function wordOf(words, given) {
	return words.find((word) => word === given);
}
function unlisted(must, words) {
	return new Unfit(`${must} be one of ${words.join(", ")}`);
}
function splitList(value) {
	return value.split(/[,\n]/).map((entry) => entry.trim()).filter((entry) => entry !== "");
}
// src/actions/common.ts
const topologyInputs = {
	topology: textOr("tailmesh.yaml"),
	detail: choice(["masked", "full"])
};
const filterInputs = {
	clusters: list(),
	nodes: list()
};
const meshInputs = {
	...topologyInputs,
	...filterInputs
};
const changeInputs = {
	mode: choice(["apply", "plan"]),
	allow: choices([
		"create",
		"update",
		"delete"
	], "create,update"),
	plan: matching(/^[0-9a-f]{64}$/, "must be a plan hash: 64 hexadecimal digits", void 0),
	"fail-on-changes": flag(),
	"allow-ref": list("false")
};
const vaultInputs = {
	"vault-token": optionalSecret(),
	"vault-role-id": text$1(),
	"vault-secret-id": optionalSecret()
};
const controlInputs = {
	"oauth-client-id": text$1(),
	audience: text$1(),
	"oauth-client-secret": optionalSecret(),
	"api-key": optionalSecret(),
	...vaultInputs,
	"ca-file": text$1()
};
const sshInputs = {
	"ssh-private-key": secret(),
	"ssh-passphrase": optionalSecret(),
	concurrency: integer(1, 64, 10)
};
const installInputs = {
	"tailscale-version": matching(/^\d+\.\d+\.\d+$/, "must be a version such as 1.102.5", "1.102.5"),
	"tailscale-archive": text$1(),
	"tailscale-sha256": list(),
	"undo-after": span("60s", "1h", "300s")
};
const policyInputs = {
	adopt: flag(),
	"on-drift": choice(["fail", "overwrite"]),
	"allow-lockout": flag()
};
const failOnInput = { "fail-on": choice(["broken", "relayed"]) };
const lifeInputs = {
	...changeInputs,
	detail: topologyInputs.detail
};
// src/actions/errors.ts
const actionError = defineErrors({
	MESH_INPUT_INVALID: {
		kind: "config",
		meaning: "An input of the action is missing or has a value that it cannot have. Nothing was contacted.",
		hint: "Correct the input in the step's `with:`; the action's README lists what each takes."
	},
	MESH_TOPOLOGY_MISSING: {
		kind: "config",
		meaning: "The topology file is not in the checkout.",
		hint: "Run actions/checkout before this step, or set `topology` to the path of your file."
	},
	MESH_REF_NOT_ALLOWED: {
		kind: "refused",
		meaning: "Changes are applied from the default branch only, and this run is on another ref. Nothing was contacted.",
		hint: "Use `mode: plan` on branches and pull requests. To apply from this ref all the same, set `allow-ref` to `true` or to its name."
	},
	MESH_CANCELLED: {
		kind: "refused",
		meaning: "The run was told to stop. The step at hand was finished; the rest was not begun.",
		hint: "Run it again: it finishes what is missing and changes nothing else."
	},
	MESH_INTERNAL: {
		kind: "bug",
		meaning: "Something failed that Tailmesh did not expect. Running it again is safe.",
		hint: "Run again with step debug on (secret ACTIONS_STEP_DEBUG=true) and report the stack that it shows."
	}
});
// src/actions/define.ts
function defineAction(spec) {
	return {
		name: spec.name,
		inputs: spec.inputs,
		outputs: spec.outputs,
		prepare(host) {
			const given = givenTexts(spec.inputs, host);
			const inputs = readInputs(spec.inputs, given);
			refuse((spec.rules ?? []).filter((rule) => !rule.holds(inputs)).map(({ input, why }) => [input, why]));
			const life = readInputs(lifeInputs, given);
			return {
				life: spec.readsOnly === true ? {
					...life,
					mode: "plan"
				} : life,
				job: (wiring) => spec.job(inputs, wiring),
				post: async (wiring) => spec.post?.(inputs, wiring)
			};
		}
	};
}
function givenTexts(inputs, host) {
	const names = Object.keys(inputs);
	const given = new Map(names.map((name) => [name, host.input(name)]).filter(([, text]) => text.trim() !== ""));
	for (const [name, text] of given) if (inputs[name]?.isSecret) host.reporter.mask(new Secret(text));
	return given;
}
function readInputs(inputs, given) {
	const read = Object.entries(inputs).map(([name, input]) => [name, input.read(given.get(name))]);
	refuse(read.flatMap(([name, value]) => value instanceof Unfit ? [[name, value.why]] : []));
	const values = Object.fromEntries(read);
	if (!isWhole(values, inputs)) throw new Error("an input was not read");
	return values;
}
function isWhole(values, inputs) {
	return Object.keys(inputs).every((name) => Object.hasOwn(values, name));
}
function refuse(problems) {
	const [first, ...rest] = problems.map(([name, why]) => actionError("MESH_INPUT_INVALID", `input ${name} ${why}`, { where: { address: `input/${name}` } }));
	if (first !== void 0) throw joinErrors([first, ...rest]);
}
// src/actions/stores.ts
function openStore(mesh, name, inputs, wiring) {
	return wiring.store(storeSettings(mesh, name, inputs));
}
function storeSettings(mesh, name, inputs) {
	const store = mesh.stores?.find((one) => one.name === name);
	if (store === void 0) throw new Error(`the topology was read with no store ${name}`);
	return {
		store,
		login: {
			vaultToken: inputs["vault-token"],
			vaultRoleId: inputs["vault-role-id"],
			vaultSecretId: inputs["vault-secret-id"],
			githubToken: inputs["github-token"]
		},
		caFiles: inputs["ca-file"] === void 0 ? [] : [inputs["ca-file"]]
	};
}
// src/mesh/topology/select.ts
function selectNodes(mesh, filters) {
	const all = meshNodes(mesh);
	const [first, ...rest] = [...unknownNames(filters.clusters, mesh.clusters, "MESH_UNKNOWN_CLUSTER", "cluster"), ...unknownNames(filters.nodes, all, "MESH_UNKNOWN_NODE", "node")];
	if (first) throw joinErrors([first, ...rest]);
	const nodes = all.filter((n) => (filters.clusters.length === 0 || filters.clusters.includes(n.cluster)) && (filters.nodes.length === 0 || filters.nodes.includes(n.name)));
	if (nodes.length === 0) throw meshErrors("MESH_SELECTION_EMPTY", "no node passes both filters, `clusters` and `nodes`");
	const clusters = new Set(nodes.map((n) => n.cluster));
	const counts = (link) => clusters.has(link.from) || clusters.has(link.to);
	return {
		nodes,
		links: mesh.links.filter(counts),
		forbid: mesh.forbid.filter(counts),
		isWhole: filters.clusters.length === 0 && filters.nodes.length === 0
	};
}
function unknownNames(names, known, code, what) {
	const hint = `The topology has: ${known.map((k) => k.name).join(", ")}.`;
	return [...new Set(names)].filter((name) => !known.some((k) => k.name === name)).map((name) => meshErrors(code, `the input names the ${what} "${inertText(name, 80)}", which the topology does not have`, { hint }));
}
// src/actions/topology.ts
async function loadMesh({ topology: file, clusters, nodes }, { workspace, env }) {
	const text = await workspace.read(file);
	if (text === void 0) throw actionError("MESH_TOPOLOGY_MISSING", `there is no file ${file} in the checkout`, { where: { file } });
	await nextTurn();
	const { parseTopology } = await import("./parse.js");
	await nextTurn();
	const mesh = parseTopology(text, {
		file,
		env: (name) => env[name]
	});
	return {
		mesh,
		selection: selectNodes(mesh, {
			clusters,
			nodes
		})
	};
}
function trustedFiles(mesh, caFile) {
	return [...new Set([caFile, mesh.tailnet.ca].filter((file) => file !== void 0))];
}
function nextTurn() {
	return new Promise((done) => void setImmediate(done));
}
function controlSettings(mesh, inputs) {
	return {
		tailnet: mesh.tailnet,
		credentials: {
			clientId: inputs["oauth-client-id"],
			clientSecret: inputs["oauth-client-secret"],
			audience: inputs.audience,
			apiKey: inputs["api-key"]
		},
		stored: mesh.credentials && {
			settings: storeSettings(mesh, mesh.credentials.store, inputs),
			place: mesh.credentials.path
		},
		caFiles: trustedFiles(mesh, inputs["ca-file"])
	};
}
// src/actions/stored-key.ts
function ownerOf(env) {
	const repository = env["GITHUB_REPOSITORY_ID"] || env["GITHUB_REPOSITORY"] || "";
	return `${env["GITHUB_SERVER_URL"] ?? ""}/${repository}`;
}
function runIdOf({ env, clock }) {
	return env["GITHUB_RUN_ID"] || clock.now().toISOString().replace(/\D/g, "").slice(0, 14);
}
async function storedPlace(name, inputs, wiring) {
	const { mesh } = await loadMesh({
		topology: inputs.topology,
		clusters: [],
		nodes: []
	}, wiring);
	const stored = mesh.storedKeys?.find((one) => one.name === name);
	return stored && {
		stored,
		store: await openStore(mesh, stored.store, inputs, wiring)
	};
}
// src/adapters/files/workspace.ts
function createWorkspace(options) {
	return new FolderWorkspace(options.root, resolve(options.root, options.runDir));
}
var FolderWorkspace = class {
	#root;
	#runDir;
	constructor(root, runDir) {
		this.#root = root;
		this.#runDir = runDir;
	}
	async read(path) {
		try {
			return readFileSync(resolve(this.#root, path), "utf8");
		} catch (cause) {
			if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return void 0;
			throw fileErrors("MESH_FILE_READ", `${path} cannot be read (${codeOf(cause)})`, {
				where: { file: path },
				cause
			});
		}
	}
	async write(path, content) {
		const target = resolve(this.#root, path);
		const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
		try {
			this.#refuseOutside(target, path);
			writeNew(temporary, content, modeOf(target), { synced: true });
			renameSync(temporary, target);
		} catch (cause) {
			rmSync(temporary, { force: true });
			throw this.#writeError(path, cause);
		}
	}
	#refuseOutside(target, path) {
		const root = realpathSync(this.#root);
		const real = join(realpathSync(dirname(target)), basename(target));
		const below = relative(root, real);
		if (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() !== true && below !== "" && !below.startsWith("..") && !isAbsolute(below)) return;
		throw fileErrors("MESH_FILE_OUTSIDE", `${path} is not a file of the checkout`, { where: { file: path } });
	}
	async writeRunFile(name, content, options = {}) {
		const path = this.#inside(name);
		const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
		try {
			mkdirSync(dirname(path), {
				recursive: true,
				mode: 448
			});
			this.#refuseLinks(path);
			writeNew(temporary, content, options.secret ? 384 : 420);
			renameSync(temporary, path);
			return path;
		} catch (cause) {
			rmSync(temporary, { force: true });
			throw this.#writeError(name, cause);
		}
	}
	async removeRunFile(path) {
		const target = this.#inside(path);
		try {
			this.#refuseLinks(target);
			rmSync(target, { force: true });
		} catch (cause) {
			if (codeOf(cause) === "ENOENT") return;
			throw this.#writeError(path, cause);
		}
	}
	#inside(name) {
		const path = resolve(this.#runDir, name);
		const below = relative(this.#runDir, path);
		if (below !== "" && !below.startsWith("..") && !isAbsolute(below)) return path;
		throw fileErrors("MESH_FILE_OUTSIDE", `${name} is not a file of this run`, { where: { file: name } });
	}
	#refuseLinks(path) {
		const below = relative(realpathSync(this.#runDir), realpathSync(dirname(path)));
		if (!below.startsWith("..") && !isAbsolute(below)) return;
		throw fileErrors("MESH_FILE_OUTSIDE", `${path} leads out of the folder of this run`, { where: { file: path } });
	}
	#writeError(name, cause) {
		if (codeOf(cause) === "MESH_FILE_OUTSIDE") return cause;
		return fileErrors("MESH_FILE_WRITE", `${name} cannot be written (${codeOf(cause)})`, {
			where: { file: name },
			cause
		});
	}
};
function writeNew(path, content, mode, { synced = false } = {}) {
	const file = openSync(path, "wx", mode);
	try {
		fchmodSync(file, mode);
		writeFileSync(file, content);
		if (synced) fsyncSync(file);
	} finally {
		closeSync(file);
	}
}
function modeOf(path) {
	const found = statSync(path, { throwIfNoEntry: false });
	return found === void 0 ? 420 : found.mode & 511;
}
function codeOf(error) {
	return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
// src/adapters/github/forge.ts
function createForge(options) {
	const [owner, repo] = options.repository?.split("/") ?? [];
	const { pullRequest } = options;
	return {
		isPullRequest: pullRequest !== void 0 && owner !== void 0 && repo !== void 0,
		async comment(marker, body) {
			if (pullRequest === void 0 || owner === void 0 || repo === void 0) return;
			const where = { address: `pull request #${pullRequest}` };
			try {
				await writeComment(await client(options), {
					owner,
					repo,
					issue_number: pullRequest
				}, marker, body);
			} catch (cause) {
				throw githubError("MESH_GITHUB_COMMENT", `no comment on #${pullRequest}: ${reasonOf(cause)}`, {
					where,
					cause
				});
			}
		}
	};
}
async function client({ token, url }) {
	const { getOctokitOptions, GitHub } = await import("./utils.js");
	return new GitHub(getOctokitOptions(token.reveal(), {
		baseUrl: url,
		log: silent
	}));
}
const silent = {
	debug() {},
	info() {},
	warn() {},
	error() {}
};
async function writeComment(github, place, marker, body) {
	const text = `${marker}\n${body}`;
	const own = await ownName(github);
	const pages = github.paginate.iterator(github.rest.issues.listComments, {
		...place,
		per_page: 100
	});
	for await (const { data } of pages) {
		const found = data.find(({ body: written, user }) => (written ?? "").startsWith(marker) && (own === void 0 ? user?.type === "Bot" : user?.login === own));
		if (found === void 0) continue;
		if (found.body === text) return;
		await github.rest.issues.updateComment({
			...repository(place),
			comment_id: found.id,
			body: text
		});
		return;
	}
	await github.rest.issues.createComment({
		...place,
		body: text
	});
}
function repository({ owner, repo }) {
	return {
		owner,
		repo
	};
}
async function ownName(github) {
	try {
		return (await github.rest.users.getAuthenticated()).data.login;
	} catch (error) {
		if (statusOf(error) === 403) return void 0;
		throw error;
	}
}
function statusOf(error) {
	return error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : void 0;
}
function reasonOf(error) {
	const status = statusOf(error);
	const message = error instanceof Error ? error.message : "something that is no error was thrown";
	return inertText(status === void 0 ? message : `${status}: ${message}`, 300);
}
// src/adapters/http/ping.ts
const patience = 1e4;
async function sendPing(http, url, limit = patience) {
	const why = await attempt(http, url, AbortSignal.timeout(limit), limit);
	if (why !== void 0) throw httpErrors("MESH_PING_REFUSED", `the address of \`ping-url\`: ${why}`);
}
async function attempt(http, url, signal, limit) {
	try {
		const { status } = await http.request({
			method: "GET",
			url: url.reveal().trim(),
			signal,
			bodyLimit: 65536
		});
		return status >= 200 && status < 300 ? void 0 : `it was answered ${status}`;
	} catch (error) {
		if (signal.aborted) return `no answer within ${limit / 1e3} s`;
		if (!(error instanceof MeshError)) throw error;
		return reasons[error.code] ?? "no connection, or it broke";
	}
}
const reasons = {
	MESH_HTTP_URL: "it is not an http or https URL, or carries a user name",
	MESH_HTTP_REDIRECT: "it sends us to another host, which is not followed",
	MESH_HTTP_PROXY: "the proxy does not pass it on",
	MESH_HTTP_TOO_LARGE: "the answer is too large",
	MESH_TLS_UNTRUSTED: "its certificate is not trusted by this machine",
	MESH_TLS_INVALID: "its certificate is not valid"
};
// src/adapters/runner/clients.ts
const archiveLimit = 209715200;
var HttpClients = class {
	#settings;
	#clients = new Map();
	constructor(settings) {
		this.#settings = settings;
	}
	get(caFiles) {
		return this.#kept(caFiles.join("\n"), () => this.#open(caFiles, this.#settings.log));
	}
	quiet(caFiles) {
		return this.#kept(["quiet", ...caFiles].join("\n"), () => this.#open(caFiles, () => void 0));
	}
	#kept(key, open) {
		const client = this.#clients.get(key) ?? open();
		this.#clients.set(key, client);
		return client;
	}
	async download(url, caFiles) {
		const http = await this.get(caFiles);
		const { signal } = this.#settings;
		const reply = await http.request({
			method: "GET",
			url,
			redirects: "anywhere",
			bodyLimit: archiveLimit,
			signal
		});
		if (reply.status === 200) return reply.body;
		if (reply.status === 404) return void 0;
		throw runnerError("MESH_ARCHIVE_NOT_FOUND", `${url} answers with status ${reply.status}`);
	}
	async requests() {
		return (await Promise.all(this.#clients.values())).flatMap((client) => client.requests);
	}
	async close() {
		const clients = await Promise.allSettled(this.#clients.values());
		await Promise.all(clients.map((client) => client.status === "fulfilled" ? client.value[Symbol.asyncDispose]() : void 0));
	}
	async #open(caFiles, log) {
		const { userAgent, env } = this.#settings;
		const roots = (await Promise.all(caFiles.map((file) => this.#read(file)))).join("\n");
		const either = (name) => env[name] || env[name.toLowerCase()] || "";
		const [https, http, no] = [
			either("HTTPS_PROXY"),
			either("HTTP_PROXY"),
			either("NO_PROXY")
		];
		return abortable(createHttp({
			userAgent,
			log,
			...roots === "" ? {} : { roots },
			...https || http ? { proxy: {
				https,
				http,
				no
			} } : {}
		}), this.#settings.signal);
	}
	async #read(file) {
		const text = await this.#settings.workspace.read(file);
		if (text !== void 0) return text;
		throw runnerError("MESH_ROOTS_MISSING", `there is no file ${file}`, { where: { file } });
	}
};
function abortable(client, signal) {
	return {
		request: (request) => client.request(request.method === "GET" && !signal.aborted ? {
			signal,
			...request
		} : request),
		get requests() {
			return client.requests;
		},
		[Symbol.asyncDispose]: () => client[Symbol.asyncDispose]()
	};
}
// src/adapters/runner/git-history.ts
const maxVersions = 100;
function createGitHistory(options) {
	return { async versions(paths) {
		const names = paths.filter(isPlain);
		if (names.length === 0) return [];
		const found = (await git(options, [
			"log",
			`--max-count=${maxVersions}`,
			"--format=%H",
			"HEAD",
			"--",
			...names
		]) ?? "").split("\n").filter((commit) => /^[0-9a-f]{40,64}$/.test(commit));
		const versions = [];
		for (const commit of found) versions.push(await versionOf(options, commit, names));
		return versions;
	} };
}
function isPlain(path) {
	return !/^[-:/]/.test(path) && !path.split("/").includes("..") && !/[\0\n]/.test(path);
}
async function versionOf(options, commit, paths) {
	const texts = new Map();
	for (const path of paths) {
		const text = await git(options, ["show", `${commit}:./${path.replace(/^\.\//, "")}`]);
		if (text !== void 0) texts.set(path, text);
	}
	return {
		commit,
		texts
	};
}
async function git({ root, env, log }, args) {
	try {
		const { getExecOutput } = await import("./exec.js");
		const { exitCode, stdout, stderr } = await getExecOutput("git", [
			"--no-pager",
			"--literal-pathspecs",
			"-c",
			"core.fsmonitor=false",
			"-c",
			`safe.directory=${root}`,
			...args
		], {
			cwd: root,
			env: environment(env),
			silent: true,
			ignoreReturnCode: true
		});
		if (exitCode === 0) return stdout;
		log(`git ${args[0]}: ${stderr.trim()}`);
	} catch (error) {
		log(`git ${args[0]}: ${error instanceof Error ? error.message : "it cannot be run"}`);
	}
}
function environment(env) {
	const kept = ["PATH", "HOME"].flatMap((name) => env[name] === void 0 ? [] : [[name, env[name]]]);
	return {
		...Object.fromEntries(kept),
		GIT_TERMINAL_PROMPT: "0",
		GIT_OPTIONAL_LOCKS: "0",
		LC_ALL: "C"
	};
}
// src/adapters/runner/id-token.ts
async function fetchIdToken(audience) {
	try {
		return new Secret(await getIDToken(audience));
	} catch (cause) {
		const said = cause instanceof Error ? inertText(cause.message, 300) : "no reason given";
		throw runnerError("MESH_ID_TOKEN_MISSING", `the runner gave no ID token for ${inertText(audience, 200)}: ${said}`, { cause });
	}
}
// src/adapters/runner/detail.ts
const local = [
	"10.0.0.0/8",
	"172.16.0.0/12",
	"192.168.0.0/16",
	"100.64.0.0/10",
	"127.0.0.0/8",
	"169.254.0.0/16",
	"0.0.0.0/8"
].map((text) => Cidr.parse(text)).filter((cidr) => cidr !== void 0);
const email = /\b([A-Za-z0-9])[A-Za-z0-9._%+-]*@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b/g;
const ipv4 = /(?<![\d.])(\d{1,3})\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/g;
const localUser = /(?<![\w.@/-])[A-Za-z][\w.-]*@(?![\w.@-])/g;
const ipv6 = /(?<![0-9A-Fa-f:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4})?(?::[0-9A-Fa-f]{1,4})*(?![0-9A-Fa-f:])/g;
function maskDetail(text) {
	return text.replace(email, "$1…@$2").replace(ipv4, (address, first) => isPublic$1(address) ? `${first}.x.x.x` : address);
}
function createPseudonyms() {
	const names = new Map();
	const nameOf = (kind, value) => {
		const key = `${kind} ${value.toLowerCase()}`;
		const count = [...names.keys()].filter((known) => known.startsWith(kind)).length;
		const name = names.get(key) ?? `${kind}-${count + 1}`;
		names.set(key, name);
		return name;
	};
	return (text) => text.replace(email, (address) => nameOf("user", address)).replace(localUser, (name) => nameOf("user", name)).replace(ipv6, (address, offset, all) => isIPv6(address) && !isPrefix(all, offset + address.length, 128) ? nameOf("address", address) : address).replace(ipv4, (address, _first, offset, all) => {
		return (isPublic$1(address) || (tailnet?.containsAddress(address) ?? false)) && !isPrefix(all, offset + address.length, 32) ? nameOf("address", address) : address;
	});
}
const tailnet = Cidr.parse("100.64.0.0/10");
function isPrefix(text, at, single) {
	const [, bits] = /^\/(\d{1,3})(?!\d)/.exec(text.slice(at, at + 5)) ?? [];
	return bits !== void 0 && Number(bits) < single;
}
function isIPv6(text) {
	return URL.canParse(`http://[${text}]/`) && text.includes("::") ? true : text.split(":").length === 8;
}
function isPublic$1(address) {
	return parseIPv4(address) !== void 0 && !local.some((cidr) => cidr.containsAddress(address));
}
function maskForms(value) {
	const secretLines = value.split(/\r?\n/).map((line) => line.trim()).filter((line) => !/^-----(BEGIN|END) [A-Z0-9 ]+-----$/.test(line));
	const parts = /^[a-z]+key-[a-z]+-\S+-\S+$/.test(value) ? [value.slice(value.lastIndexOf("-") + 1)] : [];
	const forms = [
		value,
		value.trim(),
		...secretLines,
		...parts
	].filter((text) => text.trim().length >= 8).flatMap((text) => [text, ...encodings(text)]).filter((text) => text.length >= 8);
	return [...new Set(forms)].sort((a, b) => b.length - a.length);
}
function encodings(text) {
	const bytes = Buffer.from(text, "utf8");
	const base64 = bytes.toString("base64");
	const hex = bytes.toString("hex");
	return [
		base64,
		base64.replace(/=+$/, ""),
		bytes.toString("base64url"),
		...insideBase64(bytes),
		hex,
		hex.toUpperCase(),
		encodeURIComponent(text),
		new URLSearchParams([["", text]]).toString().slice(1),
		JSON.stringify(text).slice(1, -1)
	];
}
function insideBase64(bytes) {
	return [
		0,
		1,
		2
	].map((skipped) => {
		const rest = bytes.subarray(skipped);
		return rest.subarray(0, rest.length - rest.length % 3).toString("base64");
	});
}
// src/adapters/runner/printer.ts
function createPrinter({ isPublic = false } = {}) {
	let hidden = [];
	let shown = "masked";
	const redact = (text) => hidden.reduce((left, form) => left.replaceAll(form, "***"), text);
	const pseudonyms = createPseudonyms();
	const mask = isPublic ? pseudonyms : maskDetail;
	const clean = (text) => shown === "full" ? redact(text) : mask(redact(text));
	return {
		clean,
		redact,
		file: isPublic ? clean : redact,
		detail(level) {
			shown = level;
		},
		mask(secret) {
			const value = secret.reveal();
			const forms = maskForms(value);
			if (forms.length === 0 && value.trim() !== "") warning(`A secret is shorter than 8 characters and cannot be hidden; choose a longer one.`);
			for (const form of forms.filter((text) => !hidden.includes(text))) setSecret(form);
			hidden = [...new Set([...hidden, ...forms])].sort((a, b) => b.length - a.length);
		},
		line: (text) => inertLine(clean(text)),
		lines: (text) => clean(text).split("\n").map((line) => inertLine(inertText(line))).join("\n")
	};
}
// src/adapters/runner/reporter.ts
function createRunnerReporter(printer) {
	return {
		info: (line) => info(printer.line(line)),
		debug: (line) => debug(printer.line(line)),
		warn: (line, where) => warning(printer.line(line), placeOf(where, printer)),
		group: (title, work) => group(printer.line(title), work),
		mask: (secret) => printer.mask(secret)
	};
}
function placeOf(where, printer) {
	if (where?.file === void 0) return {};
	return {
		file: printer.line(where.file),
		...where.line === void 0 ? {} : { startLine: where.line },
		...where.column === void 0 ? {} : { startColumn: where.column }
	};
}
// src/adapters/runner/state.ts
function createRunnerState() {
	return {
		save: (name, value) => saveState(name, value),
		load: (name) => getState(name) || void 0
	};
}
// src/adapters/runner/summary.ts
const summaryLimit = 1044480;
const cutNote = "\n\n*The rest is cut: a step summary holds 1 MiB. The plan and result files have everything.*\n";
function writeSummary(blocks) {
	const file = process.env["GITHUB_STEP_SUMMARY"];
	if (file && blocks.length > 0) appendFileSync(file, fitSummary(blocks, summaryLimit));
}
function fitSummary(blocks, limit) {
	const whole = `${blocks.join("\n\n")}\n`;
	if (Buffer.byteLength(whole) <= limit) return whole;
	const room = limit - Buffer.byteLength(cutNote) - Buffer.byteLength("\n```\n</details>");
	const cut = Buffer.from(whole).subarray(0, Math.max(0, room)).toString("utf8");
	const kept = cut.slice(0, Math.max(0, cut.lastIndexOf("\n")));
	return `${kept}${(kept.match(/^```/gm) ?? []).length % 2 === 1 ? "\n```" : ""}${count(kept, "<details>") > count(kept, "</details>") ? "\n</details>" : ""}${cutNote}`;
}
function count(text, part) {
	return text.split(part).length - 1;
}
// src/adapters/runner/trigger.ts
function readTrigger(env) {
	const event = readEvent(env["GITHUB_EVENT_PATH"]);
	const repository = memberOf(event, "repository");
	const defaultBranch = memberOf(repository, "default_branch");
	const number = memberOf(memberOf(event, "pull_request"), "number");
	return {
		ref: env["GITHUB_REF"] || null,
		defaultBranch: typeof defaultBranch === "string" ? defaultBranch : null,
		isPublic: isPublic(repository),
		pullRequest: typeof number === "number" && Number.isInteger(number) && number > 0 ? number : null
	};
}
function readEvent(path) {
	if (!path) return void 0;
	try {
		return JSON.parse(readFileSync(path, "utf8"));
	} catch {
		return;
	}
}
function memberOf(value, name) {
	if (typeof value !== "object" || value === null) return void 0;
	return Object.entries(value).find(([key]) => key === name)?.[1];
}
function isPublic(repository) {
	const visibility = memberOf(repository, "visibility");
	return typeof visibility === "string" && visibility !== "" ? visibility === "public" : memberOf(repository, "private") === false;
}
// src/adapters/runner/host.ts
function createRunnerHost() {
	const trigger = readTrigger(process.env);
	const printer = createPrinter({ isPublic: trigger.isPublic ?? false });
	return {
		reporter: createRunnerReporter(printer),
		state: createRunnerState(),
		trigger,
		redact: (text) => printer.file(text),
		shown: (text) => printer.clean(text),
		idToken: fetchIdToken,
		input: (name) => getInput(name),
		output: (name, value) => setOutput(name, printer.redact(value)),
		detail: (level) => printer.detail(level),
		annotate: ({ title, message, where }) => error(printer.lines(message), {
			title: printer.line(title),
			...placeOf(where, printer)
		}),
		summary: async (blocks) => writeSummary(blocks.map((block) => printer.clean(block))),
		fail(line) {
			info(printer.line(line));
			process.exitCode = ExitCode.Failure;
		}
	};
}
// src/wiring/stores.ts
function createStores(tools) {
	const opened = new Map();
	const left = new Set();
	const get = (settings) => {
		const { name } = settings.store;
		const store = opened.get(name) ?? load(settings, tools, left);
		opened.set(name, store);
		return store;
	};
	return {
		open: async (settings) => (await get(settings)).keys,
		async oauthClient(settings, place) {
			const { oauthClient } = await get(settings);
			if (oauthClient === void 0) throw new Error(`a ${settings.store.kind} store keeps no credentials`);
			return oauthClient(place);
		},
		async close() {
			const closing = (await Promise.allSettled(opened.values())).map((store) => store.status === "fulfilled" ? store.value.keys.close() : void 0);
			const [failed] = (await Promise.allSettled([...closing, endLeftLogins(tools)])).filter(isRejected);
			if (failed) throw failed.reason;
		}
	};
}
function isRejected(result) {
	return result.status === "rejected";
}
function load(settings, tools, left) {
	const { store } = settings;
	switch (store.kind) {
		case "vault": return loadVault(store, settings, tools, left);
		case "file": return loadFolder(store, tools);
		case "github": return loadEnvironment(store, settings, tools);
	}
}
async function loadVault(store, settings, tools, left) {
	const { createVault } = await import("./open.js");
	const { host, clients, clock } = tools;
	const { login } = settings;
	const caFiles = [...settings.caFiles, ...store.ca === void 0 ? [] : [store.ca]];
	return createVault({
		store,
		login: {
			token: login.vaultToken,
			roleId: login.vaultRoleId,
			secretId: login.vaultSecretId
		},
		http: await clients.get(caFiles),
		clock,
		mask: (secret) => host.reporter.mask(secret),
		idToken: (audience) => host.idToken(audience),
		remember: rememberIn(store, caFiles, tools, left),
		say: (line) => host.reporter.info(line)
	});
}
const leftLogins = "tailmesh-vault-logins";
function rememberIn({ url, authNamespace: namespace }, caFiles, { workspace, host }, left) {
	const file = `vault-login-${randomUUID()}.json`;
	return async (token) => {
		if (token === null) return workspace.removeRunFile(file);
		const { leftLoginText } = await import("./left-login.js");
		const text = leftLoginText({
			url,
			namespace,
			token,
			caFiles
		});
		left.add(await workspace.writeRunFile(file, text, { secret: true }));
		host.state.save(leftLogins, [...left].join("\n"));
	};
}
async function endLeftLogins({ host, workspace, clients }) {
	const files = host.state.load(leftLogins)?.split("\n") ?? [];
	for (const file of files) {
		const text = await workspace.read(file);
		if (text === void 0) continue;
		await workspace.removeRunFile(file);
		const { readLeftLogin, endLeftLogin } = await import("./left-login.js");
		const login = readLeftLogin(text);
		if (login === void 0) continue;
		host.reporter.mask(login.token);
		await endLeftLogin(login, await clients.get(login.caFiles));
	}
}
async function loadFolder({ name, folder }, { root, host }) {
	const { createFileStore } = await import("./key-store.js");
	return { keys: createFileStore({
		name,
		folder,
		root,
		mask: (secret) => host.reporter.mask(secret)
	}) };
}
async function loadEnvironment({ name, environment }, { login, caFiles }, { clients, clock, env }) {
	const { createGitHubStore } = await import("./secret-store.js");
	return { keys: createGitHubStore({
		name,
		environment,
		repository: env["GITHUB_REPOSITORY"],
		url: env["GITHUB_API_URL"] || "https://api.github.com",
		token: login.githubToken,
		http: () => clients.get(caFiles),
		clock
	}) };
}
// src/wiring.ts
const userAgent = "tailmesh/0.1.0";
function runnerHost() {
	return createRunnerHost();
}
function wireRunner(host, signal, env = process.env) {
	const checkout = env["GITHUB_WORKSPACE"] || process.cwd();
	const folder = stepFolder(host.state, env["RUNNER_TEMP"] || tmpdir());
	const workspace = createWorkspace({
		root: checkout,
		runDir: folder
	});
	const clients = new HttpClients({
		workspace,
		userAgent,
		env,
		signal,
		log: (line) => host.reporter.debug(line)
	});
	const stores = createStores({
		host,
		clients,
		clock: systemClock,
		env,
		workspace,
		root: checkout
	});
	return {
		reporter: host.reporter,
		state: host.state,
		clock: systemClock,
		workspace,
		signal,
		env,
		nonce: randomUUID().replaceAll("-", ""),
		control: (settings) => connectOnce(settings, host, clients, stores),
		store: (settings) => stores.open(settings),
		shell: (settings) => lazyShell(settings, workspace, signal),
		archives: ({ source, sha256, caFiles }) => lazyArchives({
			...source === void 0 ? {} : { source },
			sha256,
			download: (url) => clients.download(url, caFiles),
			checkout,
			folder: join(folder, "archives"),
			reporter: host.reporter
		}),
		history: createGitHistory({
			root: checkout,
			env,
			log: (line) => host.reporter.debug(line)
		}),
		forge: (token) => createForge({
			token,
			url: env["GITHUB_API_URL"] || "https://api.github.com",
			repository: env["GITHUB_REPOSITORY"] || void 0,
			pullRequest: host.trigger.pullRequest ?? void 0
		}),
		ping: async (url, caFiles) => sendPing(await clients.quiet(caFiles), url),
		shown: (text) => host.shown(text),
		close: () => stores.close().finally(() => clients.close())
	};
}
function stepFolder(state, temp) {
	const name = "tailmesh-folder";
	const folder = state.load(name) ?? join(temp, "tailmesh", randomUUID());
	state.save(name, folder);
	return folder;
}
function lazyShell(settings, workspace, signal) {
	const shell = once(async () => {
		const { createShell } = await import("./shell.js");
		const { privateKey, passphrase, concurrency } = settings;
		return createShell({
			privateKey,
			...passphrase === void 0 ? {} : { passphrase },
			knownHosts: (path) => workspace.read(path),
			concurrency,
			signal
		});
	});
	return { open: async (node) => (await shell()).open(node) };
}
function lazyArchives(settings) {
	const archives = once(async () => (await import("./archives.js")).createArchives(settings));
	return { get: async (request) => (await archives()).get(request) };
}
function once(make) {
	let made;
	return () => {
		made ??= make();
		return made;
	};
}
function connectOnce(settings, host, clients, stores) {
	const { tailnet, credentials, stored, caFiles } = settings;
	const chosen = chooseCredential(credentials, {
		control: tailnet.control,
		isStored: stored !== void 0
	});
	return once(async () => {
		const credential = chosen ?? (stored && storedCredential(await stores.oauthClient(stored.settings, stored.place)));
		if (credential === void 0) throw new Error("a credential was neither chosen nor stored");
		const { connectControl } = await import("./connect.js");
		return await connectControl({
			kind: tailnet.control,
			url: tailnet.url,
			tailnet: tailnet.name,
			ownerTag: tailnet.ownerTag,
			credential,
			http: await clients.get(caFiles),
			clock: systemClock,
			mask: (secret) => host.reporter.mask(secret),
			idToken: (audience) => host.idToken(audience)
		});
	});
}
// src/plan/files.ts
function planFileText(action, hash, { changes, unchanged }) {
	return text({
		version: 1,
		action,
		hash,
		changes: changes.map(changeRecord),
		unchanged: unchanged.map(({ address, why }) => ({
			address,
			why
		}))
	});
}
function resultFileText({ action, mode, changed, plan, error, links }) {
	return text({
		version: 1,
		action,
		mode,
		changed,
		changes: plan.changes.map(changeRecord),
		error: error ? errorRecord(error) : null,
		links: links.map(({ from, to, verdict, path, layer, remedy }) => ({
			from,
			to,
			verdict,
			path,
			layer,
			remedy
		}))
	});
}
function changeRecord({ address, resource, kind, why, diff, risk, undo, does }) {
	return {
		address,
		resource,
		kind,
		why,
		diff,
		risk,
		undo,
		does
	};
}
function errorRecord({ code, kind, message, hint, where }) {
	if (where === void 0) return {
		code,
		kind,
		message,
		hint,
		where: null
	};
	const { file, line, column, address } = where;
	return {
		code,
		kind,
		message,
		hint,
		where: {
			file,
			line,
			column,
			address
		}
	};
}
function text(value) {
	return `${JSON.stringify(value, null, 2)}\n`;
}
// src/actions/ref.ts
function refusedRef({ ref, defaultBranch }, allowed) {
	if (ref === null || defaultBranch === null || ref === `refs/heads/${defaultBranch}`) return void 0;
	const short = ref.replace(/^refs\/(heads|tags)\//, "");
	if (allowed.some((name) => name === "true" || name === ref || name === short)) return void 0;
	return actionError("MESH_REF_NOT_ALLOWED", `this run is on ${ref}; the default branch is ${defaultBranch}`);
}
// src/actions/report.ts
function hasChanged({ mode, plan, applied }) {
	return mode === "plan" ? plan.changes.length > 0 : applied;
}
function lastLine(ending) {
	if (ending.error !== void 0) return failureLine(ending, ending.error);
	return `${ending.action}: ${[changesPhrase(ending), linksPhrase(ending.outcome.links)].filter(Boolean).join(", ")}.`;
}
function failureLine({ action, applied }, error) {
	const more = error.also.length === 0 ? "" : ` (and ${error.also.length} more)`;
	return `${action} failed, ${applied ? "some changes were made" : "nothing was changed"}: ${error.code}: ${error.message}${more}`;
}
function changesPhrase({ mode, plan, instead }) {
	if (instead !== void 0) return instead;
	if (plan.changes.length === 0) return mode === "plan" ? "nothing would change" : "nothing changed";
	return mode === "plan" ? `${countChanges(plan)} would be made` : `${countChanges(plan)} made`;
}
function linksPhrase(links) {
	const tested = links.filter((link) => link.verdict !== "not-tested");
	if (tested.length === 0) return "";
	return `${tested.filter((link) => link.verdict === "reachable").length} of ${tested.length} links reachable`;
}
function summaryBlocks(ending) {
	const sign = ending.error === void 0 ? "✅" : "❌";
	const errors = ending.error === void 0 ? [] : [errorsMarkdown(ending.error)];
	const hash = ending.hash === void 0 ? [] : [`Plan \`${ending.hash}\``];
	return [
		`### ${sign} ${inertMarkdown(lastLine(ending), 600)}`,
		...errors,
		...ending.outcome.summary,
		...planMarkdown(ending.plan),
		...hash
	];
}
function errorsMarkdown(error) {
	return [
		"| error | where | what | what to do |",
		"| --- | --- | --- | --- |",
		...allErrors(error).map((one) => `| ${inertMarkdown(one.code)} | ${inertMarkdown(placeText(one))} | ${inertMarkdown(one.message)} | ${inertMarkdown(one.hint)} |`)
	].join("\n");
}
function placeText({ where }) {
	if (where?.file !== void 0) return [
		where.file,
		where.line,
		where.column
	].filter((part) => part !== void 0).join(":");
	return where?.address ?? "";
}
// src/actions/signals.ts
function listenForStop(say) {
	const controller = new AbortController();
	const stop = (name) => {
		if (controller.signal.aborted) return;
		say(`${name} received: the step at hand is finished, then this run stops.`);
		controller.abort(actionError("MESH_CANCELLED", `stopped by ${name}`));
	};
	const names = ["SIGINT", "SIGTERM"];
	for (const name of names) process.on(name, stop);
	return {
		signal: controller.signal,
		[Symbol.dispose]() {
			for (const name of names) process.off(name, stop);
		}
	};
}
// src/actions/run.ts
const mainHasRun = "tailmesh-main-has-run";
async function runAction(action, host, wire) {
	using stop = listenForStop((line) => host.reporter.info(line));
	if (host.state.load(mainHasRun) !== void 0) return runPost(action, host, wire, stop.signal);
	host.state.save(mainHasRun, "true");
	await runMain(action, host, wire, stop.signal);
}
async function runMain(action, host, wire, signal) {
	const progress = {
		mode: "apply",
		plan: emptyPlan,
		hash: void 0,
		planFile: void 0,
		instead: void 0,
		applied: false,
		outcome: emptyOutcome
	};
	const wiring = wire(host, signal);
	await report(action, host, wiring, progress, await failureOf(async () => {
		const prepared = action.prepare(host);
		progress.mode = prepared.life.mode;
		host.detail(prepared.life.detail);
		await live(action, prepared, host, wiring, progress);
		if (progress.outcome.failure !== null) throw progress.outcome.failure;
	}, host));
	await closeQuietly(() => wiring.close(), host);
}
async function live(action, prepared, host, wiring, progress) {
	const { life } = prepared;
	const ref = life.mode === "apply" && "allow-ref" in action.inputs ? refusedRef(host.trigger, life["allow-ref"]) : void 0;
	if (ref !== void 0) throw ref;
	const job = await prepared.job(wiring);
	try {
		const observed = await host.reporter.group("Observe", () => job.observe());
		wiring.signal.throwIfAborted();
		const planned = job.plan(observed);
		await announce(action, planned, host, wiring, progress);
		progress.outcome = life.mode === "plan" ? await show(job, planned, life, progress) : await carryOut(job, planned, life, host, wiring, progress);
	} finally {
		await closeQuietly(() => job.close(), host);
	}
}
async function announce(action, { plan, instead }, host, wiring, progress) {
	progress.plan = plan;
	progress.instead = instead;
	const hash = fingerprint(action.name, plan);
	progress.hash = hash;
	await host.reporter.group("Plan", async () => {
		for (const line of planLines(plan)) host.reporter.info(line);
		if (plan.changes.length === 0 && instead === void 0) host.reporter.info("Nothing to change.");
		host.reporter.info(`Plan ${hash}`);
	});
	progress.planFile = await wiring.workspace.writeRunFile(`${action.name}.plan.json`, host.redact(planFileText(action.name, hash, plan)));
}
async function show(job, planned, life, progress) {
	await job.publish?.(planned, progress.hash ?? "");
	return preview(job, planned, life);
}
function preview(job, planned, life) {
	const outcome = withBlock(job.preview(planned), planned);
	const pending = life["fail-on-changes"] ? pendingChanges(planned.plan) : void 0;
	return pending === void 0 ? outcome : {
		...outcome,
		failure: outcome.failure ?? pending
	};
}
function withBlock(outcome, planned) {
	return {
		...outcome,
		failure: outcome.failure ?? planned.blocked ?? null
	};
}
async function carryOut(job, planned, life, host, wiring, progress) {
	const [refused, ...more] = refusals(planned.plan, progress.hash ?? "", {
		allow: life.allow,
		pin: life.plan
	});
	if (refused !== void 0) throw joinErrors([refused, ...more]);
	if (planned.blocked) throw planned.blocked;
	if (planned.plan.changes.length > 0) {
		await host.reporter.group("Apply", () => {
			progress.applied = true;
			return job.apply(planned);
		});
		wiring.signal.throwIfAborted();
	}
	return host.reporter.group("Verify", () => job.verify(planned));
}
async function report(action, host, wiring, progress, failure) {
	const { mode, plan, hash, instead, applied, outcome } = progress;
	let ending = {
		action: action.name,
		mode,
		plan,
		hash,
		instead,
		applied,
		outcome,
		error: failure
	};
	const resultFile = await failureOrValue(() => writeResult(host, wiring, ending), host);
	if (resultFile instanceof MeshError) ending = {
		...ending,
		error: failure ?? resultFile
	};
	host.output("changed", String(hasChanged(ending)));
	host.output("plan-hash", hash ?? "");
	host.output("plan-file", progress.planFile ?? "");
	host.output("result-file", resultFile instanceof MeshError ? "" : resultFile);
	for (const name of action.outputs) host.output(name, outcome.outputs[name] ?? "");
	await closeQuietly(() => host.summary(summaryBlocks(ending)), host);
	if (ending.error === void 0) return host.reporter.info(lastLine(ending));
	for (const error of allErrors(ending.error)) annotate(error, host);
	host.fail(lastLine(ending));
}
function writeResult(host, wiring, { action, mode, plan, outcome, error, ...rest }) {
	const text = resultFileText({
		action,
		mode,
		changed: hasChanged({
			action,
			mode,
			plan,
			outcome,
			error,
			...rest
		}),
		plan,
		error,
		links: outcome.links
	});
	return wiring.workspace.writeRunFile(`${action}.result.json`, host.redact(text));
}
function annotate(error, host) {
	const place = error.where?.file === void 0 ? placeText(error) : "";
	const lines = [error.message.includes(place.slice(place.lastIndexOf("/") + 1)) ? error.message : `${place}: ${error.message}`, error.hint];
	host.annotate({
		title: error.code,
		message: lines.join("\n"),
		where: error.where
	});
}
async function runPost(action, host, wire, signal) {
	const prepared = await failureOrValue(async () => action.prepare(host), host);
	if (prepared instanceof MeshError) return;
	host.detail(prepared.life.detail);
	const wiring = wire(host, signal);
	const error = await failureOf(() => prepared.post(wiring), host);
	if (error !== void 0) host.reporter.warn(`${action.name}: ${error.code}: ${error.message}. ${error.hint}`);
	await closeQuietly(() => wiring.close(), host);
}
async function failureOf(work, host) {
	const result = await failureOrValue(work, host);
	return result instanceof MeshError ? result : void 0;
}
async function failureOrValue(work, host) {
	try {
		return await work();
	} catch (error) {
		return error instanceof MeshError ? tracedToDebug(error, host) : unexpected(error, host);
	}
}
function tracedToDebug(error, host) {
	for (const line of stackLines(error.cause)) host.reporter.debug(line);
	return error;
}
function unexpected(error, host) {
	for (const line of stackLines(error)) host.reporter.debug(line);
	const message = error instanceof Error ? `${error.name}: ${error.message}` : "something that is no error was thrown";
	return actionError("MESH_INTERNAL", message, { cause: error });
}
function stackLines(error) {
	return error instanceof Error ? (error.stack ?? error.message).split("\n") : [];
}
async function closeQuietly(close, host) {
	const error = await failureOf(close, host);
	if (error !== void 0) host.reporter.warn(`${error.code}: ${error.message}`);
}
// src/actions/main.ts
async function main(action) {
	const host = runnerHost();
	process.on("uncaughtException", (error) => lost(action, host, error));
	process.on("unhandledRejection", (error) => lost(action, host, error));
	await runAction(action, host, wireRunner);
}
function lost(action, host, error) {
	const message = error instanceof Error ? error.message : "something that is no error was thrown";
	for (const line of error instanceof Error ? (error.stack ?? "").split("\n") : []) host.reporter.debug(line);
	host.annotate({
		title: error instanceof MeshError ? error.code : "MESH_INTERNAL",
		message,
		where: void 0
	});
	host.fail(`${action.name} failed: ${message}`);
}
export { span as C, text$1 as E, optionalSecret as S, switchOn as T, sshInputs as _, controlSettings as a, flag as b, trustedFiles as c, changeInputs as d, controlInputs as f, policyInputs as g, meshInputs as h, storedPlace as i, openStore as l, installInputs as m, ownerOf as n, loadMesh as o, failOnInput as p, runIdOf as r, nextTurn as s, main as t, defineAction as u, topologyInputs as v, splitList as w, integer as x, Unfit as y };
