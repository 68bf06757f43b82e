import { describe, expect, test } from "vitest";
import { allErrors, MeshError } from "../../../src/mesh/error.ts";
import { selectNodes } from "../../../src/mesh/topology/select.ts";
import { example, parse } from "./support.ts";

const mesh = parse(example("many.yaml"));

function select(clusters: readonly string[], nodes: readonly string[]) {
  const { links, forbid, isWhole, ...selection } = selectNodes(mesh, { clusters, nodes });
  const text = (l: { readonly from: string; readonly to: string }) => `${l.from}>${l.to}`;
  return { nodes: selection.nodes.map((n) => n.name), links: links.map(text), forbid: forbid.map(text), isWhole };
}

function codes(clusters: readonly string[], nodes: readonly string[]): readonly string[] {
  try {
    select(clusters, nodes);
    return [];
  } catch (error) {
    return error instanceof MeshError ? allErrors(error).map((e) => e.code) : ["?"];
  }
}

describe("selectNodes", () => {
  test("no filter is everything", () => {
    const all = select([], []);
    expect(all.nodes).toHaveLength(8);
    expect(all.links).toEqual(["homelab>oracle", "oracle>homelab", "workshop>homelab"]);
    expect([all.forbid.length, all.isWhole]).toEqual([2, true]);
  });

  test("a link counts when either end is selected", () => {
    expect(select(["workshop"], [])).toEqual({
      nodes: ["workshop-1"],
      links: ["workshop>homelab"],
      forbid: ["oracle>workshop"],
      isWhole: false,
    });
    expect(select([], ["oracle-2"])).toEqual({
      nodes: ["oracle-2"],
      links: ["homelab>oracle", "oracle>homelab"],
      forbid: ["oracle>homelab", "oracle>workshop"],
      isWhole: false,
    });
  });

  test("both filters together narrow, and the order is the file's", () => {
    expect(select(["oracle", "homelab"], ["oracle-1", "homelab-2", "workshop-1"]).nodes).toEqual([
      "homelab-2",
      "oracle-1",
    ]);
  });

  test("unknown names, all at once, and nothing left", () => {
    expect(codes(["homelab", "nowhere"], ["nobody", "nobody", "none"])).toEqual([
      "MESH_UNKNOWN_CLUSTER",
      "MESH_UNKNOWN_NODE",
      "MESH_UNKNOWN_NODE",
    ]);
    expect(codes(["homelab"], ["oracle-1"])).toEqual(["MESH_SELECTION_EMPTY"]);
  });
});
