import { describe, expect, test } from "vitest";
import { derivePolicy } from "../../src/policy/desired.ts";
import { entryText, ruleEntries, testEntry } from "../../src/policy/entry-text.ts";
import { port, sampleCluster, sampleMesh } from "../support/sample-mesh.ts";

describe("derivePolicy", () => {
  const derived = derivePolicy(sampleMesh());

  test("every cluster tag, approver, rule and test of two clusters", () => {
    expect(derived.tags).toEqual(["tag:homelab", "tag:oracle"]);
    expect(derived.routes).toContainEqual({ prefix: "10.53.0.0/16", tag: "tag:oracle" });
    expect(derived.rules.flatMap((r) => ruleEntries(r, "grants")).map(entryText)).toEqual([
      '{ "src": ["tag:homelab", "10.42.0.0/16"], "dst": ["10.52.0.0/16", "10.53.0.0/16"], "ip": ["*"] }',
      '{ "src": ["tag:oracle", "10.52.0.0/16"], "dst": ["10.42.0.0/16", "10.43.0.0/16"], "ip": ["*"] }',
    ]);
    expect(derived.tests.map(testEntry).map(entryText)).toEqual([
      '{ "src": "10.42.0.1", "proto": "tcp", "accept": ["10.52.0.1:443", "10.53.0.1:443"] }',
      '{ "src": "10.52.0.1", "proto": "tcp", "accept": ["10.42.0.1:443", "10.43.0.1:443"] }',
    ]);
  });

  test("no destination is a tag", () => {
    expect(derived.rules.flatMap((r) => r.dst).filter((d) => d.includes("tag:"))).toEqual([]);
  });

  test("an absent cluster derives nothing", () => {
    const clusters = [sampleCluster("homelab", 42), sampleCluster("oracle", 52, { state: "absent" })];
    const left = derivePolicy(sampleMesh(clusters));
    expect([left.rules, left.tests, left.tags, left.absentTags]).toEqual([[], [], ["tag:homelab"], ["tag:oracle"]]);
  });

  const ports = [port("tcp", 443), port("tcp", 8000, 8100), port("udp", 53), port("icmp")];
  const limited = derivePolicy(sampleMesh(undefined, { links: [{ from: "homelab", to: "oracle", ports }] }));

  test("ports as a grant, and as one acl for each protocol", () => {
    const rule = limited.rules[0];
    if (rule === undefined) throw new Error("no rule");
    expect(ruleEntries(rule, "grants")[0]?.members["ip"]).toEqual(["tcp:443", "tcp:8000-8100", "udp:53", "icmp:*"]);
    expect(ruleEntries(rule, "acls").map((e) => [e.name, e.members["proto"], e.members["dst"]])).toEqual([
      ["homelab→oracle/tcp", "tcp", ["10.52.0.0/16:443,8000-8100", "10.53.0.0/16:443,8000-8100"]],
      ["homelab→oracle/udp", "udp", ["10.52.0.0/16:53", "10.53.0.0/16:53"]],
      ["homelab→oracle/icmp", "icmp", ["10.52.0.0/16:*", "10.53.0.0/16:*"]],
    ]);
    expect(limited.tests.map((t) => t.targets[0])).toEqual(["10.52.0.1:443", "10.52.0.1:53"]);
  });

  test("forbid becomes a test that denies, and takes the link out of full", () => {
    const mesh = sampleMesh(undefined, { forbid: [{ from: "homelab", to: "oracle", ports: [] }] });
    const some = derivePolicy(mesh);
    expect(some.rules.map((r) => r.name)).toEqual(["oracle→homelab"]);
    expect(some.tests.map((t) => [t.name, t.verdict])).toEqual([
      ["oracle→homelab/tcp", "accept"],
      ["homelab→oracle/tcp/deny", "deny"],
    ]);
  });

  test.each([
    [[], [port("tcp", 22)], true],
    [[port("tcp", 443)], [port("tcp", 22)], false],
    [[port("tcp", 20, 30)], [port("tcp", 22)], true],
    [[port("udp", 22)], [port("tcp", 22)], false],
    [[port("icmp")], [port("any")], true],
  ])("links %j and forbid %j contradict: %s", (allowed, forbidden, contradicts) => {
    const pair = { from: "homelab", to: "oracle" };
    const mesh = sampleMesh(undefined, {
      links: [{ ...pair, ports: allowed }],
      forbid: [{ ...pair, ports: forbidden }],
    });
    const derive = () => derivePolicy(mesh);
    if (contradicts) expect(derive).toThrow(expect.objectContaining({ code: "MESH_POLICY_FORBID_CONTRADICTS" }));
    else expect(derive).not.toThrow();
  });
});
