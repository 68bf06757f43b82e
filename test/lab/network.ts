// The wires: a wide-area router with a bridge for each LAN and one for the internet, and a network namespace for every machine.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must, run, start } from "./exec.ts";
import { state } from "./paths.ts";
import { clusterOf, internet, type LabNode, type LabTopology, serverNames } from "./topology.ts";
import { until } from "./wait.ts";

async function ip(lines: readonly string[]): Promise<void> {
  await must(["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

const bridge = (name: string, address: string): string[] => [
  `link add ${name} type bridge`,
  `addr add ${address}/24 dev ${name}`,
  `link set ${name} up`,
];

/** A machine keeps its hardware address over a reboot: with another one, its neighbours would look for it in vain for half a minute. */
const hardwareAddress = (address: string): string =>
  ["02", "00", ...address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))].join(":");

/** A machine's network namespace, on one of the bridges. */
async function plug(name: string, bridgeName: string, gateway: string, addresses: readonly string[]): Promise<void> {
  await must(["ip", "netns", "add", name]);
  const hardware = hardwareAddress(addresses[0] ?? "0.0.0.0");
  await ip([
    `link add v-${name} type veth peer name eth0 address ${hardware} netns ${name}`,
    `link set v-${name} master ${bridgeName} up`,
  ]);
  const lines = [
    "link set lo up",
    ...addresses.map((address) => `addr add ${address}/24 dev eth0`),
    "link set eth0 up",
    `route add default via ${gateway}`,
  ];
  await must(["ip", "-netns", name, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

export async function plugNode(topology: LabTopology, node: LabNode): Promise<void> {
  const cluster = clusterOf(topology, node.cluster);
  await plug(node.name, cluster.bridge, cluster.gateway, [node.address]);
}

/**
 * A reboot keeps no interface, rule or route: the next boot gets a namespace of its own. The old one goes when the kernel
 * has let go of everything in it, which nobody waits for; its end of the wire is taken away now.
 */
export async function unplugNode(node: LabNode): Promise<void> {
  await run(["ip", "netns", "del", node.name]);
  await run(["ip", "link", "del", `v-${node.name}`]);
  await until(`v-${node.name} to go`, 10_000, async () => {
    return (await run(["ip", "link", "show", `v-${node.name}`])).code !== 0;
  });
}

async function translate(topology: LabTopology): Promise<void> {
  const rule = (...words: string[]): Promise<string> => must(["iptables", "-w", ...words]);
  const bridges = topology.clusters.map((cluster) => cluster.bridge);
  for (const [index, cluster] of topology.clusters.entries()) {
    const outside = internet.translated(index);
    await ip([`addr add ${outside}/24 dev br-inet`]);
    for (const other of bridges.filter((name) => name !== cluster.bridge)) {
      await rule("-A", "FORWARD", "-i", cluster.bridge, "-o", other, "-j", "DROP");
    }
    // the runner keeps its way in
    const source = ["-s", cluster.lan, "!", "-d", internet.runner];
    await rule("-t", "nat", "-A", "POSTROUTING", ...source, "-j", "SNAT", "--to-source", outside);
  }
}

/** Called inside the world. */
export async function layNetwork(topology: LabTopology, coredns: string): Promise<void> {
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  await ip([
    "link set lo up",
    ...topology.clusters.flatMap((cluster) => bridge(cluster.bridge, cluster.gateway)),
    ...bridge("br-inet", internet.gateway),
  ]);
  await plug("hs", "br-inet", internet.gateway, [...serverNames.map(([, address]) => address), internet.resolver]);
  await plug("runner", "br-inet", internet.gateway, [internet.runner]);
  for (const node of topology.nodes) await plugNode(topology, node);
  if (topology.nat) await translate(topology);
  await startResolver(coredns);
}

/** The internet's resolver; its file of names is the only one that this internet has. */
async function startResolver(coredns: string): Promise<void> {
  const folder = join(state, "dns");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "hosts"), serverNames.map(([name, address]) => `${address} ${name}\n`).join(""));
  writeFileSync(
    join(folder, "Corefile"),
    `.:53 {\n  bind ${internet.resolver}\n  hosts ${join(folder, "hosts")} {\n  }\n  errors\n}\n`,
  );
  start(
    ["ip", "netns", "exec", "hs", join(coredns, "coredns"), "-conf", join(folder, "Corefile")],
    join(folder, "log"),
  );
  // for the runner too, in the world's own mount namespace only
  writeFileSync(join(folder, "resolv.conf"), `nameserver ${internet.resolver}\noptions timeout:1 attempts:2\n`);
  await must(["mount", "--bind", join(folder, "resolv.conf"), "/etc/resolv.conf"]);
}
