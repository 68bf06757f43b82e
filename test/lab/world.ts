// The world: one process tree in its own network, mount and pid namespaces. When its first process ends, the kernel ends every
// process in it and drops every mount, interface, route and rule; the machine's own namespaces never get any.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createGroups, inGroup } from "./cgroups.ts";
import { attach, start } from "./exec.ts";
import { checkout, labName, state } from "./paths.ts";
import { childrenOf, isAlive, type Known, know } from "./processes.ts";
import { running } from "./record.ts";
import { until } from "./wait.ts";

export const isInside = process.env["TAILMESH_LAB_INSIDE"] === labName;

/** Called on the machine. Answers the world's first process. */
export async function startWorld(nodes: readonly string[]): Promise<Known> {
  createGroups(["world", ...nodes]);
  const sign = join(state, "world.up");
  // The first process of a pid namespace must reap; perl with SIGCHLD ignored does (a shell's trap does not survive exec).
  const first = "$SIG{CHLD} = q(IGNORE); sleep 100000 while 1";
  const script =
    'mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/netns /run/lock && : > "$1" && exec perl -e "$2" "$3"';
  const pid = start(
    [
      ...inGroup("world"),
      ...[
        "unshare",
        "--net",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child=KILL",
        "--mount-proc",
        "--propagation",
        "private",
      ],
      ...["sh", "-c", script, "world", sign, first, labName],
    ],
    join(state, "world.log"),
  );
  return await until(
    "the world to start",
    5000,
    () => {
      const child = existsSync(sign) ? childrenOf(pid)[0] : undefined;
      return child === undefined ? null : know(child);
    },
    20,
  );
}

/** Words to put before a command so that it runs in the world. */
export function enterWorld(): string[] {
  const { world } = running();
  if (!isAlive(world)) throw new Error("the lab's world has ended: npm run lab -- down");
  return ["nsenter", `--target=${world.pid}`, "--net", "--mount", "--pid", "--wdns=/", "--"];
}

/** Runs one of the lab's verbs inside the world: the same program, entered. */
export async function insideWorld(words: readonly string[]): Promise<number> {
  const program = join(checkout, "test", "lab", "main.ts");
  const env = {
    ...process.env,
    TAILMESH_LAB_INSIDE: labName,
    TAILMESH_LAB_CALLER: process.env["TAILMESH_LAB_CALLER"] ?? process.cwd(),
  };
  return await attach([...enterWorld(), process.execPath, program, ...words], { env });
}
