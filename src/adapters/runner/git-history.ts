/** The History port on the checkout's Git repository. What cannot be read is no history: a shallow clone, no repository, no git. */
import type { History, Version } from "../../ports/history.ts";

export interface GitHistoryOptions {
  /** The checkout. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told why there is nothing to read. */
  readonly log: (line: string) => void;
}

/** More commits than this are not looked through. */
const maxVersions = 100;

export function createGitHistory(options: GitHistoryOptions): History {
  return {
    async versions(paths) {
      const names = paths.filter(isPlain);
      if (names.length === 0) return [];
      const commits = await git(options, ["log", `--max-count=${maxVersions}`, "--format=%H", "HEAD", "--", ...names]);
      const found = (commits ?? "").split("\n").filter((commit) => /^[0-9a-f]{40,64}$/.test(commit));
      const versions: Version[] = [];
      for (const commit of found) versions.push(await versionOf(options, commit, names));
      return versions;
    },
  };
}

/** Relative, inside the checkout, and no option or pathspec magic. */
function isPlain(path: string): boolean {
  return !/^[-:/]/.test(path) && !path.split("/").includes("..") && !/[\0\n]/.test(path);
}

async function versionOf(options: GitHistoryOptions, commit: string, paths: readonly string[]): Promise<Version> {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const text = await git(options, ["show", `${commit}:./${path.replace(/^\.\//, "")}`]);
    if (text !== undefined) texts.set(path, text);
  }
  return { commit, texts };
}

/** Standard output; undefined when git says no. No hook, pager or filter of the repository's own is run. */
async function git({ root, env, log }: GitHistoryOptions, args: readonly string[]): Promise<string | undefined> {
  try {
    const { getExecOutput } = await import("@actions/exec");
    const { exitCode, stdout, stderr } = await getExecOutput(
      "git",
      ["--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", `safe.directory=${root}`, ...args],
      { cwd: root, env: environment(env), silent: true, ignoreReturnCode: true },
    );
    if (exitCode === 0) return stdout;
    log(`git ${args[0]}: ${stderr.trim()}`);
  } catch (error) {
    log(`git ${args[0]}: ${error instanceof Error ? error.message : "it cannot be run"}`);
  }
  return undefined;
}

/** What git needs, and nothing else of the step: its inputs hold secrets. */
function environment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = ["PATH", "HOME"].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
}
