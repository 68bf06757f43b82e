/** What the topology asks of one node. */
import { advertisedRoutes, type Cluster, clusterOf, type Mesh, type Node, type Tag } from "../mesh/mesh.ts";
import { tailscaleApi } from "../mesh/tailscale-api.ts";

export interface NodeSettings {
  /** `1.102.5`: installed where tailscale is missing or older. */
  readonly version: string;
  /** Seconds after which a risky change that nothing confirmed is taken back. */
  readonly undoAfter: number;
}

export interface DesiredNode {
  readonly node: Node;
  readonly cluster: Cluster;
  readonly tag: Tag;
  /** Control server for `--login-server`; null is Tailscale's own. */
  readonly loginServer: string | null;
  /** What a router advertises; empty on members. */
  readonly routes: readonly string[];
  /** Prefixes that may arrive from other devices: those of linked clusters and the topology's `accept`. */
  readonly acceptable: readonly string[];
  /** Prefixes that must have arrived once their routers serve them. */
  readonly expected: readonly string[];
  readonly settings: NodeSettings;
}

/** @throws RangeError never for a node of the mesh */
export function desiredNode(mesh: Mesh, node: Node, settings: NodeSettings): DesiredNode {
  const cluster = clusterOf(mesh, node.cluster);
  const present = mesh.clusters.filter((c) => c.state === "present");
  // one pass over the links: their number is the square of the clusters', and this is done for every node
  const own = mesh.links.filter((l) => l.from === cluster.name || l.to === cluster.name);
  const linked = new Set(own.flatMap((l) => [l.from, l.to]));
  const expected = present.filter((c) => c.name !== cluster.name && linked.has(c.name)).flatMap(advertisedRoutes);
  return {
    node,
    cluster,
    tag: cluster.tag,
    loginServer: mesh.tailnet.url === tailscaleApi ? null : mesh.tailnet.url,
    routes: node.role === "router" ? advertisedRoutes(cluster) : [],
    acceptable: [...present.flatMap(advertisedRoutes), ...mesh.accept.map((c) => c.text)],
    expected,
    settings,
  };
}
