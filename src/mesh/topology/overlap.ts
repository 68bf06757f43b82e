/** Networks that share addresses: found, explained, and each with a free range to use instead. */
import { Cidr } from "../cidr.ts";
import type { MeshError } from "../error.ts";
import { meshErrors } from "../errors.ts";
import { inertText } from "../inert.ts";
import { clusterOf, type Mesh, meshNodes } from "../mesh.ts";
import type { Path } from "./document.ts";
import type { Problems } from "./problems.ts";

/** A pod or service network of a cluster. */
export interface MeshPrefix {
  readonly cluster: string;
  readonly kind: "pods" | "services";
  readonly prefix: Cidr;
  readonly path: Path;
}

/** Addresses that no mesh prefix may hold, and what they are. */
export interface OtherPrefix {
  readonly what: string;
  readonly prefix: Cidr;
}

/** A network that a node holds itself: an address of an interface, or a route of its main table. */
export interface LocalPrefix {
  readonly node: string;
  /** `10.10.10.0/24`, an interface's `10.10.10.10/24`, or one address. */
  readonly prefix: string;
  readonly interface: string;
}

const reserved: readonly OtherPrefix[] = [
  { what: "the tailnet's own addresses, 100.64.0.0/10", prefix: Cidr.around("100.64.0.0", 10) },
  { what: "loopback, 127.0.0.0/8", prefix: Cidr.around("127.0.0.0", 8) },
  { what: "link-local addresses, 169.254.0.0/16", prefix: Cidr.around("169.254.0.0", 16) },
  { what: '"this network", 0.0.0.0/8', prefix: Cidr.around("0.0.0.0", 8) },
  { what: "multicast and reserved addresses, 224.0.0.0/3", prefix: Cidr.around("224.0.0.0", 3) },
];

const k3sDefault = { pods: Cidr.around("10.42.0.0", 16), services: Cidr.around("10.43.0.0", 16) } as const;

/** Never offered: what K3s and Docker take without being asked. */
const avoided: readonly Cidr[] = [k3sDefault.pods, k3sDefault.services, Cidr.around("172.17.0.0", 16)];

/** Where free ranges are looked for. First above 10.52: home and office networks sit at the low end. */
const pools: readonly (readonly [first: Cidr, end: number])[] = [
  [Cidr.around("10.52.0.0", 14), 0x0b000000],
  [Cidr.around("10.0.0.0", 8), 0x0b000000],
  [Cidr.around("172.16.0.0", 12), 0xac200000],
  [Cidr.around("192.168.0.0", 16), 0xc0a90000],
];

/** A private range of that length that overlaps none of `taken`; undefined when there is none. */
export function freeRange(bits: number, taken: readonly Cidr[]): Cidr | undefined {
  const size = 2 ** (32 - bits);
  const all = [...taken, ...avoided, ...reserved.map((r) => r.prefix)];
  for (const [first, end] of pools) {
    let base = Math.ceil(first.base / size) * size;
    while (base + size <= end) {
      const candidate = Cidr.of(base, bits);
      const hit = candidate && all.find((c) => c.overlaps(candidate));
      if (!hit) return candidate;
      base = Math.max(base + size, Math.ceil((hit.base + hit.size) / size) * size);
    }
  }
  return undefined;
}

/** Offers free ranges, each only once. */
class Offers {
  readonly #taken: Cidr[];

  constructor(taken: readonly Cidr[]) {
    this.#taken = [...taken];
  }

  next(bits: number): Cidr | undefined {
    const free = freeRange(bits, this.#taken);
    if (free) this.#taken.push(free);
    return free;
  }
}

/** Reports every overlap of mesh prefixes with each other, with `others` and with reserved addresses. */
export function checkOverlaps(mesh: readonly MeshPrefix[], others: readonly OtherPrefix[], problems: Problems): void {
  const offers = new Offers([...mesh, ...others].map((p) => p.prefix));
  const onDefaults = reportK3sDefaults(mesh, offers, problems);
  mesh.forEach((later, n) => {
    for (const earlier of mesh.slice(0, n)) {
      const told = onDefaults.has(later) && onDefaults.has(earlier) && later.prefix.equals(earlier.prefix);
      if (!told && later.prefix.overlaps(earlier.prefix)) report(later, nameOf(earlier, problems), offers, problems);
    }
    for (const other of [...others, ...reserved]) {
      if (later.prefix.overlaps(other.prefix)) report(later, other.what, offers, problems);
    }
  });
}

function report(prefix: MeshPrefix, other: string, offers: Offers, problems: Problems): void {
  const free = problems.isFull ? undefined : offers.next(prefix.prefix.bits);
  const hint = `${free ? `Use a free range such as ${free.text}` : "No private range of that size is free; use a smaller one"}${changeNote(prefix)}`;
  problems.at(prefix.path, "MESH_CIDR_OVERLAP", `${nameOf(prefix, problems)} overlaps ${other}`, hint);
}

function changeNote({ cluster }: MeshPrefix): string {
  return `. K3s fixes its ranges when a cluster is first started: if ${cluster} already runs, it must be rebuilt for it. Nothing was changed.`;
}

function nameOf({ cluster, kind, prefix, path }: MeshPrefix, problems: Problems): string {
  return `the ${kind === "pods" ? "pod" : "service"} network of ${cluster}${problems.isHidden(path) ? "" : ` (${prefix.text})`}`;
}

/** Clusters that nobody gave ranges to: one message each that says what to do, instead of two about numbers. */
function reportK3sDefaults(mesh: readonly MeshPrefix[], offers: Offers, problems: Problems): ReadonlySet<MeshPrefix> {
  const onDefaults = mesh.filter((p) => p.prefix.equals(k3sDefault[p.kind]));
  const clusters = [...new Set(onDefaults.map((p) => p.cluster))];
  const [kept, ...others] = clusters.filter((c) => onDefaults.filter((p) => p.cluster === c).length === 2);
  if (kept === undefined) return new Set();
  for (const cluster of others) {
    const first = onDefaults.find((p) => p.cluster === cluster);
    if (!first) continue;
    const [pods, services] = [offers.next(16), offers.next(16)];
    const message = `${kept} and ${cluster} both use K3s' default networks, ${k3sDefault.pods.text} and ${k3sDefault.services.text}, so that an address does not tell which of them is meant`;
    const hint = [
      `One of them must be rebuilt. Keep ${kept}, the first in the file, as it is (or the one that is harder to rebuild) and set up ${cluster} anew`,
      pods && services
        ? ` with \`cluster-cidr: ${pods.text}\` and \`service-cidr: ${services.text}\` in /etc/rancher/k3s/config.yaml before its first start, and the same here`
        : " with ranges of its own",
      `. The ranges are fixed when a cluster is first started; editing them later breaks it. Nothing was changed.`,
    ].join("");
    problems.at(first.path, "MESH_K3S_DEFAULTS", message, hint);
  }
  const told = new Set([kept, ...others]);
  return new Set(onDefaults.filter((p) => told.has(p.cluster)));
}

/** Interfaces that carry a cluster's own networks, or the mesh itself. */
const ownInterfaces = /^(cni0|flannel[.\w-]*|kube-ipvs0|tailscale0)$/;

/**
 * Compares what nodes hold locally with the networks of all other clusters: such addresses would never leave the node, or leave by
 * the wrong way. What carries the cluster's own networks and the default route are not conflicts.
 */
export function localOverlaps(mesh: Mesh, local: readonly LocalPrefix[]): readonly MeshError[] {
  const held = local.flatMap((l) => {
    const prefix = readLocal(l.prefix);
    return prefix && prefix.bits > 0 && !ownInterfaces.test(l.interface) ? [{ ...l, cidr: prefix }] : [];
  });
  const taken = mesh.clusters.flatMap((c) => [c.pods, c.services, ...(c.lan ?? [])]);
  const offers = new Offers([...taken, ...held.map((h) => h.cidr)]);
  const homes = new Map(meshNodes(mesh).map((n) => [n.name, n.cluster]));
  const errors = new Map<string, MeshError>();
  for (const { node, cidr, interface: name } of held) {
    const home = homes.get(node);
    if (home === undefined || isOwn(mesh, home, cidr)) continue;
    for (const cluster of mesh.clusters.filter((c) => c.name !== home)) {
      for (const kind of ["pods", "services"] as const) {
        if (!cluster[kind].overlaps(cidr)) continue;
        const id = `${node} ${cidr.text} ${cluster.name} ${kind}`;
        if (errors.has(id)) continue;
        const free = offers.next(cluster[kind].bits);
        const network = `${kind === "pods" ? "pod" : "service"} network of ${cluster.name} (${cluster[kind].text})`;
        const message = `${node} itself holds ${cidr.text} on ${inertText(name, 40)}, which overlaps the ${network}`;
        const instead = free
          ? `rebuild ${cluster.name} with a free range such as ${free.text}`
          : `rebuild ${cluster.name} with a smaller range`;
        const hint = `Give the local network another range (for docker0: \`bip\` and \`default-address-pools\` in /etc/docker/daemon.json), or ${instead}. Nothing was changed.`;
        errors.set(id, meshErrors("MESH_LOCAL_OVERLAP", message, { hint, where: { address: `node/${node}` } }));
      }
    }
  }
  return [...errors.values()];
}

function isOwn(mesh: Mesh, cluster: string, prefix: Cidr): boolean {
  const { pods, services } = clusterOf(mesh, cluster);
  return pods.contains(prefix) || services.contains(prefix);
}

/** A prefix or address as `ip` prints it; undefined for IPv6 and words such as `default`. */
function readLocal(text: string): Cidr | undefined {
  const [, address, length = "32"] = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  if (address === undefined || Number(length) > 32) return undefined;
  const host = Cidr.parse(`${address}/32`);
  return host && Cidr.around(address, Number(length));
}
