/** A rule of `acls` or `grants`, in the one form that filters and tests are computed from. */
import type { TreeNode } from "../../hujson/tree.ts";
import type { PortRange } from "./ports.ts";
import type { Selector } from "./selector.ts";

/** Destinations and ports of one protocol. */
export interface Traffic {
  /** undefined = what a rule without a protocol lets through. */
  readonly protocol: number | undefined;
  readonly dst: readonly { readonly selector: Selector; readonly ports: readonly PortRange[] }[];
}

export interface Rule {
  readonly section: "acls" | "grants";
  readonly node: TreeNode;
  readonly src: readonly Selector[];
  readonly traffic: readonly Traffic[];
  /** Application capabilities with their parameters, for these destinations. */
  readonly app: { readonly capabilities: ReadonlyMap<string, unknown>; readonly dst: readonly Selector[] };
  /** Tags of the routers that must carry the traffic; empty = any way. */
  readonly via: readonly string[];
  /** Holds for devices of certain postures only. */
  readonly isConditional: boolean;
}
