/** A policy as a tree: what is an object, a list and a member of it, checked once where it is read. */

import { readHujson, repairFinalNewline } from "../hujson/parse.ts";
import {
  type ArrayNode,
  type Document,
  type Member,
  type ObjectNode,
  positionAt,
  type TreeNode,
} from "../hujson/tree.ts";
import { depthOf, stringOf } from "../hujson/value.ts";
import type { MeshError, Where } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import { policyError } from "./errors.ts";

/** Far more than any policy has, and far less than what recursion can bear. */
const maxDepth = 64;

export interface PolicyTree {
  readonly document: Document;
  readonly root: ObjectNode;
  /** For messages; undefined = the policy on the server. */
  readonly file: string | undefined;
  /** What was repaired while reading. */
  readonly warnings: readonly string[];
}

/** Reads a policy. Throws MESH_HUJSON_SYNTAX or MESH_POLICY_SHAPE with the place. */
export function readPolicy(source: string, file?: string): PolicyTree {
  const { text, repaired } = repairFinalNewline(source);
  const document = readHujson(text, file);
  const named = file ?? "the policy on the server";
  const root = document.root;
  const at = { document, file };
  if (depthOf(root) > maxDepth) throw shapeError(at, root, `nested deeper than ${maxDepth} levels`);
  if (root.kind !== "object") throw shapeError(at, root, "a policy is an object");
  const warnings = repaired ? [`${named} ends in a comment without a newline, which servers refuse; one is added`] : [];
  checkNames(at, root, true);
  return { document, root, file, warnings };
}

/** MESH_POLICY_SHAPE at that value. */
export function shapeError(tree: Pick<PolicyTree, "document" | "file">, node: TreeNode, message: string): MeshError {
  return policyError("MESH_POLICY_SHAPE", message, { where: whereOf(tree, node) });
}

/** Place of a value for messages. */
export function whereOf(tree: Pick<PolicyTree, "document" | "file">, node: TreeNode): Where {
  const { line, column } = positionAt(tree.document.bytes, node.start);
  return tree.file === undefined ? { address: "policy", line, column } : { file: tree.file, line, column };
}

/** Servers take the last of two equal names, or refuse both; at the top they do not tell upper from lower case. */
function checkNames(tree: Pick<PolicyTree, "document" | "file">, node: TreeNode, isRoot = false): void {
  if (node.kind !== "object" && node.kind !== "array") return;
  const seen = new Set<string>();
  for (const item of node.items) {
    if ("name" in item) {
      const name = stringOf(tree.document, item.name);
      const key = isRoot ? name.toLowerCase() : name;
      if (seen.has(key)) throw shapeError(tree, item.name, `"${inertText(name, 80)}" is there twice`);
      seen.add(key);
    }
    checkNames(tree, item.value);
  }
}

/** The member of that name, upper or lower case; a `null` counts as absent where servers take it so. */
export function memberOf(document: Document, object: ObjectNode, name: string): Member | undefined {
  return object.items.find((m) => stringOf(document, m.name).toLowerCase() === name.toLowerCase());
}

/** Value of the member as an object; undefined when absent or null. Throws MESH_POLICY_SHAPE when it is something else. */
export function objectMember(tree: PolicyTree, object: ObjectNode, name: string): ObjectNode | undefined {
  const value = memberOf(tree.document, object, name)?.value;
  if (value === undefined || value.kind === "null") return undefined;
  if (value.kind !== "object") throw shapeError(tree, value, `"${name}" is an object`);
  return value;
}

/** Value of the member as a list; undefined when absent or null. Throws MESH_POLICY_SHAPE when it is something else. */
export function listMember(tree: PolicyTree, object: ObjectNode, name: string): ArrayNode | undefined {
  const value = memberOf(tree.document, object, name)?.value;
  if (value === undefined || value.kind === "null") return undefined;
  if (value.kind !== "array") throw shapeError(tree, value, `"${name}" is a list`);
  return value;
}

/** Texts of a list of strings; undefined for anything else. */
export function textsOf(document: Document, node: TreeNode | undefined): readonly string[] | undefined {
  if (node?.kind !== "array") return undefined;
  const texts = node.items.map((item) => (item.value.kind === "string" ? stringOf(document, item.value) : undefined));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** Names and values of an object, lower-cased names as servers read them. */
export function fieldsOf(document: Document, object: ObjectNode): ReadonlyMap<string, TreeNode> {
  return new Map(object.items.map((m) => [stringOf(document, m.name).toLowerCase(), m.value]));
}
