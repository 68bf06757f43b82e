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
export type HostKey =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "fingerprint"; readonly sha256: string };

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

/** How Tailmesh logs in to Vault or OpenBao. */
export interface VaultAuth {
  readonly method: "jwt" | "approle" | "token";
  /** Where the auth method is mounted; may hold slashes. */
  readonly mount: string;
  /** Role of a JWT login; undefined = the mount's default role. */
  readonly role: string | undefined;
}

/** A KV v2 engine of Vault or OpenBao. */
export interface VaultStore {
  readonly kind: "vault";
  readonly name: string;
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Mount of the KV v2 engine; may hold slashes. */
  readonly mount: string;
  readonly auth: VaultAuth;
  /** Namespace of the secrets. */
  readonly namespace: string | undefined;
  /** Namespace of the login; default that of the secrets. */
  readonly authNamespace: string | undefined;
  /** PEM file of roots to add, relative to the workspace. */
  readonly ca: string | undefined;
}

/** Secrets of a GitHub environment: can be written, never read back. */
export interface GitHubStore {
  readonly kind: "github";
  readonly name: string;
  readonly environment: string;
}

/** A folder of the machine that the run is on, for a runner of one's own. */
export interface FileStore {
  readonly kind: "file";
  readonly name: string;
  /** Relative to the checkout, or absolute. */
  readonly folder: string;
}

export type Store = VaultStore | GitHubStore | FileStore;

/** Where the control server's OAuth client is kept (fields `oauth_client_id`, `oauth_client_secret`). */
export interface StoredCredentials {
  /** Name of a Vault store. */
  readonly store: string;
  readonly path: string;
}

/** A named long-lived auth key in a store. All durations in seconds. */
export interface StoredKey {
  readonly name: string;
  /** The cluster it enrols into; undefined when it was given by its tags. */
  readonly cluster: string | undefined;
  readonly tags: readonly [Tag, ...Tag[]];
  /** Name of its store. */
  readonly store: string;
  /** Path in a Vault store, name of the secret in a GitHub store, or file in a file store. */
  readonly place: string;
  readonly expiry: number;
  /** A successor is minted when the key is older than this. */
  readonly rotateAfter: number;
  /** A successor is minted when the key has less than this to live. */
  readonly renewBefore: number;
  readonly reusable: boolean;
}

/** In which order clusters are changed. */
export interface Rollout {
  /** Clusters that go before all others, in this order. */
  readonly first: readonly string[];
  /** What stops the run between two clusters; undefined = only an error does. */
  readonly pauseOn: "regression" | undefined;
}

/** Names across clusters: `web.default.svc.CLUSTER.ZONE`. */
export interface Dns {
  readonly zone: string;
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
  /** The parser always gives the following, as the file has them. */
  readonly stores?: readonly Store[];
  readonly credentials?: StoredCredentials | undefined;
  readonly storedKeys?: readonly StoredKey[];
  readonly rollout?: Rollout | undefined;
  readonly dns?: Dns | undefined;
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
  const { pods, services } = cluster;
  return pods.text < services.text ? [pods.text, services.text] : [services.text, pods.text];
}
