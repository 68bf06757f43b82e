/** Derived entries into one list of rules or tests: matched, changed in place, added, taken out. */
import { type ContainerEdit, editContainer, type TextEdit } from "../hujson/edit.ts";
import type { ArrayNode, Document, ObjectNode, TreeNode } from "../hujson/tree.ts";
import { stringOf } from "../hujson/value.ts";
import { fieldsOf, textsOf } from "./document.ts";
import { entryText, memberText, type WrittenEntry } from "./entry-text.ts";
import type { ListSection, Ownership } from "./owned.ts";

/** What the list must become. */
export interface ListPlan {
  /** Edits inside the list. */
  readonly edits: readonly TextEdit[];
  /** Entries that were not there yet, for a list that must first be made. */
  readonly missing: readonly WrittenEntry[];
}

/** Compares the list with what is wanted. Entries that are not ours are only ever matched. */
export function planList(
  document: Document,
  list: ArrayNode | undefined,
  section: ListSection,
  wanted: readonly WrittenEntry[],
  ownership: Ownership,
): ListPlan {
  const items = list?.items ?? [];
  const open = new Map(wanted.map((entry) => [signature(entry.members), entry]));
  const byName = new Map(wanted.map((entry) => [entry.name, entry]));
  const unmatched = [...items.entries()].filter(([, item]) => !open.delete(signatureOf(document, item.value)));
  const remove = new Set<number>();
  const inner: TextEdit[] = [];
  for (const [index, { value }] of unmatched) {
    const name = ownership.nameOf(section, document, value);
    if (name === undefined) continue;
    const successor = name === null ? undefined : byName.get(name);
    if (successor !== undefined && value.kind === "object" && open.delete(signature(successor.members))) {
      inner.push(...changeMembers(document, value, successor.members));
    } else remove.add(index);
  }
  const missing = [...open.values()];
  const edit: ContainerEdit = { remove, append: missing.map((entry) => ({ text: entryText(entry) })) };
  return { edits: list === undefined ? [] : [...inner, ...editContainer(document, list, edit)], missing };
}

/** Only the members that differ are touched, so that comments inside the entry stay. */
function changeMembers(document: Document, entry: ObjectNode, members: WrittenEntry["members"]): readonly TextEdit[] {
  const replace = new Map<number, string>();
  const remove = new Set<number>();
  const missing = new Map(Object.entries(members));
  for (const [index, item] of entry.items.entries()) {
    const name = stringOf(document, item.name).toLowerCase();
    const wanted = missing.get(name);
    missing.delete(name);
    if (wanted === undefined) remove.add(index);
    else if (valueKey(document, item.value) !== writtenKey(wanted)) replace.set(index, memberText(wanted));
  }
  const append = [...missing].map(([name, value]) => ({ text: `${JSON.stringify(name)}: ${memberText(value)}` }));
  return editContainer(document, entry, { replace, remove, append });
}

/** Equal for two entries that mean the same: order within lists does not count. */
export function signature(members: WrittenEntry["members"]): string {
  return pairs(Object.entries(members).map(([name, value]) => [name, writtenKey(value)]));
}

/** As `signature`, of an entry in a policy. */
export function signatureOf(document: Document, entry: TreeNode): string {
  if (entry.kind !== "object") return "";
  return pairs([...fieldsOf(document, entry)].map(([name, value]) => [name, valueKey(document, value)]));
}

function pairs(list: readonly (readonly [string, string])[]): string {
  return JSON.stringify(list.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function writtenKey(value: string | readonly string[]): string {
  return JSON.stringify(typeof value === "string" ? value : [...new Set(value)].sort());
}

function valueKey(document: Document, node: TreeNode): string {
  if (node.kind === "string") return JSON.stringify(stringOf(document, node));
  const texts = textsOf(document, node);
  // Anything that we never write has a key that we never look for.
  return texts === undefined ? `?${node.start}` : writtenKey(texts);
}
