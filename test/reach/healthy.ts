/** A healthy mesh as a check sees it: homelab (router, member) and oracle (router), with everything that the lab's captures show. */
import type { NodeFacts, TailscalePeer } from "../../src/facts/facts.ts";
import { Cidr } from "../../src/mesh/cidr.ts";
import type { Cluster, Link, Mesh, Node } from "../../src/mesh/mesh.ts";
import type { Device } from "../../src/ports/control.ts";
import type { ControlView, Evidence } from "../../src/reach/finding.ts";
import type { ProbeResult } from "../../src/reach/parse.ts";
import { dropsId, listenerId, type Probe } from "../../src/reach/probe.ts";
import { planProbes } from "../../src/reach/probes.ts";

function cidr(text: string): Cidr {
  const parsed = Cidr.parse(text);
  if (!parsed) throw new Error(`bad prefix ${text}`);
  return parsed;
}

function node(cluster: string, name: string, address: string, role: Node["role"], k3s: Node["k3s"]): Node {
  const ssh = { user: "root", host: address, port: 22, hostKey: undefined, knownHosts: "known_hosts", jump: [] };
  return { name, cluster, address, role, k3s, hostname: name, state: "present", ssh: { ...ssh, via: "direct" } };
}

function cluster(name: string, pods: string, services: string, nodes: readonly Node[]): Cluster {
  const tag = `tag:${name}` as const;
  const rest = { lan: undefined, underlayOnly: false, advertise: "cluster", state: "present" } as const;
  return { name, tag, pods: cidr(pods), services: cidr(services), nodes, ...rest };
}

export const links: readonly Link[] = [
  { from: "homelab", to: "oracle", ports: [] },
  { from: "oracle", to: "homelab", ports: [] },
];

export const mesh: Mesh = {
  tailnet: { control: "headscale", url: "https://hs.lab.test", name: "-", ownerTag: "tag:ci", ca: undefined },
  clusters: [
    cluster("homelab", "10.42.0.0/16", "10.43.0.0/16", [
      node("homelab", "homelab-1", "10.10.10.10", "router", "server"),
      node("homelab", "homelab-2", "10.10.10.11", "member", "agent"),
    ]),
    cluster("oracle", "10.52.0.0/16", "10.53.0.0/16", [node("oracle", "oracle-1", "10.0.0.26", "router", "server")]),
  ],
  links,
  forbid: [],
  policyFiles: [],
  accept: [],
};

interface Spec {
  readonly name: string;
  readonly cluster: "homelab" | "oracle";
  readonly router: boolean;
  readonly tailnet: string;
  readonly pods: string;
  readonly pod: string;
}

const specs: readonly Spec[] = [
  {
    name: "homelab-1",
    cluster: "homelab",
    router: true,
    tailnet: "100.64.0.3",
    pods: "10.42.0.0/24",
    pod: "10.42.0.3",
  },
  {
    name: "homelab-2",
    cluster: "homelab",
    router: false,
    tailnet: "100.64.0.1",
    pods: "10.42.2.0/24",
    pod: "10.42.2.2",
  },
  { name: "oracle-1", cluster: "oracle", router: true, tailnet: "100.64.0.2", pods: "10.52.0.0/24", pod: "10.52.0.4" },
];

const own = { homelab: ["10.42.0.0/16", "10.43.0.0/16"], oracle: ["10.52.0.0/16", "10.53.0.0/16"] } as const;
const far = { homelab: own.oracle, oracle: own.homelab } as const;

export const podOf = (name: string): string => specs.find((s) => s.name === name)?.pod ?? "";
export const tailnetOf = (name: string): string => specs.find((s) => s.name === name)?.tailnet ?? "";

function peerOf(spec: Spec): TailscalePeer {
  const routes = spec.router ? own[spec.cluster] : [];
  return {
    id: spec.name,
    hostName: spec.name,
    addresses: [spec.tailnet, "fd7a:115c:a1e0::9"],
    tags: [`tag:${spec.cluster}`],
    online: true,
    allowedIPs: [...routes, `${spec.tailnet}/32`, "fd7a:115c:a1e0::9/128"],
    primaryRoutes: routes,
    curAddr: "192.0.2.1:41641",
    relay: "lab",
  };
}

const unit = { active: "active", enabled: "enabled", mainPid: 400, started: 1 };

/** iptables-save of the lab, ours included; chains of Kubernetes and flannel in the order of a freshly rebooted node. */
export const filter: readonly string[] = [
  ":INPUT ACCEPT [0:0]",
  ":FORWARD ACCEPT [0:0]",
  ":OUTPUT ACCEPT [0:0]",
  ":ts-forward - [0:0]",
  ":ts-input - [0:0]",
  '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
  "-A INPUT -j ts-input",
  "-A INPUT -j KUBE-FIREWALL",
  '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
  "-A FORWARD -j ts-forward",
  '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD',
  "-A ts-forward -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000",
  "-A ts-forward -m mark --mark 0x40000/0xff0000 -j ACCEPT",
  "-A ts-forward -s 100.64.0.0/10 -o tailscale0 -j DROP",
  "-A ts-forward -o tailscale0 -j ACCEPT",
  "-A ts-input -s 100.64.0.0/10 ! -i tailscale0 -j DROP",
];

const clamp = "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu";

function mangleOf(pods: string): readonly string[] {
  return [
    ":TAILMESH-MSS - [0:0]",
    "-A PREROUTING -j TAILMESH-GUARD",
    "-A FORWARD -j TAILMESH-MSS",
    `-A TAILMESH-MSS -o tailscale0 ${clamp}`,
    `-A TAILMESH-MSS -i tailscale0 ${clamp}`,
    `-A TAILMESH-GUARD -d ${pods} -i tailscale0 ! -p icmp -m conntrack --ctstate NEW -m addrtype --dst-type LOCAL -j DROP`,
  ];
}

function factsOf(spec: Spec): NodeFacts {
  const [pods, services] = own[spec.cluster];
  const rule = (priority: number, to: string | null, table: string) => ({
    priority,
    from: "all",
    to,
    table,
    protocol: to === null ? null : "167",
  });
  return {
    node: spec.name,
    host: {
      machine: "x86_64",
      os: { id: "debian", version: "12", name: "Debian GNU/Linux 12 (bookworm)" },
      hostname: spec.name,
      bootId: "b",
      init: "systemd",
      sshClient: "198.18.0.100",
      sshServer: "10.0.0.1",
      tools: ["perl", "nsenter", "ping", "timeout"],
      time: 1_800_000_000,
    },
    tailscale: {
      version: "1.102.5",
      package: null,
      profile: true,
      unit,
      status: {
        backendState: "Running",
        tun: true,
        addresses: [spec.tailnet, "fd7a:115c:a1e0::3"],
        self: {
          id: spec.name,
          hostName: spec.name,
          dnsName: `${spec.name}.tail.lab.test.`,
          publicKey: `nodekey:${spec.name}`,
          tags: [`tag:${spec.cluster}`],
          online: true,
          keyExpiry: null,
        },
        peers: specs.filter((s) => s.cluster !== spec.cluster).map(peerOf),
        // Said on every healthy IPv4-only node by one command or another.
        health: ["IPv6 forwarding is disabled. Subnet routing and exit nodes may not work correctly."],
        tailnet: "hs.lab.test",
      },
      statusError: "",
      prefs: {
        controlUrl: "https://hs.lab.test",
        acceptRoutes: true,
        acceptDns: false,
        wantRunning: true,
        loggedOut: false,
        shieldsUp: false,
        hostname: spec.name,
        advertiseRoutes: spec.router ? own[spec.cluster] : [],
        advertiseTags: [],
        snat: false,
        statefulFiltering: false,
        netfilterMode: 2,
        runSsh: false,
        operator: "",
        autoUpdate: false,
      },
    },
    addresses: [
      { interface: "eth0", address: "10.10.10.10", bits: 24 },
      { interface: "tailscale0", address: spec.tailnet, bits: 32 },
    ],
    routes: {
      main: [{ to: "default", via: "10.10.10.1", dev: "eth0", type: "unicast" }],
      table52: far[spec.cluster].map((to) => ({ to, via: null, dev: "tailscale0", type: "unicast" })),
    },
    rules: [
      rule(0, null, "local"),
      rule(2500, pods, "main"),
      rule(2500, services, "main"),
      rule(5270, null, "52"),
      rule(32766, null, "main"),
    ],
    netfilter: {
      backend: "nf_tables",
      tables: { filter, mangle: mangleOf(pods), nat: ["-A POSTROUTING -j ts-postrouting"] },
    },
    sysctls: { "net.ipv4.ip_forward": "1" },
    files: {},
    units: {},
    k3s: {
      role: spec.router ? "server" : "agent",
      unit,
      version: "v1.34.1+k3s1",
      pods,
      services,
      dns: null,
      nodePods: spec.pods,
      flannelBackend: "vxlan",
      vpnAuth: false,
    },
    pods: [{ namespace: "default", name: "web", ip: spec.pod, pid: 4000 }],
  };
}

function deviceOf(spec: Spec): Device {
  const routes = spec.router ? own[spec.cluster] : [];
  return {
    id: spec.name,
    hostname: spec.name,
    label: spec.name,
    addresses: [spec.tailnet],
    tags: [`tag:${spec.cluster}`],
    online: true,
    keyExpires: null,
    advertisedRoutes: routes,
    enabledRoutes: routes,
    servingRoutes: routes,
    nodeKey: `nodekey:${spec.name}`,
  };
}

/** What a test changes before the verdict. */
export interface Scene {
  mesh: Mesh;
  links: readonly Link[];
  control: ControlView;
  facts: Map<string, NodeFacts>;
  unreachable: Evidence["unreachable"];
  /** Answers other than the healthy one; undefined = healthy. */
  answer: (node: string, probe: Probe) => ProbeResult | undefined;
  /** Packets dropped by policy at each router while probing; null = the daemon does not count. */
  drops: Readonly<Record<string, number>> | null;
  listener: ProbeResult;
}

export function healthy(): Scene {
  return {
    mesh,
    links,
    control: { devices: specs.map(deviceOf) },
    facts: new Map(specs.map((s) => [s.name, factsOf(s)])),
    unreachable: new Map(),
    answer: () => undefined,
    drops: {},
    listener: { code: 0, output: "ok 2 2" },
  };
}

export function editFacts(scene: Scene, name: string, change: (facts: NodeFacts) => NodeFacts): void {
  const facts = scene.facts.get(name);
  if (!facts) throw new Error(`no facts of ${name}`);
  scene.facts.set(name, change(facts));
}

export function editDevices(scene: Scene, change: (device: Device) => Device | undefined): void {
  if (!("devices" in scene.control)) throw new Error("no devices");
  scene.control = { devices: scene.control.devices.flatMap((d) => change(d) ?? []) };
}

/** What `judgeLinks` takes, with an answer for every probe that is planned. */
export function evidenceOf(scene: Scene): Evidence {
  const plans = planProbes(scene.mesh, scene.facts, scene.links);
  const results = new Map(
    [...plans.values()].map((plan) => {
      const answers = plan.probes.map((p): [string, ProbeResult] => [
        p.id,
        scene.answer(plan.node, p) ?? healthyAnswer(p),
      ]);
      if (plan.listener) answers.push([listenerId, scene.listener]);
      const dropped = scene.drops === null ? "dropped  " : `dropped 7 ${7 + (scene.drops[plan.node] ?? 0)}`;
      if (plan.countDrops) answers.push([dropsId, { code: 0, output: dropped }]);
      return [plan.node, new Map(answers)] as const;
    }),
  );
  return { ...scene, results };
}

export const ok = (output: string): ProbeResult => ({ code: 0, output });
export const failed = (output: string, code = 1): ProbeResult => ({ code, output });
export const silentPing = failed(
  "PING x\n\n--- x ping statistics ---\n3 packets transmitted, 0 received, 100% packet loss, time 2003ms",
);

function pong(address: string): ProbeResult {
  const spec = specs.find((s) => s.tailnet === address || s.pod === address);
  const router = specs.find((s) => s.cluster === spec?.cluster && s.router);
  return ok(`pong from ${router?.name} (${router?.tailnet}) via 192.0.2.1:41641 in 1ms`);
}

function healthyAnswer(probe: Probe): ProbeResult {
  const { run } = probe;
  switch (run.kind) {
    case "path":
    case "owner":
      return pong(run.address);
    case "grant":
      return ok(`pong from ${probe.target} (${run.address}) via ICMP in 1ms`);
    case "route":
      return ok(
        run.tunnel ? `${run.address} dev tailscale0 table 52 src 100.64.0.3` : `${run.address} dev cni0 src 10.42.0.1`,
      );
    case "ping":
      return ok(
        `64 bytes from ${run.address}: icmp_seq=1 ttl=62 time=0.6 ms\n1 packets transmitted, 1 received, 0% packet loss`,
      );
    case "tcp":
      return ok("ok 3");
    case "fetch":
      return ok("ok 1048576 40");
    case "dns":
      return ok(`ok ${run.answer}`);
  }
}
