/** Which part of the mesh a run looks at: the filters `clusters` and `nodes`. */
import { joinErrors, type MeshError } from "../error.ts";
import { meshErrors } from "../errors.ts";
import { inertText } from "../inert.ts";
import { type Link, type Mesh, meshNodes, type Node } from "../mesh.ts";

export interface Filters {
  /** Cluster names; empty = all. */
  readonly clusters: readonly string[];
  /** Node names; empty = all. */
  readonly nodes: readonly string[];
}

export interface Selection {
  /** Nodes that pass both filters, absent ones too, in file order. */
  readonly nodes: readonly Node[];
  /** Links of which either end has a selected node. */
  readonly links: readonly Link[];
  /** Of what must not connect, likewise. */
  readonly forbid: readonly Link[];
  /** No filter was given. */
  readonly isWhole: boolean;
}

/** Throws MESH_UNKNOWN_CLUSTER, MESH_UNKNOWN_NODE (all unknown names at once) and MESH_SELECTION_EMPTY. */
export function selectNodes(mesh: Mesh, filters: Filters): Selection {
  const all = meshNodes(mesh);
  const unknown = [
    ...unknownNames(filters.clusters, mesh.clusters, "MESH_UNKNOWN_CLUSTER", "cluster"),
    ...unknownNames(filters.nodes, all, "MESH_UNKNOWN_NODE", "node"),
  ];
  const [first, ...rest] = unknown;
  if (first) throw joinErrors([first, ...rest]);
  const nodes = all.filter(
    (n) =>
      (filters.clusters.length === 0 || filters.clusters.includes(n.cluster)) &&
      (filters.nodes.length === 0 || filters.nodes.includes(n.name)),
  );
  if (nodes.length === 0)
    throw meshErrors("MESH_SELECTION_EMPTY", "no node passes both filters, `clusters` and `nodes`");
  const clusters = new Set(nodes.map((n) => n.cluster));
  const counts = (link: Link): boolean => clusters.has(link.from) || clusters.has(link.to);
  return {
    nodes,
    links: mesh.links.filter(counts),
    forbid: mesh.forbid.filter(counts),
    isWhole: filters.clusters.length === 0 && filters.nodes.length === 0,
  };
}

function unknownNames(
  names: readonly string[],
  known: readonly { readonly name: string }[],
  code: "MESH_UNKNOWN_CLUSTER" | "MESH_UNKNOWN_NODE",
  what: string,
): readonly MeshError[] {
  const hint = `The topology has: ${known.map((k) => k.name).join(", ")}.`;
  return [...new Set(names)]
    .filter((name) => !known.some((k) => k.name === name))
    .map((name) =>
      meshErrors(code, `the input names the ${what} "${inertText(name, 80)}", which the topology does not have`, {
        hint,
      }),
    );
}
