/** `groups`: names for lists of users. */
import type { TreeNode } from "../../hujson/tree.ts";
import { type Reading, readEntries, readTexts } from "./reading.ts";

/** Members by group; a group never holds another. */
export function readGroups(reading: Reading, node: TreeNode | undefined): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const { name, value } of readEntries(reading, node, '"groups"')) {
    if (!/^group:./.test(name.text)) {
      reading.report(
        "error",
        "MESH_RULES_DEFINITION",
        name.node,
        `group names begin with "group:", not "${name.text}"`,
      );
    }
    const members = readTexts(reading, value, `"${name.text}"`);
    for (const member of members) checkMember(reading, name.text, member.text, member.node);
    groups.set(
      name.text,
      members.map((member) => member.text),
    );
  }
  return groups;
}

function checkMember(reading: Reading, group: string, member: string, node: TreeNode): void {
  const report = (message: string): void => reading.report("error", "MESH_RULES_DEFINITION", node, message);
  if (member.startsWith("group:")) report(`"${group}" holds "${member}": groups cannot hold groups`);
  else if (member.startsWith("tag:") || member.startsWith("autogroup:"))
    report(`"${group}" holds "${member}": groups hold users`);
  else if (!member.includes("@")) {
    if (reading.server === "headscale")
      reading.report("error", "MESH_RULES_HEADSCALE", node, `Headscale's users have an "@": "${member}@"`);
    else reading.report("warning", "MESH_RULES_POINTLESS", node, `"${member}" does not look like a user's login name`);
  }
}
