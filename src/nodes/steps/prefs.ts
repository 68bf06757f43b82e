/** The prefs that the mesh depends on, by `tailscale set`, only those that differ. */
import type { NodeFacts } from "../../facts/facts.ts";
import type { DesiredNode } from "../desired.ts";
import { type NodeStep, quote, step } from "../step.ts";
import { isUnknown, needsLogin } from "./login.ts";

interface Pref {
  readonly flag: string;
  readonly is: string;
  readonly want: string;
}

function pref(flag: string, is: string, want: string): readonly Pref[] {
  return is === want ? [] : [{ flag, is, want }];
}

function setLine(values: readonly { readonly flag: string; readonly value: string }[]): string {
  return `tailscale set ${values.map((v) => quote(`--${v.flag}=${v.value}`)).join(" ")}`;
}

export const prefsStep: NodeStep = {
  id: "prefs",
  plan(facts, desired) {
    const prefs = facts.tailscale.prefs;
    if (prefs === null || needsLogin(facts)) return null;
    const modes = ["off", "nodivert", "on"];
    const differing = [
      ...pref("accept-dns", String(prefs.acceptDns), "false"),
      ...pref("snat-subnet-routes", String(prefs.snat), "false"),
      ...pref("stateful-filtering", String(prefs.statefulFiltering), "false"),
      ...pref("netfilter-mode", modes[prefs.netfilterMode] ?? String(prefs.netfilterMode), "on"),
    ];
    if (differing.length === 0) return { unchanged: "the prefs are as the mesh needs them" };
    const command = setLine(differing.map((p) => ({ flag: p.flag, value: p.want })));
    const back = setLine(differing.map((p) => ({ flag: p.flag, value: p.is })));
    return step("prefs", desired, {
      stage: "join",
      kind: "update",
      why: "the mesh needs other prefs",
      diff: differing.map((p) => `${p.flag}: ${p.is} → ${p.want}`).join("\n"),
      risk: "reversible",
      undoWords: back,
      does: [command],
      run: `${command}\n`,
      undo: `${back}\n`,
    });
  },
};

/** Routes to advertise: ours, and those of the owner's making. Exit-node routes are kept by `tailscale set` itself. */
export function wantedRoutes(facts: NodeFacts, desired: DesiredNode): readonly string[] {
  const own = [desired.cluster.pods.text, desired.cluster.services.text];
  const foreign = (facts.tailscale.prefs?.advertiseRoutes ?? []).filter((r) => !r.endsWith("/0") && !own.includes(r));
  return [...new Set([...desired.routes, ...foreign])].sort();
}

export const advertiseStep: NodeStep = {
  id: "advertise",
  plan(facts, desired) {
    if (isUnknown(facts)) return null;
    const has = (facts.tailscale.prefs?.advertiseRoutes ?? []).filter((r) => !r.endsWith("/0")).toSorted();
    const wants = wantedRoutes(facts, desired);
    if (has.join() === wants.join())
      return desired.routes.length === 0 ? null : { unchanged: "the cluster's prefixes are advertised" };
    const command = `tailscale set --advertise-routes=${wants.join(",")}`;
    const back = `tailscale set --advertise-routes=${has.join(",")}`;
    return step("advertise", desired, {
      stage: "join",
      kind: has.length === 0 ? "create" : "update",
      why: desired.routes.length > 0 ? "the router does not advertise its cluster" : "a member advertises nothing",
      diff: `advertised: ${has.join(", ") || "nothing"} → ${wants.join(", ") || "nothing"}`,
      risk: "reversible",
      undoWords: back,
      does: [command],
      // The CLI warns of IPv6 forwarding whatever is advertised; its exit code is what counts.
      run: `${command} 2>"$T/set" || { cat "$T/set" >&2; exit 1; }\n`,
      undo: `${back}\n`,
    });
  },
};
