// Turning machines off and on again.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { clusterReady } from "./kubernetes.ts";
import { rebootNode } from "./nodes.ts";
import { nodeFolder } from "./paths.ts";
import { timed } from "./progress.ts";
import { running } from "./record.ts";
import { type LabNode, nodeOf } from "./topology.ts";

/** Until the machine answers SSH, its cluster is ready and the pods on it are those of after the reboot. The mesh is not waited for. */
export async function reboot(names: readonly string[], how: "power-off" | "crash"): Promise<void> {
  const { topology } = running();
  const nodes: readonly LabNode[] = names.length === 0 ? topology.nodes : names.map((name) => nodeOf(topology, name));
  const since = new Map<string, number>();
  await Promise.all(
    nodes.map((node) =>
      timed(`${node.name} rebooted`, async () => {
        // Kubernetes counts in whole seconds
        since.set(node.name, Math.floor(Date.now() / 1000) * 1000);
        rmSync(join(nodeFolder(node.name), "console"), { force: true });
        await rebootNode(topology, node, how);
      }),
    ),
  );
  const affected = topology.clusters.filter((cluster) => cluster.nodes.some((node) => since.has(node.name)));
  await timed("clusters", () => Promise.all(affected.map((cluster) => clusterReady(cluster, since))));
}
