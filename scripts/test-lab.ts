// The lab's cases from nothing: packages, tools, two labs side by side, their cases, `down`. Says last how many passed, failed and were skipped.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab } from "../test/lab/client.ts";
import { attach } from "../test/lab/exec.ts";
import { lookAtMachine, type Machine } from "../test/lab/machine.ts";
import { checkout } from "../test/lab/paths.ts";
import { whyNot } from "../test/lab/requirements.ts";
import { build } from "../test/lab/up.ts";

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

function close(count: Count): void {
  process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  process.exitCode = count.failed === 0 ? 0 : 1;
}

/** What the cases came to; a file that did not even load has failed, and so has a run that says nothing. */
function readReport(file: string, code: number): Count {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  const failed = Math.max(report.numFailedTests, report.numFailedTestSuites > 0 ? 1 : 0, code === 0 ? 0 : 1);
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests };
}

const scratch = mkdtempSync(join(tmpdir(), "tailmesh-lab-report-"));

const none: Count = { passed: 0, failed: 0, skipped: 0 };

const sum = (a: Count, b: Count): Count => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** The labs, each with the folder of its cases. */
const labs = { cases: new Lab(checkout, ".lab"), aside: new Lab(checkout, ".lab-aside") };
type Folder = keyof typeof labs;

/** Whether a folder has any of the cases asked for. */
function isWanted(folder: Folder, filters: readonly string[]): boolean {
  const files = readdirSync(join(checkout, "test", "lab", folder));
  return filters.length === 0 || files.some((file) => filters.some((filter) => file.includes(filter)));
}

/** The cases of one folder, one after the other. */
async function runCases(folder: Folder, env: NodeJS.ProcessEnv, filters: readonly string[]): Promise<Count> {
  const report = join(scratch, `${folder}.json`);
  const vitest = join(checkout, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=verbose", "--reporter=json", `--outputFile.json=${report}`];
  const config = ["--config", join(checkout, "test", "lab", "vitest.config.ts")];
  const which = filters.length === 0 ? [`lab/${folder}/`] : filters.map((filter) => `lab/${folder}/${filter}`);
  const words = [process.execPath, vitest, "run", ...config, ...reporters, ...which];
  return readReport(report, await attach(words, { env, cwd: checkout }));
}

/** A lab's whole life. */
async function runLab(folder: Folder, before: Machine, filters: readonly string[]): Promise<Count> {
  const lab = labs[folder];
  const machine = join(scratch, "machine.json");
  writeFileSync(machine, JSON.stringify(before));
  try {
    if ((await attach(lab.argv("up"), { env: lab.env, milliseconds: 3_600_000 })) !== 0) return { ...none, failed: 1 };
    return await runCases(folder, { ...lab.env, TAILMESH_LAB_MACHINE: machine }, filters);
  } finally {
    await attach(lab.argv("down"), { env: lab.env, milliseconds: 120_000 });
  }
}

/** One failure for each part of the machine that is not as before. */
async function changesOf(folder: Folder, before: Machine): Promise<Count> {
  const after = await lookAtMachine(labs[folder].folder);
  let failed = 0;
  for (const part of Object.keys(before) as (keyof typeof before)[]) {
    if (JSON.stringify(after[part]) === JSON.stringify(before[part])) continue;
    process.stdout.write(
      `the machine's ${part} differ from before:\n${JSON.stringify(before[part])}\n${JSON.stringify(after[part])}\n`,
    );
    failed += 1;
  }
  return { ...none, failed };
}

async function cases(filters: readonly string[]): Promise<Count> {
  const folders = (Object.keys(labs) as Folder[]).filter((folder) => isWanted(folder, filters));
  if (folders.length === 0) throw new Error(`no cases are called ${filters.join(", ")}`);
  // whatever an earlier run left; and tools, which either needs, are built once
  for (const lab of Object.values(labs)) await lab.run("down");
  await build();
  const befores = await Promise.all(folders.map((folder) => lookAtMachine(labs[folder].folder)));
  const counts = await Promise.all(folders.map((folder, n) => runLab(folder, befores[n] as Machine, filters)));
  const changes = await Promise.all(folders.map((folder, n) => changesOf(folder, befores[n] as Machine)));
  return [...counts, ...changes].reduce(sum, none);
}

const required = process.env["TAILMESH_LAB"] === "required";
const reason = whyNot();
if (reason) {
  process.stdout.write(`the lab was not run: ${reason}\n`);
  close(required ? { passed: 0, failed: 1, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 });
} else {
  try {
    close(await cases(process.argv.slice(2)));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
