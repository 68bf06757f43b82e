/** `hosts`: names for an address or a prefix. */
import type { TreeNode } from "../../hujson/tree.ts";
import { parseAddress, parsePrefix } from "./address.ts";
import { type Reading, readEntries, readText } from "./reading.ts";
import type { Names } from "./selector.ts";

export function readHosts(reading: Reading, node: TreeNode | undefined): Names["hosts"] {
  const hosts = new Map<string, { range: NonNullable<ReturnType<typeof parseAddress>>; isSingle: boolean }>();
  for (const { name, value } of readEntries(reading, node, '"hosts"')) {
    if (name.text.includes("@"))
      reading.report("error", "MESH_RULES_DEFINITION", name.node, `a host's name has no "@": "${name.text}"`);
    const target = readText(reading, value, `host "${name.text}"`);
    if (target === undefined) continue;
    const single = parseAddress(target.text);
    const range = single ?? parsePrefix(target.text);
    if (range === undefined) {
      reading.report("error", "MESH_RULES_DEFINITION", target.node, `"${target.text}" is no address and no prefix`);
    } else hosts.set(name.text, { range, isSingle: single !== undefined });
  }
  return hosts;
}
