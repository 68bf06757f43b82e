import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Mesh } from "../../src/mesh/mesh.ts";
import { withMarker } from "../../src/policy/marker.ts";
import { type PolicyInput, planPolicy } from "../../src/policy/plan.ts";
import { fakeDevice, headscaleCapabilities } from "../support/fake-control.ts";
import { port, sampleCluster, sampleMesh } from "../support/sample-mesh.ts";

const team = readFileSync(new URL("../fixtures/policy/team.hujson", import.meta.url), "utf8");
const mesh = sampleMesh();

function plan(stored: string | undefined, more: Partial<PolicyInput> = {}) {
  return planPolicy({
    mesh,
    document: { text: stored ?? "", version: "v1", isDefault: stored === undefined },
    capabilities: headscaleCapabilities,
    wire: "PUT /api/v1/policy",
    devices: [],
    files: [],
    options: { adopt: false, onDrift: "fail" },
    ...more,
  });
}

const others = [fakeDevice("laptop", []), fakeDevice("phone", [], { id: "2", addresses: ["100.64.0.2"] })];
const adopt = { options: { adopt: true, onDrift: "fail" } } as const;
const written = (planned: { readonly text: string | null }): string =>
  planned.text ?? expect.unreachable("nothing to write");
const ours = written(plan(undefined));

describe("untouched default", () => {
  test("a complete policy, one change for each entry, one call", () => {
    const planned = plan(undefined);
    expect(planned.blocked).toBeNull();
    expect(planned.plan.changes.map((c) => c.address)).toEqual([
      "policy/tagOwners/tag:ci",
      "policy/tagOwners/tag:homelab",
      "policy/tagOwners/tag:oracle",
      "policy/autoApprovers/routes/10.42.0.0/16",
      "policy/autoApprovers/routes/10.43.0.0/16",
      "policy/autoApprovers/routes/10.52.0.0/16",
      "policy/autoApprovers/routes/10.53.0.0/16",
      "policy/grants/homelab→oracle",
      "policy/grants/oracle→homelab",
      "policy/tests/homelab→oracle/tcp",
      "policy/tests/oracle→homelab/tcp",
    ]);
    expect(planned.plan.changes.every((c) => c.kind === "create")).toBe(true);
    expect(planned.plan.changes.flatMap((c) => c.does)).toHaveLength(1);
    expect(planned.version).toBe("v1");
  });

  test("devices of others would be cut off", () => {
    const planned = plan(undefined, { devices: others });
    expect(planned.blocked?.code).toBe("MESH_POLICY_DEFAULT_IN_USE");
    expect(planned.diff).toContain('+  "grants": [');
  });

  test("adopting it keeps everything allowed, and says so", () => {
    const planned = plan(undefined, { devices: others, ...adopt });
    expect(planned.blocked).toBeNull();
    expect(planned.text).toContain('{ "src": ["*"], "dst": ["*"], "ip": ["*"] }');
    expect(planned.warnings.join("\n")).toMatch(/line 5 of the policy allows everything/);
  });

  test("one cluster alone still gets a rule section: without one everything is allowed", () => {
    expect(written(plan(undefined, { mesh: sampleMesh([sampleCluster("homelab", 42)]) }))).toContain('"grants": []');
  });
});

describe("as desired", () => {
  test("no change, and every derived entry says why", () => {
    const planned = plan(ours);
    expect([planned.plan.changes, planned.text, planned.diff, planned.blocked]).toEqual([[], null, "", null]);
    expect(planned.plan.unchanged).toHaveLength(11);
  });

  test("a comment added elsewhere, a changed marker or none: still nothing to write", () => {
    for (const text of [
      ours.replace("{\n", "{\n  // hi\n"),
      ours.replace(/[0-9a-f]{64}/, "0".repeat(64)),
      ours.slice(ours.indexOf("\n") + 1),
    ]) {
      const planned = plan(text);
      expect([planned.text, planned.blocked]).toEqual([null, null]);
    }
  });

  test("other order of entries and names: still nothing to write", () => {
    const text = ours.replace('["tag:homelab", "10.42.0.0/16"]', '["10.42.0.0/16", "tag:homelab"]');
    expect(text).not.toBe(ours);
    expect(plan(text).text).toBeNull();
  });
});

describe("a policy that is not ours", () => {
  test("stops with the diff", () => {
    const planned = plan(team);
    expect(planned.blocked?.code).toBe("MESH_POLICY_FOREIGN");
    expect(planned.diff).toContain('+\t\t"tag:homelab": ["tag:ci"],');
    expect(planned.diff).not.toMatch(/^-\t/m);
  });

  test("adopted: every line of it stays, and the second plan is empty", () => {
    const text = written(plan(team, adopt));
    for (const line of team.split("\n")) expect(text.split("\n")).toContain(line);
    const again = plan(text);
    expect([again.text, again.blocked]).toEqual([null, null]);
  });

  test("without rules everything was allowed: that stays", () => {
    const planned = plan('{"groups": {}}', adopt);
    expect(planned.text).toContain('"src": ["*"]');
    expect(planned.warnings).toHaveLength(2);
  });

  test.each(["null", "[]", '"x"', "{", ""])("%j is no policy", (text) => expect(() => plan(text)).toThrow());

  test("a missing newline after the last comment is repaired", () => {
    const planned = plan(`${team.trimEnd()}`, adopt);
    expect(planned.warnings[0]).toMatch(/without a newline/);
    expect(planned.text?.endsWith("// end of file\n")).toBe(true);
  });
});

describe("drift", () => {
  const edited = ours.replace(
    '"grants": [',
    '"grants": [\n    { "src": ["ada@example.com"], "dst": ["*"], "ip": ["*"] },',
  );
  const narrowed = sampleMesh(undefined, { links: [{ from: "homelab", to: "oracle", ports: [port("tcp", 443)] }] });

  test("alone is nothing to write", () => expect(plan(edited).blocked).toBeNull());

  test("stops a write", () => expect(plan(edited, { mesh: narrowed }).blocked?.code).toBe("MESH_POLICY_DRIFTED"));

  test.each([
    ["adopt", { adopt: true, onDrift: "fail" }],
    ["overwrite", { adopt: false, onDrift: "overwrite" }],
  ] as const)("%s goes on and keeps the edit", (_, options) => {
    const planned = plan(edited, { mesh: narrowed, options });
    expect(planned.blocked).toBeNull();
    expect(planned.text).toContain("ada@example.com");
    expect(planned.text).toContain('"ip": ["tcp:443"]');
  });
});

describe("a change of the topology", () => {
  const narrowed = sampleMesh(undefined, { links: [{ from: "homelab", to: "oracle", ports: [port("tcp", 443)] }] });

  test("kinds are told apart", () => {
    const planned = plan(ours, { mesh: narrowed });
    expect(planned.blocked).toBeNull();
    expect(planned.plan.changes.map((c) => `${c.kind} ${c.address}`)).toEqual([
      "update policy/grants/homelab→oracle",
      "delete policy/grants/oracle→homelab",
      "delete policy/tests/oracle→homelab/tcp",
    ]);
    expect(planned.plan.changes[0]?.diff).toBe(
      '- { "src": ["tag:homelab", "10.42.0.0/16"], "dst": ["10.52.0.0/16", "10.53.0.0/16"], "ip": ["*"] }\n' +
        '+ { "src": ["tag:homelab", "10.42.0.0/16"], "dst": ["10.52.0.0/16", "10.53.0.0/16"], "ip": ["tcp:443"] }',
    );
  });

  test("a double of ours goes, and only the double", () => {
    const double = ours.replace(
      '"grants": [',
      '"grants": [\n    { "src": ["tag:homelab"], "dst": ["10.52.0.0/16"], "ip": ["tcp:9"] },',
    );
    const planned = plan(double, { options: { adopt: false, onDrift: "overwrite" } });
    expect(planned.plan.changes.map((c) => [c.kind, c.diff])).toEqual([
      ["delete", '- { "src": ["tag:homelab"], "dst": ["10.52.0.0/16"], "ip": ["tcp:9"] }'],
    ]);
  });

  test("an absent cluster takes its entries along", () => {
    const clusters = [sampleCluster("homelab", 42), sampleCluster("oracle", 52, { state: "absent" })];
    const planned = plan(ours, { mesh: sampleMesh(clusters) });
    expect(planned.plan.changes.every((c) => c.kind === "delete")).toBe(true);
    expect(planned.text).not.toMatch(/oracle|10\.5[23]\./);
  });
});

describe("with policy files", () => {
  const files = [{ file: "policy.hujson", text: team }];
  const fromFile = written(plan(undefined, { files }));

  test("they are the base", () => {
    expect(fromFile).toContain("// ask Ada");
    expect(plan(fromFile, { files }).text).toBeNull();
  });

  test("what the file no longer has goes, as an update", () => {
    const shorter = [{ file: "policy.hujson", text: team.replace('"group:devs":   ["cy@example.com"],', "") }];
    const planned = plan(fromFile, { files: shorter });
    expect(planned.plan.changes.map((c) => `${c.kind} ${c.address} ${c.why}`)).toEqual([
      "update policy/groups/group:devs your policy file no longer has it",
    ]);
    expect(planned.blocked).toBeNull();
  });

  test("a policy of others stops, adopted it is the base", () => {
    const server = '{"grants": [{"src": ["zoe@example.com"], "dst": ["*"], "ip": ["*"]}]}';
    expect(plan(server, { files }).blocked?.code).toBe("MESH_POLICY_FOREIGN");
    const adopted = plan(server, { files, ...adopt });
    expect(adopted.text).toContain("zoe@example.com");
    expect(adopted.warnings.join("\n")).toContain("policy.hujson");
  });
});

describe("hostile text", () => {
  const evil = '{"groups": {"group:\\u001b[31m\\n::set-output::": []}, "acls": []} // \u202e ::stop-commands::\n';

  test("is inert in addresses and diffs of changes", () => {
    const files = [{ file: "policy.hujson", text: evil }];
    const shown = plan(undefined, { files }).plan.changes.flatMap((c) => [c.address, c.diff, c.why]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(shown.join("").replaceAll("\n+", "")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

test("every step of planning takes an allow-all rule to its line", () => {
  const withLine = withMarker('{\n"acls": [\n{"action":"accept","src":["*"],"dst":["*:*"]}\n]}\n');
  expect(plan(withLine).warnings).toEqual([
    "line 4 of the policy allows everything: while that rule is there, links and forbid restrict nothing",
  ]);
});

test("in a large tailnet one node stands for those like it, unless a policy names it; and that is said", () => {
  const nodes = Array.from({ length: 200 }, (_, i) =>
    fakeDevice(`n${i}`, ["tag:homelab"], { id: `${i}`, addresses: [`100.64.1.${i}`] }),
  );
  const rule = '{ "src": ["tag:homelab"], "dst": ["100.64.1.2"], "ip": ["*"] }';
  const planned = plan(`{"tagOwners": {"tag:homelab": ["tag:ci"]}, "grants": [${rule}]}`, {
    devices: nodes,
    files: [{ file: "p", text: '{"grants": []}' }],
  });
  expect(planned.access.filter(({ kind }) => kind === "loses")).toMatchObject([{ from: ["n0"], to: ["n2"] }]);
  expect(planned.warnings.join("\n")).toContain("one device of each kind");
  expect(plan(undefined, { devices: nodes.slice(0, 9) }).warnings.join("\n")).not.toContain("of each kind");
});

test("50 clusters, all linked: the second plan is empty", () => {
  const big: Mesh = sampleMesh(Array.from({ length: 50 }, (_, i) => sampleCluster(`c${i}`, 10 + 2 * i)));
  const text = written(plan(undefined, { mesh: big }));
  expect(plan(text, { mesh: big }).text).toBeNull();
  expect(text.length).toBeGreaterThan(400_000);
});
