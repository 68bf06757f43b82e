/** Clusters and nodes of the file, complete: roles, tags, addresses, the way to each node, and no two alike. */
import { parseIPv4 } from "../cidr.ts";
import type { Cluster, Node, Tag } from "../mesh.ts";
import { isTag } from "../tag.ts";
import type { Path } from "./document.ts";
import { type Problems, pathText } from "./problems.ts";
import type { ClusterEntry, NodeEntry, TopologyFile } from "./schema.ts";
import { checkSsh, SshRoutes, type SshSubject } from "./ssh.ts";
import { checkName, prefixOr, readAddress, readLabel, readPrefix, readTag } from "./values.ts";

/** A node's entry in its long form. */
interface NodeInput {
  readonly name: string;
  readonly entry: NodeEntry;
  readonly path: Path;
  readonly addressPath: Path;
}

interface ClusterInput {
  readonly name: string;
  readonly entry: ClusterEntry;
  readonly path: Path;
  readonly nodes: readonly NodeInput[];
}

export function readClusters(file: TopologyFile, ownerTag: Tag, problems: Problems): readonly Cluster[] {
  const inputs = Object.entries(file.clusters).map(([name, entry]) => clusterInput(name, entry));
  if (inputs.length === 0) problems.at(["clusters"], "MESH_TOPOLOGY_MISSING_KEY", "clusters names no cluster");
  checkSsh({ entry: file.ssh, path: ["ssh"] }, problems);
  const subjects = inputs.flatMap((cluster) => cluster.nodes.map((node) => subjectOf(file, cluster, node)));
  const routes = new SshRoutes(subjects, problems);
  const clusters = inputs.map((input) => readCluster(input, file, routes, problems));
  checkTags(clusters, ownerTag, problems);
  checkNames(clusters, problems);
  for (const input of inputs) checkAddresses(input, problems);
  return clusters;
}

function clusterInput(name: string, entry: ClusterEntry): ClusterInput {
  const path = ["clusters", name];
  const nodes = Object.entries(entry.nodes).map(([node, value]): NodeInput => {
    const nodePath = [...path, "nodes", node];
    if (typeof value === "string")
      return { name: node, entry: { address: value }, path: nodePath, addressPath: nodePath };
    return { name: node, entry: value, path: nodePath, addressPath: [...nodePath, "address"] };
  });
  return { name, entry, path, nodes };
}

function subjectOf(file: TopologyFile, cluster: ClusterInput, node: NodeInput): SshSubject {
  return {
    node: node.name,
    path: node.path,
    address: node.entry.address,
    levels: [
      { entry: file.ssh, path: ["ssh"] },
      { entry: cluster.entry.ssh, path: [...cluster.path, "ssh"] },
      { entry: node.entry.ssh, path: [...node.path, "ssh"] },
    ],
  };
}

function readCluster(input: ClusterInput, file: TopologyFile, routes: SshRoutes, problems: Problems): Cluster {
  const { name, entry, path } = input;
  checkName(problems, path, "cluster");
  checkSsh({ entry: entry.ssh, path: [...path, "ssh"] }, problems);
  const lan = typeof entry.lan === "string" ? [entry.lan] : entry.lan;
  const single = typeof entry.lan === "string";
  const first = input.nodes.find((n) => n.entry.state !== "absent");
  const nodes = input.nodes.map((n) => readNode(n, input, n === first, routes, file, problems));
  checkRouter(input, nodes, problems);
  return {
    name,
    tag: readClusterTag(input, problems),
    pods: prefixOr(readPrefix(problems, [...path, "pods"], entry.pods)),
    services: prefixOr(readPrefix(problems, [...path, "services"], entry.services)),
    lan: lan?.map((text, n) => prefixOr(readPrefix(problems, single ? [...path, "lan"] : [...path, "lan", n], text))),
    underlayOnly: entry["underlay-only"] ?? false,
    advertise: entry.advertise ?? "cluster",
    state: entry.state ?? "present",
    nodes,
  };
}

function readClusterTag({ name, entry, path }: ClusterInput, problems: Problems): Tag {
  if (entry.tag !== undefined) return readTag(problems, [...path, "tag"], entry.tag);
  const tag: Tag = `tag:${name}`;
  if (isTag(tag)) return tag;
  // A name that is wrong in itself was reported as such.
  if (/^[0-9]/.test(name)) {
    const hint = "Give the cluster a `tag` of its own: tags begin with a letter, this cluster's name does not.";
    problems.atKey(path, "MESH_TAG_INVALID", `${pathText(path)}: the name makes no tag`, hint);
  }
  return tag;
}

function readNode(
  node: NodeInput,
  cluster: ClusterInput,
  first: boolean,
  routes: SshRoutes,
  file: TopologyFile,
  problems: Problems,
): Node {
  const { name, entry, path } = node;
  checkName(problems, path, "node");
  checkSsh({ entry: entry.ssh, path: [...path, "ssh"] }, problems);
  return {
    name,
    cluster: cluster.name,
    address: readAddress(problems, node.addressPath, entry.address),
    role: entry.role ?? (first ? "router" : "member"),
    k3s: entry.k3s ?? (first ? "server" : "agent"),
    hostname: entry.hostname === undefined ? name : readLabel(problems, [...path, "hostname"], entry.hostname),
    state: cluster.entry.state === "absent" ? "absent" : (entry.state ?? "present"),
    ssh: routes.target(subjectOf(file, cluster, node)),
  };
}

function checkRouter({ name, entry, path }: ClusterInput, nodes: readonly Node[], problems: Problems): void {
  const at = [...path, "nodes"];
  if (entry.state === "absent" || problems.isDamaged(at)) return;
  if (nodes.length === 0) problems.at(at, "MESH_NO_ROUTER", `${name} has no nodes`);
  else if (!nodes.some((n) => n.role === "router" && n.state === "present"))
    problems.atKey(at, "MESH_NO_ROUTER", `${name} has no router`);
}

function checkTags(clusters: readonly Cluster[], ownerTag: Tag, problems: Problems): void {
  const owners = new Map<string, string>([[ownerTag, "the owner (owner-tag)"]]);
  for (const { name, tag } of clusters) {
    const other = owners.get(tag);
    const path = ["clusters", name];
    if (other !== undefined) {
      problems.at(
        [...path, "tag"],
        "MESH_TAG_SHARED",
        `${name} has the tag ${problems.quote([...path, "tag"], tag)} of ${other}`,
      );
    }
    owners.set(tag, name);
  }
}

function checkNames(clusters: readonly Cluster[], problems: Problems): void {
  const names = new Map<string, Node>();
  const hosts = new Map<string, Node>();
  for (const node of clusters.flatMap((c) => c.nodes)) {
    const path = ["clusters", node.cluster, "nodes", node.name];
    const twin = names.get(node.name);
    const double = node.state === "present" ? hosts.get(node.hostname) : undefined;
    if (twin) {
      problems.atKey(path, "MESH_DUPLICATE_NODE", `${twin.cluster} already has a node ${node.name}`);
    } else if (double) {
      const message = `${node.name} and ${double.name} would both be called ${node.hostname} in the tailnet`;
      problems.at([...path, "hostname"], "MESH_DUPLICATE_NODE", message);
    }
    names.set(node.name, node);
    if (node.state === "present") hosts.set(node.hostname, node);
  }
}

/** Addresses are unique in a cluster; other clusters may have the same LAN. */
function checkAddresses(cluster: ClusterInput, problems: Problems): void {
  const holders = new Map<number, string>();
  for (const { name, entry, addressPath } of cluster.nodes) {
    const address = parseIPv4(entry.address);
    if (address === undefined) continue;
    const other = holders.get(address);
    if (other !== undefined) problems.at(addressPath, "MESH_DUPLICATE_ADDRESS", `${name} has the address of ${other}`);
    holders.set(address, name);
  }
}
