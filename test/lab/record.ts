// What a running lab wrote down about itself.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { state } from "./paths.ts";
import type { Known } from "./processes.ts";
import type { Tools } from "./tools.ts";
import type { LabTopology } from "./topology.ts";

export interface LabRecord {
  /** The `up` that builds or built it: while that one runs, nobody else may clean up. */
  readonly builder: Known;
  readonly complete: boolean;
  readonly topology: LabTopology;
  readonly world?: Known;
  readonly tools: Tools;
  readonly rootFolder: string;
  readonly layer: string;
  readonly images: string;
}

const file = join(state, "lab.json");

export function readRecord(): LabRecord | null {
  if (!existsSync(file)) return null;
  return JSON.parse(readFileSync(file, "utf8")) as LabRecord;
}

export function writeRecord(record: LabRecord): void {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify(record, null, 1), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The record of a lab that is up. */
export function running(): LabRecord & { readonly world: Known } {
  const record = readRecord();
  if (!record?.world) throw new Error("the lab is not up: npm run lab -- up");
  return { ...record, world: record.world };
}
