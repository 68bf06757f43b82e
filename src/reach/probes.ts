/** The probe matrix: what every node tries, for every link, from the facts alone. */
import type { NodeFacts } from "../facts/facts.ts";
import { parseIPv4 } from "../mesh/cidr.ts";
import { type Cluster, clusterOf, type Link, type Mesh, type Node, type Port } from "../mesh/mesh.ts";
import { type ProbePod, pairPods, probePod } from "./pods.ts";
import { type Allowed, allowedBy, namedTcpPorts, portText } from "./ports.ts";
import { fullSize, type Gap, knownName, type Listener, type NodeProbes, type Pair, type Probe } from "./probe.ts";

/** What becomes one node's plan while links are walked. */
interface Draft {
  readonly probes: Probe[];
  readonly gaps: Gap[];
  fetches: number;
  /** A connection that must not come may be waited for, so the listener stays. */
  awaitsForbidden: boolean;
}

type Facts = ReadonlyMap<string, NodeFacts>;
type Drafts = ReadonlyMap<string, Draft>;

/** One end of a link. */
interface Side {
  readonly cluster: Cluster;
  readonly nodes: readonly Node[];
  readonly pods: readonly ProbePod[];
}

/**
 * What every node with facts has to run. Links are tried from one pod of each node with tailscaled to one pod of each
 * node of the other cluster, to its `kubernetes` ClusterIP and its cluster DNS; `mesh.forbid` is tried too.
 */
export function planProbes(mesh: Mesh, facts: Facts, links: readonly Link[]): ReadonlyMap<string, NodeProbes> {
  const drafts: Drafts = new Map(
    [...facts.keys()].map((n): [string, Draft] => [n, { probes: [], gaps: [], fetches: 0, awaitsForbidden: false }]),
  );
  const sides = new Map(mesh.clusters.map((c): [string, Side] => [c.name, sideOf(c, facts)]));
  for (const link of links) planLink(link, false, sides, facts, drafts);
  for (const link of mesh.forbid) planLink(link, true, sides, facts, drafts);
  return new Map(
    [...drafts].map(([name, draft]): [string, NodeProbes] => [name, finish(name, draft, mesh, sides, facts)]),
  );
}

/** Nodes that belong to the mesh now. */
export function presentNodes(cluster: Cluster): readonly Node[] {
  return cluster.state === "present" ? cluster.nodes.filter((n) => n.state === "present") : [];
}

function sideOf(cluster: Cluster, facts: Facts): Side {
  const nodes = presentNodes(cluster);
  return { cluster, nodes, pods: nodes.flatMap((n) => probePod(cluster, n, facts.get(n.name)) ?? []) };
}

function planLink(
  link: Link,
  forbidden: boolean,
  sides: ReadonlyMap<string, Side>,
  facts: Facts,
  drafts: Drafts,
): void {
  const from = sides.get(link.from);
  const to = sides.get(link.to);
  if (!from || !to || link.from === link.to) return;
  const pair: Pair = { from: link.from, to: link.to, forbidden };
  const sourceNodes = from.nodes.filter((n) => n.role !== "plain" && facts.has(n.name));
  const sources = from.pods.filter((p) => sourceNodes.some((n) => n.name === p.node));
  for (const node of sourceNodes) {
    const draft = drafts.get(node.name);
    if (!sources.some((p) => p.node === node.name)) {
      draft?.gaps.push({ pair, node: node.name, reason: `no ready pod with its own network on ${node.name}` });
    }
    if (!forbidden) draft?.probes.push(...hostProbes(pair, link, node, to, facts));
  }
  const wanted = forbidden ? forbiddenProbes : podProbes;
  for (const probe of wanted(pair, link, sources, to, facts)) {
    const draft = drafts.get(probe.source);
    draft?.probes.push(probe.probe);
    const far = probe.probe.run.kind === "fetch" ? drafts.get(probe.probe.target ?? "") : undefined;
    if (!far) continue;
    if (forbidden) far.awaitsForbidden = true;
    else far.fetches += 1;
  }
  const gaps = linkGaps(pair, link, to);
  for (const node of sourceNodes.slice(0, 1)) drafts.get(node.name)?.gaps.push(...gaps);
}

function linkGaps(pair: Pair, link: Link, to: Side): readonly Gap[] {
  const allowed = allowedBy(link.ports);
  const gaps: Gap[] = [];
  const say = (reason: string) => gaps.push({ pair, node: null, reason });
  if (to.pods.length === 0) say(`no ready pod was found in ${to.cluster.name}`);
  if (pair.forbidden || link.ports.length === 0) return gaps;
  const only = `the link allows only ${link.ports.map(portText).join(", ")}`;
  if (!allowed.icmp && !allowed.transfer) say(`pod to pod: ${only}`);
  if (!allowed.https) say(`ClusterIP: ${only}`);
  if (!allowed.dnsTcp && !allowed.dnsUdp) say(`DNS: ${only}`);
  if (!allowed.icmp || !allowed.transfer) say(`full-size packets and transfer: ${only}`);
  return gaps;
}

interface Placed {
  readonly source: string;
  readonly probe: Probe;
}

function podProbes(pair: Pair, link: Link, sources: readonly ProbePod[], to: Side, facts: Facts): readonly Placed[] {
  const allowed = allowedBy(link.ports);
  return [
    ...pairPods(sources, to.pods).flatMap(([s, t]) => pairProbes(pair, allowed, s, t)),
    ...sources.flatMap((s) => serviceProbes(pair, allowed, s, to, facts)),
  ];
}

function pairProbes(pair: Pair, allowed: Allowed, source: ProbePod, target: ProbePod): readonly Placed[] {
  const base = { pair, target: target.node, pid: source.pid } as const;
  const id = (kind: string) => `${pair.from}/${pair.to}/${kind}/${target.node}`;
  const { address } = target;
  const probes: Probe[] = [];
  if (allowed.icmp) {
    probes.push({ ...base, id: id("ping"), layer: "pod", run: { kind: "ping", address, size: null } });
    probes.push({ ...base, id: id("full-size"), layer: "mtu", run: { kind: "ping", address, size: fullSize } });
  }
  if (allowed.transfer) probes.push({ ...base, id: id("transfer"), layer: "pod", run: { kind: "fetch", address } });
  return probes.map((probe) => ({ source: source.node, probe }));
}

function serviceProbes(pair: Pair, allowed: Allowed, source: ProbePod, to: Side, facts: Facts): readonly Placed[] {
  const base = { pair, target: null, pid: source.pid } as const;
  const id = (kind: string) => `${pair.from}/${pair.to}/${kind}`;
  const kubernetes = to.cluster.services.address(1);
  const query = { kind: "dns", address: dnsAddress(to, facts), name: knownName, answer: kubernetes } as const;
  const probes: Probe[] = [];
  if (allowed.https) {
    probes.push({ ...base, id: id("service"), layer: "service", run: { kind: "tcp", address: kubernetes, port: 443 } });
  }
  if (allowed.dnsUdp) probes.push({ ...base, id: id("dns-udp"), layer: "dns", run: { ...query, transport: "udp" } });
  if (allowed.dnsTcp) probes.push({ ...base, id: id("dns-tcp"), layer: "dns", run: { ...query, transport: "tcp" } });
  return probes.map((probe) => ({ source: source.node, probe }));
}

/** The address that the cluster's servers use for DNS; K3s' default is the tenth of the service network. */
function dnsAddress(side: Side, facts: Facts): string {
  const read = side.nodes.flatMap((n) => facts.get(n.name)?.k3s?.dns ?? []);
  return read.find((a) => parseIPv4(a) !== undefined) ?? side.cluster.services.address(10);
}

/** What must not connect: exactly what the entry names. */
function forbiddenProbes(pair: Pair, link: Link, sources: readonly ProbePod[], to: Side): readonly Placed[] {
  const allowed = allowedBy(link.ports);
  const kubernetes = to.cluster.services.address(1);
  const id = (kind: string, target: string) => `forbid/${pair.from}/${pair.to}/${kind}/${target}`;
  const onPods = pairPods(sources, to.pods).flatMap(([s, t]): readonly Placed[] => {
    const base = { pair, layer: "grant", target: t.node, pid: s.pid } as const;
    const { address } = t;
    const probes: Probe[] = namedTcpPorts(link.ports).map((port) => ({
      ...base,
      id: id(`tcp-${port}`, t.node),
      run: { kind: "tcp", address, port },
    }));
    if (allowed.icmp) probes.push({ ...base, id: id("ping", t.node), run: { kind: "ping", address, size: null } });
    if (allowed.transfer) probes.push({ ...base, id: id("transfer", t.node), run: { kind: "fetch", address } });
    return probes.map((probe) => ({ source: s.node, probe }));
  });
  if (!allowed.https) return onPods;
  const service = sources.map((s): Placed => {
    const run = { kind: "tcp", address: kubernetes, port: 443 } as const;
    const base = { pair, layer: "grant", target: null, pid: s.pid } as const;
    return { source: s.node, probe: { ...base, id: id("service", to.cluster.name), run } };
  });
  return [...onPods, ...service];
}

/** What the node itself tries, to tell the layers below the pods apart. */
function hostProbes(pair: Pair, link: Link, node: Node, to: Side, facts: Facts): readonly Probe[] {
  if (facts.get(node.name)?.tailscale.status?.backendState !== "Running") return [];
  const base = { pair, pid: null } as const;
  const id = (kind: string, target: string) => `${pair.from}/${pair.to}/${kind}/${target}`;
  const routers = to.nodes
    .filter((n) => n.role === "router")
    .flatMap((n) => tailnetAddress(n, to.cluster, facts.get(node.name), facts.get(n.name)) ?? []);
  const addresses = routers.map((r) => r.address);
  const inTunnel = [to.pods[0]?.address ?? to.cluster.pods.address(1), to.cluster.services.address(1)];
  const [pod] = to.pods;
  return [
    ...routers.map((r): Probe => {
      const run = { kind: "path", address: r.address } as const;
      return { ...base, id: id("path", r.node), layer: "path", target: r.node, run };
    }),
    ...inTunnel.map((address): Probe => {
      return {
        ...base,
        id: id("route", address),
        layer: "route",
        target: null,
        run: { kind: "route", address, tunnel: true },
      };
    }),
    ...(pod ? podOwner(pod, addresses) : []),
  ];

  function podOwner(target: ProbePod, owners: readonly string[]): readonly Probe[] {
    const { address } = target;
    const probes: Probe[] = [];
    const owner = { kind: "owner", address, routers: owners } as const;
    probes.push({ ...base, id: id("owner", target.node), layer: "route", target: target.node, run: owner });
    if (allowedBy(link.ports).icmp) {
      const grant = { kind: "grant", address } as const;
      probes.push({ ...base, id: id("grant", target.node), layer: "grant", target: target.node, run: grant });
    }
    return probes;
  }
}

/** A router's tailnet address: from itself, else from the peer of that name and tag that the asking node sees. */
export function tailnetAddress(
  router: Node,
  cluster: Cluster,
  seenBy: NodeFacts | undefined,
  own: NodeFacts | undefined,
): { readonly node: string; readonly address: string } | undefined {
  const peer = seenBy?.tailscale.status?.peers.find(
    (p) => p.tags.includes(cluster.tag) && p.hostName === router.hostname,
  );
  const address = [...(own?.tailscale.status?.addresses ?? []), ...(peer?.addresses ?? [])].find(
    (a) => parseIPv4(a) !== undefined,
  );
  return address === undefined ? undefined : { node: router.name, address };
}

function finish(name: string, draft: Draft, mesh: Mesh, sides: ReadonlyMap<string, Side>, facts: Facts): NodeProbes {
  const node = mesh.clusters.flatMap((c) => c.nodes).find((n) => n.name === name);
  const pod = node ? sides.get(node.cluster)?.pods.find((p) => p.node === name) : undefined;
  const busy = draft.fetches > 0 || draft.awaitsForbidden;
  const listener: Listener | null =
    pod && busy ? { pid: pod.pid, address: pod.address, expected: draft.awaitsForbidden ? 0 : draft.fetches } : null;
  const tailscale = node !== undefined && facts.get(name)?.tailscale.status?.backendState === "Running";
  const own = node && tailscale && node.role !== "plain" ? guardProbes(mesh, node, facts) : [];
  return {
    node: name,
    probes: [...draft.probes, ...own],
    listener,
    countDrops: tailscale && node?.role === "router",
    gaps: draft.gaps,
  };
}

/** What must stay out of the tunnel: own pods on every node, own services, and the way back to us. */
function guardProbes(mesh: Mesh, node: Node, facts: Facts): readonly Probe[] {
  const cluster = clusterOf(mesh, node.cluster);
  const own = presentNodes(cluster).flatMap((n) => probePod(cluster, n, facts.get(n.name)) ?? []);
  const pods = own.length > 0 ? own.map((p) => p.address) : [cluster.pods.address(1)];
  const client = facts.get(node.name)?.host.sshClient ?? null;
  const ours = client !== null && parseIPv4(client) !== undefined && !viaTailnet(node, client) ? [client] : [];
  return [...pods, cluster.services.address(1), ...ours].map(
    (address): Probe => ({
      id: `guard/${address}`,
      layer: "guards",
      pair: null,
      target: null,
      pid: null,
      run: { kind: "route", address, tunnel: false },
    }),
  );
}

function viaTailnet(node: Node, client: string): boolean {
  const value = parseIPv4(client) ?? 0;
  return node.ssh.via === "tailnet" || value >>> 22 === 0x64400000 >>> 22;
}

/** The entries of a link's ports, for messages. */
export function linkPorts(ports: readonly Port[]): string {
  return ports.length === 0 ? "everything" : ports.map(portText).join(", ");
}
