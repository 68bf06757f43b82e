/** Ansible and pyinfra, pinned, and the Python library that Ansible needs on nodes: built once into the lab's cache. */
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached, digest } from "../lab/cache.ts";
import { must } from "../lab/exec.ts";

export const baselines = join(import.meta.dirname, "baselines");
const requirements = join(baselines, "requirements.txt");

/** The virtual environment's interpreter. It is started with `-m`: scripts in it name the folder it was built in. */
export async function buildPython(): Promise<string> {
  const python = (await must(["python3", "--version"])).trim();
  const name = `baselines-${digest(readFileSync(requirements, "utf8"), python, process.arch)}`;
  const folder = await cached(name, "Ansible and pyinfra to compare with", async (draft) => {
    await must(["python3", "-m", "venv", draft]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
    await must([join(draft, "bin", "python"), ...pip, "-r", requirements], { milliseconds: 600_000 });
    copyFileSync(requirements, join(draft, "requirements.txt"));
  });
  return join(folder, "bin", "python");
}

/**
 * The part of Python's standard library that nodes of the lab do not have (Debian's python3-minimal is all that is there),
 * from the release that they are made of.
 */
export async function buildNodeLibrary(): Promise<string> {
  const recipe = readFileSync(import.meta.filename, "utf8");
  return await cached(`node-python-${digest(recipe, process.arch)}`, "Python's library for Ansible", async (draft) => {
    const root = join(draft, "root");
    const include = "--include=libpython3-stdlib";
    await must(["debootstrap", "--download-only", "--variant=minbase", include, "bookworm", root], {
      milliseconds: 600_000,
    });
    const archives = join(root, "var/cache/apt/archives");
    for (const archive of readdirSync(archives).filter((name) => /^libpython3\.\d+-(stdlib|minimal)_/.test(name)))
      await must(["dpkg-deb", "--extract", join(archives, archive), join(draft, "files")]);
    rmSync(root, { recursive: true });
  });
}

/** Where Ansible finds its interpreter on a node. */
export const nodePython = "/opt/tailmesh-bench/python";

/** Puts the interpreter into a node's file system; `takeAway` undoes it. */
export function bringPython(nodeRoot: string, library: string): void {
  const [version = ""] = readdirSync(join(library, "files/usr/lib")).filter((name) => /^python3\.\d+$/.test(name));
  const folder = join(nodeRoot, "opt/tailmesh-bench");
  mkdirSync(folder, { recursive: true });
  cpSync(join(library, "files/usr/lib", version), join(folder, "lib"), { recursive: true });
  const path = "/opt/tailmesh-bench/lib:/opt/tailmesh-bench/lib/lib-dynload";
  const script = `#!/bin/sh\nPYTHONPATH=${path} exec /usr/bin/python3 "$@"\n`;
  writeFileSync(join(nodeRoot, nodePython), script, { mode: 0o755 });
}

export function takeAwayPython(nodeRoot: string): void {
  rmSync(join(nodeRoot, "opt/tailmesh-bench"), { recursive: true, force: true });
}
