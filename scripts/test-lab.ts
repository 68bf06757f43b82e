// The lab's cases from nothing: packages, tools, `up`, the cases, `down`. Says last how many passed, failed and were skipped.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab } from "../test/lab/client.ts";
import { installPackages } from "../test/lab/debian.ts";
import { attach } from "../test/lab/exec.ts";
import { lookAtMachine } from "../test/lab/machine.ts";
import { checkout } from "../test/lab/paths.ts";
import { whyNot } from "../test/lab/requirements.ts";

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

const none: Count = { passed: 0, failed: 0, skipped: 0 };

const sum = (a: Count, b: Count): Count => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** The cases of one folder, one after the other. */
async function runCases(folder: string, machine: string, scratch: string, filters: readonly string[]): Promise<Count> {
  const report = join(scratch, `${folder}.json`);
  const vitest = join(checkout, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=verbose", "--reporter=json", `--outputFile.json=${report}`];
  const config = ["--config", join(checkout, "test", "lab", "vitest.config.ts")];
  // what is asked for may be in the other folder; all of a folder is never nothing
  const which =
    filters.length === 0 ? [`lab/${folder}/`] : ["--passWithNoTests", ...filters.map((f) => `${folder}/${f}`)];
  const env = { ...process.env, TAILMESH_LAB_MACHINE: machine };
  const words = [process.execPath, vitest, "run", ...config, ...reporters, ...which];
  return readReport(report, await attach(words, { env, cwd: checkout }));
}

async function cases(lab: Lab, scratch: string, filters: readonly string[]): Promise<Count> {
  const machine = join(scratch, "machine.json");
  await installPackages();
  await lab.run("down");
  const before = await lookAtMachine();
  writeFileSync(machine, JSON.stringify(before));
  let count: Count = { ...none, failed: 1 };
  try {
    if ((await attach(lab.argv("up"), { milliseconds: 3_600_000 })) === 0) {
      const run = (folder: string) => runCases(folder, machine, scratch, filters);
      count = (await Promise.all(["cases", "aside"].map(run))).reduce(sum, none);
    }
  } finally {
    await attach(lab.argv("down"), { milliseconds: 120_000 });
  }
  const after = await lookAtMachine();
  for (const part of Object.keys(before) as (keyof typeof before)[]) {
    if (JSON.stringify(after[part]) === JSON.stringify(before[part])) continue;
    process.stdout.write(
      `the machine's ${part} differ from before:\n${JSON.stringify(before[part])}\n${JSON.stringify(after[part])}\n`,
    );
    count = { ...count, failed: count.failed + 1 };
  }
  return count;
}

const required = process.env["TAILMESH_LAB"] === "required";
const reason = whyNot();
if (reason) {
  process.stdout.write(`the lab was not run: ${reason}\n`);
  close(required ? { passed: 0, failed: 1, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 });
} else {
  const scratch = mkdtempSync(join(tmpdir(), "tailmesh-lab-report-"));
  try {
    close(await cases(new Lab(), scratch, process.argv.slice(2)));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
