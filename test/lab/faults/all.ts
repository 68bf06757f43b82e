// The one list of faults, in the order of the layers they belong to.
import type { LabTopology } from "../topology.ts";
import { clusterFaults } from "./cluster.ts";
import { controlFaults } from "./control.ts";
import type { Fault } from "./fault.ts";
import { netfilterFaults } from "./netfilter.ts";
import { tailscaledFaults } from "./tailscaled.ts";

const order = [
  ["control", "daemon", "identity", "interface", "advertised", "approved", "serving", "distributed", "accepted"],
  ["guards", "hooks", "path", "route", "grant", "pod", "service", "dns", "mtu"],
].flat();

export const faults: readonly Fault[] = [
  ...tailscaledFaults,
  ...controlFaults,
  ...netfilterFaults,
  ...clusterFaults,
].sort((a, b) => order.indexOf(a.layer) - order.indexOf(b.layer));

/** Those that a topology can show. Behind address translation everything is relayed already. */
export function faultsOf(topology: LabTopology): readonly Fault[] {
  const kind = topology.nat ? "nat" : topology.name;
  return faults.filter((fault) => fault.topology === "any" || fault.topology === kind);
}
