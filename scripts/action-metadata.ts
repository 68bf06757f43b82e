/** action.yml files, read. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";

const InputSchema = z.strictObject({
  description: z.string(),
  required: z.boolean().optional(),
  default: z.string().optional(),
});

const MetadataSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  author: z.string(),
  branding: z.strictObject({ icon: z.string(), color: z.string() }),
  inputs: z.record(z.string(), InputSchema),
  outputs: z.record(z.string(), z.strictObject({ description: z.string() })),
  runs: z.strictObject({ using: z.literal("node24"), main: z.string(), post: z.string() }),
});

export type ActionMetadata = z.output<typeof MetadataSchema>;

/** Path of every action.yml, relative to the root. */
export function actionFiles(root: string): readonly string[] {
  return globSync(["action.yml", "actions/*/action.yml"], { cwd: root }).sort();
}

/** Throws when the file has anything that an action of ours does not have. */
export function readAction(root: string, file: string): ActionMetadata {
  return MetadataSchema.parse(parse(readFileSync(join(root, file), "utf8")));
}
