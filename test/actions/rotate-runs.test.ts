/** key-rotate and key-mint as processes: two at once, with a clock that is wrong, and what leaves them. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { day, minute, RotationWorld } from "../support/rotation-world.ts";
import { root } from "../support/run-action.ts";

test("two rotations at once: one wins, the other revokes its own key and says so", async () => {
  await using world = await RotationWorld.start("tailscale-v2", "vault", ["worn"]);
  const first = await world.mint("worn");
  await world.put("worn", first, null);
  world.pass(31 * day);
  const { vault } = world;
  if (!vault) expect.fail("no vault");
  // The first to write waits at the door until the second is through.
  const inner = vault.onRequest;
  let second: ReturnType<RotationWorld["run"]> | undefined;
  vault.onRequest = async (n, request, phase) => {
    if (request.method === "POST" && request.path.startsWith("secret/data/") && phase === "before" && !second) {
      second = world.run("key-rotate");
      await second;
    }
    return inner?.(n, request, phase);
  };
  const loser = await world.run("key-rotate");
  const winner = await second;
  expect([winner?.outputs.get("rotated"), loser.outputs.get("rotated")]).toEqual(["true", "false"]);
  for (const run of [winner, loser]) expect(run?.events.filter((line) => line.startsWith("fail"))).toEqual([]);
  expect(loser.events.join("\n")).toMatch(
    /another run stored key \S+ meanwhile, which is fine; the key of this run, \S+, was/,
  );
  expect(world.usable("worn")).toEqual([first.id, world.record("worn")?.keyId]);
  expect(world.violations).toEqual([]);
});

test("a runner's clock that is wrong by two days changes nothing that is decided", async () => {
  const skews = [0, 2, -2];
  const start = Date.now();
  const told = [];
  for (const skew of skews) {
    await using world = await RotationWorld.start("headscale-v1", "file", ["fresh", "worn"]);
    world.now = new Date(start);
    const first = await world.mint("worn");
    world.pass(29 * day);
    await world.put("worn", await world.mint("worn"), first.id);
    const runs = [];
    // fresh is minted; then worn is in its grace by minutes, past it by minutes, almost due, and due
    for (const wait of [minute, day - 2 * minute, 2 * minute, 29 * day - 2 * minute, 1.5 * minute]) {
      world.pass(wait);
      const { exit, outputs, log } = await world.child("key-rotate", {}, shiftedBy(skew)).result;
      const { changes } = JSON.parse(readFileSync(outputs["plan-file"] ?? "", "utf8"));
      const behind = Number(/this machine's clock is (\d+) s behind/.exec(log)?.[1]);
      expect(Math.abs(behind - (world.now.getTime() - Date.now()) / 1000 + skew * 86_400), log).toBeLessThan(60);
      runs.push([exit, changes.map((one: { address: string }) => one.address), outputs["next-due"]]);
    }
    told.push(runs);
    expect(world.violations).toEqual([]);
  }
  expect(told[0]?.map(([, changes]) => changes)).toEqual([
    ["stored-key/fresh"],
    [],
    ["key/1"],
    [],
    ["stored-key/worn"],
  ]);
  expect(told[1]).toEqual(told[0]);
  expect(told[2]).toEqual(told[0]);
}, 60_000);

test.each(["key-rotate", "key-mint"])(
  "nothing secret leaves %s but to the store",
  async (action) => {
    await using world = await RotationWorld.start("tailscale-v2", "vault", ["fresh", "worn"]);
    const first = await world.mint("worn");
    await world.put("worn", first, null);
    world.pass(31 * day);
    const inputs = action === "key-mint" ? { "stored-key": "worn" } : {};
    const step = world.child(action, inputs);
    const { exit, log, outputs, state, summary } = await step.result;
    expect(exit, log).toBe(0);
    const post = await world.job.post(action, world.inputsOf(inputs), { exit, log, outputs, state, summary });
    const files = world.job.leftFiles().map((file) => readFileSync(file, "utf8"));
    const printed = `${log}\n${post.log}`.split("\n").filter((line) => !line.startsWith("::add-mask::"));
    expect(printed.join("\n")).toContain("::debug::");
    const shown = [...printed, JSON.stringify([outputs, state, summary, post.outputs, post.state]), ...files].join(
      "\n",
    );
    const secrets = world.secrets();
    expect(secrets.length).toBeGreaterThan(3);
    for (const secret of secrets) {
      for (const form of [
        secret,
        secret.slice(-24),
        Buffer.from(secret).toString("base64"),
        encodeURIComponent(secret),
      ]) {
        expect(shown.includes(form), `in what the run shows or leaves: ${secret.slice(0, 12)}…`).toBe(false);
      }
    }
    // What the store has is sent to the store alone.
    const keys = [world.record("worn")?.text ?? "", world.record("fresh")?.text ?? first.secret];
    for (const key of keys) expect(world.controlBodies.filter((body) => body.includes(key))).toEqual([]);
    expect(world.usable("worn")).toContain(world.record("worn")?.keyId);
  },
  30_000,
);

test("key-mint puts a stored key into its store and says its id and end; no file, no output of it", async () => {
  await using world = await RotationWorld.start("headscale-v1", "vault", ["fresh", "worn"]);
  for (const previous of [null, "1"]) {
    const { outputs, events } = await world.run("key-mint", { "stored-key": "worn" });
    expect(events.filter((line) => line.startsWith("fail"))).toEqual([]);
    expect(world.record("worn")).toMatchObject({ keyId: outputs.get("key-ids"), previous });
    expect([outputs.get("key-file"), outputs.get("expires")?.slice(0, 10)]).toEqual(["", "2026-04-05"]);
  }
  expect(world.usable("worn")).toEqual(["1", "2"]);
  expect(world.record("fresh")).toBeUndefined();
});

test.each<[Readonly<Record<string, string>>, string]>([
  [{ "stored-key": "nobody" }, "MESH_STORED_KEY_UNKNOWN"],
  [{ "stored-key": "worn", tags: "tag:x" }, "MESH_INPUT_INVALID"],
  [{ "stored-key": "worn", nodes: "homelab-1" }, "MESH_INPUT_INVALID"],
  [{ "stored-key": "worn", expiry: "20m" }, "MESH_INPUT_INVALID"],
  [{ "stored-key": "worn", reusable: "true" }, "MESH_INPUT_INVALID"],
])("key-mint with %j is refused with %s", async (inputs, code) => {
  await using world = await RotationWorld.start("headscale-v1", "vault", ["worn"]);
  world.arm();
  const { annotations } = await world.run("key-mint", inputs);
  expect(annotations.map(({ title }) => title)).toEqual([code]);
  expect(world.asked).toEqual([]);
});

test("another repository's run is refused", async () => {
  await using world = await RotationWorld.start("tailscale-v2", "vault", ["worn"]);
  await world.run("key-rotate");
  const { annotations } = await world.run("key-rotate", { force: "true" }, {}, { GITHUB_REPOSITORY_ID: "75" });
  expect(annotations.map(({ title }) => title)).toEqual(["MESH_STORED_KEY_FOREIGN"]);
  expect(world.usable("worn")).toHaveLength(1);
});

/** For node: its clock is wrong by days. */
function shiftedBy(days: number): readonly string[] {
  const file = pathToFileURL(join(root, "test/support/shifted-clock.ts"));
  file.searchParams.set("days", String(days));
  return ["--import", file.href];
}
