/** A policy as its single entries, each with a value to compare and a name to call it by. */
import { sourceOf } from "../hujson/edit.ts";
import { encodeText, type TreeNode } from "../hujson/tree.ts";
import { canonicalText, stringOf } from "../hujson/value.ts";
import { inertText } from "../mesh/inert.ts";
import { sha256 } from "../mesh/sha256.ts";
import type { DerivedPolicy } from "./desired.ts";
import type { PolicyTree } from "./document.ts";
import { ruleEntries, testEntry, type WrittenEntry } from "./entry-text.ts";
import { signature, signatureOf } from "./merge-list.ts";
import { type ListSection, type Ownership, ownershipOf } from "./owned.ts";

/** Who put an entry there: we by the topology, we for an earlier topology, or somebody else. */
export type Origin = "derived" | "owned" | "other";

export interface PolicyEntry {
  /** `policy/grants/homelab→oracle`; harmless to print. */
  readonly address: string;
  /** `policy.grants`. */
  readonly resource: string;
  /** Equal for equal values. */
  readonly value: string;
  /** On one line, harmless to print. */
  readonly shown: string;
  readonly origin: Origin;
}

/** Sections whose members are entries of their own. */
const namedSections = ["tagowners", "groups", "hosts", "ipsets", "postures"];
const listSections = ["grants", "acls", "tests"] as const;

/** All entries in order of the text. Addresses are unique: equal entries are numbered. */
export function policyEntries(tree: PolicyTree, derived: DerivedPolicy): readonly PolicyEntry[] {
  const context = { tree, derived, ownership: ownershipOf(tree, derived), wanted: new Map() };
  const entries = tree.root.items.flatMap((member) => {
    const name = stringOf(tree.document, member.name);
    return sectionEntries(context, name, member.value);
  });
  return numbered(entries);
}

interface Context {
  readonly tree: PolicyTree;
  readonly derived: DerivedPolicy;
  readonly ownership: Ownership;
  /** Names of derived entries by their signatures, of the sections that were met: a policy has grants or acls, seldom both. */
  readonly wanted: Map<ListSection, ReadonlyMap<string, string>>;
}

function sectionEntries(context: Context, section: string, value: TreeNode): readonly PolicyEntry[] {
  const lower = section.toLowerCase();
  const { document } = context.tree;
  if (value.kind === "object" && lower === "autoapprovers") {
    return value.items.flatMap((m) => {
      const name = stringOf(document, m.name);
      if (name.toLowerCase() !== "routes" || m.value.kind !== "object")
        return [entry(context, section, name, m.value, "other", true)];
      return m.value.items.map((r) => route(context, section, stringOf(document, r.name), r.value));
    });
  }
  if (value.kind === "object" && namedSections.includes(lower)) {
    return value.items.map((m) => named(context, section, stringOf(document, m.name), m.value));
  }
  if (value.kind !== "array") return [entry(context, section, "", value, "other")];
  const list = listSections.find((s) => s === lower);
  return value.items.map((item) => {
    const [name, origin] = list === undefined ? [undefined, "other" as const] : listName(context, list, item.value);
    const hash = (): string => sha256(encodeText(canonicalText(document, item.value))).slice(0, 8);
    return entry(context, section, name ?? hash(), item.value, origin);
  });
}

function named(context: Context, section: string, name: string, value: TreeNode): PolicyEntry {
  const { derived } = context;
  const isOurs =
    section.toLowerCase() === "tagowners" && (name === derived.ownerTag || derived.tags.some((t) => t === name));
  const isOwned = section.toLowerCase() === "tagowners" && context.ownership.isOwnedTag(name);
  return entry(context, section, name, value, isOurs ? "derived" : isOwned ? "owned" : "other", true);
}

function route(context: Context, section: string, prefix: string, value: TreeNode): PolicyEntry {
  const isWanted = context.derived.routes.some((r) => r.prefix === prefix);
  const origin = isWanted ? "derived" : context.ownership.isDerivedPrefix(prefix) ? "owned" : "other";
  return entry(context, section, `routes/${prefix}`, value, origin, true);
}

function listName(context: Context, section: ListSection, value: TreeNode): readonly [string | undefined, Origin] {
  const { document } = context.tree;
  const key = signatureOf(document, value);
  const names = context.wanted.get(section) ?? namesOf(context.derived, section);
  context.wanted.set(section, names);
  const written = names.get(key);
  if (written !== undefined) return [written, "derived"];
  const name = context.ownership.nameOf(section, document, value);
  return [name ?? undefined, name === undefined ? "other" : "owned"];
}

function namesOf(derived: DerivedPolicy, section: ListSection): ReadonlyMap<string, string> {
  const written =
    section === "tests" ? derived.tests.map(testEntry) : derived.rules.flatMap((r) => ruleEntries(r, section));
  return new Map(written.map((w: WrittenEntry) => [signature(w.members), w.name]));
}

function entry(
  context: Context,
  section: string,
  name: string,
  value: TreeNode,
  origin: Origin,
  isNamed = false,
): PolicyEntry {
  const { document } = context.tree;
  const text = canonicalText(document, value);
  const source = sourceOf(document, value);
  const label = name.replace(/^routes\//, "");
  const quoted = isNamed ? `${JSON.stringify(label)}: ` : "";
  return {
    address: ["policy", inertText(section, 40), ...(name === "" ? [] : [inertText(name, 80)])].join("/"),
    resource: `policy.${inertText(section, 40)}`,
    value: text,
    shown: inertText(quoted + (source.includes("\n") ? text : source), 400),
    origin,
  };
}

function numbered(entries: readonly PolicyEntry[]): readonly PolicyEntry[] {
  const counts = new Map<string, number>();
  return entries.map((e) => {
    const count = (counts.get(e.address) ?? 0) + 1;
    counts.set(e.address, count);
    return count === 1 ? e : { ...e, address: `${e.address}#${count}` };
  });
}
