/** Approval of routes, read from the control server: a node's own status never proves it. */
import { deviceOf } from "../facts/device.ts";
import type { NodeFacts } from "../facts/facts.ts";
import { joinErrors } from "../mesh/error.ts";
import type { Change } from "../plan/change.ts";
import type { Clock } from "../ports/clock.ts";
import { type Control, type Device, visibleDevices } from "../ports/control.ts";
import type { DesiredNode } from "./desired.ts";
import { nodeError } from "./errors.ts";
import type { NodePlan } from "./plan.ts";

/** A router whose routes are not all approved. */
export interface Unapproved {
  readonly desired: DesiredNode;
  readonly device: Device | undefined;
  readonly missing: readonly string[];
}

export function unapproved(
  plans: readonly NodePlan[],
  devices: readonly Device[],
  facts: ReadonlyMap<string, NodeFacts>,
): readonly Unapproved[] {
  return plans.flatMap(({ desired }) => {
    if (desired.routes.length === 0) return [];
    const device = deviceOf(devices, desired.node, desired.tag, facts.get(desired.node.name));
    const missing = desired.routes.filter((r) => !device?.enabledRoutes.includes(r));
    return missing.length === 0 ? [] : [{ desired, device, missing }];
  });
}

/** The change that approves by API what no auto-approver will: routes that are advertised already and were passed over. */
export function approvalChange(found: Unapproved, wire: string): Change {
  const name = found.desired.node.name;
  return {
    address: `route/${name}`,
    resource: "route",
    kind: "update",
    why: "the router advertises routes that are not approved",
    diff: `approved: + ${found.missing.join(", ")}`,
    risk: "reversible",
    undo: "take the approval back on the control server",
    does: [wire],
  };
}

/** Approves exactly the missing routes beside those that are approved. */
export async function approveRoutes(control: Control, found: readonly Unapproved[]): Promise<void> {
  for (const { device, missing } of found) {
    if (device) await control.setEnabledRoutes(device.id, [...new Set([...device.enabledRoutes, ...missing])].sort());
  }
}

/** Milliseconds: an approver acts at once (0.1–0.8 s measured), a slow server gets half a minute. */
const patience = 30_000;

/**
 * Waits until the routers' routes are approved, all in one list call per look. Where the credential may not list devices
 * nobody can tell, and it does not wait: that traffic flows is then the only proof.
 * @throws MeshError MESH_NOT_APPROVED, one for each router, after 30 seconds
 */
export async function awaitApproval(
  control: Control,
  plans: readonly NodePlan[],
  facts: ReadonlyMap<string, NodeFacts>,
  clock: Clock,
  signal: AbortSignal,
): Promise<"approved" | "not-verified"> {
  const started = clock.now().getTime();
  for (let pause = 150; ; pause = Math.min(pause * 1.5, 1500)) {
    const devices = await visibleDevices(control);
    if (devices === null) return "not-verified";
    const left = unapproved(plans, devices, facts);
    const [first, ...rest] = left.map((u) =>
      nodeError(
        "MESH_NOT_APPROVED",
        u.device
          ? `${u.missing.join(", ")} of ${u.desired.node.name} is not approved`
          : `the control server does not show ${u.desired.node.name} with ${u.desired.tag}`,
        { where: { address: `node/${u.desired.node.name}` } },
      ),
    );
    if (!first) return "approved";
    if (clock.now().getTime() - started > patience) throw joinErrors([first, ...rest]);
    await clock.sleep(pause, signal);
  }
}
