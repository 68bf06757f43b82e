/** `ipsets`: names for addresses, put together from prefixes, hosts and other sets, with parts taken out again. */
import type { TreeNode } from "../../hujson/tree.ts";
import { type AddressRange, parseRange, subtract } from "./address.ts";
import { type Located, type Reading, readEntries, readTexts } from "./reading.ts";
import type { Names } from "./selector.ts";
import { internetRanges } from "./tailnet.ts";

/** The addresses of each set. Entries are read in order: `remove` takes from what stands before it. */
export function readIpsets(reading: Reading, node: TreeNode | undefined, hosts: Names["hosts"]): Names["ipsets"] {
  const entries = readEntries(reading, node, '"ipsets"');
  const texts = new Map(
    entries.map(({ name, value }) => [name.text, readTexts(reading, value, `"${name.text}"`)] as const),
  );
  for (const { name } of entries) {
    if (!/^ipset:./.test(name.text))
      reading.report("error", "MESH_RULES_DEFINITION", name.node, `IP sets' names begin with "ipset:"`);
  }
  const sets = new Map<string, readonly AddressRange[]>();
  const build = (name: string, within: readonly string[]): readonly AddressRange[] => {
    const done = sets.get(name);
    if (done !== undefined) return done;
    const ranges = (texts.get(name) ?? []).reduce<readonly AddressRange[]>((all, entry) => {
      const [, verb = "add", target = ""] = /^(?:(add|remove)\s+)?(.*)$/s.exec(entry.text) ?? [];
      const some = resolve(target.trim(), entry, [...within, name]);
      return verb === "remove" ? some.reduce(subtract, all) : all.concat(some);
    }, []);
    sets.set(name, ranges);
    return ranges;
  };
  const resolve = (target: string, entry: Located, within: readonly string[]): readonly AddressRange[] => {
    if (target === "autogroup:internet") return internetRanges;
    if (target.startsWith("ipset:") && texts.has(target)) {
      if (!within.includes(target)) return build(target, within);
      reading.report("error", "MESH_RULES_DEFINITION", entry.node, `"${target}" contains itself`);
      return [];
    }
    const host = hosts.get(target.replace(/^host:/, ""));
    const range = host?.range ?? parseRange(target);
    if (range !== undefined) return [range];
    reading.report("error", "MESH_RULES_DEFINITION", entry.node, `"${entry.text}" is nothing that an IP set can hold`);
    return [];
  };
  for (const name of texts.keys()) build(name, []);
  return sets;
}
