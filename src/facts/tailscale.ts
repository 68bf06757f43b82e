/** Reads `tailscale status --json`, `debug prefs` and `version --json` (shapes: tailscale's ipnstate and ipn.Prefs). */
import * as z from "zod/mini";
import type { TailscalePeer, TailscalePrefs, TailscaleStatus } from "./facts.ts";
import { parseJson } from "./json.ts";

const strings = z.nullish(z.array(z.string()));

const peer = z.object({
  ID: z.optional(z.string()),
  HostName: z.optional(z.string()),
  DNSName: z.optional(z.string()),
  PublicKey: z.optional(z.string()),
  TailscaleIPs: strings,
  Tags: strings,
  Online: z.optional(z.boolean()),
  KeyExpiry: z.nullish(z.string()),
  AllowedIPs: strings,
  PrimaryRoutes: strings,
  CurAddr: z.optional(z.string()),
  Relay: z.optional(z.string()),
});

const status = z.object({
  BackendState: z.string(),
  TUN: z.optional(z.boolean()),
  TailscaleIPs: strings,
  Self: z.nullish(peer),
  Peer: z.nullish(z.record(z.string(), peer)),
  Health: strings,
  CurrentTailnet: z.nullish(z.object({ Name: z.string() })),
});

/** Null when the daemon did not answer. */
export function parseStatus(text: string): TailscaleStatus | null {
  const s = parseJson(text, status);
  if (!s) return null;
  return {
    backendState: s.BackendState,
    tun: s.TUN ?? true,
    addresses: s.TailscaleIPs ?? [],
    self: s.Self
      ? {
          id: s.Self.ID ?? "",
          hostName: s.Self.HostName ?? "",
          dnsName: s.Self.DNSName ?? "",
          publicKey: s.Self.PublicKey ?? "",
          tags: s.Self.Tags ?? [],
          online: s.Self.Online ?? false,
          keyExpiry: s.Self.KeyExpiry ?? null,
        }
      : null,
    peers: Object.values(s.Peer ?? {}).map(parsePeer),
    health: s.Health ?? [],
    tailnet: s.CurrentTailnet?.Name ?? null,
  };
}

function parsePeer(p: z.infer<typeof peer>): TailscalePeer {
  return {
    id: p.ID ?? "",
    hostName: p.HostName ?? "",
    addresses: p.TailscaleIPs ?? [],
    tags: p.Tags ?? [],
    online: p.Online ?? false,
    allowedIPs: p.AllowedIPs ?? [],
    primaryRoutes: p.PrimaryRoutes ?? [],
    curAddr: p.CurAddr ?? "",
    relay: p.Relay ?? "",
  };
}

const prefs = z.object({
  ControlURL: z.string(),
  RouteAll: z.boolean(),
  CorpDNS: z.boolean(),
  WantRunning: z.boolean(),
  LoggedOut: z.optional(z.boolean()),
  ShieldsUp: z.optional(z.boolean()),
  Hostname: z.optional(z.string()),
  AdvertiseRoutes: strings,
  AdvertiseTags: strings,
  NoSNAT: z.optional(z.boolean()),
  NoStatefulFiltering: z.nullish(z.union([z.boolean(), z.string()])),
  NetfilterMode: z.number(),
  RunSSH: z.optional(z.boolean()),
  OperatorUser: z.optional(z.string()),
  AutoUpdate: z.nullish(z.object({ Apply: z.nullish(z.boolean()) })),
});

export function parsePrefs(text: string): TailscalePrefs | null {
  const p = parseJson(text, prefs);
  if (!p) return null;
  return {
    controlUrl: p.ControlURL,
    acceptRoutes: p.RouteAll,
    acceptDns: p.CorpDNS,
    wantRunning: p.WantRunning,
    loggedOut: p.LoggedOut ?? false,
    shieldsUp: p.ShieldsUp ?? false,
    hostname: p.Hostname ?? "",
    advertiseRoutes: p.AdvertiseRoutes ?? [],
    advertiseTags: p.AdvertiseTags ?? [],
    snat: !(p.NoSNAT ?? false),
    // An optional boolean in Go: only an explicit false turns the filtering on (1.66.4 and later).
    statefulFiltering: p.NoStatefulFiltering === false,
    netfilterMode: p.NetfilterMode,
    runSsh: p.RunSSH ?? false,
    operator: p.OperatorUser ?? "",
    autoUpdate: p.AutoUpdate?.Apply ?? null,
  };
}

const version = z.object({ majorMinorPatch: z.string() });

/** `1.102.5` of `tailscale version --json`; builds of one's own append to the long form, never to this one. */
export function parseVersion(text: string): string | null {
  return parseJson(text, version)?.majorMinorPatch ?? null;
}
