/** Sets of ports: whether two have something in common, and what is left when some are taken away. Empty = everything. */
import type { Port } from "../mesh.ts";

const highest = 65_535;
const lowest = 1;

/** Whether some connection is in both sets. */
export function overlapping(a: readonly Port[], b: readonly Port[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((x) => b.some((y) => overlap(x, y)));
}

function overlap(a: Port, b: Port): boolean {
  if (a.protocol === "any" || b.protocol === "any") return true;
  if (a.protocol !== b.protocol) return false;
  return (a.first ?? lowest) <= (b.last ?? highest) && (b.first ?? lowest) <= (a.last ?? highest);
}

/** TCP, UDP and ICMP without `ports`; empty here means that nothing is left. */
export function portsExcept(ports: readonly Port[]): readonly Port[] {
  if (ports.length === 0 || ports.some((p) => p.protocol === "any")) return [];
  const icmp: readonly Port[] = ports.some((p) => p.protocol === "icmp")
    ? []
    : [{ protocol: "icmp", first: undefined, last: undefined }];
  return [...rangesExcept("tcp", ports), ...rangesExcept("udp", ports), ...icmp];
}

function rangesExcept(protocol: "tcp" | "udp", ports: readonly Port[]): readonly Port[] {
  const taken = ports
    .filter((p) => p.protocol === protocol)
    .map((p) => ({ first: p.first ?? lowest, last: p.last ?? highest }))
    .sort((a, b) => a.first - b.first);
  if (taken.length === 0) return [{ protocol, first: undefined, last: undefined }];
  const left: Port[] = [];
  let next = lowest;
  for (const { first, last } of taken) {
    if (first > next) left.push({ protocol, first: next, last: first - 1 });
    next = Math.max(next, last + 1);
  }
  return next <= highest ? [...left, { protocol, first: next, last: highest }] : left;
}
