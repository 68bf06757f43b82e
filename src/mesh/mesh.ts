/** The vocabulary: what the topology file says, derived and complete. Values only. */
import type { Cidr } from "./cidr.ts";

export type ControlKind = "tailscale" | "headscale";
export type Role = "router" | "member" | "plain";
export type K3sRole = "server" | "agent";
export type Tag = `tag:${string}`;

export interface Tailnet {
  readonly control: ControlKind;
  /** Base URL of the control server without a trailing slash. */
  readonly url: string;
  /** Tailnet name in API paths; `-` means the credential's own. */
  readonly name: string;
  /** The credential's tag; owns every cluster tag. */
  readonly ownerTag: Tag;
  /** PEM file of roots to add, relative to the workspace. */
  readonly ca: string | undefined;
}

/** A host key the operator vouches for: an OpenSSH public key (`ssh-ed25519 AAAA…`) or a `SHA256:…` fingerprint. */
export type HostKey = { readonly kind: "key"; readonly key: string } | { readonly kind: "fingerprint"; readonly sha256: string };

/** One hop the runner dials. Host keys are the inline one, or those of `knownHosts` for `host`/`port`. */
export interface SshHop {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly hostKey: HostKey | undefined;
  /** known_hosts file, relative to the workspace. */
  readonly knownHosts: string | undefined;
}

export interface SshTarget extends SshHop {
  /** Hops before the node, outermost first. */
  readonly jump: readonly SshHop[];
  readonly via: "direct" | "tailnet";
}

export interface Node {
  /** Unique in the whole file. */
  readonly name: string;
  readonly cluster: string;
  /** The node's own IPv4 address (K3s' node-ip). */
  readonly address: string;
  readonly role: Role;
  readonly k3s: K3sRole;
  /** Tailnet host name; default the node's name. */
  readonly hostname: string;
  readonly state: "present" | "absent";
  readonly ssh: SshTarget;
}

export interface Cluster {
  readonly name: string;
  readonly tag: Tag;
  readonly pods: Cidr;
  readonly services: Cidr;
  /** Local networks of the nodes; undefined = read from the nodes. */
  readonly lan: readonly Cidr[] | undefined;
  readonly underlayOnly: boolean;
  readonly advertise: "cluster" | "per-node";
  readonly state: "present" | "absent";
  readonly nodes: readonly Node[];
}

/** What a client dials: `icmp`, `*`, `tcp:443`, `udp:53`, `tcp:8000-8100`. */
export interface Port {
  readonly protocol: "tcp" | "udp" | "icmp" | "any";
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** Pods of `from` must (or, in `forbid`, must not) reach pods and services of `to`. */
export interface Link {
  readonly from: string;
  readonly to: string;
  /** Empty = everything. */
  readonly ports: readonly Port[];
}

export interface Mesh {
  readonly tailnet: Tailnet;
  readonly clusters: readonly Cluster[];
  readonly links: readonly Link[];
  readonly forbid: readonly Link[];
  /** HuJSON files of the operator's own policy, merged in order; empty = the policy on the server. */
  readonly policyFiles: readonly string[];
  /** Prefixes of other advertisers that cluster nodes may receive. */
  readonly accept: readonly Cidr[];
}

/** Every node of every cluster, in file order. */
export function meshNodes(mesh: Mesh): readonly Node[] {
  return mesh.clusters.flatMap((c) => c.nodes);
}

/** Nodes that run tailscaled. */
export function tailscaleNodes(mesh: Mesh): readonly Node[] {
  return meshNodes(mesh).filter((n) => n.role !== "plain" && n.state === "present");
}

/** The cluster of that name; a name that the parser let through always exists. */
export function clusterOf(mesh: Mesh, name: string): Cluster {
  const found = mesh.clusters.find((c) => c.name === name);
  if (!found) throw new RangeError(`no cluster ${name}`);
  return found;
}

/** The prefixes a router of that cluster advertises, canonical text, sorted. */
export function advertisedRoutes(cluster: Cluster): readonly string[] {
  return [cluster.pods.text, cluster.services.text].sort();
}
