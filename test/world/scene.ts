/** What the tests of the world ask again and again. */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { expect } from "vitest";
import type { FakeKey } from "../support/headscale-state.ts";
import { isUsable } from "./control.ts";
import { runStep, type Step } from "./runner.ts";
import type { World } from "./world.ts";

/** One run of the root action; fails with the log when it does not end with `exit`. */
export async function converge(world: World, inputs: Readonly<Record<string, string>> = {}, exit = 0): Promise<Step> {
  const step = await runStep(world, "converge", { inputs });
  expect(step.exit, step.log.slice(-3000)).toBe(exit);
  return step;
}

export const verdicts = (step: Step): readonly string[] =>
  (step.result?.links ?? []).map((l) => `${l.from} → ${l.to}: ${l.verdict}${l.layer === null ? "" : ` (${l.layer})`}`);

export const bothReachable = ["homelab → oracle: reachable", "oracle → homelab: reachable"];

/** Files of ours that were left half way: drafts, scratch folders, keys. Paths as the machines see them. */
export function leftovers(world: World): readonly string[] {
  return world.machines.flatMap((m) =>
    readdirSync(m.root, { recursive: true, withFileTypes: true })
      .map((entry) => `/${relative(m.root, join(entry.parentPath, entry.name))}`)
      .filter((path) =>
        /tailmesh-new|tailmesh-stage|tailmesh-probe|tailmesh-undo|\/run\/tailmesh\.(?!lock$)|payload/.test(path),
      )
      .map((path) => `${m.name}:${path}`),
  );
}

/** Keys with which a machine could still join. */
export function usableKeys(world: World): readonly FakeKey[] {
  return world.control.keys.filter((k) => isUsable(k));
}

/** What a second run must leave alone: everything that the machines and the control server hold. */
export function picture(world: World): unknown {
  return {
    machines: world.machines.map((m) => ({
      name: m.name,
      rules: m.rules,
      routes: m.routes,
      netfilter: m.netfilter.save(),
      units: [...m.units],
      timers: [...m.timers.keys()],
      prefs: m.prefs,
      identity: m.identity,
      forwards: m.sysctl("net.ipv4.ip_forward"),
    })),
    nodes: world.control.nodes(),
    policy: world.control.policy(),
    keys: world.control.keys,
  };
}
