/** The example mesh of the design as values, for tests that do not care how it was parsed. */
import { Cidr } from "../../src/mesh/cidr.ts";
import type { Cluster, Mesh, Node, Role } from "../../src/mesh/mesh.ts";

export function cidr(text: string): Cidr {
  const parsed = Cidr.parse(text);
  if (!parsed) throw new RangeError(text);
  return parsed;
}

export function node(name: string, cluster: string, address: string, role: Role, more: Partial<Node> = {}): Node {
  return {
    name,
    cluster,
    address,
    role,
    k3s: role === "router" ? "server" : "agent",
    hostname: name,
    state: "present",
    ssh: {
      user: "root",
      host: address,
      port: 22,
      hostKey: undefined,
      knownHosts: "known_hosts",
      jump: [],
      via: "direct",
    },
    ...more,
  };
}

export function cluster(
  name: string,
  pods: string,
  services: string,
  nodes: readonly Node[],
  more: Partial<Cluster> = {},
): Cluster {
  return {
    name,
    tag: `tag:${name}`,
    pods: cidr(pods),
    services: cidr(services),
    lan: undefined,
    underlayOnly: false,
    advertise: "cluster",
    state: "present",
    nodes,
    ...more,
  };
}

/** homelab-1 router, homelab-2 member, oracle-1 router; linked both ways; Headscale. */
export function exampleMesh(more: Partial<Mesh> = {}): Mesh {
  return {
    tailnet: { control: "headscale", url: "https://hs.lab.test", name: "-", ownerTag: "tag:ci", ca: undefined },
    clusters: [
      cluster("homelab", "10.42.0.0/16", "10.43.0.0/16", [
        node("homelab-1", "homelab", "10.10.10.10", "router"),
        node("homelab-2", "homelab", "10.10.10.11", "member"),
      ]),
      cluster("oracle", "10.52.0.0/16", "10.53.0.0/16", [node("oracle-1", "oracle", "10.0.0.26", "router")]),
    ],
    links: [
      { from: "homelab", to: "oracle", ports: [] },
      { from: "oracle", to: "homelab", ports: [] },
    ],
    forbid: [],
    policyFiles: [],
    accept: [],
    ...more,
  };
}
