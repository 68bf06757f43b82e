/** Which pods stand for a cluster: one on each node, chosen the same way every time. */

import type { NodeFacts } from "../facts/facts.ts";
import { parseIPv4 } from "../mesh/cidr.ts";
import type { Cluster, Node } from "../mesh/mesh.ts";

export interface ProbePod {
  readonly node: string;
  readonly address: string;
  readonly pid: number;
}

/**
 * One pod of that node with an address of its own in the cluster's pod network. System pods come first: they are on
 * every cluster and NetworkPolicies rarely select them.
 */
export function probePod(cluster: Cluster, node: Node, facts: NodeFacts | undefined): ProbePod | undefined {
  const rank = (namespace: string) => (namespace === "kube-system" ? 0 : 1);
  const [pod] = (facts?.pods ?? [])
    .filter((p) => Number.isSafeInteger(p.pid) && p.pid > 1)
    .filter((p) => parseIPv4(p.ip) !== undefined && cluster.pods.containsAddress(p.ip))
    .toSorted((a, b) => rank(a.namespace) - rank(b.namespace) || compare(a.name, b.name) || compare(a.ip, b.ip));
  return pod ? { node: node.name, address: pod.ip, pid: pod.pid } : undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Up to this many pairs of pods every source is tried with every target; beyond, every one of both sides at least once. */
export const allPairsLimit = 16;

/** Which source pod talks to which target pod. */
export function pairPods(
  sources: readonly ProbePod[],
  targets: readonly ProbePod[],
): readonly (readonly [ProbePod, ProbePod])[] {
  if (sources.length * targets.length <= allPairsLimit) {
    return sources.flatMap((s) => targets.map((t): readonly [ProbePod, ProbePod] => [s, t]));
  }
  const rounds = Math.max(sources.length, targets.length);
  return Array.from({ length: rounds }, (_, i) => [sources[i % sources.length], targets[i % targets.length]]).flatMap(
    ([s, t]): (readonly [ProbePod, ProbePod])[] => (s && t ? [[s, t]] : []),
  );
}
