/** Between "the node is well" and "the pod does not answer": what the node's own probes say about path, route and grant. */
import type { NodeFacts, TailscalePeer } from "../facts/facts.ts";
import { tunnel } from "../facts/paths.ts";
import { parseIPv4 } from "../mesh/cidr.ts";
import { type Cluster, clusterOf, type Node } from "../mesh/mesh.ts";
import type { Evidence, Finding } from "./finding.ts";
import { covers, droppingRules, forwardingFindings, hookFindings, ownDevice, routesOf } from "./node-findings.ts";
import { notRun, type Pong, readDrops, readRoute, readTailscalePing } from "./parse.ts";
import { dropsId, type NodeProbes, type Probe } from "./probe.ts";
import { linkPorts } from "./probes.ts";
import { remedies } from "./remedies.ts";
import type { Outcome } from "./traffic.ts";

/** One link as seen from one of its source nodes. */
export interface View {
  readonly evidence: Evidence;
  readonly node: Node;
  readonly plan: NodeProbes;
  readonly to: Cluster;
  /** Routers of `to`. */
  readonly routers: readonly Node[];
}

interface PathSeen {
  readonly router: string;
  readonly pong: Pong | null;
  readonly said: string;
}

function pairProbes(view: View): readonly Probe[] {
  const { from, to } = { from: view.node.cluster, to: view.to.name };
  return view.plan.probes.filter(
    (p) => p.pid === null && p.pair?.from === from && p.pair.to === to && !p.pair.forbidden,
  );
}

function pathsSeen(view: View): readonly PathSeen[] {
  const results = view.evidence.results.get(view.node.name);
  return pairProbes(view).flatMap((p): PathSeen[] => {
    const result = p.run.kind === "path" ? results?.get(p.id) : undefined;
    if (!result || notRun(result) !== undefined) return [];
    return [{ router: p.target ?? "", ...readTailscalePing(result) }];
  });
}

/** Which router answers for the far pods, so that a standby's path is not taken for the link's. */
function servingAddress(view: View): string | undefined {
  const results = view.evidence.results.get(view.node.name);
  const probe = pairProbes(view).find((p) => p.run.kind === "owner");
  const result = probe ? results?.get(probe.id) : undefined;
  return result ? readTailscalePing(result).pong?.address : undefined;
}

/** The way packets take, and the router at its end; undefined when no router answered. */
export function pathOf(view: View): { readonly path: "direct" | "relayed"; readonly router: string } | undefined {
  const answered = pathsSeen(view).flatMap((p) => (p.pong ? [{ ...p.pong, router: p.router }] : []));
  const serving = answered.filter((p) => p.address === servingAddress(view));
  const chosen = serving.length > 0 ? serving : answered;
  const found = chosen.find((p) => p.path === "relayed") ?? chosen[0];
  return found ? { path: found.path, router: found.router } : undefined;
}

/** Worth saying on a link that works: it goes by a relay. */
export function relayFindings(view: View): readonly Finding[] {
  const found = pathOf(view);
  if (found?.path !== "relayed") return [];
  const evidence = `${view.node.name} reaches ${found.router} by a relay only`;
  const remedy = remedies.relayed(view.node.name, found.router);
  return [{ layer: "path", node: view.node.name, breaks: false, evidence, remedy }];
}

/** The other cluster's peers as this node sees them. */
function farPeers(view: View, facts: NodeFacts): readonly TailscalePeer[] {
  const own = view.routers.flatMap((r) => view.evidence.facts.get(r.name)?.tailscale.status?.addresses ?? []);
  return (facts.tailscale.status?.peers ?? []).filter(
    (p) => p.tags.includes(view.to.tag) || p.addresses.some((a) => own.includes(a)),
  );
}

/** Prefixes of the other cluster that should have arrived here. */
function expectedRoutes(view: View): readonly string[] {
  return [...new Set(view.routers.flatMap((r) => routesOf(view.to, view.evidence.facts.get(r.name))))];
}

function arrived(facts: NodeFacts, prefix: string): boolean {
  return (facts.tailscale.status?.peers ?? []).some((p) => p.allowedIPs.some((a) => covers(a, prefix)));
}

/**
 * Whether the routes came, and whether they are used. A router that is visible, approved and serving, and whose routes
 * still do not come, is what a policy without a grant in this direction looks like: Headscale then leaves them out.
 */
export function receiveFindings(view: View): readonly Finding[] {
  const facts = view.evidence.facts.get(view.node.name);
  if (facts?.tailscale.status?.backendState !== "Running") return [];
  const missing = expectedRoutes(view).filter((r) => !arrived(facts, r));
  return [...missingFindings(view, facts, missing), ...acceptFindings(view, facts)];
}

function missingFindings(view: View, facts: NodeFacts, missing: readonly string[]): readonly Finding[] {
  if (missing.length === 0) return [];
  const base = { node: view.node.name, breaks: true } as const;
  const from = view.node.cluster;
  const to = view.to.name;
  if (farPeers(view, facts).length > 0 && missing.every((r) => isServed(view, r))) {
    const evidence = `${missing.join(", ")} is served, and the control server keeps it from ${view.node.name}`;
    return [{ ...base, layer: "grant", evidence, remedy: remedies.notGranted(from, to, missing.join(", ")) }];
  }
  const peers = farPeers(view, facts).length === 0 ? `, which sees no node of ${to}` : "";
  const evidence = `${missing.join(", ")} did not reach ${view.node.name}${peers}`;
  return [{ ...base, layer: "distributed", evidence, remedy: remedies.notDistributed(from, to) }];
}

function isServed(view: View, route: string): boolean {
  return view.routers.some((r) => {
    const device = ownDevice(view.evidence, r);
    if (!device?.online || !device.enabledRoutes.includes(route)) return false;
    return device.servingRoutes === null || device.servingRoutes.includes(route);
  });
}

function acceptFindings(view: View, facts: NodeFacts): readonly Finding[] {
  const base = { layer: "accepted", node: view.node.name, breaks: true } as const;
  if (facts.tailscale.prefs && !facts.tailscale.prefs.acceptRoutes) {
    return [{ ...base, evidence: "accept-routes is off", remedy: remedies.acceptOff(view.node.name) }];
  }
  const unused = expectedRoutes(view)
    .filter((r) => arrived(facts, r))
    .filter((r) => !facts.routes.table52.some((t) => covers(t.to, r)));
  if (unused.length === 0) return [];
  const evidence = `${unused.join(", ")} arrived and is not in routing table 52`;
  return [{ ...base, evidence, remedy: remedies.notInTable(view.node.name) }];
}

/** Asked only where traffic from this node fails: single lost packets of a link that works are nobody's business. */
export function failureFindings(view: View, outcomes: readonly Outcome[]): readonly Finding[] {
  return [...noPathFindings(view), ...routeFindings(view), ...grantFindings(view, outcomes)];
}

function noPathFindings(view: View): readonly Finding[] {
  const seen = pathsSeen(view);
  const [first] = seen;
  // A peer that is not known at all was not distributed; there is no way to look at.
  if (!first || seen.some((p) => p.pong || isUnknown(p.said))) return [];
  const evidence = `tailscale ping from ${view.node.name} to ${first.router}: ${first.said}`;
  const remedy = remedies.noPath(view.node.name, first.router);
  return [{ layer: "path", node: view.node.name, breaks: true, evidence, remedy }];
}

function isUnknown(said: string): boolean {
  return said.includes("no matching peer");
}

function routeFindings(view: View): readonly Finding[] {
  const facts = view.evidence.facts.get(view.node.name);
  const results = view.evidence.results.get(view.node.name);
  const base = { layer: "route", node: view.node.name, breaks: true } as const;
  return pairProbes(view).flatMap((p): Finding[] => {
    const result = results?.get(p.id);
    if (!facts || !result || notRun(result) !== undefined) return [];
    // What never came, or is not in the table, was said by an earlier layer.
    if (p.run.kind === "route" && inTable(facts, p.run.address)) {
      const { device, said } = readRoute(result);
      if (device === tunnel) return [];
      const remedy = remedies.wrongRoute(
        view.node.name,
        view.to.pods.containsAddress(p.run.address) ? view.to.pods.text : view.to.services.text,
      );
      return [{ ...base, evidence: `packets leave by another way: ${said}`, remedy }];
    }
    if (p.run.kind === "owner" && inTable(facts, p.run.address)) {
      const { pong, said } = readTailscalePing(result);
      const stranger = pong !== null && p.run.routers.length > 0 && !p.run.routers.includes(pong.address);
      if (!stranger && !isUnknown(said)) return [];
      return [
        {
          ...base,
          evidence: `tailscale ping ${p.run.address}: ${said}`,
          remedy: remedies.wrongRouter(view.to.pods.text),
        },
      ];
    }
    return [];
  });
}

function inTable(facts: NodeFacts, address: string): boolean {
  return facts.routes.table52.some((t) => covers(t.to, address));
}

/** Packets reach the far router and its policy filter drops them, by its own count where it keeps one. */
function grantFindings(view: View, outcomes: readonly Outcome[]): readonly Finding[] {
  const { evidence, to, routers } = view;
  if ([view.node, ...routers].some((n) => forwardingFindings(evidence, n).length > 0)) return [];
  const drops = dropsAt(evidence, routers);
  const icmp = icmpSeen(view);
  const silent = outcomes.some((o) => o.state === "failed" && o.probe.run.kind === "ping" && o.probe.run.size === null);
  // Where the router counts, its count decides, unless its own ping got in and the pod's did not: then others' packets were counted.
  const filtered =
    drops === null
      ? icmp?.pong === null && !otherwiseExplained(view)
      : drops > 0 && (icmp === null || icmp.pong === null || !silent);
  if (!filtered) return [];
  const link = evidence.mesh.links.find((l) => l.from === view.node.cluster && l.to === to.name);
  const counted = drops === null ? "" : `; ${to.name}'s router dropped ${drops} packets by its policy meanwhile`;
  const said = icmp ? `tailscale ping --icmp from ${view.node.name}: ${icmp.said}` : `no answer to ${view.node.name}`;
  const remedy = remedies.notGranted(view.node.cluster, to.name, linkPorts(link?.ports ?? []));
  return [{ layer: "grant", node: view.node.name, breaks: true, evidence: `${said}${counted}`, remedy }];
}

function dropsAt(evidence: Evidence, routers: readonly Node[]): number | null {
  const counts = routers.flatMap((r) => readDrops(evidence.results.get(r.name)?.get(dropsId)) ?? []);
  return counts.length === 0 ? null : counts.reduce((a, b) => a + b, 0);
}

/** The router's own ICMP through the tunnel; null where it was not tried or had nowhere to go. */
function icmpSeen(view: View): ReturnType<typeof readTailscalePing> | null {
  const probe = pairProbes(view).find((p) => p.run.kind === "grant");
  const result = probe ? view.evidence.results.get(view.node.name)?.get(probe.id) : undefined;
  if (!result || notRun(result) !== undefined) return null;
  const seen = readTailscalePing(result);
  return isUnknown(seen.said) ? null : seen;
}

/** Without a count: the far router's firewall is explanation enough. */
function otherwiseExplained(view: View): boolean {
  const { evidence, routers, to } = view;
  const hooked = routers.some((r) => hookFindings(evidence, r).some((f) => f.breaks));
  return hooked || droppingRules(evidence, to, to.pods).length > 0;
}

/** Own things that leave by the tunnel, and our way back. */
export function stolenFindings(evidence: Evidence, node: Node, plan: NodeProbes | undefined): readonly Finding[] {
  const results = evidence.results.get(node.name);
  const cluster = clusterOf(evidence.mesh, node.cluster);
  return (plan?.probes ?? []).flatMap((p): Finding[] => {
    const result = p.run.kind === "route" && !p.run.tunnel ? results?.get(p.id) : undefined;
    if (p.run.kind !== "route" || !result || readRoute(result).device !== tunnel) return [];
    const { address } = p.run;
    const own = cluster.pods.containsAddress(address) || cluster.services.containsAddress(address);
    const remedy =
      own || parseIPv4(address) === undefined ? remedies.noGuard(node.name) : remedies.sshInTunnel(node.name, address);
    return [
      {
        layer: "guards",
        node: node.name,
        breaks: own,
        evidence: `${node.name} sends ${address} into the tunnel`,
        remedy,
      },
    ];
  });
}
