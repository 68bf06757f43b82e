/** What comes of a policy's tests. */

import type { TreeNode } from "../../hujson/tree.ts";
import type { Devices } from "./devices.ts";
import { type Party, partiesOf } from "./party.ts";
import type { Located, Reading } from "./reading.ts";
import { isRefusal, type Names, parseSelector } from "./selector.ts";

export type Verdict = "passed" | "failed" | "undecided";

/** Of one test: what it comes to, and for a failed one the assertion that does not hold. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly node: TreeNode;
  readonly why: string;
}

/** The worst of many. */
export function worst(node: TreeNode, outcomes: readonly Outcome[]): Outcome {
  const by = (verdict: Verdict): Outcome | undefined => outcomes.find((outcome) => outcome.verdict === verdict);
  return by("failed") ?? by("undecided") ?? { verdict: "passed", node, why: "" };
}

/** The parties of a test's side, or why there are none. */
export function readParties(
  reading: Reading,
  names: Names,
  devices: Devices | undefined,
  { text }: Located,
): readonly Party[] | string {
  const selector = parseSelector(names, text);
  if (isRefusal(selector)) return selector.message;
  const parties = partiesOf(selector);
  if (parties === undefined) return `"${text}" cannot stand in a test`;
  if (parties.length === 0) return `"${text}" is nobody`;
  const stranger = parties.find(
    (party) =>
      party.kind === "user" && devices !== undefined && devices.users.length > 0 && !devices.users.includes(party.name),
  );
  if (stranger !== undefined && selector.kind === "user") return `there is no user "${text}"`;
  if (reading.server === "headscale" && devices !== undefined && selector.kind !== "ranges") {
    const isEmpty = !devices.nodes.some((device) =>
      parties.some((party) => (party.kind === "user" ? device.user === party.name : hasParty(device, party))),
    );
    if (isEmpty) return `"${text}" has no device, which fails a test on Headscale`;
  }
  return parties;
}

function hasParty(device: Devices["nodes"][number], party: Party): boolean {
  if (party.kind === "tag") return device.tags.includes(party.name);
  return party.kind === "autogroup" && (party.name === "member") === (device.user !== undefined);
}

/** Puts failed tests among the problems and counts all. */
export function countOutcomes(
  reading: Reading,
  outcomes: readonly Outcome[],
): { readonly passed: number; readonly failed: number; readonly undecided: number } {
  for (const { verdict, node, why } of outcomes) {
    if (verdict === "failed") reading.report("error", "MESH_RULES_TEST_FAILED", node, why);
  }
  const count = (verdict: Verdict): number => outcomes.filter((outcome) => outcome.verdict === verdict).length;
  return { passed: count("passed"), failed: count("failed"), undecided: count("undecided") };
}
