/** The runner process is killed after every single effect of a first converge; the next run must repair and finish. */
import type { ChildProcess } from "node:child_process";
import pMap from "p-map";
import { describe, expect, test } from "vitest";
import { runStep } from "./runner.ts";
import { bothReachable, converge, leftovers, usableKeys, verdicts } from "./scene.ts";
import { demoClusters, twoRouters } from "./topology.ts";
import { type Effect, startWorld, type World, type WorldOptions } from "./world.ts";

interface Killed {
  readonly number: number;
  /** What had just happened; undefined when the run ended before it came to that number. */
  readonly after: Effect | undefined;
  readonly world: World;
}

type Setting = Pick<WorldOptions, "clusters" | "scriptsSurvive">;

/** A new world whose first run is killed as soon as `number` effects have happened. */
async function killedAfter(number: number, setting: Setting): Promise<Killed> {
  let child: ChildProcess | undefined;
  let after: Effect | undefined;
  const world = await startWorld({
    ...setting,
    onEffect(effect, n) {
      if (n !== number) return;
      after = effect;
      child?.kill("SIGKILL");
    },
  });
  await runStep(world, "converge", { post: false, onStart: (c) => (child = c) });
  // Machines whose scripts died too have lost their power.
  if (setting.scriptsSurvive === false) for (const m of world.machines) await world.reboot(m.name);
  return { number, after, world };
}

/** What is wrong after the next run; empty when nothing is. */
async function repaired({ world }: Killed): Promise<readonly string[]> {
  const next = await runStep(world, "converge");
  const wrong: string[] = [];
  const expectThat = (what: string, holds: boolean): void => {
    if (!holds) wrong.push(what);
  };
  expectThat(`the next run ends with ${next.exit}: ${next.log.slice(-1500)}`, next.exit === 0);
  expectThat(`links: ${verdicts(next).join(", ")}`, verdicts(next).join() === bothReachable.join());
  expectThat(`left on machines: ${leftovers(world).join(", ")}`, leftovers(world).length === 0);
  expectThat(`usable keys: ${usableKeys(world).map((k) => k.id)}`, usableKeys(world).length === 0);
  expectThat(`an undo is armed on ${armed(world).join(", ")}`, armed(world).length === 0);
  const third = await runStep(world, "converge", { inputs: { mode: "plan" }, post: false });
  const left = third.result?.changes.map((c) => c.address).join(", ");
  expectThat(`the run after it would change ${left}: ${third.log.slice(-300)}`, third.outputs["changed"] === "false");
  return wrong;
}

const armed = (world: World): readonly string[] => world.machines.filter((m) => m.timers.size > 0).map((m) => m.name);

async function effectsOfFirstRun(setting: Setting): Promise<readonly Effect[]> {
  await using world = await startWorld(setting);
  await converge(world);
  return [...world.effects];
}

/** Kills at each of these numbers, a few at a time; a line for each that was not repaired. */
async function kills(numbers: readonly number[], setting: Setting): Promise<readonly string[]> {
  const lines = await pMap(
    numbers,
    async (number) => {
      const killed = await killedAfter(number, setting);
      await using _ = killed.world;
      const wrong = await repaired(killed);
      const { after } = killed;
      const what = after ? `${after.where}: ${after.kind} ${after.what}` : "the end";
      return wrong.map((w) => `killed after effect ${number} (${what}): ${w}`);
    },
    { concurrency: 3 },
  );
  return lines.flat();
}

describe("kill -9 of the runner", () => {
  test("after every single effect, in the design's example", async () => {
    const setting = { clusters: twoRouters() };
    const effects = await effectsOfFirstRun(setting);
    expect(effects.length).toBeGreaterThan(60);
    const numbers = effects.map((_, i) => i + 1);
    expect(await kills(numbers, setting)).toEqual([]);
  }, 600_000);

  test("after every kind of command on a member", async () => {
    const setting = { clusters: demoClusters };
    const effects = await effectsOfFirstRun(setting);
    const kinds = new Map<string, number>();
    for (const [i, e] of effects.entries()) {
      const [kind = ""] = e.what.split(" ");
      if (e.where === "homelab-2" && e.kind === "command" && !kinds.has(kind)) kinds.set(kind, i + 1);
    }
    expect([...kinds.keys()].sort()).toEqual(["ip", "iptables", "sysctl", "systemctl", "systemd-run", "tailscale"]);
    expect(await kills([...kinds.values()], setting)).toEqual([]);
  }, 300_000);

  test("with the machines losing power at the same moment, at one point of each stage", async () => {
    const setting = { clusters: twoRouters(), scriptsSurvive: false };
    const effects = await effectsOfFirstRun(setting);
    const points = [
      /PUT .* done/,
      /enable tailscaled/,
      /preauthkey done/,
      /tailscale up/,
      /TAILMESH-MSS/,
      /accept-routes/,
    ];
    const numbers = points.map((pattern) => effects.findIndex((e) => pattern.test(e.what)) + 1);
    expect(
      numbers.every((n) => n > 0),
      numbers.join(),
    ).toBe(true);
    expect(await kills(numbers, setting)).toEqual([]);
  }, 300_000);

  test("with the timed undo firing before the next run", async () => {
    const setting = { clusters: twoRouters() };
    const effects = await effectsOfFirstRun(setting);
    const number = effects.findIndex((e) => e.what.includes("--accept-routes")) + 1;
    const killed = await killedAfter(number, setting);
    await using world = killed.world;
    const machine = killed.after?.where ?? "";
    await world.run(machine, 'exec 9>"$TAILMESH_ROOT/run/tailmesh.lock"; flock -w 20 9');
    expect(await world.fireTimers(machine)).toEqual(["tailmesh-undo"]);
    expect(world.machine(machine).prefs.acceptRoutes).toBe(false);
    expect(await repaired(killed)).toEqual([]);
  }, 60_000);
});
