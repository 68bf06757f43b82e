/** Logging in with a key, only where the node is not logged in; and starting a stopped one. */

import type { NodeFacts } from "../../facts/facts.ts";
import { tunnel } from "../../facts/paths.ts";
import type { DesiredNode } from "../desired.ts";
import { type NodeStep, quote, step } from "../step.ts";

/**
 * Whether the node has to log in. While the daemon is down its state file tells; `provision.ts` looks again once it runs.
 */
export function needsLogin(facts: NodeFacts): boolean {
  const state = facts.tailscale.status?.backendState;
  if (state === undefined) return !facts.tailscale.profile;
  return state === "NeedsLogin" || state === "NoState";
}

/** Logged in as far as the disk tells, but the daemon does not say more now. */
export function isUnknown(facts: NodeFacts): boolean {
  return facts.tailscale.status === null && facts.tailscale.profile;
}

/** What the owner set on a node stays, also through `up --reset`. */
function keptFlags(facts: NodeFacts): readonly string[] {
  const prefs = facts.tailscale.prefs;
  if (!prefs) return [];
  return [
    ...(prefs.runSsh ? ["--ssh"] : []),
    ...(prefs.shieldsUp ? ["--shields-up"] : []),
    ...(prefs.operator ? [`--operator=${prefs.operator}`] : []),
    ...(prefs.advertiseRoutes.includes("0.0.0.0/0") ? ["--advertise-exit-node"] : []),
  ];
}

/** `tailscale up` with every setting, as `--reset` asks; the key by file, never by argument. */
export function upCommand(facts: NodeFacts, desired: DesiredNode): readonly string[] {
  const foreign = (facts.tailscale.prefs?.advertiseRoutes ?? []).filter((r) => !r.endsWith("/0"));
  return [
    "tailscale",
    "up",
    "--reset",
    ...(desired.loginServer ? [`--login-server=${desired.loginServer}`] : []),
    `--hostname=${facts.tailscale.prefs?.hostname || desired.node.hostname}`,
    "--accept-dns=false",
    "--accept-routes=false",
    `--advertise-routes=${foreign.join(",")}`,
    "--snat-subnet-routes=false",
    "--stateful-filtering=false",
    "--netfilter-mode=on",
    "--timeout=60s",
    ...keptFlags(facts),
  ];
}

export const loginStep: NodeStep = {
  id: "login",
  plan(facts, desired) {
    if (isUnknown(facts)) return { unchanged: "logged in before; seen again once tailscaled runs" };
    const state = facts.tailscale.status?.backendState;
    if (needsLogin(facts)) {
      const up = upCommand(facts, desired).map(quote).join(" ");
      return step("login", desired, {
        stage: "join",
        kind: "create",
        why: state === undefined ? "tailscaled is not set up yet" : `tailscaled is in state ${state}`,
        diff: `${state ?? "not installed"} → Running as ${desired.tag}`,
        risk: "none",
        undoWords: "tailscale logout, and delete the device",
        does: [`${up} --auth-key=file:<key>`],
        // The address must reach the interface: a start-up defect of tailscaled leaves it off, and only a restart helps.
        run: `KEY="$T/payload"
if timeout 90 ${up} --auth-key=file:"$KEY" >"$T/up" 2>&1; then rm -f "$KEY"; else rm -f "$KEY"; cat "$T/up" >&2; exit 1; fi
OWN=$(tailscale ip -4)
i=0; until ip -4 -o addr show dev ${tunnel} 2>/dev/null | grep -qF "inet $OWN/"; do i=$((i + 1)); [ $i -ne 75 ] || systemctl restart tailscaled; [ $i -lt 150 ] || fail "no address on ${tunnel}"; sleep 0.2; done
`,
        undo: null,
        needs: "key",
      });
    }
    if (state === "Stopped")
      return step("login", desired, {
        stage: "join",
        kind: "update",
        why: "tailscale is logged in but stopped",
        diff: "Stopped → Running",
        risk: "none",
        undoWords: "tailscale down",
        does: ["tailscale up"],
        run: "timeout 60 tailscale up --timeout=45s\n",
        undo: "tailscale down\n",
      });
    return { unchanged: "logged in, no key is used" };
  },
};
