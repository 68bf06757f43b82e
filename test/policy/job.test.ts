/** acl-apply's job: drift and adoption, tests that wait, conflicts, previews, and what reviewers see. */
import { describe, expect, test } from "vitest";
import { githubError } from "../../src/adapters/github/errors.ts";
import { allErrors, MeshError } from "../../src/mesh/error.ts";
import type { Mesh } from "../../src/mesh/mesh.ts";
import { applyHeldTests } from "../../src/policy/apply.ts";
import { type PolicyPorts, type PolicySettings, policyJob } from "../../src/policy/job.ts";
import { withMarker, withoutMarker } from "../../src/policy/marker.ts";
import { renderLocally } from "../../src/policy/render.ts";
import type { Capabilities, PolicyPreview } from "../../src/ports/control.ts";
import type { Version } from "../../src/ports/history.ts";
import { FakeControl, fakeDevice, headscaleCapabilities } from "../support/fake-control.ts";
import { MemoryWorkspace } from "../support/memory-workspace.ts";
import { RecordingReporter } from "../support/recording-reporter.ts";
import { sampleCluster, sampleMesh } from "../support/sample-mesh.ts";

const mesh = sampleMesh(undefined, { policyFiles: ["policy.hujson"] });
const file = '{\n  // ours\n  "groups": { "group:a": ["a@example.com"] },\n  "grants": [],\n}\n';
const posted = renderLocally(mesh, [{ file: "policy.hujson", text: file }], undefined);
const grant = '{ "src": ["b@example.com"], "dst": ["*"], "ip": ["tcp:22"] }';
const edited = posted.replace('"grants": [', `"grants": [\n    ${grant},`);
const newFile = file.replace('"a@example.com"', '"a@example.com", "c@example.com"');

interface Setting {
  readonly stored?: string;
  readonly capabilities?: Partial<Capabilities["policy"]>;
  readonly files?: Readonly<Record<string, string>>;
  readonly versions?: readonly Version[];
  readonly settings?: Partial<PolicySettings>;
  readonly ports?: Partial<PolicyPorts>;
}

function setUp({ stored, capabilities, files, versions, settings, ports }: Setting) {
  const policy = { ...headscaleCapabilities.policy, ...capabilities };
  const control = new FakeControl({
    ...(stored === undefined ? {} : { policy: stored }),
    capabilities: { ...headscaleCapabilities, policy },
  });
  const workspace = new MemoryWorkspace(files ?? { "policy.hujson": file });
  const reporter = new RecordingReporter();
  const history = { versions: async () => versions ?? [] };
  const past = { history, topology: "tailmesh.yaml", readMesh: () => mesh };
  const job = policyJob(
    { control, workspace, reporter, past, ...ports },
    { mesh, adopt: false, onDrift: "fail", ...settings },
  );
  const plan = async () => job.plan(await job.observe());
  const run = async () => {
    const planned = await plan();
    if (planned.plan.changes.length > 0) await job.apply(planned);
    return planned;
  };
  return { control, workspace, reporter, job, plan, run };
}

const version = (commit: string, text: string): Version => ({
  commit,
  texts: new Map([
    ["policy.hujson", text],
    ["tailmesh.yaml", ""],
  ]),
});

describe("edited elsewhere", () => {
  const changed = { stored: edited, files: { "policy.hujson": newFile } };

  test("what was written last is found in the history, and the edits are told by it", async () => {
    const { plan, reporter, job } = setUp({
      ...changed,
      versions: [version("n".repeat(40), newFile), version("abc", file)],
    });
    const planned = await plan();
    expect(planned.edits?.kind).toBe("three-way");
    expect(planned.edits?.shown.join("\n")).toMatch(/^\+ policy\/grants\/[0-9a-f]{8}: .*b@example\.com.*$/);
    expect(planned.blocked).toMatchObject({ code: "MESH_POLICY_DRIFTED" });
    expect(planned.blocked?.message).toContain("b@example.com");
    expect(reporter.lines.join("\n")).toContain("Edited elsewhere since Tailmesh last wrote it (from commit abc)");
    expect(job.preview(planned).summary.join("\n")).toContain("from commit abc");
  });

  test("an adopted file in the history is what was written", async () => {
    const rewritten = version("def", withoutMarker(posted));
    expect((await setUp({ ...changed, versions: [rewritten] }).plan()).edits?.basis).toBe("def");
  });

  test("without it the difference is two-way, and says so", async () => {
    const { plan, reporter } = setUp({ ...changed, versions: [version("abc", newFile)] });
    const planned = await plan();
    expect(planned.edits).toMatchObject({ kind: "two-way", shown: [] });
    expect(planned.blocked?.code).toBe("MESH_POLICY_DRIFTED");
    expect(reporter.lines.join("\n")).toMatch(/two-way: .*Git history/);
  });

  test("nothing is looked for, and nobody asked for devices, where there is nothing to write", async () => {
    let looks = 0;
    const past: PolicyPorts["past"] = {
      history: {
        async versions() {
          looks += 1;
          return [];
        },
      },
      topology: "t",
      readMesh: () => mesh,
    };
    const { control, run } = setUp({ stored: posted, ports: { past } });
    await run();
    expect([looks, control.calls]).toEqual([0, ["getPolicy"]]);
  });

  test("overwrite goes on with the file", async () => {
    const { control, run } = setUp({ ...changed, settings: { onDrift: "overwrite" } });
    await run();
    expect(control.policy).not.toContain("b@example.com");
    expect(control.policy).toContain("c@example.com");
  });
});

describe("adopt", () => {
  test("the policy on the server is the base, goes on, and becomes the file", async () => {
    const foreign = `{\n  // console\n  "grants": [${grant}],\n}\n`;
    const first = setUp({ stored: foreign, settings: { adopt: true } });
    const planned = await first.run();
    expect(planned.plan.changes.at(-1)).toMatchObject({
      address: "workspace/policy.hujson",
      resource: "file",
      kind: "update",
    });
    expect(first.control.policy).toContain("// console");
    expect(first.workspace.files.get("policy.hujson")).toBe(withoutMarker(first.control.policy ?? ""));
    const files = Object.fromEntries(first.workspace.files);
    for (const adopt of [false, true]) {
      const again = setUp({
        ...(first.control.policy === undefined ? {} : { stored: first.control.policy }),
        files,
        settings: { adopt },
      });
      expect((await again.run()).plan.changes).toEqual([]);
      expect(again.control.calls).toEqual(["getPolicy"]);
    }
  });

  test("edits that change no entry come into the file, and the mark says so: the next change is not taken for drift", async () => {
    const { control, workspace, run } = setUp({ stored: edited, settings: { adopt: true } });
    const planned = await run();
    expect(planned.plan.changes.map((c) => c.address)).toEqual(["policy/mark", "workspace/policy.hujson"]);
    expect(workspace.files.get("policy.hujson")).toBe(withoutMarker(edited));
    const stored = control.policy ?? "";
    expect([control.writes, withoutMarker(stored)]).toEqual([1, withoutMarker(edited)]);
    const files = Object.fromEntries(workspace.files);
    for (const adopt of [false, true]) {
      const again = setUp({ stored, files, settings: { adopt } });
      expect((await again.run()).plan.changes).toEqual([]);
    }
    const more = withoutMarker(edited).replace(
      /("grants": \[)/,
      `$1{ "src": ["c@example.com"], "dst": ["tag:ci"], "ip": ["*"] }, `,
    );
    const next = setUp({ stored, files: { ...files, "policy.hujson": more } });
    const { plan, blocked } = await next.plan();
    expect([plan.changes.length > 0, blocked]).toEqual([true, null]);
  });

  test("plan mode writes nothing, several parts stay as they are and that is said", async () => {
    const planning = setUp({ stored: edited, settings: { adopt: true } });
    await planning.plan();
    expect(planning.workspace.files.get("policy.hujson")).toBe(file);
    const parts = { ...mesh, policyFiles: ["policy.hujson", "more.hujson"] };
    const files = { "policy.hujson": file, "more.hujson": "{}" };
    const { workspace, reporter, run } = setUp({ stored: edited, files, settings: { adopt: true, mesh: parts } });
    await run();
    expect(Object.fromEntries(workspace.files)).toEqual(files);
    expect(reporter.warnings.join("\n")).toContain("bring your files up to date");
  });
});

describe("a server that drops comments", () => {
  const bare = (text: string) => text.replace(/\/\/.*/g, (comment) => " ".repeat(comment.length));
  const capabilities = { keepsComments: false };

  test("a commented file is nothing to write", async () => {
    const { control, run } = setUp({ stored: bare(posted), capabilities });
    expect((await run()).plan.changes).toEqual([]);
    expect(control.calls).toEqual(["getPolicy"]);
  });

  test("what is ours is recognised by its entries; what would lose nothing goes on, two-way", async () => {
    const { control, reporter, run } = setUp({
      stored: bare(posted),
      capabilities,
      files: { "policy.hujson": `${file.slice(0, -2)}  "hosts": { "h": "192.0.2.1" },\n}\n` },
    });
    await run();
    expect(control.policy).toContain('"h": "192.0.2.1"');
    expect(reporter.lines.join("\n")).toContain("two-way: this server drops comments");
  });

  test("entries that the file lacks stop it, unless the history shows them to be ours", async () => {
    const files = { "policy.hujson": newFile };
    const stopped = await setUp({ stored: bare(edited), capabilities, files }).plan();
    expect(stopped.blocked?.code).toBe("MESH_POLICY_DRIFTED");
    const known = await setUp({ stored: bare(posted), capabilities, files, versions: [version("abc", file)] }).plan();
    expect([known.blocked, known.edits]).toEqual([null, null]);
  });

  test("a policy of others is one", async () => {
    const planned = await setUp({ stored: `{"grants": [${grant}]}`, capabilities }).plan();
    expect(planned.blocked?.code).toBe("MESH_POLICY_FOREIGN");
  });
});

describe("tests that need a device", () => {
  const own = `${file.slice(0, -2)}  "tagOwners": { "tag:nas": [] },\n  "tests": [\n    // later\n    { "src": "tag:nas", "deny": ["10.42.0.1:443"] },\n    { "src": "10.42.0.9", "deny": ["192.0.2.9:443"] },\n  ],\n}\n`;
  const files = { "policy.hujson": own };

  test("are held back on Headscale until somebody has one, and said", async () => {
    const { control, reporter, run } = setUp({ files });
    const planned = await run();
    expect(planned.held).toEqual([{ line: 8, needs: "tag:nas" }]);
    expect(control.policy).not.toContain('"src": "tag:nas"');
    expect(control.policy).toContain("10.42.0.9");
    expect(reporter.warnings.join("\n")).toMatch(/test in line 8 .* held back: nobody is tag:nas yet/);
    const again = setUp({ files, ...(control.policy === undefined ? {} : { stored: control.policy }) });
    expect((await again.run()).plan.changes).toEqual([]);
    expect(again.control.writes).toBe(0);
    again.control.devices = [fakeDevice("nas", ["tag:nas"])];
    await again.run();
    expect(again.control.policy).toContain('"src": "tag:nas"');
  });

  test("after the join they are written, and nothing else is", async () => {
    const { control, run, reporter } = setUp({ files });
    const planned = await run();
    expect(await applyHeldTests(control, planned, [], reporter)).toBeUndefined();
    const nas = fakeDevice("nas", ["tag:nas"]);
    await applyHeldTests(control, planned, [nas], reporter);
    expect(control.policy).toContain('"src": "tag:nas"');
    control.policy = edited;
    expect(await applyHeldTests(control, planned, [nas], reporter)).toBeUndefined();
    expect(control.policy).toBe(edited);
  });

  test("go along where the server judges by rules alone", async () => {
    const { control, run } = setUp({ files, capabilities: { testsNeedNodes: false } });
    await run();
    expect(control.policy).toContain('"src": "tag:nas"');
  });
});

describe("the write", () => {
  /** Somebody edits between reading and writing. */
  const meddle = (control: FakeControl, change: (text: string) => string): void => {
    control.before = (call) => {
      if (call !== "setPolicy" || control.count("setPolicy") > 1) return;
      control.policy = change(control.policy ?? "");
    };
  };
  const files = { "policy.hujson": newFile };

  test("a change that leaves the plan the same: read again, and written", async () => {
    const { control, run, reporter } = setUp({ stored: posted, files });
    meddle(control, (text) => text.replace("// ours", "// OURS"));
    await run();
    expect(control.policy).toContain("c@example.com");
    expect(control.count("setPolicy")).toBe(2);
    expect(reporter.lines.join("\n")).toContain("the plan is the same");
  });

  test("a change that leads to another plan stays", async () => {
    const { control, run } = setUp({ stored: posted, files });
    meddle(control, () => edited);
    await expect(run()).rejects.toMatchObject({ code: "MESH_POLICY_CHANGED" });
    expect(control.policy).toBe(edited);
  });

  test("is asked for its version by the server that has none of its own, right before", async () => {
    const { control, run } = setUp({ stored: posted, files });
    await run();
    expect(control.calls).toEqual(["getPolicy", "listDevices", "checkPolicy", "setPolicy", "getPolicy"]);
  });

  test.each(["", "null", "{}", '{"grants": null}', "// nothing\n"])(
    "nothing empty is ever planned to be written: %j",
    async (text) => {
      const { control, run } = setUp({ stored: posted, files: { "policy.hujson": text } });
      await run().catch((error: unknown) => expect(error).toBeInstanceOf(MeshError));
      expect(control.policy).toMatch(/"(grants|acls)": \[/);
    },
  );
});

describe("the server's preview", () => {
  const laptop = fakeDevice("laptop", [], { user: "b@example.com", addresses: ["100.64.0.7"] });
  const asked: string[] = [];

  function previewing(answer: (text: string) => PolicyPreview) {
    const bench = setUp({ stored: edited, capabilities: { preview: true }, settings: { onDrift: "overwrite" } });
    bench.control.devices = [laptop];
    Object.assign(bench.control, {
      previewPolicy: async (text: string, type: string, target: string) => {
        asked.push(`${type} ${target}`);
        return answer(text);
      },
    });
    return bench;
  }

  test("is believed where it says that somebody is left without a rule", async () => {
    const { plan } = previewing((text) => ({
      kind: "matches",
      matches: text === edited ? [{ users: ["b@example.com"], ports: ["*:22"], line: 9 }] : [],
    }));
    const { blocked } = await plan();
    expect(
      blocked &&
        allErrors(blocked)
          .map((e) => e.message)
          .join("\n"),
    ).toMatch(/b@example\.com would be left without any rule/);
    expect(new Set(asked)).toEqual(new Set(["user b@example.com"]));
  });

  test("that fails proves nothing", async () => {
    const { plan } = previewing(() => ({ kind: "unsupported" }));
    expect((await plan()).blocked).toBeNull();
  });
});

describe("on a pull request", () => {
  function reviewing(comment: (marker: string, body: string) => Promise<void>, isPullRequest = true) {
    const stored = posted.replace("// ours", "// </details>\n  // ````` ::error::x @someone <img src=x>");
    return setUp({
      stored,
      files: { "policy.hujson": newFile },
      ports: { forge: { isPullRequest, comment }, shown: (text) => text.replaceAll("c@example.com", "user-1") },
    });
  }

  test("one comment: refusals, access, differences, hash; masked, and inert", async () => {
    const written: (readonly [string, string])[] = [];
    const { job, plan } = reviewing(async (marker, body) => void written.push([marker, body]));
    await job.publish?.(await plan(), "f".repeat(64));
    const [[marker = "", body = ""] = []] = written;
    expect(marker).toMatch(/^<!-- tailmesh acl-apply [0-9a-f]{16} -->$/);
    expect(body).toContain("1 change would be made");
    expect(body).toContain("user-1");
    expect(body).not.toContain("c@example.com");
    expect(body).toContain("f".repeat(64));
    const outside = body.replace(/(`{3,})diff\n[\s\S]*?\n\1\n/g, "");
    for (const raw of ["<img", "@someone", "::error"]) expect(outside).not.toContain(raw);
    expect(body.length).toBeLessThan(65_000);
  });

  test("a comment that is refused is a warning; elsewhere there is none", async () => {
    const refused = reviewing(async () => {
      throw githubError("MESH_GITHUB_COMMENT", "403");
    });
    await refused.job.publish?.(await refused.plan(), "");
    expect(refused.reporter.warnings.join("\n")).toContain("MESH_GITHUB_COMMENT: 403");
    const elsewhere = reviewing(async () => expect.unreachable(), false);
    await elsewhere.job.publish?.(await elsewhere.plan(), "");
  });

  test("a plan too long for a comment is cut at a block", async () => {
    const written: string[] = [];
    const clusters = Array.from({ length: 40 }, (_, i) => sampleCluster(`cluster-${i}`, 10 + 2 * i));
    const many: Mesh = sampleMesh(clusters, { policyFiles: ["policy.hujson"] });
    const { job, plan } = setUp({
      stored: withMarker('{"grants": []}\n'),
      settings: { mesh: many },
      ports: { forge: { isPullRequest: true, comment: async (_, body) => void written.push(body) } },
    });
    await job.publish?.(await plan(), "");
    expect(written[0]?.length).toBeLessThan(65_000);
    expect(written[0]).toContain("The rest is left out");
  });
});

test("the diff file tells entries, access and text", async () => {
  const { plan, workspace } = setUp({
    stored: posted,
    files: { "policy.hujson": file.replace('"grants": []', `"grants": [${grant}]`) },
  });
  await plan();
  const text = workspace.runFiles.get("/run/policy.diff")?.content ?? "";
  expect(text).toMatch(/^policy\.grants\n {2}create policy\/grants\/[0-9a-f]{8}: your policy file has it\n/);
  expect(text).toContain("--- policy on the server\n+++ policy of the topology\n");
});
