/** What one probe is: values, made by probes.ts, turned into shell by script.ts, judged by judge.ts. */
import type { Layer } from "./layers.ts";

/** What is run. Addresses are dotted IPv4 that were checked; nothing here is text of others. */
export type ProbeRun =
  /** `tailscale ping` to a router's own address, a few times: which way packets go. */
  | { readonly kind: "path"; readonly address: string }
  /** `tailscale ping` to an address behind a router: which router answers for it. */
  | { readonly kind: "owner"; readonly address: string; readonly routers: readonly string[] }
  /** `tailscale ping --icmp`: subject to the policy, forwarded by the router. */
  | { readonly kind: "grant"; readonly address: string }
  /** `ip route get`: must (or must not) leave by the tunnel. */
  | { readonly kind: "route"; readonly address: string; readonly tunnel: boolean }
  /** ICMP echo with that many bytes and Don't Fragment, or a small one. */
  | { readonly kind: "ping"; readonly address: string; readonly size: number | null }
  | { readonly kind: "tcp"; readonly address: string; readonly port: number }
  /** 1 MiB from the listener that the far node keeps in that pod during the run. */
  | { readonly kind: "fetch"; readonly address: string }
  | {
      readonly kind: "dns";
      readonly transport: "udp" | "tcp";
      readonly address: string;
      readonly name: string;
      readonly answer: string;
    };

/** The ordered pair a probe belongs to. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  /** It must not connect. */
  readonly forbidden: boolean;
}

export interface Probe {
  /** Unique on its node; letters, digits, `-`, `.` and `/`. */
  readonly id: string;
  /** Blamed when it fails. */
  readonly layer: Layer;
  /** Null: it is about the node itself. */
  readonly pair: Pair | null;
  /** Far node, where there is one. */
  readonly target: string | null;
  /** Process whose network namespace it runs in; null = the node's own. */
  readonly pid: number | null;
  readonly run: ProbeRun;
}

/** Serves 1 MiB to each connection inside a pod while the run lasts. */
export interface Listener {
  readonly pid: number;
  readonly address: string;
  /** Connections to serve before it ends by itself; 0 = stays until the time is up. */
  readonly expected: number;
}

/** Why something of a pair is not tested from (or towards) a node. */
export interface Gap {
  readonly pair: Pair;
  readonly node: string | null;
  readonly reason: string;
}

export interface NodeProbes {
  readonly node: string;
  readonly probes: readonly Probe[];
  readonly listener: Listener | null;
  /** Read the counter of packets that the policy dropped here, before and after. */
  readonly countDrops: boolean;
  readonly gaps: readonly Gap[];
}

/** Ids of the two results that belong to no probe. */
export const listenerId = "listener";
export const dropsId = "drops";

/** Range that the listener's port must be taken from: below NodePorts and ephemeral ports, so that a pod is not using it. */
export const listenerPorts = { first: 20_000, last: 29_999 } as const;

/** Payload of the full-size ping: with 28 bytes of headers exactly the tunnel's MTU of 1280. */
export const fullSize = 1252;

/** The name that every cluster DNS knows. */
export const knownName = "kubernetes.default.svc.cluster.local";
