/** From the file's entries to the complete mesh: defaults filled in, names resolved, everything held against everything. */
import { Cidr } from "../cidr.ts";
import type { Cluster, Dns, Mesh, Node, Rollout, Tailnet } from "../mesh.ts";
import { tailscaleApi } from "../tailscale-api.ts";
import { readClusters } from "./clusters.ts";
import type { Path } from "./document.ts";
import { deriveLinks } from "./links.ts";
import { checkOverlaps, type MeshPrefix, type OtherPrefix } from "./overlap.ts";
import { type Problems, pathText } from "./problems.ts";
import type { TopologyFile } from "./schema.ts";
import { readCredentials, readStoredKeys, readStores, type StoreContext } from "./stores.ts";
import { isLabel, readPath, readPlain, readPrefix, readTag, readUrl } from "./values.ts";

/** The mesh of a file. What is wrong is in `problems`; the result is only complete when there are none. */
export function deriveMesh(file: TopologyFile, problems: Problems): Mesh {
  const tailnet = readTailnet(file.tailnet ?? {}, problems);
  const clusters = readClusters(file, tailnet.ownerTag, problems);
  const accept = (file.accept ?? []).map((text, n) => ({
    prefix: readPrefix(problems, ["accept", n], text),
    path: ["accept", n],
  }));
  const known = clusters.map((c) => c.name);
  const present = clusters.filter((c) => c.state === "present").map((c) => c.name);
  const links = deriveLinks({ links: file.links ?? "full", forbid: file.forbid ?? [], known, present }, problems);
  const accepted = accept.flatMap(({ prefix, path }) =>
    prefix ? [{ what: named("a prefix under accept", prefix, path, problems), prefix }] : [],
  );
  checkOverlaps(
    meshPrefixes(file, clusters, problems),
    [...localPrefixes(file, clusters, problems), ...accepted],
    problems,
  );
  const stores = readStores(file.stores, problems);
  const context: StoreContext = {
    stores,
    storeNames: Object.keys(file.stores ?? {}),
    clusters,
    control: tailnet.control,
  };
  return {
    tailnet,
    clusters,
    ...links,
    policyFiles: readPolicyFiles(file.policy, problems),
    accept: accepted.map((a) => a.prefix),
    stores,
    credentials: readCredentials(file.credentials, context, problems),
    storedKeys: readStoredKeys(file["stored-keys"], context, problems),
    rollout: readRollout(file.rollout, known, problems),
    dns: readDns(file.dns, problems),
  };
}

function readTailnet(entry: NonNullable<TopologyFile["tailnet"]>, problems: Problems): Tailnet {
  const control = entry.control ?? "tailscale";
  if (control === "headscale" && entry.url === undefined && !problems.isDamaged(["tailnet", "url"])) {
    problems.atKey(
      ["tailnet"],
      "MESH_TOPOLOGY_MISSING_KEY",
      "tailnet.url is missing: a Headscale server can be anywhere",
      "Give the URL that clients log in to, such as https://headscale.example.net.",
    );
  }
  return {
    control,
    url: entry.url === undefined ? tailscaleApi : readUrl(problems, ["tailnet", "url"], entry.url),
    name: entry.name === undefined ? "-" : readPlain(problems, ["tailnet", "name"], entry.name),
    ownerTag:
      entry["owner-tag"] === undefined ? "tag:ci" : readTag(problems, ["tailnet", "owner-tag"], entry["owner-tag"]),
    ca: entry.ca === undefined ? undefined : readPath(problems, ["tailnet", "ca"], entry.ca),
  };
}

/** Prefixes that were read without a complaint, in file order. */
function meshPrefixes(file: TopologyFile, clusters: readonly Cluster[], problems: Problems): readonly MeshPrefix[] {
  return clusters.flatMap((cluster) =>
    (["pods", "services"] as const).flatMap((kind) => {
      const path: Path = ["clusters", cluster.name, kind];
      const isRead = Cidr.parse(file.clusters[cluster.name]?.[kind] ?? "") !== undefined && !problems.isDamaged(path);
      return isRead ? [{ cluster: cluster.name, kind, prefix: cluster[kind], path }] : [];
    }),
  );
}

/** What nodes are known to hold themselves: declared LANs, and addresses of machines outside of these. */
function localPrefixes(file: TopologyFile, clusters: readonly Cluster[], problems: Problems): readonly OtherPrefix[] {
  return clusters.flatMap((cluster) => {
    const path: Path = ["clusters", cluster.name, "lan"];
    const lan = file.clusters[cluster.name]?.lan ?? [];
    const texts =
      typeof lan === "string" ? [{ text: lan, at: path }] : lan.map((text, n) => ({ text, at: [...path, n] }));
    const lans = texts.flatMap(({ text, at }): readonly OtherPrefix[] => {
      const prefix = Cidr.parse(text);
      return prefix ? [{ what: named(`a local network of ${cluster.name}`, prefix, at, problems), prefix }] : [];
    });
    return [...lans, ...cluster.nodes.flatMap((node) => machineAddresses(node, lans))];
  });
}

function named(what: string, prefix: Cidr, path: Path, problems: Problems): string {
  return problems.isHidden(path) ? what : `${what} (${prefix.text})`;
}

/** Addresses are not shown: they may have come from variables, by several ways. */
function machineAddresses(node: Node, lans: readonly OtherPrefix[]): readonly OtherPrefix[] {
  const machines = [
    { what: `the address of ${node.name}`, address: node.address },
    { what: `the address that ${node.name} is dialled at`, address: node.ssh.host },
    ...node.ssh.jump.map((hop) => ({ what: `a jump host of ${node.name}`, address: hop.host })),
  ];
  const seen = new Set<string>();
  return machines.flatMap(({ what, address }) => {
    const prefix = Cidr.parse(`${address}/32`);
    if (!prefix || seen.has(address) || lans.some((l) => l.prefix.contains(prefix))) return [];
    seen.add(address);
    return [{ what, prefix }];
  });
}

function readPolicyFiles(policy: TopologyFile["policy"], problems: Problems): readonly string[] {
  if (!policy) return [];
  if (policy.file !== undefined && policy.parts === undefined)
    return [readPath(problems, ["policy", "file"], policy.file)];
  const parts = policy.parts ?? [];
  if (policy.file !== undefined || parts.length === 0) {
    problems.atKey(
      ["policy"],
      "MESH_POLICY_SOURCE",
      policy.file === undefined ? "policy names no file" : "policy has both file and parts",
    );
  }
  return parts.map((part, n) => readPath(problems, ["policy", "parts", n], part));
}

function readRollout(
  rollout: TopologyFile["rollout"],
  known: readonly string[],
  problems: Problems,
): Rollout | undefined {
  if (!rollout) return undefined;
  const first = rollout.first ?? [];
  first.forEach((name, n) => {
    const path = ["rollout", "first", n];
    if (!known.includes(name)) {
      problems.at(path, "MESH_UNKNOWN_CLUSTER", `${pathText(path)}: there is no cluster ${problems.quote(path, name)}`);
    } else if (first.indexOf(name) < n) {
      problems.at(
        path,
        "MESH_TOPOLOGY_VALUE",
        `${pathText(path)}: ${problems.quote(path, name)} stands in the list twice`,
      );
    }
  });
  return { first, pauseOn: rollout["pause-on"] };
}

/** A zone shadows what has its name everywhere in the cluster, so that those which exist are refused. */
function readDns(dns: TopologyFile["dns"], problems: Problems): Dns | undefined {
  if (!dns) return undefined;
  const path = ["dns", "zone"];
  const labels = dns.zone.split(".");
  if (!labels.every(isLabel) || dns.zone.length > 100) {
    problems.at(
      path,
      "MESH_TOPOLOGY_VALUE",
      `${pathText(path)}: ${problems.quote(path, dns.zone)} is not a name of DNS labels`,
    );
  } else if (/(^|\.)(cluster\.local|local|ts\.net|localhost)$/.test(dns.zone)) {
    problems.at(
      path,
      "MESH_TOPOLOGY_VALUE",
      `${pathText(path)}: ${problems.quote(path, dns.zone)} already means something else`,
      "Use a name that exists nowhere else, such as mesh.",
    );
  }
  return { zone: dns.zone };
}
