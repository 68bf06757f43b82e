/** A stand-in for GitHub's runner: starts a committed bundle as a step of a job, with the inputs as action.yml says. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as yaml from "yaml";
import * as z from "zod";
import { LogReader, parseFileCommand } from "../lab/file-commands.ts";
import type { World } from "./world.ts";

const checkout = join(import.meta.dirname, "../..");

const metadata = z.object({
  inputs: z.record(z.string(), z.object({ default: z.unknown().optional() }).nullable()).default({}),
  runs: z.object({ main: z.string(), post: z.string().optional() }),
});

const resultSchema = z.looseObject({
  changed: z.boolean(),
  changes: z.array(z.looseObject({ address: z.string() })),
  error: z.looseObject({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  links: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      verdict: z.enum(["reachable", "broken", "not-tested"]),
      path: z.string().nullable(),
      layer: z.string().nullable(),
      remedy: z.string().nullable(),
    }),
  ),
});
export type ResultFile = z.infer<typeof resultSchema>;

export interface Step {
  readonly exit: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  /** Both outputs as a reader of the log sees them, masks applied. */
  readonly log: string;
  readonly summary: string;
  /** Undefined when none was written. */
  readonly result: ResultFile | undefined;
  readonly seconds: number;
}

export interface StepOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  /** Called with the process once it runs. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Called with each piece of the log. */
  readonly onLog?: (text: string) => void;
  /** Whether the post step follows; default true. A killed step has none. */
  readonly post?: boolean;
}

/** Runs an action (`converge` is the root one) in the world's workspace. */
export async function runStep(world: World, name: string, options: StepOptions = {}): Promise<Step> {
  const folder = name === "converge" ? checkout : join(checkout, "actions", name);
  const { inputs: declared, runs } = metadata.parse(yaml.parse(readFileSync(join(folder, "action.yml"), "utf8")));
  const values: Record<string, string> = {};
  for (const [input, about] of Object.entries(declared)) {
    values[input] = about?.default === undefined || about.default === null ? "" : String(about.default);
  }
  for (const [input, value] of Object.entries({ ...world.inputs, ...options.inputs })) {
    if (input in declared) values[input] = value;
  }
  const started = performance.now();
  const files = mkdtempSync(join(world.folder, "step-"));
  const main = await launch(world, join(folder, runs.main), values, files, {}, options);
  const state = parseFileCommand(read(join(files, "GITHUB_STATE")));
  if (runs.post !== undefined && options.post !== false && main.exit !== null) {
    await launch(world, join(folder, runs.post), values, mkdtempSync(join(world.folder, "post-")), state, {});
  }
  const outputs = parseFileCommand(read(join(files, "GITHUB_OUTPUT")));
  const file = outputs["result-file"];
  return {
    exit: main.exit,
    log: main.log,
    outputs,
    summary: read(join(files, "GITHUB_STEP_SUMMARY")),
    result: file && existsSync(file) ? resultSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined,
    seconds: (performance.now() - started) / 1000,
  };
}

const commandFiles = ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"] as const;

function launch(
  world: World,
  program: string,
  inputs: Readonly<Record<string, string>>,
  files: string,
  state: Readonly<Record<string, string>>,
  options: StepOptions,
): Promise<{ readonly exit: number | null; readonly log: string }> {
  const temp = join(world.folder, "runner");
  for (const folder of ["temp", "home", "tools"]) mkdirSync(join(temp, folder), { recursive: true });
  for (const name of commandFiles) writeFileSync(join(files, name), "");
  const env: Record<string, string> = {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: join(temp, "home"),
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_WORKSPACE: world.workspace,
    RUNNER_TEMP: join(temp, "temp"),
    RUNNER_TOOL_CACHE: join(temp, "tools"),
    ...Object.fromEntries(commandFiles.map((name) => [name, join(files, name)])),
    ...Object.fromEntries(Object.entries(inputs).map(([k, v]) => [`INPUT_${k.replaceAll(" ", "_").toUpperCase()}`, v])),
    ...Object.fromEntries(Object.entries(state).map(([k, v]) => [`STATE_${k}`, v])),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program], { env, cwd: world.workspace, stdio: ["ignore", "pipe", "pipe"] });
    const reader = new LogReader();
    let log = "";
    const take = (text: string): void => {
      log += text;
      options.onLog?.(text);
    };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => take(reader.read(String(chunk))));
    child.once("error", reject);
    child.once("close", (code) => {
      take(reader.end());
      resolve({ exit: code, log });
    });
    options.onStart?.(child);
  });
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
