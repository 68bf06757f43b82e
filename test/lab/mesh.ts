// A picture of the mesh as it stands: what tailscaled says, what the kernel has, what gets through.
import { initOf, onNode } from "./nodes.ts";
import { probe, type Reachable } from "./probes.ts";
import type { LabTopology } from "./topology.ts";

export interface NodePicture {
  readonly state: string;
  /** Whether the node is connected to its control server, as it sees it. */
  readonly online: string;
  readonly address: string;
  readonly routes: readonly string[];
  readonly guards: readonly string[];
  readonly forwarding: string;
}

export interface Picture {
  readonly nodes: Readonly<Record<string, NodePicture>>;
  readonly reachable: Reachable;
}

const script = `
timeout 5 tailscale status --json --peers=false 2>/dev/null |
  sed -n 's/^  "BackendState": "\\(.*\\)",$/state \\1/p; s/^    "Online": \\(.*\\),$/online \\1/p'
ip -4 -o addr show dev tailscale0 2>/dev/null | sed 's/.* inet \\([^ ]*\\) .*/address \\1/'
ip route show table 52 2>/dev/null | sed 's/ *$//; s/^/route /' | sort
ip -4 rule show pref 2500 | sed 's/^/guard /' | sort
echo "forwarding $(cat /proc/sys/net/ipv4/ip_forward)"`;

export async function pictureOf(node: string): Promise<NodePicture> {
  const { stdout } = initOf(node) === null ? { stdout: "" } : await onNode(node, script);
  const lines = stdout.split("\n");
  const all = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1).trim());
  return {
    state: all("state")[0] ?? "",
    online: all("online")[0] ?? "",
    address: all("address")[0] ?? "",
    routes: all("route"),
    guards: all("guard"),
    forwarding: all("forwarding")[0] ?? "",
  };
}

export async function picture(topology: LabTopology, seconds?: number): Promise<Picture> {
  const looks = topology.nodes.map(async (node) => [node.name, await pictureOf(node.name)] as const);
  const [reachable, ...nodes] = await Promise.all([probe(topology, seconds), ...looks]);
  return { nodes: Object.fromEntries(nodes), reachable };
}

/** In what the second picture falls short of the first, for a reader; nothing when it is as good. */
export function worse(before: Picture, now: Picture): string[] {
  const found: string[] = [];
  for (const [name, was] of Object.entries(before.nodes)) {
    const is = now.nodes[name] ?? empty;
    for (const key of ["state", "online", "address", "forwarding"] as const) {
      if (was[key] !== is[key]) found.push(`${name}: ${key} was ${was[key]}, is ${is[key] || "gone"}`);
    }
    // one more does no harm: a peer may have come since
    for (const key of ["routes", "guards"] as const) {
      const lost = was[key].filter((line) => !is[key].includes(line));
      if (lost.length > 0) found.push(`${name}: ${key} lost: ${lost.join(", ")}`);
    }
  }
  for (const [path, worked] of Object.entries(before.reachable)) {
    if (worked && !now.reachable[path]) found.push(`${path}: no answer any more`);
  }
  return found;
}

const empty: NodePicture = { state: "", online: "", address: "", routes: [], guards: [], forwarding: "" };

export const isJoined = (now: Picture): boolean => Object.values(now.nodes).some((node) => node.state === "Running");
