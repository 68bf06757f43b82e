/**
 * Which entries of a policy are ours: every tag in it is owned by the owner tag alone, every prefix in it is one that the
 * topology derives, and nothing else is in it. Tests: exactly in the form that we write.
 */

import type { Document, TreeNode } from "../hujson/tree.ts";
import { stringOf } from "../hujson/value.ts";
import type { Cluster } from "../mesh/mesh.ts";
import { type DerivedPolicy, linkName, podProbe, testTargets } from "./desired.ts";
import { fieldsOf, memberOf, objectMember, type PolicyTree, textsOf } from "./document.ts";

/** The question "is it ours", answered for one policy and one topology. */
export interface Ownership {
  isOwnedTag(tag: string): boolean;
  isDerivedPrefix(prefix: string): boolean;
  /** Name of the link when the list entry is ours; null when ours, but of no link that the topology knows; undefined when not ours. */
  nameOf(section: ListSection, document: Document, entry: TreeNode): string | null | undefined;
}

export type ListSection = "grants" | "acls" | "tests";

const ruleFields: Readonly<Record<"grants" | "acls", readonly string[]>> = {
  grants: ["src", "dst", "ip"],
  acls: ["action", "src", "dst", "proto"],
};

/** Ownership by the tag owners of this policy. */
export function ownershipOf(tree: PolicyTree, derived: DerivedPolicy): Ownership {
  const owners = objectMember(tree, tree.root, "tagOwners");
  const isOwnedTag = (tag: string): boolean => {
    if (tag === derived.ownerTag || owners === undefined) return false;
    const names = textsOf(tree.document, memberOf(tree.document, owners, tag)?.value);
    return names?.length === 1 && names[0] === derived.ownerTag;
  };
  const prefixes = new Map(derived.clusters.flatMap((c) => [c.pods, c.services].map((p) => [p.text, c] as const)));
  const isDerivedPrefix = (prefix: string): boolean => prefixes.has(prefix);
  const probes = probesOf(derived.clusters);
  const nameOf = (section: ListSection, document: Document, entry: TreeNode): string | null | undefined =>
    section === "tests" ? testName(document, entry, probes) : ruleName(section, document, entry);

  function ruleName(section: "grants" | "acls", document: Document, entry: TreeNode): string | null | undefined {
    if (entry.kind !== "object") return undefined;
    const fields = fieldsOf(document, entry);
    if (![...fields.keys()].every((name) => ruleFields[section].includes(name))) return undefined;
    const src = textsOf(document, fields.get("src")) ?? [];
    const dst = (textsOf(document, fields.get("dst")) ?? []).map((d) => (section === "acls" ? withoutPorts(d) : d));
    const isOurs = (name: string): boolean => isOwnedTag(name) || isDerivedPrefix(name);
    if (!src.some(isOwnedTag) || !dst.some(isDerivedPrefix) || ![...src, ...dst].every(isOurs)) return undefined;
    const proto = fields.get("proto");
    const suffix = proto?.kind === "string" ? `/${stringOf(document, proto)}` : "";
    const from = only(src.map((s) => prefixes.get(s) ?? derived.clusters.find((c) => c.tag === s)));
    const to = only(dst.map((d) => prefixes.get(d)));
    return from && to ? `${linkName(from.name, to.name)}${suffix}` : null;
  }

  return { isOwnedTag, isDerivedPrefix, nameOf };
}

/** The one cluster that all of them are; unknown names do not count. */
function only(clusters: readonly (Cluster | undefined)[]): Cluster | undefined {
  const [first, ...rest] = new Set(clusters.filter((c) => c !== undefined));
  return rest.length === 0 ? first : undefined;
}

/** `10.52.0.0/16:443` without its ports. */
function withoutPorts(target: string): string {
  return target.replace(/:[^:]*$/, "");
}

interface Probes {
  readonly sources: ReadonlyMap<string, Cluster>;
  /** By the two addresses that a test dials, with port 0. */
  readonly targets: ReadonlyMap<string, Cluster>;
}

function probesOf(clusters: readonly Cluster[]): Probes {
  return {
    sources: new Map(clusters.map((c) => [podProbe(c), c])),
    targets: new Map(clusters.map((c) => [testTargets(c, 0).join(" "), c])),
  };
}

function testName(document: Document, entry: TreeNode, probes: Probes): string | undefined {
  if (entry.kind !== "object") return undefined;
  const fields = fieldsOf(document, entry);
  const verdict = fields.has("accept") ? "accept" : "deny";
  const [src, proto] = [fields.get("src"), fields.get("proto")];
  const targets = textsOf(document, fields.get(verdict));
  if (fields.size !== 3 || src?.kind !== "string" || proto?.kind !== "string" || targets === undefined)
    return undefined;
  const ports = new Set(targets.map((target) => /:([1-9]\d{0,4})$/.exec(target)?.[1]));
  const from = probes.sources.get(stringOf(document, src));
  const to = probes.targets.get(targets.map((target) => target.replace(/:\d+$/, ":0")).join(" "));
  const protocol = stringOf(document, proto);
  if (from === undefined || to === undefined || ports.size !== 1 || ports.has(undefined)) return undefined;
  if (protocol !== "tcp" && protocol !== "udp") return undefined;
  return `${linkName(from.name, to.name)}/${protocol}${verdict === "deny" ? "/deny" : ""}`;
}
