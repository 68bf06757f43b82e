/** One thing that is not as it should be. */
import type { NodeFacts } from "../facts/facts.ts";
import type { MeshError } from "../mesh/error.ts";
import type { Link, Mesh } from "../mesh/mesh.ts";
import type { Device } from "../ports/control.ts";
import { type Layer, layerRank } from "./layers.ts";
import type { ProbeResult } from "./parse.ts";

export interface Finding {
  readonly layer: Layer;
  /** Null: not about one node. */
  readonly node: string | null;
  /** It explains traffic that does not flow; otherwise it is worth saying and no more. */
  readonly breaks: boolean;
  /** What was seen, one line; may quote outside text. */
  readonly evidence: string;
  readonly remedy: string;
  /** Packets were not answered, and nothing that was read of a node or of the control server says why. */
  readonly onlyPackets?: boolean;
}

/** What the control server said about devices, why it did not, or why it was not asked. */
export type ControlView =
  | { readonly devices: readonly Device[] }
  | { readonly error: MeshError }
  | { readonly hidden: string };

/** Everything a verdict is made of. */
export interface Evidence {
  readonly mesh: Mesh;
  readonly links: readonly Link[];
  readonly control: ControlView;
  readonly facts: ReadonlyMap<string, NodeFacts>;
  /** Nodes that could not be asked, and why. */
  readonly unreachable: ReadonlyMap<string, MeshError>;
  /** Probe results by node, then by probe id. */
  readonly results: ReadonlyMap<string, ReadonlyMap<string, ProbeResult>>;
}

/** In layer order, what breaks before what does not, each once. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map(findings.map((f) => [`${f.layer}\n${f.node}\n${f.evidence}\n${f.remedy}`, f]));
  return [...seen.values()].toSorted(
    (a, b) => layerRank(a.layer) - layerRank(b.layer) || Number(b.breaks) - Number(a.breaks),
  );
}
