/** The guard's files, units, rules and chains (see ../guard.ts). */
import { owned } from "../../facts/paths.ts";
import { guardDrift, guardedPrefixes, guardFiles } from "../guard.ts";
import { differingFiles, type NodeStep, putFile, step } from "../step.ts";

export const guardStep: NodeStep = {
  id: "guard",
  plan(facts, desired) {
    const files = differingFiles(facts, guardFiles(facts, desired));
    const drift = guardDrift(facts, desired);
    if (files.length === 0 && drift.length === 0) return { unchanged: "the guard is in force" };
    const isNew = !facts.files[owned.guardConf];
    return step("guard", desired, {
      stage: "join",
      kind: isNew ? "create" : "update",
      why: isNew
        ? "own prefixes could be taken from the tunnel"
        : [...drift, ...files.map((f) => `${f.path} differs`)].join("; "),
      diff: [
        `ip rule: to ${guardedPrefixes(facts, desired).join(", ")} → table main`,
        `mangle FORWARD: clamp MSS both ways; mangle PREROUTING: new connections from the tunnel to this node's own addresses in ${desired.cluster.pods.text} are dropped, ICMP excepted`,
      ].join("\n"),
      risk: "reversible",
      undoWords: `${owned.guardScript} remove`,
      does: [
        ...files.map((f) => `write ${f.path}`),
        "systemctl daemon-reload",
        "systemctl enable --now tailmesh-guard.service tailmesh-guard.timer",
        `${owned.guardScript} apply`,
        `${owned.guardScript} check`,
      ],
      run: `${files.map(putFile).join("")}${files.length > 0 ? "systemctl daemon-reload\n" : ""}systemctl enable -q tailmesh-guard.service tailmesh-guard.timer
systemctl restart tailmesh-guard.service
systemctl start tailmesh-guard.timer
"$P${owned.guardScript}" apply
"$P${owned.guardScript}" check >&2
`,
      undo: isNew
        ? `"$P${owned.guardScript}" remove; systemctl disable -q --now tailmesh-guard.timer tailmesh-guard.service; rm -f ${guardFiles(
            facts,
            desired,
          )
            .map((f) => `"$P${f.path}"`)
            .join(" ")}; systemctl daemon-reload\n`
        : null,
    });
  },
};

const networkd = {
  path: owned.networkdDropIn,
  mode: "644",
  content: "[Network]\nManageForeignRoutingPolicyRules=no\nManageForeignRoutes=no\n",
};

/** systemd-networkd deletes rules and routes of others at each restart unless it is told not to; it is not restarted here. */
export const networkdStep: NodeStep = {
  id: "networkd",
  plan(facts, desired) {
    if (facts.units["systemd-networkd.service"]?.active !== "active") return null;
    if (differingFiles(facts, [networkd]).length === 0) return { unchanged: "networkd leaves foreign rules alone" };
    return step("networkd", desired, {
      stage: "join",
      kind: facts.files[networkd.path] ? "update" : "create",
      why: "systemd-networkd would delete the guard's rules at its next restart",
      diff: `${networkd.path}: ManageForeignRoutingPolicyRules=no, ManageForeignRoutes=no`,
      risk: "none",
      undoWords: `remove ${networkd.path}`,
      does: [`write ${networkd.path}`],
      run: putFile(networkd),
      undo: null,
    });
  },
};
