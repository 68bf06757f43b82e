// Whether traffic flows, seen from real pods: the lab's own witness, independent of the product.
import { kube, webPods } from "./kubernetes.ts";
import { initOf, onNode } from "./nodes.ts";
import type { LabCluster, LabTopology } from "./topology.ts";

/** `homelab-1 pod oracle-1` → it answered. */
export type Reachable = Readonly<Record<string, boolean>>;

interface Target {
  readonly label: string;
  readonly command: string;
}

async function webService(cluster: LabCluster): Promise<string> {
  const service = await kube<{ spec: { clusterIP: string } }>(
    cluster,
    "GET",
    "/api/v1/namespaces/default/services/web",
  );
  return service.spec.clusterIP;
}

async function targets(cluster: LabCluster, seconds: number): Promise<Target[]> {
  const curl = `curl -sSf -o /dev/null -m ${seconds}`;
  const found = await webPods(cluster);
  const service = await webService(cluster);
  return [
    ...[...found].flatMap(([node, address]) => [
      { label: `pod ${node}`, command: `${curl} http://${address}:8080/cgi-bin/whoami` },
      {
        label: `bulk ${node}`,
        command: `test "$(curl -s -m ${seconds * 2} -o /dev/null -w '%{size_download}' http://${address}:8080/1m)" = 1048576`,
      },
    ]),
    { label: `service ${cluster.name}`, command: `${curl} http://${service}/cgi-bin/whoami` },
    {
      label: `dns ${cluster.name}`,
      command: `dig +short +time=${seconds} +tries=1 @${cluster.dns} web.default.svc.cluster.local | grep -qx ${service}`,
    },
  ];
}

async function probeFrom(node: string, all: readonly Target[]): Promise<Record<string, boolean>> {
  if (initOf(node) === null) return Object.fromEntries(all.map(({ label }) => [`${node} ${label}`, false]));
  const lines = all.map(({ command }, index) => `{ ${command}; } >/dev/null 2>&1 && echo ok ${index} &`);
  // the network namespace of the web pod, with the node's tools
  const script = `pid=$(pgrep -xo httpd) || exit 0\nnsenter -t "$pid" -n /bin/sh -s <<'E'\n${lines.join("\n")}\nwait\nE\n`;
  const { stdout } = await onNode(node, script, { milliseconds: 20_000 });
  const answered = new Set(stdout.split("\n"));
  return Object.fromEntries(all.map(({ label }, index) => [`${node} ${label}`, answered.has(`ok ${index}`)]));
}

/**
 * Every node's pod to every other cluster: each pod, a full-size transfer, the service, DNS. `seconds` is how long an
 * answer may take; who asks again and again asks with few.
 */
export async function probe(topology: LabTopology, seconds = 3): Promise<Reachable> {
  const byCluster = new Map<string, Target[]>();
  await Promise.all(
    topology.clusters.map(async (cluster) =>
      byCluster.set(cluster.name, await targets(cluster, seconds).catch(() => [])),
    ),
  );
  const answers = await Promise.all(
    topology.nodes.map((node) => {
      const far = [...byCluster].filter(([name]) => name !== node.cluster).flatMap(([, list]) => list);
      return probeFrom(node.name, far);
    }),
  );
  return Object.assign({}, ...answers) as Reachable;
}
