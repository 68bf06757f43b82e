/** The physics of the world: what each machine's map and tables hold, and what becomes of a packet. */
import { Cidr } from "../../src/mesh/cidr.ts";
import type { TailnetNode } from "./grants.ts";
import { Grants } from "./grants.ts";
import type { IpRoute, Machine } from "./machine.ts";
import type { Packet } from "./netfilter.ts";

/** What the world needs of the control server. */
export interface Tailnet {
  nodes(): readonly TailnetNode[];
  /** Undefined: nothing was ever stored. */
  policy(): string | undefined;
}

export interface Peer {
  readonly node: TailnetNode;
  /** Its own addresses and what it serves to us. */
  readonly allowed: readonly string[];
  readonly primary: readonly string[];
}

export interface Hop {
  readonly dev: string | undefined;
  readonly via: string | undefined;
  readonly table: string;
  readonly type: string;
  readonly src: string;
}

export interface Probe {
  readonly to: string;
  readonly protocol: "tcp" | "udp" | "icmp";
  readonly port?: number;
  /** Bytes of IP payload that must not be fragmented. */
  readonly size?: number;
  /** More than a handful of packets: full-size segments. */
  readonly bulk?: boolean;
}

/** How a connection or an echo request ends. `reset` and `unreachable` name the address that said so. */
export type Ending =
  | { readonly kind: "answered"; readonly machine: Machine; readonly by: "pod" | "service" | "machine" }
  | { readonly kind: "timeout" }
  | { readonly kind: "stalled" }
  | { readonly kind: "refused" }
  | { readonly kind: "unreachable"; readonly from: string; readonly what: "host" | "net" | "prohibited" }
  | { readonly kind: "too-big"; readonly from: string; readonly mtu: number };

const tunnelMtu = 1280;
const timeout: Ending = { kind: "timeout" };

export class Network {
  readonly machines: readonly Machine[];
  readonly #tailnet: Tailnet;

  constructor(machines: readonly Machine[], tailnet: Tailnet) {
    this.machines = machines;
    this.#tailnet = tailnet;
  }

  grants(): Grants {
    return new Grants(this.#tailnet.policy());
  }

  /** Can packets of the tunnel pass between two machines? */
  joined(a: Machine, b: Machine): boolean {
    return !a.troubles.has("cut") && !b.troubles.has("cut");
  }

  /** Without a relay? */
  direct(machine: Machine, node: TailnetNode): boolean {
    return !machine.troubles.has("udp-blocked") && !this.machineOf(node)?.troubles.has("udp-blocked");
  }

  /** The control server's record of this machine; undefined when it has none (any more). */
  record(machine: Machine): TailnetNode | undefined {
    return this.#tailnet.nodes().find((n) => n.id === machine.identity?.id);
  }

  running(machine: Machine): boolean {
    return (
      machine.daemon &&
      machine.identity !== undefined &&
      machine.prefs.wantRunning &&
      machine.tun &&
      !machine.addressLost
    );
  }

  machineOf(node: TailnetNode): Machine | undefined {
    return this.machines.find((m) => m.identity?.id === node.id);
  }

  peers(machine: Machine): readonly Peer[] {
    const own = this.record(machine);
    if (!own || !machine.daemon || !machine.prefs.wantRunning) return [];
    const grants = this.grants();
    return this.#tailnet
      .nodes()
      .filter((n) => n.id !== own.id && grants.sees(own, n))
      .map((node) => {
        const primary = node.serving.filter((r) => grants.distributes(own, r));
        return {
          node,
          primary,
          allowed: [...primary, ...node.addresses.map((a) => `${a}/${a.includes(":") ? 128 : 32}`)],
        };
      });
  }

  /** Tailscale's own routing table. */
  table52(machine: Machine): readonly string[] {
    if (!this.running(machine)) return [];
    const peers = this.peers(machine);
    const routes = machine.prefs.acceptRoutes ? peers.flatMap((p) => p.primary) : [];
    const hosts = peers.map((p) => `${p.node.addresses[0]}/32`);
    return [...new Set([...routes, ...hosts, "100.100.100.100/32"])].sort(byPrefix);
  }

  mainTable(machine: Machine): readonly IpRoute[] {
    const { spec, cluster } = machine;
    const route = (to: string, dev: string, via?: string, protocol?: string): IpRoute => ({
      to,
      dev,
      via,
      type: "unicast",
      metric: undefined,
      protocol,
    });
    const lan = Cidr.around(spec.address, 24).text;
    const others = cluster.machines.filter((m) => m.name !== spec.name);
    return [
      route("default", "eth0", spec.gateway),
      route(lan, "eth0", undefined, "kernel"),
      route(spec.slice, "cni0", undefined, "kernel"),
      ...others.map((m) => route(m.slice, "flannel.1", m.slice.replace("/24", ""))),
      ...machine.routes,
    ];
  }

  /** The kernel's choice for a destination, rules first, then the longest prefix of the table. */
  route(machine: Machine, to: string): Hop | undefined {
    for (const rule of [...machine.rules].sort((a, b) => a.priority - b.priority)) {
      if (rule.fwmark !== undefined || (rule.to !== undefined && !within(rule.to, to))) continue;
      const found = this.#inTable(machine, rule.table, to);
      if (found) return { ...found, table: rule.table };
    }
    return undefined;
  }

  #inTable(machine: Machine, table: string, to: string): Omit<Hop, "table"> | undefined {
    const { spec } = machine;
    if (table === "local") {
      const own = this.localAddresses(machine).includes(to);
      return own ? { dev: "lo", via: undefined, type: "local", src: to } : undefined;
    }
    if (table === "52") {
      const hit = this.table52(machine).some((p) => within(p, to));
      const src = machine.identity?.addresses[0] ?? "";
      return hit ? { dev: "tailscale0", via: undefined, type: "unicast", src } : undefined;
    }
    if (table !== "main") return undefined;
    const best = this.mainTable(machine)
      .filter((r) => r.to === "default" || within(r.to, to))
      .sort((a, b) => lengthOf(b.to) - lengthOf(a.to) || (a.metric ?? 0) - (b.metric ?? 0))
      .at(0);
    if (!best) return undefined;
    const src = best.dev === "cni0" ? machine.cni0 : best.dev === "flannel.1" ? machine.flannel1 : spec.address;
    return { dev: best.dev, via: best.via, type: best.type, src };
  }

  localAddresses(machine: Machine): readonly string[] {
    const tunnel = machine.tun ? [machine.identity?.addresses[0] ?? ""] : [];
    return ["127.0.0.1", machine.spec.address, machine.cni0, machine.flannel1, ...tunnel].filter((a) => a !== "");
  }

  /** From a pod of `source` (or, without one, from the machine itself) to an address. */
  send(source: Machine, from: string, probe: Probe): Ending {
    const fromPod = source.spec.pods.some((p) => p.ip === from);
    const cluster = source.cluster;
    if (within(cluster.services, probe.to)) return this.#service(source, source, from, probe, fromPod ? "cni0" : "lo");
    const hop = this.route(source, probe.to);
    if (!hop) return { kind: "unreachable", from: source.spec.address, what: "net" };
    if (hop.type === "unreachable" || hop.type === "blackhole" || hop.type === "prohibit") {
      return { kind: "unreachable", from: source.cni0, what: hop.type === "prohibit" ? "prohibited" : "net" };
    }
    if (within(cluster.pods, probe.to) && hop.dev !== "tailscale0") return this.#deliver(source, source, probe, "cni0");
    if (hop.dev === "tailscale0") return this.#tunnel(source, from, probe, fromPod);
    return timeout;
  }

  #tunnel(source: Machine, from: string, probe: Probe, fromPod: boolean): Ending {
    if (fromPod) {
      const stopped = this.#forward(source, { ...packetOf(from, probe), in: "cni0", out: "tailscale0" });
      if (stopped) return stopped;
    }
    if (probe.size !== undefined && probe.size > tunnelMtu) {
      return { kind: "too-big", from: fromPod ? source.cni0 : source.spec.address, mtu: tunnelMtu };
    }
    const own = this.record(source);
    const peer = this.#peerFor(source, probe.to);
    const far = peer && this.machineOf(peer.node);
    if (!own || !far || !this.running(far) || !this.joined(source, far)) return timeout;
    if (!this.peers(far).some((p) => p.node.id === own.id)) return timeout;
    const advertised = far.prefs.advertiseRoutes.some((r) => within(r, probe.to));
    const toMachine = far.identity?.addresses.includes(probe.to) ?? false;
    if (!toMachine && !advertised) return timeout;
    if (!this.grants().allows({ from: own, to: probe.to, protocol: probe.protocol, ...portOf(probe) })) {
      far.dropped += 1;
      return timeout;
    }
    // Flannel masquerades what leaves the cluster: the far side sees the machine, and replies to it.
    const arrival: Packet = {
      ...packetOf(own.addresses[0] ?? "", probe),
      in: "tailscale0",
      out: "cni0",
      local: this.localAddresses(far).includes(probe.to),
    };
    if (far.netfilter.fate("mangle", "PREROUTING", arrival) !== "accept") return timeout;
    // The reply finds its pod only by the sender's own tables.
    if (fromPod && this.route(source, from)?.dev === "tailscale0") return timeout;
    if (probe.bulk && !this.#segmentsPass(source, far)) return { kind: "stalled" };
    if (within(far.cluster.services, probe.to)) {
      return this.#service(source, far, own.addresses[0] ?? "", probe, "tailscale0");
    }
    return this.#deliver(source, far, probe, "tailscale0");
  }

  #peerFor(source: Machine, to: string): Peer | undefined {
    const length = (p: Peer): number => Math.max(-1, ...p.allowed.filter((a) => within(a, to)).map(lengthOf));
    return this.peers(source)
      .filter((p) => length(p) >= 0)
      .sort((a, b) => length(b) - length(a))
      .at(0);
  }

  /** A packet that a machine forwards: undefined when it passes. */
  #forward(machine: Machine, packet: Packet): Ending | undefined {
    if (machine.sysctl("net.ipv4.ip_forward") === "0") return timeout;
    const mangled = machine.netfilter.fate("mangle", "FORWARD", packet);
    const fate = mangled === "accept" ? machine.netfilter.fate("filter", "FORWARD", packet) : mangled;
    if (fate === "drop") return timeout;
    if (fate === "reject") return { kind: "unreachable", from: machine.spec.address, what: "prohibited" };
    return undefined;
  }

  #service(source: Machine, entry: Machine, from: string, probe: Probe, arrivedBy: string): Ending {
    const service = entry.cluster.serviceList.find((s) => s.ip === probe.to);
    const port = service?.ports.find((p) => p.protocol === probe.protocol && p.port === probe.port);
    if (!service || !port) return probe.protocol === "icmp" ? timeout : { kind: "refused" };
    const [endpoint = ""] = service.endpoints;
    if (this.localAddresses(entry).includes(endpoint) || !within(entry.cluster.pods, endpoint)) {
      return { kind: "answered", machine: entry, by: "service" };
    }
    if (service.name === "kube-dns" && this.#dnsDown(entry)) return { kind: "refused" };
    const { size: _, ...rest } = probe;
    const ended = this.#deliver(source, entry, { ...rest, to: endpoint }, arrivedBy, from);
    return ended.kind === "answered" ? { ...ended, by: "service" } : ended;
  }

  #dnsDown(entry: Machine): boolean {
    return this.machines.some((m) => m.cluster === entry.cluster && m.troubles.has("dns"));
  }

  /** From where a packet stands on `entry` to the pod behind `probe.to`. */
  #deliver(source: Machine, entry: Machine, probe: Probe, arrivedBy: string, from?: string): Ending {
    if (this.localAddresses(entry).includes(probe.to)) return { kind: "answered", machine: entry, by: "machine" };
    if (this.route(entry, probe.to)?.dev === "tailscale0") return timeout;
    const home = this.machines.find((m) => m.spec.pods.some((p) => p.ip === probe.to));
    if (!home || home.cluster !== entry.cluster) return { kind: "unreachable", from: entry.cni0, what: "host" };
    const out = home === entry ? "cni0" : "flannel.1";
    const sender = from ?? this.record(source)?.addresses[0] ?? source.spec.address;
    const stopped = this.#forward(entry, { ...packetOf(sender, probe), in: arrivedBy, out });
    if (stopped) return stopped;
    if (home !== entry) {
      if (this.route(home, entry.flannel1)?.dev === "tailscale0") return timeout;
      if (this.route(home, probe.to)?.dev === "tailscale0") return timeout;
      const further = this.#forward(home, { ...packetOf(entry.flannel1, probe), in: "flannel.1", out: "cni0" });
      if (further) return further;
    }
    return { kind: "answered", machine: home, by: "pod" };
  }

  /** Full-size segments pass when path-MTU discovery works, or somebody on the way lowered the MSS both ways. */
  #segmentsPass(source: Machine, far: Machine): boolean {
    const discovery = !filtersTooBig(source) && !filtersTooBig(far);
    const clamps = (m: Machine, way: "-i" | "-o"): boolean => {
      const text = m.netfilter.list("mangle", undefined);
      return new RegExp(`${way} tailscale0 .*TCPMSS --clamp-mss-to-pmtu`).test(text) && hooked(m);
    };
    return discovery || clamps(source, "-o") || clamps(far, "-i");
  }
}

/** Does anything stop the messages that say that a packet is too big? */
const filtersTooBig = (m: Machine): boolean =>
  /icmp-type fragmentation-needed -j DROP/.test(m.netfilter.save("filter"));

const hooked = (m: Machine): boolean => m.netfilter.rules("mangle", "FORWARD").some((r) => /MSS/.test(r));

function packetOf(from: string, probe: Probe): Omit<Packet, "in" | "out"> {
  return { from, to: probe.to, protocol: probe.protocol, ...portOf(probe) };
}

const portOf = (probe: Probe): { port?: number } => (probe.port === undefined ? {} : { port: probe.port });

export function within(prefix: string, address: string): boolean {
  if (address.includes(":") || prefix.includes(":")) return prefix.split("/")[0] === address;
  return Cidr.parse(prefix.includes("/") ? prefix : `${prefix}/32`)?.containsAddress(address) ?? false;
}

function lengthOf(prefix: string): number {
  return prefix === "default" ? 0 : Number(prefix.split("/")[1] ?? 32);
}

function byPrefix(a: string, b: string): number {
  return (Cidr.parse(a)?.base ?? 0) - (Cidr.parse(b)?.base ?? 0);
}
