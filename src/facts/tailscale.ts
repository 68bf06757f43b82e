/** Reads `tailscale status --json`, `debug prefs` and `version --json` (shapes: tailscale's ipnstate and ipn.Prefs). */
import * as z from "zod";
import type { TailscalePeer, TailscalePrefs, TailscaleStatus } from "./facts.ts";
import { parseJson } from "./json.ts";

const strings = z.array(z.string()).nullish();

const peer = z.object({
  ID: z.string().optional(),
  HostName: z.string().optional(),
  DNSName: z.string().optional(),
  PublicKey: z.string().optional(),
  TailscaleIPs: strings,
  Tags: strings,
  Online: z.boolean().optional(),
  KeyExpiry: z.string().nullish(),
  AllowedIPs: strings,
  PrimaryRoutes: strings,
  CurAddr: z.string().optional(),
  Relay: z.string().optional(),
});

const status = z.object({
  BackendState: z.string(),
  TUN: z.boolean().optional(),
  TailscaleIPs: strings,
  Self: peer.nullish(),
  Peer: z.record(z.string(), peer).nullish(),
  Health: strings,
  CurrentTailnet: z.object({ Name: z.string() }).nullish(),
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
  LoggedOut: z.boolean().optional(),
  ShieldsUp: z.boolean().optional(),
  Hostname: z.string().optional(),
  AdvertiseRoutes: strings,
  AdvertiseTags: strings,
  NoSNAT: z.boolean().optional(),
  NoStatefulFiltering: z.union([z.boolean(), z.string()]).nullish(),
  NetfilterMode: z.number(),
  RunSSH: z.boolean().optional(),
  OperatorUser: z.string().optional(),
  AutoUpdate: z.object({ Apply: z.boolean().nullish() }).nullish(),
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
