/** What each device lets in: a device's part of every rule, with the rule that it comes from. */
import { type AddressRange, covers, overlap } from "./address.ts";
import { companions } from "./capability.ts";
import type { Device, Devices } from "./devices.ts";
import type { PortRange } from "./ports.ts";
import type { Server } from "./reading.ts";
import { destinationRanges, isMeant, isUndecided, sourceRanges } from "./resolve.ts";
import type { Rule } from "./rule.ts";
import type { Selector } from "./selector.ts";
import { everywhere, internetOf } from "./tailnet.ts";

/** One thing that a device lets in. */
export interface Entry {
  /** undefined where no access rule is written and servers let everything through. */
  readonly rule: Rule | undefined;
  readonly src: readonly AddressRange[];
  readonly protocol: number | undefined;
  /** Address texts of filters are made of `range`; undefined = any. */
  readonly dst: readonly { readonly range: AddressRange | undefined; readonly ports: readonly PortRange[] }[];
  /** Capabilities for the addresses `capDst`; `null` parameters for companions. */
  readonly app: ReadonlyMap<string, unknown>;
  readonly capDst: readonly AddressRange[];
}

export type Access = ReadonlyMap<string, readonly Entry[]>;

/** Entries by device name. Rules that hold for certain postures only are left out, and so are sources that only the server knows. */
export function accessOf(rules: readonly Rule[], devices: Devices, server: Server): Access {
  const certain = rules.filter((rule) => !rule.isConditional);
  const plain = certain.map((rule) => ({ rule, src: rule.src.flatMap((selector) => sourceRanges(selector, devices)) }));
  return new Map(
    devices.nodes.map((device) => [
      device.name,
      plain.flatMap(({ rule, src }) => [
        ...plainEntries(rule, src, device, devices, server),
        ...selfEntries(rule, device, devices),
        ...companionEntries(rule, device, devices),
      ]),
    ]),
  );
}

/** Without any `acls` and `grants`, servers let everything through; Headscale from anywhere at all. */
export function openAccess(devices: Devices, server: Server): Access {
  const src = server === "headscale" ? everywhere : sourceRanges({ kind: "any" }, devices);
  const dst = [{ range: undefined, ports: [{ first: 0, last: 65535 }] }];
  const entry: Entry = { rule: undefined, src, protocol: undefined, dst, app: new Map(), capDst: [] };
  return new Map(devices.nodes.map((device) => [device.name, [entry]]));
}

function isSelf(selector: Selector): boolean {
  return selector.kind === "autogroup" && selector.name === "self";
}

function plainEntries(
  rule: Rule,
  src: readonly AddressRange[],
  device: Device,
  devices: Devices,
  server: Server,
): readonly Entry[] {
  if (src.length === 0 || (rule.via.length > 0 && !rule.via.some((tag) => device.tags.includes(tag)))) return [];
  const isVia = rule.via.length > 0;
  const network = rule.traffic.flatMap(({ protocol, dst }): readonly Entry[] => {
    const kept = dst.flatMap(({ selector, ports }) =>
      localPart(selector, device, devices, server, isVia).map((range) => ({ range, ports })),
    );
    return kept.length === 0 ? [] : [{ rule, src, protocol, dst: kept, app: new Map(), capDst: [] }];
  });
  const capDst = rule.app.dst.flatMap((selector) => capabilityPart(selector, device, devices, server, isVia));
  if (capDst.length === 0) return network;
  return [...network, { rule, src, protocol: undefined, dst: [], app: rule.app.capabilities, capDst: unique(capDst) }];
}

/** What of a destination concerns a device: its own addresses, and what it serves as a router or exit node. */
function localPart(
  selector: Selector,
  device: Device,
  devices: Devices,
  server: Server,
  isVia: boolean,
): readonly (AddressRange | undefined)[] {
  if (isSelf(selector) || isUndecided(selector)) return [];
  const internet = internetOf(server);
  if (selector.kind === "autogroup" && selector.name === "internet") return device.isExit ? internet : [];
  const ranges = destinationRanges(selector, devices);
  if (ranges === undefined) {
    // To Headscale, any is any device, and none of them lies behind a router (measured on 0.29).
    const isNone = isVia && (server === "headscale" || device.routes.length === 0);
    return isNone ? [] : [undefined];
  }
  const served = isVia ? device.routes : [...device.addresses, ...device.routes];
  // Headscale gives its exit nodes whatever lies in the internet (measured on 0.29).
  const isExit = server === "headscale" && device.isExit && !isVia;
  return ranges.filter((range) => served.some((one) => overlap(one, range)) || (isExit && covers(internet, range)));
}

/** Capabilities are about devices: any destination is each device's own addresses. */
function capabilityPart(
  selector: Selector,
  device: Device,
  devices: Devices,
  server: Server,
  isVia: boolean,
): readonly AddressRange[] {
  return localPart(selector, device, devices, server, isVia).flatMap((range) => range ?? device.addresses);
}

/** `autogroup:self`: from the devices of a user to the devices of the same user, tagged ones aside. */
function selfEntries(rule: Rule, device: Device, devices: Devices): readonly Entry[] {
  if (device.user === undefined) return [];
  const ports = rule.traffic.flatMap(({ protocol, dst }) => {
    const own = dst.filter(({ selector }) => isSelf(selector));
    return own.length === 0 ? [] : [{ protocol, dst: own }];
  });
  const isApp = rule.app.dst.some(isSelf);
  if (ports.length === 0 && !isApp) return [];
  const src = sameOwner(rule.src, device, devices);
  if (src.length === 0) return [];
  const network = ports.map(({ protocol, dst }): Entry => {
    const each = dst.flatMap((target) => device.addresses.map((range) => ({ range, ports: target.ports })));
    return { rule, src, protocol, dst: each, app: new Map(), capDst: [] };
  });
  if (!isApp) return network;
  const capDst = device.addresses;
  return [...network, { rule, src, protocol: undefined, dst: [], app: rule.app.capabilities, capDst }];
}

/** Addresses of the devices of a device's user, where the user is a source. */
function sameOwner(src: readonly Selector[], device: Device, devices: Devices): readonly AddressRange[] {
  const owned = devices.nodes.filter((other) => other.user !== undefined && other.user === device.user);
  return owned
    .filter((other) => src.some((selector) => selector.kind === "any" || isMeant(selector, other)))
    .flatMap((other) => other.addresses);
}

/** The second capability that some of Tailscale's own bring along, from the destinations back to the sources. */
function companionEntries(rule: Rule, device: Device, devices: Devices): readonly Entry[] {
  const names = [...rule.app.capabilities.keys()].sort().flatMap((name) => companions.get(name) ?? []);
  if (names.length === 0 || !isSource(rule.src, device)) return [];
  const plain = rule.app.dst.flatMap((selector) => (isSelf(selector) ? [] : sourceRanges(selector, devices)));
  const self = rule.app.dst.some(isSelf) && device.user !== undefined ? sameOwner(rule.src, device, devices) : [];
  return [plain, self]
    .filter((src) => src.length > 0)
    .flatMap((src) =>
      names.map(
        (name): Entry => ({
          rule,
          src,
          protocol: undefined,
          dst: [],
          app: new Map([[name, null]]),
          capDst: device.addresses,
        }),
      ),
    );
}

function isSource(src: readonly Selector[], device: Device): boolean {
  return src.some(
    (selector) =>
      selector.kind === "any" ||
      isMeant(selector, device) ||
      (selector.kind === "ranges" &&
        device.addresses.some((address) => selector.ranges.some((range) => overlap(range, address)))),
  );
}

function unique(ranges: readonly AddressRange[]): readonly AddressRange[] {
  return ranges.filter((range, i) => ranges.findIndex((r) => r.first === range.first && r.last === range.last) === i);
}
