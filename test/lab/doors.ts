// Ways into the lab from the machine: words to put before a command so that it runs on a node or on the runner.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFolder } from "./paths.ts";
import type { Known } from "./processes.ts";
import { running } from "./record.ts";
import { nodeOf } from "./topology.ts";
import { enterWorld } from "./world.ts";

// The pid that was written down is one of the world's, and so is its child, the node's systemd.
const throughContainer = `init=$(cut -d' ' -f1 "/proc/$1/task/$1/children" 2>/dev/null)
[ -n "$init" ] || { echo "lab: $2 is off" >&2; exit 1; }
shift 2
exec nsenter --target="$init" --mount --uts --ipc --net --pid --root --wd -- "$@"`;

const nodeEnvironment = [
  "env",
  "-i",
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "LANG=C.UTF-8",
];

export function commandOn(where: "runner" | { readonly node: string }): string[] {
  if (where === "runner") {
    const here = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "runner", process.cwd()];
    return [...enterWorld(), ...here, "ip", "netns", "exec", "runner"];
  }
  const { name } = nodeOf(running().topology, where.node);
  const file = join(nodeFolder(name), "pid.json");
  const pid = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Known).pid : 0;
  return [...enterWorld(), "sh", "-c", throughContainer, "lab", String(pid), name, ...nodeEnvironment];
}
