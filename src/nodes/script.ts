/** The sh text of one exec on a node: its steps in order, framed so that a failure names its step. */
import type { Archive } from "../ports/archives.ts";
import type { PlannedStep } from "./step.ts";

/**
 * One at a time on a node: two runs that change it would undo each other's half. The lock is held by the shell, so it goes
 * with it. A connection that is lost in the middle does not stop the script (no terminal, and a closed pipe is only an
 * answer that nobody hears): the stage ends as a whole.
 */
function prelude(nonce: string, scratch: string, payload: boolean): string {
  return `set -eu
P=\${TAILMESH_ROOT-}
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
umask 022
exec 9>"$P/run/tailmesh.lock"
flock -w 30 9 || { echo "${nonce} busy 0"; exit 76; }
mkdir -p "$P${scratch}"
rm -rf ${leftScratch}
T=$(mktemp -d "$P${scratch}/tailmesh-stage.XXXXXX")
STEP=begin
finish() { rc=$?; rm -rf "$T"; [ $rc = 0 ] || printf '\\n%s failed %s\\n' '${nonce}' "$STEP" || :; exit $rc; }
trap finish EXIT
trap 'exit 75' HUP INT TERM
trap '' PIPE
at() { STEP=$1; printf '\\n%s step %s\\n' '${nonce}' "$1" || :; }
fail() { echo "$*" >&2; exit 1; }
put() { mkdir -p "$P\${1%/*}"; cat >"$P$1.tailmesh-new"; chmod "$2" "$P$1.tailmesh-new"; mv -f "$P$1.tailmesh-new" "$P$1"; }
${payload ? '( umask 077; cat >"$T/payload" )\n' : ""}`;
}

export interface StageScript {
  readonly text: string;
  readonly payload: Uint8Array | undefined;
}

/** What a stage that a power failure ended may have left, wherever it was. */
const leftScratch = '"$P/run"/tailmesh-stage.* "$P/var/tmp"/tailmesh-stage.*';

/** Archives are too large for the memory that /run is made of; a key must never touch a disk. */
const scratch = { archive: "/var/tmp", key: "/run", none: "/run" } as const;

/**
 * @param payload what the steps read from `$T/payload`: the archive or the key
 * @param then more text at the end, outside any step
 */
export function stageScript(
  steps: readonly PlannedStep[],
  nonce: string,
  given: { readonly archive?: Archive; readonly key?: Uint8Array } = {},
  then = "",
): StageScript {
  const needs = steps.find((s) => s.needs !== null)?.needs ?? null;
  const payload = needs === "archive" ? given.archive?.bytes : needs === "key" ? given.key : undefined;
  const checksum =
    needs === "archive" && given.archive ? `echo '${given.archive.sha256}  payload' >"$T/payload.sha256"\n` : "";
  const body = steps.map((s) => `at ${s.id}\n${s.run}`).join("");
  return {
    text: `${prelude(nonce, scratch[needs ?? "none"], needs !== null)}${checksum}${body}${then}`,
    payload,
  };
}

/** The undo of steps that were done, last first; goes on past a failing one. */
export function undoScript(steps: readonly PlannedStep[], nonce: string): string {
  const undo = steps
    .toReversed()
    .flatMap((s) => (s.undo === null ? [] : [`at ${s.id}\n( ${s.undo.trim()} ) || true\n`]));
  return `${prelude(nonce, scratch.none, false)}${undo.join("")}`;
}

/** Waits until the prefixes have arrived in Tailscale's table, at most `seconds`; says which did not. */
export function awaitRoutes(prefixes: readonly string[], seconds: number): string {
  if (prefixes.length === 0) return "";
  const each = prefixes.map((p) => `echo "$R" | grep -qF '${p} ' || M="$M ${p}"`).join("; ");
  return `i=0; while :; do R=$(ip -4 route show table 52 2>/dev/null); M=; ${each}; [ -n "$M" ] || break; i=$((i + 1)); [ $i -lt ${seconds * 5} ] || { echo "not arrived:$M" >&2; break; }; sleep 0.2; done
`;
}

/**
 * Sends one packet through the tunnel to every peer, so that the first handshakes are over before anything is proven: one
 * that reaches a peer too early is lost and repeated only after five seconds.
 */
export const greetPeers = `for a in $(ip -4 route show table 52 2>/dev/null | sed -n 's/^\\(100\\.[0-9.]*\\) dev .*/\\1/p' | grep -v '^100\\.100\\.100\\.100$' | head -n 64); do
  timeout 9 tailscale ping --tsmp --c=1 --timeout=8s "$a" >/dev/null 2>&1 &
done
wait
`;
