/** Derived entries into a base policy, by minimal text edits: comments, order and everyone else's entries stay. */
import {
  applyEdits,
  type ContainerEdit,
  editContainer,
  indentAt,
  indentUnit,
  lineEnd,
  type TextEdit,
} from "../hujson/edit.ts";
import { decodeText, type ObjectNode, type TreeNode } from "../hujson/tree.ts";
import { stringOf } from "../hujson/value.ts";
import type { DerivedPolicy } from "./desired.ts";
import { listMember, memberOf, objectMember, type PolicyTree, readPolicy, shapeError, textsOf } from "./document.ts";
import { entryText, memberText, type RuleStyle, ruleEntries, testEntry } from "./entry-text.ts";
import { planList } from "./merge-list.ts";
import { type ListSection, type Ownership, ownershipOf } from "./owned.ts";

/** The merged text. `merge(merge(x)) = merge(x)`. Throws MESH_POLICY_SHAPE where a section is not what it must be. */
export function mergePolicy(base: PolicyTree, derived: DerivedPolicy): string {
  const ownership = ownershipOf(base, derived);
  const sections = [
    tagOwnersEdits(base, derived),
    approverEdits(base, derived, ownership),
    ...ruleEdits(base, derived, ownership),
    listEdits(base, "tests", derived.tests.map(testEntry), ownership),
  ];
  const additions = sections.flatMap((section) => section.additions);
  const replace = new Map(additions.flatMap((a) => (a.index === undefined ? [] : [[a.index, a.value] as const])));
  const append = additions.flatMap((a) =>
    a.index === undefined ? [{ text: `${JSON.stringify(a.name)}: ${a.value}` }] : [],
  );
  const edits = [
    ...sections.flatMap((section) => section.edits),
    ...editContainer(base.document, base.root, { replace, append }),
  ];
  const merged = decodeText(applyEdits(base.document.bytes, edits));
  return derived.absentTags.length === 0 ? merged : withoutAbsentTags(readPolicy(merged, base.file), derived);
}

/** The form of rules this policy is written in. */
export function ruleStyle(base: PolicyTree, ownership: Ownership): RuleStyle {
  const [acls, grants] = (["acls", "grants"] as const).map(
    (section) => listMember(base, base.root, section)?.items ?? [],
  );
  const isOurs =
    (section: RuleStyle) =>
    (item: { readonly value: TreeNode }): boolean =>
      ownership.nameOf(section, base.document, item.value) !== undefined;
  if (grants?.some(isOurs("grants"))) return "grants";
  if (acls?.some(isOurs("acls"))) return "acls";
  return acls?.length && !grants?.length ? "acls" : "grants";
}

/** The policy with a rule that allows everything, for one that has no rules at all and so allows everything already. */
export function withOpenRule(base: PolicyTree): PolicyTree {
  const lines = ['{ "src": ["*"], "dst": ["*"], "ip": ["*"] }'];
  const { name, index, value } = addition(base, "grants", block(base, "[]", lines));
  const edit =
    index === undefined ? { append: [{ text: `"${name}": ${value}` }] } : { replace: new Map([[index, value]]) };
  const edits = editContainer(base.document, base.root, edit);
  return readPolicy(decodeText(applyEdits(base.document.bytes, edits)), base.file);
}

/** What one section needs: edits inside what is there, and members of the root that must be made. */
interface SectionEdits {
  readonly edits: readonly TextEdit[];
  readonly additions: readonly Addition[];
}

interface Addition {
  readonly name: string;
  /** Its place in the root when it is there as `null`. */
  readonly index: number | undefined;
  readonly value: string;
}

function addition(base: PolicyTree, name: string, value: string): Addition {
  const found = memberOf(base.document, base.root, name);
  return { name, index: found === undefined ? undefined : base.root.items.indexOf(found), value };
}

/** A list or object over several lines, as a new member of the root. */
function block(base: PolicyTree, brackets: "[]" | "{}", lines: readonly string[], depth = 1): string {
  const unit = indentUnit(base.document);
  const newline = lineEnd(base.document.bytes);
  const outer = indentAt(base.document.bytes, base.root.start) + unit.repeat(depth);
  const inner = lines.map((line) => `${outer}${unit}${line},${newline}`).join("");
  return lines.length === 0 ? brackets : `${brackets[0]}${newline}${inner}${outer}${brackets[1]}`;
}

function tagOwnersEdits(base: PolicyTree, derived: DerivedPolicy): SectionEdits {
  const wanted = derived.tags.map((tag): readonly [string, readonly string[]] => [tag, [derived.ownerTag]]);
  const all = [[derived.ownerTag, []] as const, ...wanted];
  return namedLists(
    base,
    objectMember(base, base.root, "tagOwners"),
    all,
    () => false,
    (lines) => addition(base, "tagOwners", block(base, "{}", lines)),
  );
}

function approverEdits(base: PolicyTree, derived: DerivedPolicy, ownership: Ownership): SectionEdits {
  const wanted = derived.routes.map((r): readonly [string, readonly string[]] => [r.prefix, [r.tag]]);
  const approvers = objectMember(base, base.root, "autoApprovers");
  const routes = approvers && objectMember(base, approvers, "routes");
  const isOurs = (prefix: string, names: readonly string[]): boolean =>
    ownership.isDerivedPrefix(prefix) && names.length > 0 && names.every(ownership.isOwnedTag);
  const make = (lines: readonly string[]): Addition => {
    const inner = `"routes": ${block(base, "{}", lines, 2)}`;
    return addition(base, "autoApprovers", block(base, "{}", [inner]));
  };
  const section = namedLists(base, routes, wanted, isOurs, make);
  if (approvers === undefined || routes !== undefined || section.additions.length === 0) return section;
  return insideApprovers(base, approvers, wanted);
}

/** `autoApprovers` is there, its `routes` are not. */
function insideApprovers(
  base: PolicyTree,
  approvers: ObjectNode,
  wanted: readonly (readonly [string, readonly string[]])[],
): SectionEdits {
  const value = block(base, "{}", wanted.map(namedLine), 2);
  const found = memberOf(base.document, approvers, "routes");
  const edit: ContainerEdit =
    found === undefined
      ? { append: [{ text: `"routes": ${value}` }] }
      : { replace: new Map([[approvers.items.indexOf(found), value]]) };
  return { edits: editContainer(base.document, approvers, edit), additions: [] };
}

function namedLine([name, values]: readonly [string, readonly string[]]): string {
  return `${JSON.stringify(name)}: ${memberText(values)}`;
}

/**
 * Members that are lists of names: what is wanted is added to them; one that is ours is set to what is wanted, or taken
 * out when nothing is.
 */
function namedLists(
  base: PolicyTree,
  object: ObjectNode | undefined,
  wanted: readonly (readonly [string, readonly string[]])[],
  isOurs: (name: string, values: readonly string[]) => boolean,
  make: (lines: readonly string[]) => Addition,
): SectionEdits {
  const missing = new Map(wanted);
  if (object === undefined) return { edits: [], additions: missing.size === 0 ? [] : [make(wanted.map(namedLine))] };
  const replace = new Map<number, string>();
  const remove = new Set<number>();
  const inner: TextEdit[] = [];
  for (const [index, item] of object.items.entries()) {
    const name = stringOf(base.document, item.name);
    const values = textsOf(base.document, item.value);
    const target = missing.get(name);
    missing.delete(name);
    if (values === undefined || item.value.kind !== "array") {
      if (target === undefined) continue;
      throw shapeError(base, item.value, `${JSON.stringify(name)} has a list of names`);
    }
    const lacking = target?.filter((value) => !values.includes(value)) ?? [];
    const surplus = isOurs(name, values) ? values.filter((value) => !target?.includes(value)) : [];
    if (target === undefined && surplus.length > 0) remove.add(index);
    else if (surplus.length > 0) replace.set(index, memberText(target ?? []));
    else if (lacking.length > 0)
      inner.push(...editContainer(base.document, item.value, { append: lacking.map(quoted) }));
  }
  const append = [...missing].map((entry) => ({ text: namedLine(entry) }));
  return { edits: [...inner, ...editContainer(base.document, object, { replace, remove, append })], additions: [] };
}

function quoted(name: string): { readonly text: string } {
  return { text: JSON.stringify(name) };
}

function ruleEdits(base: PolicyTree, derived: DerivedPolicy, ownership: Ownership): readonly SectionEdits[] {
  const style = ruleStyle(base, ownership);
  const wanted = derived.rules.flatMap((rule) => ruleEntries(rule, style));
  const other = style === "grants" ? "acls" : "grants";
  const own = listEdits(base, style, wanted, ownership);
  const hasRules = memberOf(base.document, base.root, "acls") ?? memberOf(base.document, base.root, "grants");
  // No rule section at all means "everything is allowed" to servers; an empty one means "nothing is".
  const empty = wanted.length === 0 && hasRules === undefined ? [addition(base, style, "[]")] : [];
  return [{ ...own, additions: [...own.additions, ...empty] }, listEdits(base, other, [], ownership)];
}

function listEdits(
  base: PolicyTree,
  section: ListSection,
  wanted: Parameters<typeof planList>[3],
  ownership: Ownership,
): SectionEdits {
  const list = listMember(base, base.root, section);
  const { edits, missing } = planList(base.document, list, section, wanted, ownership);
  if (list !== undefined || missing.length === 0) return { edits, additions: [] };
  return { edits, additions: [addition(base, section, block(base, "[]", missing.map(entryText)))] };
}

/** A tag of a removed cluster goes once nothing mentions it any more. */
function withoutAbsentTags(merged: PolicyTree, derived: DerivedPolicy): string {
  const { document, root } = merged;
  const owners = objectMember(merged, root, "tagOwners");
  const ownership = ownershipOf(merged, derived);
  if (owners === undefined) return decodeText(document.bytes);
  const remove = new Set(
    owners.items.flatMap((item, index) => {
      const tag = stringOf(document, item.name);
      const isGone = derived.absentTags.some((t) => t === tag) && ownership.isOwnedTag(tag);
      return isGone && mentions(merged, root, tag) === 1 ? [index] : [];
    }),
  );
  return decodeText(applyEdits(document.bytes, editContainer(document, owners, { remove })));
}

/** How often a tag is named, also as a name of a member or with ports behind it. */
function mentions(tree: PolicyTree, node: TreeNode, tag: string): number {
  if (node.kind === "string") {
    const text = stringOf(tree.document, node);
    return text === tag || text.startsWith(`${tag}:`) ? 1 : 0;
  }
  if (node.kind !== "object" && node.kind !== "array") return 0;
  const inner = node.items.map(
    (item) => ("name" in item ? mentions(tree, item.name, tag) : 0) + mentions(tree, item.value, tag),
  );
  return inner.reduce((sum, count) => sum + count, 0);
}
