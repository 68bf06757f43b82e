// What the lab asks its clusters: whether machines and pods are ready, and where pods are.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, fetch } from "undici";
import { nodeFolder } from "./paths.ts";
import { type LabCluster, serverOf } from "./topology.ts";
import { until } from "./wait.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
}

export interface Pod {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: ReadonlyArray<{
      readonly state: { readonly running?: { readonly startedAt: string } };
    }>;
  };
}

export async function kube<T>(cluster: LabCluster, method: string, path: string, body?: unknown): Promise<T> {
  const server = serverOf(cluster);
  const authority = join(nodeFolder(server.name), "rancher/k3s/server/tls/server-ca.crt");
  if (!existsSync(authority)) throw new Error(`${cluster.name} has no authority yet`);
  const dispatcher = new Agent({ connect: { ca: readFileSync(authority, "utf8") } });
  try {
    const answer = await fetch(`https://${server.address}:6443${path}`, {
      method,
      dispatcher,
      headers: {
        authorization: `Bearer lab-${cluster.name}-token`,
        ...(body !== undefined && { "content-type": "application/merge-patch+json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${cluster.name}: ${method} ${path}: ${answer.status} ${text.slice(0, 200)}`);
    return JSON.parse(text) as T;
  } finally {
    await dispatcher.destroy();
  }
}

const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  conditions?.some((c) => c.type === type && c.status === "True") ?? false;

export async function pods(cluster: LabCluster): Promise<readonly Pod[]> {
  return (await kube<{ items: Pod[] }>(cluster, "GET", "/api/v1/pods")).items;
}

/** Ready, and, where it matters, not from before a reboot: a pod on a node that is off still counts as ready for a while. */
function isReady(pod: Pod, since: number): boolean {
  const containers = pod.status.containerStatuses ?? [];
  const young = containers.every((c) => Date.parse(c.state.running?.startedAt ?? "") >= since);
  return isTrue(pod.status.conditions, "Ready") && containers.length > 0 && young;
}

interface Machine {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions?: readonly Condition[] };
}

async function notReady(cluster: LabCluster, since: ReadonlyMap<string, number>): Promise<string[]> {
  const missing: string[] = [];
  const machines = (await kube<{ items: Machine[] }>(cluster, "GET", "/api/v1/nodes")).items;
  for (const node of cluster.nodes) {
    const machine = machines.find((m) => m.metadata.name === node.name);
    if (!isTrue(machine?.status.conditions, "Ready")) missing.push(`node ${node.name}`);
  }
  const all = await pods(cluster);
  const age = (pod: Pod): number => since.get(pod.spec.nodeName ?? "") ?? 0;
  for (const node of cluster.nodes) {
    const web = all.find((p) => p.spec.nodeName === node.name && p.metadata.labels?.["app"] === "web");
    if (!web || !isReady(web, age(web))) missing.push(`pod web on ${node.name}`);
  }
  const dns = all.filter((p) => p.metadata.labels?.["k8s-app"] === "kube-dns");
  if (!dns.some((p) => isReady(p, age(p)))) missing.push("CoreDNS");
  return missing;
}

/** Waits for a cluster; `since` says from when on the pods of a rebooted node count. */
export async function clusterReady(cluster: LabCluster, since: ReadonlyMap<string, number> = new Map()): Promise<void> {
  await until(
    `cluster ${cluster.name} to be ready`,
    120_000,
    async () => {
      const missing = await notReady(cluster, since);
      if (missing.length > 0) throw new Error(missing.join(", "));
      return true;
    },
    300,
  );
}

/** The address of the web pod of each node, read now: after a reboot it is another. */
export async function webPods(cluster: LabCluster): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const pod of await pods(cluster)) {
    const { nodeName } = pod.spec;
    const { podIP } = pod.status;
    if (nodeName && podIP && pod.metadata.labels?.["app"] === "web") found.set(nodeName, podIP);
  }
  return found;
}

export async function scaleCoreDns(cluster: LabCluster, replicas: number): Promise<void> {
  await kube(cluster, "PATCH", "/apis/apps/v1/namespaces/kube-system/deployments/coredns", { spec: { replicas } });
}

export async function coreDnsEndpoints(cluster: LabCluster): Promise<number> {
  interface Slice {
    readonly endpoints?: ReadonlyArray<{ readonly conditions?: { readonly ready?: boolean } }>;
  }
  const path =
    "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices?labelSelector=kubernetes.io/service-name=kube-dns";
  const slices = (await kube<{ items: Slice[] }>(cluster, "GET", path)).items;
  return slices.flatMap((s) => s.endpoints ?? []).filter((e) => e.conditions?.ready !== false).length;
}

/** Zones that were added to CoreDNS, if any. */
export async function deleteCustomDns(cluster: LabCluster): Promise<void> {
  const path = "/api/v1/namespaces/kube-system/configmaps";
  const maps = (await kube<{ items: ReadonlyArray<{ metadata: { name: string } }> }>(cluster, "GET", path)).items;
  if (maps.some((map) => map.metadata.name === "coredns-custom"))
    await kube(cluster, "DELETE", `${path}/coredns-custom`);
}
