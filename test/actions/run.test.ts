/** The common life: its order, what each mode does, and what is reported when something fails. */
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import { changeInputs, meshInputs } from "../../src/actions/common.ts";
import { type Action, defineAction } from "../../src/actions/define.ts";
import { secret } from "../../src/actions/inputs.ts";
import { runAction } from "../../src/actions/run.ts";
import { MeshError } from "../../src/mesh/error.ts";
import type { Change, Plan } from "../../src/plan/change.ts";
import { PlanFileSchema, ResultFileSchema } from "../../src/plan/files-schema.ts";
import { emptyOutcome, type Job, type Outcome, type Planned } from "../../src/plan/job.ts";
import type { Trigger } from "../../src/ports/host.ts";
import type { Wiring } from "../../src/wiring.ts";
import { type Recording, recordingHost } from "../support/recording-host.ts";

const change: Change = {
  address: "node/a/guard",
  resource: "node.guard",
  kind: "create",
  why: "it is missing",
  diff: "+ rule",
  risk: "none",
  undo: "ip rule del",
  does: ["ip rule add"],
};

interface Behaviour {
  readonly plan?: Plan;
  readonly outcome?: Partial<Outcome>;
  readonly fail?: "observe" | "apply" | "verify" | "close" | "job" | "post";
  readonly error?: unknown;
  readonly stopDuring?: "observe" | "apply";
}

const problem = new MeshError("MESH_TEST", "remote", "it went wrong", "try again", {
  where: { file: "tailmesh.yaml", line: 3, column: 5 },
});

interface Run extends Recording {
  readonly steps: readonly string[];
  readonly files: ReadonlyMap<string, string>;
}

async function run(
  inputs: Readonly<Record<string, string>>,
  behaviour: Behaviour = {},
  trigger?: Trigger,
  state?: ReadonlyMap<string, string>,
): Promise<Run> {
  const steps: string[] = [];
  const files = new Map<string, string>();
  const recording = recordingHost({ "api-key": "0123456789abcdef", ...inputs }, trigger, state);
  await runAction(testAction(steps, behaviour), recording.host, (host, signal) => wiringOf(host, signal, files, steps));
  return { ...recording, steps, files };
}

function testAction(steps: string[], behaviour: Behaviour): Action {
  const step = async (name: Behaviour["fail"] & string): Promise<void> => {
    steps.push(name);
    if (behaviour.stopDuring === name) process.emit("SIGTERM", "SIGTERM");
    if (behaviour.fail === name) throw behaviour.error ?? problem;
  };
  const outcome = { ...emptyOutcome, ...behaviour.outcome };
  const job: Job<undefined, Planned> = {
    observe: async () => void (await step("observe")),
    plan: () => ({ plan: behaviour.plan ?? { changes: [change], unchanged: [] } }),
    preview: () => outcome,
    publish: async (_, hash) => void steps.push(`publish ${hash.length}`),
    apply: async () => void (await step("apply")),
    async verify() {
      await step("verify");
      return outcome;
    },
    close: async () => void (await step("close")),
  };
  return defineAction({
    name: "test-action",
    inputs: { ...meshInputs, ...changeInputs, "api-key": secret() },
    outputs: ["etag"],
    async job() {
      await step("job");
      return job;
    },
    post: async () => void (await step("post")),
  });
}

function wiringOf(host: Recording["host"], signal: AbortSignal, files: Map<string, string>, steps: string[]): Wiring {
  const never = (): never => {
    throw new Error("not needed here");
  };
  return {
    reporter: host.reporter,
    state: host.state,
    signal,
    env: {},
    nonce: "nonce",
    clock: { now: never, sleep: never },
    workspace: {
      read: never,
      write: never,
      async writeRunFile(name, content) {
        files.set(`/run/${name}`, content);
        return `/run/${name}`;
      },
      removeRunFile: never,
    },
    control: never,
    store: never,
    shell: never,
    archives: never,
    history: { versions: never },
    forge: never,
    ping: never,
    shown: (text) => text,
    close: async () => void steps.push("wiring closed"),
  };
}

function resultOf({ outputs, files }: Run): z.output<typeof ResultFileSchema> {
  return ResultFileSchema.parse(JSON.parse(files.get(outputs.get("result-file") ?? "") ?? ""));
}

describe("apply", () => {
  test("observes, plans, applies, verifies, closes, reports: in that order, and says what it did", async () => {
    const done = await run({}, { outcome: { outputs: { etag: "v2" } } });
    expect(done.steps).toEqual(["job", "observe", "apply", "verify", "close", "wiring closed"]);
    expect(done.events.filter((event) => event.startsWith("group"))).toEqual([
      "group Observe",
      "group Plan",
      "group Apply",
      "group Verify",
    ]);
    expect(done.outputs.get("changed")).toBe("true");
    expect(done.outputs.get("etag")).toBe("v2");
    expect(done.events.at(-1)).toBe("info test-action: 1 change made.");
    const plan = PlanFileSchema.parse(JSON.parse(done.files.get(done.outputs.get("plan-file") ?? "") ?? ""));
    expect(plan.hash).toBe(done.outputs.get("plan-hash"));
    expect(plan.changes).toEqual([change]);
    expect(resultOf(done)).toMatchObject({ mode: "apply", changed: true, error: null, changes: [change] });
  });

  test("the secret is masked before anything else is said", async () => {
    expect((await run({})).events[0]).toBe("mask");
  });

  test("with nothing to do it does not apply, still verifies, and says changed=false", async () => {
    const done = await run({}, { plan: { changes: [], unchanged: [{ address: "policy", why: "it is right" }] } });
    expect(done.steps).toEqual(["job", "observe", "verify", "close", "wiring closed"]);
    expect(done.outputs.get("changed")).toBe("false");
    expect(done.events).toContain("info = policy: it is right");
    expect(done.events.at(-1)).toBe("info test-action: nothing changed.");
  });

  test("a kind that `allow` does not name is refused and nothing is applied", async () => {
    const done = await run({ allow: "update" });
    expect(done.steps).toEqual(["job", "observe", "close", "wiring closed"]);
    expect(done.annotations.map((annotation) => annotation.title)).toEqual(["MESH_CHANGE_NOT_ALLOWED"]);
    expect(done.outputs.get("changed")).toBe("false");
    expect(resultOf(done)).toMatchObject({
      changed: false,
      error: { code: "MESH_CHANGE_NOT_ALLOWED", kind: "refused" },
    });
  });

  test("exactly the pinned plan is applied, no other", async () => {
    const hash = (await run({ mode: "plan" })).outputs.get("plan-hash") ?? "";
    expect((await run({ plan: hash })).steps).toContain("apply");
    const other = await run({ plan: hash }, { plan: { changes: [{ ...change, diff: "+ other" }], unchanged: [] } });
    expect(other.steps).not.toContain("apply");
    expect(other.annotations[0]?.title).toBe("MESH_PLAN_CHANGED");
  });
});

describe("plan", () => {
  test("writes nothing, shows every command, and says whether something would change", async () => {
    const done = await run({ mode: "plan" });
    expect(done.steps).toEqual(["job", "observe", "publish 64", "close", "wiring closed"]);
    expect(done.outputs.get("changed")).toBe("true");
    expect(done.events).toContain("info     does: ip rule add");
    expect(done.events.at(-1)).toBe("info test-action: 1 change would be made.");
    expect(resultOf(done)).toMatchObject({ mode: "plan", changed: true });
  });

  test("fail-on-changes fails when there are changes, and only then", async () => {
    const inputs = { mode: "plan", "fail-on-changes": "true" };
    expect((await run(inputs)).annotations.map((annotation) => annotation.title)).toEqual(["MESH_CHANGES_PENDING"]);
    expect((await run(inputs, { plan: { changes: [], unchanged: [] } })).annotations).toEqual([]);
  });
});

describe("failure", () => {
  test("all problems of the inputs are reported at once, before anything is contacted", async () => {
    const done = await run({ "api-key": "", mode: "maybe", allow: "destroy", plan: "x" });
    expect(done.steps).toEqual(["wiring closed"]);
    expect(done.annotations.map((annotation) => annotation.title)).toEqual(Array(4).fill("MESH_INPUT_INVALID"));
    expect(done.annotations.map((annotation) => annotation.message).join("\n")).toMatch(
      /mode[\s\S]*allow[\s\S]*plan[\s\S]*api-key/,
    );
    expect(done.events.at(-1)).toMatch(/^fail test-action failed, nothing was changed: MESH_INPUT_INVALID: /);
    expect(resultOf(done).error?.code).toBe("MESH_INPUT_INVALID");
  });

  test("no message repeats the value of an input", async () => {
    const done = await run({ mode: "hskey-in-the-wrong-place" });
    expect(JSON.stringify([done.events, done.annotations, done.summary])).not.toContain("hskey-in-the-wrong-place");
  });

  test.each(["job", "observe", "apply", "verify"] as const)(
    "in %s: coded, at its place, closed, with result file",
    async (fail) => {
      const done = await run({}, { fail });
      expect(done.annotations).toEqual([
        { title: "MESH_TEST", message: "it went wrong\ntry again", where: problem.where },
      ]);
      expect(done.steps.at(-1)).toBe("wiring closed");
      if (fail !== "job") expect(done.steps).toContain("close");
      expect(done.outputs.get("changed")).toBe(String(fail === "apply" || fail === "verify"));
      expect(resultOf(done).error).toMatchObject({
        code: "MESH_TEST",
        where: { file: "tailmesh.yaml", line: 3, column: 5 },
      });
    },
  );

  test("everything that an error carries along is annotated", async () => {
    const error = new MeshError("MESH_A", "config", "a", "do a", { also: [problem] });
    const done = await run({}, { fail: "observe", error });
    expect(done.annotations.map((annotation) => annotation.title)).toEqual(["MESH_A", "MESH_TEST"]);
  });

  test("a foreign error is MESH_INTERNAL, its stack only in debug", async () => {
    const done = await run({}, { fail: "observe", error: new TypeError("x is not a function") });
    expect(done.annotations[0]?.title).toBe("MESH_INTERNAL");
    expect(done.annotations[0]?.message).not.toContain("run.test.ts");
    expect(done.events.some((event) => event.startsWith("debug") && event.includes("run.test.ts"))).toBe(true);
  });

  test("a failure in the outcome fails the run although every step went through", async () => {
    const done = await run({}, { outcome: { failure: problem } });
    expect(done.steps).toContain("verify");
    expect(done.annotations[0]?.title).toBe("MESH_TEST");
  });

  test("a failure to close only warns", async () => {
    const done = await run({}, { fail: "close" });
    expect(done.annotations).toEqual([]);
    expect(done.events).toContain("warn MESH_TEST: it went wrong");
  });

  test("a secret that an error or a plan carries does not get into the files", async () => {
    const error = new MeshError("MESH_A", "remote", "the server says 0123456789abcdef", "do");
    const done = await run(
      {},
      { fail: "apply", error, plan: { changes: [{ ...change, why: "0123456789abcdef" }], unchanged: [] } },
    );
    expect(done.files.size).toBe(2);
    expect([...done.files.values()].join("\n")).not.toContain("0123456789abcdef");
    expect(resultOf(done).error?.message).toBe("the server says ***");
  });

  test("hostile text in an error is inert in the summary", async () => {
    const error = new MeshError("MESH_A", "remote", "<img src=x> | [a](http://b) `c`", "do");
    const text = (await run({}, { fail: "observe", error })).summary.join("\n\n");
    expect(text).not.toMatch(/<img|\]\(|`c`/);
  });
});

describe("refs", () => {
  const branch = { ref: "refs/heads/feature", defaultBranch: "main" };

  test.each([
    ["another branch is refused", branch, {}, false],
    ["a plan may be made anywhere", branch, { mode: "plan" }, true],
    ["allow-ref: true lets it through", branch, { "allow-ref": "true" }, true],
    ["allow-ref names it", branch, { "allow-ref": "feature" }, true],
    ["allow-ref names another", branch, { "allow-ref": "refs/heads/other" }, false],
    ["the default branch may", { ref: "refs/heads/main", defaultBranch: "main" }, {}, true],
    ["a tag of the default branch's name may not", { ref: "refs/tags/main", defaultBranch: "main" }, {}, false],
    ["unknown is allowed", { ref: "refs/heads/feature", defaultBranch: null }, {}, true],
  ] as const)("%s", async (_name, trigger, inputs, runs) => {
    const done = await run(inputs, {}, trigger);
    expect(done.steps.includes("observe")).toBe(runs);
    expect(done.annotations.map((annotation) => annotation.title)).toEqual(runs ? [] : ["MESH_REF_NOT_ALLOWED"]);
  });
});

describe("stop", () => {
  test("the step at hand is finished, nothing after it is begun, the job is closed", async () => {
    const done = await run({}, { stopDuring: "observe" });
    expect(done.steps).toEqual(["job", "observe", "close", "wiring closed"]);
    expect(done.annotations[0]?.title).toBe("MESH_CANCELLED");
  });

  test("after an apply that was stopped, changed is true", async () => {
    const done = await run({}, { stopDuring: "apply" });
    expect(done.steps).toEqual(["job", "observe", "apply", "close", "wiring closed"]);
    expect(done.outputs.get("changed")).toBe("true");
  });

  test("no signal handler stays behind", async () => {
    const before = process.listenerCount("SIGTERM");
    await run({});
    expect(process.listenerCount("SIGTERM")).toBe(before);
  });
});

describe("post", () => {
  const afterMain = async (): Promise<ReadonlyMap<string, string>> => (await run({})).state;

  test("runs instead of the main step once that has run", async () => {
    const done = await run({}, {}, undefined, await afterMain());
    expect(done.steps).toEqual(["post", "wiring closed"]);
  });

  test("never fails the job", async () => {
    const done = await run({}, { fail: "post" }, undefined, await afterMain());
    expect(done.annotations).toEqual([]);
    expect(done.events).toContain("warn test-action: MESH_TEST: it went wrong. try again");
    expect(done.events.some((event) => event.startsWith("fail"))).toBe(false);
  });
});
