/** What can be said of a policy without a server: mistakes with their place, tests, and nothing that is not known. */
import { describe, expect, test } from "vitest";
import { allErrors } from "../../src/mesh/error.ts";
import { judgeOffline } from "../../src/policy/offline.ts";
import { sampleMesh } from "../support/sample-mesh.ts";

const mesh = sampleMesh();

function judge(text: string) {
  return judgeOffline(mesh, [{ file: "policy.hujson", text }]);
}

describe("judgeOffline", () => {
  test("the topology alone gives a valid policy, whose tests pass", () => {
    const { error, tests } = judgeOffline(mesh, []);
    expect(error).toBeUndefined();
    expect(tests.passed).toBeGreaterThan(0);
    expect(tests.failed).toBe(0);
  });

  test("a mistake is told at its line of the operator's file", () => {
    const text =
      '{\n  "groups": {"group:team": []},\n  "grants": [\n    {"src": ["group:taem"], "dst": ["*"], "ip": ["*"]},\n  ],\n}\n';
    const { error } = judge(text);
    expect(error).toMatchObject({ code: "MESH_POLICY_INVALID", where: { file: "policy.hujson", line: 4 } });
    expect(error?.message).toContain("group:taem");
  });

  test("a line that is there twice has no place, and is quoted", () => {
    const line = '    {"src": ["group:taem"], "dst": ["*"], "ip": ["*"]},\n';
    const { error } = judge(`{\n  "grants": [\n${line}${line}  ],\n}\n`);
    expect(error).toMatchObject({ code: "MESH_POLICY_INVALID", where: { address: "policy" } });
    expect(error?.message).toContain("group:taem");
    expect(error === undefined ? 0 : allErrors(error).length).toBeGreaterThan(1);
  });

  test("a test of the operator's that fails is an error", () => {
    const text = '{\n  "grants": [],\n  "tests": [{"src": "tag:homelab", "accept": ["192.0.2.1:22"]}],\n}\n';
    const { error, tests } = judge(text);
    expect(tests.failed).toBeGreaterThan(0);
    expect(error?.code).toBe("MESH_POLICY_INVALID");
  });

  test("what it prints of a file cannot act", () => {
    const { error } = judge('{"grants": [{"src": ["group:x\\u001b[31m\\n::add-mask::x"], "dst": ["*"], "ip": ["*"]}]}');
    const said =
      error === undefined
        ? ""
        : allErrors(error)
            .map(({ message }) => message)
            .join("");
    expect([...said].filter((character) => character < " ")).toEqual([]);
    expect(error?.code).toBe("MESH_POLICY_INVALID");
  });
});
