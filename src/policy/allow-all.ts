/** Finds rules that let everything reach everything: while one is in force, links restrict nothing. */
import { positionAt, type TreeNode } from "../hujson/tree.ts";
import { stringOf } from "../hujson/value.ts";
import type { ControlKind } from "../mesh/mesh.ts";
import type { PolicyDocument } from "../ports/control.ts";
import { fieldsOf, listMember, objectMember, type PolicyTree, readPolicy, textsOf } from "./document.ts";
import { covers } from "./rules/address.ts";
import { evaluate } from "./rules/evaluate.ts";
import type { PortRange } from "./rules/ports.ts";
import type { Rule } from "./rules/rule.ts";
import type { Selector } from "./rules/selector.ts";
import { everywhere } from "./rules/tailnet.ts";

/** Lines of such rules in the text of the policy, 1-based; by what they mean, however they are written. */
export function allowAllLines(tree: PolicyTree, server: ControlKind): readonly number[] {
  const nodes = candidates(tree);
  if (nodes.length === 0) return [];
  const { policy } = evaluate(tree.document, { server, skipTests: true });
  const starts = new Set(nodes.map(({ start }) => start));
  return (policy?.rules ?? [])
    .filter((rule) => starts.has(rule.node.start) && isOpen(rule))
    .map((rule) => positionAt(tree.document.bytes, rule.node.start).line);
}

/** What is to be said of a policy that lets everything through; empty when it restricts something. */
export function openNotes(document: PolicyDocument, server: ControlKind): readonly string[] {
  const note = "while that is so, links and forbid restrict nothing";
  if (document.text.trim() === "") return [`the server has no policy, which allows everything: ${note}`];
  const tree = readPolicy(document.text);
  const hasRules = (["grants", "acls"] as const).some((name) => listMember(tree, tree.root, name) !== undefined);
  if (!hasRules) return [`the policy has no rules, which allows everything: ${note}`];
  return allowAllLines(tree, server).map((line) => openNote(line));
}

export function openNote(line: number): string {
  return `line ${line} of the policy allows everything: while that rule is there, links and forbid restrict nothing`;
}

/** Rules with a source that could be everybody; the others need no closer look. */
function candidates(tree: PolicyTree): readonly TreeNode[] {
  const hosts = objectMember(tree, tree.root, "hosts");
  const names = new Set(hosts?.items.map(({ name }) => stringOf(tree.document, name)));
  const isWide = (text: string): boolean =>
    /^(\*$|autogroup:(members?|tagged|danger-all)$|ipset:)|\/0$|^[0-9a-f.:]+-[0-9a-f.:]+$/i.test(text) ||
    names.has(text);
  return (["grants", "acls"] as const).flatMap((section) =>
    (listMember(tree, tree.root, section)?.items ?? []).flatMap(({ value }) => {
      if (value.kind !== "object") return [];
      const fields = fieldsOf(tree.document, value);
      const src = ["src", "users"].flatMap((name) => textsOf(tree.document, fields.get(name)) ?? []);
      return src.some(isWide) ? [value] : [];
    }),
  );
}

function isOpen({ src, traffic, via, isConditional }: Rule): boolean {
  if (isConditional || via.length > 0 || !isEverybody(src)) return false;
  const open = traffic.filter(({ dst }) => dst.some(({ selector, ports }) => isEverything(selector) && isAll(ports)));
  const protocols = open.map(({ protocol }) => protocol);
  return protocols.includes(undefined) || (protocols.includes(6) && protocols.includes(17));
}

function isEverybody(src: readonly Selector[]): boolean {
  const groups = src.flatMap((selector) => (selector.kind === "autogroup" ? [selector.name] : []));
  return (
    src.some((selector) => selector.kind === "any") ||
    groups.includes("danger-all") ||
    (groups.includes("member") && groups.includes("tagged")) ||
    src.some(isEverything)
  );
}

/** Every IPv4 address is enough: links are IPv4. */
function isEverything(selector: Selector): boolean {
  if (selector.kind === "any") return true;
  return selector.kind === "ranges" && everywhere.some((all) => all.family === 4 && covers(selector.ranges, all));
}

function isAll(ports: readonly PortRange[]): boolean {
  return ports.some(({ first, last }) => first <= 1 && last === 65_535);
}
