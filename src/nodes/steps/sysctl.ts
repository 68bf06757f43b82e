/** IPv4 forwarding, now and after a reboot: tailscaled starts before K3s would turn it on. */
import { owned } from "../../facts/paths.ts";
import { differingFiles, type NodeStep, putFile, step } from "../step.ts";

const file = { path: owned.sysctl, mode: "644", content: "net.ipv4.ip_forward = 1\n" };

export const sysctlStep: NodeStep = {
  id: "sysctl",
  plan(facts, desired) {
    const live = facts.sysctls["net.ipv4.ip_forward"];
    const persisted = differingFiles(facts, [file]).length === 0;
    // 1 and 2 both forward.
    if (persisted && (live === "1" || live === "2")) return { unchanged: "forwarding is on and persisted" };
    return step("sysctl", desired, {
      stage: "prepare",
      kind: facts.files[owned.sysctl] ? "update" : "create",
      why: persisted ? "forwarding is off" : "forwarding is not persisted",
      diff: `net.ipv4.ip_forward: ${live ?? "unknown"} → 1, in ${owned.sysctl}`,
      risk: "none",
      undoWords: `remove ${owned.sysctl}`,
      does: [`write ${owned.sysctl}`, `sysctl -q -p ${owned.sysctl}`],
      run: `${putFile(file)}sysctl -q -p "$P${owned.sysctl}"\n`,
      undo: null,
    });
  },
};
