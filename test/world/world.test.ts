import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { faults } from "./faults.ts";
import { runStep, type Step } from "./runner.ts";
import { bothReachable, converge, leftovers, picture, usableKeys, verdicts } from "./scene.ts";
import { startWorld, type World } from "./world.ts";

describe("from bare machines", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test("the plan shows everything and changes nothing", async () => {
    const plan = await converge(world, { mode: "plan" });
    expect(plan.outputs["changed"]).toBe("true");
    const addresses = (plan.result?.changes ?? []).map((c) => c.address);
    expect(addresses).toEqual(expect.arrayContaining(["node/homelab-1/install", "node/oracle-1/accept"]));
    expect(world.effects.filter((e) => e.kind !== "exec")).toEqual([]);
    expect(world.control.policy()).toBeUndefined();
    expect(leftovers(world)).toEqual([]);
  });

  test("one run joins them, both ways", async () => {
    const first = await converge(world);
    expect(first.outputs["changed"]).toBe("true");
    expect(verdicts(first)).toEqual(bothReachable);
    expect(first.outputs["verdict"]).toBe("reachable");
    expect(world.control.nodes().map((n) => [n.hostname, n.tags, n.approved])).toEqual(
      expect.arrayContaining([
        ["homelab-1", ["tag:homelab"], ["10.42.0.0/16", "10.43.0.0/16"]],
        ["homelab-2", ["tag:homelab"], []],
        ["oracle-1", ["tag:oracle"], ["10.52.0.0/16", "10.53.0.0/16"]],
      ]),
    );
  });

  test("it leaves no draft, no scratch folder, no usable key, no armed undo", () => {
    expect(leftovers(world)).toEqual([]);
    expect(usableKeys(world)).toEqual([]);
    expect(world.machines.flatMap((m) => [...m.timers.keys()])).toEqual([]);
  });

  test("a second run changes nothing, with one connection and at most two execs for each machine", async () => {
    const before = { picture: picture(world), effects: world.effects.length, traffic: world.traffic };
    const calls = world.control.calls.length;
    const second = await converge(world);
    expect(second.outputs["changed"]).toBe("false");
    expect(verdicts(second)).toEqual(bothReachable);
    expect(world.effects.slice(before.effects).filter((e) => e.kind !== "exec")).toEqual([]);
    expect(picture(world)).toEqual(before.picture);
    expect(world.traffic.connections - before.traffic.connections).toBe(world.machines.length);
    expect(world.traffic.execs - before.traffic.execs).toBeLessThanOrEqual(2 * world.machines.length);
    const asked = world.control.calls.slice(calls).filter((c) => !c.endsWith("/version"));
    expect(asked.length, asked.join(", ")).toBeLessThanOrEqual(4);
  });

  test("after a reboot of every machine the guards are there and traffic passes, without a run", async () => {
    for (const m of world.machines) await world.reboot(m.name);
    for (const m of world.machines) expect(m.rules.filter((r) => r.priority === 2500).length, m.name).toBe(3);
    const check = await runStep(world, "connectivity-check");
    expect(check.exit, check.log.slice(-3000)).toBe(0);
    expect(verdicts(check)).toEqual(bothReachable);
  });
});

describe("each fault is blamed on its layer", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await converge(world);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  /** Where a fault was found: of the links, or in a warning of the log where traffic still passes. */
  const blamed = (check: Step): readonly string[] => (check.result?.links ?? []).flatMap((l) => l.layer ?? []);

  test.each(faults.map((f) => [f.name, f.layer, f] as const))("%s: %s", async (_, layer, fault) => {
    const undo = await fault.inject(world);
    onTestFailed(undo);
    const check = await runStep(world, "connectivity-check");
    expect(new Set(blamed(check)), check.log.slice(-3000)).toEqual(new Set([layer]));
    expect((check.result?.links ?? []).filter((l) => l.layer !== null).every((l) => (l.remedy ?? "") !== "")).toBe(
      true,
    );
    if (fault.mendedByConverge) {
      const mended = await converge(world, fault.mendingInputs ?? {});
      expect(mended.outputs["changed"]).toBe("true");
      expect(verdicts(mended)).toEqual(bothReachable);
    } else {
      await undo();
    }
    const after = await runStep(world, "connectivity-check");
    expect(verdicts(after)).toEqual(bothReachable);
    expect(blamed(after)).toEqual([]);
  });
});

describe("what is refused before anything is changed", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const untouched = async (step: Step, code: string): Promise<void> => {
    expect(step.exit).toBe(1);
    expect(step.result?.error?.code, step.log.slice(-3000)).toBe(code);
    expect(step.result?.error?.hint).not.toBe("");
    expect(world.effects.filter((e) => e.kind !== "exec")).toEqual([]);
  };

  test("sudo that asks for a password", async () => {
    const refusal = join(world.machine("oracle-1").folder, "sudo-refused");
    writeFileSync(refusal, "");
    const step = await runStep(world, "converge");
    await untouched(step, step.result?.error?.code ?? "none");
    expect(step.result?.error?.code).toMatch(/SUDO/);
    await world.run("oracle-1", `rm -f "$TAILMESH_ROOT/../sudo-refused"`);
    expect(existsSync(refusal)).toBe(false);
  });

  test("an archive that is not what its checksum says", async () => {
    const step = await runStep(world, "converge", { inputs: { "tailscale-sha256": "0".repeat(64) } });
    expect(step.exit).toBe(1);
    expect(step.result?.error?.code).toMatch(/ARCHIVE/);
    expect(world.control.nodes()).toEqual([]);
  });
});
