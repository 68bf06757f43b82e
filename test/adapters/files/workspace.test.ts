import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorkspace } from "../../../src/adapters/files/workspace.ts";
import type { Workspace } from "../../../src/ports/workspace.ts";

let folder: string;
let root: string;
let runDir: string;
let workspace: Workspace;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tailmesh-files-"));
  root = join(folder, "checkout");
  runDir = join(folder, "temp", "tailmesh");
  mkdirSync(root);
  workspace = createWorkspace({ root, runDir });
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("read", () => {
  test("relative to the checkout, or absolute", async () => {
    mkdirSync(join(root, "a"));
    writeFileSync(join(root, "a", "b.yaml"), "ü");
    expect(await workspace.read("a/b.yaml")).toBe("ü");
    expect(await workspace.read(join(root, "a", "b.yaml"))).toBe("ü");
  });

  test.each(["missing", "file/below", "missing/below"])("%s is undefined", async (path) => {
    writeFileSync(join(root, "file"), "");
    expect(await workspace.read(path)).toBeUndefined();
  });

  test("a folder is an error with its place", async () => {
    mkdirSync(join(root, "policy"));
    await expect(workspace.read("policy")).rejects.toMatchObject({ code: "MESH_FILE_READ", where: { file: "policy" } });
  });
});

describe("writeRunFile", () => {
  test("writes into the run's folder, which is for this user only, and returns the absolute path", async () => {
    const path = await workspace.writeRunFile("plan.json", "{}");
    expect(path).toBe(join(runDir, "plan.json"));
    expect(readFileSync(path, "utf8")).toBe("{}");
    expect([modeOf(path), modeOf(runDir)]).toEqual([0o644, 0o700]);
  });

  test("a secret one is 0600 whatever the umask and what was there", async () => {
    const before = process.umask(0);
    try {
      const path = await workspace.writeRunFile("keys", "old");
      chmodSync(path, 0o666);
      await workspace.writeRunFile("keys", "n k\n", { secret: true });
      expect(modeOf(path)).toBe(0o600);
    } finally {
      process.umask(before);
    }
  });

  test("replaces the old file as a whole and leaves no other behind", async () => {
    const path = await workspace.writeRunFile("result.json", "a long first content");
    const first = statSync(path).ino;
    await workspace.writeRunFile("result.json", "2");
    expect(readFileSync(path, "utf8")).toBe("2");
    expect(statSync(path).ino).not.toBe(first);
    expect(readdirSync(runDir)).toEqual(["result.json"]);
  });

  test("a failure leaves the old content and no temporary file", async () => {
    mkdirSync(join(runDir, "result.json", "x"), { recursive: true });
    await expect(workspace.writeRunFile("result.json", "2")).rejects.toMatchObject({ code: "MESH_FILE_WRITE" });
    expect(readdirSync(runDir)).toEqual(["result.json"]);
  });

  test.each(["../x", "a/../../x", "/etc/x", "", ".", ".."])("refuses %j", async (name) => {
    await expect(workspace.writeRunFile(name, "x")).rejects.toMatchObject({
      code: "MESH_FILE_OUTSIDE",
      kind: "refused",
    });
    expect(existsSync(join(folder, "temp", "x"))).toBe(false);
  });

  test("refuses a folder that is a link to elsewhere", async () => {
    mkdirSync(runDir, { recursive: true });
    symlinkSync(root, join(runDir, "out"));
    await expect(workspace.writeRunFile("out/x", "x")).rejects.toMatchObject({ code: "MESH_FILE_OUTSIDE" });
    expect(readdirSync(root)).toEqual([]);
  });

  test("does not write through a file that is a link", async () => {
    mkdirSync(runDir, { recursive: true });
    const outside = join(root, "outside");
    writeFileSync(outside, "untouched");
    symlinkSync(outside, join(runDir, "keys"));
    await workspace.writeRunFile("keys", "secret", { secret: true });
    expect(readFileSync(outside, "utf8")).toBe("untouched");
    expect(readFileSync(join(runDir, "keys"), "utf8")).toBe("secret");
  });
});

describe("removeRunFile", () => {
  test("removes once, and is content when it is gone", async () => {
    const path = await workspace.writeRunFile("keys", "x");
    await workspace.removeRunFile(path);
    expect(existsSync(path)).toBe(false);
    await workspace.removeRunFile(path);
    await workspace.removeRunFile("never/there");
  });

  test("refuses what is not of this run", async () => {
    const outside = join(root, "tailmesh.yaml");
    writeFileSync(outside, "");
    await expect(workspace.removeRunFile(outside)).rejects.toMatchObject({ code: "MESH_FILE_OUTSIDE" });
    expect(existsSync(outside)).toBe(true);
  });
});

describe("write", () => {
  test("replaces a file of the checkout and keeps its mode, or makes it; leaves nothing beside", async () => {
    writeFileSync(join(root, "p.hujson"), "old");
    chmodSync(join(root, "p.hujson"), 0o640);
    await workspace.write("p.hujson", "new");
    await workspace.write("q.hujson", "made");
    expect(readFileSync(join(root, "p.hujson"), "utf8")).toBe("new");
    expect(modeOf(join(root, "p.hujson"))).toBe(0o640);
    expect(readdirSync(root).sort()).toEqual(["p.hujson", "q.hujson"]);
  });

  test("never outside of the checkout: by name, by folder, by link", async () => {
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "elsewhere", "x"), "kept");
    symlinkSync(join(folder, "elsewhere"), join(root, "out"));
    symlinkSync(join(folder, "elsewhere", "x"), join(root, "link"));
    for (const path of ["../elsewhere/x", join(folder, "elsewhere", "x"), "out/x", "link", ""]) {
      await expect(workspace.write(path, "new"), path).rejects.toMatchObject({ code: "MESH_FILE_OUTSIDE" });
    }
    expect(readFileSync(join(folder, "elsewhere", "x"), "utf8")).toBe("kept");
  });

  test("a folder that is not there is an error with a code", async () => {
    await expect(workspace.write("none/p", "x")).rejects.toMatchObject({ code: "MESH_FILE_WRITE" });
  });
});
