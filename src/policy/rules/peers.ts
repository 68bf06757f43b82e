/** Who knows of whom: two devices are peers when one lets the other in, itself or what lies behind it. */
import type { Access, Entry } from "./access.ts";
import { overlap } from "./address.ts";
import type { Device, Devices } from "./devices.ts";

/** Names of the peers of each device, sorted. */
export function peersOf(access: Access, devices: Devices): ReadonlyMap<string, readonly string[]> {
  const letsIn = new Map(
    devices.nodes.map((device) => {
      const entries = access.get(device.name) ?? [];
      return [device.name, new Set(devices.nodes.filter((other) => admits(entries, other)).map((other) => other.name))];
    }),
  );
  return new Map(
    devices.nodes.map(({ name }) => {
      const peers = devices.nodes.filter(
        (other) => other.name !== name && (letsIn.get(name)?.has(other.name) || letsIn.get(other.name)?.has(name)),
      );
      return [name, peers.map((other) => other.name).sort()];
    }),
  );
}

function admits(entries: readonly Entry[], other: Device): boolean {
  const reach = [...other.addresses, ...other.routes];
  return entries.some((entry) => entry.src.some((range) => reach.some((one) => overlap(one, range))));
}
