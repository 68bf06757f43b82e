// Pids that cannot be mistaken: a number is only ours while its start time is the one we wrote down.
import { readFileSync } from "node:fs";

export interface Known {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot. */
  readonly started: string;
}

function fields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // the command name, in parentheses, may hold spaces
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

export function know(pid: number): Known {
  const started = fields(pid)?.[19];
  if (started === undefined) throw new Error(`process ${pid} is gone`);
  return { pid, started };
}

/** True while the process we knew runs; a zombie does not run. */
export function isAlive(known: Known): boolean {
  const now = fields(known.pid);
  return now !== null && now[19] === known.started && now[0] !== "Z";
}

export function kill(known: Known, signal: NodeJS.Signals): void {
  if (!isAlive(known)) return;
  try {
    process.kill(known.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
