// Breaking the mesh on purpose, and what has to be written down to mend it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faults, faultsOf } from "./faults/all.ts";
import { sceneOf } from "./faults/fault.ts";
import { isJoined, type Picture, picture } from "./mesh.ts";
import { state } from "./paths.ts";
import { running } from "./record.ts";
import { until } from "./wait.ts";

const folder = join(state, "faults");
const before = join(folder, "before.json");

export function injected(): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.startsWith("fault-"))
    .map((file) => file.slice(6, -5));
}

/** What the mesh was like before the first fault, or null when nothing is broken. */
export function pictureBefore(): Picture | null {
  return existsSync(before) ? (JSON.parse(readFileSync(before, "utf8")) as Picture) : null;
}

export async function injectFault(name: string): Promise<void> {
  const { topology } = running();
  const fault = faultsOf(topology).find((f) => f.name === name);
  if (!fault) throw new Error(`no fault ${name} in this topology; fault --list names those there are`);
  if (injected().includes(name)) throw new Error(`${name} is there already: heal`);
  if (!pictureBefore()) {
    const now = await picture(topology);
    if (!isJoined(now)) throw new Error("there is no mesh to break: npm run lab -- action converge");
    mkdirSync(folder, { recursive: true });
    writeFileSync(before, JSON.stringify(now, null, 1));
  }
  const scene = sceneOf(topology);
  const saved = (await fault.save?.(scene)) ?? null;
  writeFileSync(join(folder, `fault-${name}.json`), JSON.stringify(saved));
  await fault.inject(scene, saved);
  await until(`${name} to have its effect`, 60_000, () => fault.settled(scene), 250);
}

/** Undoes one fault; it stays written down until it is undone. */
export async function undoFault(name: string): Promise<void> {
  const file = join(folder, `fault-${name}.json`);
  const fault = faults.find((f) => f.name === name);
  if (!fault) throw new Error(`no fault ${name}`);
  await fault.undo(sceneOf(running().topology), JSON.parse(readFileSync(file, "utf8")));
  rmSync(file);
}

export function forgetPicture(): void {
  rmSync(folder, { recursive: true, force: true });
}
