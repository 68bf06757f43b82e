/** The lock-out guard's second opinion: which rules would apply, by the server's own word. */
import { tailscaleNodes } from "../mesh/mesh.ts";
import type { Control, PolicyPreview } from "../ports/control.ts";
import type { Lockout } from "./lockout.ts";
import type { PolicyPlan } from "./plan.ts";

/** More people than this are not asked about one by one. */
const maxAsked = 20;

/** People with a device, and nodes that the runner enters through the tailnet; empty where the server has no preview. */
export async function previewLockouts(control: Control, planned: PolicyPlan): Promise<readonly Lockout[]> {
  const { input, text } = planned;
  const { document, devices, mesh, capabilities } = input;
  if (!capabilities.policy.preview || text === null || !devices || document.text.trim() === "") return [];
  const found: Lockout[] = [];
  const people = new Set(devices.flatMap((d) => (d.tags.length === 0 && d.user ? [d.user] : [])));
  for (const user of [...people].slice(0, maxAsked)) {
    const isNamed = (preview: PolicyPreview): boolean => preview.kind === "matches" && preview.matches.length > 0;
    if (await isLost(control, [document.text, text], "user", user, isNamed))
      found.push({ who: user, what: "would be left without any rule, as the server's preview says", line: undefined });
  }
  const { ownerTag } = mesh.tailnet;
  const opens = (preview: PolicyPreview): boolean =>
    preview.kind === "matches" &&
    preview.matches.some(({ users }) => [ownerTag, "*", "autogroup:tagged"].some((name) => users.includes(name)));
  for (const node of tailscaleNodes(mesh).filter(({ ssh }) => ssh.via === "tailnet")) {
    const device = devices.find((d) => d.hostname === node.hostname || d.label === node.hostname);
    const [address] = device?.addresses ?? [];
    const target = `${address}:${node.ssh.port}`;
    if (address !== undefined && (await isLost(control, [document.text, text], "ipport", target, opens))) {
      const what = `would lose tcp:${node.ssh.port} on ${node.name}, as the server's preview says`;
      found.push({ who: `the runner, which comes as ${ownerTag},`, what, line: undefined });
    }
  }
  return found;
}

/** It holds under the old policy and not under the new one. A preview that fails proves nothing. */
async function isLost(
  control: Control,
  [before, after]: readonly [string, string],
  type: "user" | "ipport",
  target: string,
  holds: (preview: PolicyPreview) => boolean,
): Promise<boolean> {
  const now = await control.previewPolicy(after, type, target);
  if (now.kind !== "matches" || holds(now)) return false;
  return holds(await control.previewPolicy(before, type, target));
}
