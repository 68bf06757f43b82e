/** `npm test`: all that needs Node only. Prints last `N passed, N failed, N skipped`; each check of the sources counts as one. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = join(import.meta.dirname, "..");
const bin = (name: string): string => join(root, "node_modules", name);

/** Milliseconds after which the tests are given up: they take minutes, never this long. */
const patience = 15 * 60 * 1000;

const checks: readonly (readonly [title: string, args: readonly string[]])[] = [
  ["lint", [bin("@biomejs/biome/bin/biome"), "check", "--max-diagnostics=50", "."]],
  ["workflows", ["scripts/lint-workflows.ts"]],
  ["types", [bin("typescript/bin/tsc"), "--noEmit"]],
  ["generated files", ["scripts/generate.ts", "--check"]],
  ["dist", ["scripts/check-dist.ts"]],
];

const VitestSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

const counts = [...checks.map(([title, args]) => runCheck(title, args)), runTests()];
const total = counts.reduce((a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
}));
console.log("The lab (real machines, Kubernetes, Headscale) was not run: `npm run test:lab`, on Linux as root.");
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

function runCheck(title: string, args: readonly string[]): Count {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args], { cwd: root, encoding: "utf8" });
  const good = status === 0;
  console.log(`${good ? "ok  " : "FAIL"} ${title} (${Math.round(performance.now() - started)} ms)`);
  if (!good) console.log(`${stdout}${stderr}`.trimEnd());
  return { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0 };
}

/** A test file that cannot be loaded counts as one failure, and so do tests that never end. */
function runTests(): Count {
  const folder = mkdtempSync(join(tmpdir(), "tailmesh-test-"));
  try {
    const report = join(folder, "report.json");
    const args = [
      bin("vitest/vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ];
    const { status } = spawnSync(process.execPath, [...args, ...process.argv.slice(2)], {
      cwd: root,
      stdio: "inherit",
      timeout: patience,
      killSignal: "SIGKILL",
    });
    if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
    const result = VitestSchema.parse(JSON.parse(readFileSync(report, "utf8")));
    const broken = result.testResults.filter(
      (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
    );
    const failed = result.numFailedTests + broken.length;
    return {
      passed: result.numPassedTests,
      failed: failed === 0 && status !== 0 ? 1 : failed,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
