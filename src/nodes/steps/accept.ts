/** Accepting the other clusters' routes: the one change that can cut a node off, so an undo is armed first. */
import { undoUnit } from "../../facts/paths.ts";
import { type NodeStep, step } from "../step.ts";
import { isUnknown } from "./login.ts";

const undoDir = "/run/tailmesh-undo";

/**
 * Arms the undo for `seconds` from now. It runs on the node without us, so it also works when this change is what cut us
 * off. A second arming replaces the first.
 */
function armUndo(seconds: number, back: string): string {
  return `systemctl stop ${undoUnit}.timer 2>/dev/null || true
mkdir -p "$P${undoDir}"; chmod 700 "$P${undoDir}"
put ${undoDir}/undo.sh 700 <<'TAILMESH_END'
#!/bin/sh
${back}rm -rf "\${TAILMESH_ROOT-}${undoDir}"
TAILMESH_END
systemd-run --quiet --collect --unit=${undoUnit} --on-active=${seconds} /bin/sh "$P${undoDir}/undo.sh"
`;
}

/** Run over a new connection: the change is confirmed, the timer goes. */
export const disarmUndo = `systemctl stop ${undoUnit}.timer 2>/dev/null || true
rm -rf "$P${undoDir}"
`;

export const acceptStep: NodeStep = {
  id: "accept",
  plan(facts, desired) {
    if (isUnknown(facts)) return null;
    const prefs = facts.tailscale.prefs;
    const armed = facts.units[`${undoUnit}.timer`]?.active === "active";
    if (prefs?.acceptRoutes && !armed) return { unchanged: "routes are accepted" };
    if (prefs?.acceptRoutes)
      return step("accept", desired, {
        stage: "accept",
        kind: "update",
        why: "an interrupted run left a timed undo that nobody confirmed",
        diff: "accept-routes: true until the undo fires → true",
        risk: "reversible",
        undoWords: "the timed undo is left to fire",
        does: [`systemctl stop ${undoUnit}.timer (over a new connection)`],
        run: "",
        undo: "tailscale set --accept-routes=false\n",
      });
    const command = "tailscale set --accept-routes=true";
    const back = "tailscale set --accept-routes=false";
    return step("accept", desired, {
      stage: "accept",
      kind: "update",
      why: "the node does not accept the other clusters' routes",
      diff: "accept-routes: false → true",
      risk: "reversible",
      undoWords: `${back}, by itself after ${desired.settings.undoAfter} s unless a new connection confirms`,
      does: [`systemd-run --unit=${undoUnit} --on-active=${desired.settings.undoAfter} …`, command],
      run: `${armUndo(desired.settings.undoAfter, `${back}\n`)}${command}\n`,
      undo: `${back}\n`,
    });
  },
};
