/** Whether the policy of before may be put back for links that it broke, without giving back what was taken away on purpose. */
import { type Cluster, clusterOf, type Mesh } from "../mesh/mesh.ts";
import type { AccessChange } from "./access-diff.ts";
import { named } from "./live-devices.ts";
import type { PolicyPlan } from "./plan.ts";
import { few } from "./report.ts";
import { type AddressRange, covers, parseRange } from "./rules/address.ts";

/** A link that worked before the write and does not after it. */
export interface BrokenLink {
  readonly from: string;
  readonly to: string;
}

export type Rollback =
  | { readonly kind: "restore"; readonly text: string }
  /** `why` is a clause. */
  | { readonly kind: "keep"; readonly why: string };

/** Decides it from the plan that was written. */
export function planRollback(planned: PolicyPlan, broken: readonly BrokenLink[]): Rollback {
  const { document, mesh, devices } = planned.input;
  if (planned.text === null) return keep("this run did not write it");
  if (broken.length === 0) return keep("no link got worse");
  if (document.isDefault || document.text.trim() === "") return keep("there was none before that could be put back");
  const taken = planned.access.filter(({ kind }) => kind === "loses");
  if (!devices) {
    return takesRules(planned)
      ? keep("what it would give back cannot be told without the devices")
      : restore(document.text);
  }
  const back = taken.filter((change) => !broken.some((link) => isOfLink(change, link, planned, mesh)));
  const [first] = back;
  if (first === undefined) return restore(document.text);
  const more = back.length > 1 ? ` and ${back.length - 1} more` : "";
  return keep(
    `the one before would give back what was taken away (${few(first.from)} to ${few(first.to)}, ${first.ports}${more})`,
  );
}

function restore(text: string): Rollback {
  return { kind: "restore", text };
}

function keep(why: string): Rollback {
  return { kind: "keep", why };
}

/** Rules were changed or taken out, whatever that means for whom. */
function takesRules({ plan }: PolicyPlan): boolean {
  const additions = ["policy.tests", "policy.tagowners", "policy.autoapprovers"];
  return plan.changes.some(({ kind, resource }) => kind !== "create" && !additions.includes(resource.toLowerCase()));
}

/** All of the change is traffic that the link is there for. */
function isOfLink(change: AccessChange, link: BrokenLink, planned: PolicyPlan, mesh: Mesh): boolean {
  const wanted = mesh.links.find((one) => one.from === link.from && one.to === link.to);
  // A link with ports was narrowed to them on purpose.
  if (wanted === undefined || wanted.ports.length > 0) return false;
  const [from, to] = [clusterOf(mesh, link.from), clusterOf(mesh, link.to)];
  return (
    change.from.every((name) => isFrom(name, from, planned)) &&
    change.to.every((target) => isInside(target.replace(/^.*: /, ""), to))
  );
}

function isFrom(name: string, cluster: Cluster, { input }: PolicyPlan): boolean {
  const device = named(input.devices ?? []).find(([one]) => one === name)?.[1];
  const isPlanned = device === undefined && cluster.nodes.some((node) => node.hostname === name);
  return isPlanned || (device?.tags.includes(cluster.tag) ?? false) || isInside(name, cluster);
}

function isInside(text: string, { pods, services }: Cluster): boolean {
  const range = parseRange(text);
  const own: readonly AddressRange[] = [pods, services].flatMap((prefix) => parseRange(prefix.text) ?? []);
  return range !== undefined && covers(own, range);
}
