// The lab's own topology file: which clusters of which machines to build. Not to be mistaken for tailmesh.yaml, which is made from it.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as yaml from "yaml";
import * as z from "zod";
import { source } from "./paths.ts";

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,11}$/, "at most 12 characters: it becomes part of an interface's name");

const NodeSchema = z.strictObject({
  address: z.ipv4(),
  /** What tailmesh.yaml says; absent: its own default. */
  role: z.enum(["router", "member", "plain"]).optional(),
  /** Default: the first node is the server. */
  k3s: z.enum(["server", "agent"]).optional(),
  /** `reject`: a host firewall as cloud images have it, that ends in REJECT. */
  firewall: z.enum(["open", "reject"]).default("open"),
});

const ClusterSchema = z.strictObject({
  /** A /24; its first address is the gateway. */
  lan: z.string().regex(/^\d+\.\d+\.\d+\.0\/24$/),
  pods: z.cidrv4(),
  services: z.string().regex(/^\d+\.\d+\.\d+\.0\/\d+$/),
  /** False: config.yaml names no CIDR, so K3s' own defaults are in force. */
  "write-cidrs": z.boolean().default(true),
  nodes: z.record(name, NodeSchema),
});

const FileSchema = z.strictObject({
  /** Every LAN behind its own address translation: peers are relayed. */
  nat: z.boolean().default(false),
  clusters: z.record(name, ClusterSchema),
});

export interface LabNode {
  readonly name: string;
  readonly cluster: string;
  readonly address: string;
  readonly role: "router" | "member" | "plain";
  readonly statedRole: "router" | "member" | "plain" | undefined;
  readonly k3s: "server" | "agent";
  readonly firewall: "open" | "reject";
}

export interface LabCluster {
  readonly name: string;
  readonly lan: string;
  readonly gateway: string;
  readonly bridge: string;
  readonly pods: string;
  readonly services: string;
  readonly dns: string;
  readonly writeCidrs: boolean;
  readonly nodes: readonly LabNode[];
}

export interface LabTopology {
  readonly name: string;
  readonly nat: boolean;
  readonly clusters: readonly LabCluster[];
  readonly nodes: readonly LabNode[];
}

/** The "internet" between the sites (RFC 2544), the control servers, the issuer of ID tokens, the resolver and the machine that actions run on. */
export const internet = {
  gateway: "198.18.0.1",
  control: "198.18.0.10",
  /** The same control server behind Tailscale's v2 API, and behind that of Headscale 0.30. */
  tailscaleV2: "198.18.0.11",
  headscaleV2: "198.18.0.12",
  issuer: "198.18.0.13",
  resolver: "198.18.0.53",
  runner: "198.18.0.100",
  translated: (index: number): string => `198.18.0.${21 + index}`,
  controlName: "hs.lab.test",
  tailscaleV2Name: "api.lab.test",
  headscaleV2Name: "hs30.lab.test",
  issuerName: "id.lab.test",
} as const;

/** Names of the servers in the namespace `hs`, with their addresses. */
export const serverNames: readonly (readonly [string, string])[] = [
  [internet.controlName, internet.control],
  [internet.tailscaleV2Name, internet.tailscaleV2],
  [internet.headscaleV2Name, internet.headscaleV2],
  [internet.issuerName, internet.issuer],
];

const inNetwork = (cidr: string, host: number): string => cidr.replace(/\.0\/\d+$/, `.${host}`);

export function parseTopology(text: string, name: string, nat: boolean): LabTopology {
  const file = FileSchema.parse(yaml.parse(text));
  const clusters = Object.entries(file.clusters).map(([cluster, c]): LabCluster => {
    const nodes = Object.entries(c.nodes).map(
      ([node, n], index): LabNode => ({
        name: node,
        cluster,
        address: n.address,
        role: n.role ?? (index === 0 ? "router" : "member"),
        statedRole: n.role,
        k3s: n.k3s ?? (index === 0 ? "server" : "agent"),
        firewall: n.firewall,
      }),
    );
    return {
      name: cluster,
      lan: c.lan,
      gateway: inNetwork(c.lan, 1),
      bridge: `br-${cluster}`,
      pods: c.pods,
      services: c.services,
      dns: inNetwork(c.services, 10),
      writeCidrs: c["write-cidrs"],
      nodes,
    };
  });
  return { name, nat: nat || file.nat, clusters, nodes: clusters.flatMap((c) => c.nodes) };
}

export function readTopology(file: string | undefined, nat: boolean): LabTopology {
  const path = file ?? join(source, "topologies", "default.yaml");
  return parseTopology(readFileSync(path, "utf8"), basename(path).replace(/\.ya?ml$/, ""), nat);
}

export function nodeOf(topology: LabTopology, name: string): LabNode {
  const node = topology.nodes.find((n) => n.name === name);
  if (!node) throw new Error(`no node ${name}; there are ${topology.nodes.map((n) => n.name).join(", ")}`);
  return node;
}

export function clusterOf(topology: LabTopology, name: string): LabCluster {
  const cluster = topology.clusters.find((c) => c.name === name);
  if (!cluster) throw new Error(`no cluster ${name}`);
  return cluster;
}

export function serverOf(cluster: LabCluster): LabNode {
  const server = cluster.nodes.find((n) => n.k3s === "server");
  if (!server) throw new Error(`cluster ${cluster.name} has no server`);
  return server;
}
