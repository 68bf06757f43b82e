// A stand-in for GitHub's runner: runs an action of this checkout as a step of a job, on the lab's runner machine.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import * as yaml from "yaml";
import * as z from "zod";
import type { V2Access } from "./control-v2.ts";
import { LogReader, parseFileCommand } from "./file-commands.ts";
import { checkout, handover, state } from "./paths.ts";

const Metadata = z.object({
  inputs: z.record(z.string(), z.object({ default: z.unknown().optional() }).nullable()).default({}),
  runs: z.object({ using: z.string(), main: z.string(), post: z.string().optional() }),
});

export interface StepResult {
  readonly exit: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly log: string;
  readonly summary: string;
  readonly post: { readonly exit: number; readonly log: string } | null;
}

export interface StepOptions {
  readonly post: boolean;
  readonly debug: boolean;
  /** SIGKILL once a line of the log matches, or after some milliseconds: a runner that is lost in the middle of a step. */
  readonly killOn?: RegExp;
  readonly killAfter?: number;
  /** Once a line of the log matches, the step stands still until that is done. */
  readonly meanwhile?: { readonly on: RegExp; readonly work: () => Promise<void> };
  readonly show: (text: string) => void;
}

/** A step whose post has not run yet. */
interface Pending {
  readonly name: string;
  readonly job: string;
  readonly program: string;
  readonly folder: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly masks: readonly string[];
  readonly debug: boolean;
}

const pendingFolder = join(handover, "pending");
const jobsFolder = join(state, "jobs");

const sorted = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);
const stamp = (): string => `${Date.now()}-${process.pid}`;
const readPending = (file: string): Pending => JSON.parse(readFileSync(join(pendingFolder, file), "utf8")) as Pending;

/** The folder of an action: `converge` is the checkout's root, a path is itself, any other name is below actions/. */
function metadataFolder(name: string): string {
  if (name.includes("/")) return resolve(process.env["TAILMESH_LAB_CALLER"] ?? process.cwd(), name);
  return name === "converge" ? checkout : join(checkout, "actions", name);
}

function readMetadata(name: string): { program: string; post: boolean; declared: z.infer<typeof Metadata>["inputs"] } {
  const folder = metadataFolder(name);
  const file = ["action.yml", "action.yaml"].map((f) => join(folder, f)).find(existsSync);
  if (!file) throw new Error(`no action ${name}: no action.yml in ${folder}`);
  const metadata = Metadata.parse(yaml.parse(readFileSync(file, "utf8")));
  if (metadata.runs.using !== "node24") throw new Error(`${file}: runs.using is ${metadata.runs.using}, not node24`);
  const program = resolve(dirname(file), metadata.runs.main);
  if (!existsSync(program)) throw new Error(`${program} is not there: npm run build`);
  return { program, post: metadata.runs.post !== undefined, declared: metadata.inputs };
}

/** Inputs as the runner hands them over: defaults of action.yml, then .lab/inputs.json, then the command line. */
function resolveInputs(
  name: string,
  declared: z.infer<typeof Metadata>["inputs"],
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [input, about] of Object.entries(declared)) {
    const value = about?.default === undefined || about.default === null ? "" : String(about.default);
    // expressions know nothing here: there is no GitHub behind this runner
    values[input] = value.replace(/\$\{\{.*?\}\}/gs, "");
  }
  const file = join(handover, "inputs.json");
  const prepared = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string>>)
    : {};
  for (const [input, value] of Object.entries(prepared[basename(name)] ?? {}))
    if (input in declared) values[input] = value;
  return { ...values, ...given };
}

const folders = ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"] as const;

interface JobFolders {
  readonly temp: string;
  readonly tools: string;
  readonly home: string;
}

function jobFolders(job: string): JobFolders {
  const made = { temp: join(job, "temp"), tools: join(state, "tool-cache"), home: join(job, "home") };
  for (const folder of Object.values(made)) mkdirSync(folder, { recursive: true });
  return made;
}

/** As in a job with `permissions: id-token: write`. */
function idTokenEnvironment(): Record<string, string> {
  const file = join(handover, "control-v2.json");
  if (!existsSync(file)) return {};
  const access = JSON.parse(readFileSync(file, "utf8")) as V2Access;
  return {
    ACTIONS_ID_TOKEN_REQUEST_URL: access.idTokenRequestUrl,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: access.idTokenRequestToken,
  };
}

/** What earlier steps of the job left for later ones. */
function carried(job: string): { env: Record<string, string>; path: string[] } {
  const env: Record<string, string> = {};
  const path: string[] = [];
  for (const step of sorted(join(job, "steps"))) {
    const read = (file: string): string => {
      const full = join(job, "steps", step, file);
      return existsSync(full) ? readFileSync(full, "utf8") : "";
    };
    Object.assign(env, parseFileCommand(read("GITHUB_ENV")));
    path.unshift(...read("GITHUB_PATH").split("\n").filter(Boolean).reverse());
  }
  return { env, path };
}

function environment(step: Pending, files: string): Record<string, string> {
  const { temp, tools, home } = jobFolders(step.job);
  const earlier = carried(step.job);
  const inputs = Object.entries(step.inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`,
    value,
  ]);
  const states = Object.entries(step.state).map(([name, value]) => [`STATE_${name}`, value]);
  return {
    PATH: [
      ...earlier.path,
      dirname(process.execPath),
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ].join(":"),
    HOME: home,
    LANG: "C.UTF-8",
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_ACTION: `__${basename(step.name)}`,
    GITHUB_ACTOR: "lab",
    GITHUB_API_URL: "https://api.github.test",
    GITHUB_EVENT_NAME: "workflow_dispatch",
    GITHUB_JOB: "lab",
    GITHUB_REF: "refs/heads/main",
    GITHUB_REF_NAME: "main",
    GITHUB_REF_TYPE: "branch",
    GITHUB_REPOSITORY: "lab/mesh",
    GITHUB_REPOSITORY_OWNER: "lab",
    GITHUB_RUN_ATTEMPT: "1",
    GITHUB_RUN_ID: "1",
    GITHUB_RUN_NUMBER: "1",
    GITHUB_SERVER_URL: "https://github.test",
    GITHUB_SHA: "0".repeat(40),
    GITHUB_WORKFLOW: "lab",
    GITHUB_WORKSPACE: handover,
    RUNNER_ARCH: process.arch === "arm64" ? "ARM64" : "X64",
    RUNNER_ENVIRONMENT: "self-hosted",
    RUNNER_NAME: "lab",
    RUNNER_OS: "Linux",
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: tools,
    ...(step.debug && { RUNNER_DEBUG: "1" }),
    ...idTokenEnvironment(),
    ...Object.fromEntries(folders.map((name) => [name, join(files, name)])),
    ...earlier.env,
    ...Object.fromEntries(inputs),
    ...Object.fromEntries(states),
  };
}

export interface StepCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How a part of a step is started, with fresh files for what it says to the runner. Inside the world only. */
function stepCommand(step: Pending, files: string): StepCommand {
  mkdirSync(files, { recursive: true });
  for (const name of folders) writeFileSync(join(files, name), "");
  return { argv: [...enterRunner(), process.execPath, step.program], cwd: handover, env: environment(step, files) };
}

/** Runs the program once, as the main or the post part of a step. */
function runStep(
  step: Pending,
  files: string,
  options: StepOptions,
): Promise<{ exit: number; log: string; masks: readonly string[] }> {
  const { argv, cwd, env } = stepCommand(step, files);
  const [command = "", ...args] = argv;
  const reader = new LogReader(step.masks);
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const end = (): void => void child.kill("SIGKILL");
    const limit = setTimeout(end, 900_000);
    const early = options.killAfter === undefined ? undefined : setTimeout(end, options.killAfter);
    let meanwhile = options.meanwhile;
    const take = (chunk: string): void => {
      options.show(reader.read(chunk));
      if (options.killOn?.test(reader.log)) end();
      if (meanwhile?.on.test(reader.log) !== true) return;
      child.kill("SIGSTOP");
      const done = meanwhile.work();
      meanwhile = undefined;
      done.then(
        () => void child.kill("SIGCONT"),
        (error: unknown) => {
          end();
          failed(error);
        },
      );
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward);
    child.on("error", failed);
    child.on("close", (code) => {
      clearTimeout(limit);
      clearTimeout(early);
      process.off("SIGINT", forward).off("SIGTERM", forward);
      options.show(reader.end());
      writeFileSync(join(files, "log"), reader.log);
      done({ exit: code ?? 137, log: reader.log, masks: reader.masks });
    });
  });
}

const readFile = (files: string, name: (typeof folders)[number]): string => readFileSync(join(files, name), "utf8");

function nextStep(job: string, name: string): string {
  return join(job, "steps", `${String(sorted(join(job, "steps")).length).padStart(3, "0")}-${name}`);
}

/**
 * A step that is ready to be started by whoever measures it: a job of its own, inputs as a user of the lab has them. What it
 * says to the runner is then in the files that its environment names.
 */
export function readyStep(name: string): StepCommand {
  const { program, declared } = readMetadata(name);
  const job = join(jobsFolder, stamp());
  const folder = nextStep(job, basename(name));
  const inputs = resolveInputs(name, declared, {});
  return stepCommand({ name, job, program, folder, inputs, state: {}, masks: [], debug: false }, folder);
}

/** A step's main part, and then its post, unless that is left for later. */
export async function runAction(
  name: string,
  given: Readonly<Record<string, string>>,
  options: StepOptions,
): Promise<StepResult> {
  const { program, post, declared } = readMetadata(name);
  const unexpected = Object.keys(given).filter((input) => !(input in declared));
  if (unexpected.length > 0) options.show(`##[warning]Unexpected input(s) '${unexpected.join("', '")}'\n`);
  // a job goes on while it has posts to run, so a chain of actions shares its temporary folder
  const newest = sorted(pendingFolder).at(-1);
  const job = newest ? readPending(newest).job : join(jobsFolder, stamp());
  const folder = nextStep(job, basename(name));
  const step: Pending = {
    name,
    job,
    program,
    folder,
    inputs: resolveInputs(name, declared, given),
    state: {},
    masks: [],
    debug: options.debug,
  };
  const { exit, log, masks } = await runStep(step, folder, options);
  const outputs = parseFileCommand(readFile(folder, "GITHUB_OUTPUT"));
  const summary = readFile(folder, "GITHUB_STEP_SUMMARY");
  const after: Pending = { ...step, state: parseFileCommand(readFile(folder, "GITHUB_STATE")), masks };
  if (!post) return { exit, outputs, log, summary, post: null };
  if (!options.post) {
    mkdirSync(pendingFolder, { recursive: true, mode: 0o700 });
    writeFileSync(join(pendingFolder, `${stamp()}-${basename(name)}.json`), JSON.stringify(after), { mode: 0o600 });
    return { exit, outputs, log, summary, post: null };
  }
  return { exit, outputs, log, summary, post: await runPost(after, options) };
}

async function runPost(step: Pending, options: StepOptions): Promise<{ exit: number; log: string }> {
  options.show(`##[group]Post ${step.name}\n`);
  // a lost runner was lost in the main part
  const { show, post, debug } = options;
  const { exit, log } = await runStep(step, join(step.folder, "post"), { show, post, debug });
  options.show("##[endgroup]\n");
  return { exit, log };
}

export interface PostResult {
  readonly action: string;
  readonly exit: number;
  readonly log: string;
}

/** Every pending post, the newest first, as at the end of a job. One that fails does not keep the others from running. */
export async function runPending(options: StepOptions): Promise<PostResult[]> {
  const results: PostResult[] = [];
  for (const file of sorted(pendingFolder).reverse()) {
    const step = readPending(file);
    rmSync(join(pendingFolder, file));
    results.push({ action: step.name, ...(await runPost(step, { ...options, debug: step.debug })) });
  }
  return results;
}

/** Words to put before a command so that it runs on the runner. Inside the world only. */
export const enterRunner = (): string[] => ["ip", "netns", "exec", "runner"];
