import { describe, expect, test } from "vitest";
import { storedDescription, storedMark } from "../../src/keys/marker.ts";
import { type WatchInput, watchKeys } from "../../src/keys/watch.ts";
import type { StoredKey } from "../../src/mesh/mesh.ts";
import type { AuthKey } from "../../src/ports/control.ts";
import { fakeDevice } from "../support/fake-control.ts";

const day = 86_400;
const now = new Date("2026-11-27T12:00:00Z");
const daysAgo = (days: number): Date => new Date(now.getTime() - days * day * 1000);
const owner = "https://github.com/4711";

function stored(name: string, more: Partial<StoredKey> = {}): StoredKey {
  return {
    name,
    cluster: undefined,
    tags: ["tag:nas"],
    store: "home",
    place: `keys/${name}`,
    expiry: 90 * day,
    rotateAfter: 30 * day,
    renewBefore: 45 * day,
    reusable: true,
    ...more,
  };
}

async function keyOf(
  of: StoredKey,
  age: number,
  more: Partial<AuthKey> & { readonly by?: string } = {},
): Promise<AuthKey> {
  const { by = owner, ...rest } = more;
  return {
    id: `k${age}`,
    prefix: null,
    tags: of.tags,
    description: storedDescription(await storedMark(of, by), "1234"),
    created: daysAgo(age),
    expires: daysAgo(age - 90),
    reusable: true,
    ephemeral: false,
    state: "usable",
    ...rest,
  };
}

function watch(input: Partial<WatchInput>) {
  return watchKeys({
    storedKeys: [],
    owner,
    keys: [],
    hasDescriptions: true,
    devices: [],
    credentials: [],
    now,
    ...input,
  });
}

const nas = stored("nas");

describe("the key in force", () => {
  test("is the newest usable one with the mark; others' keys and keys of other places do not count", async () => {
    const keys = await Promise.all([
      keyOf(nas, 50),
      keyOf(nas, 20),
      keyOf(nas, 5, { state: "revoked" }),
      keyOf(nas, 4, { by: "https://github.com/other" }),
      keyOf(stored("nas", { place: "elsewhere" }), 3),
      keyOf(stored("other"), 2),
      keyOf(nas, 1, { description: "tailmesh nas 1234" }),
    ]);
    const found = await watch({ storedKeys: [nas], keys });
    expect(found.radar.items).toEqual([
      { kind: "stored-key", name: "nas", expires: daysAgo(-70), remainingDays: 70, level: "ok" },
    ]);
    expect([found.errors, found.warnings]).toEqual([[], []]);
  });

  test("is told by its tags and its long life where the server keeps no descriptions", async () => {
    const bare = { description: "" };
    const keys = await Promise.all([
      keyOf(nas, 20, bare),
      keyOf(nas, 10, { ...bare, tags: ["tag:nas", "tag:other"] }),
      keyOf(nas, 5, { ...bare, ephemeral: true }),
      keyOf(nas, 0, { ...bare, expires: new Date(now.getTime() + 600_000) }),
    ]);
    const found = await watch({ storedKeys: [nas], keys, hasDescriptions: false });
    expect(found.radar.items.map(({ remainingDays }) => remainingDays)).toEqual([70]);
  });

  test("that is not there is a warning, which says what to do", async () => {
    const found = await watch({ storedKeys: [nas] });
    expect(found.warnings).toEqual([expect.stringMatching(/^stored key nas has no usable key .* run key-rotate$/)]);
    expect(found.errors).toEqual([]);
  });
});

test("a rotation that did not come is an error, and so is what is about to expire", async () => {
  const found = await watch({
    storedKeys: [nas, stored("late")],
    keys: await Promise.all([keyOf(nas, 44), keyOf(stored("late"), 80)]),
    credentials: [{ kind: "api-token", id: "1", name: "ci", expires: daysAgo(-3) }],
    devices: [fakeDevice("laptop", [], { keyExpires: daysAgo(-3) })],
  });
  expect(found.errors.map(({ code, where }) => [code, where?.address])).toEqual([
    ["MESH_ROTATION_OVERDUE", "stored-key/late"],
    ["MESH_EXPIRY_NEAR", "api-token/ci"],
    ["MESH_EXPIRY_NEAR", "stored-key/late"],
  ]);
  expect(found.warnings).toEqual([expect.stringContaining("the node key of laptop")]);
});

test("what may not be seen is not verified, and nothing more", async () => {
  const found = await watch({ storedKeys: [nas], keys: [await keyOf(nas, 1)], devices: null, credentials: null });
  expect([found.errors, found.warnings, found.radar.notVerified.length]).toEqual([[], [], 2]);
});
