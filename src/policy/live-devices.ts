/** The devices of a tailnet as the evaluator takes them, with the routers that the topology is about to add. */
import type { Mesh } from "../mesh/mesh.ts";
import type { Device } from "../ports/control.ts";
import { type AddressRange, isEverything, parseAddress, parsePrefix } from "./rules/address.ts";
import type { Devices, Device as JudgedDevice } from "./rules/devices.ts";

/** Null: the devices could not be seen, and only what the topology says is known. Names are unique. */
export function liveDevices(devices: readonly Device[] | null, mesh: Mesh): Devices {
  const live = named(devices ?? []).map(([name, device]) => judged(name, device));
  const planned = plannedRouters(mesh).filter((router) => !live.some((one) => one.name === router.name));
  return { users: [], nodes: [...live, ...planned] };
}

/** Every device with a name of its own: a label, with a number where two have the same. */
export function named(devices: readonly Device[]): readonly (readonly [string, Device])[] {
  const counts = new Map<string, number>();
  return devices.map((device) => {
    const label = device.label || device.hostname || device.id;
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    return [count === 1 ? label : `${label}#${count}`, device];
  });
}

function judged(name: string, device: Device): JudgedDevice {
  const approved = prefixes(device.enabledRoutes);
  return {
    name,
    user: device.tags.length > 0 ? undefined : (device.user ?? undefined),
    tags: device.tags,
    addresses: device.addresses.flatMap((text) => parseAddress(text) ?? []),
    routes: approved.filter((route) => !isEverything(route)),
    isExit: approved.some(isEverything),
    offered: prefixes(device.advertisedRoutes),
  };
}

/** Routers have no tailnet address before they join, but it is known what they will serve. */
function plannedRouters(mesh: Mesh): readonly JudgedDevice[] {
  return mesh.clusters
    .filter((cluster) => cluster.state === "present")
    .flatMap((cluster) => {
      const routes = prefixes([cluster.pods.text, cluster.services.text]);
      const routers = cluster.nodes.filter((node) => node.role === "router" && node.state === "present");
      return routers.map((node) => ({
        name: node.hostname,
        user: undefined,
        tags: [cluster.tag],
        addresses: [],
        routes,
        isExit: false,
        offered: routes,
      }));
    });
}

function prefixes(texts: readonly string[]): readonly AddressRange[] {
  return texts.flatMap((text) => parsePrefix(text) ?? []);
}
