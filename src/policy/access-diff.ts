/** Who gains and who loses access to what between two policies, as the evaluator sees them. */
import { positionAt } from "../hujson/tree.ts";
import type { Entry } from "./rules/access.ts";
import { type AddressRange, covers, formatRange, overlap } from "./rules/address.ts";
import type { Device, Devices } from "./rules/devices.ts";
import type { Evaluation } from "./rules/evaluate.ts";
import { allPorts, defaultProtocols, hasPorts, type PortRange, protocolName } from "./rules/ports.ts";
import type { Rule } from "./rules/rule.ts";
import { tailnetRanges } from "./rules/tailnet.ts";

export interface AccessChange {
  readonly kind: "gains" | "loses";
  /** Names of devices, or addresses that are nobody's. */
  readonly from: readonly string[];
  /** `homelab-1`, `homelab-1: 10.42.0.0/16`. */
  readonly to: readonly string[];
  /** `tcp:443`, `*`, `app example.com/cap`. */
  readonly ports: string;
  /** Of the rule that gives it, in the new policy, or that gave it, in the old one; undefined where none was written. */
  readonly line: number | undefined;
}

/**
 * Exact by ports; equal changes of several devices are one. In the order of devices, losses first. In a large tailnet one
 * device stands for all of its kind: `hasAll` is false then.
 */
export function accessDiff(before: Evaluation, after: Evaluation): readonly AccessChange[] {
  const shown = shownDevices(after.devices);
  const [old, now] = [grantsOf(before, shown), grantsOf(after, shown)];
  return [...grouped("loses", missing(old, now)), ...grouped("gains", missing(now, old))];
}

/** More devices than this are not compared one by one with each other. */
const maxDevices = 150;

/** Whether every device is compared, and not one of each kind. */
export function hasAll(devices: Devices | undefined): boolean {
  return (devices?.nodes.length ?? 0) <= maxDevices;
}

/** All; of a large tailnet those that serve routes, and one of each owner and set of tags. */
function shownDevices(devices: Devices | undefined): ReadonlySet<string> {
  const nodes = devices?.nodes ?? [];
  if (hasAll(devices)) return new Set(nodes.map(({ name }) => name));
  const plain = nodes.filter(({ routes, isExit }) => routes.length === 0 && !isExit);
  const kinds = new Map(plain.toReversed().map((one) => [JSON.stringify([one.user, one.tags]), one.name]));
  return new Set([...nodes.filter((one) => !plain.includes(one)).map(({ name }) => name), ...kinds.values()]);
}

/** What one source may do at one target. */
interface Grant {
  readonly from: string;
  readonly source: readonly AddressRange[];
  readonly device: string;
  readonly to: string;
  /** What lies behind the device; undefined = the device itself. */
  readonly target: AddressRange | undefined;
  readonly pieces: readonly Piece[];
}

interface Piece {
  /** IP protocol, or the name of a capability. */
  readonly protocol: number | string;
  readonly range: PortRange;
  readonly line: number | undefined;
}

/** Grants of each device. */
type Grants = ReadonlyMap<string, readonly Grant[]>;

function grantsOf({ devices, document, access }: Evaluation, shown: ReadonlySet<string>): Grants {
  // Entries of one rule share their sources, on every device.
  const lines = new Map<Rule, number>();
  const senders = new Map<readonly AddressRange[], readonly Source[]>();
  const lineOf = (rule: Rule | undefined): number | undefined => {
    if (rule === undefined || document === undefined) return undefined;
    const line = lines.get(rule) ?? positionAt(document.bytes, rule.node.start).line;
    lines.set(rule, line);
    return line;
  };
  const sourcesOf = (src: readonly AddressRange[]): readonly Source[] => {
    const known = senders.get(src) ?? (devices === undefined ? [] : findSources(src, devices, shown));
    senders.set(src, known);
    return known;
  };
  const compared = (devices?.nodes ?? []).filter(({ name }) => shown.has(name));
  const all = compared.map((device) => {
    const found = new Map<string, Grant>();
    for (const entry of access.get(device.name) ?? []) {
      const sources = sourcesOf(entry.src).filter(({ from }) => from !== device.name);
      for (const { to, target, pieces } of piecesOf(entry, device, lineOf(entry.rule))) {
        for (const { from, source } of sources) {
          const key = JSON.stringify([from, to]);
          const known = found.get(key)?.pieces ?? [];
          found.set(key, { from, source, device: device.name, to, target, pieces: [...known, ...pieces] });
        }
      }
    }
    return [device.name, [...found.values()]] as const;
  });
  return new Map(all);
}

interface Source {
  readonly from: string;
  readonly source: readonly AddressRange[];
}

/** Other devices by name, and what is no device's: prefixes behind routers, networks outside. */
function findSources(src: readonly AddressRange[], devices: Devices, shown: ReadonlySet<string>): readonly Source[] {
  const named = devices.nodes.filter(
    ({ name, addresses }) => shown.has(name) && addresses.some((address) => isInside(address, src)),
  );
  const own = devices.nodes.flatMap(({ addresses }) => addresses);
  const outside = src.filter(
    (range) => !own.some((address) => overlap(range, address)) && !isInside(range, tailnetRanges),
  );
  const texts = new Map(outside.map((range) => [formatRange(range), range]));
  return [
    ...named.map((other) => ({ from: other.name, source: other.addresses })),
    ...[...texts].map(([from, range]) => ({ from, source: [range] })),
  ];
}

interface Target extends Pick<Grant, "to" | "target"> {
  readonly pieces: readonly Piece[];
}

function piecesOf(entry: Entry, device: Device, line: number | undefined): readonly Target[] {
  const network = entry.dst.flatMap(({ range, ports }) => {
    const protocols = entry.protocol === undefined ? defaultProtocols : [entry.protocol];
    const pieces = protocols.flatMap((protocol) =>
      (hasPorts(protocol) ? ports : [allPorts]).map((one): Piece => ({ protocol, range: one, line })),
    );
    return targetsOf(range, device).map((target) => ({ ...target, pieces }));
  });
  if (entry.app.size === 0) return network;
  const apps = [...entry.app.keys()].map((name): Piece => ({ protocol: name, range: allPorts, line }));
  return [...network, { to: device.name, target: undefined, pieces: apps }];
}

/** A destination as the device itself and the routes behind it, so that `*` and a prefix can be compared. */
function targetsOf(range: AddressRange | undefined, device: Device): readonly Pick<Grant, "to" | "target">[] {
  const isOwn = range === undefined || device.addresses.some((address) => overlap(range, address));
  const inside = device.routes.flatMap((route) => {
    if (range === undefined || covers([range], route)) return [route];
    return overlap(range, route) ? [range] : [];
  });
  const exit = device.isExit && range === undefined ? [{ to: `${device.name}: the internet`, target: undefined }] : [];
  return [
    ...(isOwn ? [{ to: device.name, target: undefined }] : []),
    ...inside.map((target) => ({ to: `${device.name}: ${formatRange(target)}`, target })),
    ...exit,
  ];
}

/** What of `all` is not in `other`. */
function missing(all: Grants, other: Grants): readonly Grant[] {
  return [...all].flatMap(([device, grants]) => {
    const rivals = other.get(device) ?? [];
    const exact = new Map(rivals.map((one) => [JSON.stringify([one.from, one.to]), one]));
    return grants.flatMap((grant) => {
      const twin = exact.get(JSON.stringify([grant.from, grant.to]));
      const first = piecesWithout(distinct(grant.pieces), twin?.pieces ?? []);
      if (first.length === 0) return [];
      const wider = rivals.filter((one) => one !== twin && includes(one, grant)).flatMap(({ pieces }) => pieces);
      const left = piecesWithout(first, wider);
      return left.length === 0 ? [] : [{ ...grant, pieces: left }];
    });
  });
}

function piecesWithout(pieces: readonly Piece[], taken: readonly Piece[]): readonly Piece[] {
  return pieces.flatMap((piece) =>
    taken
      .filter((one) => one.protocol === piece.protocol)
      .reduce<readonly PortRange[]>((rest, { range }) => without(rest, range), [piece.range])
      .map((range): Piece => ({ ...piece, range })),
  );
}

/** The one is about the same source and target, or about more. */
function includes(one: Grant, grant: Grant): boolean {
  const isSource = one.from === grant.from || grant.source.every((range) => isInside(range, one.source));
  if (!isSource || one.to === grant.to) return isSource;
  return one.target !== undefined && grant.target !== undefined && isInside(grant.target, [one.target]);
}

/** All of it is in one of the ranges. */
function isInside(inner: AddressRange, ranges: readonly AddressRange[]): boolean {
  return ranges.some(
    ({ family, first, last }) => family === inner.family && first <= inner.first && inner.last <= last,
  );
}

/** A port that two rules open counts for the first. */
function distinct(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.flatMap((piece, i) => piecesWithout([piece], pieces.slice(0, i)));
}

function without(ranges: readonly PortRange[], taken: PortRange): readonly PortRange[] {
  return ranges.flatMap((range) => {
    if (taken.last < range.first || range.last < taken.first) return [range];
    const left = range.first < taken.first ? [{ first: range.first, last: taken.first - 1 }] : [];
    const right = range.last > taken.last ? [{ first: taken.last + 1, last: range.last }] : [];
    return [...left, ...right];
  });
}

/** One change for all sources that lose or gain the same at the same targets. */
function grouped(kind: AccessChange["kind"], grants: readonly Grant[]): readonly AccessChange[] {
  const single = grants.flatMap(({ from, to, pieces }) => {
    const byLine = Map.groupBy(pieces, (piece) => piece.line);
    return [...byLine].map(([line, some]) => ({ from, to, line, ports: portsText(some) }));
  });
  const byTarget = Map.groupBy(single, ({ from, line, ports }) => JSON.stringify([from, line ?? null, ports]));
  const rows = [...byTarget.values()].flatMap((list) => {
    const [first] = list;
    return first === undefined ? [] : [{ ...first, to: [...new Set(list.map(({ to }) => to))] }];
  });
  const bySource = Map.groupBy(rows, ({ to, line, ports }) => JSON.stringify([to, line ?? null, ports]));
  return [...bySource.values()].flatMap((list): readonly AccessChange[] => {
    const [first] = list;
    if (first === undefined) return [];
    return [{ kind, from: list.map(({ from }) => from), to: first.to, ports: first.ports, line: first.line }];
  });
}

function portsText(pieces: readonly Piece[]): string {
  const byProtocol = [...Map.groupBy(pieces, (piece) => piece.protocol)];
  const texts = byProtocol.map(([protocol, some]) => [protocol, rangesText(some.map(({ range }) => range))] as const);
  const [first] = texts;
  const isWhole =
    texts.length === defaultProtocols.length &&
    texts.every(([protocol, text]) => defaultProtocols.some((p) => p === protocol) && text === first?.[1]);
  if (isWhole && first?.[1] === "*") return "*";
  return texts
    .map(([protocol, text]) => {
      if (typeof protocol === "string") return `app ${protocol}`;
      return hasPorts(protocol) ? `${protocolName(protocol)}:${text}` : protocolName(protocol);
    })
    .join(", ");
}

function rangesText(ranges: readonly PortRange[]): string {
  return ranges
    .map(({ first, last }) => {
      if (first === allPorts.first && last === allPorts.last) return "*";
      return first === last ? `${first}` : `${Math.max(first, 1)}-${last}`;
    })
    .join(",");
}
