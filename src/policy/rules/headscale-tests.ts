/**
 * `tests` as Headscale runs them where devices are known: by the addresses that names stand for, not by the names.
 * Measured on 0.29's engine; what differs from Tailscale's: every prefix of the source must get through to some address of the
 * destination, and rules to own devices or by a router that must be taken count for nothing.
 */
import { type AddressRange, overlap, prefixesOf } from "./address.ts";
import type { Devices } from "./devices.ts";
import { defaultProtocols } from "./ports.ts";
import type { Located } from "./reading.ts";
import { destinationRanges, sourceRanges } from "./resolve.ts";
import type { Rule, Traffic } from "./rule.ts";
import { isRefusal, type Names, parseSelector, type Selector, strangerOf } from "./selector.ts";
import { internetOf, tailnetRanges } from "./tailnet.ts";

/** A side of a test: its addresses, or why it fails the test. */
export function addressesOf(names: Names, devices: Devices, { text }: Located): readonly AddressRange[] | string {
  const selector = parseSelector(names, text);
  if (isRefusal(selector)) return selector.message;
  if (selector.kind === "any") return tailnetRanges;
  if (selector.kind === "autogroup" && !["member", "tagged", "danger-all"].includes(selector.name))
    return `"${text}" cannot stand in a test`;
  const stranger = strangerOf(selector, devices);
  if (stranger !== undefined) return `there is no user "${stranger}"`;
  const ranges = sourceRanges(selector, devices);
  return ranges.length > 0 ? ranges : `"${text}" has no device, which fails a test on Headscale`;
}

export interface TestConnection {
  readonly src: readonly AddressRange[];
  readonly dst: readonly AddressRange[];
  readonly port: number;
  readonly protocol: number | "default";
}

export function getsThrough(rules: readonly Rule[] | undefined, devices: Devices, asked: TestConnection): boolean {
  if (rules === undefined) return true;
  const dst = prefixesOf(asked.dst);
  const counted = rules.filter((rule) => rule.via.length === 0);
  return prefixesOf(asked.src).every((source) =>
    counted.some(
      (rule) =>
        rule.src.some((selector) => sourceRanges(selector, devices).some((range) => overlap(range, source))) &&
        rule.traffic.some((traffic) => opens(traffic, dst, devices, asked)),
    ),
  );
}

function opens(
  { protocol: ruled, dst: targets }: Traffic,
  dst: readonly AddressRange[],
  devices: Devices,
  { port, protocol }: TestConnection,
): boolean {
  const wanted = protocol === "default" ? defaultProtocols : [protocol];
  if (ruled !== undefined && !wanted.includes(ruled)) return false;
  return targets.some(
    ({ selector, ports }) =>
      ports.some(({ first, last }) => first <= port && port <= last) &&
      (rangesOf(selector, devices)?.some((range) => dst.some((one) => overlap(range, one))) ?? true),
  );
}

/** undefined = any address. */
function rangesOf(selector: Selector, devices: Devices): readonly AddressRange[] | undefined {
  if (selector.kind !== "autogroup") return destinationRanges(selector, devices);
  if (selector.name === "self") return [];
  return selector.name === "internet" ? internetOf("headscale") : destinationRanges(selector, devices);
}
