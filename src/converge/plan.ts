/** Deciding for the whole mesh: values in, one plan out. */
import { localPrefixes } from "../facts/local.ts";
import { checkKeyFile } from "../keys/check.ts";
import { mintChange } from "../keys/mint.ts";
import { orphanedKeys, revokeChange } from "../keys/orphans.ts";
import { joinErrors, MeshError } from "../mesh/error.ts";
import type { Node } from "../mesh/mesh.ts";
import { localOverlaps } from "../mesh/topology/overlap.ts";
import { approvalChange, type Unapproved, unapproved } from "../nodes/approval.ts";
import { desiredNode } from "../nodes/desired.ts";
import { type NodePlan, nodesPlan, planNode, wantsKey } from "../nodes/plan.ts";
import { unsupported } from "../nodes/refusals.ts";
import { emptyPlan, joinPlans, type Plan } from "../plan/change.ts";
import type { PolicyPlan } from "../policy/plan.ts";
import type { AuthKey } from "../ports/control.ts";
import type { ConvergePlanned, ConvergeSettings, Observed } from "./model.ts";

/** Selected nodes, and for the check the nodes at the other ends of their links. */
export function involvedNodes(settings: ConvergeSettings): readonly Node[] {
  const { mesh, parts, selected, links } = settings;
  const ends = new Set(parts.check ? links.flatMap((l) => [l.from, l.to]) : []);
  const far = mesh.clusters.filter((c) => ends.has(c.name) && c.state === "present").flatMap((c) => c.nodes);
  return [...new Set([...selected, ...far])].filter((n) => n.role !== "plain" && n.state === "present");
}

/** One plan out of all parts, in the order in which they are done. */
export function planConverge(settings: ConvergeSettings, observed: Observed): ConvergePlanned {
  const { parts } = settings;
  const { policy } = observed;
  const nodes = parts.nodes ? planNodes(settings, observed) : [];
  const orphans = parts.nodes ? findOrphans(settings, observed) : [];
  const passedOver = findPassedOver(observed, policy, nodes);
  const plan = joinPlans([
    policy?.plan ?? emptyPlan,
    keyPlan(settings, observed, nodes, orphans),
    nodesPlan(nodes),
    routePlan(observed, passedOver),
  ]);
  const blocked = whyBlocked(settings, observed, policy, nodes);
  return { observed, plan, policy, nodes, orphans, passedOver, blocked };
}

/**
 * Routers that advertise but were never approved. Where an approver of this run's policy works backwards they are only
 * waited for; elsewhere the API approves them.
 */
function findPassedOver(
  observed: Observed,
  policy: PolicyPlan | undefined,
  nodes: readonly NodePlan[],
): readonly Unapproved[] {
  const { devices, control } = observed;
  const mayApprove = !(control instanceof MeshError) && control.capabilities.devices.approve;
  if (devices === null || !mayApprove) return [];
  const settled = nodes.filter((p) => !p.steps.some((s) => s.id === "advertise" || s.id === "login"));
  const left = unapproved(settled, devices, observed.seen.facts).filter((u) => u.device !== undefined);
  const byPolicy = (policy?.plan.changes.length ?? 0) > 0 && control.capabilities.policy.autoApproveIsRetroactive;
  return byPolicy ? [] : left;
}

function planNodes(settings: ConvergeSettings, observed: Observed): readonly NodePlan[] {
  return settings.selected.flatMap((node) => {
    const facts = observed.seen.facts.get(node.name);
    return facts ? [planNode(facts, desiredNode(settings.mesh, node, settings.node))] : [];
  });
}

/** Only of the clusters that this run works on: another job of the same workflow may be minting for another cluster. */
function findOrphans(settings: ConvergeSettings, observed: Observed): readonly AuthKey[] {
  const { mesh, keyFile = [], startedAt, selected } = settings;
  const clusters = mesh.clusters.filter((c) => selected.some((n) => n.cluster === c.name));
  return orphanedKeys(observed.keys, { clusters }, { startedAt, keyFile });
}

function keyPlan(
  settings: ConvergeSettings,
  observed: Observed,
  nodes: readonly NodePlan[],
  orphans: readonly AuthKey[],
): Plan {
  const control = observed.control;
  if (control instanceof MeshError) return emptyPlan;
  const isSeen = observed.devices !== null;
  const minted = settings.keyFile
    ? []
    : nodes
        .filter(wantsKey)
        .map((p) => mintChange(p.desired.node.name, p.desired.tag, control.wire.mintKey, { isSeen }));
  return { changes: [...orphans.map((k) => revokeChange(k, control.wire.revokeKey)), ...minted], unchanged: [] };
}

function routePlan(observed: Observed, passedOver: readonly Unapproved[]): Plan {
  const control = observed.control;
  if (control instanceof MeshError) return emptyPlan;
  return { changes: passedOver.map((u) => approvalChange(u, control.wire.setEnabledRoutes)), unchanged: [] };
}

function whyBlocked(
  settings: ConvergeSettings,
  observed: Observed,
  policy: PolicyPlan | undefined,
  nodes: readonly NodePlan[],
): MeshError | null {
  const errors: MeshError[] = policy?.blocked ? [policy.blocked] : [];
  if (settings.parts.nodes) {
    errors.push(...settings.selected.flatMap((n) => observed.seen.unreachable.get(n.name) ?? []));
    errors.push(...nodes.flatMap((p) => p.refused));
    errors.push(...unsupported(settings.mesh, settings.selected));
    errors.push(...localOverlaps(settings.mesh, localPrefixes(observed.seen.facts)));
    const needy = nodes.filter(wantsKey).map((p) => p.desired);
    if (settings.keyFile) errors.push(...checkKeyFile(settings.keyFile, observed.keys, needy));
  }
  const [first, ...rest] = errors;
  return first ? joinErrors([first, ...rest]) : null;
}
