/** Job matrices of a mesh, for `strategy.matrix: ${{ fromJSON(…) }}`. */
import type { Node } from "../mesh/mesh.ts";

/** `matrix-clusters` and `matrix-nodes` in GitHub's form, and how many nodes there are: an empty matrix is an error there. */
export function matrixOutputs(
  nodes: readonly Node[],
): Readonly<Record<"matrix-clusters" | "matrix-nodes" | "count", string>> {
  const present = nodes.filter((node) => node.state === "present");
  const clusters = [...new Set(present.map((node) => node.cluster))];
  return {
    "matrix-clusters": matrix(clusters.map((cluster) => ({ cluster }))),
    "matrix-nodes": matrix(present.map(({ cluster, name, role }) => ({ cluster, node: name, role }))),
    count: String(present.length),
  };
}

function matrix(include: readonly Readonly<Record<string, string>>[]): string {
  return JSON.stringify({ include });
}
