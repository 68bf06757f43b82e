/** Every fault is blamed on its layer, and nothing is blamed on a healthy mesh. */
import { describe, expect, test } from "vitest";
import type { NodeFacts } from "../../src/facts/facts.ts";
import { MeshError } from "../../src/mesh/error.ts";
import {
  allFindings,
  isUnexplained,
  judgeLinks,
  type LinkJudgement,
  linkResults,
  worstVerdict,
} from "../../src/reach/judge.ts";
import type { Layer } from "../../src/reach/layers.ts";
import type { Probe } from "../../src/reach/probe.ts";
import {
  editDevices,
  editFacts,
  evidenceOf,
  failed,
  filter,
  healthy,
  ok,
  podOf,
  type Scene,
  silentPing,
} from "./healthy.ts";

const judge = (scene: Scene): readonly LinkJudgement[] => judgeLinks(evidenceOf(scene));
const toOracle = "homelab→oracle";
const toHomelab = "oracle→homelab";

/** `link: verdict layer path`, for short tables. */
function words(judgements: readonly LinkJudgement[]): Record<string, string> {
  return Object.fromEntries(
    judgements.map((j) => [`${j.from}→${j.to}`, `${j.verdict} ${j.layer ?? "-"} ${j.path ?? "-"}`]),
  );
}

const editStatus = (facts: NodeFacts, change: Partial<NonNullable<NodeFacts["tailscale"]["status"]>>): NodeFacts => ({
  ...facts,
  tailscale: {
    ...facts.tailscale,
    status: facts.tailscale.status ? { ...facts.tailscale.status, ...change } : null,
  },
});

const editPrefs = (facts: NodeFacts, change: Partial<NonNullable<NodeFacts["tailscale"]["prefs"]>>): NodeFacts => ({
  ...facts,
  tailscale: { ...facts.tailscale, prefs: facts.tailscale.prefs ? { ...facts.tailscale.prefs, ...change } : null },
});

const editTable = (facts: NodeFacts, table: string, lines: readonly string[]): NodeFacts => ({
  ...facts,
  netfilter: { ...facts.netfilter, tables: { ...facts.netfilter.tables, [table]: lines } },
});

const stopped = (facts: NodeFacts): NodeFacts => ({
  ...facts,
  tailscale: {
    ...facts.tailscale,
    unit: { ...facts.tailscale.unit, active: "inactive", mainPid: 0 },
    status: null,
    statusError: "failed to connect to local tailscaled; it doesn't appear to be running",
    prefs: null,
  },
});

/** Everything between the two clusters times out; `grant` says what a ping from the router itself does. */
function cut(scene: Scene, only?: (node: string, probe: Probe) => boolean): void {
  scene.answer = (node, probe) => {
    if (only && !only(node, probe)) return undefined;
    switch (probe.run.kind) {
      case "ping":
        return silentPing;
      case "tcp":
      case "fetch":
      case "dns":
        return failed("timeout");
      case "grant":
        return failed(`ping "${probe.run.address}" timed out\nno reply`);
      default:
        return undefined;
    }
  };
}

const between = (from: string) => (_node: string, probe: Probe) => probe.pair?.from === from;

/** The far router's routes do not come to homelab's nodes. */
function withdrawn(scene: Scene): void {
  for (const name of ["homelab-1", "homelab-2"]) {
    editFacts(scene, name, (f) => ({
      ...editStatus(f, {
        peers: (f.tailscale.status?.peers ?? []).map((p) => ({ ...p, allowedIPs: p.addresses.map((a) => `${a}/32`) })),
      }),
      routes: { ...f.routes, table52: [] },
    }));
  }
  const unrouted = between("homelab");
  cut(scene, unrouted);
  const { answer } = scene;
  scene.answer = (node, probe) => {
    if (!unrouted(node, probe)) return undefined;
    if (probe.run.kind === "route") return ok(`${probe.run.address} via 10.10.10.1 dev eth0 src 10.10.10.10`);
    if (probe.run.kind === "owner" || probe.run.kind === "grant") return failed("no matching peer");
    return answer(node, probe);
  };
}

interface Fault {
  readonly name: string;
  readonly make: (scene: Scene) => void;
  readonly layer: Layer;
  /** What each link must say. */
  readonly says: Readonly<Record<string, string>>;
}

const faults: readonly Fault[] = [
  {
    name: "tailscaled stopped on the far router",
    make: (s) => {
      editFacts(s, "oracle-1", stopped);
      editDevices(s, (d) => (d.id === "oracle-1" ? { ...d, online: false } : d));
      withdrawn(s);
      const { answer } = s;
      s.answer = (n, p) =>
        p.run.kind === "path"
          ? failed("no reply")
          : (answer(n, p) ?? (n === "oracle-1" ? failed("timeout") : undefined));
    },
    layer: "daemon",
    says: { [toOracle]: "broken daemon -", [toHomelab]: "broken daemon -" },
  },
  {
    name: "no tailscale on the far router",
    make: (s) => {
      editFacts(s, "oracle-1", (f) => ({ ...f, tailscale: { ...stopped(f).tailscale, version: null } }));
      withdrawn(s);
      const { answer } = s;
      s.answer = (n, p) => answer(n, p) ?? (n === "oracle-1" ? failed("timeout") : undefined);
    },
    layer: "daemon",
    says: { [toOracle]: "broken daemon direct", [toHomelab]: "broken daemon -" },
  },
  {
    name: "node deleted by API, and it says Running",
    make: (s) => {
      editDevices(s, (d) => (d.id === "oracle-1" ? undefined : d));
      cut(s);
    },
    layer: "identity",
    says: { [toOracle]: "broken identity direct", [toHomelab]: "broken identity direct" },
  },
  {
    name: "node deleted and another one of that name there",
    make: (s) => {
      editDevices(s, (d) => (d.id === "oracle-1" ? { ...d, nodeKey: "nodekey:new", addresses: ["100.64.0.9"] } : d));
      cut(s);
    },
    layer: "identity",
    says: { [toOracle]: "broken identity direct", [toHomelab]: "broken identity direct" },
  },
  {
    name: "logged out",
    make: (s) => {
      editFacts(s, "oracle-1", (f) => editStatus(f, { backendState: "NeedsLogin", addresses: [], self: null }));
      cut(s);
    },
    layer: "identity",
    says: { [toOracle]: "broken identity direct", [toHomelab]: "broken identity -" },
  },
  {
    name: "address gone from tailscale0",
    make: (s) => {
      editFacts(s, "oracle-1", (f) => ({ ...f, addresses: f.addresses.filter((a) => a.interface !== "tailscale0") }));
      cut(s, between("oracle"));
    },
    layer: "interface",
    says: { [toOracle]: "reachable interface direct", [toHomelab]: "broken interface direct" },
  },
  {
    name: "advertise cleared",
    make: (s) => {
      editFacts(s, "oracle-1", (f) => editPrefs(f, { advertiseRoutes: [] }));
      editDevices(s, (d) => (d.id === "oracle-1" ? { ...d, advertisedRoutes: [], servingRoutes: [] } : d));
      withdrawn(s);
    },
    layer: "advertised",
    says: { [toOracle]: "broken advertised direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "approver missing",
    make: (s) => {
      editDevices(s, (d) => (d.id === "oracle-1" ? { ...d, enabledRoutes: [], servingRoutes: [] } : d));
      withdrawn(s);
    },
    layer: "approved",
    says: { [toOracle]: "broken approved direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "approved and served by nobody",
    make: (s) => {
      editDevices(s, (d) => (d.id === "oracle-1" ? { ...d, servingRoutes: [] } : d));
      withdrawn(s);
    },
    layer: "serving",
    says: { [toOracle]: "broken serving direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "peer invisible: no grant either way",
    make: (s) => {
      withdrawn(s);
      for (const n of ["homelab-1", "homelab-2"]) editFacts(s, n, (f) => editStatus(f, { peers: [] }));
    },
    layer: "distributed",
    says: { [toOracle]: "broken distributed direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "accept-routes off on the near router",
    make: (s) => {
      editFacts(s, "homelab-1", (f) => ({
        ...editPrefs(f, { acceptRoutes: false }),
        routes: { ...f.routes, table52: [] },
      }));
      cut(s, (node, probe) => node === "homelab-1" && probe.pair !== null);
    },
    layer: "accepted",
    says: { [toOracle]: "broken accepted direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "guards removed, own prefixes elsewhere",
    make: (s) => editFacts(s, "homelab-1", (f) => ({ ...f, rules: f.rules.filter((r) => r.priority !== 2500) })),
    layer: "guards",
    says: { [toOracle]: "reachable guards direct", [toHomelab]: "reachable guards direct" },
  },
  {
    name: "guards removed and own pods in the tunnel",
    make: (s) => {
      editFacts(s, "homelab-1", (f) => ({
        ...f,
        rules: f.rules.filter((r) => r.priority !== 2500),
        routes: {
          ...f.routes,
          table52: [...f.routes.table52, { to: "10.42.0.0/16", via: null, dev: "tailscale0", type: "unicast" }],
        },
      }));
      cut(s);
      const { answer } = s;
      s.answer = (n, p) =>
        n === "homelab-1" && p.id.startsWith("guard/10.42.") ? ok(`x dev tailscale0 table 52`) : answer(n, p);
    },
    layer: "guards",
    says: { [toOracle]: "broken guards direct", [toHomelab]: "broken guards direct" },
  },
  {
    name: "REJECT above ts-forward",
    make: (s) => {
      const rules = filter.flatMap((l) =>
        l.startsWith('-A FORWARD -m comment --comment "kubernetes forw')
          ? ["-A FORWARD -m comment --comment lab-reject -j REJECT --reject-with icmp-host-prohibited", l]
          : [l],
      );
      editFacts(s, "oracle-1", (f) => editTable(f, "filter", rules));
      cut(s);
    },
    layer: "hooks",
    says: { [toOracle]: "broken hooks direct", [toHomelab]: "broken hooks direct" },
  },
  {
    name: "hooks flushed, rejected by interface",
    make: (s) => {
      const rules = filter.filter((l) => !/^-A (FORWARD|INPUT) -j ts-/.test(l));
      const reject = [
        "-A FORWARD -o tailscale0 -m comment --comment lab-flushed -j REJECT --reject-with icmp-host-prohibited",
      ];
      editFacts(s, "oracle-1", (f) => editTable(f, "filter", [...reject, ...rules]));
      cut(s);
    },
    layer: "hooks",
    says: { [toOracle]: "broken hooks direct", [toHomelab]: "broken hooks direct" },
  },
  {
    name: "hooks flushed and nothing rejects",
    make: (s) =>
      editFacts(s, "oracle-1", (f) =>
        editTable(
          f,
          "filter",
          filter.filter((l) => !/^-A (FORWARD|INPUT) -j ts-/.test(l)),
        ),
      ),
    layer: "hooks",
    says: { [toOracle]: "reachable hooks direct", [toHomelab]: "reachable hooks direct" },
  },
  {
    name: "UDP blocked: relayed",
    make: (s) => {
      s.answer = (_n, p) =>
        p.run.kind === "path"
          ? failed(
              `pong from ${p.target} (${p.run.address}) via DERP(lab) in 9ms\n`.repeat(4) +
                "direct connection not established",
            )
          : undefined;
    },
    layer: "path",
    says: { [toOracle]: "reachable path relayed", [toHomelab]: "reachable path relayed" },
  },
  {
    name: "no way to the far router",
    make: (s) => {
      cut(s, between("homelab"));
      const { answer } = s;
      s.answer = (n, p) =>
        p.pair?.from === "homelab" && (p.run.kind === "path" || p.run.kind === "owner")
          ? failed('ping "100.64.0.2" timed out\nno reply')
          : answer(n, p);
    },
    layer: "path",
    says: { [toOracle]: "broken path -", [toHomelab]: "reachable - direct" },
  },
  {
    name: "a foreign rule shadows the far prefixes",
    make: (s) => {
      cut(s, (node, p) => node === "homelab-1" && p.run.kind !== "grant");
      const { answer } = s;
      s.answer = (n, p) =>
        n === "homelab-1" && p.run.kind === "route" && p.run.tunnel
          ? ok(`${p.run.address} via 10.10.10.1 dev eth0 src 10.10.10.10`)
          : answer(n, p);
    },
    layer: "route",
    says: { [toOracle]: "broken route direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "no reverse grant, routes distributed",
    make: (s) => {
      cut(s, between("oracle"));
      s.drops = { "homelab-1": 12 };
    },
    layer: "grant",
    says: { [toOracle]: "reachable - direct", [toHomelab]: "broken grant direct" },
  },
  {
    name: "no reverse grant, daemon does not count drops",
    make: (s) => {
      cut(s, between("oracle"));
      s.drops = null;
    },
    layer: "grant",
    says: { [toOracle]: "reachable - direct", [toHomelab]: "broken grant direct" },
  },
  {
    name: "no grant, and Headscale keeps the routes back",
    make: withdrawn,
    layer: "grant",
    says: { [toOracle]: "broken grant direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "no reverse grant, one of two routes kept back",
    make: (s) => {
      editFacts(s, "oracle-1", (f) => ({
        ...editStatus(f, {
          peers: (f.tailscale.status?.peers ?? []).map((p) => ({
            ...p,
            allowedIPs: p.allowedIPs.filter((a) => a !== "10.43.0.0/16"),
          })),
        }),
        routes: { ...f.routes, table52: f.routes.table52.filter((r) => r.to !== "10.43.0.0/16") },
      }));
      cut(s, between("oracle"));
      const { answer } = s;
      s.answer = (n, p) =>
        n === "oracle-1" && p.run.kind === "route" && p.run.address.startsWith("10.43.")
          ? ok(`${p.run.address} via 10.0.0.1 dev eth0`)
          : answer(n, p);
      s.drops = { "homelab-1": 4 };
    },
    layer: "grant",
    says: { [toOracle]: "reachable - direct", [toHomelab]: "broken grant direct" },
  },
  {
    name: "the grant lets ICMP in and no TCP",
    make: (s) => {
      cut(s, (_n, p) => p.pair?.from === "homelab" && ["fetch", "tcp"].includes(p.run.kind));
      s.drops = { "oracle-1": 6 };
    },
    layer: "grant",
    says: { [toOracle]: "broken grant direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "shields up on the far router",
    make: (s) => {
      editFacts(s, "oracle-1", (f) => editPrefs(f, { shieldsUp: true }));
      cut(s, between("homelab"));
    },
    layer: "grant",
    says: { [toOracle]: "broken grant direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "ip_forward off on the far router",
    make: (s) => {
      editFacts(s, "oracle-1", (f) => ({
        ...editStatus(f, { health: ["IP forwarding is disabled, subnet routing/exit nodes will not work."] }),
        sysctls: { "net.ipv4.ip_forward": "0" },
      }));
      cut(s);
      s.drops = null;
    },
    layer: "pod",
    says: { [toOracle]: "broken pod direct", [toHomelab]: "broken pod direct" },
  },
  {
    name: "pod traffic dropped, counted",
    make: (s) => cut(s, between("homelab")),
    layer: "pod",
    says: { [toOracle]: "broken pod direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "pod traffic dropped by a rule, not counted",
    make: (s) => {
      editFacts(s, "oracle-1", (f) =>
        editTable(f, "mangle", [
          ...(f.netfilter.tables["mangle"] ?? []),
          "-A FORWARD -d 10.52.0.0/16 -i tailscale0 -m comment --comment lab-pod -j DROP",
        ]),
      );
      cut(s, between("homelab"));
      s.drops = null;
    },
    layer: "pod",
    says: { [toOracle]: "broken pod direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "service network dropped",
    make: (s) => cut(s, (_n, p) => p.pair?.to === "oracle" && ["tcp", "dns"].includes(p.run.kind)),
    layer: "service",
    says: { [toOracle]: "broken service direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "CoreDNS gone",
    make: (s) => {
      s.answer = (_n, p) => (p.pair?.to === "oracle" && p.run.kind === "dns" ? failed("refused") : undefined);
    },
    layer: "dns",
    says: { [toOracle]: "broken dns direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "DNS answers with another address",
    make: (s) => {
      s.answer = (_n, p) => (p.pair?.to === "oracle" && p.run.kind === "dns" ? ok("ok 10.43.0.1") : undefined);
    },
    layer: "dns",
    says: { [toOracle]: "broken dns direct", [toHomelab]: "reachable - direct" },
  },
  {
    name: "MTU black hole",
    make: (s) => {
      editFacts(s, "oracle-1", (f) => ({
        ...editTable(f, "mangle", [":TAILMESH-MSS - [0:0]", "-A FORWARD -j TAILMESH-MSS"]),
        netfilter: {
          ...f.netfilter,
          tables: {
            filter: [
              ...filter.slice(0, 5),
              "-A FORWARD -p icmp -m icmp --icmp-type 3/4 -m comment --comment lab-mtu -j DROP",
              "-A INPUT -p icmp -m icmp --icmp-type 3/4 -m comment --comment lab-mtu -j DROP",
              ...filter.slice(5),
            ],
            mangle: [":TAILMESH-MSS - [0:0]", "-A FORWARD -j TAILMESH-MSS"],
          },
        },
      }));
      s.answer = (_n, p) => (p.run.kind === "fetch" ? failed("stalled 0") : undefined);
    },
    layer: "mtu",
    says: { [toOracle]: "broken mtu direct", [toHomelab]: "broken mtu direct" },
  },
  {
    name: "control server down",
    make: (s) => {
      s.control = { error: new MeshError("MESH_CONTROL_DOWN", "unreachable", "connection refused", "start it") };
      for (const n of s.facts.keys()) {
        editFacts(s, n, (f) =>
          editStatus(f, { self: f.tailscale.status?.self ? { ...f.tailscale.status.self, online: false } : null }),
        );
      }
    },
    layer: "control",
    says: { [toOracle]: "reachable control direct", [toHomelab]: "reachable control direct" },
  },
];

describe("each fault has its layer", () => {
  test.each(faults)("$name → $layer", ({ make, layer, says }) => {
    const scene = healthy();
    make(scene);
    const judged = judge(scene);
    expect(words(judged)).toEqual(says);
    const named = judged.filter((j) => j.layer !== null);
    expect(named.length).toBeGreaterThan(0);
    for (const j of named) {
      expect(j.layer).toBe(layer);
      expect(j.remedy).toMatch(/\S/);
      expect(j.findings.some((f) => f.layer === layer && f.evidence !== "")).toBe(true);
    }
  });
});

test("only packets that vanish for no reason that was read are worth another look", () => {
  const unexplained = faults.filter(({ make }) => {
    const scene = healthy();
    make(scene);
    return judge(scene).some(isUnexplained);
  });
  expect(unexplained.map(({ name }) => name)).toEqual(["pod traffic dropped, counted"]);
  expect(judge(healthy()).some(isUnexplained)).toBe(false);
});

test("consequences are not listed beside their cause", () => {
  const fault = faults.find((f) => f.name === "advertise cleared");
  const scene = healthy();
  fault?.make(scene);
  const layersFound = new Set(judge(scene)[0]?.findings.map((f) => f.layer));
  expect([...layersFound]).toEqual(["advertised", "serving", "pod", "service", "dns"]);
});

describe("a healthy mesh", () => {
  test("is reachable both ways, with no finding and nothing untested", () => {
    const judged = judge(healthy());
    expect(words(judged)).toEqual({ [toOracle]: "reachable - direct", [toHomelab]: "reachable - direct" });
    expect(allFindings(judged)).toEqual([]);
    expect(judged.flatMap((j) => j.gaps)).toEqual([]);
    expect(worstVerdict(judged)).toBe("reachable");
  });

  const benign: readonly { readonly name: string; readonly make: (s: Scene) => void }[] = [
    {
      name: "Health that is no fault",
      make: (s) => {
        for (const n of s.facts.keys()) {
          editFacts(s, n, (f) =>
            editStatus(f, { health: ["Some peers are advertising routes but --accept-routes is false"] }),
          );
        }
      },
    },
    {
      name: "Tailscale's chain first or last among Kubernetes'",
      make: (s) => {
        const hooks = filter.filter((l) => / -j ts-(forward|input)$/.test(l));
        const rest = filter.filter((l) => !hooks.includes(l));
        editFacts(s, "oracle-1", (f) => editTable(f, "filter", [...hooks, ...rest]));
        editFacts(s, "homelab-1", (f) => editTable(f, "filter", [...rest, ...hooks]));
      },
    },
    {
      name: "a server that does not say who serves",
      make: (s) => editDevices(s, (d) => ({ ...d, servingRoutes: null, nodeKey: null })),
    },
    {
      name: "no right to list devices",
      make: (s) => {
        s.control = { error: new MeshError("MESH_SCOPE_MISSING", "denied", "403", "add the scope") };
      },
    },
    {
      name: "a credential that may not list devices",
      make: (s) => {
        s.control = { hidden: "the credential may not list devices" };
      },
    },
    { name: "a daemon that does not count drops", make: (s) => (s.drops = null) },
    { name: "policy drops of somebody else's packets", make: (s) => (s.drops = { "oracle-1": 40, "homelab-1": 3 }) },
    {
      name: "a single lost diagnostic ping",
      make: (s) => {
        s.answer = (_n, p) => (p.run.kind === "grant" || p.run.kind === "owner" ? failed("no reply") : undefined);
      },
    },
    {
      name: "relayed first, direct a second later",
      make: (s) => {
        s.answer = (_n, p) =>
          p.run.kind === "path"
            ? ok(
                `pong from x (${p.run.address}) via DERP(lab) in 20ms\npong from x (${p.run.address}) via 192.0.2.9:41641 in 1ms`,
              )
            : undefined;
      },
    },
  ];
  test.each(benign)("stays without a finding: $name", ({ make }) => {
    const scene = healthy();
    make(scene);
    const judged = judge(scene);
    expect(allFindings(judged)).toEqual([]);
    expect(worstVerdict(judged)).toBe("reachable");
  });
});

describe("what cannot be tested is not green", () => {
  test("a source node that cannot be asked", () => {
    const scene = healthy();
    scene.facts.delete("homelab-2");
    scene.unreachable = new Map([["homelab-2", new MeshError("MESH_SSH_TIMEOUT", "unreachable", "no answer", "x")]]);
    const judged = judge(scene);
    expect(words(judged)[toOracle]).toBe("not-tested - direct");
    expect(judged[0]?.gaps.join()).toContain("homelab-2 could not be asked: no answer");
  });

  test("a node whose probes were lost", () => {
    const scene = healthy();
    const evidence = evidenceOf(scene);
    const judged = judgeLinks({
      ...evidence,
      results: new Map([...evidence.results].filter(([n]) => n !== "homelab-2")),
    });
    expect(words(judged)[toOracle]).toBe("not-tested - direct");
  });

  test("no tools on a node", () => {
    const scene = healthy();
    scene.answer = (_n, p) => (p.pid === null ? undefined : failed("nsenter is not installed", 127));
    const judged = judge(scene);
    expect(worstVerdict(judged)).toBe("not-tested");
    expect(judged[0]?.gaps.join()).toContain("nsenter is not installed");
    expect(linkResults(judged)[0]).toMatchObject({ verdict: "not-tested", layer: null });
  });

  test("a listener that could not start is no fault of the mesh", () => {
    const scene = healthy();
    scene.listener = failed("busy Address already in use");
    scene.answer = (_n, p) => (p.run.kind === "fetch" ? failed("refused") : undefined);
    const judged = judge(scene);
    expect(worstVerdict(judged)).toBe("reachable");
    expect(judged[0]?.gaps.join()).toContain("no listener on oracle-1: busy");
  });

  test("nothing judged", () => {
    expect(worstVerdict([])).toBe("not-tested");
  });
});

describe("links with ports", () => {
  test("only what they allow is tried, and the rest is named", () => {
    const scene = healthy();
    scene.links = [{ from: "homelab", to: "oracle", ports: [{ protocol: "tcp", first: 443, last: 443 }] }];
    const [judged] = judge(scene);
    expect(judged).toMatchObject({ verdict: "reachable", layer: null, passed: 2 });
    expect(judged?.gaps).toContain("pod to pod: the link allows only tcp:443");
  });

  test("nothing that can be tried is not tested", () => {
    const scene = healthy();
    scene.links = [{ from: "homelab", to: "oracle", ports: [{ protocol: "tcp", first: 8080, last: 8080 }] }];
    expect(judge(scene)[0]).toMatchObject({ verdict: "not-tested", layer: null });
  });
});

describe("forbidden pairs", () => {
  const forbid = (scene: Scene): void => {
    scene.links = [];
    scene.mesh = { ...scene.mesh, links: [], forbid: [{ from: "oracle", to: "homelab", ports: [] }] };
  };

  test("that do not connect are kept apart and no result", () => {
    const scene = healthy();
    forbid(scene);
    cut(scene);
    const judged = judge(scene);
    expect(judged[0]).toMatchObject({ forbidden: true, verdict: "apart", layer: null, findings: [] });
    expect(linkResults(judged)).toEqual([]);
    expect(worstVerdict(judged)).toBe("reachable");
  });

  test.each([
    { name: "an answered ping", kind: "ping" },
    { name: "a connection", kind: "tcp" },
    { name: "a transfer", kind: "fetch" },
  ])("$name is broken at grant", ({ kind }) => {
    const scene = healthy();
    forbid(scene);
    cut(scene, (_n, p) => p.run.kind !== kind);
    expect(linkResults(judge(scene))[0]).toMatchObject({
      from: "oracle",
      to: "homelab",
      verdict: "broken",
      layer: "grant",
    });
  });

  test("a refusal by the pod itself got through", () => {
    const scene = healthy();
    forbid(scene);
    cut(scene);
    const { answer } = scene;
    scene.answer = (n, p) => (p.run.kind === "fetch" ? failed("refused") : answer(n, p));
    expect(judge(scene)[0]?.verdict).toBe("broken");
  });
});

test("the member's own trouble does not break what enters by the router", () => {
  const scene = healthy();
  editFacts(scene, "homelab-2", stopped);
  cut(scene, (node, probe) => node === "homelab-2" && probe.pid !== null);
  expect(words(judge(scene))).toEqual({ [toOracle]: "broken daemon direct", [toHomelab]: "reachable - direct" });
});

test("pods stand for their nodes", () => {
  expect(podOf("oracle-1")).toBe("10.52.0.4");
});
