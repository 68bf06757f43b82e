/** Tailscale archives: from a path, a URL or Tailscale's own server; checked before any node sees them. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Archive, ArchiveRequest, Archives } from "../../ports/archives.ts";
import type { Reporter } from "../../ports/reporter.ts";
import { type ArchiveCache, createArchiveCache, dropFile, keepFile } from "./archive-cache.ts";
import { verifyLayout } from "./archive-layout.ts";
import { defaultSource, expectedSum, locate, sumInFile } from "./archive-source.ts";
import { runnerError } from "./errors.ts";

export interface ArchiveSettings {
  /** Path or URL with `{version}` and `{arch}`; default Tailscale's server. */
  readonly source?: string;
  /** One sum, or `arch=sum` entries; empty = the file `….sha256` beside the archive. */
  readonly sha256?: readonly string[];
  /** Bytes behind a URL, undefined for 404; throws MeshError on any other failure. */
  readonly download: (url: string) => Promise<Uint8Array | undefined>;
  /** Folder that relative paths start from. */
  readonly checkout: string;
  /** Folder of this run for downloads. */
  readonly folder: string;
  readonly reporter: Reporter;
  readonly cache?: ArchiveCache;
}

/** Each archive is loaded and checked once for all nodes that need it. */
export function createArchives(settings: ArchiveSettings): Archives {
  const loaded = new Map<string, Promise<Archive>>();
  return {
    get(request) {
      const key = `${request.version}/${request.arch}`;
      const archive = loaded.get(key) ?? load(settings, request);
      loaded.set(key, archive);
      return archive;
    },
  };
}

async function load(settings: ArchiveSettings, request: ArchiveRequest): Promise<Archive> {
  const location = locate(settings.source ?? defaultSource, request);
  const place = location.kind === "url" ? location.url : location.path;
  const fetch = location.kind === "url" ? settings.download : (path: string) => readLocal(settings.checkout, path);
  const sum = expectedSum(settings.sha256 ?? [], request.arch) ?? (await sumBeside(fetch, place, request));
  const bytes = location.kind === "url" ? await downloaded(settings, request, place, sum) : await present(fetch, place);
  verifySum(bytes, sum, place);
  await verifyListed(settings, request, bytes);
  settings.reporter.debug(`archive ${place}: SHA-256 ${sum}, ${bytes.length} bytes`);
  return { version: request.version, arch: request.arch, sha256: sum, bytes };
}

type Fetch = (place: string) => Promise<Uint8Array | undefined>;

async function present(fetch: Fetch, place: string): Promise<Uint8Array> {
  const bytes = await fetch(place);
  if (bytes === undefined) throw runnerError("MESH_ARCHIVE_NOT_FOUND", `there is no archive at ${place}`);
  return bytes;
}

async function sumBeside(fetch: Fetch, place: string, { arch }: ArchiveRequest): Promise<string> {
  const bytes = await fetch(`${place}.sha256`);
  const sum = bytes === undefined ? undefined : sumInFile(Buffer.from(bytes).toString("utf8"));
  if (sum === undefined) {
    throw runnerError("MESH_ARCHIVE_CHECKSUM_MISSING", `no SHA-256 for the ${arch} archive ${place}`);
  }
  return sum;
}

/** From the cache when its bytes have the right sum, else over the network. */
async function downloaded(
  settings: ArchiveSettings,
  { version, arch }: ArchiveRequest,
  url: string,
  sum: string,
): Promise<Uint8Array> {
  const cache = settings.cache ?? createArchiveCache(settings.reporter);
  const key = `tailmesh-tailscale-${version}-${arch}-${sum}`;
  const file = join(settings.folder, `tailscale_${version}_${arch}_${sum.slice(0, 16)}.tgz`);
  const kept = await cache.restore(key, file);
  await dropFile(file);
  if (kept !== undefined && sumOf(kept) === sum) return kept;
  const bytes = await present(settings.download, url);
  verifySum(bytes, sum, url);
  await keepFile(file, bytes);
  await cache.save(key, file);
  await dropFile(file);
  return bytes;
}

async function readLocal(checkout: string, path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(resolve(checkout, path));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw runnerError("MESH_ARCHIVE_NOT_FOUND", `${path} cannot be read`, { cause: error });
  }
}

function sumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function verifySum(bytes: Uint8Array, expected: string, place: string): void {
  const actual = sumOf(bytes);
  if (actual === expected) return;
  const message = `${place} has SHA-256 ${actual}, expected ${expected}`;
  throw runnerError("MESH_ARCHIVE_CHECKSUM_MISMATCH", message);
}

/** `tar` reads the very bytes whose sum was checked, from a file of this run. */
async function verifyListed(settings: ArchiveSettings, request: ArchiveRequest, bytes: Uint8Array): Promise<void> {
  const file = join(settings.folder, `verify_${request.version}_${request.arch}.tgz`);
  await keepFile(file, bytes);
  try {
    await verifyLayout(file, request);
  } finally {
    await dropFile(file);
  }
}
