/** `postures`: conditions on devices. Which device meets them only the server knows, so whatever needs one is undecided. */
import type { TreeNode } from "../../hujson/tree.ts";
import { type Reading, readEntries, readTexts } from "./reading.ts";
import type { Names } from "./selector.ts";

export function readPostures(reading: Reading, node: TreeNode | undefined): ReadonlySet<string> {
  const entries = readEntries(reading, node, '"postures"');
  for (const { name, value } of entries) {
    readTexts(reading, value, `"${name.text}"`);
    if (!/^posture:./.test(name.text))
      reading.report("error", "MESH_RULES_DEFINITION", name.node, 'names of postures begin with "posture:"');
  }
  return new Set(entries.map(({ name }) => name.text));
}

/** True where a rule asks for postures: it gives access to some devices only, and it is not known here to which. */
export function readSrcPosture(reading: Reading, names: Names, node: TreeNode | undefined): boolean {
  if (node === undefined) return false;
  const wanted = readTexts(reading, node, '"srcPosture"');
  for (const { text, node: at } of wanted) {
    if (text.startsWith("posture:") && !names.postures.has(text))
      reading.report("error", "MESH_RULES_UNKNOWN_NAME", at, `posture not found: "${text}"`);
  }
  return wanted.length > 0;
}
