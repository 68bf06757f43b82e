/** Archives from a path and from a URL: sums, layout, cache. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ArchiveCache } from "../../../src/adapters/runner/archive-cache.ts";
import { layoutProblem } from "../../../src/adapters/runner/archive-layout.ts";
import { expectedSum, locate, sumInFile } from "../../../src/adapters/runner/archive-source.ts";
import { type ArchiveSettings, createArchives } from "../../../src/adapters/runner/archives.ts";
import { createTerminalReporter } from "../../../src/adapters/terminal/reporter.ts";

const request = { version: "1.102.5", arch: "amd64" } as const;
const noCache: ArchiveCache = { restore: async () => undefined, save: async () => {} };
let folder = "";
let good: Buffer;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tailmesh-archives-"));
  good = archive("tailscale_1.102.5_amd64", ["tailscale", "tailscaled"]);
  writeFileSync(join(folder, "tailscale_1.102.5_amd64.tgz"), good);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function archive(top: string, names: readonly string[], link = false): Buffer {
  const at = mkdtempSync(join(folder, "tree-"));
  mkdirSync(join(at, top), { recursive: true });
  for (const name of names) writeFileSync(join(at, top, name), `#!/bin/sh\n# ${name}\n`);
  if (link) symlinkSync("/etc/passwd", join(at, top, "passwd"));
  return execFileSync("tar", ["-czf", "-", "-C", at, top]);
}

function sumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function settings(more: Partial<ArchiveSettings>): ArchiveSettings {
  return {
    download: async () => undefined,
    checkout: folder,
    folder: join(folder, "run"),
    reporter: createTerminalReporter({ write: () => {} }),
    cache: noCache,
    ...more,
  };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (error) => error.code,
  );
}

describe("a path", () => {
  const source = "tailscale_{version}_{arch}.tgz";

  test("gives the bytes when the sum is right, loaded once for all nodes", async () => {
    const archives = createArchives(settings({ source, sha256: [sumOf(good)] }));
    const [one, two] = await Promise.all([archives.get(request), archives.get(request)]);
    expect(one).toBe(two);
    expect(Buffer.from(one.bytes).equals(good)).toBe(true);
    expect(one.sha256).toBe(sumOf(good));
  });

  test("takes the sum from the file beside it", async () => {
    const path = join(folder, "tailscale_1.102.5_amd64.tgz.sha256");
    writeFileSync(path, `${sumOf(good)}  tailscale_1.102.5_amd64.tgz\n`);
    expect((await createArchives(settings({ source })).get(request)).sha256).toBe(sumOf(good));
    rmSync(path);
  });

  test.each([
    ["a wrong sum", { source, sha256: ["0".repeat(64)] }, "MESH_ARCHIVE_CHECKSUM_MISMATCH"],
    ["no sum", { source }, "MESH_ARCHIVE_CHECKSUM_MISSING"],
    ["no file", { source: "nothing.tgz", sha256: ["0".repeat(64)] }, "MESH_ARCHIVE_NOT_FOUND"],
    ["no server", {}, "MESH_ARCHIVE_CHECKSUM_MISSING"],
  ])("%s is refused", async (_name, more, code) => {
    expect(await codeOf(createArchives(settings(more)).get(request))).toBe(code);
  });

  test.each([
    ["another version's folder", () => archive("tailscale_1.0.0_amd64", ["tailscale", "tailscaled"])],
    ["a link", () => archive("tailscale_1.102.5_amd64", ["tailscale", "tailscaled"], true)],
    ["a missing daemon", () => archive("tailscale_1.102.5_amd64", ["tailscale"])],
    ["no archive at all", () => Buffer.from("hello")],
  ])("%s is refused before any node sees it", async (_name, make) => {
    const bytes = make();
    writeFileSync(join(folder, "bad.tgz"), bytes);
    const archives = createArchives(settings({ source: "bad.tgz", sha256: [sumOf(bytes)] }));
    expect(await codeOf(archives.get(request))).toBe("MESH_ARCHIVE_LAYOUT");
  });
});

describe("a URL", () => {
  const url = "https://example.net/tailscale_1.102.5_amd64.tgz";

  function server(asked: string[]): (url: string) => Promise<Uint8Array | undefined> {
    return async (place) => {
      asked.push(place);
      if (place === url) return good;
      return place === `${url}.sha256` ? Buffer.from(`${sumOf(good)}\n`) : undefined;
    };
  }

  test("is downloaded, checked, and kept under a key with its sum", async () => {
    const asked: string[] = [];
    const kept = new Map<string, Buffer>();
    const cache: ArchiveCache = {
      restore: async () => undefined,
      save: async (key, file) => void kept.set(key, readFileSync(file)),
    };
    const source = "https://example.net/tailscale_{version}_{arch}.tgz";
    await createArchives(settings({ source, download: server(asked), cache })).get(request);
    expect(asked).toEqual([`${url}.sha256`, url]);
    expect([...kept.keys()]).toEqual([`tailmesh-tailscale-1.102.5-amd64-${sumOf(good)}`]);
  });

  test("is not downloaded when the cache has it, and is when the cache has something else", async () => {
    for (const [bytes, downloads] of [
      [good, 0],
      [Buffer.from("poison"), 1],
    ] as const) {
      const asked: string[] = [];
      const cache: ArchiveCache = { restore: async () => bytes, save: async () => {} };
      const more = { source: url, sha256: [sumOf(good)], download: server(asked), cache };
      const archive = await createArchives(settings(more)).get(request);
      expect(archive.sha256).toBe(sumOf(good));
      expect(asked).toHaveLength(downloads);
    }
  });
});

describe("parts", () => {
  test.each([
    ["tailscale_1.102.5_amd64/../../etc/passwd", "outside"],
    ["/etc/passwd", "outside"],
    ["other/file", "outside"],
  ])("member %s is refused", (name, word) => {
    const names = ["tailscale_1.102.5_amd64/tailscale", "tailscale_1.102.5_amd64/tailscaled", name];
    expect(layoutProblem(names, ["-", "-", "-"], request)).toContain(word);
  });

  test("sums: one for all, or one for each architecture", () => {
    const [a, b] = ["a".repeat(64), "b".repeat(64)];
    expect(expectedSum([a], "amd64")).toBe(a);
    expect(expectedSum([`amd64=${a}`, `arm64=${b.toUpperCase()}`], "arm64")).toBe(b);
    expect(expectedSum([`amd64=${a}`], "arm64")).toBeUndefined();
    expect(expectedSum([], "amd64")).toBeUndefined();
    expect(sumInFile(`${a}  file.tgz\n`)).toBe(a);
    expect(sumInFile("<html>")).toBeUndefined();
  });

  test("a place is a URL or a path, filled in", () => {
    expect(locate("https://x/{version}/{arch}.tgz", request)).toEqual({
      kind: "url",
      url: "https://x/1.102.5/amd64.tgz",
    });
    expect(locate("files/{arch}.tgz", request)).toEqual({ kind: "file", path: "files/amd64.tgz" });
  });
});
