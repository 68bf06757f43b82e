/** tailscale from the verified archive, and tailscaled's unit enabled and running. */

import type { NodeFacts } from "../../facts/facts.ts";
import { binaries, owned, watched } from "../../facts/paths.ts";
import { differingFiles, type NodeStep, putFile, step } from "../step.ts";

/** Restart=on-failure is not enough: tailscaled exits with 0 when its interface is taken away (seen with 1.102.5). */
const dropIn = { path: owned.tailscaledDropIn, mode: "644", content: "[Service]\nRestart=always\nRestartSec=2s\n" };

/** `uname -m` → the name in the archive; undefined where Tailscale publishes none. */
export function archiveArch(machine: string): string | undefined {
  const names: Readonly<Record<string, string>> = {
    x86_64: "amd64",
    aarch64: "arm64",
    arm64: "arm64",
    armv7l: "arm",
    armv6l: "arm",
    i386: "386",
    i686: "386",
    riscv64: "riscv64",
  };
  return names[machine];
}

/** Negative when `a` is older than `b`; both `1.2.3`. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const installStep: NodeStep = {
  id: "install",
  plan(facts, desired) {
    const { version, package: owner } = facts.tailscale;
    if (version !== null && owner !== null) return { unchanged: `tailscale ${version} belongs to the node's ${owner}` };
    if (version !== null && compareVersions(version, desired.settings.version) >= 0)
      return { unchanged: `tailscale ${version} is installed` };
    const arch = archiveArch(facts.host.machine) ?? facts.host.machine;
    const name = `tailscale_${desired.settings.version}_${arch}`;
    return step("install", desired, {
      stage: "prepare",
      kind: version === null ? "create" : "update",
      why: version === null ? "tailscale is not installed" : "tailscale is older than asked for",
      diff: `tailscale: ${version ?? "none"} → ${desired.settings.version}`,
      risk: version === null ? "none" : "disruptive",
      undoWords: version === null ? "remove the binaries and the unit" : `install ${version} again`,
      does: [
        `verify and unpack ${name}.tgz`,
        `install ${binaries.tailscaled} and ${binaries.tailscale}`,
        `install ${watched.tailscaledUnit}, and ${watched.tailscaledDefaults} where there is none`,
        ...(version === null ? [] : ["systemctl restart tailscaled"]),
      ],
      run: installScript(name, version !== null),
      undo: null,
      needs: "archive",
    });
  },
};

/** Each file is installed beside its place and renamed over it: a running binary is never written to. */
function installScript(name: string, running: boolean): string {
  return `( cd "$T" && sha256sum -c payload.sha256 >/dev/null )
mkdir "$T/x"
tar -xzf "$T/payload" -C "$T/x" --no-same-owner
S="$T/x/${name}"
place() { mkdir -p "$P\${2%/*}"; install -m "$3" "$S/$1" "$P$2.tailmesh-new"; mv -f "$P$2.tailmesh-new" "$P$2"; }
place tailscaled ${binaries.tailscaled} 0755
place tailscale ${binaries.tailscale} 0755
place systemd/tailscaled.service ${watched.tailscaledUnit} 0644
[ -e "$P${watched.tailscaledDefaults}" ] || place systemd/tailscaled.defaults ${watched.tailscaledDefaults} 0644
if command -v restorecon >/dev/null 2>&1; then restorecon -F "$P${binaries.tailscaled}" "$P${binaries.tailscale}" "$P${watched.tailscaledUnit}"; fi
rm -rf "$T/x" "$T/payload"
systemctl daemon-reload
${running ? "systemctl restart tailscaled\n" : ""}`;
}

export const daemonStep: NodeStep = {
  id: "daemon",
  plan(facts, desired) {
    const { unit, status } = facts.tailscale;
    const dropped = differingFiles(facts, [dropIn]).length > 0;
    if (unit.active === "active" && unit.enabled === "enabled" && status !== null && !dropped && hasInterface(facts))
      return { unchanged: "tailscaled is enabled and answers" };
    const restart = unit.active === "active" && (status === null || !hasInterface(facts));
    return step("daemon", desired, {
      stage: "prepare",
      kind: unit.active === "absent" ? "create" : "update",
      why: daemonReason(facts, dropped),
      diff: `tailscaled: ${unit.active} and ${unit.enabled || "not enabled"} → active and enabled, Restart=always`,
      risk: restart ? "disruptive" : "none",
      undoWords: "systemctl disable --now tailscaled",
      does: [
        `write ${dropIn.path}`,
        "systemctl enable tailscaled",
        restart ? "systemctl restart tailscaled" : "systemctl start tailscaled",
      ],
      run: `${putFile(dropIn)}systemctl daemon-reload
systemctl enable -q tailscaled
systemctl ${restart ? "restart" : "start"} tailscaled
i=0; until tailscale status --json >/dev/null 2>&1; do i=$((i + 1)); [ $i -lt 50 ] || fail "tailscaled does not answer"; sleep 0.2; done
`,
      undo: null,
    });
  },
};

/** Known start-up defect of tailscaled: Running, but its address never reached the interface; only a restart helps. */
function hasInterface(facts: NodeFacts): boolean {
  const { status } = facts.tailscale;
  if (status === null || status.backendState !== "Running") return true;
  return status.addresses.some((a) => facts.addresses.some((f) => f.address === a));
}

function daemonReason(facts: NodeFacts, dropped: boolean): string {
  const { unit, status } = facts.tailscale;
  if (unit.active !== "active") return `tailscaled is ${unit.active === "absent" ? "not set up" : unit.active}`;
  if (status === null) return "tailscaled does not answer";
  if (!hasInterface(facts)) return "tailscaled runs, but its address is on no interface";
  return dropped ? "tailscaled would stay down after a clean exit" : "tailscaled is not enabled at boot";
}
