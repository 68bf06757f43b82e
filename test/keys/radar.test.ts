import { describe, expect, test } from "vitest";
import {
  expiryErrors,
  expiryRadar,
  expiryText,
  expiryWarnings,
  nextExpiry,
  type RadarInput,
  radarLines,
  radarMarkdown,
} from "../../src/keys/radar.ts";
import { fakeDevice } from "../support/fake-control.ts";

const now = new Date("2026-11-27T12:00:00Z");
const day = 86_400_000;
const inDays = (days: number): Date => new Date(now.getTime() + days * day);
const token = (name: string, days: number) => ({ kind: "api-token", id: name, name, expires: inDays(days) }) as const;
const stored = (name: string, days: number, life = 90) => ({ name, expires: inDays(days), life: (life * day) / 1000 });
const radar = (input: Omit<RadarInput, "now">) => expiryRadar({ now, ...input });
const levels = (input: Omit<RadarInput, "now">) =>
  radar(input).items.map(({ name, remainingDays, level }) => [name, remainingDays, level]);

describe("levels", () => {
  test("ok from 30 days on, a warning below, an error below 14", () => {
    const second = 1 / 86_400;
    const days = [-1, 0, 13, 14 - second, 14, 29.5, 30 - second, 30, 89];
    expect(
      levels({ credentials: days.map((d) => token(String(d), d)) }).map(([, left, level]) => [left, level]),
    ).toEqual([
      [-1, "error"],
      [0, "error"],
      [13, "error"],
      [13, "error"],
      [14, "warn"],
      [29, "warn"],
      [29, "warn"],
      [30, "ok"],
      [89, "ok"],
    ]);
  });

  test("a stored key that is meant to live for a week is not in alarm from its first day", () => {
    const week = (days: number) => levels({ storedKeys: [stored("nas", days, 7)] })[0]?.[2];
    expect([7, 3, 2, 1].map(week)).toEqual(["ok", "ok", "warn", "error"]);
    expect([31, 29, 13].map((days) => levels({ storedKeys: [stored("nas", days)] })[0]?.[2])).toEqual([
      "ok",
      "warn",
      "error",
    ]);
  });
});

describe("what is on it", () => {
  test("stored keys, tokens, node keys, Vault tokens, the first to expire first", () => {
    const found = radar({
      storedKeys: [stored("nas", 60)],
      credentials: [token("production", 5)],
      devices: [fakeDevice("laptop", [], { keyExpires: inDays(40) }), fakeDevice("homelab-1", ["tag:homelab"])],
      logins: [{ kind: "vault-token", store: "home", expires: inDays(20) }],
    });
    expect(found.items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "api-token production",
      "vault-token home",
      "node-key laptop",
      "stored-key nas",
    ]);
    expect(found.notVerified).toEqual([]);
    expect(nextExpiry(found)?.name).toBe("production");
  });

  test("what expired long ago and is still listed is nobody's concern, except for a stored key", () => {
    const found = levels({
      storedKeys: [stored("nas", -40)],
      credentials: [token("old", -40), token("yesterday", -1)],
      devices: [fakeDevice("drawer", [], { keyExpires: inDays(-31) })],
    });
    expect(found.map(([name]) => name)).toEqual(["nas", "yesterday"]);
  });

  test("what could not be looked at is said and does not fail; what there is none of is not", () => {
    const { items, notVerified } = radar({ storedKeys: null, credentials: null, devices: null });
    expect(items).toEqual([]);
    expect(notVerified).toHaveLength(3);
    expect(radar({}).notVerified).toEqual([]);
    expect(expiryErrors({ items, notVerified })).toEqual([]);
  });
});

describe("in words", () => {
  const found = radar({
    storedKeys: [stored("nas", -3)],
    credentials: [token("prod\n::error::x", 12.5), token("soon", 1), token("today", 0.2)],
    devices: [fakeDevice("laptop", [], { keyExpires: inDays(2) })],
  });

  test("how long, and until when", () => {
    expect(found.items.map(expiryText)).toEqual([
      "stored key nas has expired on 2026-11-24",
      "API token today expires in less than a day, on 2026-11-27",
      "API token soon expires in 1 day, on 2026-11-28",
      "the node key of laptop expires in 2 days, on 2026-11-29",
      "API token prod\\u{a}::error::x expires in 12 days, on 2026-12-10",
    ]);
  });

  test("errors name what to do; a person's device is a warning", () => {
    const errors = expiryErrors(found);
    expect(errors.map((e) => [e.code, e.where?.address])).toEqual([
      ["MESH_EXPIRY_NEAR", "stored-key/nas"],
      ["MESH_EXPIRY_NEAR", "api-token/today"],
      ["MESH_EXPIRY_NEAR", "api-token/soon"],
      ["MESH_EXPIRY_NEAR", "api-token/prod\\u{a}::error::x"],
    ]);
    expect(errors[0]?.hint).toMatch(/^Run key-rotate/);
    expect(expiryWarnings(found)).toEqual([expect.stringMatching(/^the node key of laptop .*force-reauth/)]);
  });

  test("lines: what is near, then the next of the others; the table is inert", () => {
    const calm = radar({ credentials: [token("a", 50), token("b", 60)], devices: null });
    expect(radarLines(calm)).toEqual([
      "next: API token a expires in 50 days, on 2027-01-16",
      "when node keys expire is not verified: the credential may not list devices (scope `devices:core:read`)",
    ]);
    expect(radarLines(radar({}))).toEqual(["nothing that was looked at expires"]);
    const [table = ""] = radarMarkdown(radar({ credentials: [token("x|<b>", 3)] }));
    expect(table).toContain("| ❌ | api-token | x&#124;&lt;b&gt; | 2026-11-30 | 3 |");
  });
});
