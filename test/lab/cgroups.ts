// Our part of the cgroup hierarchies. Membership says which processes are ours, so that ending the lab never needs a name or a guess.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labName } from "./paths.ts";
import { until } from "./wait.ts";

/** Mount points of every cgroup hierarchy, of version 1 and 2. */
function hierarchies(): string[] {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , type]) => type === "cgroup" || type === "cgroup2")
    .map(([, point]) => point ?? "")
    .filter((point) => point.startsWith("/sys/fs/cgroup"));
}

/** Folders of one of our groups (a node, or the world itself), in every hierarchy. */
export function groupFolders(group: string): string[] {
  return hierarchies().map((root) => join(root, labName, group));
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // a controller that is not there, or a value that is set already
  }
}

/** Makes a child group usable: version 1 cpusets start empty, version 2 hands no controller down by itself. */
function prepare(parent: string, child: string): void {
  const controllers = join(parent, "cgroup.controllers");
  if (existsSync(controllers)) {
    for (const name of readFileSync(controllers, "utf8").trim().split(" ").filter(Boolean)) {
      attempt(() => writeFileSync(join(parent, "cgroup.subtree_control"), `+${name}`));
    }
  }
  mkdirSync(child, { recursive: true });
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    if (existsSync(join(child, file))) {
      attempt(() => writeFileSync(join(child, file), readFileSync(join(parent, file), "utf8")));
    }
  }
}

export function createGroups(groups: readonly string[]): void {
  for (const root of hierarchies()) {
    const top = join(root, labName);
    prepare(root, top);
    for (const group of groups) prepare(top, join(top, group));
  }
}

/** Words to put before a command so that it starts inside a group. */
export function inGroup(group: string): string[] {
  const script = 'while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 70; shift; done; shift; exec "$@"';
  return ["sh", "-c", script, "enter", ...groupFolders(group), "--"];
}

function foldersBelow(top: string): string[] {
  if (!existsSync(top)) return [];
  const below: string[] = [];
  for (const entry of readdirSync(top, { withFileTypes: true })) {
    if (entry.isDirectory()) below.push(...foldersBelow(join(top, entry.name)));
  }
  return [...below, top];
}

function members(tops: readonly string[]): number[] {
  const pids = new Set<number>();
  for (const folder of tops.flatMap(foldersBelow)) {
    attempt(() => {
      for (const pid of readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n")) {
        // 0: a process of another pid namespace
        if (pid !== "" && pid !== "0") pids.add(Number(pid));
      }
    });
  }
  return [...pids];
}

/** Ends every process of the groups and removes the folders, except the tops themselves when `keep` is set. */
async function clear(tops: readonly string[], keep: boolean): Promise<void> {
  await until(
    `the processes of ${tops[0] ?? labName} to end`,
    15_000,
    () => {
      const pids = members(tops);
      for (const pid of pids) attempt(() => process.kill(pid, "SIGKILL"));
      return pids.length === 0;
    },
    50,
  );
  await until(
    `the cgroups of ${tops[0] ?? labName} to go`,
    10_000,
    () => {
      let left = 0;
      for (const folder of tops.flatMap(foldersBelow)) {
        if (keep && tops.includes(folder)) continue;
        attempt(() => rmdirSync(folder));
        if (existsSync(folder)) left++;
      }
      return left === 0;
    },
    50,
  );
}

export const clearGroup = (group: string): Promise<void> => clear(groupFolders(group), true);

export const hasGroups = (): boolean => hierarchies().some((root) => existsSync(join(root, labName)));

export const removeGroups = (): Promise<void> =>
  clear(
    hierarchies().map((root) => join(root, labName)),
    false,
  );
