import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { applyPolicy } from "../../src/policy/apply.ts";
import { type PolicySettings, policyJob } from "../../src/policy/job.ts";
import { FakeControl, fakeDevice, headscaleCapabilities } from "../support/fake-control.ts";
import { MemoryWorkspace } from "../support/memory-workspace.ts";
import { RecordingReporter } from "../support/recording-reporter.ts";
import { sampleMesh } from "../support/sample-mesh.ts";

const team = readFileSync(new URL("../fixtures/policy/team.hujson", import.meta.url), "utf8");

function setUp(control: FakeControl, settings: Partial<PolicySettings> = {}, files: Record<string, string> = {}) {
  const workspace = new MemoryWorkspace(files);
  const reporter = new RecordingReporter();
  const job = policyJob(
    { control, workspace, reporter },
    { mesh: sampleMesh(), adopt: false, onDrift: "fail", ...settings },
  );
  const run = async () => {
    const planned = job.plan(await job.observe());
    if (planned.plan.changes.length > 0) await job.apply(planned);
    return { planned, outcome: await job.verify(planned) };
  };
  return { workspace, reporter, job, run };
}

describe("the job", () => {
  test("first run writes once, the second reads once", async () => {
    const control = new FakeControl();
    const first = await setUp(control).run();
    expect(control.calls).toEqual(["getPolicy", "listDevices", "checkPolicy", "setPolicy", "getPolicy"]);
    expect(control.policy).toBe(first.planned.text);
    control.calls.length = 0;
    const second = await setUp(control).run();
    expect(control.calls).toEqual(["getPolicy"]);
    expect(second.planned.plan.changes).toEqual([]);
    expect(second.outcome.outputs).toEqual({ etag: (await control.getPolicy()).version, "diff-file": "" });
  });

  test("the diff is written to a file and stands in the summary", async () => {
    const { run, workspace } = setUp(new FakeControl({ policy: team }), { adopt: true });
    const { outcome } = await run();
    expect(outcome.outputs["diff-file"]).toBe("/run/policy.diff");
    expect(workspace.runFiles.get("/run/policy.diff")?.content).toContain('+\t\t"tag:oracle": ["tag:ci"],');
    expect(outcome.summary.join("\n")).toContain("```diff\n--- policy on the server");
  });

  test("plan mode shows a refusal, apply throws it after the diff, and nothing is written", async () => {
    const control = new FakeControl({ policy: team });
    const { job, reporter } = setUp(control);
    const planned = job.plan(await job.observe());
    expect(job.preview(planned).summary.join("\n")).toContain("MESH_POLICY_FOREIGN");
    await expect(job.apply(planned)).rejects.toMatchObject({ code: "MESH_POLICY_FOREIGN" });
    expect(reporter.lines).toContain('+\t\t"tag:homelab": ["tag:ci"],');
    expect([control.writes, control.policy]).toEqual([0, team]);
  });

  test("devices outside the topology stop the first policy; the clusters' own do not", async () => {
    const own = new FakeControl({ devices: [fakeDevice("homelab-1", ["tag:homelab"])] });
    await expect(setUp(own).run()).resolves.toBeDefined();
    const others = new FakeControl({ devices: [fakeDevice("laptop", [])] });
    await expect(setUp(others).run()).rejects.toMatchObject({ code: "MESH_POLICY_DEFAULT_IN_USE" });
    expect(others.writes).toBe(0);
  });

  test("policy files are read; a missing one is named", async () => {
    const mesh = sampleMesh(undefined, { policyFiles: ["team.hujson"] });
    const control = new FakeControl();
    await setUp(control, { mesh }, { "team.hujson": team }).run();
    expect(control.policy).toContain("// ask Ada");
    await expect(setUp(control, { mesh }).run()).rejects.toMatchObject({
      code: "MESH_POLICY_FILE_MISSING",
      where: { file: "team.hujson" },
    });
  });

  test("a hostile comment cannot leave the fence of the summary", async () => {
    const evil = `// \`\`\`\`\`\n// </details><img src=x> \u001b[2J\n// ::error::x\n${team}`;
    const { outcome } = await setUp(new FakeControl({ policy: evil }), { adopt: true }).run();
    const block = outcome.summary.find((b) => b.includes("diff\n")) ?? "";
    const fence = /\n(`+)diff\n/.exec(block)?.[1] ?? "";
    expect(fence.length).toBeGreaterThan(5);
    expect(block.split(fence)).toHaveLength(3);
    expect(block).not.toContain("\u001b");
  });
});

describe("applyPolicy", () => {
  const planned = async (control: FakeControl) => {
    const { job } = setUp(control);
    return job.plan(await job.observe());
  };

  test("findings of the check stop it before the write, with place and quoted line", async () => {
    const control = new FakeControl();
    control.findings = [{ severity: "error", text: "group not defined\n::error::\u001b[1m", line: 5, column: 9 }];
    const plan = await planned(control);
    const failure = await applyPolicy(control, plan, new RecordingReporter()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "MESH_POLICY_REJECTED", where: { address: "policy", line: 5, column: 9 } });
    expect(String(failure)).toContain('which is:     "tag:ci": []');
    for (const raw of ["\n", "\u001b"]) expect(String(failure)).not.toContain(raw);
    expect(control.count("setPolicy")).toBe(0);
  });

  test("without a check the write's own findings count", async () => {
    const policy = { ...headscaleCapabilities.policy, validate: "none" } as const;
    const control = new FakeControl({ capabilities: { ...headscaleCapabilities, policy } });
    control.findings = Array.from({ length: 50 }, (_, i) => ({ severity: "error", text: `test ${i} failed` }) as const);
    const failure = await applyPolicy(control, await planned(control), new RecordingReporter()).catch(
      (e: unknown) => e,
    );
    expect(failure).toMatchObject({ code: "MESH_POLICY_REJECTED" });
    expect(String(failure)).toContain("test 0 failed; test 1 failed");
    expect(String(failure)).not.toContain("test 20 failed");
    expect(control.count("checkPolicy")).toBe(0);
  });

  test("a change in between is a conflict, and stays", async () => {
    const control = new FakeControl();
    const plan = await planned(control);
    control.policy = team;
    await expect(applyPolicy(control, plan, new RecordingReporter())).rejects.toMatchObject({
      code: "MESH_POLICY_CHANGED",
    });
    expect(control.policy).toBe(team);
  });

  test("what is read back must mean the same, comments aside", async () => {
    const control = new FakeControl();
    const plan = await planned(control);
    control.before = (call) => {
      if (call === "getPolicy") control.policy = control.policy?.replace(/\/\/.*\n/g, "\n");
    };
    await expect(applyPolicy(control, plan, new RecordingReporter())).resolves.toBeDefined();
    const other = new FakeControl();
    const lost = await planned(other);
    other.before = (call) => {
      if (call === "getPolicy") other.policy = "{}";
    };
    await expect(applyPolicy(other, lost, new RecordingReporter())).rejects.toMatchObject({
      code: "MESH_POLICY_NOT_STORED",
    });
  });
});
