// Things that are built once: each lies under a name that says what made it, and appears there whole or not at all.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { cache } from "./paths.ts";
import { progress } from "./progress.ts";

/** A hash over texts and files: what a cached thing depends on. */
export function digest(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex").slice(0, 12);
}

/** Names and contents of all files of a folder, for digest(). */
export function contents(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return files.map((file) => `${relative(folder, file)}\n${readFileSync(file, "utf8")}`).join("\n");
}

/** Takes away what builds left that were killed. */
function clearDrafts(): void {
  for (const entry of readdirSync(cache)) {
    const builder = /^\.draft-.*-(\d+)$/.exec(entry)?.[1];
    if (builder === undefined || (Number(builder) !== process.pid && existsSync(`/proc/${builder}`))) continue;
    rmSync(join(cache, entry), { recursive: true, force: true });
  }
}

export async function cached(name: string, what: string, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  clearDrafts();
  const draft = join(cache, `.draft-${name}-${process.pid}`);
  mkdirSync(draft);
  progress(`building ${what}`);
  try {
    await build(draft);
    if (existsSync(folder)) return folder; // somebody else was quicker
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}
