/** Meshes for tests, without a topology file. */
import { Cidr } from "../../src/mesh/cidr.ts";
import type { Cluster, Link, Mesh, Node, Port, Tag } from "../../src/mesh/mesh.ts";

export function cidr(text: string): Cidr {
  const parsed = Cidr.parse(text);
  if (parsed === undefined) throw new Error(`not a prefix: ${text}`);
  return parsed;
}

export function sampleNode(name: string, cluster: string, more: Partial<Node> = {}): Node {
  return {
    name,
    cluster,
    address: "10.10.10.10",
    role: "router",
    k3s: "server",
    hostname: name,
    state: "present",
    ssh: {
      user: "ubuntu",
      host: "10.10.10.10",
      port: 22,
      hostKey: undefined,
      knownHosts: "known_hosts",
      jump: [],
      via: "direct",
    },
    ...more,
  };
}

/** Cluster `name` with pods 10.X.0.0/16 and services 10.X+1.0.0/16. */
export function sampleCluster(name: string, x: number, more: Partial<Cluster> = {}): Cluster {
  const tag: Tag = `tag:${name}`;
  return {
    name,
    tag,
    pods: cidr(`10.${x}.0.0/16`),
    services: cidr(`10.${x + 1}.0.0/16`),
    lan: undefined,
    underlayOnly: false,
    advertise: "cluster",
    state: "present",
    nodes: [sampleNode(`${name}-1`, name)],
    ...more,
  };
}

/** All ordered pairs, everything allowed. */
export function fullLinks(clusters: readonly Cluster[]): readonly Link[] {
  return clusters.flatMap((a) => clusters.filter((b) => b !== a).map((b) => ({ from: a.name, to: b.name, ports: [] })));
}

export function sampleMesh(
  clusters: readonly Cluster[] = [sampleCluster("homelab", 42), sampleCluster("oracle", 52)],
  more: Partial<Mesh> = {},
): Mesh {
  return {
    tailnet: { control: "headscale", url: "https://hs.example", name: "-", ownerTag: "tag:ci", ca: undefined },
    clusters,
    links: fullLinks(clusters),
    forbid: [],
    policyFiles: [],
    accept: [],
    ...more,
  };
}

export function port(protocol: Port["protocol"], first?: number, last?: number): Port {
  return { protocol, first, last };
}
