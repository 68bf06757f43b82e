// Child processes, each with a wall-clock limit.
import { type SpawnOptions, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Wall-clock limit; SIGKILL after it. */
  readonly milliseconds?: number;
}

export function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [command, ...args] = argv;
  if (command === undefined) throw new Error("nothing to run");
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.env && { env: options.env }),
      ...(options.cwd && { cwd: options.cwd }),
    });
    const limit = options.milliseconds ?? 60_000;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, limit);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (late) stderr += `\n${command}: ended after ${limit / 1000} s`;
      resolve({ code: code ?? (signal === null ? 1 : 128 + 9), stdout, stderr });
    });
  });
}

/** As run, but anything else than exit code 0 is an error. Answers standard output. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await run(argv, options);
  if (outcome.code !== 0) {
    const tail = `${outcome.stdout}\n${outcome.stderr}`.trim().slice(-1500);
    throw new Error(`${argv.slice(0, 6).join(" ")}: exit ${outcome.code}\n${tail}`);
  }
  return outcome.stdout;
}

/** Hands the terminal over to a command and answers its exit code. */
export function attach(argv: readonly string[], options: RunOptions = {}): Promise<number> {
  const [command, ...args] = argv;
  if (command === undefined) throw new Error("nothing to run");
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: "inherit",
      ...(options.env && { env: options.env }),
      ...(options.cwd && { cwd: options.cwd }),
      ...(options.milliseconds && { timeout: options.milliseconds, killSignal: "SIGKILL" as const }),
    });
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward);
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("SIGINT", forward).off("SIGTERM", forward);
      resolve(code ?? 137);
    });
  });
}

/** Starts something that outlives this process; its output goes to a file. */
export function start(argv: readonly string[], log: string, env?: NodeJS.ProcessEnv): number {
  const [command, ...args] = argv;
  if (command === undefined) throw new Error("nothing to start");
  const file = openSync(log, "a", 0o600);
  const options: SpawnOptions = { detached: true, stdio: ["ignore", file, file], ...(env && { env }) };
  const child = spawn(command, args, options);
  closeSync(file);
  child.on("error", () => {});
  child.unref();
  if (child.pid === undefined) throw new Error(`${command} did not start`);
  return child.pid;
}
