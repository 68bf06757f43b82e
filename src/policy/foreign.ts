/** Devices that the topology knows nothing of. */
import type { Mesh } from "../mesh/mesh.ts";
import type { Device } from "../ports/control.ts";

/** Devices that no cluster's tag covers: only the policy of others, or the default, gives them access. */
export function foreignDevices(devices: readonly Device[], mesh: Mesh): readonly Device[] {
  const tags: readonly string[] = mesh.clusters.map((c) => c.tag);
  return devices.filter((device) => !device.tags.some((tag) => tags.includes(tag)));
}
