/** Who gains and who loses access between two policies: exact to the address, port and protocol, then said in few words. */
import type { Access, Entry } from "./access.ts";
import { type AddressRange, covers, formatRange, overlap, subtract } from "./address.ts";
import type { Device, Devices } from "./devices.ts";
import { defaultProtocols, type PortRange } from "./ports.ts";
import { portText, targetText } from "./reach.ts";
import { everywhere, tailnetRanges } from "./tailnet.ts";

/** A policy's access, and the devices it was judged for. */
export interface Judged {
  readonly access: Access;
  readonly devices: Devices;
}

/** What some reach of a device in one of the two policies and not in the other. */
export interface AccessChange {
  /** Names of devices; ranges where they are nobody's. */
  readonly from: readonly string[];
  readonly device: string;
  readonly target: string;
  /** `443`, `tcp:22`, `*`, or `app NAME`. */
  readonly what: string;
}

export interface AccessChanges {
  readonly gained: readonly AccessChange[];
  readonly lost: readonly AccessChange[];
}

/** A destination and its ports, of one protocol. */
interface Box {
  readonly range: AddressRange;
  readonly ports: PortRange;
}

/** Someone who sends: a device, or a range that is no device's. */
interface Sender {
  readonly name: string;
  readonly ranges: readonly AddressRange[];
}

/** Empty both ways where the two let the same through, however they are written. */
export function accessChanges(before: Judged, after: Judged): AccessChanges {
  return { gained: difference(after, before), lost: difference(before, after) };
}

/** What `one` lets through and `other` does not. */
function difference(one: Judged, other: Judged): readonly AccessChange[] {
  const senders = sendersOf(one, other);
  return one.devices.nodes.flatMap((device) => {
    const here = one.access.get(device.name) ?? [];
    const there = other.access.get(device.name) ?? [];
    const rows = new Map<string, { change: Omit<AccessChange, "from">; from: string[] }>();
    for (const sender of senders) {
      if (sender.name === device.name) continue;
      for (const change of fromSender(sender, device, here, there)) {
        const key = JSON.stringify([change.target, change.what]);
        const row = rows.get(key) ?? { change, from: [] };
        row.from.push(sender.name);
        rows.set(key, row);
      }
    }
    return [...rows.values()].map(({ change, from }) => ({ ...change, from }));
  });
}

function fromSender(
  sender: Sender,
  device: Device,
  here: readonly Entry[],
  there: readonly Entry[],
): readonly Omit<AccessChange, "from">[] {
  const own = here.filter((entry) => admits(entry, sender));
  if (own.length === 0) return [];
  const others = there.filter((entry) => admits(entry, sender));
  const left = new Map<string, { box: Box; protocols: number[] }>();
  for (const protocol of new Set(own.flatMap(protocolsOf))) {
    const taken = boxesOf(others, protocol);
    for (const box of taken.reduce(subtractBox, boxesOf(own, protocol))) {
      const key = `${formatRange(box.range)} ${box.ports.first}-${box.ports.last}`;
      const same = left.get(key) ?? { box, protocols: [] };
      if (!same.protocols.includes(protocol)) same.protocols.push(protocol);
      left.set(key, same);
    }
  }
  const network = [...left.values()].flatMap(({ box, protocols }) => {
    const isDefault = defaultProtocols.every((protocol) => protocols.includes(protocol));
    const rest = isDefault ? protocols.filter((protocol) => !defaultProtocols.includes(protocol)) : protocols;
    return [...(isDefault ? [undefined] : []), ...rest]
      .map((protocol) => portText(protocol, box.ports))
      .map((what) => ({
        device: device.name,
        target: targetText(device, isWhole(box.range) ? undefined : box.range),
        what,
      }));
  });
  const known = new Set(others.flatMap((entry) => [...entry.app.keys()]));
  const apps = [...new Set(own.flatMap((entry) => [...entry.app.keys()]))]
    .filter((name) => !known.has(name))
    .map((name) => ({ device: device.name, target: "itself", what: `app ${name}` }));
  return uniqueRows([...network, ...apps]);
}

/** Every device, and what else is a source in either, cut so that each piece is wholly in or out of every source. */
function sendersOf(one: Judged, other: Judged): readonly Sender[] {
  const devices = one.devices.nodes.map(({ name, addresses }) => ({ name, ranges: addresses }));
  const addresses = one.devices.nodes.flatMap((device) => device.addresses);
  const sources = [one, other].flatMap(({ access }) => [...access.values()].flat().flatMap((entry) => entry.src));
  // Addresses of the tailnet that no device has send nothing.
  const foreign = [...tailnetRanges, ...addresses].reduce(subtract, distinct(sources));
  return [...devices, ...pieces(foreign).map((range) => ({ name: formatRange(range), ranges: [range] }))];
}

function admits(entry: Entry, { ranges }: Sender): boolean {
  return ranges.some((range) => covers(entry.src, range));
}

function protocolsOf(entry: Entry): readonly number[] {
  return entry.protocol === undefined ? defaultProtocols : [entry.protocol];
}

function boxesOf(entries: readonly Entry[], protocol: number): readonly Box[] {
  return entries
    .filter((entry) => protocolsOf(entry).includes(protocol))
    .flatMap((entry) => entry.dst)
    .flatMap(({ range, ports }) =>
      (range === undefined ? everywhere : [range]).flatMap((one) => ports.map((some) => ({ range: one, ports: some }))),
    );
}

/** What is left of boxes without another: up to two pieces beside it in addresses, up to two in ports. */
function subtractBox(boxes: readonly Box[], taken: Box): readonly Box[] {
  return boxes.flatMap((box): readonly Box[] => {
    const { range, ports } = box;
    const isApart = ports.first > taken.ports.last || taken.ports.first > ports.last;
    if (isApart || !overlap(range, taken.range)) return [box];
    const first = range.first > taken.range.first ? range.first : taken.range.first;
    const last = range.last < taken.range.last ? range.last : taken.range.last;
    return [
      ...(range.first < first ? [{ range: { ...range, last: first - 1n }, ports }] : []),
      ...(range.last > last ? [{ range: { ...range, first: last + 1n }, ports }] : []),
      ...(ports.first < taken.ports.first
        ? [{ range: { ...range, first, last }, ports: { first: ports.first, last: taken.ports.first - 1 } }]
        : []),
      ...(ports.last > taken.ports.last
        ? [{ range: { ...range, first, last }, ports: { first: taken.ports.last + 1, last: ports.last } }]
        : []),
    ];
  });
}

/** Ranges cut at each other's ends. */
function pieces(ranges: readonly AddressRange[]): readonly AddressRange[] {
  return ([4, 6] as const).flatMap((family) => {
    const own = ranges.filter((range) => range.family === family);
    const cuts = [...new Set(own.flatMap((range) => [range.first, range.last + 1n]))].sort((a, b) => (a < b ? -1 : 1));
    return cuts
      .slice(0, -1)
      .map((first, i) => ({ family, first, last: (cuts[i + 1] ?? first + 1n) - 1n }))
      .filter((piece) => own.some((range) => overlap(range, piece)));
  });
}

function isWhole(range: AddressRange): boolean {
  return everywhere.some((all) => all.family === range.family && all.first === range.first && all.last === range.last);
}

function distinct(ranges: readonly AddressRange[]): readonly AddressRange[] {
  return [...new Map(ranges.map((range) => [formatRange(range), range])).values()];
}

function uniqueRows<T extends { readonly target: string; readonly what: string }>(rows: readonly T[]): readonly T[] {
  return [...new Map(rows.map((row) => [JSON.stringify([row.target, row.what]), row])).values()];
}
