/** The probe matrix: from one pod of each node with tailscaled, to every kind of target, within what a link allows. */
import { describe, expect, test } from "vitest";
import type { Port } from "../../src/mesh/mesh.ts";
import { allPairsLimit, type ProbePod, pairPods } from "../../src/reach/pods.ts";
import { allowedBy, portText } from "../../src/reach/ports.ts";
import type { NodeProbes } from "../../src/reach/probe.ts";
import { planProbes } from "../../src/reach/probes.ts";
import { editFacts, healthy, links, mesh } from "./healthy.ts";

const planOf = (node: string, scene = healthy()): NodeProbes => {
  const plan = planProbes(scene.mesh, scene.facts, scene.links).get(node);
  if (!plan) throw new Error(`no plan for ${node}`);
  return plan;
};
const ids = (plan: NodeProbes): readonly string[] => plan.probes.map((p) => p.id);

describe("the matrix", () => {
  test("a router tries everything towards the far cluster, from a pod and from itself", () => {
    expect(ids(planOf("homelab-1"))).toEqual([
      "homelab/oracle/path/oracle-1",
      "homelab/oracle/route/10.52.0.4",
      "homelab/oracle/route/10.53.0.1",
      "homelab/oracle/owner/oracle-1",
      "homelab/oracle/grant/oracle-1",
      "homelab/oracle/ping/oracle-1",
      "homelab/oracle/full-size/oracle-1",
      "homelab/oracle/transfer/oracle-1",
      "homelab/oracle/service",
      "homelab/oracle/dns-udp",
      "homelab/oracle/dns-tcp",
      "guard/10.42.0.3",
      "guard/10.42.2.2",
      "guard/10.43.0.1",
      "guard/198.18.0.100",
    ]);
  });

  test("pods of every far node are targets, the member's too", () => {
    const targets = planOf("oracle-1").probes.filter((p) => p.run.kind === "ping" && p.run.size === null);
    expect(targets.map((p) => p.target)).toEqual(["homelab-1", "homelab-2"]);
  });

  test("each pod's listener waits for exactly the transfers that are planned to it", () => {
    expect(planOf("oracle-1").listener).toEqual({ pid: 4000, address: "10.52.0.4", expected: 2 });
    expect(planOf("homelab-2").listener).toEqual({ pid: 4000, address: "10.42.2.2", expected: 1 });
  });

  test("ids are unique on a node", () => {
    for (const name of ["homelab-1", "homelab-2", "oracle-1"]) {
      expect(new Set(ids(planOf(name))).size).toBe(ids(planOf(name)).length);
    }
  });

  test("only routers count what their policy drops", () => {
    expect([planOf("homelab-1").countDrops, planOf("homelab-2").countDrops]).toEqual([true, false]);
  });

  test("DNS is asked where the far servers say it is, and must give the kubernetes ClusterIP", () => {
    const scene = healthy();
    editFacts(scene, "oracle-1", (f) => ({ ...f, k3s: f.k3s ? { ...f.k3s, dns: "10.53.0.53" } : null }));
    const dns = planOf("homelab-1", scene).probes.flatMap((p) => (p.run.kind === "dns" ? [p.run] : []));
    expect(dns.map((r) => [r.transport, r.address, r.answer])).toEqual([
      ["udp", "10.53.0.53", "10.53.0.1"],
      ["tcp", "10.53.0.53", "10.53.0.1"],
    ]);
  });
});

describe("what is not tried", () => {
  test("a node without a pod is a gap, and its own diagnosis still runs", () => {
    const scene = healthy();
    editFacts(scene, "homelab-2", (f) => ({ ...f, pods: [] }));
    const plan = planOf("homelab-2", scene);
    expect(plan.gaps.map((g) => g.reason)).toEqual(["no ready pod with its own network on homelab-2"]);
    expect(plan.probes.every((p) => p.pid === null)).toBe(true);
    expect(plan.listener).toBeNull();
  });

  test("pods of the host network or with an address of others are not chosen", () => {
    const scene = healthy();
    editFacts(scene, "oracle-1", (f) => ({
      ...f,
      pods: [
        { namespace: "kube-system", name: "host", ip: "10.0.0.26", pid: 50 },
        { namespace: "kube-system", name: "forged", ip: "10.52.0.1; reboot", pid: 51 },
        { namespace: "kube-system", name: "pid1", ip: "10.52.0.8", pid: 1 },
        { namespace: "default", name: "web", ip: "10.52.0.9", pid: 52 },
        { namespace: "kube-system", name: "coredns", ip: "10.52.0.7", pid: 53 },
      ],
    }));
    expect(planOf("oracle-1", scene).listener).toMatchObject({ pid: 53, address: "10.52.0.7" });
  });

  test("nothing is asked of a daemon that does not run; its pods are still tried", () => {
    const scene = healthy();
    editFacts(scene, "homelab-1", (f) => ({ ...f, tailscale: { ...f.tailscale, status: null } }));
    const plan = planOf("homelab-1", scene);
    expect(plan.probes.filter((p) => p.pid === null)).toEqual([]);
    expect(plan.probes.length).toBeGreaterThan(0);
  });

  test("our own way back is not guarded when it is meant to be the tunnel", () => {
    const scene = healthy();
    editFacts(scene, "homelab-1", (f) => ({ ...f, host: { ...f.host, sshClient: "100.64.0.77" } }));
    expect(ids(planOf("homelab-1", scene))).not.toContain("guard/100.64.0.77");
  });

  test("a link from a cluster to itself, or to none", () => {
    const odd = [
      { from: "homelab", to: "homelab", ports: [] },
      { from: "homelab", to: "nowhere", ports: [] },
    ];
    const plans = planProbes(mesh, healthy().facts, odd);
    expect([...plans.values()].flatMap((p) => p.probes.filter((x) => x.pair))).toEqual([]);
  });
});

describe("ports", () => {
  const port = (protocol: Port["protocol"], first?: number, last?: number): Port => ({ protocol, first, last });
  test.each([
    { ports: [], allowed: { icmp: true, transfer: true, https: true, dnsUdp: true, dnsTcp: true } },
    { ports: [port("any")], allowed: { icmp: true, transfer: true, https: true, dnsUdp: true, dnsTcp: true } },
    { ports: [port("icmp")], allowed: { icmp: true, transfer: false, https: false, dnsUdp: false, dnsTcp: false } },
    { ports: [port("tcp", 443)], allowed: { icmp: false, transfer: false, https: true, dnsUdp: false, dnsTcp: false } },
    {
      ports: [port("tcp", 1, 65535)],
      allowed: { icmp: false, transfer: true, https: true, dnsUdp: false, dnsTcp: true },
    },
    {
      ports: [port("tcp", 20000, 25000)],
      allowed: { icmp: false, transfer: false, https: false, dnsUdp: false, dnsTcp: false },
    },
    {
      ports: [port("udp", 53, 53)],
      allowed: { icmp: false, transfer: false, https: false, dnsUdp: true, dnsTcp: false },
    },
  ])("$ports", ({ ports, allowed }) => {
    expect(allowedBy(ports)).toEqual(allowed);
  });

  test("are written as in the topology", () => {
    expect([port("any"), port("icmp"), port("tcp", 443), port("udp", 1, 9)].map(portText)).toEqual([
      "*",
      "icmp",
      "tcp:443",
      "udp:1-9",
    ]);
  });

  test("icmp only: nothing but pings", () => {
    const scene = healthy();
    scene.links = [{ from: "homelab", to: "oracle", ports: [port("icmp")] }];
    const kinds = planOf("homelab-1", scene)
      .probes.filter((p) => p.pid !== null)
      .map((p) => p.run.kind);
    expect(kinds).toEqual(["ping", "ping"]);
  });
});

describe("forbidden pairs", () => {
  test("are tried with just what is named, and hold the far listener open", () => {
    const scene = healthy();
    scene.links = [];
    scene.mesh = {
      ...mesh,
      forbid: [{ from: "oracle", to: "homelab", ports: [{ protocol: "tcp", first: 22, last: 22 }] }],
    };
    expect(ids(planOf("oracle-1", scene)).filter((i) => i.startsWith("forbid/"))).toEqual([
      "forbid/oracle/homelab/tcp-22/homelab-1",
      "forbid/oracle/homelab/tcp-22/homelab-2",
    ]);
    scene.mesh = { ...mesh, forbid: [{ from: "oracle", to: "homelab", ports: [] }] };
    expect(planOf("homelab-1", scene).listener?.expected).toBe(0);
    expect(ids(planOf("oracle-1", scene)).filter((i) => i.startsWith("forbid/"))).toHaveLength(5);
  });
});

test("many pods: every source and every target at least once, and no more than needed", () => {
  const pods = (side: string, n: number): ProbePod[] =>
    Array.from({ length: n }, (_, i) => ({ node: `${side}${i}`, address: "10.0.0.1", pid: 2 }));
  for (const [a, b] of [
    [4, 4],
    [1, 40],
    [20, 3],
    [20, 20],
  ] as const) {
    const pairs = pairPods(pods("a", a), pods("b", b));
    expect(new Set(pairs.map(([s]) => s.node)).size).toBe(a);
    expect(new Set(pairs.map(([, t]) => t.node)).size).toBe(b);
    expect(pairs.length).toBe(a * b <= allPairsLimit ? a * b : Math.max(a, b));
  }
  expect(pairPods([], pods("b", 3))).toEqual([]);
});

test("the same facts give the same plan", () => {
  expect(planProbes(mesh, healthy().facts, links)).toEqual(planProbes(mesh, healthy().facts, links));
});
