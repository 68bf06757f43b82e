/** Several policy files into one, in order: lists are joined, objects are united, comments come along. */
import { applyEdits, commentsIn, editContainer, type NewItem, sourceOf } from "../hujson/edit.ts";
import {
  type ContainerNode,
  decodeText,
  type Item,
  type ObjectNode,
  positionAt,
  type Span,
  type TreeNode,
} from "../hujson/tree.ts";
import { canonicalText, stringOf } from "../hujson/value.ts";
import { inertText } from "../mesh/inert.ts";
import { memberOf, type PolicyTree, readPolicy, whereOf } from "./document.ts";
import { policyError } from "./errors.ts";

export interface PolicyFile {
  readonly file: string;
  readonly text: string;
}

/** The united policy; with one file, that file as it is. Throws MESH_POLICY_PARTS_CONFLICT naming both files. */
export function joinParts(files: readonly [PolicyFile, ...PolicyFile[]]): PolicyTree {
  const [first, ...rest] = files;
  let base = readPolicy(first.text, first.file);
  const origins = new Map<string, string>();
  noteOrigins(base, base.root, "", origins);
  for (const part of rest) {
    const tree = readPolicy(part.text, part.file);
    base = joined(base, tree, origins);
    noteOrigins(tree, tree.root, "", origins);
  }
  return base;
}

/** Where each named thing was first defined: `/groups/group:a` → `base.hujson:3`. */
function noteOrigins(tree: PolicyTree, object: ObjectNode, path: string, origins: Map<string, string>): void {
  for (const member of object.items) {
    const key = `${path}/${nameKey(stringOf(tree.document, member.name), path)}`;
    const { line } = positionAt(tree.document.bytes, member.name.start);
    if (!origins.has(key)) origins.set(key, `${tree.file}:${line}`);
    if (member.value.kind === "object") noteOrigins(tree, member.value, key, origins);
  }
}

/** Sections are told apart without regard to case, as servers do; the names in them with. */
function nameKey(name: string, path: string): string {
  return path === "" ? name.toLowerCase() : name;
}

function joined(base: PolicyTree, part: PolicyTree, origins: ReadonlyMap<string, string>): PolicyTree {
  const edits = uniteObjects(base, base.root, part, part.root, "", origins);
  const text = decodeText(applyEdits(base.document.bytes, edits));
  return { ...readPolicy(text, base.file), warnings: [...base.warnings, ...part.warnings] };
}

function uniteObjects(
  base: PolicyTree,
  into: ObjectNode,
  part: PolicyTree,
  from: ObjectNode,
  path: string,
  origins: ReadonlyMap<string, string>,
): ReturnType<typeof editContainer> {
  const append: NewItem[] = [];
  const inner = [...from.items.entries()].flatMap(([index, member]) => {
    const name = stringOf(part.document, member.name);
    const found = path === "" ? memberOf(base.document, into, name) : sameName(base, into, name);
    if (found === undefined) {
      append.push(itemOf(part, from, index));
      return [];
    }
    const key = `${path}/${nameKey(name, path)}`;
    if (found.value.kind === "object" && member.value.kind === "object") {
      return uniteObjects(base, found.value, part, member.value, key, origins);
    }
    if (path === "" && found.value.kind === "array" && member.value.kind === "array") {
      const list = member.value;
      return editContainer(base.document, found.value, { append: list.items.map((_, i) => itemOf(part, list, i)) });
    }
    if (canonicalText(base.document, found.value) === canonicalText(part.document, member.value)) return [];
    throw conflict(part, member.value, name, origins.get(key) ?? `${base.file}`);
  });
  return [...inner, ...editContainer(base.document, into, { append })];
}

function sameName(tree: PolicyTree, object: ObjectNode, name: string): Item | undefined {
  return object.items.find((m) => stringOf(tree.document, m.name) === name);
}

function conflict(part: PolicyTree, value: TreeNode, name: string, origin: string): Error {
  const message = `${part.file} defines "${inertText(name, 80)}" differently from ${origin}`;
  return policyError("MESH_POLICY_PARTS_CONFLICT", message, { where: whereOf(part, value) });
}

/** An item as text, with every comment between it and its neighbours. */
function itemOf(tree: PolicyTree, container: ContainerNode, index: number): NewItem {
  const { document } = tree;
  const item = container.items[index];
  if (item === undefined) return { text: "null" };
  const start = index === 0 ? container.start + 1 : boundary(tree, container, index - 1);
  const end = index === container.items.length - 1 ? container.end - 1 : boundary(tree, container, index);
  const comments = outside(tree, { start, end }, item.value);
  const value = sourceOf(document, item.value);
  const text = "name" in item && isNode(item.name) ? `${sourceOf(document, item.name)}: ${value}` : value;
  return comments.length === 0 ? { text } : { text, comments };
}

function isNode(value: unknown): value is TreeNode {
  return typeof value === "object" && value !== null && "kind" in value;
}

function outside(tree: PolicyTree, span: Span, value: TreeNode): readonly string[] {
  const before = commentsIn(tree.document, { start: span.start, end: value.start });
  return [...before, ...commentsIn(tree.document, { start: value.end, end: span.end })];
}

/** Where an item's own comments end: behind its comma, and behind a comment on the same line. */
function boundary(tree: PolicyTree, container: ContainerNode, index: number): number {
  const { bytes, comments } = tree.document;
  const item = container.items[index];
  const after = item?.comma === undefined ? container.end - 1 : item.comma + 1;
  const lineEnd = bytes.indexOf(10, after);
  const trailing = comments.find(
    (c) => c.start >= after && decodeText(bytes, { start: after, end: c.start }).trim() === "",
  );
  return trailing !== undefined && lineEnd !== -1 && trailing.start < lineEnd && trailing.end <= lineEnd
    ? trailing.end
    : after;
}
