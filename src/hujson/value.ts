/** The values behind a tree, and one text per value by which two are compared. */
import { type Document, decodeText, type LiteralNode, type TreeNode } from "./tree.ts";

/** Text of a string node with its escapes resolved. */
export function stringOf(document: Document, node: LiteralNode): string {
  const text = decodeText(document.bytes, node);
  if (!text.includes("\\")) return text.slice(1, -1);
  const value: unknown = JSON.parse(text);
  return typeof value === "string" ? value : "";
}

/**
 * The same text for the same value: no blanks or comments, members sorted by name, escapes and number spellings unified.
 * Recursive: check `depthOf` first where the text comes from outside.
 */
export function canonicalText(document: Document, node: TreeNode): string {
  if (node.kind === "array") return `[${node.items.map((item) => canonicalText(document, item.value)).join(",")}]`;
  if (node.kind === "object") {
    const members = node.items.map(
      (m) => `${JSON.stringify(stringOf(document, m.name))}:${canonicalText(document, m.value)}`,
    );
    return `{${members.sort().join(",")}}`;
  }
  if (node.kind === "string") return JSON.stringify(stringOf(document, node));
  const text = decodeText(document.bytes, node);
  // A number that JavaScript cannot hold keeps its own spelling, so that two such never look equal.
  return node.kind === "number" && String(Number(text)).length <= 15 ? String(Number(text)) : text;
}

/** Levels of nesting; found without recursion. */
export function depthOf(root: TreeNode): number {
  let level: readonly TreeNode[] = [root];
  for (let depth = 0; ; depth += 1) {
    const inner = level.flatMap((node) =>
      node.kind === "array" || node.kind === "object" ? node.items.map((i) => i.value) : [],
    );
    if (inner.length === 0) return depth;
    level = inner;
  }
}
