/** The laws of a plan's hash. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change, Plan } from "../../src/plan/change.ts";
import { canonicalJson, fingerprint } from "../../src/plan/fingerprint.ts";

const change: Change = {
  address: "policy",
  resource: "policy",
  kind: "update",
  why: "a grant is missing",
  diff: "+ grant",
  risk: "reversible",
  undo: "the old policy is written back",
  does: ["PUT /api/v1/policy"],
};

const planOf = (...changes: readonly Change[]): Plan => ({ changes, unchanged: [] });

describe("fingerprint", () => {
  test("is 64 hexadecimal digits and the same each time", () => {
    const hash = fingerprint("acl-apply", planOf(change));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint("acl-apply", planOf({ ...change }))).toBe(hash);
  });

  test("does not depend on what stays unchanged", () => {
    const more = { changes: [change], unchanged: [{ address: "node/a", why: "as it should be" }] };
    expect(fingerprint("acl-apply", more)).toBe(fingerprint("acl-apply", planOf(change)));
  });

  test.each([
    ["another action", "converge", planOf(change)],
    ["another difference", "acl-apply", planOf({ ...change, diff: "- grant" })],
    ["other commands", "acl-apply", planOf({ ...change, does: [] })],
    ["a change more", "acl-apply", planOf(change, { ...change, address: "key/a" })],
  ])("%s has another hash", async (_name, action, plan) => {
    expect(fingerprint(action, plan)).not.toBe(fingerprint("acl-apply", planOf(change)));
  });

  test("the order of changes counts: it is the order of apply", () => {
    const [a, b] = [change, { ...change, address: "key/a" }];
    expect(fingerprint("x", planOf(a, b))).not.toBe(fingerprint("x", planOf(b, a)));
  });
});

test("canonical JSON does not depend on the order of members, and reads back as the same value", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
