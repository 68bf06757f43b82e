/** The address ranges that every tailnet has (Tailscale's documentation; the cut-out is ChromeOS' own, never given to devices). */
import { type AddressRange, parseRange, subtract } from "./address.ts";
import type { Server } from "./reading.ts";

/** What a source of `*` means, approved subnet routes aside. */
export const tailnetRanges: readonly AddressRange[] = ranges([
  "100.64.0.0-100.115.91.255",
  "100.115.94.0-100.127.255.255",
  "fd7a:115c:a1e0::/48",
]);

/** 100.64.0.0/10, which addresses of devices are given from. */
export const sharedRange: readonly AddressRange[] = ranges(["100.64.0.0/10"]);

export const everywhere: readonly AddressRange[] = ranges(["0.0.0.0/0", "::/0"]);

/** What `autogroup:internet` means: all addresses but those of private, local and tailnet use. */
export const internetRanges: readonly AddressRange[] = without([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/3",
]);

/** Headscale leaves fewer out (measured on 0.29): loopback, multicast and 0.0.0.0/8 count. */
const internetOnHeadscale: readonly AddressRange[] = without([
  "10.0.0.0/8",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
]);

/** `autogroup:internet`, as the server has it. */
export function internetOf(server: Server): readonly AddressRange[] {
  return server === "headscale" ? internetOnHeadscale : internetRanges;
}

function without(texts: readonly string[]): readonly AddressRange[] {
  return ranges(texts).reduce(subtract, ranges(["0.0.0.0/0", "2000::/3"]));
}

function ranges(texts: readonly string[]): readonly AddressRange[] {
  return texts.flatMap((text) => parseRange(text) ?? []);
}
