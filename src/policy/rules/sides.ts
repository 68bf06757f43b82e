/** What may stand on the two sides of a rule, and together. */
import type { TreeNode } from "../../hujson/tree.ts";
import { type Located, type Reading, readTexts } from "./reading.ts";
import { isServerKnown, type Names, readSelector, type Selector } from "./selector.ts";

/** Sources of a rule; what cannot be one is reported and left out. */
export function readSources(reading: Reading, names: Names, list: readonly Located[]): readonly Selector[] {
  return list.flatMap((entry) => {
    const selector = readSelector(reading, names, "src", entry);
    if (selector === undefined) return [];
    const isNone =
      selector.kind === "service" ||
      (selector.kind === "autogroup" && ["self", "internet", "nonroot"].includes(selector.name));
    if (!isNone) return [selector];
    reading.report(
      "error",
      "MESH_RULES_SELECTOR",
      entry.node,
      `"${entry.text}" is not valid on the src side of a rule`,
    );
    return [];
  });
}

/** A destination of a rule. */
export function readDestination(reading: Reading, names: Names, entry: Located): Selector | undefined {
  const selector = readSelector(reading, names, "dst", entry);
  if (selector === undefined) return undefined;
  const isNone = selector.kind === "autogroup" && ["nonroot", "danger-all"].includes(selector.name);
  if (!isNone) return selector;
  reading.report("error", "MESH_RULES_SELECTOR", entry.node, `"${entry.text}" is not valid on the dst side of a rule`);
  return undefined;
}

/** `autogroup:self` needs sources that are people: it gives each of them their own devices. `*` is old and still taken in acls. */
export function checkSelf(
  reading: Reading,
  node: TreeNode,
  src: readonly Selector[],
  dst: readonly Selector[],
  isAnyTaken: boolean,
): void {
  if (!dst.some((selector) => selector.kind === "autogroup" && selector.name === "self")) return;
  if (src.every((selector) => isPeople(selector, isAnyTaken))) return;
  reading.report(
    "error",
    "MESH_RULES_SELECTOR",
    node,
    "autogroup:self goes with sources that are users, groups or autogroups of users only",
  );
}

function isPeople(selector: Selector, isAnyTaken: boolean): boolean {
  switch (selector.kind) {
    case "any":
      return isAnyTaken;
    case "user":
    case "group":
    case "domain":
      return true;
    case "autogroup":
      return selector.name === "member" || (isServerKnown(selector.name) && selector.name !== "shared");
    default:
      return false;
  }
}

/** The list under `name`, or under the name it had once. */
export function readEither(
  reading: Reading,
  members: ReadonlyMap<string, TreeNode>,
  name: string,
  old: string,
): readonly Located[] {
  const key = members.has(name) ? name : old;
  return readTexts(reading, members.get(key), `"${key}"`);
}
