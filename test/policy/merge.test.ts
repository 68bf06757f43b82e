import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readHujson } from "../../src/hujson/parse.ts";
import { decodeText } from "../../src/hujson/tree.ts";
import type { Mesh } from "../../src/mesh/mesh.ts";
import { derivePolicy } from "../../src/policy/desired.ts";
import { readPolicy } from "../../src/policy/document.ts";
import { policyEntries } from "../../src/policy/entries.ts";
import { mergePolicy } from "../../src/policy/merge.ts";
import { fullLinks, port, sampleCluster, sampleMesh } from "../support/sample-mesh.ts";

const team = readFileSync(new URL("../fixtures/policy/team.hujson", import.meta.url), "utf8");
const mesh = sampleMesh();
const merge = (text: string, of: Mesh = mesh): string => mergePolicy(readPolicy(text), derivePolicy(of));
const entriesOf = (text: string, of: Mesh = mesh) => policyEntries(readPolicy(text), derivePolicy(of));
const addresses = (text: string, of: Mesh = mesh): readonly string[] => entriesOf(text, of).map((e) => e.address);

describe("into a policy of others", () => {
  const merged = merge(team);

  test("nothing of it is lost, not a comment, not a line", () => {
    const lines = merged.split("\n");
    for (const line of team.split("\n")) expect(lines).toContain(line);
    const comments = (text: string) => {
      const document = readHujson(text);
      return document.comments.map((c) => decodeText(document.bytes, c));
    };
    expect(comments(merged)).toEqual(comments(team));
  });

  test("derived rules take the style the file has, and its indentation", () => {
    expect(merged).toContain(
      '\n\t\t{ "action": "accept", "src": ["tag:homelab", "10.42.0.0/16"], "dst": ["10.52.0.0/16:*", "10.53.0.0/16:*"] },\n',
    );
    expect(merged).not.toContain('"grants"');
  });

  test("what others own stays when a cluster leaves", () => {
    const gone = sampleMesh([sampleCluster("homelab", 42), sampleCluster("oracle", 52, { state: "absent" })]);
    const after = merge(merged, gone);
    for (const line of team.split("\n")) expect(after.split("\n")).toContain(line);
    expect(after).not.toContain("oracle");
    expect(after).not.toContain("10.52.");
  });
});

describe("a change of the topology", () => {
  const first = merge("{\n  // Nothing yet.\n}\n");
  const links = [{ from: "homelab", to: "oracle", ports: [port("tcp", 443)] }];

  test("changes only the members that differ, and keeps comments inside them", () => {
    const commented = first.replace('{ "src": ["tag:homelab"', '{ /* mine */ "src": ["tag:homelab"');
    expect(commented).not.toBe(first);
    const after = merge(commented, sampleMesh(undefined, { links }));
    expect(after).toContain(
      '{ /* mine */ "src": ["tag:homelab", "10.42.0.0/16"], "dst": ["10.52.0.0/16", "10.53.0.0/16"], "ip": ["tcp:443"] }',
    );
    expect(addresses(after).filter((a) => a.startsWith("policy/grants"))).toEqual(["policy/grants/homelab→oracle"]);
  });

  test("a cluster that is gone is gone without a trace, unless somebody names its tag", () => {
    const clusters = [sampleCluster("homelab", 42), sampleCluster("oracle", 52, { state: "absent" })];
    expect(merge(first, sampleMesh(clusters))).not.toMatch(/oracle|10\.5[23]\./);
    const used = first.replace('"grants": [', '"ssh": [{"src": ["tag:oracle"]}],\n  "grants": [');
    expect(merge(used, sampleMesh(clusters))).toContain('"tag:oracle": ["tag:ci"]');
  });

  test("a new tag of a cluster replaces the old one in our rules", () => {
    const after = merge(
      first,
      sampleMesh([sampleCluster("homelab", 42, { tag: "tag:home" }), sampleCluster("oracle", 52)]),
    );
    expect(after).not.toContain('["tag:homelab", ');
    expect(after).toContain('"src": ["tag:home", "10.42.0.0/16"]');
    expect(after).toContain('"10.42.0.0/16": ["tag:home"]');
  });
});

describe("whose an entry is", () => {
  const first = merge("{\n  // Nothing yet.\n}\n");
  const other = sampleMesh([sampleCluster("homelab", 42), sampleCluster("oracle", 52)], { links: [] });
  const kept = (rule: string): boolean => {
    const text = first.replace('"grants": [', `"grants": [\n    ${rule},`);
    return merge(text, other).includes(rule);
  };

  test.each([
    ['{ "src": ["tag:homelab", "10.42.0.0/16"], "dst": ["10.52.0.0/16"], "ip": ["tcp:9"] }', false],
    ['{ "src": ["tag:homelab"], "dst": ["10.53.0.0/16"], "ip": ["*"] }', false],
    ['{ "src": ["tag:homelab", "ada@example.com"], "dst": ["10.52.0.0/16"], "ip": ["*"] }', true],
    ['{ "src": ["tag:homelab"], "dst": ["10.52.0.0/24"], "ip": ["*"] }', true],
    ['{ "src": ["tag:homelab"], "dst": ["tag:oracle"], "ip": ["*"] }', true],
    ['{ "src": ["tag:ci"], "dst": ["10.52.0.0/16"], "ip": ["tcp:22"] }', true],
    ['{ "src": ["*"], "dst": ["10.52.0.0/16"], "ip": ["*"] }', true],
    ['{ "src": ["tag:homelab"], "dst": ["10.52.0.0/16"], "ip": ["*"], "via": ["tag:oracle"] }', true],
    ['{ "src": ["tag:homelab"], "dst": ["10.52.0.0/16"], "app": {"x": [{}]} }', true],
    ["{}", true],
    ['"text"', true],
  ])("%s stays: %s", (rule, stays) => expect(kept(rule)).toBe(stays));

  test.each([
    ['{ "src": "10.42.0.1", "proto": "tcp", "accept": ["10.52.0.1:80", "10.53.0.1:80"] }', false],
    ['{ "src": "10.42.0.1", "proto": "tcp", "accept": ["10.52.0.1:80", "10.53.0.1:81"] }', true],
    ['{ "src": "10.42.0.1", "accept": ["10.52.0.1:80", "10.53.0.1:80"] }', true],
    ['{ "src": "10.42.0.2", "proto": "tcp", "accept": ["10.52.0.1:80", "10.53.0.1:80"] }', true],
    ['{ "src": "tag:homelab", "proto": "tcp", "accept": ["10.52.0.1:80", "10.53.0.1:80"] }', true],
  ])("test %s stays: %s", (entry, stays) => {
    const text = first.replace('"tests": [', `"tests": [\n    ${entry},`);
    expect(merge(text, other).includes(entry)).toBe(stays);
  });

  test("owners of others are kept beside the owner tag", () => {
    const after = merge('{"tagOwners": {"tag:homelab": ["group:admins"]}, "grants": []}');
    expect(after).toContain('"tag:homelab": ["group:admins", "tag:ci"]');
    expect(after).toContain('"tag:ci": []');
  });

  test("approvers of others are kept beside ours", () => {
    const after = merge(
      '{"autoApprovers": {"routes": {"10.42.0.0/16": ["group:admins"]}, "exitNode": ["tag:x"]}, "grants": []}',
    );
    expect(after).toContain('"10.42.0.0/16": ["group:admins", "tag:homelab"]');
    expect(after).toContain('"exitNode": ["tag:x"]');
  });

  test("routes are added to approvers that have none", () => {
    expect(addresses(merge('{"autoApprovers": {"exitNode": ["tag:x"]}}'))).toContain(
      "policy/autoApprovers/routes/10.42.0.0/16",
    );
    expect(addresses(merge('{"autoApprovers": {"routes": null}, "tests": null}'))).toContain(
      "policy/tests/homelab→oracle/tcp",
    );
  });

  test("sections in another case are found", () => {
    const after = merge('{"TagOwners": {}, "ACLS": [{"action":"accept","src":["a@b"],"dst":["*:1"]}]}');
    expect(after).not.toContain('"tagOwners"');
    expect(addresses(after)).toContain("policy/ACLS/homelab→oracle");
  });
});

test.each([
  ['{"grants": {}}', 1, 12],
  ['{\n"tagOwners": []}', 2, 14],
  ['{"tagOwners": {"tag:homelab": "x"}}', 1, 31],
  ['{"a":1,\n"A":2}', 2, 1],
  ["[]", 1, 1],
  [`{"a":${"[".repeat(99)}${"]".repeat(99)}}`, 1, 1],
])("shape: %s", (text, line, column) => {
  const where = expect.objectContaining({ line, column });
  expect(() => merge(text)).toThrow(expect.objectContaining({ code: "MESH_POLICY_SHAPE", where }));
});

// Policies of others in every style, on one line and on many, with comments where the grammar lets them stand.
const comment = fc.constantFrom("", " /* a,] */ ", "\n  // note }\n  ", "\n");
const foreignRule = fc.constantFrom(
  '{"action":"accept","src":["group:a"],"dst":["*:22"]}',
  '{"src":["a@example.com"],"dst":["tag:web"],"ip":["tcp:80"]}',
  '{"src":["tag:homelab","a@example.com"],"dst":["10.52.0.0/16"],"ip":["*"]}',
);
const list = (items: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(fc.tuple(comment, items, comment), { maxLength: 4 }), comment, fc.boolean())
    .map(
      ([all, end, trailing]) =>
        `[${all.map(([a, i, b]) => a + i + b).join(",")}${trailing && all.length > 0 ? "," : ""}${end}]`,
    );
const foreignPolicy = fc
  .record(
    {
      groups: fc.constant('{"group:a": ["a@example.com"]}'),
      tagOwners: fc.constantFrom(
        '{"tag:web": ["group:a"]}',
        '{"tag:ci": ["group:a"], /*x*/}',
        '{"tag:homelab": ["group:a"]}',
        "{}",
      ),
      autoApprovers: fc.constantFrom(
        '{"exitNode": ["tag:web"]}',
        '{"routes": {"10.42.0.0/16": ["group:a"]}}',
        '{"routes": {\n}\n}',
      ),
      acls: list(foreignRule),
      grants: list(foreignRule),
      tests: list(fc.constant('{"src":"a@example.com","accept":["tag:web:22"]}')),
    },
    { requiredKeys: [] },
  )
  .chain((sections) =>
    fc
      .tuple(
        fc.shuffledSubarray(Object.entries(sections), { minLength: Object.keys(sections).length }),
        comment,
        comment,
        fc.boolean(),
      )
      .map(([members, a, b, trailing]) => {
        const body = members.map(([name, value]) => `${a}"${name}": ${value}`).join(`,${b}`);
        return `{${body}${trailing && members.length > 0 ? "," : ""}${a}}\n`;
      }),
  );
const topologies = fc
  .tuple(fc.subarray(["homelab", "oracle", "edge"], { minLength: 1 }), fc.boolean(), fc.boolean())
  .map(([names, isAbsent, isLimited]) => {
    const all = ["homelab", "oracle", "edge"].map((name, i) =>
      sampleCluster(name, 42 + 10 * i, { state: isAbsent && !names.includes(name) ? "absent" : "present" }),
    );
    const clusters = isAbsent ? all : all.filter((c) => names.includes(c.name));
    const links = fullLinks(clusters).map((l) => (isLimited ? { ...l, ports: [port("tcp", 80), port("icmp")] } : l));
    return sampleMesh(clusters, { links });
  });

describe("laws", () => {
  test("merging twice is merging once", () => {
    fc.assert(
      fc.property(foreignPolicy, topologies, (text, of) => {
        const once = merge(text, of);
        expect(merge(once, of)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  test("through any two topologies no entry of others is lost, and all that is derived is there", () => {
    fc.assert(
      fc.property(foreignPolicy, topologies, topologies, (text, before, after) => {
        const first = merge(text, before);
        const merged = merge(first, after);
        const isOthers = new Set(entriesOf(text, before).flatMap((e) => (e.origin === "other" ? [e.address] : [])));
        const others = entriesOf(text, after).flatMap((e) =>
          e.origin === "other" && isOthers.has(e.address) ? [e.value] : [],
        );
        const now = entriesOf(merged, after);
        for (const value of others) expect(now.map((e) => e.value)).toContain(value);
        const derived = derivePolicy(after);
        const names = now.filter((e) => e.origin === "derived").map((e) => e.address);
        for (const t of derived.tests) expect(names).toContain(`policy/tests/${t.name}`);
        for (const r of derived.routes) expect(names).toContain(`policy/autoApprovers/routes/${r.prefix}`);
        for (const tag of derived.tags) expect(names).toContain(`policy/tagOwners/${tag}`);
        const rules = names.filter((n) => n.startsWith("policy/grants/") || n.startsWith("policy/acls/"));
        for (const r of derived.rules) expect(rules.some((n) => n.includes(r.name))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("every comment survives", () => {
    fc.assert(
      fc.property(foreignPolicy, topologies, (text, of) => {
        const count = (t: string): number => readHujson(t).comments.length;
        expect(count(merge(text, of))).toBe(count(text));
      }),
      { numRuns: 300 },
    );
  });
});
