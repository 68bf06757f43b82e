/** The SecretStore port on a folder of this machine: one JSON file of mode 0600 for each key. */
import { createHash, randomUUID } from "node:crypto";
import { access, constants, link, lstat, mkdir, open, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Secret } from "../../mesh/secret.ts";
import { keyFields, readKeyFields } from "../../ports/key-record.ts";
import type { KeyRecord, SecretStore, StoreReading, StoreWrite } from "../../ports/secret-store.ts";
import { fileErrors } from "./errors.ts";

export interface FileStoreOptions {
  readonly name: string;
  /** Relative to `root`, or absolute. */
  readonly folder: string;
  /** The checkout. */
  readonly root: string;
  /** Told of every key before it is handed out. */
  readonly mask: (secret: Secret) => void;
}

export function createFileStore({ name, folder, root, mask }: FileStoreOptions): SecretStore {
  const files = new KeyFolder(resolve(root, folder), name);
  return {
    name,
    capabilities: { readable: true, compareAndSet: true },
    wire: { read: `read ${join(folder, "PLACE")}`, write: `write ${join(folder, "PLACE")} (mode 0600)` },
    checkWritable: (place) => files.checkWritable(place),
    async read(place): Promise<StoreReading> {
      const { text, version } = await files.read(place);
      const found = { version, record: null, secret: null, isConsistent: true };
      if (text === undefined) return { ...found, kind: "absent" };
      const kept = readKeyFields(jsonOf(text));
      if (kept === undefined) return { ...found, kind: "foreign" };
      mask(kept.secret);
      return { ...found, kind: "present", record: kept.record, secret: kept.secret };
    },
    async write(place, secret, record: KeyRecord, ifVersion): Promise<StoreWrite> {
      mask(secret);
      return files.write(place, `${JSON.stringify(keyFields(secret, record), null, 2)}\n`, ifVersion);
    },
    close: async () => undefined,
  };
}

interface Content {
  readonly text: string | undefined;
  readonly version: string;
}

const nothing = "absent";

/** What a live writer needs between its claim and the end is milliseconds; a claim that stays longer was left by a killed one. */
const patience = 3000;
const pause = 20;
const hour = 3_600_000;

/**
 * Compare-and-set without a lock that a killed run could leave behind: whoever replaces a text first puts the whole new one
 * beside it, under a name that says which text it follows. Only one can have that name, and it alone may go on; whoever
 * finds one that was left finishes it, so that what was begun is done, and never half.
 */
class KeyFolder {
  readonly #folder: string;
  readonly #store: string;

  constructor(folder: string, store: string) {
    this.#folder = folder;
    this.#store = store;
  }

  async read(place: string): Promise<Content> {
    const path = await this.#checked(place);
    try {
      const found = await contentOf(path);
      return (await settled(successorOf(path, found.version), path)) ? await contentOf(path) : found;
    } catch (cause) {
      throw this.#error(place, "cannot be read", cause);
    }
  }

  async write(place: string, text: string, ifVersion: string): Promise<StoreWrite> {
    const path = await this.#checked(place);
    const draft = join(dirname(path), `.${randomUUID()}.tmp`);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      if ((await this.read(place)).version !== ifVersion) return { kind: "conflict" };
      await clearDrafts(dirname(path));
      await writeWhole(draft, text);
      const isWritten = ifVersion === nothing ? await linked(draft, path) : await this.#succeed(path, draft, ifVersion);
      if (!isWritten) return { kind: "conflict" };
      await syncFolder(dirname(path));
      return { kind: "stored", version: versionOf(text) };
    } catch (cause) {
      throw this.#error(place, "cannot be written", cause);
    } finally {
      await rm(draft, { force: true }).catch(() => undefined); // was never made where its folder is none
    }
  }

  /** Looks at what is there; makes nothing. */
  async checkWritable(place: string): Promise<void> {
    const path = await this.#checked(place);
    const found = await lstat(path).catch(() => undefined);
    if (found !== undefined && !found.isFile()) {
      throw this.#error(place, "is no plain file", undefined);
    }
    let folder = dirname(path);
    while ((await lstat(folder).catch(() => undefined)) === undefined && dirname(folder) !== folder) {
      folder = dirname(folder);
    }
    try {
      await access(`${folder}/`, constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw this.#error(place, `cannot be written: no right to write in ${folder}`, cause);
    }
  }

  async #succeed(path: string, draft: string, ifVersion: string): Promise<boolean> {
    const successor = successorOf(path, ifVersion);
    if (!(await linked(draft, successor))) return false;
    // What it follows may have been followed by another between the look and the link.
    if ((await contentOf(path)).version === ifVersion) return replaced(successor, path);
    await rm(successor, { force: true });
    return false;
  }

  /** The absolute path, which must lie in the folder as it is written and as it really is. */
  async #checked(place: string): Promise<string> {
    const path = resolve(this.#folder, place);
    const real = await realFolder(dirname(path));
    const isInside = isBelow(this.#folder, path) && isBelow(await realFolder(this.#folder), join(real, basename(path)));
    const isLink = (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true;
    if (isInside && !isLink) return path;
    throw fileErrors("MESH_STORE_FOLDER", `store ${this.#store}: ${place} leads out of the folder of the store`, {
      where: { file: place },
    });
  }

  #error(place: string, what: string, cause: unknown): unknown {
    if (codeOf(cause) === "MESH_STORE_FOLDER") return cause;
    const code = cause === undefined ? "" : ` (${codeOf(cause)})`;
    return fileErrors("MESH_STORE_FOLDER", `store ${this.#store}: ${place} ${what}${code}`, {
      where: { file: place },
      cause,
    });
  }
}

function successorOf(path: string, version: string): string {
  return join(dirname(path), `.${basename(path)}.${version}.next`);
}

function versionOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function contentOf(path: string): Promise<Content> {
  try {
    const text = await readFile(path, "utf8");
    return { text, version: versionOf(text) };
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return { text: undefined, version: nothing };
    throw error;
  }
}

/** Waits for another writer, or does what a killed one left to be done; false when there was neither. */
async function settled(successor: string, path: string): Promise<boolean> {
  if (!(await isThere(successor))) return false;
  for (let waited = 0; waited < patience; waited += pause) {
    await setTimeout(pause);
    if (!(await isThere(successor))) return true;
  }
  return replaced(successor, path);
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** False when there was nothing to put in its place. */
async function replaced(successor: string, path: string): Promise<boolean> {
  return rename(successor, path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return false;
      throw error;
    },
  );
}

/** Gives a file a second name; false when that name is taken. */
async function linked(file: string, name: string): Promise<boolean> {
  return link(file, name).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === "EEXIST") return false;
      throw error;
    },
  );
}

/** Takes away what writers left that were killed an hour ago or longer: there is a key in it. */
async function clearDrafts(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((entry) => /^\.[0-9a-f-]{36}\.tmp$/.test(entry))) {
    const { mtimeMs } = await lstat(join(folder, name)).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > hour) await rm(join(folder, name), { force: true });
  }
}

/** For this user only, on disk when it returns. */
async function writeWhole(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  await file.chmod(0o600);
  await file.writeFile(text);
  await file.sync();
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}

/** Where a folder really is; of one that is not there yet, where it would be made. */
async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return dirname(path) === path ? path : join(await realFolder(dirname(path)), basename(path));
  }
}

function isBelow(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return below !== "" && below !== ".." && !below.startsWith("../") && !isAbsolute(below);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
