/**
 * The Workspace port on the machine's file system. Small files, and few: done at once they take less time than loading what would
 * do it in the background.
 */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { Workspace } from "../../ports/workspace.ts";
import { fileErrors } from "./errors.ts";

export interface WorkspaceOptions {
  /** The checkout. */
  readonly root: string;
  /** Folder for files of this run; made when it is first written to, for this user only. */
  readonly runDir: string;
}

export function createWorkspace(options: WorkspaceOptions): Workspace {
  return new FolderWorkspace(options.root, resolve(options.root, options.runDir));
}

class FolderWorkspace implements Workspace {
  readonly #root: string;
  readonly #runDir: string;

  constructor(root: string, runDir: string) {
    this.#root = root;
    this.#runDir = runDir;
  }

  async read(path: string): Promise<string | undefined> {
    try {
      return readFileSync(resolve(this.#root, path), "utf8");
    } catch (cause) {
      if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR") return undefined;
      throw fileErrors("MESH_FILE_READ", `${path} cannot be read (${codeOf(cause)})`, { where: { file: path }, cause });
    }
  }

  async write(path: string, content: string): Promise<void> {
    const target = resolve(this.#root, path);
    const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
    try {
      this.#refuseOutside(target, path);
      const mode = modeOf(target);
      writeNew(temporary, content, mode, { synced: true });
      renameSync(temporary, target);
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw this.#writeError(path, cause);
    }
  }

  /** A link could lead out of the checkout, in the place of the file itself, too. */
  #refuseOutside(target: string, path: string): void {
    const root = realpathSync(this.#root);
    const real = join(realpathSync(dirname(target)), basename(target));
    const below = relative(root, real);
    const isPlain = lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() !== true;
    if (isPlain && below !== "" && !below.startsWith("..") && !isAbsolute(below)) return;
    throw fileErrors("MESH_FILE_OUTSIDE", `${path} is not a file of the checkout`, { where: { file: path } });
  }

  async writeRunFile(name: string, content: string, options: { readonly secret?: boolean } = {}): Promise<string> {
    const path = this.#inside(name);
    const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.#refuseLinks(path);
      writeNew(temporary, content, options.secret ? 0o600 : 0o644);
      renameSync(temporary, path);
      return path;
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw this.#writeError(name, cause);
    }
  }

  async removeRunFile(path: string): Promise<void> {
    const target = this.#inside(path);
    try {
      this.#refuseLinks(target);
      rmSync(target, { force: true });
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return;
      throw this.#writeError(path, cause);
    }
  }

  /** The absolute path, which must lie below the run's folder as it is written. */
  #inside(name: string): string {
    const path = resolve(this.#runDir, name);
    const below = relative(this.#runDir, path);
    if (below !== "" && !below.startsWith("..") && !isAbsolute(below)) return path;
    throw fileErrors("MESH_FILE_OUTSIDE", `${name} is not a file of this run`, { where: { file: name } });
  }

  /** The folder it really is in must lie below the run's folder too. */
  #refuseLinks(path: string): void {
    const below = relative(realpathSync(this.#runDir), realpathSync(dirname(path)));
    if (!below.startsWith("..") && !isAbsolute(below)) return;
    throw fileErrors("MESH_FILE_OUTSIDE", `${path} leads out of the folder of this run`, { where: { file: path } });
  }

  #writeError(name: string, cause: unknown): unknown {
    if (codeOf(cause) === "MESH_FILE_OUTSIDE") return cause;
    return fileErrors("MESH_FILE_WRITE", `${name} cannot be written (${codeOf(cause)})`, {
      where: { file: name },
      cause,
    });
  }
}

/** Creates a file that must not exist yet, with exactly this mode; `synced`: on disk when it returns. */
function writeNew(path: string, content: string, mode: number, { synced = false } = {}): void {
  const file = openSync(path, "wx", mode);
  try {
    fchmodSync(file, mode);
    writeFileSync(file, content);
    if (synced) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A file that is replaced keeps its mode. */
function modeOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? 0o644 : found.mode & 0o777;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
