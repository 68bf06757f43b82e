/** From selectors to the devices and addresses that they mean. */
import { type AddressRange, formatRange } from "./address.ts";
import type { Device, Devices } from "./devices.ts";
import { isServerKnown, type Selector } from "./selector.ts";
import { everywhere, internetRanges, tailnetRanges } from "./tailnet.ts";

/** True where only the server knows whom this means. */
export function isUndecided(selector: Selector): boolean {
  return selector.kind === "service" || (selector.kind === "autogroup" && isServerKnown(selector.name));
}

/** True for a device that a selector names by who it is; addresses are another matter. */
export function isMeant(selector: Selector, device: Device): boolean {
  switch (selector.kind) {
    case "user":
      return device.user === selector.name;
    case "domain":
      return device.user?.endsWith(`@${selector.domain}`) ?? false;
    case "group":
      return device.user !== undefined && selector.members.includes(device.user);
    case "tag":
      return device.tags.includes(selector.name);
    case "autogroup":
      if (selector.name === "member") return device.user !== undefined;
      return selector.name === "tagged" && device.tags.length > 0;
    default:
      return false;
  }
}

/** Addresses that a selector means as a source: of devices their own, never what lies behind their routes. */
export function sourceRanges(selector: Selector, devices: Devices): readonly AddressRange[] {
  if (selector.kind === "any") return [...tailnetRanges, ...devices.nodes.flatMap((device) => device.routes)];
  if (selector.kind === "ranges") return selector.ranges;
  if (selector.kind === "autogroup" && selector.name === "danger-all") return everywhere;
  return devices.nodes.filter((device) => isMeant(selector, device)).flatMap((device) => device.addresses);
}

/** Addresses that a selector means as a destination; undefined = any at all, which filters spell `*`. */
export function destinationRanges(selector: Selector, devices: Devices): readonly AddressRange[] | undefined {
  if (selector.kind === "any") return undefined;
  if (selector.kind === "ranges") return selector.ranges;
  if (selector.kind === "autogroup" && selector.name === "internet") return internetRanges;
  return devices.nodes.filter((device) => isMeant(selector, device)).flatMap((device) => device.addresses);
}

/** The same texts, each once, in the order of filters. */
export function rangeTexts(ranges: readonly AddressRange[]): readonly string[] {
  return [...new Set(ranges.map(formatRange))].sort();
}
