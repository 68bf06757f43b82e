// Verbs that work on the machine itself.
import { resolve } from "node:path";
import { down } from "./down.ts";
import { faultsOf } from "./faults/all.ts";
import { readRecord } from "./record.ts";
import { readTopology } from "./topology.ts";
import { up } from "./up.ts";
import type { Words } from "./words.ts";
import { insideWorld } from "./world.ts";

/** Verbs that work on the machine. */
export const outside: Readonly<Record<string, (words: Words) => Promise<number>>> = {
  up: async ({ flags }) => {
    const file = flags["topology"];
    await up(readTopology(typeof file === "string" ? resolve(file) : undefined, flags["nat"] === true));
    return flags["joined"] === true ? await insideWorld(["action", "converge"]) : 0;
  },
  down: async () => {
    await down();
    return 0;
  },
};

export function listFaults({ flags }: Words): number {
  const topology = readRecord()?.topology ?? readTopology(undefined, false);
  const list = faultsOf(topology).map(({ name, layer, topology: where, what }) => ({
    name,
    layer,
    topology: where,
    what,
  }));
  if (flags["json"])
    process.stdout.write(
      `${JSON.stringify(list.map(({ name, layer, topology: where }) => ({ name, layer, topology: where })))}\n`,
    );
  else process.stdout.write(`${list.map((f) => `${f.name.padEnd(20)} ${f.layer.padEnd(11)} ${f.what}`).join("\n")}\n`);
  return 0;
}
