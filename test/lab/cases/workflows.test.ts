// The workflows that users start from, as they are, run by act on the lab: a push joins bare machines, the next one changes nothing,
// a pull request plans, one from a fork is judged without secrets, another ref is refused, and no log has a secret.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ActEvent,
  ActRepository,
  type ActRun,
  type ActSettings,
  labSettings,
  leakForms,
  noSettings,
  outputsOf,
  release,
} from "../act.ts";
import { Lab } from "../client.ts";
import type { V2Access } from "../control-v2.ts";
import { checkout, source } from "../paths.ts";
import { machines, pathsOf, untouchedState } from "../product.ts";

const lab = new Lab();
const access = JSON.parse(lab.read("control-v2.json")) as V2Access;
const version = release(lab);
const example = join(checkout, "examples", "two-clusters");
const settings = labSettings(lab);

let repository: ActRepository;
const runs: ActRun[] = [];

async function run(event: ActEvent, given: ActSettings = settings): Promise<ActRun> {
  const done = await repository.run(event, given);
  runs.push(done);
  return done;
}

/** Names of the main steps of ours, in their order; the checkout is act's own. */
function stepsOf({ log }: ActRun): readonly string[] {
  return [...log.matchAll(/⭐ Run Main (.*)$/gm)].map(([, name = ""]) => name).filter((name) => name !== "Check out");
}

const jobsOf = ({ log }: ActRun): readonly string[] => [
  ...new Set([...log.matchAll(/^\[[^\]/]+\/([^\]]+?)\s*\].*⭐ Run Set up job/gm)].map(([, name = ""]) => name)),
];

/** A pull request of a branch of that repository. */
function pullRequest(from: string) {
  const ref = (name: string, fullName: string) => ({ ref: name, sha: "0".repeat(40), repo: { full_name: fullName } });
  const head = ref("change", from);
  return { number: 7, pull_request: { number: 7, user: { login: "ann" }, head, base: ref("main", "lab/mesh") } };
}

const requests = (): readonly string[] => readFileSync(access.exchangesFile, "utf8").trim().split("\n");
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

beforeAll(async () => {
  await lab.run("heal", "--bare");
  repository = new ActRepository(lab, "example");
  repository.copy(join(example, ".github"), ".github");
  repository.copy(join(example, "policy.hujson"), "policy.hujson");
  // the mesh is the lab's, and so are its host keys
  for (const file of ["known_hosts", "ca.crt"]) repository.copy(lab.file(file), file);
  repository.write("tailmesh.yaml", `${lab.read("tailmesh-v2.yaml")}policy: { file: policy.hujson }\n`);
  repository.write(
    ".github/workflows/caller.yml",
    `name: caller
on: push
permissions: {}
jobs:
  mesh:
    uses: tailmesh/tailmesh/.github/workflows/mesh.yml@v${version}
    permissions: { contents: read, id-token: write }
    with:
      mode: plan
      fail-on-changes: true
      oauth-client-id: \${{ vars.TAILSCALE_CLIENT_ID }}
      audience: \${{ vars.TAILSCALE_AUDIENCE }}
      tailscale-archive: \${{ vars.TAILSCALE_ARCHIVE }}
      tailscale-sha256: \${{ vars.TAILSCALE_SHA256 }}
    secrets: { SSH_PRIVATE_KEY: "\${{ secrets.SSH_PRIVATE_KEY }}" }
`,
  );
  await repository.commit();
  // as somebody leaves the policy in Tailscale's console, so that a credential can hold the tag, and adopts it, once
  const curl = ["curl", "-sS", "-f", "-m", "10", "--cacert", access.caFile, "-u", `${access.apiKey}:`];
  const body = ["-H", "Content-Type: application/hujson", "--data-binary", `@${join(example, "policy.hujson")}`];
  await lab.runner([...curl, ...body, `${access.url}/api/v2/tailnet/-/acl`].map(quoted).join(" "));
  const identity = { "oauth-client-id": access.identityClientId, audience: access.audience };
  const adopted = await lab.action("acl-apply", {
    topology: "tailmesh-v2.yaml",
    "api-key": "",
    ...identity,
    adopt: "true",
  });
  expect(adopted.exit, adopted.log.slice(-2000)).toBe(0);
});

// its policy and its nodes' control server are not those that other cases begin with
afterAll(() => lab.run("heal", "--bare"));

it("the files that run are the example's, byte for byte", () => {
  const workflows = globSync("*.yml", { cwd: join(example, ".github", "workflows") }).sort();
  expect(workflows).toEqual(["chain.yml", "mesh.yml", "rotate.yml"]);
  for (const file of [...workflows.map((name) => join(".github", "workflows", name)), "policy.hujson"])
    expect(readFileSync(join(repository.folder, file))).toEqual(readFileSync(join(example, file)));
});

describe("before anything is joined", () => {
  it("a pull request from a fork is judged offline, says so, and asks nobody", async () => {
    const before = requests().length;
    const fork = await run(
      { name: "pull_request", workflow: "mesh.yml", payload: pullRequest("somebody/mesh") },
      noSettings,
    );
    expect(fork.exit, fork.log.slice(-3000)).toBe(0);
    expect(jobsOf(fork)).toEqual(["Validate offline (no secrets here)"]);
    expect(fork.log).toContain("neither the control server nor a node was asked");
    expect(fork.log).toMatch(/checked offline: 2 clusters with 3 nodes, its policy is valid/);
    expect(requests()).toHaveLength(before);
  });

  it("a pull request of this repository plans, with the plan in the summary, and changes nothing", async () => {
    const before = requests().length;
    const plan = await run({ name: "pull_request", workflow: "mesh.yml", payload: pullRequest("lab/mesh") });
    expect(plan.exit, plan.log.slice(-3000)).toBe(0);
    expect(jobsOf(plan)).toEqual(["Plan"]);
    expect(outputsOf(plan)).toMatchObject({ changed: "true", "plan-hash": expect.stringMatching(/^[0-9a-f]{64}$/) });
    const summary = plan.log.slice(plan.log.indexOf("Summary - "));
    expect(summary).toContain("would be made");
    for (const machine of machines) expect(summary).toContain(machine);
    const writes = requests()
      .slice(before)
      .filter((line) => /"method":"(POST|PUT|DELETE)"/.test(line));
    expect(writes.filter((line) => !/token|validate|preview/.test(line))).toEqual([]);
    expect(await lab.exec("oracle-1", "command -v tailscale || echo none")).toBe("none\n");
  });

  it("a dispatch on another ref is refused before anything is asked", async () => {
    await repository.branchOff("change");
    const before = requests().length;
    const refused = await run({ name: "workflow_dispatch", workflow: "mesh.yml", inputs: { mode: "apply" } });
    await repository.checkOut("main");
    expect(refused.exit).not.toBe(0);
    expect(refused.log).toContain("MESH_REF_NOT_ALLOWED");
    expect(refused.log).toContain("this run is on refs/heads/change; the default branch is main");
    expect(requests()).toHaveLength(before);
  });
});

describe("a push to main", () => {
  let chain: ActRun;
  beforeAll(async () => {
    chain = await run({ name: "push", workflow: "chain.yml" });
  });

  it("chain.yml: four steps join bare machines and prove the traffic", async () => {
    expect(chain.exit, chain.log.slice(-4000)).toBe(0);
    const steps = ["Apply the policy", "Mint keys", "Provision the nodes", "Check the traffic"];
    expect(stepsOf(chain)).toEqual(steps);
    const { verdict, "nodes-changed": changed = "" } = outputsOf(chain);
    expect(verdict).toBe("reachable");
    expect(changed.split(",").sort()).toEqual([...machines]);
    expect(await pathsOf(lab)).toBe("14 of 14");
  });

  it("its keys lay in a file of the job, which is gone with it", () => {
    expect(chain.keys).toHaveLength(machines.length);
    expect(repository.leftKeyFiles()).toEqual([]);
  });

  it("mesh.yml: changes nothing on what chain.yml made, and proves the traffic again", async () => {
    const before = await untouchedState(lab);
    const mesh = await run({ name: "push", workflow: "mesh.yml" });
    expect(mesh.exit, mesh.log.slice(-4000)).toBe(0);
    expect(jobsOf(mesh)).toEqual(["Converge"]);
    expect(outputsOf(mesh)).toMatchObject({ changed: "false", verdict: "reachable" });
    expect(await untouchedState(lab)).toEqual(before);
  });
});

describe("by hand, on the joined mesh", () => {
  it("mode plan for one cluster", async () => {
    const plan = await run({
      name: "workflow_dispatch",
      workflow: "mesh.yml",
      inputs: { mode: "plan", clusters: "oracle" },
    });
    expect(plan.exit, plan.log.slice(-3000)).toBe(0);
    expect(outputsOf(plan)).toMatchObject({ changed: "false", verdict: expect.any(String) });
    expect(plan.log).toContain("nothing would change");
  });

  it("an apply on another ref passes when its input lifts the refusal", async () => {
    await repository.branchOff("change");
    const inputs = { mode: "apply", "allow-ref": true };
    const lifted = await run({ name: "workflow_dispatch", workflow: "mesh.yml", inputs });
    await repository.checkOut("main");
    expect(lifted.exit, lifted.log.slice(-3000)).toBe(0);
    expect(outputsOf(lifted)).toMatchObject({ changed: "false", verdict: "reachable" });
  });

  it("a workflow of the user's that calls the shared one: nothing has drifted", async () => {
    const called = await run({ name: "push", workflow: "caller.yml" });
    expect(called.exit, called.log.slice(-3000)).toBe(0);
    expect(called.log).toContain("nothing would change");
  });
});

it("rotate.yml, on its schedule and by hand, with a real OpenBao beside the runner; and killed at every request", async () => {
  const vitest = join(checkout, "node_modules", "vitest", "vitest.mjs");
  const words = ["run", "--config", join(source, "vitest.config.ts"), "lab/within/rotation", "--reporter=verbose"];
  const within = await lab.try(["runner", "--", process.execPath, vitest, ...words]);
  expect(within.code, `${within.stdout}\n${within.stderr}`.slice(-4000)).toBe(0);
  for (const name of ["a key that is due is replaced by the scheduled run", "killed before and after every request"])
    expect(within.stdout).toContain(name);
});

describe("no secret", () => {
  it("in any of act's logs, which hide nothing by themselves: SSH key, ID token's request token, minted keys", () => {
    const minted = runs.flatMap(({ keys }) => keys);
    expect(minted).toHaveLength(machines.length);
    const secrets = [...Object.values(settings.secrets), access.idTokenRequestToken, ...minted];
    for (const { log } of runs) {
      for (const form of secrets.flatMap(leakForms)) expect(log.includes(form)).toBe(false);
      // ID tokens and the access tokens that they are exchanged for
      expect(log).not.toMatch(/eyJ[\w-]{10,}\.[\w-]{10,}|tskey-(api|client|auth)-[\w-]+-[\w-]{8,}|hskey-auth-\S{20,}/);
    }
  });

  it("is among the outputs of any step", () => {
    for (const [name, value] of runs.flatMap((one) => Object.entries(outputsOf(one))))
      expect(`${name}=${value}`).not.toMatch(/[th]skey-|BEGIN OPENSSH/);
  });
});
