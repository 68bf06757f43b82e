// What a fault is: data about it, how to make it, how to see that it has taken effect, how to undo it.
import type { LabCluster, LabNode, LabTopology } from "../topology.ts";

export type Layer =
  | "control"
  | "daemon"
  | "identity"
  | "interface"
  | "advertised"
  | "approved"
  | "serving"
  | "distributed"
  | "accepted"
  | "guards"
  | "hooks"
  | "path"
  | "route"
  | "grant"
  | "pod"
  | "service"
  | "dns"
  | "mtu";

/** Where faults are put: two clusters, and a router of each. */
export interface Scene {
  readonly topology: LabTopology;
  readonly near: LabCluster;
  readonly far: LabCluster;
  readonly nearRouter: LabNode;
  readonly farRouter: LabNode;
}

export interface Fault {
  readonly name: string;
  readonly layer: Layer;
  /** `any`, or the one topology that can show it. */
  readonly topology: string;
  readonly what: string;
  /** Reads what undo will need. Written down before anything is broken. */
  save?(scene: Scene): Promise<unknown>;
  inject(scene: Scene, saved: unknown): Promise<void>;
  /** True once the fault has its full effect. */
  settled(scene: Scene): Promise<boolean>;
  /** Works whatever happened since: a reboot, a repair, a second undo. */
  undo(scene: Scene, saved: unknown): Promise<void>;
}

export function sceneOf(topology: LabTopology): Scene {
  const [near, far] = topology.clusters;
  const nearRouter = near?.nodes.find((n) => n.role === "router");
  const farRouter = far?.nodes.find((n) => n.role === "router");
  if (!near || !far || !nearRouter || !farRouter) throw new Error("faults need two clusters with a router each");
  return { topology, near, far, nearRouter, farRouter };
}
