/** Packet filters in the shape that Tailscale's clients are sent. */
import type { Access, Entry } from "./access.ts";
import { formatPrefix, formatRange } from "./address.ts";
import { rangeTexts } from "./resolve.ts";

export interface FilterRule {
  /** Addresses, prefixes or `first-last`, sorted. */
  readonly SrcIPs: readonly string[];
  readonly DstPorts?: readonly {
    readonly IP: string;
    readonly Ports: { readonly First: number; readonly Last: number };
  }[];
  /** Absent = TCP, UDP and both ICMPs. */
  readonly IPProto?: readonly number[];
  readonly CapGrant?: readonly {
    readonly Dsts: readonly string[];
    readonly CapMap: Readonly<Record<string, unknown>>;
  }[];
}

/** The filter of each device. Rules of the same sources and protocol become one, as servers write them. */
export function filtersOf(access: Access): ReadonlyMap<string, readonly FilterRule[]> {
  return new Map([...access].map(([name, entries]) => [name, filterOf(entries)]));
}

function filterOf(entries: readonly Entry[]): readonly FilterRule[] {
  const rules = new Map<string, FilterRule>();
  for (const entry of entries) {
    const rule = filterRule(entry);
    const key = JSON.stringify([rule.SrcIPs, rule.IPProto ?? [], rule.CapGrant === undefined ? "" : rules.size]);
    const same = rules.get(key);
    rules.set(
      key,
      same === undefined ? rule : { ...same, DstPorts: [...(same.DstPorts ?? []), ...(rule.DstPorts ?? [])] },
    );
  }
  return [...rules.values()];
}

function filterRule(entry: Entry): FilterRule {
  const SrcIPs = rangeTexts(entry.src);
  if (entry.app.size > 0) {
    const Dsts = entry.capDst.map((range) => formatPrefix(range) ?? formatRange(range));
    return { SrcIPs, CapGrant: [{ Dsts, CapMap: Object.fromEntries(entry.app) }] };
  }
  const DstPorts = entry.dst.flatMap(({ range, ports }) =>
    ports.map(({ first, last }) => ({
      IP: range === undefined ? "*" : formatRange(range),
      Ports: { First: first, Last: last },
    })),
  );
  return { SrcIPs, DstPorts, ...(entry.protocol === undefined ? {} : { IPProto: [entry.protocol] }) };
}
