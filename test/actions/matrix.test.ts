/** Matrices in the form that `fromJSON` and `strategy.matrix` take. */
import { expect, test } from "vitest";
import { matrixOutputs } from "../../src/actions/matrix.ts";
import type { Node } from "../../src/mesh/mesh.ts";

function nodeOf(cluster: string, name: string, state: Node["state"] = "present"): Node {
  const ssh = { user: "root", host: "10.0.0.1", port: 22, hostKey: undefined, knownHosts: "known_hosts" };
  return {
    name,
    cluster,
    address: "10.0.0.1",
    role: "router",
    k3s: "server",
    hostname: name,
    state,
    ssh: { ...ssh, jump: [], via: "direct" },
  };
}

test("one entry for each cluster and for each node that is to be there", () => {
  const outputs = matrixOutputs([
    nodeOf("a", "a-1"),
    nodeOf("a", "a-2"),
    nodeOf("b", "b-1"),
    nodeOf("c", "c-1", "absent"),
  ]);
  expect(JSON.parse(outputs["matrix-clusters"])).toEqual({ include: [{ cluster: "a" }, { cluster: "b" }] });
  expect(JSON.parse(outputs["matrix-nodes"])).toEqual({
    include: [
      { cluster: "a", node: "a-1", role: "router" },
      { cluster: "a", node: "a-2", role: "router" },
      { cluster: "b", node: "b-1", role: "router" },
    ],
  });
  expect(outputs.count).toBe("3");
});
