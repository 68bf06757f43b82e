/** Downloads kept between runs by the platform's cache; what comes back is trusted no more than a download. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Reporter } from "../../ports/reporter.ts";

export interface ArchiveCache {
  /** Bytes kept under this key; undefined when there are none or the cache is out of order. */
  restore(key: string, file: string): Promise<Uint8Array | undefined>;
  /** Keeps the file; a failure is no failure of the run. */
  save(key: string, file: string): Promise<void>;
}

/** `@actions/cache` costs more to load than the rest of an action: it is loaded when a download is at hand. */
export function createArchiveCache(reporter: Reporter): ArchiveCache {
  const tolerant = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      reporter.debug(`the cache did not answer: ${error instanceof Error ? error.message : "unknown reason"}`);
      return undefined;
    }
  };
  return {
    restore: (key, file) =>
      tolerant(async () => {
        const cache = await import("@actions/cache");
        if (!cache.isFeatureAvailable()) return undefined;
        const hit = await cache.restoreCache([file], key);
        return hit === undefined ? undefined : await readFile(file);
      }),
    save: async (key, file) => {
      await tolerant(async () => {
        const cache = await import("@actions/cache");
        if (cache.isFeatureAvailable()) await cache.saveCache([file], key);
      });
    },
  };
}

/** Writes the bytes where the cache and `tar` look for them. */
export async function keepFile(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, bytes, { mode: 0o600 });
}

export async function dropFile(file: string): Promise<void> {
  await rm(file, { force: true });
}
