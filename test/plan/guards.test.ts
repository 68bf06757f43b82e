/** What the guards let through and what they refuse. */
import { describe, expect, test } from "vitest";
import type { Change, ChangeKind, Plan } from "../../src/plan/change.ts";
import { pendingChanges, refusals } from "../../src/plan/guards.ts";

const hash = "a".repeat(64);

function planOf(...kinds: readonly ChangeKind[]): Plan {
  return { changes: kinds.map((kind, index) => changeOf(kind, `thing/${index}`)), unchanged: [] };
}

function changeOf(kind: ChangeKind, address: string): Change {
  return { address, resource: "thing", kind, why: "it differs", diff: "", risk: "none", undo: "nothing", does: [] };
}

describe("refusals", () => {
  test.each([
    { name: "allowed kinds pass", plan: planOf("create", "update"), allow: ["create", "update"] as const, codes: [] },
    {
      name: "delete needs permission",
      plan: planOf("delete"),
      allow: ["create", "update"] as const,
      codes: ["MESH_CHANGE_NOT_ALLOWED"],
    },
    {
      name: "each kind is its own error",
      plan: planOf("create", "delete"),
      allow: ["update"] as const,
      codes: ["MESH_CHANGE_NOT_ALLOWED", "MESH_CHANGE_NOT_ALLOWED"],
    },
    { name: "delete passes when allowed", plan: planOf("delete"), allow: ["delete"] as const, codes: [] },
  ])("$name", ({ plan, allow, codes }) => {
    expect(refusals(plan, hash, { allow, pin: undefined }).map((error) => error.code)).toEqual(codes);
  });

  test("another plan than the pinned one is refused, the pinned one passes", () => {
    const limits = { allow: ["create"], pin: "b".repeat(64) } as const;
    expect(refusals(planOf("create"), hash, limits).map((error) => error.code)).toEqual(["MESH_PLAN_CHANGED"]);
    expect(refusals(planOf("create"), hash, { ...limits, pin: hash })).toEqual([]);
  });

  test("an empty plan passes whatever it is pinned to: a second run after a pinned apply is no failure", () => {
    expect(refusals(planOf(), hash, { allow: [], pin: "b".repeat(64) })).toEqual([]);
  });

  test("the hint names the value of `allow` that lets it through", () => {
    const [error] = refusals(planOf("delete"), hash, { allow: ["create", "update"], pin: undefined });
    expect(error?.hint).toContain("allow: create,update,delete");
    expect(error?.message).toContain("thing/0");
  });
});

describe("pendingChanges", () => {
  test("only a plan with changes is an error", () => {
    expect(pendingChanges(planOf())).toBeUndefined();
    expect(pendingChanges(planOf("update"))?.code).toBe("MESH_CHANGES_PENDING");
  });
});
