import { describe, expect, it } from "vitest";
import type { NodeFacts, TailscalePrefs, TailscaleStatus } from "../../src/facts/facts.ts";
import type { Mesh } from "../../src/mesh/mesh.ts";
import { meshNodes } from "../../src/mesh/mesh.ts";
import { desiredNode } from "../../src/nodes/desired.ts";
import { type NodePlan, planNode, stageSteps, wantsKey } from "../../src/nodes/plan.ts";
import { waves } from "../../src/nodes/provision.ts";
import { compareVersions } from "../../src/nodes/steps/install.ts";
import { captured } from "../support/facts.ts";
import { cidr, cluster, exampleMesh, node } from "../support/meshes.ts";

function plan(facts: NodeFacts, mesh: Mesh = exampleMesh()): NodePlan {
  const found = meshNodes(mesh).find((n) => n.name === facts.node);
  if (!found) throw new RangeError(facts.node);
  return planNode(facts, desiredNode(mesh, found, { version: "1.102.5", undoAfter: 300 }));
}

const ids = (p: NodePlan) => p.steps.map((s) => s.id);
const joined = captured("homelab-1", "joined");
const status = (more: Partial<TailscaleStatus>): NodeFacts => ({
  ...joined,
  tailscale: { ...joined.tailscale, status: joined.tailscale.status && { ...joined.tailscale.status, ...more } },
});
const prefs = (more: Partial<TailscalePrefs>): NodeFacts => ({
  ...joined,
  tailscale: { ...joined.tailscale, prefs: joined.tailscale.prefs && { ...joined.tailscale.prefs, ...more } },
});

describe("where a node logs in", () => {
  const at = (control: "tailscale" | "headscale", url: string) => {
    const mesh = exampleMesh();
    const [first] = meshNodes(mesh);
    if (!first) throw new RangeError("no node");
    const tailnet = { ...mesh.tailnet, control, url };
    return desiredNode({ ...mesh, tailnet }, first, { version: "1.102.5", undoAfter: 300 }).loginServer;
  };

  it("is what it knows by itself for Tailscale's own service, and any other address as it is", () => {
    expect(at("tailscale", "https://api.tailscale.com")).toBeNull();
    expect(at("headscale", "https://hs.example.net")).toBe("https://hs.example.net");
    expect(at("tailscale", "https://control.example.net")).toBe("https://control.example.net");
  });
});

describe("a bare node", () => {
  it("gets everything, guards before accept, login before the rest", () => {
    expect(ids(plan(captured("homelab-1", "bare")))).toEqual([
      "sysctl",
      "install",
      "daemon",
      "login",
      "guard",
      "advertise",
      "accept",
    ]);
  });

  it("advertises nothing as a member", () => {
    expect(ids(plan(captured("homelab-2", "bare")))).not.toContain("advertise");
  });

  it("is worked on in three execs, the key in the second, the archive in the first", () => {
    const p = plan(captured("homelab-1", "bare"));
    expect(stageSteps(p, "prepare").find((s) => s.needs === "archive")?.id).toBe("install");
    expect(stageSteps(p, "join").find((s) => s.needs === "key")?.id).toBe("login");
    expect(stageSteps(p, "accept").map((s) => s.id)).toEqual(["accept"]);
    expect(wantsKey(p)).toBe(true);
  });

  it("names no secret and every command in its changes", () => {
    for (const step of plan(captured("homelab-1", "bare")).steps) {
      expect(step.change.does.length).toBeGreaterThan(0);
      expect(step.change.why).not.toBe("");
      expect(step.change.address).toBe(`node/homelab-1/${step.id}`);
    }
  });
});

describe("a joined node", () => {
  it("is left alone, and every step says why", () => {
    const p = plan(joined);
    expect(ids(p)).toEqual([]);
    expect(p.refused).toEqual([]);
    expect(p.unchanged.map((u) => u.address)).toContain("node/homelab-1/accept");
    for (const u of p.unchanged) expect(u.why).not.toBe("");
  });

  const drifts: readonly (readonly [string, NodeFacts, readonly string[]])[] = [
    ["forwarding off", { ...joined, sysctls: { "net.ipv4.ip_forward": "0" } }, ["sysctl"]],
    ["accept-routes off", prefs({ acceptRoutes: false }), ["accept"]],
    ["advertise cleared", prefs({ advertiseRoutes: [] }), ["advertise"]],
    ["accept-dns on", prefs({ acceptDns: true }), ["prefs"]],
    ["snat on", prefs({ snat: true }), ["prefs"]],
    ["netfilter off", prefs({ netfilterMode: 0 }), ["prefs"]],
    ["stopped", status({ backendState: "Stopped" }), ["login"]],
    ["logged out", status({ backendState: "NeedsLogin", addresses: [] }), ["login"]],
    ["rules of the guard gone", { ...joined, rules: joined.rules.filter((r) => r.protocol !== "167") }, ["guard"]],
    ["mangle flushed", { ...joined, netfilter: { ...joined.netfilter, tables: { mangle: [] } } }, ["guard"]],
    [
      "hook twice",
      {
        ...joined,
        netfilter: {
          ...joined.netfilter,
          tables: { mangle: [...(joined.netfilter.tables["mangle"] ?? []), "-A FORWARD -j TAILMESH-MSS"] },
        },
      },
      ["guard"],
    ],
    [
      "address lost from the interface",
      { ...joined, addresses: joined.addresses.filter((a) => a.interface !== "tailscale0") },
      ["daemon"],
    ],
    [
      "daemon down, logged in before",
      {
        ...joined,
        tailscale: {
          ...joined.tailscale,
          status: null,
          prefs: null,
          unit: { ...joined.tailscale.unit, active: "inactive" },
        },
      },
      ["daemon"],
    ],
    [
      "an undo that nobody confirmed",
      {
        ...joined,
        units: { ...joined.units, "tailmesh-undo.timer": { active: "active", enabled: "", mainPid: 0, started: 0 } },
      },
      ["accept"],
    ],
  ];

  it.each(drifts)("%s: exactly that is mended", (_, facts, expected) => {
    expect(ids(plan(facts))).toEqual(expected);
  });

  it("uses no key unless it has to log in", () => {
    expect(wantsKey(plan(status({ backendState: "Stopped" })))).toBe(false);
    expect(wantsKey(plan(status({ backendState: "NeedsLogin" })))).toBe(true);
  });

  it("keeps what the owner set: foreign routes, Tailscale SSH, operator, host name", () => {
    const p = plan({
      ...prefs({ advertiseRoutes: ["192.168.7.0/24"], runSsh: true, operator: "anna", hostname: "old-name" }),
    });
    expect(p.steps.find((s) => s.id === "advertise")?.run).toContain("10.42.0.0/16,10.43.0.0/16,192.168.7.0/24");
    const loggedOut = prefs({ runSsh: true, operator: "anna", hostname: "old-name" });
    const login = plan({
      ...loggedOut,
      tailscale: {
        ...loggedOut.tailscale,
        status: { ...(loggedOut.tailscale.status ?? fail()), backendState: "NeedsLogin" },
      },
    }).steps.find((s) => s.id === "login");
    expect(login?.run).toContain("--ssh");
    expect(login?.run).toContain("--operator=anna");
    expect(login?.run).toContain("--hostname=old-name");
  });

  it("arms the undo before it accepts", () => {
    const run = plan(prefs({ acceptRoutes: false })).steps[0]?.run ?? "";
    expect(run.indexOf("systemd-run")).toBeGreaterThan(-1);
    expect(run.indexOf("systemd-run")).toBeLessThan(run.indexOf("\ntailscale set --accept-routes=true"));
    expect(run).toContain("--on-active=300");
  });
});

function fail(): never {
  throw new Error("no status in the fixture");
}

describe("refused before anything is changed", () => {
  const bare = captured("homelab-1", "bare");
  const cases: readonly (readonly [string, NodeFacts])[] = [
    ["MESH_NODE_NO_SYSTEMD", { ...bare, host: { ...bare.host, init: "openrc-init" } }],
    [
      "MESH_NODE_TOOL_MISSING",
      { ...bare, host: { ...bare.host, tools: bare.host.tools.filter((t) => t !== "iptables") } },
    ],
    ["MESH_NODE_ARCH", { ...bare, host: { ...bare.host, machine: "s390x" } }],
    ["MESH_NODE_NO_K3S", { ...bare, k3s: null }],
    ["MESH_NODE_CIDR_DRIFT", { ...bare, k3s: bare.k3s && { ...bare.k3s, pods: "10.44.0.0/16" } }],
    ["MESH_NODE_CNI", { ...bare, k3s: bare.k3s && { ...bare.k3s, flannelBackend: "wireguard-native" } }],
    ["MESH_NODE_CNI", { ...bare, k3s: bare.k3s && { ...bare.k3s, vpnAuth: true } }],
    ["MESH_NODE_FOREIGN_CONTROL", prefs({ controlUrl: "https://other.example" })],
    [
      "MESH_NODE_FOREIGN_TAG",
      status({ self: joined.tailscale.status?.self ? { ...joined.tailscale.status.self, tags: [] } : null }),
    ],
    ["MESH_NODE_USERSPACE", status({ tun: false })],
    ["MESH_NODE_NEEDS_APPROVAL", status({ backendState: "NeedsMachineAuth" })],
    ["MESH_NODE_TAILSCALE_OLD", { ...joined, tailscale: { ...joined.tailscale, version: "1.82.0", package: "dpkg" } }],
    [
      "MESH_FOREIGN_ROUTE",
      status({
        peers: [{ ...(joined.tailscale.status?.peers[0] ?? fail()), allowedIPs: ["100.64.0.9/32", "192.168.0.0/16"] }],
      }),
    ],
  ];

  it.each(cases)("%s", (code, facts) => {
    const p = plan(facts);
    expect(p.refused.map((e) => e.code)).toContain(code);
    expect(p.steps).toEqual([]);
  });

  it("takes a foreign route that the topology accepts", () => {
    const facts = status({
      peers: [{ ...(joined.tailscale.status?.peers[0] ?? fail()), allowedIPs: ["192.168.7.0/24"] }],
    });
    expect(plan(facts, exampleMesh({ accept: [cidr("192.168.0.0/16")] })).refused).toEqual([]);
  });
});

describe("order over nodes", () => {
  it("never has two routers of a cluster in one wave, once they carry traffic", () => {
    const mesh = exampleMesh({
      clusters: [
        cluster("homelab", "10.42.0.0/16", "10.43.0.0/16", [
          node("homelab-1", "homelab", "10.10.10.10", "router"),
          node("homelab-2", "homelab", "10.10.10.11", "router"),
        ]),
        cluster("oracle", "10.52.0.0/16", "10.53.0.0/16", [node("oracle-1", "oracle", "10.0.0.26", "router")]),
      ],
    });
    const off = prefs({ acceptRoutes: false });
    const plans = ["homelab-1", "homelab-2", "oracle-1"].map((name) =>
      planNode(
        { ...off, node: name, k3s: null },
        desiredNode(mesh, meshNodes(mesh).find((n) => n.name === name) ?? fail(), {
          version: "1.102.5",
          undoAfter: 300,
        }),
      ),
    );
    const steps = plan(off).steps;
    const waved = waves(
      plans.map((p) => ({ ...p, steps })),
      "accept",
    );
    expect(waved.map((w) => w.map((p) => p.desired.node.name))).toEqual([["homelab-1", "oracle-1"], ["homelab-2"]]);
  });
});

it.each([
  ["1.102.5", "1.102.5", 0],
  ["1.90.0", "1.102.0", -1],
  ["1.102.6", "1.102.5", 1],
  ["2.0.0", "1.999.9", 1],
])("compares %s with %s by number", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
