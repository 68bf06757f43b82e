/** topology-plan without secrets: it says what it checked, and does not pretend to know what would change. */
import { describe, expect, test } from "vitest";
import { runAction } from "../../src/actions/run.ts";
import { action } from "../../src/actions/topology-plan.ts";
import type { Wiring } from "../../src/wiring.ts";
import { MemoryWorkspace } from "../support/memory-workspace.ts";
import { recordingHost } from "../support/recording-host.ts";

const topology = `version: 1
ssh: { user: root, known-hosts: known_hosts }
policy: { file: policy.hujson }
clusters:
  homelab: { pods: 10.42.0.0/16, services: 10.43.0.0/16, nodes: { homelab-1: 10.10.10.10 } }
  oracle: { pods: 10.52.0.0/16, services: 10.53.0.0/16, nodes: { oracle-1: 10.0.0.26 } }
`;
const policy = '{\n  "grants": [{"src": ["autogroup:admin"], "dst": ["*"], "ip": ["*"]}],\n}\n';

async function run(inputs: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>) {
  const recording = recordingHost(inputs);
  await runAction(action, recording.host, (host, signal) => {
    const wiring = {
      reporter: host.reporter,
      state: host.state,
      workspace: new MemoryWorkspace(files),
      signal,
      env: {},
      nonce: "0000",
      control: () => expect.unreachable("a credential was asked for"),
      shell: () => expect.unreachable("a node was to be reached"),
      close: async () => {},
    };
    // the ports that offline needs, and two that must not be asked for
    return wiring as Partial<Wiring> as Wiring;
  });
  return recording;
}

describe("topology-plan with offline", () => {
  test("needs no secret, asks nobody, and emits the matrices", async () => {
    const { outputs, events, annotations, summary } = await run(
      { offline: "true" },
      { "tailmesh.yaml": topology, "policy.hujson": policy },
    );
    expect(annotations).toEqual([]);
    expect(outputs.get("count")).toBe("2");
    expect(JSON.parse(outputs.get("matrix-clusters") ?? "")).toEqual({
      include: [{ cluster: "homelab" }, { cluster: "oracle" }],
    });
    expect(summary.join("\n")).toContain("neither the control server nor a node was asked");
    expect(events.at(-1)).toMatch(/^info topology-plan: checked offline: 2 clusters with 2 nodes, its policy is valid/);
    expect(events.join("\n")).not.toMatch(/nothing would change|Nothing to change/i);
  });

  test("fails on a policy that has a mistake, and on a topology that has one", async () => {
    const bad = policy.replace("autogroup:admin", "group:nobody");
    const { annotations, events } = await run({ offline: "true" }, { "tailmesh.yaml": topology, "policy.hujson": bad });
    expect(annotations.map(({ title }) => title)).toEqual(["MESH_POLICY_INVALID"]);
    expect(events.at(-1)).toMatch(/^fail /);
    const overlap = topology.replace("10.52.0.0/16", "10.42.0.0/16");
    const other = await run({ offline: "true" }, { "tailmesh.yaml": overlap, "policy.hujson": policy });
    expect(other.annotations.length).toBeGreaterThan(0);
  });

  test("a policy file that is missing is named", async () => {
    const { annotations } = await run({ offline: "true" }, { "tailmesh.yaml": topology });
    expect(annotations).toMatchObject([{ title: "MESH_POLICY_FILE_MISSING" }]);
  });

  test("without it the SSH key is required", async () => {
    const { annotations } = await run({}, { "tailmesh.yaml": topology, "policy.hujson": policy });
    expect(annotations).toMatchObject([{ title: "MESH_INPUT_INVALID" }]);
    expect(annotations[0]?.message).toContain("ssh-private-key");
  });
});
