/** Which devices of the control server belong to the topology. */
import type { Mesh } from "../mesh/mesh.ts";
import { tailscaleNodes } from "../mesh/mesh.ts";
import type { Device } from "../ports/control.ts";

/** Devices that are no node of the mesh: people's laptops, other servers. */
export function foreignDevices(devices: readonly Device[], mesh: Mesh): readonly Device[] {
  const tags = new Set<string>(mesh.clusters.map((c) => c.tag));
  const names = new Set(tailscaleNodes(mesh).map((n) => n.hostname));
  return devices.filter((d) => !d.tags.some((t) => tags.has(t)) && !names.has(d.hostname));
}
