/**
 * The guard: what keeps a node's own prefixes out of the tunnel, full-size TCP working and the far clusters out of the
 * node's own services. A script and its units on the node; its list of prefixes is data that the script reads line by line.
 */

import type { NodeFacts } from "../facts/facts.ts";
import { chains, guardPreference, guardProtocol, owned, tunnel } from "../facts/paths.ts";
import { Cidr } from "../mesh/cidr.ts";
import type { DesiredNode } from "./desired.ts";

/** The node's own local networks: the declared ones, else the connected networks of the interface with its address. */
export function localNetworks(facts: NodeFacts, desired: DesiredNode): readonly string[] {
  if (desired.cluster.lan) return desired.cluster.lan.map((c) => c.text);
  return facts.addresses
    .filter((a) => a.address === desired.node.address)
    .map((a) => Cidr.around(a.address, a.bits).text);
}

/** Prefixes for which the node asks its main table before Tailscale's: own pods, own services, own local networks. */
export function guardedPrefixes(facts: NodeFacts, desired: DesiredNode): readonly string[] {
  return [desired.cluster.pods.text, desired.cluster.services.text, ...localNetworks(facts, desired)];
}

/** Lines `own PREFIX` (guarded) and `pods PREFIX` (whose local addresses are closed to the tunnel). */
export function guardConf(facts: NodeFacts, desired: DesiredNode): string {
  const lines = [
    "# Written by Tailmesh; read line by line by guard.sh, never sourced.",
    ...guardedPrefixes(facts, desired).map((p) => `own ${p}`),
    `pods ${desired.cluster.pods.text}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** The three rules of the two chains, as `iptables -S` prints them after `-A CHAIN`. */
export function guardRules(pods: string): { readonly mss: readonly string[]; readonly guard: readonly string[] } {
  const clamp = "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu";
  return {
    mss: [`-o ${tunnel} ${clamp}`, `-i ${tunnel} ${clamp}`],
    guard: [`-d ${pods} -i ${tunnel} ! -p icmp -m conntrack --ctstate NEW -m addrtype --dst-type LOCAL -j DROP`],
  };
}

/**
 * apply | check | remove. The lock keeps the boot service, the timer and a run apart: check-then-add is not atomic, and
 * without it hooks were seen twice. Rules are told by their protocol number; nobody else's are touched.
 */
export const guardScript = `#!/bin/sh
# Tailmesh's guard. apply: make it so; check: report drift, exit 2; remove: take everything away.
set -u
P=\${TAILMESH_ROOT-}
CONF="$P${owned.guardConf}"
PREF=${guardPreference}
PROTO=${guardProtocol}
rc=0
[ "\${1-}" = check ] || { exec 9>"$P/run/tailmesh-guard.lock"; flock -w 20 9 || exit 75; }
list() { while read -r kind prefix rest; do [ "$kind" != "$1" ] || echo "$prefix"; done <"$CONF"; }
rules() { ip -4 rule show | sed -n "s/^$PREF:.* to \\\\([^ ]*\\\\) lookup main proto $PROTO.*/\\\\1/p"; }
m() { iptables -w 10 -t mangle "$@"; }
drift() { echo "DRIFT $*"; rc=2; }
bare() { echo "$1" | sed 's#/32$##'; }
mss_rule() { m "$1" ${chains.mss} "$2" ${tunnel} -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu; }
guard_rule() { m "$1" ${chains.guard} -i ${tunnel} -d "$2" ! -p icmp -m conntrack --ctstate NEW -m addrtype --dst-type LOCAL -j DROP; }
count() { m -S "$1" 2>/dev/null | grep -c -- "$2"; }
chain() { # chain NAME HOOK WANTED-RULES
  m -S "$1" >/dev/null 2>&1 || m -N "$1"
  while [ "$(count "$2" "-j $1")" -gt 1 ]; do m -D "$2" -j "$1"; done
  m -C "$2" -j "$1" 2>/dev/null || m -I "$2" 1 -j "$1"
}
case \${1-} in
apply)
  for c in $(list own); do
    rules | grep -qx "$(bare "$c")" || ip -4 rule add to "$c" lookup main pref $PREF protocol $PROTO || rc=1
  done
  for c in $(rules); do
    found=
    for o in $(list own); do [ "$(bare "$o")" != "$c" ] || found=1; done
    [ -n "$found" ] || ip -4 rule del to "$c" lookup main pref $PREF protocol $PROTO
  done
  chain ${chains.mss} FORWARD
  chain ${chains.guard} PREROUTING
  ok=1
  mss_rule -C -o 2>/dev/null && mss_rule -C -i 2>/dev/null && [ "$(count ${chains.mss} '^-A')" = 2 ] || ok=
  [ -n "$ok" ] || { m -F ${chains.mss}; mss_rule -A -o && mss_rule -A -i || rc=1; }
  ok=1; n=0
  for c in $(list pods); do n=$((n + 1)); guard_rule -C "$c" 2>/dev/null || ok=; done
  [ "$(count ${chains.guard} '^-A')" = $n ] || ok=
  [ -n "$ok" ] || { m -F ${chains.guard}; for c in $(list pods); do guard_rule -A "$c" || rc=1; done; }
  ;;
check)
  for c in $(list own); do rules | grep -qx "$(bare "$c")" || drift "rule $c"; done
  [ "$(count FORWARD '-j ${chains.mss}')" = 1 ] || drift "hook ${chains.mss}"
  [ "$(count PREROUTING '-j ${chains.guard}')" = 1 ] || drift "hook ${chains.guard}"
  mss_rule -C -o 2>/dev/null && mss_rule -C -i 2>/dev/null || drift "rules ${chains.mss}"
  for c in $(list pods); do guard_rule -C "$c" 2>/dev/null || drift "rule ${chains.guard} $c"; done
  ;;
remove)
  for c in $(rules); do ip -4 rule del to "$c" lookup main pref $PREF protocol $PROTO; done
  for pair in ${chains.mss}:FORWARD ${chains.guard}:PREROUTING; do
    while m -D "\${pair#*:}" -j "\${pair%:*}" 2>/dev/null; do :; done
    m -F "\${pair%:*}" 2>/dev/null
    m -X "\${pair%:*}" 2>/dev/null
  done
  ;;
*) echo "usage: guard.sh apply|check|remove" >&2; exit 64 ;;
esac
exit $rc
`;

/** Before tailscaled at boot, so that its rules never act alone. */
const service = `[Unit]
Description=Keep this cluster's own prefixes out of the tunnel
DefaultDependencies=no
After=network-pre.target local-fs.target
Before=tailscaled.service network-online.target
ConditionPathExists=${owned.guardConf}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${owned.guardScript} apply

[Install]
WantedBy=multi-user.target
`;

const applyService = `[Unit]
Description=Put the mesh guards back where something removed them
ConditionPathExists=${owned.guardConf}

[Service]
Type=oneshot
ExecStart=${owned.guardScript} apply
`;

/** networkd (from systemd 249) deletes rules of others when it restarts, firewall tools flush chains: hence every minute. */
const timer = `[Unit]
Description=Put the mesh guards back where something removed them

[Timer]
OnBootSec=90
OnUnitInactiveSec=60
Unit=tailmesh-guard-apply.service

[Install]
WantedBy=timers.target
`;

export interface OwnedFile {
  readonly path: string;
  readonly mode: string;
  readonly content: string;
}

export function guardFiles(facts: NodeFacts, desired: DesiredNode): readonly OwnedFile[] {
  return [
    { path: owned.guardConf, mode: "644", content: guardConf(facts, desired) },
    { path: owned.guardScript, mode: "755", content: guardScript },
    { path: owned.guardService, mode: "644", content: service },
    { path: owned.guardApplyService, mode: "644", content: applyService },
    { path: owned.guardTimer, mode: "644", content: timer },
  ];
}

/** What of the guard is not in force on the node, in words; empty when all is. */
export function guardDrift(facts: NodeFacts, desired: DesiredNode): readonly string[] {
  const drift: string[] = [];
  const rules = facts.rules.filter((r) => r.priority === guardPreference && r.protocol === String(guardProtocol));
  for (const prefix of guardedPrefixes(facts, desired)) {
    if (!rules.some((r) => r.to === prefix && r.table === "main")) drift.push(`no ip rule for ${prefix}`);
  }
  for (const rule of rules) {
    if (rule.to === null || !guardedPrefixes(facts, desired).includes(rule.to))
      drift.push(`a rule of ours for ${rule.to ?? "all"} is left over`);
  }
  const mangle = facts.netfilter.tables["mangle"] ?? [];
  const wanted = guardRules(desired.cluster.pods.text);
  const hooks = [
    { chain: chains.mss, hook: "FORWARD", rules: wanted.mss },
    { chain: chains.guard, hook: "PREROUTING", rules: wanted.guard },
  ];
  for (const { chain, hook, rules: lines } of hooks) {
    if (mangle.filter((l) => l === `-A ${hook} -j ${chain}`).length !== 1) drift.push(`${chain} is not hooked in once`);
    const own = mangle.filter((l) => l.startsWith(`-A ${chain} `)).map((l) => l.slice(chain.length + 4));
    if (own.length !== lines.length || !lines.every((l) => own.includes(l))) drift.push(`${chain} has other rules`);
  }
  for (const unit of ["tailmesh-guard.service", "tailmesh-guard.timer"]) {
    const state = facts.units[unit];
    if (state?.enabled !== "enabled" || state.active !== "active") drift.push(`${unit} is not enabled and active`);
  }
  return drift;
}
