import { describe, expect, test } from "vitest";
import { parseKeyFile } from "../../src/keys/file.ts";
import { type KeyMintSettings, keyMintJob, postKeyMint } from "../../src/keys/job.ts";
import { mintedIds, mintKeys, revokeUnused } from "../../src/keys/mint.ts";
import { meshNodes } from "../../src/mesh/mesh.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { RunState } from "../../src/ports/run-state.ts";
import { FakeControl, fakeDevice, headscaleCapabilities, withoutDevices } from "../support/fake-control.ts";
import { MemoryWorkspace } from "../support/memory-workspace.ts";
import { RecordingReporter } from "../support/recording-reporter.ts";
import { sampleCluster, sampleMesh, sampleNode } from "../support/sample-mesh.ts";

class FixedClock implements Clock {
  time = new Date("2026-11-25T12:00:00Z");

  now(): Date {
    return this.time;
  }

  async sleep(): Promise<void> {}
}

/** Saves for a later step, as the runner does: the step that saves cannot load. */
class MemoryState implements RunState {
  readonly saved: Map<string, string>;
  readonly #isPost: boolean;

  constructor(saved = new Map<string, string>(), isPost = false) {
    this.saved = saved;
    this.#isPost = isPost;
  }

  save(name: string, value: string): void {
    this.saved.set(name, value);
  }

  load(name: string): string | undefined {
    return this.#isPost ? this.saved.get(name) : undefined;
  }

  get post(): MemoryState {
    return new MemoryState(this.saved, true);
  }
}

const homelab = sampleCluster("homelab", 42, {
  nodes: [sampleNode("homelab-1", "homelab"), sampleNode("homelab-2", "homelab", { role: "plain" })],
});
const mesh = sampleMesh([homelab, sampleCluster("oracle", 52)]);

function setUp(control: FakeControl, clock: FixedClock, settings: Partial<KeyMintSettings> = {}) {
  const workspace = new MemoryWorkspace();
  const reporter = new RecordingReporter();
  const state = new MemoryState();
  const all = { mesh, nodes: meshNodes(mesh), expirySeconds: 600, reusable: false, ...settings };
  const job = keyMintJob({ control, workspace, reporter, clock, state }, all);
  const run = async () => {
    const planned = job.plan(await job.observe());
    if (planned.plan.changes.length > 0) await job.apply(planned);
    return { planned, outcome: await job.verify(planned) };
  };
  return { workspace, reporter, state, job, run };
}

function server(): { readonly control: FakeControl; readonly clock: FixedClock } {
  const clock = new FixedClock();
  return { clock, control: new FakeControl({ now: () => clock.time }) };
}

describe("keys for nodes", () => {
  test("one for each node with tailscaled, masked, in a secret file", async () => {
    const { control, clock } = server();
    const { run, workspace, reporter, state } = setUp(control, clock);
    const { planned, outcome } = await run();
    expect(planned.plan.changes.map((c) => c.address)).toEqual(["key/homelab-1", "key/oracle-1"]);
    expect(outcome.outputs).toEqual({
      "key-ids": "1,2",
      "key-file": "/run/auth-keys",
      expires: "2026-11-25T12:10:00.000Z",
    });
    const file = workspace.runFiles.get("/run/auth-keys");
    expect(file?.secret).toBe(true);
    expect(parseKeyFile(file?.content ?? "", "f").map((e) => [e.node, e.secret.reveal()])).toEqual([
      ["homelab-1", control.secrets.get("1")?.reveal()],
      ["oracle-1", control.secrets.get("2")?.reveal()],
    ]);
    expect(reporter.masked).toEqual([...control.secrets.values()]);
    expect(control.keys.map((k) => [k.tags, k.reusable])).toEqual([
      [["tag:homelab"], false],
      [["tag:oracle"], false],
    ]);
    expect(mintedIds(state.post)).toEqual(["1", "2"]);
    const told = JSON.stringify([reporter.lines, outcome, planned.plan, [...state.saved]]);
    for (const secret of control.secrets.values()) expect(told).not.toContain(secret.reveal());
  });

  test("none for joined nodes; the file is there all the same", async () => {
    const { control, clock } = server();
    control.devices = [fakeDevice("homelab-1", ["tag:homelab"]), fakeDevice("oracle-1", ["tag:oracle"])];
    const { run, workspace } = setUp(control, clock);
    const { planned, outcome } = await run();
    expect(planned.plan.unchanged).toHaveLength(2);
    expect([control.writes, outcome.outputs["key-ids"], outcome.outputs["key-file"]]).toEqual([
      0,
      "",
      "/run/auth-keys",
    ]);
    expect(workspace.runFiles.get("/run/auth-keys")?.content).toBe("");
  });

  test("plan mode writes nothing", async () => {
    const { control, clock } = server();
    const { job, workspace } = setUp(control, clock);
    const outcome = job.preview(job.plan(await job.observe()));
    expect([control.writes, workspace.runFiles.size, outcome.outputs["key-file"]]).toEqual([0, 0, ""]);
  });

  test("what a killed run left is revoked first, other clusters' keys stay", async () => {
    const { control, clock } = server();
    await setUp(control, clock).run();
    clock.time = new Date("2026-11-25T12:03:00Z");
    const nodes = mesh.clusters[0]?.nodes ?? [];
    const { planned } = await setUp(control, clock, { nodes }).run();
    expect(planned.plan.changes.map((c) => `${c.kind} ${c.address}`)).toEqual(["update key/1", "create key/homelab-1"]);
    expect(control.keys.map((k) => k.state)).toEqual(["revoked", "usable", "usable"]);
  });

  test("a key for tags", async () => {
    const { control, clock } = server();
    const { outcome } = await setUp(control, clock, { tags: ["tag:homelab", "tag:edge"], reusable: true }).run();
    expect(outcome.outputs["key-ids"]).toBe("1");
    expect(control.keys[0]).toMatchObject({ tags: ["tag:homelab", "tag:edge"], reusable: true });
  });

  test("a life the server does not give is refused before anything is asked", async () => {
    const clock = new FixedClock();
    const keys = { ...headscaleCapabilities.keys, maxLifetimeSeconds: 100 };
    const control = new FakeControl({ capabilities: { ...headscaleCapabilities, keys } });
    await expect(setUp(control, clock).run()).rejects.toMatchObject({ code: "MESH_KEY_LIFETIME" });
    expect(control.calls).toEqual([]);
  });
});

describe("killed between two keys", () => {
  test("the id of every minted key is saved before the next is minted", async () => {
    const { control, clock } = server();
    const { run, state } = setUp(control, clock);
    const savedAtMint: (string | undefined)[] = [];
    control.before = (call) => {
      if (call === "mintKey") savedAtMint.push(state.saved.get("minted-key-ids"));
    };
    await run();
    expect(savedAtMint).toEqual([undefined, "1"]);
  });

  test("calls side by side are all remembered", async () => {
    const { control } = server();
    const state = new MemoryState();
    const ports = { reporter: new RecordingReporter(), state };
    const request = (name: string) => ({ node: { name }, tags: ["tag:homelab"], runId: "1" }) as const;
    await Promise.all(["a", "b", "c"].map((name) => mintKeys(control, [request(name)], ports)));
    expect(mintedIds(state.post).toSorted()).toEqual(["1", "2", "3"]);
  });
});

test("a credential that may not list devices: a key for every node, and it is said", async () => {
  const clock = new FixedClock();
  const control = new FakeControl({ now: () => clock.time, capabilities: withoutDevices });
  control.devices = [fakeDevice("homelab-1", ["tag:homelab"])];
  const { run, reporter } = setUp(control, clock);
  const { planned } = await run();
  expect(planned.plan.changes.map((c) => c.address)).toEqual(["key/homelab-1", "key/oracle-1"]);
  expect(planned.plan.changes.every((c) => c.why.includes("not verified"))).toBe(true);
  expect(reporter.warnings.join()).toMatch(/not verified.*every node gets a key/);
  expect(control.count("listDevices")).toBe(0);
});

describe("post", () => {
  test("removes the file, revokes what nobody used", async () => {
    const { control, clock } = server();
    const { run, workspace, state, reporter } = setUp(control, clock);
    await run();
    control.join(control.secrets.get("1") ?? expect.unreachable(), "homelab-1");
    await postKeyMint(control, state.post, { workspace, reporter });
    expect(workspace.runFiles.size).toBe(0);
    expect(control.keys.map((k) => k.state)).toEqual(["used", "revoked"]);
    expect(control.count("revokeKey")).toBe(1);
  });

  test("never throws; a failure is a warning, and the next key is still revoked", async () => {
    const { control, clock } = server();
    const { run, workspace, state, reporter } = setUp(control, clock);
    await run();
    control.fail("revokeKey", new Error("boom"));
    await postKeyMint(control, state.post, { workspace, reporter });
    expect(control.keys.map((k) => k.state)).toEqual(["usable", "revoked"]);
    control.fail("listKeys", new Error("boom"));
    await revokeUnused(control, ["1"], reporter);
    expect(reporter.warnings).toHaveLength(2);
  });

  test("nothing minted: the server is not asked", async () => {
    const { control } = server();
    await postKeyMint(control, new MemoryState().post, {
      workspace: new MemoryWorkspace(),
      reporter: new RecordingReporter(),
    });
    expect(control.calls).toEqual([]);
  });
});
