/** The lock-out guard: nobody loses by accident what he needs, and who would is told with the line. */
import { describe, expect, test } from "vitest";
import { allErrors } from "../../src/mesh/error.ts";
import type { Mesh } from "../../src/mesh/mesh.ts";
import { type PolicyInput, planPolicy } from "../../src/policy/plan.ts";
import { fakeDevice, headscaleCapabilities } from "../support/fake-control.ts";
import { sampleCluster, sampleMesh, sampleNode } from "../support/sample-mesh.ts";

const laptop = fakeDevice("laptop", [], { user: "ada@example.com", addresses: ["100.64.0.10"] });
const nas = fakeDevice("nas", ["tag:nas"], { addresses: ["100.64.0.11"] });
const lan = fakeDevice("lan-router", ["tag:lan"], {
  addresses: ["100.64.0.12"],
  advertisedRoutes: ["192.168.7.0/24"],
  enabledRoutes: ["192.168.7.0/24"],
  servingRoutes: null,
});
const homelab = fakeDevice("homelab-1", ["tag:homelab"], { addresses: ["100.64.0.13"] });
const everyone = [laptop, nas, lan, homelab];

const stored = `{
  "tagOwners": {
    "tag:ci": ["ada@example.com"],
    "tag:nas": ["ada@example.com"],
    "tag:lan": ["ada@example.com"],
  },
  "autoApprovers": { "routes": {
    "192.168.7.0/24": ["tag:lan"],
  } },
  "grants": [
    { "src": ["ada@example.com"], "dst": ["tag:nas"], "ip": ["*"] },
    { "src": ["tag:ci"], "dst": ["tag:homelab"], "ip": ["tcp:22"] },
    { "src": ["tag:nas"], "dst": ["192.168.7.0/24"], "ip": ["tcp:80"] },
  ],
}
`.replace('"tag:nas": ["ada@example.com"],', '"tag:nas": ["ada@example.com"],\n    "tag:homelab": ["tag:ci"],');

function plan(file: string, more: Partial<PolicyInput> = {}, mesh: Mesh = inside) {
  return planPolicy({
    mesh,
    document: { text: stored, version: "v1", isDefault: false },
    capabilities: headscaleCapabilities,
    wire: "PUT /api/v1/policy",
    devices: everyone,
    files: [{ file: "policy.hujson", text: file }],
    // The stored policy is not marked as ours, so that only the guard is left to stop anything.
    options: { adopt: false, onDrift: "overwrite" },
    ...more,
  });
}

function withVia(via: "direct" | "tailnet", control: Mesh["tailnet"]["control"] = "headscale"): Mesh {
  const node = sampleNode("homelab-1", "homelab");
  const clusters = [
    sampleCluster("homelab", 42, { nodes: [{ ...node, ssh: { ...node.ssh, via } }] }),
    sampleCluster("oracle", 52),
  ];
  const mesh = sampleMesh(clusters, { policyFiles: ["policy.hujson"] });
  return { ...mesh, tailnet: { ...mesh.tailnet, control } };
}

const inside = withVia("tailnet");

/** Messages of the guard alone. */
function told(...args: Parameters<typeof plan>): readonly string[] {
  const { blocked } = plan(...args);
  return blocked === null
    ? []
    : allErrors(blocked)
        .filter((e) => e.code === "MESH_POLICY_LOCKOUT")
        .map((e) => e.message);
}

test("a file that keeps everything locks nobody out", () => expect(told(stored)).toEqual([]));

describe("who would lose what, by which line", () => {
  test.each([
    [
      "the owner of the credential's tag",
      '"tag:ci": ["ada@example.com"]',
      '"tag:ci": []',
      "ada@example.com would no longer own tag:ci, the credential's tag, which line 3 of the policy on the server gives",
    ],
    [
      "a person's only rule",
      '    { "src": ["ada@example.com"], "dst": ["tag:nas"], "ip": ["*"] },\n',
      "",
      "ada@example.com would lose all access to other devices, which line 12 of the policy on the server gives",
    ],
    [
      "the runner's way",
      '    { "src": ["tag:ci"], "dst": ["tag:homelab"], "ip": ["tcp:22"] },\n',
      "",
      "the runner, which comes as tag:ci, would lose tcp:22 on homelab-1, which line 13 of the policy on the server gives",
    ],
    [
      "an approver",
      '"192.168.7.0/24": ["tag:lan"]',
      '"192.168.8.0/24": ["tag:lan"]',
      "lan-router would lose the approval of its route 192.168.7.0/24, which line 9 of the policy on the server gives",
    ],
    [
      "all who use a route",
      '    { "src": ["tag:nas"], "dst": ["192.168.7.0/24"], "ip": ["tcp:80"] },\n',
      "",
      "everybody would lose the route 192.168.7.0/24 of lan-router, which line 14 of the policy on the server gives",
    ],
  ])("%s", (_name, old, now, message) => {
    expect(stored).toContain(old);
    expect(told(stored.replace(old, now))).toEqual([message]);
  });

  test("a tag that a device carries", () => {
    const file = stored.replace(/.*"tag:nas": .*\n/, "").replaceAll('"tag:nas"', '"ada@example.com"');
    expect(told(file)).toContain(
      "nas would lose the tag tag:nas, which is not defined any more, which line 4 of the policy on the server gives",
    );
  });

  test("admins, whose roles only the server knows, by the rules alone", () => {
    const text = stored.replace('"src": ["ada@example.com"]', '"src": ["autogroup:admin", "ada@example.com"]');
    const document = { text, version: "v1", isDefault: false };
    const admins = (file: string) => told(file, { document }, withVia("direct", "tailscale"));
    expect(admins(text)).toEqual([]);
    expect(admins(text.replace('"autogroup:admin", ', ""))).toEqual([
      "admins would lose tcp:22 on nas, which line 12 of the policy on the server gives",
    ]);
    expect(
      admins(
        text
          .replace('"autogroup:admin", ', "")
          .replace('"src": ["tag:ci"], "dst"', '"src": ["autogroup:member"], "dst"'),
      ),
    ).toHaveLength(1);
  });
});

describe("nobody is locked out", () => {
  test("by another way of naming admins, or a tag that owned itself", () => {
    const own = (owners: string) => stored.replace('"tag:ci": ["ada@example.com"]', `"tag:ci": ${owners}`);
    const document = (text: string) => ({ document: { text, version: "v1", isDefault: false } });
    expect(told(own("[]"), document(own('["autogroup:admin"]')), withVia("direct", "tailscale"))).toEqual([]);
    expect(told(own("[]"), document(own('["tag:ci"]')))).toEqual([]);
    expect(told(own("[]"), document(own('["group:x"]')), withVia("direct", "tailscale"))).toHaveLength(1);
  });

  test("of a way that was not there, or that the runner does not take", () => {
    const file = stored.replace(/.*"src": \["tag:ci"\].*\n/, "");
    expect(told(file, {}, withVia("direct"))).toEqual([]);
    expect(told(file, { document: { text: file, version: "v1", isDefault: false } })).toEqual([]);
  });

  test("by less than all: narrower, by another rule, by address", () => {
    expect(told(stored.replace('"dst": ["tag:nas"], "ip": ["*"]', '"dst": ["tag:nas"], "ip": ["tcp:22"]'))).toEqual([]);
    expect(told(stored.replace('"src": ["ada@example.com"]', '"src": ["100.64.0.10"]'))).toEqual([]);
  });

  test("by a cluster's removal", () => {
    const clusters = inside.clusters.map((c) => (c.name === "homelab" ? { ...c, state: "absent" as const } : c));
    const file = stored.replace(/.*"tag:homelab".*\n/g, "");
    expect(plan(file, {}, { ...inside, clusters }).text).not.toContain("tag:homelab");
    expect(told(file, {}, { ...inside, clusters })).toEqual([]);
  });

  test("by a change of the topology's own", () => {
    expect(told(stored, {}, { ...inside, links: [] })).toEqual([]);
  });
});

test("a first policy that closes the runner's way is stopped, too", () => {
  const document = { text: "", version: "v1", isDefault: true };
  const mesh = { ...inside, policyFiles: [] };
  const messages = told(stored, { document, files: [], devices: [homelab] }, mesh);
  expect(messages).toEqual(["the runner, which comes as tag:ci, would lose tcp:22 on homelab-1"]);
});

test("a server that does not say whose a device is: rules for all people still count", () => {
  const text = stored.replace('"src": ["ada@example.com"]', '"src": ["autogroup:member"]');
  const devices = [{ ...laptop, user: null }, nas];
  const document = { text, version: "v1", isDefault: false };
  expect(told(text.replace(/.*autogroup:member.*\n/, ""), { document, devices }, withVia("direct"))).toEqual([
    "the owner of laptop would lose all access to other devices, which line 12 of the policy on the server gives",
  ]);
});

test("allow-lockout goes on, and says so", () => {
  const file = stored.replace('"tag:ci": ["ada@example.com"]', '"tag:ci": []');
  const planned = plan(file, { options: { adopt: true, onDrift: "fail", allowLockout: true } });
  const overwritten = plan(file, {
    document: { text: stored, version: "v1", isDefault: false },
    options: { adopt: false, onDrift: "overwrite", allowLockout: true },
  });
  expect(allCodes(overwritten)).toEqual(["MESH_POLICY_FOREIGN"]);
  expect(allCodes(overwritten)).not.toContain("MESH_POLICY_LOCKOUT");
  expect(overwritten.warnings.join("\n")).toContain("allow-lockout: ada@example.com would no longer own tag:ci");
  expect(planned.blocked).toBeNull();
});

function allCodes({ blocked }: ReturnType<typeof plan>): readonly string[] {
  return blocked === null ? [] : allErrors(blocked).map((e) => e.code);
}

test("without the devices nobody can be named, and that is said", () => {
  const planned = plan(stored.replace('"tag:ci": ["ada@example.com"]', '"tag:ci": []'), { devices: null });
  expect(planned.warnings.join("\n")).toContain("not verified");
  expect(allCodes(planned)).toContain("MESH_POLICY_LOCKOUT");
});
