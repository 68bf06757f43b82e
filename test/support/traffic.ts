/** Packet filters by the connections that they let in at a device, however the addresses are written and spread over rules. */
import { type AddressRange, formatRange, overlap, parseRange, subtract } from "../../src/policy/rules/address.ts";
import type { Device } from "../../src/policy/rules/devices.ts";
import type { FilterRule } from "../../src/policy/rules/filter.ts";
import { everywhere } from "../../src/policy/rules/tailnet.ts";

/** One rule's sources, and one thing that they may reach. */
interface Opening {
  readonly src: readonly AddressRange[];
  readonly dst: readonly AddressRange[];
  /** Ports and protocol, or a capability with its parameters. */
  readonly what: readonly string[];
}

/** What one of two filters of a device lets in and the other does not: `first`, then `second`; both empty = the same. */
export function filterDifference(
  device: Device,
  first: readonly FilterRule[],
  second: readonly FilterRule[],
): { readonly first: readonly string[]; readonly second: readonly string[] } {
  const ports = [...first, ...second].flatMap(({ DstPorts = [] }) => DstPorts.map(({ Ports }) => Ports));
  const edges = [...new Set(ports.flatMap(({ First, Last }) => [First, Last + 1]))].sort((a, b) => a - b);
  const served = [...device.addresses, ...device.routes, ...(device.isExit ? everywhere : [])];
  const openings = [first, second].map((rules) => rules.flatMap((rule) => openingsOf(rule, served, edges)));
  const all = openings.flat();
  const sources = pieces(all.flatMap(({ src }) => src));
  const targets = pieces(all.flatMap(({ dst }) => dst));
  const [one = new Set<string>(), other = new Set<string>()] = openings.map(
    (list) =>
      new Set(
        list.flatMap(({ src, dst, what }) =>
          within(sources, src).flatMap((from) =>
            within(targets, dst).flatMap((to) => what.map((each) => `${from} → ${to} ${each}`)),
          ),
        ),
      ),
  );
  const without = (set: ReadonlySet<string>, taken: ReadonlySet<string>): readonly string[] =>
    [...set].filter((text) => !taken.has(text)).sort();
  return { first: without(one, other), second: without(other, one) };
}

function openingsOf(rule: FilterRule, served: readonly AddressRange[], edges: readonly number[]): readonly Opening[] {
  const src = rule.SrcIPs.flatMap(read);
  const clip = (text: string): readonly AddressRange[] => read(text).flatMap((range) => intersect(range, served));
  const network = (rule.DstPorts ?? []).map(({ IP, Ports }) => ({
    src,
    dst: clip(IP),
    what: edges
      .filter((edge) => Ports.First <= edge && edge <= Ports.Last)
      .flatMap((edge) => (rule.IPProto ?? [1, 6, 17, 58]).map((protocol) => `port ${edge}… protocol ${protocol}`)),
  }));
  const apps = (rule.CapGrant ?? []).map(({ Dsts, CapMap }) => ({
    src,
    dst: Dsts.flatMap(clip),
    what: Object.entries(CapMap).map(([name, values]) => `${name} ${JSON.stringify(values)}`),
  }));
  return [...network, ...apps];
}

function read(text: string): readonly AddressRange[] {
  if (text === "*") return everywhere;
  const range = parseRange(text);
  if (range === undefined) throw new RangeError(`no address: ${text}`);
  return [range];
}

function intersect(range: AddressRange, others: readonly AddressRange[]): readonly AddressRange[] {
  return others
    .filter((other) => overlap(range, other))
    .map(({ first, last }) => ({
      family: range.family,
      first: first > range.first ? first : range.first,
      last: last < range.last ? last : range.last,
    }));
}

/** Ranges that do not overlap, such that each of the given is made of whole ones. */
function pieces(ranges: readonly AddressRange[]): readonly AddressRange[] {
  let done: readonly AddressRange[] = [];
  for (const range of ranges) {
    const cut = done.flatMap((piece) =>
      overlap(piece, range) ? [...intersect(piece, [range]), ...subtract([piece], range)] : [piece],
    );
    done = [...cut, ...done.reduce<readonly AddressRange[]>(subtract, [range])];
  }
  return done;
}

function within(all: readonly AddressRange[], ranges: readonly AddressRange[]): readonly string[] {
  return all.filter((piece) => ranges.some((range) => overlap(piece, range))).map(formatRange);
}
