/** Questions to an evaluated policy: may this address reach that one, and who reaches what by which rule. */

import type { Document } from "../../hujson/tree.ts";
import { positionAt } from "../../hujson/tree.ts";
import type { Access, Entry } from "./access.ts";
import { type AddressRange, covers, formatRange, overlap, parseAddress } from "./address.ts";
import type { Device, Devices } from "./devices.ts";
import { allPorts, defaultProtocols, type PortRange, protocolName } from "./ports.ts";
import { rangeTexts } from "./resolve.ts";
import type { Rule } from "./rule.ts";

/** A connection that may or may not be let through. */
export interface Connection {
  /** Addresses of a device, or behind one. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** IP protocol number; 6 is TCP. */
  readonly protocol: number;
}

/**
 * Whether a device lets a connection in: the one that has the address `to`, or one that serves a route to it.
 * Only what is certain counts: no rule of certain postures, no source that only the server knows.
 */
export function canReach(access: Access, devices: Devices, connection: Connection): boolean {
  return allowing(access, devices, connection).length > 0;
}

/** The rules that let a connection in; undefined for the one that servers assume where a policy has none. */
export function allowing(access: Access, devices: Devices, connection: Connection): readonly (Rule | undefined)[] {
  const from = parseAddress(connection.from);
  const to = parseAddress(connection.to);
  if (from === undefined || to === undefined) return [];
  const entries = receivers(devices, to).flatMap((device) => access.get(device.name) ?? []);
  return [...new Set(entries.filter((entry) => lets(entry, from, to, connection)).map((entry) => entry.rule))];
}

/** The device that has the address; else those that serve the narrowest approved route to it; else exit nodes. */
function receivers(devices: Devices, to: AddressRange): readonly Device[] {
  const own = devices.nodes.filter((device) => device.addresses.some((address) => overlap(address, to)));
  if (own.length > 0) return own;
  const routes = devices.nodes.flatMap((device) => device.routes).filter((route) => overlap(route, to));
  const sizes = routes.map((route) => route.last - route.first);
  const narrowest = sizes.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
  if (narrowest === undefined) return devices.nodes.filter((device) => device.isExit);
  return devices.nodes.filter((device) =>
    device.routes.some((route) => overlap(route, to) && route.last - route.first === narrowest),
  );
}

function lets(entry: Entry, from: AddressRange, to: AddressRange, { port, protocol }: Connection): boolean {
  const isProtocol = entry.protocol === undefined ? defaultProtocols.includes(protocol) : entry.protocol === protocol;
  if (!isProtocol || !covers(entry.src, from)) return false;
  return entry.dst.some(
    ({ range, ports }) =>
      (range === undefined || covers([range], to)) && ports.some(({ first, last }) => first <= port && port <= last),
  );
}

/** One line of "who reaches what". */
export interface ReachRow {
  /** Names of devices; addresses where they are nobody's. */
  readonly from: readonly string[];
  readonly device: string;
  /** What of it: its own addresses, all that it lets through, or what lies behind it. */
  readonly target: string;
  readonly ports: string;
  /** Line of the rule in the policy; undefined where no rule is written. */
  readonly line: number | undefined;
}

/** Who reaches what, on which ports, by which line; in the order of devices and of the file. */
export function reachRows(document: Document, access: Access, devices: Devices): readonly ReachRow[] {
  return devices.nodes.flatMap((device) =>
    (access.get(device.name) ?? []).flatMap((entry) => {
      const line = entry.rule === undefined ? undefined : positionAt(document.bytes, entry.rule.node.start).line;
      const from = sourceNames(entry.src, device, devices);
      if (from.length === 0) return [];
      const apps = entry.app.size === 0 ? [] : [{ target: "itself", ports: `app ${[...entry.app.keys()].join(", ")}` }];
      const targets = new Map<string, Set<string>>();
      for (const { range, ports } of entry.dst) {
        const target = targetText(device, range);
        const known = targets.get(target) ?? new Set();
        for (const one of ports) known.add(portText(entry.protocol, one));
        targets.set(target, known);
      }
      const network = [...targets].map(([target, ports]) => ({ target, ports: [...ports].join(", ") }));
      return [...network, ...apps].map((row) => ({ from, device: device.name, line, ...row }));
    }),
  );
}

function sourceNames(src: readonly AddressRange[], device: Device, devices: Devices): readonly string[] {
  const named = devices.nodes.filter((other) => other.addresses.some((address) => covers(src, address)));
  const addresses = devices.nodes.flatMap((other) => other.addresses);
  const isNobodys = (range: AddressRange): boolean => !addresses.some((address) => overlap(address, range));
  const others = named.map((other) => other.name).filter((name) => name !== device.name);
  return [...others, ...rangeTexts(src.filter(isNobodys))];
}

/** What of a device a range is: itself, what lies behind it, or both. */
export function targetText(device: Device, range: AddressRange | undefined): string {
  if (range === undefined) return device.routes.length === 0 && !device.isExit ? "itself" : "itself and behind it";
  return device.addresses.some((address) => covers([range], address)) ? "itself" : formatRange(range);
}

/** `443`, `80-443`, `*`, with the protocol before them where it is one. */
export function portText(protocol: number | undefined, { first, last }: PortRange): string {
  const ports =
    first === allPorts.first && last === allPorts.last ? "*" : first === last ? `${first}` : `${first}-${last}`;
  return protocol === undefined ? ports : `${protocolName(protocol)}:${ports}`;
}
