import { describe, expect, it } from "vitest";
import { controlErrors } from "../src/adapters/control/errors.ts";
import type { ConvergePlanned, ConvergeSettings, Observed } from "../src/converge/model.ts";
import { convergeJob } from "../src/converge.ts";
import { MeshError } from "../src/mesh/error.ts";
import { meshNodes } from "../src/mesh/mesh.ts";
import type { Job } from "../src/plan/job.ts";
import { type Capabilities, visibleDevices } from "../src/ports/control.ts";
import type { RunState } from "../src/ports/run-state.ts";
import { FakeControl, fakeDevice, headscaleCapabilities, withoutDevices } from "./support/fake-control.ts";
import { cluster, exampleMesh, node } from "./support/meshes.ts";
import { ScriptedNodes } from "./support/scripted-nodes.ts";

const mesh = exampleMesh({
  clusters: [
    cluster("homelab", "10.42.0.0/16", "10.43.0.0/16", [node("homelab-1", "homelab", "10.10.10.10", "router")]),
    cluster("oracle", "10.52.0.0/16", "10.53.0.0/16", [node("oracle-1", "oracle", "10.0.0.26", "router")]),
  ],
});

const oracle = fakeDevice("oracle-1", ["tag:oracle"], {
  id: "9",
  addresses: ["100.64.0.3"],
  advertisedRoutes: ["10.52.0.0/16", "10.53.0.0/16"],
});

interface Bench {
  readonly job: Job<Observed, ConvergePlanned>;
  readonly control: FakeControl;
  readonly nodes: ScriptedNodes;
  readonly lines: string[];
}

/** oracle-1 is joined, homelab-1 is bare; the server has no policy. */
function bench(
  more: Partial<ConvergeSettings> = {},
  joined: readonly string[] = ["oracle-1"],
  {
    capabilities = headscaleCapabilities,
    files = {},
  }: { readonly capabilities?: Capabilities; readonly files?: Readonly<Record<string, string>> } = {},
): Bench {
  const control = new FakeControl({ devices: [oracle], capabilities });
  const nodes = new ScriptedNodes(control, joined);
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const state: RunState = { save: () => {}, load: () => undefined };
  let time = Date.parse("2026-11-25T00:00:00Z");
  const job = convergeJob(
    {
      control: async () => control,
      shell: nodes,
      archives: { get: async (r) => ({ ...r, sha256: "0".repeat(64), bytes: new Uint8Array([1]) }) },
      workspace: {
        read: async (path) => files[path],
        write: async () => {},
        writeRunFile: async (name) => `/run/${name}`,
        removeRunFile: async () => {},
      },
      reporter: { info: say, debug: say, warn: say, group: (_, work) => work(), mask: () => {} },
      clock: {
        now: () => new Date(time),
        sleep: async (ms) => {
          time += ms;
        },
      },
      state,
    },
    {
      mesh,
      parts: { policy: true, nodes: true, check: false },
      selected: meshNodes(mesh),
      links: mesh.links,
      node: { version: "1.102.5", undoAfter: 300 },
      policy: { adopt: false, onDrift: "fail" },
      keyFile: undefined,
      failOn: "broken",
      concurrency: 10,
      nonce: "NONCE",
      probePort: 23456,
      runId: "1",
      startedAt: new Date("2026-11-25T00:00:00Z"),
      signal: new AbortController().signal,
      ...more,
    },
  );
  return { job, control, nodes, lines };
}

async function run({ job }: Bench): Promise<ConvergePlanned> {
  try {
    const planned = job.plan(await job.observe());
    if (planned.plan.changes.length > 0) await job.apply(planned);
    await job.verify(planned);
    return planned;
  } finally {
    await job.close();
  }
}

const writesOf = (b: Bench) => b.control.calls.filter((c) => /^(set|mint|revoke|delete)/.test(c));

describe("converge", () => {
  it("goes policy → key → node → approval, and leaves the joined node alone", async () => {
    const b = bench();
    const planned = await run(b);
    expect(writesOf(b)).toEqual(["setPolicy", "mintKey"]);
    expect(b.control.calls.indexOf("setPolicy")).toBeLessThan(b.control.calls.indexOf("mintKey"));
    expect(b.nodes.execs.filter((e) => e.node === "oracle-1").map((e) => e.what)).toEqual(["facts"]);
    expect(b.nodes.execs.filter((e) => e.node === "homelab-1").map((e) => e.what)).toEqual([
      "facts",
      "sysctl install daemon",
      "login guard advertise",
      "accept",
      "facts",
    ]);
    expect(planned.plan.changes.map((c) => c.address)).toContain("key/homelab-1");
  });

  it("joins in at most six execs and one more connection", async () => {
    const b = bench();
    await run(b);
    expect(b.nodes.execs.filter((e) => e.node === "homelab-1").length).toBeLessThanOrEqual(5);
    expect(b.nodes.connections).toBe(3);
  });

  it("changes nothing the second time: three reads of the server, one exec a node", async () => {
    const first = bench();
    await run(first);
    const again = bench({}, ["oracle-1", "homelab-1"]);
    again.control.policy = first.control.policy;
    again.control.devices = first.control.devices;
    const planned = await run(again);
    expect(planned.plan.changes).toEqual([]);
    expect([...again.control.calls].sort()).toEqual(["getPolicy", "listDevices", "listKeys"]);
    expect(again.nodes.execs.map((e) => e.what)).toEqual(["facts", "facts"]);
    expect(again.nodes.connections).toBe(2);
  });

  it("writes nothing while it plans", async () => {
    const b = bench();
    const planned = b.job.plan(await b.job.observe());
    b.job.preview(planned);
    await b.job.close();
    expect(writesOf(b)).toEqual([]);
    expect(b.nodes.execs.every((e) => e.what === "facts")).toBe(true);
  });

  it("revokes the key of a login that failed, and tells the step", async () => {
    const b = bench();
    b.nodes.failures.set("homelab-1 login guard advertise", {
      code: 1,
      stdout: "\nNONCE step login\n\nNONCE failed login\n",
      stderr: "backend error: invalid key: unable to validate API key\n",
    });
    await expect(run(b)).rejects.toMatchObject({ code: "MESH_LOGIN_KEY" });
    expect(b.control.keys.map((k) => k.state)).toEqual(["revoked"]);
  });

  it("changes nothing at all when one selected node cannot be reached", async () => {
    const b = bench();
    b.nodes.unreachable.set("oracle-1", new MeshError("MESH_SSH_TIMEOUT", "unreachable", "no answer", "look"));
    await expect(run(b)).rejects.toMatchObject({ code: "MESH_SSH_TIMEOUT" });
    expect(writesOf(b)).toEqual([]);
    expect(b.nodes.execs.map((e) => e.what)).toEqual(["facts"]);
  });

  it("stops before a foreign policy until it is adopted", async () => {
    const foreign = '{\n  // mine\n  "grants": [],\n}\n';
    const b = bench();
    b.control.policy = foreign;
    await expect(run(b)).rejects.toMatchObject({ code: "MESH_POLICY_FOREIGN" });
    expect(b.control.policy).toBe(foreign);
    const adopting = bench({ policy: { adopt: true, onDrift: "fail" } });
    adopting.control.policy = foreign;
    await run(adopting);
    expect(adopting.control.policy).toContain("// mine");
  });

  it("writes a test of the operator's once the device that it needs has joined", async () => {
    const policy = `{
      "tests": [{ "src": "tag:homelab", "deny": ["192.0.2.1:443"] }],
    }`;
    const settings = { mesh: { ...mesh, policyFiles: ["p"] } };
    const b = bench(settings, ["oracle-1"], { files: { p: policy } });
    let first = "";
    b.control.before = (call) => {
      if (call === "mintKey") first = b.control.policy ?? "";
    };
    await run(b);
    expect(first).toContain('"grants": [');
    expect(first).not.toContain("192.0.2.1");
    expect(b.control.policy).toContain("192.0.2.1");
    expect(writesOf(b)).toEqual(["setPolicy", "mintKey", "setPolicy"]);
    const again = bench(settings, ["oracle-1", "homelab-1"], { files: { p: policy } });
    again.control.policy = b.control.policy;
    again.control.devices = b.control.devices;
    expect((await run(again)).plan.changes).toEqual([]);
  });

  it("says of a check alone that the policy lets everything through, and on which line", async () => {
    const parts = { policy: false, nodes: false, check: true };
    const b = bench({ parts, links: [] });
    b.control.policy = '{\n"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}\n';
    const planned = b.job.plan(await b.job.observe());
    expect(b.lines.join("\n")).toContain("line 2 of the policy allows everything");
    expect(b.job.preview(planned).summary.join("\n")).toContain("line 2 of the policy");
    b.control.fail("getPolicy", new MeshError("MESH_CREDENTIAL_DENIED", "denied", "no", "none"));
    await expect(b.job.observe()).resolves.toMatchObject({ open: [] });
    await b.job.close();
  });

  it("revokes what a killed run left usable, and only that", async () => {
    const b = bench();
    const made = (id: string, minutes: number, tags: readonly string[], reusable: boolean) => ({
      id,
      prefix: `hskey-auth-${id}`,
      tags,
      description: "",
      created: new Date("2026-11-24T23:55:00Z"),
      expires: new Date(Date.parse("2026-11-24T23:55:00Z") + minutes * 60_000),
      reusable,
      ephemeral: false,
      state: "usable" as const,
    });
    b.control.keys = [
      made("left", 10, ["tag:homelab"], false),
      made("theirs", 60 * 24, ["tag:homelab"], false),
      made("many", 10, ["tag:homelab"], true),
      made("both", 10, ["tag:homelab", "tag:oracle"], false),
    ];
    await run(b);
    expect(b.control.keys.filter((k) => k.state === "revoked").map((k) => k.id)).toEqual(["left"]);
  });

  it("uses the key file's key and mints none", async () => {
    const b = bench();
    const { secret } = await b.control.mintKey({
      tags: ["tag:homelab"],
      description: "",
      expirySeconds: 600,
      reusable: false,
    });
    b.control.calls.length = 0;
    const withFile = bench({ keyFile: [{ node: "homelab-1", secret }] });
    withFile.control.keys = b.control.keys;
    for (const [id, s] of b.control.secrets) withFile.control.secrets.set(id, s);
    await run(withFile);
    expect(writesOf(withFile)).toEqual(["setPolicy"]);
  });

  it("refuses a key file that lacks a needed key before it touches anything", async () => {
    const b = bench({ keyFile: [] });
    await expect(run(b)).rejects.toMatchObject({ code: "MESH_KEY_NONE" });
    expect(writesOf(b)).toEqual([]);
    expect(b.nodes.execs.every((e) => e.what === "facts")).toBe(true);
  });

  it("approves by API what was passed over, when the policy needs no write", async () => {
    const first = bench();
    await run(first);
    const again = bench({}, ["oracle-1", "homelab-1"]);
    again.control.policy = first.control.policy;
    again.control.devices = first.control.devices.map((d) => ({ ...d, enabledRoutes: [] }));
    const planned = await run(again);
    expect(planned.plan.changes.map((c) => c.address)).toEqual(["route/homelab-1", "route/oracle-1"]);
    expect(again.control.devices.every((d) => d.enabledRoutes.length === 2)).toBe(true);
  });

  it("says that routes were not approved in time instead of going on", async () => {
    const b = bench();
    b.control.before = (call) => {
      if (call === "listDevices") b.control.devices = b.control.devices.map((d) => ({ ...d, enabledRoutes: [] }));
    };
    await expect(run(b)).rejects.toMatchObject({ code: "MESH_NOT_APPROVED" });
    expect(b.nodes.execs.some((e) => e.what === "accept")).toBe(false);
  });

  describe("with a credential that may not list devices", () => {
    /** The policy is the topology's already; homelab-1 is bare. */
    async function setUp(
      joined: readonly string[] = ["oracle-1"],
      more: Partial<ConvergeSettings> = {},
    ): Promise<Bench> {
      const first = bench();
      await run(first);
      const again = bench(more, joined, { capabilities: withoutDevices });
      again.control.policy = first.control.policy;
      again.control.devices = joined.length > 1 ? first.control.devices : [oracle];
      return again;
    }

    it("joins, asks for no device, and says what is not verified", async () => {
      const b = await setUp();
      const planned = await run(b);
      expect(b.control.count("listDevices")).toBe(0);
      expect(writesOf(b)).toEqual(["mintKey"]);
      expect(b.nodes.execs.some((e) => e.what === "accept")).toBe(true);
      expect(planned.plan.changes.find((c) => c.address === "key/homelab-1")?.why).toMatch(/not verified/);
      expect(b.lines.filter((line) => /approval of routes is not verified.*devices:core:read/.test(line))).toHaveLength(
        1,
      );
    });

    it("changes nothing the second time, with two reads", async () => {
      const b = await setUp(["oracle-1", "homelab-1"]);
      expect((await run(b)).plan.changes).toEqual([]);
      expect([...b.control.calls].sort()).toEqual(["getPolicy", "listKeys"]);
    });

    it("goes on as well when only the answer tells", async () => {
      const b = await setUp(["oracle-1", "homelab-1"]);
      const control = new FakeControl({
        devices: b.control.devices,
        ...(b.control.policy === undefined ? {} : { policy: b.control.policy }),
      });
      control.fail("listDevices", new MeshError("MESH_CREDENTIAL_DENIED", "denied", "403", "add the scope"));
      expect(await visibleDevices(control)).toBeNull();
      await expect(visibleDevices(control)).resolves.toEqual(b.control.devices);
    });

    it("checks by packets, and says which layers nobody could see", async () => {
      const b = await setUp(["oracle-1", "homelab-1"], { parts: { policy: false, nodes: false, check: true } });
      const planned = b.job.plan(await b.job.observe());
      await b.job.verify(planned);
      await b.job.close();
      expect(b.control.calls).toEqual(["getPolicy"]);
      expect(b.lines.join("\n")).toMatch(/approved, serving: not verified, the credential may not list devices/);
    });

    it("does not write over the default while it cannot see who lives under it", async () => {
      const b = bench({}, ["oracle-1"], { capabilities: withoutDevices });
      await expect(run(b)).rejects.toMatchObject({
        code: "MESH_POLICY_DEFAULT_IN_USE",
        hint: expect.stringContaining("devices:core:read"),
      });
      expect(writesOf(b)).toEqual([]);
      const adopting = bench({ policy: { adopt: true, onDrift: "fail" } }, ["oracle-1"], {
        capabilities: withoutDevices,
      });
      await run(adopting);
      expect(adopting.control.policy).toContain('"*"');
    });

    it("plans no approval that it may not give", async () => {
      const seeing = { ...headscaleCapabilities, devices: { list: true, change: false, approve: false } };
      const first = bench();
      await run(first);
      const again = bench({}, ["oracle-1", "homelab-1"], { capabilities: seeing });
      again.control.policy = first.control.policy;
      again.control.devices = first.control.devices.map((d) => ({ ...d, enabledRoutes: [] }));
      expect((await run(again)).plan.changes).toEqual([]);
      expect(writesOf(again)).toEqual([]);
    });
  });
});

describe("stored keys, watched over by the root action", () => {
  const stored = {
    name: "nas",
    cluster: undefined,
    tags: ["tag:nas"],
    store: "home",
    place: "keys/nas",
    expiry: 90 * 86_400,
    rotateAfter: 30 * 86_400,
    renewBefore: 45 * 86_400,
    reusable: true,
  } as const;
  const watch = { storedKeys: [stored], owner: "https://github.com/4711" };
  /** The clock of FakeControl stands at 2026-11-25. */
  const keyOfAge = (days: number) => ({
    id: "70",
    prefix: null,
    tags: ["tag:nas"],
    description: "",
    created: new Date(Date.UTC(2026, 10, 25 - days)),
    expires: new Date(Date.UTC(2026, 10, 25 - days + 90)),
    reusable: true,
    ephemeral: false,
    state: "usable" as const,
  });

  async function settled(more: Partial<ConvergeSettings>, age = 10): Promise<Bench> {
    const first = bench();
    await run(first);
    const again = bench(more, ["oracle-1", "homelab-1"]);
    again.control.policy = first.control.policy;
    again.control.devices = first.control.devices;
    again.control.keys = [keyOfAge(age)];
    return again;
  }

  async function outcomeOf(b: Bench) {
    const observed = await b.job.observe();
    const planned = b.job.plan(observed);
    const found = { preview: b.job.preview(planned), outcome: await b.job.verify(planned) };
    await b.job.close();
    return found;
  }

  it("costs one request more, and no write", async () => {
    const b = await settled({ watch });
    const { outcome } = await outcomeOf(b);
    expect([...b.control.calls].sort()).toEqual(["getPolicy", "listDevices", "listExpiring", "listKeys"]);
    expect(outcome.failure).toBeNull();
    expect(outcome.summary.join("\n")).toContain("| ✅ | stored-key | nas | 2027-02-13 | 80 |");
  });

  it("without stored keys asks for nothing of it and says nothing", async () => {
    const b = await settled({});
    b.control.expiring = [{ kind: "api-token", id: "1", name: "ci", expires: new Date("2026-11-26T00:00:00Z") }];
    const { outcome } = await outcomeOf(b);
    expect([...b.control.calls].sort()).toEqual(["getPolicy", "listDevices", "listKeys"]);
    expect(outcome.failure).toBeNull();
    expect(outcome.summary.join("\n")).not.toContain("expires");
  });

  it("an overdue rotation fails an apply after all else was done; a plan only tells it", async () => {
    const b = await settled({ watch }, 50);
    const { preview, outcome } = await outcomeOf(b);
    expect(outcome.failure).toMatchObject({ code: "MESH_ROTATION_OVERDUE" });
    expect(preview.failure).toBeNull();
    expect(b.lines.join("\n")).toContain(
      "the rotation of nas is overdue: it was due on 2026-11-05, 20 days ago. Look at",
    );
  });

  it("what the server does not tell is not verified, whatever the reason", async () => {
    for (const spoil of [
      (b: Bench) => {
        b.control.expiring = null;
      },
      (b: Bench) => b.control.fail("listExpiring", controlErrors("MESH_CONTROL_FAILED", "boom")),
    ]) {
      const b = await settled({ watch });
      spoil(b);
      const { outcome } = await outcomeOf(b);
      expect(outcome.failure).toBeNull();
      expect(b.lines.join("\n")).toContain("when API tokens expire is not verified");
    }
  });
});
