/** Which device of the control server a node is. */
import type { Node, Tag } from "../mesh/mesh.ts";
import type { Device } from "../ports/control.ts";
import type { NodeFacts } from "./facts.ts";

/**
 * By node key, then by tailnet address, both from the node itself; without facts by name and tag (names are not unique
 * in a tailnet, so this is the last resort).
 */
export function deviceOf(
  devices: readonly Device[],
  node: Node,
  tag: Tag,
  facts: NodeFacts | undefined,
): Device | undefined {
  const status = facts?.tailscale.status;
  const key = status?.self?.publicKey;
  const byKey = key ? devices.find((d) => d.nodeKey === key) : undefined;
  if (byKey) return byKey;
  const own = status?.addresses ?? [];
  const byAddress = own.length > 0 ? devices.find((d) => d.addresses.some((a) => own.includes(a))) : undefined;
  if (byAddress) return byAddress;
  const named = devices.filter(
    (d) => d.tags.includes(tag) && (d.label === node.hostname || d.hostname === node.hostname),
  );
  return named.find((d) => d.online) ?? named[0];
}
