// The lab from a test's point of view: its command line, called as an outsider would.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, type RunOptions, run } from "./exec.ts";
import { checkout, labFolder } from "./paths.ts";
import type { StepResult } from "./runner.ts";

export class Lab {
  readonly root: string;
  /** Name of the folder in it that is the lab. */
  readonly name: string;

  constructor(root: string = checkout, name: string = labFolder) {
    this.root = root;
    this.name = name;
  }

  /** The folder with what `up` left for outsiders. */
  get folder(): string {
    return join(this.root, this.name);
  }

  /** What its verbs are called with. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, TAILMESH_LAB_FOLDER: this.name };
  }

  /** What `up` left for outsiders. */
  file(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): string {
    return readFileSync(this.file(name), "utf8");
  }

  argv(...words: readonly string[]): string[] {
    return [process.execPath, join(this.root, "test", "lab", "main.ts"), ...words];
  }

  /** Any verb; the exit code is the caller's to judge. */
  try(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run(this.argv(...words), { cwd: this.root, env: this.env, milliseconds: 300_000, ...options });
  }

  /** Any verb; anything but exit code 0 is an error. Answers standard output. */
  async run(...words: readonly string[]): Promise<string> {
    const outcome = await this.try(words);
    if (outcome.code !== 0) {
      throw new Error(
        `lab ${words.join(" ")}: exit ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`.slice(0, 4000),
      );
    }
    return outcome.stdout;
  }

  /** A shell line on a node, as root. */
  exec(node: string, line: string): Promise<string> {
    return this.run("exec", node, "--", line);
  }

  /** A shell line on the runner. */
  runner(line: string): Promise<string> {
    return this.run("runner", "--", line);
  }

  /** A step: the action and, unless `--no-post` is among the flags, its post. */
  async action(
    name: string,
    inputs: Readonly<Record<string, string>> = {},
    ...flags: readonly string[]
  ): Promise<StepResult> {
    const words = Object.entries(inputs).map(([input, value]) => `${input}=${value}`);
    const outcome = await this.try(["action", name, ...words, "--json", ...flags], { milliseconds: 600_000 });
    try {
      return JSON.parse(outcome.stdout) as StepResult;
    } catch {
      throw new Error(`action ${name}: exit ${outcome.code}, no result\n${outcome.stdout}\n${outcome.stderr}`);
    }
  }
}
