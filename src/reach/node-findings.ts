/** What facts and the control server say about single nodes, whatever the probes say. */
import { deviceOf } from "../facts/device.ts";
import type { NodeFacts, TailscaleStatus } from "../facts/facts.ts";
import { tunnel } from "../facts/paths.ts";
import { Cidr, parseIPv4 } from "../mesh/cidr.ts";
import { advertisedRoutes, type Cluster, clusterOf, type Node } from "../mesh/mesh.ts";
import type { Device } from "../ports/control.ts";
import type { Evidence, Finding } from "./finding.ts";
import { clampsSegments, dropsFor, readHook } from "./netfilter.ts";
import { remedies } from "./remedies.ts";

const week = 7 * 24 * 3600;

/** The control server itself. Missing rights are no fault of the mesh: what they hide is just not verified. */
export function controlFindings(evidence: Evidence): readonly Finding[] {
  if (!("error" in evidence.control)) return [];
  const { error } = evidence.control;
  if (error.kind === "denied" || error.kind === "config") return [];
  return [
    {
      layer: "control",
      node: null,
      breaks: false,
      evidence: `${error.code}: ${error.message}`,
      remedy: remedies.controlDown(evidence.mesh.tailnet.url),
    },
  ];
}

/** The daemon, who the node is, and its interface; the first that fails hides the later ones. */
export function daemonFindings(evidence: Evidence, node: Node): readonly Finding[] {
  const facts = evidence.facts.get(node.name);
  if (!facts) return [];
  const { version, status, statusError, unit } = facts.tailscale;
  const found = finder(node);
  if (version === null) return [found("daemon", "no tailscale command", remedies.notInstalled(node.name))];
  if (!status) {
    const said = statusError === "" ? "" : `, ${statusError}`;
    return [found("daemon", `tailscaled is ${unit.active} and does not answer${said}`, remedies.daemonDown(node.name))];
  }
  const state = stateFinding(evidence, node, status);
  if (state) return [state];
  return [
    ...connectionFindings(evidence, node, status),
    ...identityFindings(evidence, node, facts, status),
    ...interfaceFindings(node, facts, status),
  ];
}

type Found = (layer: Finding["layer"], evidence: string, remedy: string, breaks?: boolean) => Finding;

function finder(node: Node): Found {
  return (layer, evidence, remedy, breaks = true) => ({ layer, node: node.name, breaks, evidence, remedy });
}

function stateFinding(evidence: Evidence, node: Node, status: TailscaleStatus): Finding | undefined {
  const found = finder(node);
  const said = `BackendState is ${status.backendState}${status.health.length > 0 ? `: ${status.health[0]}` : ""}`;
  switch (status.backendState) {
    case "Running":
      return undefined;
    case "Stopped":
      return found("daemon", said, remedies.daemonStopped(node.name));
    case "NeedsLogin":
      return found("identity", said, remedies.needsLogin(node.name));
    case "NeedsMachineAuth":
      return found("identity", said, remedies.needsApproval(node.name));
    default:
      return found("control", said, remedies.controlLost(node.name, evidence.mesh.tailnet.url));
  }
}

function connectionFindings(evidence: Evidence, node: Node, status: TailscaleStatus): readonly Finding[] {
  if (status.self?.online !== false) return [];
  const remedy = remedies.controlLost(node.name, evidence.mesh.tailnet.url);
  return [finder(node)("control", "the node has no connection to the control server", remedy, false)];
}

function identityFindings(
  evidence: Evidence,
  node: Node,
  facts: NodeFacts,
  status: TailscaleStatus,
): readonly Finding[] {
  const { tag } = clusterOf(evidence.mesh, node.cluster);
  const found = finder(node);
  const findings: Finding[] = [];
  if ("devices" in evidence.control && !ownDevice(evidence, node)) {
    const said = "the node says Running, and the control server knows no device with its key or address";
    findings.push(found("identity", said, remedies.unknownDevice(node.name)));
  }
  if (status.self && !status.self.tags.includes(tag)) {
    const has = status.self.tags.join(", ") || "no tag";
    findings.push(found("identity", `the node has ${has}, not ${tag}`, remedies.wrongTag(node.name, tag)));
  }
  const expiry = status.self?.keyExpiry ? Date.parse(status.self.keyExpiry) / 1000 - facts.host.time : Infinity;
  const when = `the node's key expires at ${status.self?.keyExpiry}`;
  if (expiry <= 0) findings.push(found("identity", when, remedies.keyExpired(node.name)));
  else if (expiry < week) findings.push(found("identity", when, remedies.keyExpires(node.name), false));
  return findings;
}

/** The device that really is this node: same key or same address. Undefined when it is gone or nothing is known. */
export function ownDevice(evidence: Evidence, node: Node): Device | undefined {
  if (!("devices" in evidence.control)) return undefined;
  const facts = evidence.facts.get(node.name);
  const device = deviceOf(evidence.control.devices, node, clusterOf(evidence.mesh, node.cluster).tag, facts);
  const status = facts?.tailscale.status;
  if (!device || !status) return device;
  const sameKey = device.nodeKey !== null && device.nodeKey === status.self?.publicKey;
  return sameKey || device.addresses.some((a) => status.addresses.includes(a)) ? device : undefined;
}

function interfaceFindings(node: Node, facts: NodeFacts, status: TailscaleStatus): readonly Finding[] {
  const found = finder(node);
  if (!status.tun)
    return [found("interface", "tailscaled runs without a tunnel interface", remedies.userspace(node.name))];
  const own = status.addresses.find((a) => parseIPv4(a) !== undefined);
  if (own === undefined || facts.addresses.length === 0) return [];
  if (facts.addresses.some((a) => a.interface === tunnel && a.address === own)) return [];
  return [found("interface", `${own} is not on ${tunnel}`, remedies.noInterface(node.name))];
}

/** Routes that every router of a cluster offers. */
export function routesOf(cluster: Cluster, facts: NodeFacts | undefined): readonly string[] {
  if (cluster.advertise === "cluster") return advertisedRoutes(cluster);
  return [facts?.k3s?.nodePods ?? [], cluster.services.text].flat();
}

/** A router's own part: what it offers, what is approved, and whether it takes anything in. */
export function routerFindings(evidence: Evidence, node: Node): readonly Finding[] {
  const facts = evidence.facts.get(node.name);
  const cluster = clusterOf(evidence.mesh, node.cluster);
  const wanted = routesOf(cluster, facts);
  const found = finder(node);
  const findings: Finding[] = [];
  const prefs = facts?.tailscale.prefs;
  const silent = prefs ? wanted.filter((r) => !prefs.advertiseRoutes.includes(r)) : [];
  if (silent.length > 0) {
    const said = `the node does not advertise ${silent.join(", ")}`;
    findings.push(found("advertised", said, remedies.notAdvertised(node.name, silent.join(", "))));
  }
  const device = ownDevice(evidence, node);
  const pending = device ? wanted.filter((r) => !device.enabledRoutes.includes(r)) : [];
  if (pending.length > 0) {
    const said = `the control server has not approved ${pending.join(", ")} of ${node.name}`;
    findings.push(found("approved", said, remedies.notApproved(cluster.tag, pending.join(", "))));
  }
  if (prefs?.shieldsUp)
    findings.push(found("grant", "the node blocks incoming connections", remedies.shieldsUp(node.name)));
  return findings;
}

/** Whether some router of the cluster serves each of its routes. Which one does, and that others stand by, is no matter. */
export function servingFindings(evidence: Evidence, cluster: Cluster, routers: readonly Node[]): readonly Finding[] {
  const devices = routers.flatMap((r) => ownDevice(evidence, r) ?? []);
  if (devices.length === 0) return [];
  const remedy = remedies.notServing(cluster.name);
  const finding = (said: string): Finding => ({ layer: "serving", node: null, breaks: true, evidence: said, remedy });
  if (devices.every((d) => !d.online)) return [finding(`the control server sees no router of ${cluster.name} online`)];
  if (devices.some((d) => d.servingRoutes === null) || cluster.advertise !== "cluster") return [];
  const idle = advertisedRoutes(cluster).filter(
    (r) => devices.some((d) => d.enabledRoutes.includes(r)) && !devices.some((d) => d.servingRoutes?.includes(r)),
  );
  return idle.length > 0 ? [finding(`no router of ${cluster.name} serves ${idle.join(", ")}`)] : [];
}

/** Own prefixes must be looked up before Tailscale's table. Without a rule it only matters once they arrive there. */
export function guardFindings(evidence: Evidence, node: Node): readonly Finding[] {
  const facts = evidence.facts.get(node.name);
  if (facts?.tailscale.status?.backendState !== "Running" || facts.rules.length === 0) return [];
  const cluster = clusterOf(evidence.mesh, node.cluster);
  const own = [cluster.pods, cluster.services];
  const bare = own.filter((prefix) => !facts.rules.some((r) => guards(r.to, prefix) && isEarly(r.priority, r.table)));
  if (bare.length === 0) return [];
  const stolen = bare.some((prefix) => facts.routes.table52.some((r) => covers(r.to, prefix.text)));
  const said = `no rule keeps ${bare.join(", ")} out of the tunnel${stolen ? ", and the tunnel has a route for it" : ""}`;
  return [finder(node)("guards", said, remedies.noGuard(node.name), stolen)];
}

/** Tailscale's own rule that asks table 52 has this preference. */
const tailscalePreference = 5270;

function isEarly(priority: number, table: string): boolean {
  return priority < tailscalePreference && (table === "main" || table === "254");
}

function guards(to: string | null, prefix: Cidr): boolean {
  return to !== null && Cidr.parse(to)?.contains(prefix) === true;
}

/** Whether a route's destination holds a prefix or address. */
export function covers(to: string, inner: string): boolean {
  const outer = Cidr.parse(to);
  const prefix = Cidr.parse(inner.includes("/") ? inner : `${inner}/32`);
  return outer !== undefined && prefix !== undefined && outer.bits > 0 && outer.contains(prefix);
}

/** Tailscale's chains, and what rejects before them. */
export function hookFindings(evidence: Evidence, node: Node): readonly Finding[] {
  const facts = evidence.facts.get(node.name);
  if (facts?.tailscale.status?.backendState !== "Running") return [];
  const found = finder(node);
  if (facts.tailscale.prefs && facts.tailscale.prefs.netfilterMode === 0) {
    return [found("hooks", "netfilter-mode is off", remedies.netfilterOff(node.name), false)];
  }
  return (["FORWARD", "INPUT"] as const).flatMap((chain): Finding[] => {
    const hook = readHook(facts.netfilter, chain);
    if (!hook || (hook.present && hook.rejecting === null)) return [];
    const first = hook.rejecting === null ? "" : `; packets are refused by ${hook.rejecting}`;
    if (!hook.present) {
      const breaks = hook.rejecting !== null || hook.policy !== "ACCEPT";
      return [found("hooks", `${chain} does not call Tailscale's chain${first}`, remedies.noHook(node.name), breaks)];
    }
    const said = `${hook.rejecting} comes before Tailscale's chain`;
    return [found("hooks", said, remedies.rejectFirst(node.name, chain))];
  });
}

/** Forwarding off stops pods, whatever Tailscale says. IPv6 forwarding is not asked for. */
export function forwardingFindings(evidence: Evidence, node: Node): readonly Finding[] {
  const facts = evidence.facts.get(node.name);
  if (facts?.sysctls["net.ipv4.ip_forward"] !== "0") return [];
  const health = facts.tailscale.status?.health.find((h) => h.includes("IP forwarding is disabled"));
  const said = `net.ipv4.ip_forward is 0${health ? ` (${health})` : ""}`;
  return [finder(node)("pod", said, remedies.forwardingOff(node.name))];
}

/** Packets too big for the tunnel are only told so by ICMP when no segment size is clamped. */
export function clampFindings(evidence: Evidence, node: Node): readonly Finding[] {
  const facts = evidence.facts.get(node.name);
  if (facts?.tailscale.status?.backendState !== "Running") return [];
  if (clampsSegments(facts.netfilter) !== false) return [];
  return [
    finder(node)("mtu", "the segment size of TCP is not clamped to the tunnel", remedies.noClamp(node.name), false),
  ];
}

/** Firewall rules on a cluster's nodes that name its network, as evidence. */
export function droppingRules(evidence: Evidence, cluster: Cluster, network: Cidr): readonly string[] {
  return cluster.nodes.flatMap((n) => {
    const facts = evidence.facts.get(n.name);
    return facts ? dropsFor(facts.netfilter, network).map((r) => `on ${n.name}: ${r}`) : [];
  });
}
