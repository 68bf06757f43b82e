/** How long each action takes to start: imports, inputs, the report that one is missing. Beside it bare Node, in the same run. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { actionFiles, readAction } from "../../scripts/action-metadata.ts";

const root = resolve(import.meta.dirname, "../..");
const rounds = 15;

/** Milliseconds, median. */
function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function time(args: readonly string[], env: Record<string, string>): number {
  const started = performance.now();
  spawnSync(process.execPath, [...args], { env, stdio: "ignore" });
  return performance.now() - started;
}

/** Rounds go over all subjects in turn, so that a busy moment of the machine hits them alike. */
const folder = mkdtempSync(join(tmpdir(), "tailmesh-bench-"));
try {
  const files = ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"].map(
    (name) => [name, join(folder, name)] as const,
  );
  for (const [, path] of files) writeFileSync(path, "");
  const env = { PATH: process.env["PATH"] ?? "", RUNNER_TEMP: folder, ...Object.fromEntries(files) };
  const actions = actionFiles(root).map((file) => basename(readAction(root, file).runs.main));
  const subjects: readonly (readonly [string, readonly string[]])[] = [
    ["node -e 0", ["-e", "0"]],
    ...actions.map((name) => [name, [join(root, "dist", name)]] as const),
    [
      "… and SSH",
      [
        "-e",
        `import(${JSON.stringify(join(root, "dist/converge.js"))}).then(() => import(${JSON.stringify(join(root, "dist/shared/shell.js"))}))`,
      ],
    ],
  ];
  const times = subjects.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, [, args]] of subjects.entries()) times[index]?.push(time(args, env));
  }
  const bare = median(times[0] ?? []);
  for (const [index, [name]] of subjects.entries()) {
    const value = median(times[index] ?? []);
    console.log(`${name.padEnd(24)} ${value.toFixed(0).padStart(5)} ms   ${(value / bare).toFixed(1)} × bare Node`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
