/** The devices of a tailnet as the evaluator takes them, with the routers that the topology is about to add. */
import type { Mesh } from "../mesh/mesh.ts";
import type { Device } from "../ports/control.ts";
import { type AddressRange, isEverything, parseAddress, parsePrefix } from "./rules/address.ts";
import type { Devices, Device as JudgedDevice } from "./rules/devices.ts";

/** With more devices than this, one node of a cluster stands for those like it. */
const maxDevices = 150;

/**
 * Null: the devices could not be seen, and only what the topology says is known. Names are unique. `policies` are the texts
 * that the devices are judged by: a device whose address is in one of them is never left to another to stand for.
 */
export function liveDevices(devices: readonly Device[] | null, mesh: Mesh, policies: readonly string[]): Devices {
  const all = named(devices ?? []);
  const live = (all.length > maxDevices ? distinct(all, mesh, policies) : all).map(([name, one]) => judged(name, one));
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

/** Nodes of one cluster that serve nothing are alike to rules, addresses in them aside. */
function distinct(
  devices: readonly (readonly [string, Device])[],
  mesh: Mesh,
  policies: readonly string[],
): readonly (readonly [string, Device])[] {
  const tags: readonly string[] = mesh.clusters.map((cluster) => cluster.tag);
  const seen = new Set<string>();
  return devices.filter(([, { tags: own, enabledRoutes, advertisedRoutes, addresses }]) => {
    const [tag, ...more] = own;
    if (tag === undefined || more.length > 0 || !tags.includes(tag)) return true;
    if (enabledRoutes.length + advertisedRoutes.length > 0) return true;
    if (seen.has(tag) && !addresses.some((address) => policies.some((text) => text.includes(address)))) return false;
    seen.add(tag);
    return true;
  });
}

function judged(name: string, device: Device): JudgedDevice {
  const approved = prefixes(device.enabledRoutes);
  return {
    name,
    // Somebody owns it, even where the server does not say who.
    user: device.tags.length > 0 ? undefined : (device.user ?? `the owner of ${name}`),
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
