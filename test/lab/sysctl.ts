// Global kernel values that a kubelet or systemd would write. Nodes are kept from them; should one change all the same, it is put back.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { state } from "./paths.ts";
import { progress } from "./progress.ts";

const watched = [
  ["vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys"],
  ["kernel/keys/root_maxbytes", "kernel/pid_max", "kernel/core_pattern", "fs/protected_regular", "fs/protected_fifos"],
].flat();

const saved = join(state, "sysctl.json");

function read(name: string): string | null {
  try {
    return readFileSync(join("/proc/sys", name), "utf8").trim();
  } catch {
    return null;
  }
}

export function rememberSysctl(): void {
  writeFileSync(saved, JSON.stringify(Object.fromEntries(watched.map((name) => [name, read(name)]))));
}

export function restoreSysctl(): void {
  if (!existsSync(saved)) return;
  const before = JSON.parse(readFileSync(saved, "utf8")) as Record<string, string | null>;
  for (const [name, value] of Object.entries(before)) {
    if (value === null || read(name) === value) continue;
    progress(`putting ${name} back to ${value}`);
    writeFileSync(join("/proc/sys", name), value);
  }
  rmSync(saved);
}
