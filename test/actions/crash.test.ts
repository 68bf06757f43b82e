/**
 * The crash table of stored keys: key-rotate and key-mint are killed before and after every single request, and every answer
 * is lost once. At no request is a store empty or does it name a key that does not work; the next run ends with one key in
 * force for each stored key, and what was left over is gone once it is old enough.
 */
import pMap from "p-map";
import { expect, test } from "vitest";
import { type Asked, day, minute, RotationWorld, type ServerKind, type StoreKind } from "../support/rotation-world.ts";

// Each of the runs side by side listens for signals.
process.setMaxListeners(100);

type Setting = readonly [server: ServerKind, store: StoreKind, action: "key-rotate" | "key-mint"];

const inputsOf = (action: string): Readonly<Record<string, string>> =>
  action === "key-mint" ? { "stored-key": "worn" } : {};

/**
 * `worn` was rotated once, is due again, and its first key is to be revoked; for `fresh` nothing is stored yet. key-mint gets
 * a new key for `worn`, which is not due then.
 */
async function worn([server, store, action]: Setting): Promise<RotationWorld> {
  const world = await RotationWorld.start(server, store, ["fresh", "worn"]);
  const between = action === "key-mint" ? 2 * day : 31 * day;
  const first = await world.mint("worn");
  world.pass(between);
  await world.put("worn", await world.mint("worn"), first.id);
  world.pass(between);
  return world;
}

/** In a process of its own, which leaves its compiled code to those that are killed: they can leave none. */
async function requestsOf(setting: Setting): Promise<readonly string[]> {
  await using world = await worn(setting);
  world.arm();
  const { exit, log } = await world.child(setting[2], inputsOf(setting[2])).result;
  expect(exit, log).toBe(0);
  expect(world.violations).toEqual([]);
  return [...world.asked];
}

/** What is wrong after what happened; empty when nothing is. */
async function repaired(world: RotationWorld, toTheEnd: boolean): Promise<readonly string[]> {
  const wrong: string[] = [];
  const expectThat = (what: string, holds: boolean): void => {
    if (!holds) wrong.push(what);
  };
  const rotate = async (when: string): Promise<void> => {
    const { events } = await world.run("key-rotate");
    const failed = events.filter((line) => line.startsWith("fail"));
    expectThat(`${when}: ${failed.join()}`, failed.length === 0);
    for (const name of world.names) {
      if (!world.isNoted(name)) wrong.push(`${when}: what is noted beside ${name} is another key`);
      const record = world.record(name);
      expectThat(`${when}: the note beside ${name} names another key`, world.isNoted(name));
      expectThat(
        `${when}: ${name} has no key in force`,
        record !== undefined && world.usable(name).includes(record.keyId),
      );
    }
  };
  world.pass(minute);
  await rotate("the next run");
  world.pass(16 * minute);
  await rotate("the run after the orphan age");
  for (const name of world.names) {
    const record = world.record(name);
    // Where it cannot be read what is in the place, any key may have been: all have their grace.
    if (world.github) continue;
    const stray = world.usable(name).filter((id) => id !== record?.keyId && id !== record?.previous);
    expectThat(`stranded beyond the orphan age, for ${name}: ${stray.join()}`, stray.length === 0);
  }
  if (toTheEnd || world.github) {
    world.pass(2 * day);
    await rotate("the run after grace");
    for (const name of world.names) {
      expectThat(`${name} has ${world.usable(name).length} keys`, world.usable(name).length === 1);
    }
  }
  return [...wrong, ...world.violations];
}

interface Killed {
  readonly wrong: readonly string[];
  /** The killed run had noted a key for its post step: whether that one runs makes a difference. */
  readonly isNoted: boolean;
}

async function killed(setting: Setting, at: Pick<Asked, "n" | "phase">, withPost: boolean): Promise<Killed> {
  await using world = await worn(setting);
  let kill: (() => void) | undefined;
  world.arm(({ n, phase }) => {
    if (n !== at.n || phase !== at.phase) return undefined;
    kill?.();
    return "drop";
  });
  const step = world.child(setting[2], inputsOf(setting[2]));
  kill = () => step.child.kill("SIGKILL");
  const { exit, state } = await step.result;
  world.disarm();
  const isNoted = (state["unstored-keys"] ?? "") !== "";
  const what = `killed ${at.phase} request ${at.n} (${world.asked[at.n - 1]})${withPost ? ", post step" : ""}`;
  if (exit !== -1) return { wrong: [`${what}: the process ended by itself, with ${exit}`], isNoted };
  if (withPost) await world.run(setting[2], inputsOf(setting[2]), state);
  return { wrong: (await repaired(world, withPost)).map((line) => `${what}: ${line}`), isNoted };
}

/** With the runner gone, and where the post step has something to decide also with it. */
async function twice(end: typeof killed, setting: Setting, at: Pick<Asked, "n" | "phase">): Promise<readonly string[]> {
  const alone = await end(setting, at, false);
  return alone.isNoted ? [...alone.wrong, ...(await end(setting, at, true)).wrong] : alone.wrong;
}

/**
 * As killed, for servers that are all asked over the network, and far cheaper: from that request on none of the run has an
 * effect or an answer, and what it saved until then is all that its post step finds.
 */
async function cutOff(setting: Setting, at: Pick<Asked, "n" | "phase">, withPost: boolean): Promise<Killed> {
  await using world = await worn(setting);
  let saved: Readonly<Record<string, string>> | undefined;
  world.arm(({ n, phase }) => {
    if (saved === undefined && (n !== at.n || phase !== at.phase)) return undefined;
    saved ??= Object.fromEntries(world.latest?.state ?? []);
    return "drop";
  });
  await world.run(setting[2], inputsOf(setting[2]));
  world.disarm();
  const what = `cut off ${at.phase} request ${at.n} (${world.asked[at.n - 1]})${withPost ? ", post step" : ""}`;
  if (saved === undefined) return { wrong: [`${what}: the run did not come to it`], isNoted: false };
  if (withPost) await world.run(setting[2], inputsOf(setting[2]), saved);
  return {
    wrong: (await repaired(world, withPost)).map((line) => `${what}: ${line}`),
    isNoted: (saved["unstored-keys"] ?? "") !== "",
  };
}

async function lost(setting: Setting, at: Pick<Asked, "n" | "phase">): Promise<readonly string[]> {
  await using world = await worn(setting);
  world.arm(({ n, phase }) => (n === at.n && phase === at.phase ? "drop" : undefined));
  const { state } = await world.run(setting[2], inputsOf(setting[2]));
  world.disarm();
  const what = `no answer, ${at.phase} the effect of request ${at.n} (${world.asked[at.n - 1]})`;
  await world.run(setting[2], inputsOf(setting[2]), Object.fromEntries(state));
  return (await repaired(world, true)).map((line) => `${what}: ${line}`);
}

const phases = ["before", "after"] as const;

async function pointsOf(setting: Setting): Promise<readonly Pick<Asked, "n" | "phase">[]> {
  const requests = await requestsOf(setting);
  expect(requests.some((what) => /POST .*key/.test(what))).toBe(true);
  return requests.flatMap((_, index) => phases.map((phase) => ({ n: index + 1, phase })));
}

const settings: readonly Setting[] = [
  ["headscale-v1", "vault", "key-rotate"],
  ["tailscale-v2", "vault", "key-rotate"],
  ["headscale-v1", "vault", "key-mint"],
  ["tailscale-v2", "file", "key-rotate"],
];

/** Its places take eight requests each. */
const onGitHub: Setting = ["headscale-v1", "github", "key-rotate"];

test.each(settings)(
  "%s, %s, %s: killed before and after every request, with and without its post step",
  async (...setting) => {
    const wrong = await pMap(await pointsOf(setting), (at) => twice(killed, setting, at), { concurrency: 3 });
    expect(wrong.flat()).toEqual([]);
  },
  240_000,
);

test("keys in a GitHub environment: cut off before and after every request, with and without the post step", async () => {
  const wrong = await pMap(await pointsOf(onGitHub), (at) => twice(cutOff, onGitHub, at), { concurrency: 40 });
  expect(wrong.flat()).toEqual([]);
}, 240_000);

test.each([...settings, onGitHub])(
  "%s, %s, %s: with every request and every answer lost once",
  async (...setting) => {
    const wrong = await pMap(await pointsOf(setting), (at) => lost(setting, at), { concurrency: 8 });
    expect(wrong.flat()).toEqual([]);
  },
  240_000,
);
