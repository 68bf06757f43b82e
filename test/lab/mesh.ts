// A picture of the mesh as it stands: what tailscaled says, what the kernel has, what gets through.
import { initOf, onNode } from "./nodes.ts";
import { probe, type Reachable } from "./probes.ts";
import type { LabTopology } from "./topology.ts";

export interface NodePicture {
  readonly state: string;
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
echo "state $(timeout 5 tailscale status --json 2>/dev/null | sed -n 's/^  "BackendState": "\\(.*\\)",$/\\1/p')"
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
    address: all("address")[0] ?? "",
    routes: all("route"),
    guards: all("guard"),
    forwarding: all("forwarding")[0] ?? "",
  };
}

export async function picture(topology: LabTopology): Promise<Picture> {
  const nodes = await Promise.all(topology.nodes.map(async (node) => [node.name, await pictureOf(node.name)] as const));
  return { nodes: Object.fromEntries(nodes), reachable: await probe(topology) };
}

/** In what two pictures differ, for a reader; nothing when the second is as good as the first. */
export function worse(before: Picture, now: Picture): string[] {
  const found: string[] = [];
  for (const [name, was] of Object.entries(before.nodes)) {
    const is = now.nodes[name];
    for (const key of Object.keys(was) as (keyof NodePicture)[]) {
      if (JSON.stringify(was[key]) !== JSON.stringify(is?.[key])) {
        found.push(`${name}: ${key} was ${JSON.stringify(was[key])}, is ${JSON.stringify(is?.[key])}`);
      }
    }
  }
  for (const [path, worked] of Object.entries(before.reachable)) {
    if (worked && !now.reachable[path]) found.push(`${path}: no answer any more`);
  }
  return found;
}

export const isJoined = (now: Picture): boolean => Object.values(now.nodes).some((node) => node.state === "Running");
