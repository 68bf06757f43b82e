/** The workflows that users start from, and those that they call: rights, the one line in which changes wait, what they give to actions. */
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { readAction } from "../../scripts/action-metadata.ts";
import { ownRules } from "../../scripts/workflow-rules.ts";
import { parseTopology } from "../../src/mesh/topology/parse.ts";
import { judgeOffline } from "../../src/policy/offline.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const example = "examples/two-clusters";
const { version } = z.object({ version: z.string() }).parse(JSON.parse(read("package.json")));

const StepSchema = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
});
const ConcurrencySchema = z.object({ group: z.string(), "cancel-in-progress": z.boolean() });
const JobSchema = z.object({
  if: z.string().optional(),
  permissions: z.record(z.string(), z.string()),
  environment: z.string().optional(),
  concurrency: ConcurrencySchema.optional(),
  outputs: z.record(z.string(), z.string()).default({}),
  steps: z.array(StepSchema),
});
const InputSchema = z.object({ type: z.string(), description: z.string() });
const TriggerSchema = z.object({
  push: z.object({ branches: z.array(z.string()) }).optional(),
  pull_request: z.null().optional(),
  schedule: z.array(z.object({ cron: z.string() })).optional(),
  workflow_dispatch: z.object({ inputs: z.record(z.string(), InputSchema).optional() }).nullish(),
  workflow_call: z
    .object({
      inputs: z.record(z.string(), InputSchema),
      secrets: z.record(z.string(), z.object({ description: z.string(), required: z.boolean() })),
    })
    .optional(),
});
const WorkflowSchema = z.object({
  name: z.string(),
  on: TriggerSchema,
  concurrency: ConcurrencySchema.optional(),
  jobs: z.record(z.string(), JobSchema),
});
type Workflow = z.output<typeof WorkflowSchema>;

const workflow = (file: string): Workflow => WorkflowSchema.parse(parse(read(file)));
const ownCi = ".github/workflows/ci.yml";
const all = globSync([".github/workflows/*.yml", "examples/*/.github/workflows/*.yml"], { cwd: root }).sort();
const ours = all.filter((file) => file !== ownCi);
const started = (name: string): Workflow => workflow(`${example}/.github/workflows/${name}.yml`);
const called = (name: string): Workflow => workflow(`.github/workflows/${name}.yml`);

/** Steps that use an action of ours: its metadata and what it is given. */
function ourSteps({ jobs }: Workflow) {
  return Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap(({ uses = "", with: given }) => {
      const path = /^tailmesh\/tailmesh(?:\/([\w/-]+))?@/.exec(uses);
      return path === null ? [] : [{ metadata: join(path[1] ?? "", "action.yml"), given }];
    }),
  );
}

test("there are three to start from and two to call", () => {
  expect(ours).toEqual([
    ".github/workflows/mesh.yml",
    ".github/workflows/rotate.yml",
    `${example}/.github/workflows/chain.yml`,
    `${example}/.github/workflows/mesh.yml`,
    `${example}/.github/workflows/rotate.yml`,
  ]);
});

test.each(all)("%s keeps to the rules: pins, permissions, limits, no expressions in scripts", (file) => {
  expect(ownRules(file, read(file), version)).toEqual([]);
});

test("every checkout is of the release that this repository's own CI uses", () => {
  const used = all.flatMap((file) => read(file).match(/actions\/checkout@\S+ # \S+/g) ?? []);
  expect(new Set(used)).toEqual(new Set(read(ownCi).match(/actions\/checkout@\S+ # \S+/g)));
});

describe.each(ours)("%s", (file) => {
  const jobs = Object.entries(workflow(file).jobs);

  test("may write nothing but an ID token, and that only where a login needs it", () => {
    for (const [name, { permissions, steps }] of jobs) {
      const isOffline = steps.some((step) => step.with["offline"] === "true");
      expect(permissions, name).toEqual({ contents: "read", ...(isOffline ? {} : { "id-token": "write" }) });
    }
  });

  test("gives every action inputs that exist, and all that it requires", () => {
    const steps = ourSteps(workflow(file));
    expect(steps.length).toBeGreaterThan(0);
    for (const { metadata, given } of steps) {
      const { inputs } = readAction(root, metadata);
      expect(Object.keys(inputs), metadata).toEqual(expect.arrayContaining(Object.keys(given)));
      const required = Object.entries(inputs).flatMap(([name, input]) => (input.required ? [name] : []));
      expect(Object.keys(given), metadata).toEqual(expect.arrayContaining(required));
    }
  });

  test("runs no script and uses nothing but the checkout and our actions", () => {
    for (const [, { steps }] of jobs)
      for (const { uses, run } of steps) {
        expect(run).toBeUndefined();
        expect(uses).toMatch(/^(actions\/checkout|tailmesh\/tailmesh(\/actions\/[a-z0-9-]+)?)@/);
      }
  });

  test("reads secrets in jobs of an environment only", () => {
    for (const [name, job] of jobs)
      if (JSON.stringify(job.steps).includes("secrets.")) expect(job.environment, name).toBeDefined();
  });

  test("uses nothing that older platforms and act refuse", () => {
    expect(read(file)).not.toMatch(/^\s*(timezone|queue|background|deployment):|uses: \$\/|pull_request_target/m);
  });
});

describe("the line of changes", () => {
  const changing = ["chain", "mesh", "rotate"].flatMap((name) => {
    const { jobs, concurrency } = started(name);
    return Object.entries(jobs)
      .filter(([job]) => job !== "plan" && job !== "validate")
      .map(([job, own]) => ({ job: `${name}/${job}`, line: own.concurrency ?? concurrency }));
  });

  test.each(changing)("$job waits in it and is never cut off", ({ line }) => {
    expect(line).toEqual({ group: "mesh", "cancel-in-progress": false });
  });

  test("plans of pull requests do not wait in it: they would push out who waits there", () => {
    const { jobs, concurrency } = started("mesh");
    expect(concurrency).toBeUndefined();
    for (const job of ["plan", "validate"]) expect(jobs[job]?.concurrency?.group).toMatch(/\$\{\{ github\.ref \}\}$/);
  });

  test("called workflows wait in it by themselves, so that callers need not", () => {
    const lines = ["mesh", "rotate"].flatMap((name) => Object.values(called(name).jobs).map((job) => job.concurrency));
    expect(lines.map((line) => line?.["cancel-in-progress"])).toEqual([false, false]);
    expect(lines[0]?.group).toContain("|| 'mesh'");
    expect(lines[1]?.group).toBe("mesh");
  });
});

describe("what starts them", () => {
  test("chain: a push to main, or by hand; four steps of ours in one job, the key file from one to the next", () => {
    const chain = started("chain");
    expect(Object.keys(chain.on).sort()).toEqual(["push", "workflow_dispatch"]);
    expect(chain.on.push?.branches).toEqual(["main"]);
    expect(Object.keys(chain.jobs)).toHaveLength(1);
    const steps = ourSteps(chain);
    expect(steps.map(({ metadata }) => metadata.split("/")[1])).toEqual([
      "acl-apply",
      "key-mint",
      "node-provision",
      "connectivity-check",
    ]);
    expect(steps[2]?.given["key-file"]).toBe("${{ steps.keys.outputs.key-file }}");
  });

  test("mesh: a pull request, a push to main, or by hand with mode, clusters and nodes", () => {
    const { on, jobs } = started("mesh");
    expect(Object.keys(on).sort()).toEqual(["pull_request", "push", "workflow_dispatch"]);
    expect(on.push?.branches).toEqual(["main"]);
    expect(Object.keys(on.workflow_dispatch?.inputs ?? {})).toEqual(
      expect.arrayContaining(["mode", "clusters", "nodes"]),
    );
    for (const { type } of Object.values(on.workflow_dispatch?.inputs ?? {}))
      expect(["choice", "string", "boolean"]).toContain(type);
    expect(jobs["plan"]?.steps.at(-1)?.with["mode"]).toBe("plan");
    expect(jobs["converge"]?.if).toBe("github.event_name != 'pull_request'");
  });

  test("mesh: a pull request from a fork is validated offline, with no secret and no identity", () => {
    const { jobs } = started("mesh");
    expect(jobs["validate"]?.if).toContain("head.repo.full_name != github.repository");
    expect(jobs["plan"]?.if).toContain("head.repo.full_name == github.repository");
    expect(JSON.stringify(jobs["validate"])).not.toMatch(/secrets\.|vars\./);
    expect(jobs["validate"]?.environment).toBeUndefined();
  });

  test("rotate: weekly or by hand", () => {
    const { on } = started("rotate");
    expect(on.schedule).toEqual([{ cron: "17 4 * * 1" }]);
    expect(Object.keys(on.workflow_dispatch?.inputs ?? {})).toEqual(["force"]);
    const text = read(`${example}/.github/workflows/rotate.yml`);
    const comment = text.slice(0, text.indexOf("\nname:"));
    expect(comment).toMatch(/eight missed runs/);
    expect(comment).toContain('- cron: "17 4 1 * *"');
  });

  test("called workflows take typed inputs and named secrets, each described", () => {
    for (const name of ["mesh", "rotate"]) {
      const { on } = called(name);
      expect(Object.keys(on)).toEqual(["workflow_call"]);
      expect(Object.keys(on.workflow_call?.inputs ?? {}).length).toBeGreaterThan(5);
      for (const input of Object.values(on.workflow_call?.inputs ?? {})) {
        expect(["string", "boolean"]).toContain(input.type);
        expect(input.description.length).toBeGreaterThan(15);
      }
      expect(Object.keys(on.workflow_call?.secrets ?? {}).length).toBeGreaterThan(2);
    }
  });

  test("what called workflows declare is what they use", () => {
    for (const name of ["mesh", "rotate"]) {
      const text = read(`.github/workflows/${name}.yml`);
      const { on } = called(name);
      const used = (kind: string): Set<string> =>
        new Set([...text.matchAll(new RegExp(`\\b${kind}\\.([\\w-]+)`, "g"))].map(([, word = ""]) => word));
      expect(used("inputs")).toEqual(new Set(Object.keys(on.workflow_call?.inputs ?? {})));
      expect(used("secrets")).toEqual(new Set(Object.keys(on.workflow_call?.secrets ?? {})));
    }
  });
});

test("no action has an output that holds a key: masked values do not reach another job", () => {
  const outputs = globSync(["action.yml", "actions/*/action.yml"], { cwd: root }).flatMap((file) =>
    Object.keys(readAction(root, file).outputs),
  );
  expect(outputs).toContain("key-file");
  expect(outputs.filter((name) => /(^|-)(key|authkey|keys|secret|token)$/.test(name))).toEqual([]);
});

describe("examples/two-clusters", () => {
  const mesh = parseTopology(read(`${example}/tailmesh.yaml`), { file: "tailmesh.yaml", env: () => undefined });
  const day = 86_400;

  test("its topology has what the workflows need, and its policy is valid", () => {
    expect(mesh.clusters.map(({ name }) => name)).toEqual(["homelab", "oracle"]);
    expect(mesh.policyFiles).toEqual(["policy.hujson"]);
    const { error, tests } = judgeOffline(mesh, [{ file: "policy.hujson", text: read(`${example}/policy.hujson`) }]);
    expect(error).toBeUndefined();
    expect(tests.failed).toBe(0);
  });

  test("eight missed weekly runs still beat the life of its stored keys, wherever in the week a key is made", () => {
    const keys = mesh.storedKeys ?? [];
    expect(keys.length).toBeGreaterThan(0);
    for (const { expiry, rotateAfter } of keys) {
      const oldestWhenDue = rotateAfter + 7 * day;
      expect(oldestWhenDue + 8 * 7 * day).toBeLessThan(expiry);
      expect(rotateAfter).toBeGreaterThan(21 * day);
    }
  });

  test("its host keys are marked as placeholders", () => {
    expect(read(`${example}/known_hosts`)).toMatch(/^# PLACEHOLDERS/);
    for (const { ssh } of mesh.clusters.flatMap(({ nodes }) => nodes))
      expect(read(`${example}/known_hosts`)).toContain(`\n${ssh.host} ssh-ed25519 `);
  });
});
