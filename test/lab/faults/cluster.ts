// Faults inside a cluster.
import { coreDnsEndpoints, scaleCoreDns } from "../kubernetes.ts";
import { until } from "../wait.ts";
import type { Fault } from "./fault.ts";

export const clusterFaults: readonly Fault[] = [
  {
    name: "coredns-broken",
    layer: "dns",
    topology: "any",
    what: "the far cluster has no CoreDNS pod",
    inject: ({ far }) => scaleCoreDns(far, 0),
    settled: async ({ far }) => (await coreDnsEndpoints(far)) === 0,
    undo: async ({ far }) => {
      await scaleCoreDns(far, 1);
      await until(`CoreDNS of ${far.name}`, 60_000, async () => (await coreDnsEndpoints(far)) > 0);
    },
  },
];
