import { i as runnerError } from "./http.js";
const { dirname, join, resolve } = process.getBuiltinModule("node:path");
const { createHash } = process.getBuiltinModule("node:crypto");
const { mkdir, readFile, rm, writeFile } = process.getBuiltinModule("node:fs/promises");
// src/adapters/runner/archive-cache.ts
function createArchiveCache(reporter) {
	const tolerant = async (work) => {
		try {
			return await work();
		} catch (error) {
			reporter.debug(`the cache did not answer: ${error instanceof Error ? error.message : "unknown reason"}`);
			return;
		}
	};
	return {
		restore: (key, file) => tolerant(async () => {
			const cache = await import("./cache.js");
			if (!cache.isFeatureAvailable()) return void 0;
			return await cache.restoreCache([file], key) === void 0 ? void 0 : await readFile(file);
		}),
		save: async (key, file) => {
			await tolerant(async () => {
				const cache = await import("./cache.js");
				if (cache.isFeatureAvailable()) await cache.saveCache([file], key);
			});
		}
	};
}
async function keepFile(file, bytes) {
	await mkdir(dirname(file), {
		recursive: true,
		mode: 448
	});
	await writeFile(file, bytes, { mode: 384 });
}
async function dropFile(file) {
	await rm(file, { force: true });
}
// src/adapters/runner/archive-layout.ts
async function verifyLayout(file, request) {
	const problem = layoutProblem(await listing(["-tzf", file]), (await listing(["-tvzf", file])).map((line) => line.charAt(0)), request);
	if (problem !== void 0) throw runnerError("MESH_ARCHIVE_LAYOUT", `the archive for ${request.arch} ${problem}`);
}
function layoutProblem(names, kinds, { version, arch }) {
	const folder = `tailscale_${version}_${arch}/`;
	const foreign = names.find((name) => !name.startsWith(folder) || name.split("/").includes(".."));
	if (foreign !== void 0) return `has a member outside ${folder}: ${foreign}`;
	const special = kinds.findIndex((kind) => kind !== "-" && kind !== "d");
	if (special >= 0) return `has a member that is neither file nor folder: ${names[special] ?? "?"}`;
	const missing = ["tailscale", "tailscaled"].find((name) => !names.includes(`${folder}${name}`));
	return missing === void 0 ? void 0 : `lacks ${folder}${missing}`;
}
async function listing(args) {
	const { getExecOutput } = await import("./exec.js");
	const { exitCode, stdout, stderr } = await getExecOutput("tar", [...args], {
		silent: true,
		ignoreReturnCode: true,
		env: {
			PATH: process.env["PATH"] ?? "/usr/bin:/bin",
			LC_ALL: "C"
		}
	});
	if (exitCode !== 0) throw runnerError("MESH_ARCHIVE_LAYOUT", `tar cannot read the archive: ${stderr.trim()}`);
	return stdout.split("\n").filter((line) => line !== "");
}
function locate(source, { version, arch }) {
	const filled = source.replaceAll("{version}", version).replaceAll("{arch}", arch);
	return /^https?:\/\//i.test(filled) ? {
		kind: "url",
		url: filled
	} : {
		kind: "file",
		path: filled
	};
}
function expectedSum(sums, arch) {
	const entries = sums.map((entry) => entry.split(/[=:]/).map((part) => part.trim().toLowerCase()));
	const own = entries.find(([name, sum]) => name === arch && sum !== void 0)?.[1];
	const alone = entries.length === 1 && entries[0]?.length === 1 ? entries[0][0] : void 0;
	return own ?? alone;
}
function sumInFile(text) {
	return /^\s*([0-9a-f]{64})\b/i.exec(text)?.[1]?.toLowerCase();
}
// src/adapters/runner/archives.ts
function createArchives(settings) {
	const loaded = new Map();
	return { get(request) {
		const key = `${request.version}/${request.arch}`;
		const archive = loaded.get(key) ?? load(settings, request);
		loaded.set(key, archive);
		return archive;
	} };
}
async function load(settings, request) {
	const location = locate(settings.source ?? "https://pkgs.tailscale.com/stable/tailscale_{version}_{arch}.tgz", request);
	const place = location.kind === "url" ? location.url : location.path;
	const fetch = location.kind === "url" ? settings.download : (path) => readLocal(settings.checkout, path);
	const sum = expectedSum(settings.sha256 ?? [], request.arch) ?? await sumBeside(fetch, place, request);
	const bytes = location.kind === "url" ? await downloaded(settings, request, place, sum) : await present(fetch, place);
	verifySum(bytes, sum, place);
	await verifyListed(settings, request, bytes);
	settings.reporter.debug(`archive ${place}: SHA-256 ${sum}, ${bytes.length} bytes`);
	return {
		version: request.version,
		arch: request.arch,
		sha256: sum,
		bytes
	};
}
async function present(fetch, place) {
	const bytes = await fetch(place);
	if (bytes === void 0) throw runnerError("MESH_ARCHIVE_NOT_FOUND", `there is no archive at ${place}`);
	return bytes;
}
async function sumBeside(fetch, place, { arch }) {
	const bytes = await fetch(`${place}.sha256`);
	const sum = bytes === void 0 ? void 0 : sumInFile(Buffer.from(bytes).toString("utf8"));
	if (sum === void 0) throw runnerError("MESH_ARCHIVE_CHECKSUM_MISSING", `no SHA-256 for the ${arch} archive ${place}`);
	return sum;
}
async function downloaded(settings, { version, arch }, url, sum) {
	const cache = settings.cache ?? createArchiveCache(settings.reporter);
	const key = `tailmesh-tailscale-${version}-${arch}-${sum}`;
	const file = join(settings.folder, `tailscale_${version}_${arch}_${sum.slice(0, 16)}.tgz`);
	const kept = await cache.restore(key, file);
	await dropFile(file);
	if (kept !== void 0 && sumOf(kept) === sum) return kept;
	const bytes = await present(settings.download, url);
	verifySum(bytes, sum, url);
	await keepFile(file, bytes);
	await cache.save(key, file);
	await dropFile(file);
	return bytes;
}
async function readLocal(checkout, path) {
	try {
		return await readFile(resolve(checkout, path));
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return void 0;
		throw runnerError("MESH_ARCHIVE_NOT_FOUND", `${path} cannot be read`, { cause: error });
	}
}
function sumOf(bytes) {
	return createHash("sha256").update(bytes).digest("hex");
}
function verifySum(bytes, expected, place) {
	const actual = sumOf(bytes);
	if (actual === expected) return;
	const message = `${place} has SHA-256 ${actual}, expected ${expected}`;
	throw runnerError("MESH_ARCHIVE_CHECKSUM_MISMATCH", message);
}
async function verifyListed(settings, request, bytes) {
	const file = join(settings.folder, `verify_${request.version}_${request.arch}.tgz`);
	await keepFile(file, bytes);
	try {
		await verifyLayout(file, request);
	} finally {
		await dropFile(file);
	}
}
export { createArchives };
