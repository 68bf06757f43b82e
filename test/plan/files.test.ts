/** Plan and result files are what their published schemas say. */
import { describe, expect, test } from "vitest";
import { MeshError } from "../../src/mesh/error.ts";
import { planFileText, resultFileText } from "../../src/plan/files.ts";
import { PlanFileSchema, ResultFileSchema } from "../../src/plan/files-schema.ts";

const plan = {
  changes: [
    {
      address: "node/homelab-1/guard",
      resource: "node.guard",
      kind: "create",
      why: "no guard",
      diff: "",
      risk: "none",
      undo: "ip rule del",
      does: ["ip rule add"],
    },
  ],
  unchanged: [{ address: "policy", why: "says all that is needed" }],
} as const;

describe("files", () => {
  test("a plan file reads back as the plan", () => {
    const read = PlanFileSchema.parse(JSON.parse(planFileText("converge", "a".repeat(64), plan)));
    expect(read).toEqual({ version: 1, action: "converge", hash: "a".repeat(64), ...plan });
  });

  test("a result file has the error with its place, and no cause and no stack", () => {
    const error = new MeshError("MESH_CIDR_OVERLAP", "config", "they overlap", "use another", {
      where: { file: "tailmesh.yaml", line: 4, column: 11 },
      cause: new Error("inner"),
    });
    const text = resultFileText({ action: "converge", mode: "apply", changed: false, plan, error, links: [] });
    expect(ResultFileSchema.parse(JSON.parse(text)).error).toEqual({
      code: "MESH_CIDR_OVERLAP",
      kind: "config",
      message: "they overlap",
      hint: "use another",
      where: { file: "tailmesh.yaml", line: 4, column: 11 },
    });
    expect(text).not.toContain("inner");
  });

  test("what a change has beside what is promised is not written", () => {
    const more = { ...plan, changes: plan.changes.map((change) => ({ ...change, secret: "fake" })) };
    expect(planFileText("converge", "a".repeat(64), more)).toBe(planFileText("converge", "a".repeat(64), plan));
    const result = { action: "converge", mode: "apply", changed: true, error: undefined, links: [] } as const;
    expect(resultFileText({ ...result, plan: more })).toBe(resultFileText({ ...result, plan }));
  });
});
