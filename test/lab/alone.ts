// Verbs that change what others look at run one at a time: two that break and mend the same mesh would each see the other's work.
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { state } from "./paths.ts";
import { isAlive, type Known, know } from "./processes.ts";

const lock = join(state, "alone.json");

function take(): boolean {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(know(process.pid)));
  try {
    linkSync(mine, lock); // whole, or not at all
    return true;
  } catch {
    return false;
  } finally {
    rmSync(mine);
  }
}

export async function alone<T>(work: () => Promise<T>): Promise<T> {
  if (!take()) {
    const holder = existsSync(lock) ? (JSON.parse(readFileSync(lock, "utf8")) as Known) : null;
    if (holder && isAlive(holder)) throw new Error("another fault, heal or reboot is at work in this lab");
    rmSync(lock, { force: true });
    if (!take()) throw new Error("another fault, heal or reboot has just begun in this lab");
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}
