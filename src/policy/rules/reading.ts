/** Reads parts of a policy's tree into plain values, and collects what is wrong with them, each with its place. */
import { type Document, positionAt, type TreeNode } from "../../hujson/tree.ts";
import { stringOf } from "../../hujson/value.ts";
import { inertText } from "../../mesh/inert.ts";
import type { RuleCode } from "./errors.ts";

/** Whose rules apply where the two servers differ. */
export type Server = "tailscale" | "headscale";

/** `error`: the server refuses the policy. `info`: nothing is wrong, something could not be decided. */
export type Severity = "error" | "warning" | "info";

export interface Problem {
  readonly severity: Severity;
  /** A code of docs/errors.md. */
  readonly code: RuleCode | "MESH_HUJSON_SYNTAX";
  readonly message: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in bytes. */
  readonly column: number;
}

/** A text of the policy and where it stands. */
export interface Located {
  readonly text: string;
  readonly node: TreeNode;
}

/** One pass over a policy. */
export interface Reading {
  readonly document: Document;
  readonly server: Server;
  readonly report: (severity: Severity, code: RuleCode, node: TreeNode, message: string) => void;
}

/** A pass that puts what it finds into `problems`. */
export function startReading(document: Document, server: Server, problems: Problem[]): Reading {
  return {
    document,
    server,
    report: (severity, code, node, message) =>
      problems.push({ severity, code, message: inertText(message, 300), ...positionAt(document.bytes, node.start) }),
  };
}

export type Members = ReadonlyMap<string, TreeNode>;

/** Names of members that servers know. */
export interface MemberNames {
  readonly both: readonly string[];
  /** Those that Headscale refuses. */
  readonly tailscaleOnly?: readonly string[];
}

/** Members of an object whose names are known; lower-cased names as servers read them, `null` counts as absent. */
export function readMembers(
  reading: Reading,
  node: TreeNode,
  what: string,
  { both, tailscaleOnly = [] }: MemberNames,
): Members | undefined {
  if (node.kind !== "object") {
    reading.report("error", "MESH_RULES_SHAPE", node, `${what} is an object`);
    return undefined;
  }
  const known = new Set(both.map((name) => name.toLowerCase()));
  const foreign = new Set(tailscaleOnly.map((name) => name.toLowerCase()));
  const members = new Map<string, TreeNode>();
  for (const { name, value } of node.items) {
    const text = stringOf(reading.document, name);
    const isForeign = foreign.has(text.toLowerCase());
    if (isForeign && reading.server === "headscale") {
      reading.report("error", "MESH_RULES_HEADSCALE", name, `for Headscale, ${what} has no member "${text}"`);
    } else if (!isForeign && !known.has(text.toLowerCase())) {
      reading.report("error", "MESH_RULES_UNKNOWN_MEMBER", name, `${what} has no member "${text}"`);
    } else if (value.kind !== "null") members.set(text.toLowerCase(), value);
  }
  return members;
}

/** Names and values of an object whose names are the user's own. */
export function readEntries(
  reading: Reading,
  node: TreeNode | undefined,
  what: string,
): readonly { readonly name: Located; readonly value: TreeNode }[] {
  if (node === undefined || node.kind === "null") return [];
  if (node.kind !== "object") {
    reading.report("error", "MESH_RULES_SHAPE", node, `${what} is an object`);
    return [];
  }
  return node.items.map(({ name, value }) => ({
    name: { text: stringOf(reading.document, name), node: name },
    value,
  }));
}

/** Elements of a list; none where it is absent or null. */
export function readList(reading: Reading, node: TreeNode | undefined, what: string): readonly TreeNode[] {
  if (node === undefined || node.kind === "null") return [];
  if (node.kind === "array") return node.items.map((item) => item.value);
  reading.report("error", "MESH_RULES_SHAPE", node, `${what} is a list`);
  return [];
}

/** A list of texts. */
export function readTexts(reading: Reading, node: TreeNode | undefined, what: string): readonly Located[] {
  return readList(reading, node, what).flatMap((item) => readText(reading, item, `each of ${what}`) ?? []);
}

export function readText(reading: Reading, node: TreeNode | undefined, what: string): Located | undefined {
  if (node === undefined || node.kind === "null") return undefined;
  if (node.kind === "string") return { text: stringOf(reading.document, node), node };
  reading.report("error", "MESH_RULES_SHAPE", node, `${what} is a text`);
  return undefined;
}

/** Reports every name that stands twice in one object; at the top, servers do not tell upper from lower case. */
export function reportDuplicates(reading: Reading, root: TreeNode): void {
  const open: { readonly node: TreeNode; readonly isRoot: boolean }[] = [{ node: root, isRoot: true }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, isRoot } = next;
    if (node.kind !== "object" && node.kind !== "array") continue;
    const seen = new Set<string>();
    for (const item of node.items) {
      open.push({ node: item.value, isRoot: false });
      if (!("name" in item)) continue;
      const name = stringOf(reading.document, item.name);
      const key = isRoot ? name.toLowerCase() : name;
      if (seen.has(key)) reading.report("error", "MESH_RULES_DUPLICATE", item.name, `"${name}" is there twice`);
      seen.add(key);
    }
  }
}
