/** Keys in a folder: for this user only, never outside of it, and whole after a kill at any moment. */
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFileStore } from "../../../src/adapters/files/key-store.ts";
import type { SecretStore } from "../../../src/ports/secret-store.ts";
import { keyOf, recordOf } from "../../conformance/stores/suite.ts";

let root = "";
let store: SecretStore;
const masked: string[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tailmesh-key-store-"));
  masked.length = 0;
  store = open();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (folder = "keys"): SecretStore =>
  createFileStore({ name: "folder", folder, root, mask: (secret) => masked.push(secret.reveal()) });
const modeOf = (path: string): number => statSync(join(root, path)).mode & 0o777;

async function put(n: number, place = "mesh/homelab.json"): Promise<void> {
  const { version } = await store.read(place);
  expect(await store.write(place, keyOf(String(n)), recordOf(n), version)).toMatchObject({ kind: "stored" });
}

test("the fields by name, mode 0600 in a folder of 0700, also over a file that others could read", async () => {
  await put(1);
  expect([modeOf("keys"), modeOf("keys/mesh"), modeOf("keys/mesh/homelab.json")]).toEqual([0o700, 0o700, 0o600]);
  expect(JSON.parse(readFileSync(join(root, "keys/mesh/homelab.json"), "utf8"))).toEqual({
    authkey: "tskey-auth-fake-1",
    key_id: "kFake1CNTRL",
    name: "homelab",
    tags: ["tag:homelab", "tag:nas"],
    created: "2026-11-01T04:17:00.000Z",
    expires: "2027-01-30T04:17:00.000Z",
    previous_key_id: null,
    minted_by_run: "1234567890",
  });
  const loose = readFileSync(join(root, "keys/mesh/homelab.json"));
  writeFileSync(join(root, "keys/loose.json"), loose, { mode: 0o644 });
  await put(2, "loose.json");
  expect(modeOf("keys/loose.json")).toBe(0o600);
  expect(masked).toContain("tskey-auth-fake-2");
});

test("nothing is left beside it, and a look makes nothing", async () => {
  await store.read("mesh/homelab.json");
  await store.checkWritable("mesh/homelab.json");
  expect(readdirSync(root)).toEqual([]);
  await put(1);
  await put(2);
  expect(await store.write("mesh/homelab.json", keyOf("3"), recordOf(3), "past")).toEqual({ kind: "conflict" });
  expect(readdirSync(join(root, "keys/mesh"))).toEqual(["homelab.json"]);
});

test("an absolute folder", async () => {
  store = open(join(root, "elsewhere"));
  await put(1, "key");
  expect(readdirSync(join(root, "elsewhere"))).toEqual(["key"]);
});

describe("a run that was killed", () => {
  const path = (name: string): string => join(root, "keys", name);
  const textOf = (n: number): string =>
    JSON.stringify({ ...(JSON.parse(readFileSync(path("key"), "utf8")) as object), key_id: `kFake${n}CNTRL` });

  test("before its claim: what was there is there", async () => {
    await put(1, "key");
    const [young, old] = [1, 2].map((n) => `.00000000-0000-4000-8000-00000000000${n}.tmp`);
    for (const name of [young, old]) writeFileSync(path(name ?? ""), textOf(2), { mode: 0o600 });
    utimesSync(path(old ?? ""), new Date(), new Date(Date.now() - 2 * 3_600_000));
    expect((await store.read("key")).record?.keyId).toBe("kFake1CNTRL");
    await put(3, "key");
    expect(readdirSync(path("")).sort()).toEqual([young, "key"]);
    expect((await store.read("key")).record?.keyId).toBe("kFake3CNTRL");
  });

  test("after its claim: the next one finishes it, and a write on what was before is a conflict", async () => {
    await put(1, "key");
    const { version } = await store.read("key");
    writeFileSync(path(".0f.tmp"), textOf(2), { mode: 0o600 });
    linkSync(path(".0f.tmp"), path(`.key.${version}.next`));
    expect(await store.write("key", keyOf("3"), recordOf(3), version)).toEqual({ kind: "conflict" });
    expect((await store.read("key")).record?.keyId).toBe("kFake2CNTRL");
    expect(readdirSync(path("")).filter((name) => name.endsWith(".next"))).toEqual([]);
  });
});

describe("no way out of the folder", () => {
  test.each([
    ["a name with dots", "../key"],
    ["an absolute name", "/etc/tailmesh-key"],
    ["the folder itself", "."],
    ["a link in the place of the file", "link"],
    ["a link in the place of a folder", "away/key"],
    ["a link to nowhere", "nowhere"],
  ])("%s", async (_, place) => {
    mkdirSync(join(root, "keys"));
    mkdirSync(join(root, "outside"));
    writeFileSync(join(root, "outside/file"), "fake-theirs");
    symlinkSync(join(root, "outside/file"), join(root, "keys/link"));
    symlinkSync(join(root, "outside"), join(root, "keys/away"));
    symlinkSync(join(root, "outside/new"), join(root, "keys/nowhere"));
    const refused = { code: "MESH_STORE_FOLDER", kind: "config" };
    await expect(store.checkWritable(place)).rejects.toMatchObject(refused);
    await expect(store.read(place)).rejects.toMatchObject(refused);
    await expect(store.write(place, keyOf("1"), recordOf(1), "absent")).rejects.toMatchObject(refused);
    expect(readFileSync(join(root, "outside/file"), "utf8")).toBe("fake-theirs");
    expect(readdirSync(join(root, "outside"))).toEqual(["file"]);
  });
});

test("a folder in the place of a file, and a file in the place of a folder", async () => {
  mkdirSync(join(root, "keys/key"), { recursive: true });
  writeFileSync(join(root, "keys/file"), "fake");
  for (const place of ["key", "file/key"]) {
    await expect(store.checkWritable(place), place).rejects.toMatchObject({ code: "MESH_STORE_FOLDER" });
    await expect(store.write(place, keyOf("1"), recordOf(1), "absent"), place).rejects.toMatchObject({
      code: "MESH_STORE_FOLDER",
    });
  }
});
