/** The one script that learns everything of a node in one round trip, without changing anything. */
import { chains, owned, units, watched } from "./paths.ts";

/** Commands whose presence decides how things are done. */
const tools = [
  "tailscale",
  "systemctl",
  "systemd-run",
  "ip",
  "iptables",
  "iptables-save",
  "nft",
  "sysctl",
  "k3s",
  "nsenter",
  "ping",
  "perl",
  "python3",
  "curl",
  "tar",
  "sha256sum",
  "flock",
  "timeout",
  "dpkg-query",
  "rpm",
  "ufw",
  "firewall-cmd",
] as const;

const sysctls = [
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/rp_filter",
  "net/ipv4/conf/default/rp_filter",
  "net/bridge/bridge-nf-call-iptables",
] as const;

/** Rules that matter to the mesh; a busy node's thousands of per-service rules stay where they are. */
const netfilterLines = `^[*]|^:(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING|ts-|${chains.mss}|${chains.guard})|^-A (INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING|ts-[a-z]*|${chains.mss}|${chains.guard}|FLANNEL-FWD|FLANNEL-POSTRTG|KUBE-ROUTER-FORWARD) `;

const kubectlRow =
  '{range .items[*]}{.kind}{"\\t"}{.metadata.namespace}{"\\t"}{.metadata.name}{"\\t"}{.spec.podCIDR}{"\\t"}{.spec.clusterIP}{"\\t"}{.metadata.annotations.k3s\\.io/node-args}{"\\n"}{end}';

/** For one sandbox; of several, newer crictl makes one list and older ones answer one by one. */
const podRow =
  '{{.status.metadata.namespace}}{{"\\t"}}{{.status.metadata.name}}{{"\\t"}}{{.status.network.ip}}{{"\\t"}}{{.info.pid}}{{"\\n"}}';

/**
 * The script. Every section is framed by a line that begins with `nonce`, which no node can know beforehand, so that
 * nothing a node says can pass for a frame: `<nonce> <section> <exit code>`, then the text.
 * Slow questions (Kubernetes, the container runtime) run beside the others.
 */
export function factsScript(nonce: string): string {
  return `set -u
P=\${TAILMESH_ROOT-}
export LC_ALL=C
T=$(mktemp -d "$P/run/tailmesh.XXXXXX") || exit 70
trap 'wait; rm -rf "$T"' EXIT
trap 'exit 75' HUP INT PIPE TERM
say() { printf '\\n%s %s %s\\n' '${nonce}' "$1" "$2"; }
put() { n=$1; shift; "$@" >"$T/$n" 2>"$T/$n.err"; echo $? >"$T/$n.rc"; }
have() { command -v "$1" >/dev/null 2>&1; }
show() { if [ -f "$T/$1.rc" ]; then say "$1" "$(cat "$T/$1.rc")"; cat "$T/$1"; if [ -s "$T/$1.err" ]; then say "$1.err" 0; head -c 2000 "$T/$1.err"; fi; fi; }
kube() { k3s kubectl get nodes,services -A --request-timeout=5s -o jsonpath='${kubectlRow}' | awk -F '\\t' '$1 == "Node" || $3 == "kubernetes" || $3 == "kube-dns"'; }
pods() {
  ids=$(k3s crictl pods -q --state Ready | head -n 12); set -- $ids
  case $# in 0) return 0 ;; 1) k3s crictl inspectp -o go-template --template '${podRow}' "$1"; return ;; esac
  k3s crictl inspectp -o go-template --template '{{range .}}${podRow}{{end}}' $ids 2>/dev/null && return 0
  for i in $ids; do k3s crictl inspectp -o go-template --template '${podRow}' "$i"; done
}
firewall() { iptables-save | grep -E '${netfilterLines}'; }
package() { if have dpkg-query && dpkg-query -W -f '\${Status}' tailscale 2>/dev/null | grep -q ' installed$'; then echo dpkg; elif have rpm && rpm -q tailscale >/dev/null 2>&1; then echo rpm; fi; }
if have k3s; then put kube kube & put pods pods & fi
if have iptables-save; then put netfilter firewall & put iptables iptables -V & fi
if have tailscale; then put status timeout 8 tailscale status --json & put prefs timeout 8 tailscale debug prefs & put version tailscale version --json & fi
put package package &
put addresses ip -j addr &
put main ip -j -4 route show table main &
put table52 ip -j -4 route show table 52 &
put rules ip -j -4 rule &
if have systemctl; then put units systemctl show --property=Id,LoadState,ActiveState,UnitFileState,MainPID,ExecMainStartTimestampMonotonic ${units.join(" ")} & fi
say host 0
echo "machine=$(uname -m)"
echo "hostname=$(hostname 2>/dev/null || uname -n)"
echo "boot=$(cat "$P/proc/sys/kernel/random/boot_id" 2>/dev/null)"
echo "init=$(cat "$P/proc/1/comm" 2>/dev/null)"
echo "ssh=\${1:-\${SSH_CONNECTION-}}"
echo "time=$(date +%s)"
if grep -q '"_current-profile"' "$P/var/lib/tailscale/tailscaled.state" 2>/dev/null; then echo "profile=yes"; fi
for t in ${tools.join(" ")}; do if have $t; then echo "tool=$t"; fi; done
for k in ${sysctls.join(" ")}; do if [ -r "$P/proc/sys/$k" ]; then echo "sysctl=$k $(cat "$P/proc/sys/$k")"; fi; done
say os 0
cat "$P/etc/os-release" 2>/dev/null
say flannel 0
cat "$P/run/flannel/subnet.env" 2>/dev/null
say netconf 0
cat "$P/var/lib/rancher/k3s/agent/etc/flannel/net-conf.json" 2>/dev/null
for f in ${[...Object.values(owned), ...Object.values(watched)].join(" ")}; do
  if [ -f "$P$f" ]; then say "file:$f" "$(stat -c %a "$P$f" 2>/dev/null || stat -f %Lp "$P$f")"; head -c 65536 "$P$f"; fi
done
wait
for s in kube pods netfilter iptables status prefs version package addresses main table52 rules units; do show $s; done
say end 0
`;
}
