// Faults of the daemon and its preferences.
import { devices } from "../headscale.ts";
import { pictureOf } from "../mesh.ts";
import { mustOnNode, onNode } from "../nodes.ts";
import type { Fault } from "./fault.ts";
import { anyAnswer, isCut, preference, receives, restartTailscaled } from "./on-node.ts";

const isActive = async (node: string): Promise<boolean> =>
  (await onNode(node, "systemctl is-active --quiet tailscaled")).code === 0;

const isOnline = async (node: string): Promise<boolean> =>
  (await devices()).some((device) => device.givenName === node && device.online);

export const tailscaledFaults: readonly Fault[] = [
  {
    name: "tailscaled-stopped",
    layer: "daemon",
    topology: "any",
    what: "tailscaled is stopped on the far router; its prefixes leave the peers after about 10 s",
    inject: async ({ farRouter }) => {
      await mustOnNode(farRouter.name, "systemctl stop tailscaled");
    },
    settled: async ({ nearRouter, far, farRouter, topology }) => {
      if ((await isActive(farRouter.name)) || (await isOnline(farRouter.name))) return false;
      // with a second router its prefixes stay, by the other way
      const others = far.nodes.some((node) => node.role === "router" && node !== farRouter);
      return topology.nodes.length > 0 && (others || (await isCut(nearRouter, far)));
    },
    undo: async ({ farRouter }) => {
      if (!(await isActive(farRouter.name))) await restartTailscaled(farRouter);
    },
  },
  {
    name: "primary-stopped",
    layer: "daemon",
    topology: "ha",
    what: "tailscaled is stopped on the near router that serves its cluster's prefixes; the other router takes over",
    inject: async ({ nearRouter }) => {
      await mustOnNode(nearRouter.name, "systemctl stop tailscaled");
    },
    settled: async ({ near, nearRouter, farRouter }) => {
      const known = await devices();
      const serves = (node: string): boolean =>
        known.some((device) => device.givenName === node && device.online && device.subnetRoutes.includes(near.pods));
      const others = near.nodes.filter((node) => node.role === "router" && node !== nearRouter);
      const moved = !serves(nearRouter.name) && others.some((node) => serves(node.name));
      return moved && (await receives(farRouter, near)) === true;
    },
    undo: async ({ nearRouter }) => {
      if (!(await isActive(nearRouter.name))) await restartTailscaled(nearRouter);
    },
  },
  {
    name: "tun-removed",
    layer: "daemon",
    topology: "any",
    what: "the tunnel's interface is deleted and tailscaled, which then ends with status 0, is not started again",
    inject: async ({ farRouter }) => {
      // sorts after any other drop-in, so this is the word that counts
      const dropIn = "/run/systemd/system/tailscaled.service.d/zz-lab.conf";
      await mustOnNode(
        farRouter.name,
        `mkdir -p "$(dirname ${dropIn})" && printf '[Service]\\nRestart=on-failure\\n' > ${dropIn} &&
         systemctl daemon-reload && ip link del tailscale0`,
      );
    },
    settled: async ({ nearRouter, far, farRouter }) =>
      !(await isActive(farRouter.name)) && !(await isOnline(farRouter.name)) && (await isCut(nearRouter, far)),
    undo: async ({ farRouter }) => {
      await mustOnNode(farRouter.name, "rm -rf /run/systemd/system/tailscaled.service.d && systemctl daemon-reload");
      const { address } = await pictureOf(farRouter.name);
      if (address === "" || !(await isActive(farRouter.name))) await restartTailscaled(farRouter);
    },
  },
  {
    name: "address-lost",
    layer: "interface",
    topology: "any",
    what: "tailscaled is Running, but its address is not on tailscale0",
    save: async ({ farRouter }) => (await pictureOf(farRouter.name)).address,
    inject: async ({ farRouter }, saved) => {
      await mustOnNode(farRouter.name, `ip addr del ${String(saved)} dev tailscale0`);
    },
    settled: async ({ farRouter }) => (await pictureOf(farRouter.name)).address === "",
    undo: async ({ farRouter, near }) => {
      // the routes went with the address, and only a restart brings them back
      const { address } = await pictureOf(farRouter.name);
      if (address === "" || (await receives(farRouter, near)) !== true) await restartTailscaled(farRouter);
    },
  },
  {
    name: "advertise-cleared",
    layer: "advertised",
    topology: "any",
    what: "the far router advertises nothing any more, as after K3s' uninstall script",
    save: ({ farRouter }) => preference(farRouter, "AdvertiseRoutes"),
    inject: async ({ farRouter }) => {
      await mustOnNode(farRouter.name, "tailscale set --advertise-routes=");
    },
    settled: ({ nearRouter, far }) => isCut(nearRouter, far),
    undo: async ({ farRouter }, saved) => {
      await mustOnNode(farRouter.name, `tailscale set --advertise-routes=${String(saved)}`);
    },
  },
  {
    name: "accept-routes-off",
    layer: "accepted",
    topology: "any",
    what: "the near router does not accept routes: its packets for the far cluster leave by the default gateway",
    inject: async ({ nearRouter }) => {
      await mustOnNode(nearRouter.name, "tailscale set --accept-routes=false");
    },
    settled: ({ nearRouter, far }) => isCut(nearRouter, far),
    undo: async ({ nearRouter }) => {
      await mustOnNode(nearRouter.name, "tailscale set --accept-routes=true");
    },
  },
  {
    name: "udp-blocked",
    layer: "path",
    topology: "default",
    what: "no UDP between tailscaled and its peers: everything still passes, by the relay",
    inject: async ({ farRouter }) => {
      const rule = (chain: string, side: string): string =>
        `iptables -w -I ${chain} -p udp --${side} 41641 -m comment --comment lab-udp -j DROP`;
      await mustOnNode(farRouter.name, `${rule("INPUT", "dport")}\n${rule("OUTPUT", "sport")}`);
    },
    settled: async (scene) => {
      const { topology, farRouter } = scene;
      const relayed = await Promise.all(
        topology.nodes
          .filter((node) => node.cluster !== farRouter.cluster)
          .map(async (node) => (await peerPath(node.name, farRouter.name)) === "relayed"),
      );
      // asked for traffic, too: paths are only chosen when something is sent
      const flows = await anyAnswer(scene, new RegExp(` pod ${farRouter.name}$`));
      return flows && relayed.every(Boolean);
    },
    undo: async (scene) => {
      const { topology, farRouter } = scene;
      const rule = (chain: string, side: string): string =>
        `while iptables -w -D ${chain} -p udp --${side} 41641 -m comment --comment lab-udp -j DROP 2>/dev/null; do :; done`;
      await mustOnNode(farRouter.name, `${rule("INPUT", "dport")}\n${rule("OUTPUT", "sport")}`);
      if (topology.nat) return;
      for (const node of topology.nodes.filter((n) => n.cluster !== farRouter.cluster)) {
        // sends what makes tailscaled look for a direct path again, until it has one
        await onNode(
          node.name,
          `tailscale ping --c=8 --timeout=2s "$(${peerAddress(farRouter.name)})" >/dev/null 2>&1`,
        );
      }
    },
  },
];

const peerAddress = (peer: string): string => `tailscale ip -4 ${peer}`;

interface Peer {
  readonly HostName: string;
  readonly CurAddr: string;
  readonly Relay: string;
}

export async function peerPath(node: string, peer: string): Promise<"direct" | "relayed" | "none"> {
  const status = JSON.parse(await mustOnNode(node, "tailscale status --json")) as { Peer?: Record<string, Peer> };
  const found = Object.values(status.Peer ?? {}).find((p) => p.HostName === peer);
  if (!found) return "none";
  return found.CurAddr === "" ? "relayed" : "direct";
}
