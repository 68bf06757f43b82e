/** The one script that runs all probes of a node at once, bounded in time, leaving nothing behind. */
import { dropsId, listenerId, type NodeProbes, type Probe, type ProbeRun } from "./probe.ts";
import { perlProgram, pythonProgram } from "./programs.ts";

export interface ProbeOptions {
  /** Hard limit of each probe in seconds; the script ends about one second after it at the latest. */
  readonly seconds: number;
  /** TCP port of the listeners, out of `listenerPorts`; the same on all nodes of a run. */
  readonly port: number;
  /** Begins each frame; must not be known to a node before the run. */
  readonly nonce: string;
}

/** Seconds that a probe may take in an ordinary run. */
export const probeSeconds = 6;

/** Seconds for which a TCP client keeps dialling: the far listener starts at about the same time, not before. */
export const dialSeconds = 3;

/** How much later than a listener the far client may start. After that nobody comes any more. */
export const skewSeconds = 1.5;

/** Prints the number of packets that the policy has dropped since tailscaled's start; nothing where it does not count. */
const dropsFunction = `drops() { timeout 2 tailscale metrics print 2>/dev/null </dev/null | awk '/^tailscaled_/ { seen = 1 } /^tailscaled_inbound_dropped_packets_total[{].*reason="acl"/ { n += $NF } END { if (seen) printf "%.0f\\n", n }'; }`;

/**
 * The script, for `sh` on standard input. Every probe runs in the background under `timeout`; its output goes to a
 * private folder and is printed at the end, framed as the facts are: `<nonce> <id> <exit code>`, then at most 4000 bytes.
 * A tool that the node lacks gives the code 127. Programs of other namespaces are entered with
 * `nsenter -t PID -n perl FILE …` or `python3 FILE …` (programs.ts).
 */
export function probeScript(node: NodeProbes, options: ProbeOptions): string {
  const jobs = [
    ...(node.listener ? [listenerJob(node.listener.pid, node.listener.expected, options)] : []),
    ...node.probes.map((p) => probeJob(p, options)),
  ].map((job, i) => ({ ...job, number: i + 1 }));
  return `set -u
P=\${TAILMESH_ROOT-}
N='${options.nonce}'
export LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077
mkdir -p "$P/run"
D=$(mktemp -d "$P/run/tailmesh-probe.XXXXXX") || exit 70
trap 'wait; rm -rf "$D"' EXIT
trap 'exit 75' HUP INT PIPE TERM
if command -v perl >/dev/null 2>&1; then X=perl; else X=python3; fi
case $X in
perl) cat >"$D/program" <<'TAILMESH_END'
${perlProgram}TAILMESH_END
;;
*) cat >"$D/program" <<'TAILMESH_END'
${pythonProgram}TAILMESH_END
;;
esac
have() { for c in $1; do command -v "$c" >/dev/null 2>&1 || { echo "$c is not installed"; return 1; }; done; }
probe() { # NUMBER TOOLS COMMAND…
  i=$1; w=$2; shift 2
  if have "timeout $w" >"$D/$i.out"; then
    { timeout ${options.seconds} "$@" </dev/null >"$D/$i.out" 2>&1; echo $? >"$D/$i.rc"; } &
  else echo 127 >"$D/$i.rc"; fi
}
frame() { # NUMBER ID
  printf '\\n%s %s %s\\n' "$N" "$2" "$(cat "$D/$1.rc" 2>/dev/null || echo 125)"
  head -c 4000 "$D/$1.out" 2>/dev/null
}
${dropsFunction}
${node.countDrops ? 'drops >"$D/before" &\n' : ""}${jobs.map((j) => `probe ${j.number} ${j.line}`).join("\n")}
wait
${jobs.map((j) => `frame ${j.number} '${plain(j.id)}'`).join("\n")}
${node.countDrops ? dropsFrame : ""}printf '\\n%s end 0\\n' "$N"
`;
}

const dropsFrame = `printf '\\n%s ${dropsId} 0\\ndropped %s %s\\n' "$N" "$(cat "$D/before")" "$(drops)"\n`;

/** Ids are made of the topology's names; whatever else may be in one has no business in a script. */
function plain(id: string): string {
  return id.replace(/[^A-Za-z0-9._/-]/g, "_");
}

interface Job {
  readonly id: string;
  readonly line: string;
}

function listenerJob(pid: number, expected: number, options: ProbeOptions): Job {
  const line = inPod(pid, `serve ${options.port} ${expected} ${options.seconds - 0.2} ${dialSeconds + skewSeconds}`);
  return { id: listenerId, line };
}

function probeJob(probe: Probe, options: ProbeOptions): Job {
  return { id: probe.id, line: commandOf(probe.run, probe.pid, options) };
}

/** Tools needed, quoted, then the command. Every word is a number, a checked address or ours. */
function commandOf(run: ProbeRun, pid: number | null, options: ProbeOptions): string {
  switch (run.kind) {
    case "path":
      return `tailscale tailscale ping --c=4 --timeout=1s ${run.address}`;
    case "owner":
      return `tailscale tailscale ping --c=1 --timeout=3s ${run.address}`;
    case "grant":
      return `tailscale tailscale ping --icmp --c=1 --timeout=3s ${run.address}`;
    case "route":
      return `ip ip -4 route get ${run.address}`;
    case "ping":
      return inNamespace(pid, "ping", `ping -n -c 1 -w 3 ${sizeFlags(run.size)}${run.address}`);
    case "tcp":
      return inPod(pid, `tcp ${run.address} ${run.port} ${dialSeconds}`);
    case "fetch":
      return inPod(pid, `fetch ${run.address} ${options.port} ${dialSeconds} ${options.seconds - 0.4}`);
    case "dns":
      return inPod(pid, `dns-${run.transport} ${run.address} ${run.name} ${dialSeconds}`);
  }
}

function sizeFlags(size: number | null): string {
  return size === null ? "" : `-M do -s ${size} `;
}

function inPod(pid: number | null, words: string): string {
  return inNamespace(pid, '"$X"', `"$X" "$D/program" ${words}`);
}

function inNamespace(pid: number | null, tool: string, command: string): string {
  if (pid === null) return `${tool} ${command}`;
  const tools = tool === '"$X"' ? '"nsenter $X"' : `"nsenter ${tool}"`;
  return `${tools} nsenter -t ${pid} -n ${command}`;
}
