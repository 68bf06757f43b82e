/** Builds the bundle into a folder. */
import { rolldown } from "rolldown";
import config from "../rolldown.config.ts";

/** Replaces the folder's content. Prints nothing; throws when the build fails or warns. */
export async function bundle(folder: string): Promise<void> {
  const warnings: string[] = [];
  const { output, ...input } = config;
  await using build = await rolldown({
    ...input,
    onLog: (level, log) => level === "warn" && warnings.push(log.message),
  });
  if (output === undefined || Array.isArray(output)) throw new Error("rolldown.config.ts has one output");
  await build.write({ ...output, dir: folder });
  if (warnings.length > 0) throw new Error(`the build warns:\n${warnings.join("\n")}`);
}
