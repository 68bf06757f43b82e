/** What the topology asks of the tailnet policy: tag owners, approvers of routes, rules of links and their tests. */
import { type Cluster, clusterOf, type Link, type Mesh, type Port, type Tag } from "../mesh/mesh.ts";
import { policyError } from "./errors.ts";

export interface DerivedRoute {
  /** Canonical CIDR. */
  readonly prefix: string;
  readonly tag: Tag;
}

/** Who may dial whom. */
export interface DerivedRule {
  /** `homelab→oracle`. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly src: readonly string[];
  /** CIDRs. */
  readonly dst: readonly string[];
  /** Empty = everything, ICMP included. */
  readonly ports: readonly Port[];
}

/** A test by addresses only, so that it can pass before any node has joined. */
export interface DerivedTest {
  readonly name: string;
  readonly src: string;
  readonly proto: "tcp" | "udp";
  readonly verdict: "accept" | "deny";
  /** `address:port`. */
  readonly targets: readonly string[];
}

export interface DerivedPolicy {
  readonly ownerTag: Tag;
  /** Tags of clusters that are present. */
  readonly tags: readonly Tag[];
  /** Tags of clusters to be removed. */
  readonly absentTags: readonly Tag[];
  readonly routes: readonly DerivedRoute[];
  readonly rules: readonly DerivedRule[];
  readonly tests: readonly DerivedTest[];
  /** All clusters of the file, absent ones included: by their prefixes an entry is recognised as derived. */
  readonly clusters: readonly Cluster[];
}

/** Derives it; throws MESH_POLICY_FORBID_CONTRADICTS where `links` allows what `forbid` forbids. */
export function derivePolicy(mesh: Mesh): DerivedPolicy {
  const present = mesh.clusters.filter((c) => c.state === "present");
  const tags = [...new Set(present.map((c) => c.tag))];
  const isPresent = (link: Link): boolean => [link.from, link.to].every((n) => clusterOf(mesh, n).state === "present");
  const forbid = mesh.forbid.filter(isPresent);
  const links = mesh.links.filter(
    (link) => isPresent(link) && !forbid.some((f) => samePair(f, link) && f.ports.length === 0),
  );
  checkForbidden(links, forbid);
  return {
    ownerTag: mesh.tailnet.ownerTag,
    tags,
    absentTags: mesh.clusters.filter((c) => c.state === "absent" && !tags.includes(c.tag)).map((c) => c.tag),
    routes: present.flatMap((c) => [c.pods, c.services].map((prefix) => ({ prefix: prefix.text, tag: c.tag }))),
    rules: links.map((link) => rule(mesh, link)),
    tests: [...links.flatMap((l) => tests(mesh, l, "accept")), ...forbid.flatMap((l) => tests(mesh, l, "deny"))],
    clusters: mesh.clusters,
  };
}

/** Name of a link in addresses and messages. */
export function linkName(from: string, to: string): string {
  return `${from}→${to}`;
}

/** The address that stands for a cluster's pods in tests. */
export function podProbe(cluster: Cluster): string {
  return cluster.pods.address(1);
}

/** What a test dials in a cluster: a pod's and a service's address with that port. */
export function testTargets(cluster: Cluster, port: number): readonly string[] {
  return [`${podProbe(cluster)}:${port}`, `${cluster.services.address(1)}:${port}`];
}

function samePair(a: Link, b: Link): boolean {
  return a.from === b.from && a.to === b.to;
}

/**
 * The tag stands for the nodes' own tailnet addresses, which masqueraded pods come from; the pods' prefix for packets
 * that keep their address. A destination is always a prefix: a tag would open the nodes themselves.
 */
function rule(mesh: Mesh, link: Link): DerivedRule {
  const from = clusterOf(mesh, link.from);
  const to = clusterOf(mesh, link.to);
  return {
    name: linkName(link.from, link.to),
    from: link.from,
    to: link.to,
    src: [from.tag, from.pods.text],
    dst: [to.pods.text, to.services.text],
    ports: link.ports,
  };
}

function tests(mesh: Mesh, link: Link, verdict: "accept" | "deny"): readonly DerivedTest[] {
  const from = clusterOf(mesh, link.from);
  const to = clusterOf(mesh, link.to);
  return (["tcp", "udp"] as const).flatMap((proto) => {
    const port = testPort(link.ports, proto);
    if (port === undefined) return [];
    const suffix = verdict === "deny" ? "/deny" : "";
    const name = `${linkName(link.from, link.to)}/${proto}${suffix}`;
    return [{ name, src: podProbe(from), proto, verdict, targets: testTargets(to, port) }];
  });
}

/** One port stands for all; servers want exactly one in a test. A link without a port limit is tested with HTTPS. */
function testPort(ports: readonly Port[], proto: "tcp" | "udp"): number | undefined {
  if (ports.length === 0) return proto === "tcp" ? 443 : undefined;
  const found =
    ports.find((p) => p.protocol === proto) ?? (proto === "tcp" ? ports.find((p) => p.protocol === "any") : undefined);
  return found && (found.first ?? 443);
}

function checkForbidden(links: readonly Link[], forbid: readonly Link[]): void {
  for (const no of forbid) {
    const yes = links.find((link) => samePair(link, no) && (link.ports.length === 0 || overlap(link.ports, no.ports)));
    if (yes !== undefined) {
      throw policyError(
        "MESH_POLICY_FORBID_CONTRADICTS",
        `${linkName(no.from, no.to)} is allowed by links and forbidden by forbid`,
      );
    }
  }
}

function overlap(a: readonly Port[], b: readonly Port[]): boolean {
  return a.some((x) => b.some((y) => sameProtocol(x, y) && low(x) <= high(y) && low(y) <= high(x)));
}

function sameProtocol(a: Port, b: Port): boolean {
  return a.protocol === b.protocol || a.protocol === "any" || b.protocol === "any";
}

function low(port: Port): number {
  return port.first ?? 0;
}

function high(port: Port): number {
  return port.last ?? port.first ?? 65_535;
}
