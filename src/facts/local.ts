/** What networks nodes hold themselves: interfaces and routes that a mesh prefix must not cover. */
import type { NodeFacts } from "./facts.ts";
import { tunnel } from "./paths.ts";

export interface HeldPrefix {
  readonly node: string;
  readonly prefix: string;
  readonly interface: string;
}

/** Addresses with their length, and routes of the main table; the tunnel's own are not local. */
export function localPrefixes(facts: ReadonlyMap<string, NodeFacts>): readonly HeldPrefix[] {
  return [...facts].flatMap(([node, f]) => [
    ...f.addresses
      .filter((a) => a.interface !== "lo" && a.interface !== tunnel)
      .map((a) => ({ node, prefix: `${a.address}/${a.bits}`, interface: a.interface })),
    ...f.routes.main
      .filter((r) => r.to !== "default" && r.dev !== null && r.dev !== tunnel)
      .map((r) => ({ node, prefix: r.to, interface: r.dev ?? "" })),
  ]);
}
