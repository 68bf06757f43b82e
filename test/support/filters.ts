/** Packet filters as sets of (source, destination, ports, protocol), which is what two filters are compared by. */
import type { FilterRule } from "../../src/policy/rules/filter.ts";

/** One text for each thing let in, sorted; how it is spread over rules does not matter. */
export function filterSet(filter: readonly FilterRule[]): readonly string[] {
  const texts = filter.flatMap((rule) => {
    const network = (rule.DstPorts ?? []).map(
      ({ IP, Ports }) => `${IP}:${Ports.First}-${Ports.Last} protocols ${JSON.stringify(rule.IPProto ?? "default")}`,
    );
    const apps = (rule.CapGrant ?? []).flatMap(({ Dsts, CapMap }) =>
      Dsts.map((destination) => `${destination} ${JSON.stringify(CapMap)}`),
    );
    return rule.SrcIPs.flatMap((source) => [...network, ...apps].map((what) => `${source} → ${what}`));
  });
  return [...new Set(texts)].sort();
}
