/** `nodeAttrs`: attributes and address pools for devices; they give no access, so only their form is judged. */
import type { TreeNode } from "../../hujson/tree.ts";
import { covers, parsePrefix } from "./address.ts";
import type { Devices } from "./devices.ts";
import { type Reading, readEntries, readList, readMembers, readTexts } from "./reading.ts";
import { type Names, readSelector, strangerOf } from "./selector.ts";
import { sharedRange } from "./tailnet.ts";

const memberNames = { both: ["target", "attr", "app"], tailscaleOnly: ["ipPool"] };

const refusedByHeadscale = ["funnel"];

export function checkNodeAttrs(
  reading: Reading,
  names: Names,
  node: TreeNode | undefined,
  devices: Devices | undefined,
): void {
  for (const entry of readList(reading, node, '"nodeAttrs"')) {
    const members = readMembers(reading, entry, "a node attribute", memberNames);
    if (members === undefined) continue;
    const attributes = readTexts(reading, members.get("attr"), '"attr"');
    for (const target of readTexts(reading, members.get("target"), '"target"')) {
      const selector = readSelector(reading, names, "target", target);
      const stranger = selector && strangerOf(selector, devices);
      if (reading.server === "headscale" && stranger !== undefined && attributes.length > 0)
        reading.report("error", "MESH_RULES_HEADSCALE", target.node, `there is no user "${stranger}" on Headscale`);
    }
    for (const { text, node: at } of attributes) {
      if (reading.server === "headscale" && refusedByHeadscale.includes(text))
        reading.report("error", "MESH_RULES_HEADSCALE", at, `Headscale refuses the attribute "${text}"`);
    }
    readEntries(reading, members.get("app"), '"app"');
    checkPool(reading, members.get("ippool"));
  }
}

function checkPool(reading: Reading, node: TreeNode | undefined): void {
  if (node === undefined) return;
  for (const { text, node: at } of readTexts(reading, node, '"ipPool"')) {
    const prefix = parsePrefix(text);
    if (prefix === undefined) reading.report("error", "MESH_RULES_DEFINITION", at, `ipPool: "${text}" is no prefix`);
    else if (!covers(sharedRange, prefix))
      reading.report("error", "MESH_RULES_DEFINITION", at, `ipPool: "${text}" is not within 100.64.0.0/10`);
  }
}
