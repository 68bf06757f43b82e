/** The plain value behind a node, for parameters that are handed on as they are. */
import { type Document, decodeText, type TreeNode } from "../../hujson/tree.ts";
import { stringOf } from "../../hujson/value.ts";

/** Recursive: the depth of a policy is bounded where it is read. */
export function plainValue(document: Document, node: TreeNode): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries(node.items.map((m) => [stringOf(document, m.name), plainValue(document, m.value)]));
    case "array":
      return node.items.map((item) => plainValue(document, item.value));
    case "string":
      return stringOf(document, node);
    case "number":
      return Number(decodeText(document.bytes, node));
    case "true":
      return true;
    case "false":
      return false;
    case "null":
      return null;
  }
}
