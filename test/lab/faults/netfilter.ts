// Faults of rules, routes and firewalls on nodes.

import { pictureOf } from "../mesh.ts";
import { mustOnNode, onNode } from "../nodes.ts";
import type { LabNode } from "../topology.ts";
import type { Fault, Scene } from "./fault.ts";
import { addRules, anyAnswer, dropRules, startTimer, stopTimer } from "./on-node.ts";

const reject = "-j REJECT --reject-with icmp-host-prohibited";

/** Any probe from a node of the near cluster to a thing of the far one, or back. */
const toFar = (scene: Scene, kind: string): RegExp =>
  new RegExp(`^(${scene.near.nodes.map((n) => n.name).join("|")}) ${kind} ${scene.far.name}`);

interface Rule {
  readonly priority: number;
  readonly dst: string;
  readonly dstlen?: number;
  readonly table: string;
  readonly protocol?: string;
}

async function guardsOf(node: LabNode): Promise<readonly Rule[]> {
  const text = await mustOnNode(node.name, "ip -N -4 -j rule show pref 2500");
  return text.trim() === "" ? [] : (JSON.parse(text) as Rule[]);
}

const ruleWords = (rule: Rule): string => {
  const to = `${rule.dst}/${rule.dstlen ?? 32}`;
  const protocol = rule.protocol === undefined ? "" : ` protocol ${rule.protocol}`;
  return `to ${to} lookup ${rule.table} pref ${rule.priority}${protocol}`;
};

const chainRules = async (node: LabNode, table: string, chain: string): Promise<readonly string[]> => {
  const { stdout } = await onNode(node.name, `iptables -w -t ${table} -S ${chain}`);
  return stdout.split("\n").filter((line) => line.startsWith("-A "));
};

/** Places of tailscaled's own hooks, counted from 1. */
async function hookPlaces(node: LabNode): Promise<Record<string, number>> {
  const places: Record<string, number> = {};
  for (const [chain, hook] of Object.entries(hooks)) {
    const place = (await chainRules(node, "filter", chain)).indexOf(`-A ${chain} -j ${hook}`);
    if (place >= 0) places[chain] = place + 1;
  }
  return places;
}

const hooks: Readonly<Record<string, string>> = { FORWARD: "ts-forward", INPUT: "ts-input" };

const allNodes = (scene: Scene, work: (node: LabNode) => Promise<unknown>): Promise<unknown> =>
  Promise.all(scene.topology.nodes.map(work));

/** Pods have learned the path's size before; a black hole is one only for who has not. */
const forgetPathSizes =
  "for p in $(pgrep -x httpd); do nsenter -t $p -n ip route flush cache; done; ip route flush cache";

export const netfilterFaults: readonly Fault[] = [
  {
    name: "guards-removed",
    layer: "guards",
    topology: "any",
    what: "the rules that keep the near router's own prefixes out of tailscale's table are gone, and the timer that mends them is stopped",
    save: ({ nearRouter }) => guardsOf(nearRouter),
    inject: async ({ nearRouter }, saved) => {
      await stopTimer(nearRouter);
      const lines = (saved as Rule[]).map((rule) => `ip -4 rule del ${ruleWords(rule)}`);
      if (lines.length === 0) throw new Error(`${nearRouter.name} has no guards`);
      await mustOnNode(nearRouter.name, lines.join("\n"));
    },
    settled: async ({ nearRouter }) => (await pictureOf(nearRouter.name)).guards.length === 0,
    undo: async ({ nearRouter }, saved) => {
      const there = (await guardsOf(nearRouter)).map(ruleWords);
      const missing = (saved as Rule[]).map(ruleWords).filter((words) => !there.includes(words));
      await mustOnNode(nearRouter.name, missing.map((words) => `ip -4 rule add ${words}`).join("\n") || "true");
      await startTimer(nearRouter);
    },
  },
  {
    name: "reject-forward",
    layer: "hooks",
    topology: "any",
    what: "a firewall reload put a REJECT above tailscale's hook in FORWARD of the far router",
    inject: ({ farRouter }) => addRules(farRouter, "reject", [`-I FORWARD 1 ${reject}`]),
    settled: async (scene) => !(await anyAnswer(scene, toFar(scene, "pod"))),
    undo: ({ farRouter }) => dropRules(farRouter, "reject"),
  },
  {
    name: "hooks-flushed",
    layer: "hooks",
    topology: "any",
    what: "a firewall reload took tailscale's hooks away on the far router, and its own REJECT came back",
    save: ({ farRouter }) => hookPlaces(farRouter),
    inject: async ({ farRouter }, saved) => {
      const lines = Object.keys(saved as object).map((chain) => `iptables -w -D ${chain} -j ${hooks[chain]}`);
      await mustOnNode(farRouter.name, lines.join("\n"));
      await addRules(farRouter, "flushed", [
        `-I FORWARD 1 -i tailscale0 ${reject}`,
        `-I FORWARD 1 -o tailscale0 ${reject}`,
      ]);
    },
    settled: async (scene) => !(await anyAnswer(scene, toFar(scene, "pod"))),
    undo: async ({ farRouter }, saved) => {
      await dropRules(farRouter, "flushed");
      const lines = Object.entries(saved as Record<string, number>).map(
        ([chain, place]) =>
          `iptables -w -C ${chain} -j ${hooks[chain]} 2>/dev/null || iptables -w -I ${chain} ${place} -j ${hooks[chain]}`,
      );
      await mustOnNode(farRouter.name, lines.join("\n") || "true");
    },
  },
  {
    name: "route-shadowed",
    layer: "route",
    topology: "any",
    what: "a foreign rule on the near router sends the far cluster's prefixes to the default gateway",
    inject: async ({ nearRouter, far }) => {
      const lines = [far.pods, far.services].map((cidr) => `ip -4 rule add to ${cidr} lookup main pref 1900`);
      await mustOnNode(nearRouter.name, lines.join("\n"));
    },
    settled: async (scene) => {
      const pattern = new RegExp(`^${scene.nearRouter.name} pod ${scene.far.name}`);
      return !(await anyAnswer(scene, pattern));
    },
    undo: async ({ nearRouter }) => {
      await mustOnNode(nearRouter.name, "while ip -4 rule del pref 1900 2>/dev/null; do :; done");
    },
  },
  {
    name: "ip-forward-off",
    layer: "pod",
    topology: "any",
    what: "the far router does not forward",
    inject: async ({ farRouter }) => {
      await mustOnNode(farRouter.name, "echo 0 > /proc/sys/net/ipv4/ip_forward");
    },
    settled: async (scene) => !(await anyAnswer(scene, toFar(scene, "pod"))),
    undo: async ({ farRouter }) => {
      await mustOnNode(farRouter.name, "echo 1 > /proc/sys/net/ipv4/ip_forward");
    },
  },
  {
    name: "pod-dropped",
    layer: "pod",
    topology: "any",
    what: "something on the far router drops what comes out of the tunnel for its pods",
    inject: ({ farRouter, far }) =>
      addRules(farRouter, "pod", [`-t mangle -I FORWARD 1 -i tailscale0 -d ${far.pods} -j DROP`]),
    settled: async (scene) => !(await anyAnswer(scene, toFar(scene, "pod"))),
    undo: ({ farRouter }) => dropRules(farRouter, "pod"),
  },
  {
    name: "service-broken",
    layer: "service",
    topology: "any",
    what: "something on the far router drops what comes out of the tunnel for its services; its pods answer",
    inject: ({ farRouter, far }) =>
      addRules(farRouter, "service", [`-t mangle -I PREROUTING 1 -i tailscale0 -d ${far.services} -j DROP`]),
    settled: async (scene) => !(await anyAnswer(scene, toFar(scene, "service"))),
    undo: ({ farRouter }) => dropRules(farRouter, "service"),
  },
  {
    name: "mtu-blackhole",
    layer: "mtu",
    topology: "any",
    what: "no segment size is clamped and no router may say that a packet is too big: headers arrive, bodies do not",
    save: async (scene) => {
      const kept: Record<string, readonly string[]> = {};
      for (const node of scene.topology.nodes) kept[node.name] = await chainRules(node, "mangle", "TAILMESH-MSS");
      return kept;
    },
    inject: async (scene) => {
      await allNodes(scene, async (node) => {
        await stopTimer(node);
        const tooBig = "-p icmp -m icmp --icmp-type fragmentation-needed -j DROP";
        await addRules(
          node,
          "mtu",
          ["INPUT", "FORWARD", "OUTPUT"].map((chain) => `-I ${chain} 1 ${tooBig}`),
        );
        await mustOnNode(node.name, `iptables -w -t mangle -F TAILMESH-MSS && { ${forgetPathSizes}; }`);
      });
    },
    settled: async (scene) =>
      !(await anyAnswer(scene, toFar(scene, "bulk"))) && (await anyAnswer(scene, toFar(scene, "pod"))),
    undo: async (scene, saved) => {
      await allNodes(scene, async (node) => {
        await dropRules(node, "mtu");
        const there = await chainRules(node, "mangle", "TAILMESH-MSS");
        const missing = ((saved as Record<string, readonly string[]>)[node.name] ?? []).filter(
          (rule) => !there.includes(rule),
        );
        const lines = missing.map((rule) => `iptables -w -t mangle ${rule}`);
        await mustOnNode(node.name, lines.join("\n") || "true");
        await startTimer(node);
      });
    },
  },
];
