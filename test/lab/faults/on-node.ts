// Pieces that several faults are made of, all of them on a node.

import { pictureOf } from "../mesh.ts";
import { mustOnNode, onNode } from "../nodes.ts";
import { probe } from "../probes.ts";
import type { LabCluster, LabNode } from "../topology.ts";
import type { Scene } from "./fault.ts";

/** Adds firewall rules that carry a comment, so that dropRules finds them and nothing else. */
export async function addRules(node: LabNode, mark: string, rules: readonly string[]): Promise<void> {
  const lines = rules.map((rule) => {
    const target = rule.lastIndexOf(" -j ");
    return `iptables -w ${rule.slice(0, target)} -m comment --comment lab-${mark}${rule.slice(target)}`;
  });
  await mustOnNode(node.name, `set -e\n${lines.join("\n")}`);
}

export async function dropRules(node: LabNode, mark: string): Promise<void> {
  const script = `for t in filter mangle nat raw; do
  iptables-save -t $t 2>/dev/null | grep -- "--comment lab-${mark} " | sed 's/^-A/-D/' |
    while read -r rule; do eval "iptables -w -t $t $rule"; done
done`;
  await mustOnNode(node.name, script);
}

export async function hasRules(node: LabNode, mark: string): Promise<boolean> {
  return (await onNode(node.name, `iptables-save | grep -q -- "--comment lab-${mark} "`)).code === 0;
}

/** True when a node's table 52 has all prefixes of a cluster; false when it has none. */
export async function receives(node: LabNode, cluster: LabCluster): Promise<boolean | null> {
  const { routes } = await pictureOf(node.name);
  const there = [cluster.pods, cluster.services].filter((cidr) => routes.some((r) => r.startsWith(`${cidr} `)));
  return there.length === 2 ? true : there.length === 0 ? false : null;
}

export const isCut = async (node: LabNode, cluster: LabCluster): Promise<boolean> =>
  (await receives(node, cluster)) === false;

/** Whether any probe whose label matches still gets an answer. */
export async function anyAnswer(scene: Scene, matches: RegExp): Promise<boolean> {
  return Object.entries(await probe(scene.topology, 1)).some(([label, answered]) => matches.test(label) && answered);
}

/** The guard repairs itself by a timer: a fault that it would undo stops the timer first, and a repair that is at work. */
export const stopTimer = (node: LabNode): Promise<unknown> =>
  onNode(node.name, "systemctl stop tailmesh-guard.timer tailmesh-guard-apply.service");

export const startTimer = (node: LabNode): Promise<unknown> =>
  onNode(node.name, "test ! -e /etc/systemd/system/tailmesh-guard.timer || systemctl start tailmesh-guard.timer");

export async function preference(node: LabNode, name: string): Promise<string> {
  const text = await mustOnNode(node.name, "tailscale debug prefs");
  const value = (JSON.parse(text) as Record<string, unknown>)[name];
  return Array.isArray(value) ? value.join(",") : String(value ?? "");
}

export async function restartTailscaled(node: LabNode): Promise<void> {
  await mustOnNode(node.name, "systemctl reset-failed tailscaled 2>/dev/null; systemctl restart tailscaled");
}

/** Daemons that wait longer and longer before they ask a control server again are made to ask at once. */
export async function reconnect(nodes: readonly LabNode[]): Promise<void> {
  await Promise.all(
    nodes.map((node) => onNode(node.name, "systemctl is-active --quiet tailscaled && systemctl restart tailscaled")),
  );
}
