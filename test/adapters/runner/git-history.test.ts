/** Earlier versions of files, from real repositories. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createGitHistory } from "../../../src/adapters/runner/git-history.ts";

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tailmesh-git-"));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function git(...args: string[]): string {
  const env = { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_NOSYSTEM: "1" };
  const who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...who, ...args], { cwd: join(folder, "repo"), env, encoding: "utf8" }).trim();
}

function commit(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "repo", name), text);
  git("add", "-A");
  git("commit", "-q", "-m", "change");
  return git("rev-parse", "HEAD");
}

function history(root = join(folder, "repo")) {
  return createGitHistory({ root, env: process.env, log: (line) => said.push(line) });
}

describe("versions", () => {
  beforeEach(() => {
    mkdirSync(join(folder, "repo", "sub"), { recursive: true });
    git("init", "-q");
  });

  test("of the commits that touched one of the files, newest first, with all of the files", async () => {
    const first = commit({ "p.hujson": "one\n", "t.yaml": "t1" });
    commit({ other: "x" });
    const third = commit({ "p.hujson": "two\u00fc\n" });
    const found = await history().versions(["p.hujson", "t.yaml", "none"]);
    expect(found.map(({ commit: hash, texts }) => [hash, Object.fromEntries(texts)])).toEqual([
      [third, { "p.hujson": "two\u00fc\n", "t.yaml": "t1" }],
      [first, { "p.hujson": "one\n", "t.yaml": "t1" }],
    ]);
  });

  test("in a checkout that is a folder of the repository", async () => {
    commit({ "sub/p.hujson": "inner", "p.hujson": "outer" });
    const [found] = await history(join(folder, "repo", "sub")).versions(["./p.hujson"]);
    expect(found?.texts.get("./p.hujson")).toBe("inner");
  });

  test("names are no options, no patterns, and lead nowhere else", async () => {
    commit({ "p.hujson": "one" });
    for (const path of ["--output=x", ":(glob)**", "*", "../repo/p.hujson", "/etc/passwd", "a\nb"]) {
      expect(await history().versions([path]), path).toEqual([]);
    }
  });

  test("a repository whose settings would run something runs nothing", async () => {
    commit({ "p.hujson": "one" });
    const trace = join(folder, "ran");
    git("config", "core.fsmonitor", `touch ${trace}`);
    git("config", "core.pager", `touch ${trace}`);
    expect(await history().versions(["p.hujson"])).toHaveLength(1);
    expect(() => execFileSync("test", ["-e", trace])).toThrow();
  });
});

test("no repository, no commit, no git: no history, and why is for those who debug", async () => {
  mkdirSync(join(folder, "repo"));
  expect(await history().versions(["p"])).toEqual([]);
  git("init", "-q");
  expect(await history().versions(["p"])).toEqual([]);
  const without = createGitHistory({ root: folder, env: { PATH: folder }, log: (line) => said.push(line) });
  expect(await without.versions(["p"])).toEqual([]);
  expect(said.length).toBeGreaterThan(1);
});
