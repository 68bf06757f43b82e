/** Tests that Headscale would fail because nobody they name has a device yet: they wait until after the join. */
import { applyEdits, editContainer } from "../hujson/edit.ts";
import { decodeText, positionAt, type TreeNode } from "../hujson/tree.ts";
import { canonicalText, stringOf } from "../hujson/value.ts";
import { inertText } from "../mesh/inert.ts";
import type { Device } from "../ports/control.ts";
import { fieldsOf, listMember, type PolicyTree, readPolicy, textsOf } from "./document.ts";
import { splitTarget } from "./rules/acls.ts";
import { evaluate } from "./rules/evaluate.ts";
import { isRefusal, type Names, parseSelector } from "./rules/selector.ts";

export interface HeldTest {
  /** Line in the base. */
  readonly line: number;
  /** The name that no device has. */
  readonly needs: string;
}

export interface Held {
  /** The base without them. */
  readonly tree: PolicyTree;
  readonly tests: readonly HeldTest[];
}

/** Those in force already stay: taking them out would lose them. */
export function holdTests(base: PolicyTree, server: PolicyTree | undefined, devices: readonly Device[]): Held {
  const list = listMember(base, base.root, "tests");
  const { policy } = evaluate(base.document, { server: "headscale" });
  if (list === undefined || policy === undefined) return { tree: base, tests: [] };
  const inForce = server && listMember(server, server.root, "tests");
  const values = new Set(inForce?.items.map((item) => canonicalText(server?.document ?? base.document, item.value)));
  const remove = new Set<number>();
  const tests: HeldTest[] = [];
  for (const [index, { value }] of list.items.entries()) {
    const needs = namesOf(base, value).find((name) => isNobody(name, policy.names, devices));
    if (needs === undefined || values.has(canonicalText(base.document, value))) continue;
    remove.add(index);
    tests.push({ line: positionAt(base.document.bytes, value.start).line, needs: inertText(needs, 80) });
  }
  if (remove.size === 0) return { tree: base, tests };
  const edits = editContainer(base.document, list, { remove });
  return { tree: readPolicy(decodeText(applyEdits(base.document.bytes, edits)), base.file), tests };
}

/** Source and destinations, ports left out. */
function namesOf({ document }: PolicyTree, test: TreeNode): readonly string[] {
  if (test.kind !== "object") return [];
  const fields = fieldsOf(document, test);
  const src = fields.get("src") ?? fields.get("user");
  const targets = ["accept", "allow", "deny"].flatMap((name) => textsOf(document, fields.get(name)) ?? []);
  const hosts = targets.flatMap((target) => splitTarget(target)?.host ?? []);
  return [...(src?.kind === "string" ? [stringOf(document, src)] : []), ...hosts];
}

function isNobody(name: string, names: Names, devices: readonly Device[]): boolean {
  // The topology's own tags are defined later, when derived entries are merged in.
  if (name.startsWith("tag:")) return !devices.some((device) => device.tags.includes(name));
  const selector = parseSelector(names, name);
  if (isRefusal(selector)) return false;
  const people = devices.filter((device) => device.tags.length === 0);
  // Whose a device is not every server says; then nobody can be missed.
  const areKnown = people.every((device) => typeof device.user === "string");
  const has = (user: string): boolean => !areKnown || people.some((device) => device.user === user);
  switch (selector.kind) {
    case "user":
      return !has(selector.name);
    case "group":
      return !selector.members.some(has);
    case "autogroup":
      if (selector.name === "member") return people.length === 0;
      return selector.name === "tagged" && people.length === devices.length;
    default:
      return false;
  }
}
