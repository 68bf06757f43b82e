/** key-rotate over a control server and a store in memory: what it does, in which order, and what it never does. */
import { describe, expect, test } from "vitest";
import { storedDescription, storedMark } from "../../src/keys/marker.ts";
import { type RotateSettings, rotateJob } from "../../src/keys/rotate.ts";
import { revokeUnstored, unstoredKeys } from "../../src/keys/unstored.ts";
import { MeshError } from "../../src/mesh/error.ts";
import type { StoredKey } from "../../src/mesh/mesh.ts";
import { Secret } from "../../src/mesh/secret.ts";
import type { Outcome } from "../../src/plan/job.ts";
import type { AuthKey } from "../../src/ports/control.ts";
import type { RunState } from "../../src/ports/run-state.ts";
import type { KeyRecord } from "../../src/ports/secret-store.ts";
import { FakeControl, headscaleCapabilities } from "../support/fake-control.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { MemoryWorkspace } from "../support/memory-workspace.ts";
import { RecordingReporter } from "../support/recording-reporter.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const owner = "github.example/1234";

function storedKey(name: string, more: Partial<StoredKey> = {}): StoredKey {
  return {
    name,
    cluster: undefined,
    tags: [`tag:${name}`],
    store: "vault",
    place: `tailmesh/${name}`,
    expiry: 90 * 86_400,
    rotateAfter: 30 * 86_400,
    renewBefore: 45 * 86_400,
    reusable: true,
    ...more,
  };
}

class Scene {
  now = new Date("2026-01-05T04:17:00Z");
  /** How much the runner's clock is ahead of the server's. */
  skew = 0;
  readonly control: FakeControl;
  readonly store: MemoryStore;
  readonly stored: readonly StoredKey[];

  constructor(options: { described?: boolean; store?: MemoryStore; stored?: readonly StoredKey[] } = {}) {
    const keys = { ...headscaleCapabilities.keys, description: options.described ?? true };
    this.control = new FakeControl({
      now: () => this.now,
      capabilities: { ...headscaleCapabilities, keys },
    });
    this.store = options.store ?? new MemoryStore();
    this.stored = options.stored ?? [storedKey("nas")];
  }

  pass(milliseconds: number): void {
    this.now = new Date(this.now.getTime() + milliseconds);
  }

  /** A whole run, main step and post step, as the common life drives it; what it throws is its error. */
  async run(settings: Partial<RotateSettings> & { readonly mode?: "plan" } = {}): Promise<Ran> {
    const saved = new Map<string, string>();
    const state: RunState = { save: (name, value) => void saved.set(name, value), load: () => undefined };
    const reporter = new RecordingReporter();
    const workspace = new MemoryWorkspace();
    const clock = { now: () => new Date(this.now.getTime() + this.skew), sleep: async () => {} };
    const pings: string[] = [];
    const job = rotateJob(
      {
        control: this.control,
        workspace,
        reporter,
        state,
        clock,
        signal: new AbortController().signal,
        store: async () => this.store,
        shown: (text) => text,
        ping: async () => void pings.push("ping"),
      },
      {
        storedKeys: this.stored,
        owner,
        runId: "12345678901",
        force: false,
        grace: 86_400,
        maxRevocations: 3,
        ...settings,
      },
    );
    let outcome: Outcome | undefined;
    let error: MeshError | undefined;
    let plan: readonly string[] = [];
    try {
      const planned = job.plan(await job.observe());
      plan = planned.plan.changes.map((change) => `${change.kind} ${change.address}`);
      if (settings.mode === "plan") {
        await job.publish?.(planned, "");
        outcome = job.preview(planned);
      } else {
        if (planned.plan.changes.length > 0) await job.apply(planned);
        outcome = await job.verify(planned);
      }
      error = outcome.failure ?? undefined;
    } catch (thrown) {
      if (!(thrown instanceof MeshError)) throw thrown;
      error = thrown;
    }
    const afterwards: RunState = { save: () => {}, load: (name) => saved.get(name) };
    const unstored = unstoredKeys(afterwards);
    const post = () =>
      revokeUnstored(afterwards, {
        control: this.control,
        reporter,
        find: async (name) => {
          const stored = this.stored.find((one) => one.name === name);
          return stored && { stored, store: this.store };
        },
      });
    return { plan, outcome, error, reporter, workspace, unstored, post, saved, pings };
  }

  get usable(): readonly string[] {
    return this.control.keys.filter(({ state }) => state === "usable").map(({ id }) => id);
  }

  record(place = "tailmesh/nas"): KeyRecord | null | undefined {
    return this.store.places.get(place)?.record;
  }
}

interface Ran {
  readonly plan: readonly string[];
  readonly outcome: Outcome | undefined;
  readonly error: MeshError | undefined;
  readonly reporter: RecordingReporter;
  readonly workspace: MemoryWorkspace;
  readonly unstored: readonly unknown[];
  readonly post: () => Promise<void>;
  readonly saved: ReadonlyMap<string, string>;
  readonly pings: readonly string[];
}

const down = (): MeshError => new MeshError("MESH_STORE_DOWN", "unreachable", "no answer", "look at it");
const denied = (): MeshError => new MeshError("MESH_STORE_DENIED", "denied", "no", "give it the right");

async function foreignKey(name: string, who: string, now: Date): Promise<AuthKey> {
  const mark = await storedMark(storedKey(name), who);
  return {
    id: "900",
    prefix: null,
    tags: [`tag:${name}`],
    description: storedDescription(mark, "777"),
    created: new Date(now.getTime() - 100 * day),
    expires: new Date(now.getTime() + 50 * day),
    reusable: true,
    ephemeral: false,
    state: "usable",
  };
}

describe("a rotation", () => {
  test("mints and stores the first key, and leaves it alone until it is due", async () => {
    const scene = new Scene();
    const first = await scene.run();
    expect(first.error).toBeUndefined();
    expect(first.plan).toEqual(["create stored-key/nas"]);
    expect(scene.record()).toMatchObject({ keyId: "1", previousKeyId: null, name: "nas", tags: ["tag:nas"] });
    expect(scene.store.places.get("tailmesh/nas")?.secret.reveal()).toBe(scene.control.secrets.get("1")?.reveal());
    expect(first.outcome?.outputs).toMatchObject({ rotated: "true", "next-due": "2026-02-04T04:17:00.000Z" });
    scene.pass(29 * day);
    const second = await scene.run();
    expect(second.plan).toEqual([]);
    expect(second.outcome?.outputs).toMatchObject({ rotated: "false", "next-due": "2026-02-04T04:17:00.000Z" });
    expect(scene.control.count("mintKey", "revokeKey")).toBe(1);
    expect(second.pings).toEqual(["ping"]);
  });

  test("a run that has nothing to do costs one read of the store and three of the server", async () => {
    const scene = new Scene();
    await scene.run();
    [scene.control.calls.length, scene.store.calls.length] = [0, 0];
    await scene.run();
    expect([scene.store.calls, [...scene.control.calls].sort()]).toEqual([
      ["read tailmesh/nas"],
      ["listDevices", "listExpiring", "listKeys"],
    ]);
  });

  test("replaces after rotate-after; the old one works through its grace and goes in a later run", async () => {
    const scene = new Scene();
    await scene.run();
    scene.pass(30 * day);
    const second = await scene.run();
    expect(second.plan).toEqual(["update stored-key/nas"]);
    expect(scene.record()).toMatchObject({ keyId: "2", previousKeyId: "1" });
    expect(scene.usable).toEqual(["1", "2"]);
    scene.pass(23 * hour);
    expect((await scene.run()).plan).toEqual([]);
    scene.pass(hour);
    expect((await scene.run()).plan).toEqual(["update key/1"]);
    expect(scene.usable).toEqual(["2"]);
  });

  test("is checked, minted, noted, stored, read back, proven and only then cleaned up after, in this order", async () => {
    const scene = new Scene();
    await scene.run();
    const order: string[] = [];
    scene.control.before = (call) => order.push(call);
    scene.store.before = (call) => order.push(call.split(" ")[0] ?? "");
    await scene.run({ force: true, grace: 0 });
    expect(order.filter((call) => !/Devices|Expiring/.test(call))).toEqual(
      "read listKeys check mintKey write read listKeys read revokeKey".split(" "),
    );
    expect(scene.usable).toEqual(["2"]);
  });

  test("force replaces at once, and a grace of nothing takes a leaked key out of the world", async () => {
    const scene = new Scene();
    await scene.run();
    const { plan } = await scene.run({ force: true, grace: 0 });
    expect(plan).toEqual(["update stored-key/nas", "update key/1"]);
    expect(scene.usable).toEqual(["2"]);
  });

  test("plan mode shows it with ids only and changes nothing", async () => {
    const scene = new Scene();
    await scene.run();
    scene.pass(40 * day);
    const { plan, outcome, workspace, pings } = await scene.run({ mode: "plan" });
    expect(plan).toEqual(["update stored-key/nas"]);
    expect(outcome?.outputs).toMatchObject({ rotated: "false", "report-file": "/run/rotation.json" });
    expect(workspace.runFiles.get("/run/rotation.json")?.content).toContain('"keyId": "1"');
    expect([scene.control.count("mintKey"), scene.store.count("write"), pings.length]).toEqual([1, 1, 0]);
  });

  test.each<[string, (scene: Scene) => void]>([
    [
      "revoked",
      (scene) => {
        scene.control.keys = scene.control.keys.map((k) => ({ ...k, state: "revoked" }));
      },
    ],
    [
      "gone",
      (scene) => {
        scene.control.keys = [];
      },
    ],
    [
      "used up",
      (scene) => {
        scene.control.keys = scene.control.keys.map((k) => ({ ...k, state: "used" }));
      },
    ],
    ["expired", (scene) => scene.pass(91 * day)],
    [
      "of other tags",
      (scene) => {
        scene.control.keys = scene.control.keys.map((k) => ({ ...k, tags: ["tag:x"] }));
      },
    ],
    [
      "only good for once",
      (scene) => {
        scene.control.keys = scene.control.keys.map((k) => ({ ...k, reusable: false }));
      },
    ],
    [
      "another than the text in its place",
      (scene) => {
        const held = scene.store.places.get("tailmesh/nas");
        if (held) scene.store.places.set("tailmesh/nas", { ...held, secret: new Secret("hskey-auth-fake-other-text") });
      },
    ],
    ["removed from the store", (scene) => void scene.store.places.clear()],
  ])("mints when the key is %s", async (_, spoil) => {
    const scene = new Scene();
    await scene.run();
    spoil(scene);
    const { plan, error } = await scene.run();
    expect(error).toBeUndefined();
    expect(plan[0]).toMatch(/stored-key\/nas$/);
    expect(scene.record()?.keyId).toBe("2");
  });

  test("a clock of the runner that is wrong by days changes no decision", async () => {
    const plans = [];
    for (const skew of [0, 2 * day, -2 * day]) {
      const scene = new Scene();
      scene.skew = skew;
      const all = [await scene.run()];
      for (const wait of [29 * day, day, 23 * hour, hour, 30 * day]) {
        scene.pass(wait);
        all.push(await scene.run());
      }
      plans.push(all.map(({ plan, outcome }) => [plan, outcome?.outputs["next-due"]]));
      expect(all[0]?.reporter.warnings.some((line) => line.includes("clock"))).toBe(skew !== 0);
    }
    expect(plans[1]).toEqual(plans[0]);
    expect(plans[2]).toEqual(plans[0]);
  });

  test("without stored keys there is nothing to do, and what expires next is said", async () => {
    const scene = new Scene({ stored: [] });
    const { error, outcome, reporter, plan } = await scene.run();
    expect([error, plan, outcome?.outputs["rotated"], outcome?.outputs["next-due"]]).toEqual([
      undefined,
      [],
      "false",
      "",
    ]);
    expect(reporter.lines.join("\n")).toContain("no stored keys");
    expect(reporter.lines.join("\n")).toContain("nothing that was looked at expires");
  });

  test("what else expires is looked at last, and what cannot be looked at is no failure", async () => {
    const scene = new Scene();
    scene.control.fail("listExpiring", down());
    scene.control.fail("listDevices", down());
    const { error, outcome, reporter } = await scene.run();
    expect([error, outcome?.outputs["rotated"]]).toEqual([undefined, "true"]);
    expect(reporter.warnings.join("\n")).toContain("credentials that expire could not be looked at");
    expect(scene.control.calls.indexOf("mintKey")).toBeLessThan(scene.control.calls.indexOf("listExpiring"));
  });

  test("a token that is about to end, and a rotation that nobody made, fail the run after it did its work", async () => {
    const scene = new Scene();
    await scene.run();
    scene.control.expiring = [
      { kind: "api-token", id: "7", name: "ci", expires: new Date(scene.now.getTime() + 50 * day) },
    ];
    scene.pass(46 * day);
    const plan = await scene.run({ mode: "plan" });
    expect([plan.error?.code, plan.error?.also.map(({ code }) => code)]).toEqual([
      "MESH_ROTATION_OVERDUE",
      ["MESH_EXPIRY_NEAR"],
    ]);
    const { error, outcome, reporter, pings } = await scene.run();
    expect([error?.code, outcome?.outputs["rotated"], pings]).toEqual(["MESH_EXPIRY_NEAR", "true", []]);
    expect(reporter.warnings.join("\n")).toContain("It was made up for");
  });

  test("no secret is told", async () => {
    const scene = new Scene();
    await scene.run();
    const ran = await scene.run({ force: true });
    const told = JSON.stringify([
      ran.reporter.lines,
      ran.reporter.warnings,
      ran.outcome,
      [...ran.saved],
      [...ran.workspace.runFiles],
    ]);
    for (const secret of scene.control.secrets.values()) expect(told).not.toContain(secret.reveal());
    expect(ran.reporter.masked).toHaveLength(1);
  });
});

describe("what earlier runs left", () => {
  test("a key that no store has goes after 15 minutes, not before", async () => {
    const scene = new Scene();
    scene.store.before = (call) => {
      if (call.startsWith("write")) throw denied();
    };
    const failed = await scene.run();
    expect(failed.error?.code).toBe("MESH_STORE_DENIED");
    scene.store.before = () => {};
    scene.pass(minute);
    expect((await scene.run()).plan).toEqual(["create stored-key/nas"]);
    expect(scene.usable).toEqual(["1", "2"]);
    scene.pass(13 * minute);
    expect((await scene.run()).plan).toEqual([]);
    scene.pass(minute);
    expect((await scene.run()).plan).toEqual(["update key/1"]);
    expect(scene.usable).toEqual(["2"]);
  });

  test("keys in their grace are no orphans, also of two rotations in one hour", async () => {
    const scene = new Scene();
    await scene.run();
    scene.pass(30 * minute);
    await scene.run({ force: true });
    scene.pass(30 * minute);
    await scene.run({ force: true });
    scene.pass(20 * minute);
    expect((await scene.run()).plan).toEqual([]);
    expect(scene.usable).toEqual(["1", "2", "3"]);
    scene.pass(day - 50 * minute);
    // 1 was replaced by 2 half an hour before 2 was by 3
    expect((await scene.run()).plan).toEqual(["update key/1"]);
    scene.pass(30 * minute);
    expect((await scene.run()).plan).toEqual(["update key/2"]);
  });

  test("keys of another owner, of joins and of people stay", async () => {
    const scene = new Scene({ stored: [storedKey("nas")] });
    const more = (id: string, description: string): AuthKey => ({
      id,
      prefix: null,
      tags: ["tag:nas"],
      description,
      created: new Date(scene.now.getTime() - day),
      expires: new Date(scene.now.getTime() + 50 * day),
      reusable: true,
      ephemeral: false,
      state: "usable",
    });
    const mark = await storedMark(storedKey("nas", { place: "elsewhere" }), owner);
    scene.control.keys.push(
      more("901", "tailmesh nas 123"),
      more("902", "my laptop"),
      more("903", storedDescription(mark, "1")),
      more("904", storedDescription(await storedMark(storedKey("nas2"), owner), "1")),
    );
    await scene.run();
    scene.pass(10 * day);
    expect((await scene.run()).plan).toEqual([]);
    expect(scene.usable).toEqual(["901", "902", "903", "904", "1"]);
  });

  test("another repository's mark is recognised and refused; nothing is minted or revoked", async () => {
    const scene = new Scene();
    scene.control.keys.push(await foreignKey("nas", "github.example/9999", scene.now));
    const { error } = await scene.run();
    expect(error?.code).toBe("MESH_STORED_KEY_FOREIGN");
    expect(error?.message).toContain("900");
    expect([scene.control.writes, scene.store.count("write")]).toEqual([0, 0]);
  });

  test.each<[string, (scene: Scene) => void]>([
    ["no record of ours", (scene) => void scene.store.foreign.add("tailmesh/nas")],
    [
      "another stored key's record",
      (scene) => {
        const held = scene.store.places.get("tailmesh/nas");
        if (held?.record)
          scene.store.places.set("tailmesh/nas", { ...held, record: { ...held.record, name: "printer" } });
      },
    ],
  ])("a place that holds %s is not written over", async (_, spoil) => {
    const scene = new Scene();
    await scene.run();
    spoil(scene);
    const writes = scene.store.count("write");
    expect((await scene.run({ force: true })).error?.code).toBe("MESH_STORED_KEY_OCCUPIED");
    expect(scene.store.count("write")).toBe(writes);
  });

  test("more old keys than one run may revoke: none goes, the new one is stored all the same", async () => {
    const scene = new Scene();
    await scene.run();
    for (let n = 0; n < 4; n += 1) {
      scene.pass(minute);
      await scene.run({ force: true });
    }
    scene.pass(31 * day);
    const { error, plan } = await scene.run();
    expect(error?.code).toBe("MESH_REVOCATIONS_MANY");
    expect(error?.message).toContain("4 old keys");
    expect(plan).toEqual(["update stored-key/nas"]);
    expect(scene.record()?.keyId).toBe("6");
    expect(scene.usable).toHaveLength(6);
    expect((await scene.run({ maxRevocations: 4 })).plan).toHaveLength(4);
    expect(scene.usable).toEqual(["5", "6"]);
  });

  test("a revocation that fails is a warning, and the next run tries again", async () => {
    const scene = new Scene();
    await scene.run();
    await scene.run({ force: true });
    scene.pass(2 * day);
    scene.control.fail("revokeKey", down());
    const { error, reporter } = await scene.run();
    expect(error).toBeUndefined();
    expect(reporter.warnings.join()).toContain("key 1 could not be revoked");
    await scene.run();
    expect(scene.usable).toEqual(["2"]);
  });

  test("an old key stays when its place has changed since it was looked at", async () => {
    const scene = new Scene();
    await scene.run();
    await scene.run({ force: true });
    scene.pass(2 * day);
    let reads = 0;
    scene.store.before = (call) => {
      const held = scene.store.places.get("tailmesh/nas");
      if (!call.startsWith("read") || ++reads !== 2 || !held?.record) return;
      scene.store.places.set("tailmesh/nas", { ...held, record: { ...held.record, keyId: "1", previousKeyId: "2" } });
    };
    const { reporter } = await scene.run();
    expect(reporter.warnings.join()).toContain("has changed meanwhile");
    expect(scene.usable).toEqual(["1", "2"]);
  });
});

describe("a write without an answer", () => {
  test.each([
    ["was done", true],
    ["was not done", false],
  ])("that %s ends with the new key stored", async (_, isDone) => {
    const scene = new Scene();
    await scene.run();
    let left = 1;
    const lose = (): void => {
      if (left-- > 0) throw down();
    };
    if (isDone) scene.store.after = lose;
    else
      scene.store.before = (call) => {
        if (call.startsWith("write")) lose();
      };
    const { error, unstored } = await scene.run({ force: true });
    expect([error, unstored]).toEqual([undefined, []]);
    expect(scene.record()).toMatchObject({ keyId: "2", previousKeyId: "1" });
    expect(scene.usable).toEqual(["1", "2"]);
  });

  test("and a store that stays away: the key is left to the post step, which asks the store again", async () => {
    for (const isDone of [true, false]) {
      const scene = new Scene();
      await scene.run();
      let isAway = false;
      scene.store.before = (call) => {
        if (call.startsWith("write") && !isDone) isAway = true;
        if (isAway) throw down();
      };
      scene.store.after = () => {
        isAway = true;
        throw down();
      };
      const { error, post, unstored } = await scene.run({ force: true });
      expect(error?.code).toBe("MESH_STORE_DOWN");
      expect(unstored).toEqual([{ keyId: "2", name: "nas", phase: "sent" }]);
      await post();
      expect(scene.usable).toEqual(["1", "2"]);
      isAway = false;
      scene.store.before = () => {};
      await post();
      expect(scene.record()?.keyId).toBe(isDone ? "2" : "1");
      expect(scene.usable).toEqual(isDone ? ["1", "2"] : ["1"]);
    }
  });

  test("the store refuses: nothing is stored, the post step takes the new key back, the old one works", async () => {
    const scene = new Scene();
    await scene.run();
    scene.store.before = (call) => {
      if (call.startsWith("write")) throw denied();
    };
    const { error, post } = await scene.run({ force: true });
    expect(error?.code).toBe("MESH_STORE_DENIED");
    expect(scene.store.count("write")).toBe(2);
    await post();
    expect(scene.usable).toEqual(["1"]);
  });

  test("a store that would not take it is found out before anything is minted", async () => {
    const scene = new Scene();
    scene.store.before = (call) => {
      if (call.startsWith("check")) throw denied();
    };
    expect((await scene.run()).error?.code).toBe("MESH_STORE_DENIED");
    expect(scene.control.count("mintKey")).toBe(0);
  });
});

describe("two runs at once", () => {
  test("one wins, the other revokes its own key and says so", async () => {
    const scene = new Scene();
    await scene.run();
    let other: Ran | undefined;
    let isFirst = true;
    const racing = scene.store.write.bind(scene.store);
    scene.store.write = async (...order) => {
      if (isFirst) {
        isFirst = false;
        other = await scene.run({ force: true });
      }
      return racing(...order);
    };
    const loser = await scene.run({ force: true });
    expect([other?.error, loser.error]).toEqual([undefined, undefined]);
    expect([other?.outcome?.outputs["rotated"], loser.outcome?.outputs["rotated"]]).toEqual(["true", "false"]);
    expect(loser.reporter.lines.join("\n")).toMatch(/another run stored key 3 .* the key of this run, 2, was revoked/);
    expect(scene.record()?.keyId).toBe("3");
    expect(scene.usable).toEqual(["1", "3"]);
    expect(loser.unstored).toEqual([]);
  });

  test("a winner whose key will not do is a failure with a code", async () => {
    const scene = new Scene();
    await scene.run();
    const racing = scene.store.write.bind(scene.store);
    scene.store.write = async (...order) => {
      const held = scene.store.places.get("tailmesh/nas");
      if (held?.record) {
        const record = { ...held.record, keyId: "77" };
        scene.store.places.set("tailmesh/nas", { ...held, version: held.version + 1, record });
      }
      return racing(...order);
    };
    const { error } = await scene.run({ force: true });
    expect(error?.code).toBe("MESH_STORED_KEY_CONFLICT");
    expect(scene.usable).toEqual(["1"]);
  });
});

describe("several stored keys", () => {
  test("what is wrong with one does not keep the others from their turn", async () => {
    const scene = new Scene({ stored: [storedKey("nas"), storedKey("pi"), storedKey("van")] });
    scene.store.before = (call) => {
      if (call === "write tailmesh/pi") throw denied();
      if (call === "read tailmesh/nas") throw down();
    };
    const { error } = await scene.run();
    expect([error?.code, error?.also.map(({ code }) => code)]).toEqual(["MESH_STORE_DOWN", ["MESH_STORE_DENIED"]]);
    expect(scene.record("tailmesh/van")?.keyId).toBe("2");
  });
});

describe("a server that keeps no descriptions", () => {
  test("tells keys by their tags and their long life", async () => {
    const scene = new Scene({ described: false });
    const other = (id: string, tags: readonly string[], life: number): AuthKey => ({
      id,
      prefix: null,
      tags,
      description: "",
      created: scene.now,
      expires: new Date(scene.now.getTime() + life),
      reusable: true,
      ephemeral: false,
      state: "usable",
    });
    scene.control.keys.push(
      other("901", ["tag:nas"], 15 * minute),
      other("902", ["tag:nas", "tag:x"], 50 * day),
      other("903", ["tag:x"], 50 * day),
      other("904", ["tag:nas"], 50 * day),
    );
    await scene.run();
    scene.pass(14 * minute);
    expect((await scene.run()).plan).toEqual([]);
    scene.pass(minute);
    expect((await scene.run()).plan).toEqual(["update key/904"]);
  });

  test("refuses two stored keys of the same tags, in whatever order", async () => {
    const stored = [
      storedKey("nas", { tags: ["tag:a", "tag:b"] }),
      storedKey("pi", { tags: ["tag:b", "tag:a"] }),
      storedKey("van"),
    ];
    const scene = new Scene({ described: false, stored });
    const { error } = await scene.run();
    expect([error?.code, error?.also.map(({ code }) => code)]).toEqual([
      "MESH_STORED_KEY_TAGS",
      ["MESH_STORED_KEY_TAGS"],
    ]);
    expect(scene.usable).toEqual(["1"]);
    const described = new Scene({ stored });
    expect((await described.run()).error).toBeUndefined();
  });

  test("a key that would be as short as a join's is refused", async () => {
    const scene = new Scene({ described: false, stored: [storedKey("nas", { expiry: 900 })] });
    expect((await scene.run()).error?.code).toBe("MESH_STORED_KEY_LIFE");
  });

  test("after its tags were changed the old key is superseded, not forgotten", async () => {
    const scene = new Scene({ described: false });
    await scene.run();
    const changed = new Scene({
      described: false,
      stored: [storedKey("nas", { tags: ["tag:new"] })],
      store: scene.store,
    });
    changed.control.keys = scene.control.keys.map((key) => ({ ...key, id: "900" }));
    const held = scene.store.places.get("tailmesh/nas");
    if (held?.record) scene.store.places.set("tailmesh/nas", { ...held, record: { ...held.record, keyId: "900" } });
    await changed.run();
    expect(changed.record()).toMatchObject({ keyId: "1", previousKeyId: "900", tags: ["tag:new"] });
    changed.pass(day);
    expect((await changed.run()).plan).toEqual(["update key/900"]);
  });
});

describe("a store that cannot be read back", () => {
  const github = (): MemoryStore => new MemoryStore("vault", { readable: false, compareAndSet: false });

  test("rotates by what is noted beside the key, and revokes after grace", async () => {
    const scene = new Scene({ store: github() });
    await scene.run();
    scene.pass(30 * day);
    await scene.run();
    expect(scene.record()).toMatchObject({ keyId: "2", previousKeyId: "1" });
    scene.pass(day);
    expect((await scene.run()).plan).toEqual(["update key/1"]);
    expect((await scene.run()).plan).toEqual([]);
  });

  test("a run that was stopped between the two writes: nothing is revoked, a new key is written whole", async () => {
    const scene = new Scene({ store: github() });
    await scene.run();
    scene.pass(day);
    const before = scene.store.places.get("tailmesh/nas");
    await scene.run({ force: true });
    // the text is that of key 2, what is noted is still key 1
    const written = scene.store.places.get("tailmesh/nas");
    if (!before || !written) expect.fail("nothing stored");
    for (const isConsistent of [false, true]) {
      scene.store.places.set("tailmesh/nas", { ...written, record: before.record, isConsistent });
      const { plan } = await scene.run({ grace: 0, mode: "plan" });
      expect(plan).toEqual(["update stored-key/nas"]);
    }
    await scene.run({ grace: 0 });
    expect(scene.record()).toMatchObject({ keyId: "3", previousKeyId: "2" });
    expect(scene.usable).toEqual(["1", "2", "3"]);
    scene.pass(23 * hour);
    expect((await scene.run()).plan).toEqual([]);
    scene.pass(hour);
    expect((await scene.run()).plan).toEqual(["update key/1", "update key/2"]);
    expect(scene.usable).toEqual(["3"]);
  });

  test("two runs at once that left one's text with the other's note are found by the key list and repaired", async () => {
    const scene = new Scene({ store: github() });
    await scene.run();
    scene.pass(31 * day);
    await scene.run();
    const second = scene.store.places.get("tailmesh/nas");
    scene.pass(minute);
    await scene.run({ force: true });
    const third = scene.store.places.get("tailmesh/nas");
    if (!second || !third?.record) expect.fail("nothing stored");
    scene.store.places.set("tailmesh/nas", {
      ...third,
      secret: second.secret,
      record: { ...third.record, previousKeyId: "1" },
    });
    scene.pass(7 * day);
    expect((await scene.run()).plan).toEqual(["update stored-key/nas"]);
    expect(scene.record()?.keyId).toBe("4");
    expect((await scene.run()).plan).toEqual([]);
    scene.pass(day);
    expect((await scene.run()).plan).toEqual(["update key/1", "update key/2", "update key/3"]);
  });

  test("a write without an answer is sent once more, whole", async () => {
    const scene = new Scene({ store: github() });
    await scene.run();
    let left = 1;
    scene.store.before = (call) => {
      if (call.startsWith("write") && left-- > 0) throw down();
    };
    expect((await scene.run({ force: true })).error).toBeUndefined();
    expect(scene.record()?.keyId).toBe("2");
    expect(scene.usable).toEqual(["1", "2"]);
  });

  test("the post step leaves a key that the place may hold", async () => {
    const scene = new Scene({ store: github() });
    await scene.run();
    scene.store.before = (call) => {
      if (call.startsWith("write")) throw down();
    };
    const { post, unstored } = await scene.run({ force: true });
    expect(unstored).toHaveLength(1);
    await post();
    expect(scene.usable).toEqual(["1", "2"]);
  });
});

describe("a year of crons", () => {
  /** The oldest that a key in force has become, in days, over a year in which runs `skipped` were dropped. */
  async function oldest(
    times: readonly Date[],
    skipped: ReadonlySet<number>,
    more: Partial<StoredKey> = {},
  ): Promise<number> {
    const scene = new Scene({ stored: [storedKey("nas", more)] });
    scene.now = times[0] ?? scene.now;
    await scene.run();
    let most = 0;
    for (const [n, at] of times.entries()) {
      scene.now = at;
      const created = scene.record()?.created ?? at;
      most = Math.max(most, (at.getTime() - created.getTime()) / day);
      if (n > 0 && !skipped.has(n)) expect((await scene.run()).error?.code ?? "").not.toMatch(/STORED_KEY|REVOCATIONS/);
    }
    return most;
  }

  const start = Date.parse("2026-01-05T04:17:00Z");
  const weekly = Array.from({ length: 53 }, (_, week) => new Date(start + week * 7 * day));
  const monthly = Array.from({ length: 14 }, (_, month) => new Date(Date.UTC(2026, month, 1, 4, 17)));

  test("weekly: with any two consecutive runs dropped no key gets older than 56 days", async () => {
    const ages = [];
    for (let n = 1; n < weekly.length; n += 1) ages.push(await oldest(weekly, new Set([n, n + 1])));
    expect(Math.max(...ages)).toBeLessThanOrEqual(56);
  });

  test("weekly: seven in a row may fail; the key of day 35 does not live to see the ninth", async () => {
    const inARow = (first: number, count: number): Set<number> =>
      new Set(Array.from({ length: count }, (_, n) => first + n));
    const worst = async (count: number, more: Partial<StoredKey> = {}): Promise<number> => {
      const ages = [];
      for (let n = 1; n < 30; n += 1) ages.push(await oldest(weekly, inARow(n, count), more));
      return Math.max(...ages);
    };
    expect(await worst(7)).toBe(84);
    expect(await worst(8)).toBe(91);
    // due at 26 days it is replaced at 28, and eight may fail
    expect(await worst(8, { rotateAfter: 26 * 86_400 })).toBe(84);
  });

  test("strictly monthly: one run may be dropped, and two in a row are one too many", async () => {
    const one = [];
    const two = [];
    for (let n = 1; n < monthly.length; n += 1) {
      one.push(await oldest(monthly, new Set([n])));
      two.push(await oldest(monthly, new Set([n, n + 1])));
    }
    expect(Math.max(...one)).toBeLessThanOrEqual(90);
    expect(Math.max(...two)).toBeGreaterThan(90);
  });
});
