// What is running, for a reader.
import { callControl, devices } from "./headscale.ts";
import { injected } from "./inject.ts";
import { webPods } from "./kubernetes.ts";
import { picture } from "./mesh.ts";
import { initOf } from "./nodes.ts";
import { running } from "./record.ts";

export async function status(): Promise<string> {
  const { topology, complete } = running();
  const lines = [
    `lab ${topology.name}${topology.nat ? ", both sites behind NAT" : ""}${complete ? "" : " (unfinished)"}`,
  ];
  const health = await callControl("GET", "/health").catch(() => ({ status: 0 }));
  const known = health.status === 200 ? await devices() : [];
  lines.push(`control server: ${health.status === 200 ? `answers, ${known.length} devices` : "does not answer"}`);
  const now = await picture(topology);
  for (const cluster of topology.clusters) {
    lines.push(`${cluster.name}: pods ${cluster.pods}, services ${cluster.services}, lan ${cluster.lan}`);
    const web = await webPods(cluster).catch(() => new Map<string, string>());
    for (const node of cluster.nodes) {
      const mesh = now.nodes[node.name];
      const power = initOf(node.name) === null ? "off" : "on";
      const tailscale = mesh?.state ? `${mesh.state} ${mesh.address}` : "not installed or stopped";
      lines.push(
        `  ${node.name} ${node.address} ${node.k3s} ${node.role}: ${power}, web pod ${web.get(node.name) ?? "none"}, tailscale ${tailscale}`,
      );
    }
  }
  const links = Object.entries(now.reachable);
  lines.push(`paths between clusters: ${links.filter(([, ok]) => ok).length} of ${links.length} answer`);
  const broken = injected();
  if (broken.length > 0) lines.push(`faults: ${broken.join(", ")}`);
  return lines.join("\n");
}
