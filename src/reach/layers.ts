/** The layers between two pods, in the order in which they are blamed. The ids are fixed (docs, inputs, files, fault table). */

export const layers = [
  "control",
  "daemon",
  "identity",
  "interface",
  "advertised",
  "approved",
  "serving",
  "distributed",
  "accepted",
  "guards",
  "hooks",
  "path",
  "route",
  "grant",
  "pod",
  "service",
  "dns",
  "mtu",
] as const;

export type Layer = (typeof layers)[number];

/** What holds when a layer is in order, one sentence each. */
export const proves: Readonly<Record<Layer, string>> = {
  control: "The control server answers us, and every node is connected to it.",
  daemon: "tailscaled is installed, runs and answers.",
  identity:
    "The node is logged in, known to the control server, and has its cluster's tag and a key that has not expired.",
  interface: "The tunnel interface exists and has the node's tailnet address.",
  advertised: "Every router offers its cluster's pod and service network.",
  approved: "The control server has approved those routes (read there, never from the node itself).",
  serving: "A router that is online serves each of them.",
  distributed: "The nodes of the other cluster have received them.",
  accepted: "Those nodes use them: accept-routes is on and the routing table has them.",
  guards: "A node's own pods, services and our SSH connection stay out of the tunnel.",
  hooks: "Tailscale's firewall chains are called before anything that rejects.",
  path: "The nodes reach the other cluster's router, directly or by a relay.",
  route: "Packets to the other cluster enter the tunnel and are meant for its router.",
  grant: "The tailnet policy lets them in on the far side.",
  pod: "A pod there answers a pod here.",
  service: "A ClusterIP there answers a pod here.",
  dns: "The cluster DNS there answers a pod here, by UDP and TCP, with the right address.",
  mtu: "Full-size packets pass and a transfer of 1 MiB completes.",
};

/** Position in the order; smaller is blamed first. */
export function layerRank(layer: Layer): number {
  return layers.indexOf(layer);
}

/** Whether a text names a layer. */
export function isLayer(text: string): text is Layer {
  return layers.some((l) => l === text);
}
