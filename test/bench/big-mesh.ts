/** A mesh that is larger than anybody's: its topology file, and the facts of its nodes as if all had joined. */
import type { NodeFacts } from "../../src/facts/facts.ts";
import { type Mesh, meshNodes, type Node } from "../../src/mesh/mesh.ts";

/** What cluster number `c` is made of. LANs lie apart from pods and services, so that every text is replaced once. */
const parts = (c: number) => ({
  pods: `10.${2 * c}.0.0/16`,
  services: `10.${2 * c + 1}.0.0/16`,
  lan: `192.168.${c}.0/24`,
});

/** What in the recorded facts is this one node's. */
const recorded = /10\.10\.10\.10\b|10\.10\.10\.0\/24|10\.4[23]\.|100\.64\.0\.1\b|homelab-1|tag:homelab/g;

const lanAddress = (c: number, n: number): string => `192.168.${c}.${10 + n}`;

/** As people write it: short forms, the first node of each cluster is its router, every cluster is linked to every other. */
export function topologyText(clusters: number, nodes: number): string {
  const lines = [
    "version: 1",
    "tailnet: { control: headscale, url: https://hs.lab.test }",
    "ssh: { user: ubuntu, known-hosts: known_hosts }",
    "clusters:",
  ];
  for (let c = 0; c < clusters; c += 1) {
    lines.push(`  site-${c}:`, `    pods: ${parts(c).pods}`, `    services: ${parts(c).services}`, "    nodes:");
    for (let n = 0; n < nodes; n += 1) lines.push(`      site-${c}-${n}: ${lanAddress(c, n)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Facts of every node, each a copy of its own, made from what the joined router homelab-1 of the lab said. */
export function joinedFacts(mesh: Mesh, homelab1: NodeFacts): ReadonlyMap<string, NodeFacts> {
  const router = JSON.stringify(homelab1);
  const tailnetAddress = new Map(
    meshNodes(mesh).map((node, i) => [node.name, `100.64.${Math.floor(i / 250)}.${(i % 250) + 1}`]),
  );
  const facts = mesh.clusters.flatMap((cluster, c) =>
    cluster.nodes.map((node): readonly [string, NodeFacts] => {
      const own = tailnetAddress.get(node.name) ?? "";
      const names: Readonly<Record<string, string>> = {
        "10.10.10.10": node.address,
        "10.10.10.0/24": parts(c).lan,
        "10.42.": `10.${2 * c}.`,
        "10.43.": `10.${2 * c + 1}.`,
        "100.64.0.1": own,
        "homelab-1": node.name,
        "tag:homelab": cluster.tag,
      };
      const text = router.replace(recorded, (name) => names[name] ?? name);
      return [node.name, asSeenBy(JSON.parse(text) as NodeFacts, node, mesh, tailnetAddress)];
    }),
  );
  return new Map(facts);
}

/** Peers, received routes and advertised ones. A grant is to prefixes, so routers see all of the others, members the others' routers. */
function asSeenBy(facts: NodeFacts, node: Node, mesh: Mesh, tailnetAddress: ReadonlyMap<string, string>): NodeFacts {
  const { status, prefs } = facts.tailscale;
  const model = status?.peers[0];
  if (!status || !prefs || !model) throw new RangeError("the recorded node has joined and has a peer");
  const others = mesh.clusters.filter((other) => other.name !== node.cluster);
  const peers = others.flatMap((other) =>
    other.nodes
      .filter((peer) => node.role === "router" || peer.role === "router")
      .map((peer) => {
        const routes = peer.role === "router" ? [other.pods.text, other.services.text] : [];
        const address = tailnetAddress.get(peer.name) ?? "";
        return {
          ...model,
          id: peer.name,
          hostName: peer.name,
          addresses: [address],
          tags: [other.tag],
          allowedIPs: [...routes, `${address}/32`],
          primaryRoutes: routes,
        };
      }),
  );
  const received = peers.flatMap((peer) => peer.allowedIPs);
  return {
    ...facts,
    tailscale: {
      ...facts.tailscale,
      status: { ...status, peers },
      prefs: { ...prefs, ...(node.role !== "router" && { advertiseRoutes: [] }) },
    },
    routes: { ...facts.routes, table52: received.map((to) => ({ to, via: null, dev: "tailscale0", type: "unicast" })) },
  };
}
