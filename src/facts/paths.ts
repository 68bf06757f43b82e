/** What Tailmesh owns or looks at on a node, by name. The one place for these names. */

/** Everything here is ours alone: created, compared byte for byte and removed by us. */
export const owned = {
  sysctl: "/etc/sysctl.d/99-tailmesh.conf",
  guardConf: "/etc/tailmesh/guard.conf",
  guardScript: "/usr/local/lib/tailmesh/guard.sh",
  guardService: "/etc/systemd/system/tailmesh-guard.service",
  guardApplyService: "/etc/systemd/system/tailmesh-guard-apply.service",
  guardTimer: "/etc/systemd/system/tailmesh-guard.timer",
  tailscaledDropIn: "/etc/systemd/system/tailscaled.service.d/tailmesh.conf",
  networkdDropIn: "/etc/systemd/networkd.conf.d/50-tailmesh.conf",
} as const;

/** Files of others that the facts read. */
export const watched = {
  tailscaledDefaults: "/etc/default/tailscaled",
  tailscaledUnit: "/etc/systemd/system/tailscaled.service",
} as const;

export const binaries = { tailscaled: "/usr/sbin/tailscaled", tailscale: "/usr/bin/tailscale" } as const;

/** Transient units of the timed undo. */
export const undoUnit = "tailmesh-undo";

export const units = [
  "tailscaled.service",
  "k3s.service",
  "k3s-agent.service",
  "systemd-networkd.service",
  "tailmesh-guard.service",
  "tailmesh-guard.timer",
  `${undoUnit}.timer`,
] as const;

/** `ip rule` preference of the guards; 2500 is what Tailscale's own page on overlapping LANs uses, below its 5210. */
export const guardPreference = 2500;

/**
 * The routing protocol number on our rules, by which they are told from everybody else's (rtnetlink leaves 5–255 to
 * user space; iproute2 and the routing daemons have named none of 160–180).
 */
export const guardProtocol = 167;

export const chains = { mss: "TAILMESH-MSS", guard: "TAILMESH-GUARD" } as const;

/** The tunnel interface. */
export const tunnel = "tailscale0";
