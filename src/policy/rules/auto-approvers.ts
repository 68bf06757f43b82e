/** `autoApprovers`: whose routes, exit nodes and services need no approval by hand. */
import type { TreeNode } from "../../hujson/tree.ts";
import { type AddressRange, covers, isEverything, parsePrefix } from "./address.ts";
import type { Device, Devices } from "./devices.ts";
import { type Located, type Reading, readEntries, readMembers, readTexts } from "./reading.ts";
import { isRefusal, type Names, parseSelector, type Selector } from "./selector.ts";

export interface AutoApprovers {
  readonly routes: readonly { readonly prefix: AddressRange; readonly approvers: readonly Selector[] }[];
  readonly exitNode: readonly Selector[];
}

const memberNames = { both: ["routes", "exitNode"], tailscaleOnly: ["services"] };

const none: AutoApprovers = { routes: [], exitNode: [] };

export function readAutoApprovers(reading: Reading, names: Names, node: TreeNode | undefined): AutoApprovers {
  if (node === undefined) return none;
  const members = readMembers(reading, node, '"autoApprovers"', memberNames);
  if (members === undefined) return none;
  for (const { name, value } of readEntries(reading, members.get("services"), '"autoApprovers.services"'))
    readApprovers(reading, names, readTexts(reading, value, `approvers of "${name.text}"`));
  const routes = readEntries(reading, members.get("routes"), '"autoApprovers.routes"').flatMap(({ name, value }) => {
    const approvers = readApprovers(reading, names, readTexts(reading, value, `approvers of "${name.text}"`));
    const prefix = parsePrefix(name.text);
    if (prefix !== undefined) return [{ prefix, approvers }];
    reading.report("error", "MESH_RULES_DEFINITION", name.node, `"${name.text}" is no prefix`);
    return [];
  });
  const exitNode = readTexts(reading, members.get("exitnode"), '"autoApprovers.exitNode"');
  return { routes, exitNode: readApprovers(reading, names, exitNode) };
}

/**
 * Devices as they are under these approvers: routes that a device offers and that need no approval by hand count as approved.
 * Exit routes are `exitNode`'s matter alone. (The service approves when a route is offered; its recorded answers show it done.)
 */
export function withApprovals(devices: Devices, approvers: AutoApprovers): Devices {
  const nodes = devices.nodes.map((device) => {
    const approved = device.offered.filter((route) => approves(approvers, route, device));
    const added = approved.filter(
      (route) => !isEverything(route) && !device.routes.some((one) => covers([one], route)),
    );
    return {
      ...device,
      routes: [...device.routes, ...added],
      isExit: device.isExit || approved.some(isEverything),
    };
  });
  return { ...devices, nodes };
}

function approves(approvers: AutoApprovers, route: AddressRange, device: Device): boolean {
  const list = isEverything(route)
    ? approvers.exitNode
    : approvers.routes.filter(({ prefix }) => covers([prefix], route)).flatMap((entry) => entry.approvers);
  return list.some((approver) => isApprover(approver, device));
}

function isApprover(approver: Selector, device: Device): boolean {
  switch (approver.kind) {
    case "tag":
      return device.tags.includes(approver.name);
    case "user":
      return device.user === approver.name;
    case "group":
      return device.user !== undefined && approver.members.includes(device.user);
    case "autogroup":
      return approver.name === "member"
        ? device.user !== undefined
        : approver.name === "tagged" && device.tags.length > 0;
    default:
      return false;
  }
}

function readApprovers(reading: Reading, names: Names, list: readonly Located[]): readonly Selector[] {
  return list.flatMap(({ text, node }) => {
    const selector = parseSelector(names, text);
    if (isRefusal(selector)) {
      reading.report("error", selector.code, node, `approver: ${selector.message}`);
      return [];
    }
    if (selector.kind === "autogroup" && reading.server === "headscale")
      reading.report("error", "MESH_RULES_HEADSCALE", node, `Headscale refuses "${text}" as an approver`);
    if (selector.kind === "any" || selector.kind === "ranges" || selector.kind === "service") {
      reading.report(
        "error",
        "MESH_RULES_DEFINITION",
        node,
        `"${text}" cannot approve: approvers are users, groups, tags or autogroups`,
      );
      return [];
    }
    return [selector];
  });
}
