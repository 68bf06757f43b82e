import { n as readKeyFields, t as keyFields } from "./key-record.js";
import { c as fileErrors } from "./http.js";
const { basename, dirname, isAbsolute, join, relative, resolve } = process.getBuiltinModule("node:path");
const { createHash, randomUUID } = process.getBuiltinModule("node:crypto");
const { setTimeout } = process.getBuiltinModule("node:timers/promises");
const { access, constants, link, lstat, mkdir, open, readFile, readdir, realpath, rename, rm } = process.getBuiltinModule("node:fs/promises");
// src/adapters/files/key-store.ts
function createFileStore({ name, folder, root, mask }) {
	const files = new KeyFolder(resolve(root, folder), name);
	return {
		name,
		capabilities: {
			readable: true,
			compareAndSet: true
		},
		wire: {
			read: `read ${join(folder, "PLACE")}`,
			write: `write ${join(folder, "PLACE")} (mode 0600)`
		},
		checkWritable: (place) => files.checkWritable(place),
		async read(place) {
			const { text, version } = await files.read(place);
			const found = {
				version,
				record: null,
				secret: null,
				isConsistent: true
			};
			if (text === void 0) return {
				...found,
				kind: "absent"
			};
			const kept = readKeyFields(jsonOf(text));
			if (kept === void 0) return {
				...found,
				kind: "foreign"
			};
			mask(kept.secret);
			return {
				...found,
				kind: "present",
				record: kept.record,
				secret: kept.secret
			};
		},
		async write(place, secret, record, ifVersion) {
			mask(secret);
			return files.write(place, `${JSON.stringify(keyFields(secret, record), null, 2)}\n`, ifVersion);
		},
		close: async () => void 0
	};
}
const nothing = "absent";
const patience = 3e3;
const pause = 20;
const hour = 36e5;
var KeyFolder = class {
	#folder;
	#store;
	constructor(folder, store) {
		this.#folder = folder;
		this.#store = store;
	}
	async read(place) {
		const path = await this.#checked(place);
		try {
			const found = await contentOf(path);
			return await settled(successorOf(path, found.version), path) ? await contentOf(path) : found;
		} catch (cause) {
			throw this.#error(place, "cannot be read", cause);
		}
	}
	async write(place, text, ifVersion) {
		const path = await this.#checked(place);
		const draft = join(dirname(path), `.${randomUUID()}.tmp`);
		try {
			await mkdir(dirname(path), {
				recursive: true,
				mode: 448
			});
			if ((await this.read(place)).version !== ifVersion) return { kind: "conflict" };
			await clearDrafts(dirname(path));
			await writeWhole(draft, text);
			if (!(ifVersion === nothing ? await linked(draft, path) : await this.#succeed(path, draft, ifVersion))) return { kind: "conflict" };
			await syncFolder(dirname(path));
			return {
				kind: "stored",
				version: versionOf(text)
			};
		} catch (cause) {
			throw this.#error(place, "cannot be written", cause);
		} finally {
			await rm(draft, { force: true }).catch(() => void 0);
		}
	}
	async checkWritable(place) {
		const path = await this.#checked(place);
		const found = await lstat(path).catch(() => void 0);
		if (found !== void 0 && !found.isFile()) throw this.#error(place, "is no plain file", void 0);
		let folder = dirname(path);
		while (await lstat(folder).catch(() => void 0) === void 0 && dirname(folder) !== folder) folder = dirname(folder);
		try {
			await access(`${folder}/`, constants.W_OK | constants.X_OK);
		} catch (cause) {
			throw this.#error(place, `cannot be written: no right to write in ${folder}`, cause);
		}
	}
	async #succeed(path, draft, ifVersion) {
		const successor = successorOf(path, ifVersion);
		if (!await linked(draft, successor)) return false;
		if ((await contentOf(path)).version === ifVersion) return replaced(successor, path);
		await rm(successor, { force: true });
		return false;
	}
	async #checked(place) {
		const path = resolve(this.#folder, place);
		const real = await realFolder(dirname(path));
		const isInside = isBelow(this.#folder, path) && isBelow(await realFolder(this.#folder), join(real, basename(path)));
		const isLink = (await lstat(path).catch(() => void 0))?.isSymbolicLink() === true;
		if (isInside && !isLink) return path;
		throw fileErrors("MESH_STORE_FOLDER", `store ${this.#store}: ${place} leads out of the folder of the store`, { where: { file: place } });
	}
	#error(place, what, cause) {
		if (codeOf(cause) === "MESH_STORE_FOLDER") return cause;
		const code = cause === void 0 ? "" : ` (${codeOf(cause)})`;
		return fileErrors("MESH_STORE_FOLDER", `store ${this.#store}: ${place} ${what}${code}`, {
			where: { file: place },
			cause
		});
	}
};
function successorOf(path, version) {
	return join(dirname(path), `.${basename(path)}.${version}.next`);
}
function versionOf(text) {
	return createHash("sha256").update(text).digest("hex");
}
async function contentOf(path) {
	try {
		const text = await readFile(path, "utf8");
		return {
			text,
			version: versionOf(text)
		};
	} catch (error) {
		if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return {
			text: void 0,
			version: nothing
		};
		throw error;
	}
}
async function settled(successor, path) {
	if (!await isThere(successor)) return false;
	for (let waited = 0; waited < patience; waited += pause) {
		await setTimeout(pause);
		if (!await isThere(successor)) return true;
	}
	return replaced(successor, path);
}
async function isThere(path) {
	return await lstat(path).catch(() => void 0) !== void 0;
}
async function replaced(successor, path) {
	return rename(successor, path).then(() => true, (error) => {
		if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return false;
		throw error;
	});
}
async function linked(file, name) {
	return link(file, name).then(() => true, (error) => {
		if (codeOf(error) === "EEXIST") return false;
		throw error;
	});
}
async function clearDrafts(folder) {
	for (const name of (await readdir(folder)).filter((entry) => /^\.[0-9a-f-]{36}\.tmp$/.test(entry))) {
		const { mtimeMs } = await lstat(join(folder, name)).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
		if (Date.now() - mtimeMs > hour) await rm(join(folder, name), { force: true });
	}
}
async function writeWhole(path, text) {
	await using file = await open(path, "wx", 384);
	await file.chmod(384);
	await file.writeFile(text);
	await file.sync();
}
async function syncFolder(path) {
	await using folder = await open(path, "r");
	await folder.sync();
}
async function realFolder(path) {
	try {
		return await realpath(path);
	} catch {
		return dirname(path) === path ? path : join(await realFolder(dirname(path)), basename(path));
	}
}
function isBelow(folder, path) {
	const below = relative(folder, path);
	return below !== "" && below !== ".." && !below.startsWith("../") && !isAbsolute(below);
}
function jsonOf(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
function codeOf(error) {
	return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
export { createFileStore };
