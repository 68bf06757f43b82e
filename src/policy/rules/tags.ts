/** `tagOwners`: the tags that exist, and who may give them. */
import type { TreeNode } from "../../hujson/tree.ts";
import { type Located, type Reading, readEntries, readTexts, type Severity } from "./reading.ts";
import { isServerKnown } from "./selector.ts";

export interface TagOwners {
  readonly tags: ReadonlySet<string>;
  readonly owners: ReadonlyMap<string, readonly Located[]>;
}

export function readTagOwners(reading: Reading, node: TreeNode | undefined): TagOwners {
  const owners = new Map<string, readonly Located[]>();
  for (const { name, value } of readEntries(reading, node, '"tagOwners"')) {
    reportTag(reading, name);
    owners.set(name.text, readTexts(reading, value, `owners of "${name.text}"`));
  }
  return { tags: new Set(owners.keys()), owners };
}

/** Owners are users, groups, tags or roles; tags may own each other in a circle. */
export function checkOwners(
  reading: Reading,
  { tags, owners }: TagOwners,
  groups: ReadonlyMap<string, readonly string[]>,
): void {
  for (const [tag, list] of owners) {
    for (const owner of list) {
      const refusal = refuseOwner(reading, tags, groups, owner.text);
      if (refusal !== undefined) reading.report("error", refusal[0], owner.node, `owner of "${tag}": ${refusal[1]}`);
    }
  }
}

function refuseOwner(
  reading: Reading,
  tags: ReadonlySet<string>,
  groups: ReadonlyMap<string, readonly string[]>,
  owner: string,
): readonly ["MESH_RULES_UNKNOWN_NAME" | "MESH_RULES_DEFINITION" | "MESH_RULES_HEADSCALE", string] | undefined {
  if (owner.startsWith("tag:"))
    return tags.has(owner) ? undefined : ["MESH_RULES_UNKNOWN_NAME", `tag not found: "${owner}"`];
  if (owner.startsWith("group:"))
    return groups.has(owner) ? undefined : ["MESH_RULES_UNKNOWN_NAME", `group not found: "${owner}"`];
  if (owner.startsWith("autogroup:")) {
    if (reading.server === "headscale") return ["MESH_RULES_HEADSCALE", `Headscale refuses "${owner}" as an owner`];
    const name = owner.slice("autogroup:".length);
    return isServerKnown(name) || name === "member" || name === "members"
      ? undefined
      : ["MESH_RULES_DEFINITION", `"${owner}" cannot own a tag`];
  }
  if (owner.includes("@") || reading.server === "tailscale") return undefined;
  return ["MESH_RULES_HEADSCALE", `Headscale's users have an "@": "${owner}@"`];
}

function reportTag(reading: Reading, { text: tag, node }: Located): void {
  const report = (severity: Severity, message: string): void =>
    reading.report(severity, "MESH_RULES_DEFINITION", node, message);
  if (!tag.startsWith("tag:")) report("error", `tags begin with "tag:", not "${tag}"`);
  else if (!/^tag:[A-Za-z]/.test(tag)) report("error", `"${tag}": a tag's name begins with a letter`);
  else if (!/^tag:[A-Za-z0-9-]+$/.test(tag)) {
    // Headscale looks at the first letter only; devices cannot ask for such a tag.
    const severity = reading.server === "headscale" ? "warning" : "error";
    report(severity, `"${tag}": a tag's name has letters, digits and dashes only`);
  }
}
