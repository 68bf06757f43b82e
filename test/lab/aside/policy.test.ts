// A policy that others write too: edits in the console, somebody who writes in between, who would be locked out, and what is put
// back when links break.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as yaml from "yaml";
import { Lab } from "../client.ts";
import type { V2Access } from "../control-v2.ts";
import { ask, isWrite, requestsOf } from "../product.ts";

const lab = new Lab();
const access = JSON.parse(lab.read("control-v2.json")) as V2Access;
const v2 = { topology: "own-v2.yaml", "api-key": access.apiKey };

const own = `// Ours.
{
	"grants": [{"src": ["192.168.77.0/24"], "dst": ["192.168.78.0/24"], "ip": ["*"]}],
}
`;

/** The lab's topology with a policy file of its own, and with what else is to be different. */
function variant(name: string, from: string, change: (clusters: Record<string, { tag?: string }>) => void): void {
  const topology = yaml.parse(lab.read(from)) as { clusters: Record<string, { tag?: string }> };
  change(topology.clusters);
  writeFileSync(lab.file(name), yaml.stringify({ ...topology, policy: { file: "own.hujson" } }));
}

async function policy(): Promise<string> {
  return ((await ask(lab, "GET", "/api/v1/policy")) as { policy: string }).policy;
}

/** As somebody does it in a console: one more source in the rule that is ours. */
async function edit(): Promise<string> {
  const before = await policy();
  const after = before.replace('"192.168.77.0/24"', '"192.168.77.0/24", "192.168.79.0/24"');
  expect(after).not.toBe(before);
  await ask(lab, "PUT", "/api/v1/policy", { policy: after });
  expect(await policy()).toBe(after);
  return after;
}

const files = ["own.hujson", "own.yaml", "own-v2.yaml", "cloud.yaml"];

beforeAll(async () => {
  await lab.run("heal");
  const joined = await lab.action("converge");
  expect(joined.exit, joined.log.slice(-2000)).toBe(0);
  writeFileSync(lab.file("own.hujson"), own);
  variant("own.yaml", "tailmesh.yaml", () => undefined);
  variant("own-v2.yaml", "tailmesh-v2.yaml", () => undefined);
  variant("cloud.yaml", "tailmesh.yaml", (clusters) => {
    clusters["oracle"] = { ...clusters["oracle"], tag: "tag:cloud" };
  });
  const step = await lab.action("acl-apply", { topology: "own.yaml" });
  expect(step.exit, step.log.slice(-2000)).toBe(0);
  expect(await policy()).toContain("192.168.77.0/24");
});

afterAll(async () => {
  for (const file of files) rmSync(lab.file(file), { force: true });
  const step = await lab.action("acl-apply", { adopt: "true" });
  expect(step.exit, step.log.slice(-2000)).toBe(0);
});

describe("an edit in the console, on Headscale 0.29", () => {
  it("stops the run, which shows it and leaves it", async () => {
    const edited = await edit();
    const step = await lab.action("acl-apply", { topology: "own.yaml" });
    expect(step.exit).toBe(1);
    expect(step.log).toContain("::error title=MESH_POLICY_DRIFTED");
    expect(step.log).toContain("192.168.79.0/24");
    expect(await policy()).toBe(edited);
  });

  it("is taken back by on-drift: overwrite", async () => {
    const step = await lab.action("acl-apply", {
      topology: "own.yaml",
      "on-drift": "overwrite",
      allow: "create,update,delete",
    });
    expect(step.exit, step.log.slice(-2000)).toBe(0);
    expect(step.outputs["changed"]).toBe("true");
    expect(await policy()).not.toContain("192.168.79.0/24");
  });

  it("is kept by adopt, in the file of the checkout too, and then there is nothing to do", async () => {
    await edit();
    const step = await lab.action("acl-apply", { topology: "own.yaml", adopt: "true" });
    expect(step.exit, step.log.slice(-2000)).toBe(0);
    expect(await policy()).toContain("192.168.79.0/24");
    expect(readFileSync(lab.file("own.hujson"), "utf8")).toContain("192.168.79.0/24");
    const again = await lab.action("acl-apply", { topology: "own.yaml" }, "--debug");
    expect(again.exit, again.log.slice(-2000)).toBe(0);
    expect(again.outputs["changed"]).toBe("false");
    expect(requestsOf(again).filter(isWrite)).toEqual([]);
  });
});

describe("a policy that would lock out what is live", () => {
  // Adopting wrote nothing but the file: the mark is still that of the policy before the edit.
  const cloud = { topology: "cloud.yaml", "on-drift": "overwrite" };

  it("is not written", async () => {
    const before = await policy();
    const step = await lab.action("acl-apply", { ...cloud, allow: "create,update,delete" });
    expect(step.exit).toBe(1);
    expect(step.log).toContain("::error title=MESH_POLICY_LOCKOUT");
    expect(step.log).toContain("oracle-1 would lose the approval of its route 10.52.0.0/16");
    expect(await policy()).toBe(before);
  });

  it("is planned with allow-lockout, which says who is", async () => {
    const step = await lab.action("acl-apply", { ...cloud, mode: "plan", "allow-lockout": "true" });
    expect(step.exit, step.log.slice(-2000)).toBe(0);
    expect(step.log).toContain("allow-lockout: oracle-1 would lose the approval of its route 10.52.0.0/16");
  });
});

describe("somebody who writes between our reading and writing, on the v2 API", () => {
  /** Has somebody else write that, right before the next policy is written. */
  async function meddle(text: string): Promise<void> {
    writeFileSync(lab.file("meddled.hujson"), text);
    const token = `Authorization: Bearer ${access.idTokenRequestToken}`;
    const data = `--data-binary @${lab.file("meddled.hujson")}`;
    await lab.runner(`curl -sS -f -X POST -H '${token}' ${data} '${access.switchUrl}/meddle'`);
    rmSync(lab.file("meddled.hujson"));
  }

  const writes = (requests: readonly string[]): readonly string[] =>
    requests.filter((request) => request === "POST /api/v2/tailnet/-/acl");

  beforeAll(async () => {
    const step = await lab.action("acl-apply", v2);
    expect(step.exit, step.log.slice(-2000)).toBe(0);
  });

  it("goes on where the plan is the same", async () => {
    const text = readFileSync(lab.file("own.hujson"), "utf8");
    writeFileSync(lab.file("own.hujson"), text.replace("// Ours.", "// Ours, and more.").replace("77.0/24", "87.0/24"));
    await meddle(`${await policy()}// only a remark\n`);
    const inputs = { ...v2, "on-drift": "overwrite", allow: "create,update,delete" };
    const step = await lab.action("acl-apply", inputs, "--debug");
    expect(step.exit, step.log.slice(-2000)).toBe(0);
    expect(step.log).toContain("/acl → 412");
    expect(step.log).toContain("the plan is the same and goes on");
    expect(writes(requestsOf(step))).toHaveLength(2);
    expect(await policy()).toContain("192.168.87.0/24");
  });

  it("stops where it is not, and leaves what is there", async () => {
    const text = readFileSync(lab.file("own.hujson"), "utf8");
    writeFileSync(lab.file("own.hujson"), text.replace("87.0/24", "97.0/24"));
    const others = (await policy()).replace('"192.168.78.0/24"', '"192.168.78.0/24", "192.168.88.0/24"');
    await meddle(others);
    const inputs = { ...v2, "on-drift": "overwrite", allow: "create,update,delete" };
    const step = await lab.action("acl-apply", inputs, "--debug");
    expect(step.exit).toBe(1);
    expect(step.log).toContain("::error title=MESH_POLICY_CHANGED");
    expect(writes(requestsOf(step))).toHaveLength(1);
    expect(await policy()).toBe(others);
  });
});

describe("a link that worked before a write of the policy and not after it", () => {
  const given = '{"src": ["tag:oracle"], "dst": ["tag:homelab"], "ip": ["tcp:9999"]}';
  const withGrant = own.replace('"grants": [', `"grants": [\n\t\t${given},\n\t\t`);
  const inputs = { topology: "own.yaml", "on-drift": "overwrite", allow: "create,update,delete" };
  const breaks = ["--fault-on=policy written", "--fault=pod-dropped"] as const;

  beforeEach(async () => {
    writeFileSync(lab.file("own.hujson"), withGrant);
    const step = await lab.action("converge", inputs);
    expect(step.exit, step.log.slice(-2000)).toBe(0);
    expect(await policy()).toContain("tcp:9999");
  });

  afterEach(async () => {
    await lab.run("heal");
  });

  it("has the policy of before put back", async () => {
    const before = await policy();
    writeFileSync(
      lab.file("own.hujson"),
      withGrant.replace('"192.168.77.0/24"', '"192.168.77.0/24", "192.168.80.0/24"'),
    );
    const step = await lab.action("converge", inputs, ...breaks);
    expect(step.exit).toBe(1);
    expect(step.log).toContain("::error title=MESH_REGRESSION");
    expect(step.log).toContain("the previous policy is in force again");
    expect(await policy()).toBe(before);
  });

  it("gives nothing back that the write took away", async () => {
    writeFileSync(lab.file("own.hujson"), own);
    const step = await lab.action("converge", inputs, ...breaks);
    expect(step.exit).toBe(1);
    expect(step.log).toContain("::error title=MESH_REGRESSION");
    expect(step.log).toMatch(/the policy stays as written: the one before would give back what was taken away .*9999/);
    expect(await policy()).not.toContain("tcp:9999");
  });
});
