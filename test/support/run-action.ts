/** Runs a committed bundle as GitHub's runner does: INPUT_* from action.yml and the step, fresh GITHUB_* files, a clean environment. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type ActionMetadata, readAction } from "../../scripts/action-metadata.ts";

export const root = resolve(import.meta.dirname, "../..");

export interface StepResult {
  readonly exit: number;
  /** What the runner would read, commands included, stdout and stderr together. */
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
}

export interface RunningStep {
  readonly child: ChildProcess;
  readonly result: Promise<StepResult>;
}

export interface JobOptions {
  /** Files of the checkout. */
  readonly files?: Readonly<Record<string, string>>;
  /** Content of the event that started the run. */
  readonly event?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of node in place of the action's bundle. */
  readonly program?: (action: string) => readonly string[];
}

/** A job's workspace and temporary folder, gone when disposed. */
export class Job implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "tailmesh-job-"));
  readonly workspace = join(this.folder, "workspace");
  readonly temp = join(this.folder, "temp");
  readonly #env: Readonly<Record<string, string>>;
  readonly #program: JobOptions["program"];
  #steps = 0;

  constructor({ files = {}, event, env = {}, program }: JobOptions = {}) {
    this.#program = program;
    for (const folder of [this.workspace, this.temp]) mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.workspace, name), content);
    const eventFile = join(this.folder, "event.json");
    if (event !== undefined) writeFileSync(eventFile, JSON.stringify(event));
    this.#env = { ...env, ...(event === undefined ? {} : { GITHUB_EVENT_PATH: eventFile }) };
  }

  /** The main step of an action, `converge` being the root one. */
  run(action: string, inputs: Readonly<Record<string, string>>): Promise<StepResult> {
    return this.start(action, inputs).result;
  }

  /** The same, with the process to send signals to. */
  start(action: string, inputs: Readonly<Record<string, string>>): RunningStep {
    return this.#step(action, inputs, {}, "main");
  }

  /** The post step that belongs to a main step. */
  post(action: string, inputs: Readonly<Record<string, string>>, main: StepResult): Promise<StepResult> {
    return this.#step(action, inputs, main.state, "post").result;
  }

  /** Every file that the job's steps left in workspace and temporary folder. */
  leftFiles(): readonly string[] {
    return [this.workspace, this.temp].flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #step(
    action: string,
    inputs: Readonly<Record<string, string>>,
    state: Readonly<Record<string, string>>,
    phase: "main" | "post",
  ): RunningStep {
    this.#steps += 1;
    const metadataFile = action === "converge" ? "action.yml" : `actions/${action}/action.yml`;
    const metadata = readAction(root, metadataFile);
    const bundle = resolve(root, metadataFile, "..", metadata.runs[phase]);
    const files = commandFiles(join(this.folder, `step-${this.#steps}`));
    const env = {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: this.temp,
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_WORKSPACE: this.workspace,
      RUNNER_TEMP: this.temp,
      RUNNER_DEBUG: "1",
      ...this.#env,
      ...files,
      ...inputVariables(metadata, inputs),
      ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
    };
    const child = spawn(process.execPath, this.#program?.(action) ?? [bundle], {
      env,
      cwd: this.workspace,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const result = logOf(child).then(({ exit, log }) => ({
      exit,
      log,
      outputs: readPairs(files.GITHUB_OUTPUT),
      state: readPairs(files.GITHUB_STATE),
      summary: readFileSync(files.GITHUB_STEP_SUMMARY, "utf8"),
    }));
    return { child, result };
  }
}

/** The runner sets every input that the metadata knows or the step gives, defaults included, in upper case with blanks as `_`. */
function inputVariables(metadata: ActionMetadata, inputs: Readonly<Record<string, string>>): Record<string, string> {
  const defaults = Object.entries(metadata.inputs).map(([name, input]) => [name, input.default ?? ""] as const);
  const all = [...defaults, ...Object.entries(inputs)];
  return Object.fromEntries(all.map(([name, value]) => [`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`, value]));
}

type CommandFiles = Readonly<
  Record<"GITHUB_OUTPUT" | "GITHUB_STATE" | "GITHUB_ENV" | "GITHUB_PATH" | "GITHUB_STEP_SUMMARY", string>
>;

function commandFiles(folder: string): CommandFiles {
  mkdirSync(folder);
  const file = (name: string): string => {
    const path = join(folder, name);
    writeFileSync(path, "");
    return path;
  };
  return {
    GITHUB_OUTPUT: file("output"),
    GITHUB_STATE: file("state"),
    GITHUB_ENV: file("env"),
    GITHUB_PATH: file("path"),
    GITHUB_STEP_SUMMARY: file("summary"),
  };
}

/** Pairs of a command file: `NAME<<DELIMITER`, the value's lines, the delimiter. */
function readPairs(file: string): Record<string, string> {
  const lines = readFileSync(file, "utf8").split("\n");
  const pairs: Record<string, string> = {};
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(lines[at] ?? "") ?? [];
    if (name === undefined || delimiter === undefined) continue;
    const end = lines.indexOf(delimiter, at + 1);
    pairs[name] = lines.slice(at + 1, end).join("\n");
    at = end;
  }
  return pairs;
}

function logOf(child: ChildProcess): Promise<{ readonly exit: number; readonly log: string }> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", fail);
    child.on("close", (code) => done({ exit: code ?? -1, log: Buffer.concat(chunks).toString("utf8") }));
  });
}
