/** How long each action takes to start: imports, inputs, the report that one is missing. Beside it bare Node, in the same run. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { actionFiles, readAction } from "../../scripts/action-metadata.ts";
import { against, inRounds, median, row } from "./figures.ts";

const root = resolve(import.meta.dirname, "../..");
const rounds = 15;

/** Milliseconds. */
function time(args: readonly string[], env: Record<string, string>): number {
  const started = performance.now();
  spawnSync(process.execPath, [...args], { env, stdio: "ignore" });
  return performance.now() - started;
}

export async function startup(): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "tailmesh-bench-"));
  try {
    const files = ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"].map(
      (name) => [name, join(folder, name)] as const,
    );
    for (const [, path] of files) writeFileSync(path, "");
    const env = { PATH: process.env["PATH"] ?? "", RUNNER_TEMP: folder, ...Object.fromEntries(files) };
    const actions = actionFiles(root).map((file) => basename(readAction(root, file).runs.main));
    const withSsh = `import(${JSON.stringify(join(root, "dist/converge.js"))}).then(() => import(${JSON.stringify(join(root, "dist/shared/shell.js"))}))`;
    const subjects: Readonly<Record<string, readonly string[]>> = {
      "node -e 0": ["-e", "0"],
      ...Object.fromEntries(actions.map((name) => [name, [join(root, "dist", name)]])),
      "… and SSH": ["-e", withSsh],
    };
    const runs = Object.entries(subjects).map(([name, args]) => [name, () => time(args, env)] as const);
    const times = await inRounds(rounds, Object.fromEntries(runs));
    const bare = median(times["node -e 0"] ?? []);
    return [
      `start of an action, median of ${rounds} (budget 130 ms, with SSH 180 ms, at 25–28 ms of bare Node)`,
      ...Object.entries(times).map(([name, list]) =>
        row(name, `${median(list).toFixed(0)} ms`, against(median(list), bare, "bare Node")),
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
