/** The two sides of a test, and whether a rule's selector covers one: from the rules alone, from devices where they are known. */
import { type AddressRange, covers, overlap } from "./address.ts";
import type { Device, Devices } from "./devices.ts";
import { isMeant, isUndecided } from "./resolve.ts";
import type { Selector } from "./selector.ts";
import { internetRanges, tailnetRanges } from "./tailnet.ts";

/** `maybe`: only the server, or a devices file, could tell. */
export type Answer = "yes" | "maybe" | "no";

/** Someone or something that a test names. */
export type Party =
  | { readonly kind: "user"; readonly name: string }
  | { readonly kind: "tag"; readonly name: string }
  | { readonly kind: "autogroup"; readonly name: string }
  | { readonly kind: "address"; readonly range: AddressRange };

const order: readonly Answer[] = ["no", "maybe", "yes"];

/** The weakest: what holds only when all hold. */
export function both(...answers: readonly Answer[]): Answer {
  return order.find((answer) => answers.includes(answer)) ?? "yes";
}

/** The strongest: what holds when one holds. */
export function either(answers: readonly Answer[]): Answer {
  return order.findLast((answer) => answers.includes(answer)) ?? "no";
}

/** Whom a selector names in a test; undefined where it cannot stand in one. */
export function partiesOf(selector: Selector): readonly Party[] | undefined {
  switch (selector.kind) {
    case "user":
    case "tag":
      return [selector];
    case "group":
      return selector.members.map((name) => ({ kind: "user", name }));
    case "ranges":
      return selector.ranges.map((range) => ({ kind: "address", range }));
    case "autogroup":
      return selector.name === "member" || selector.name === "tagged" ? [selector] : undefined;
    default:
      return undefined;
  }
}

/** The devices that a party has; undefined when devices are not known. */
export function devicesOf(party: Party, devices: Devices | undefined): readonly Device[] | undefined {
  if (party.kind !== "address") return devices?.nodes.filter((device) => isMeant(party, device));
  return devices?.nodes.filter((device) => device.addresses.some((address) => overlap(address, party.range)));
}

/** Whether a source of a rule holds for a party. */
export function coversSource(selector: Selector, party: Party, devices: Devices | undefined): Answer {
  if (selector.kind !== "any") return coversEither(selector, party, devices);
  if (party.kind !== "address") return "yes";
  const inside = [...tailnetRanges, ...(devices?.nodes.flatMap((device) => device.routes) ?? [])];
  if (covers(inside, party.range)) return "yes";
  return devices === undefined ? "maybe" : "no";
}

/** Whether a destination of a rule holds for a party, when `source` asks. */
export function coversTarget(selector: Selector, party: Party, source: Party, devices: Devices | undefined): Answer {
  if (selector.kind === "any") return "yes";
  if (selector.kind === "autogroup" && selector.name === "internet")
    return party.kind === "address" && covers(internetRanges, party.range) ? "yes" : "no";
  if (selector.kind === "autogroup" && selector.name === "self") return isSameUser(party, source, devices);
  return coversEither(selector, party, devices);
}

function isSameUser(party: Party, source: Party, devices: Devices | undefined): Answer {
  const user = userOf(party, devices);
  const asking = userOf(source, devices);
  if (user === undefined || asking === undefined) return "no";
  if (user === "unknown" || asking === "unknown") return "maybe";
  return user.name === asking.name ? "yes" : "no";
}

function userOf(party: Party, devices: Devices | undefined): { readonly name: string } | "unknown" | undefined {
  if (party.kind === "user") return party;
  if (party.kind === "tag") return undefined;
  if (party.kind === "autogroup" || devices === undefined) return "unknown";
  const user = devicesOf(party, devices)?.[0]?.user;
  return user === undefined ? undefined : { name: user };
}

function coversEither(selector: Selector, party: Party, devices: Devices | undefined): Answer {
  if (selector.kind === "autogroup" && selector.name === "danger-all") return "yes";
  if (isUndecided(selector)) return party.kind === "tag" && selector.kind === "autogroup" ? "no" : "maybe";
  if (isNamed(selector, party)) return "yes";
  if (selector.kind === "ranges" && party.kind === "address" && covers(selector.ranges, party.range)) return "yes";
  const own = devicesOf(party, devices);
  if (own === undefined) return needsDevices(selector, party) ? "maybe" : "no";
  const isEach = own.length > 0 && own.every((device) => isMeant(selector, device) || holds(selector, device));
  return isEach ? "yes" : "no";
}

/** A rule names the party itself, whatever devices there are. */
function isNamed(selector: Selector, party: Party): boolean {
  switch (party.kind) {
    case "user":
      return (
        (selector.kind === "user" && selector.name === party.name) ||
        (selector.kind === "group" && selector.members.includes(party.name)) ||
        (selector.kind === "domain" && party.name.endsWith(`@${selector.domain}`)) ||
        (selector.kind === "autogroup" && selector.name === "member")
      );
    case "tag":
      return (
        (selector.kind === "tag" && selector.name === party.name) ||
        (selector.kind === "autogroup" && selector.name === "tagged")
      );
    case "autogroup":
      return selector.kind === "autogroup" && selector.name === party.name;
    case "address":
      return false;
  }
}

function holds(selector: Selector, device: Device): boolean {
  return selector.kind === "ranges" && device.addresses.some((address) => covers(selector.ranges, address));
}

/** Between names and addresses only devices decide; between two names, or two addresses, the rules do. */
function needsDevices(selector: Selector, party: Party): boolean {
  if (party.kind === "address") return selector.kind !== "ranges" && covers(tailnetRanges, party.range);
  return selector.kind === "ranges";
}
