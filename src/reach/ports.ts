/** What a link's `ports` let be tested. */
import type { Port } from "../mesh/mesh.ts";
import { listenerPorts } from "./probe.ts";

/** What may be tried between two clusters. */
export interface Allowed {
  readonly icmp: boolean;
  /** TCP on whatever port the listener gets. */
  readonly transfer: boolean;
  readonly https: boolean;
  readonly dnsUdp: boolean;
  readonly dnsTcp: boolean;
}

/** No ports at all means everything. */
export function allowedBy(ports: readonly Port[]): Allowed {
  const any = (protocol: "tcp" | "udp" | "icmp", first: number, last: number) =>
    ports.length === 0 || ports.some((p) => covers(p, protocol, first, last));
  return {
    icmp: any("icmp", 0, 0),
    transfer: any("tcp", listenerPorts.first, listenerPorts.last),
    https: any("tcp", 443, 443),
    dnsUdp: any("udp", 53, 53),
    dnsTcp: any("tcp", 53, 53),
  };
}

function covers(port: Port, protocol: "tcp" | "udp" | "icmp", first: number, last: number): boolean {
  if (port.protocol !== "any" && port.protocol !== protocol) return false;
  if (protocol === "icmp" || port.first === undefined) return true;
  return port.first <= first && last <= (port.last ?? port.first);
}

/** The single TCP ports named (first of each range), for what must not connect. */
export function namedTcpPorts(ports: readonly Port[]): readonly number[] {
  return ports.flatMap((p) => (p.protocol === "tcp" && p.first !== undefined ? [p.first] : []));
}

/** As the topology file writes it. */
export function portText(port: Port): string {
  const name = port.protocol === "any" ? "*" : port.protocol;
  if (port.first === undefined) return name;
  return port.last === undefined || port.last === port.first
    ? `${name}:${port.first}`
    : `${name}:${port.first}-${port.last}`;
}
