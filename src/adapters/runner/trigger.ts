/** What started the run, from the runner's variables and the event it was started by. */
import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Trigger } from "../../ports/host.ts";

const EventSchema = z.object({ repository: z.object({ default_branch: z.string() }) });

/** Never throws: what cannot be read is unknown. */
export function readTrigger(env: Readonly<Record<string, string | undefined>>): Trigger {
  return { ref: env["GITHUB_REF"] || null, defaultBranch: defaultBranchOf(env["GITHUB_EVENT_PATH"]) };
}

function defaultBranchOf(path: string | undefined): string | null {
  if (!path) return null;
  try {
    const event = EventSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return event.success ? event.data.repository.default_branch : null;
  } catch {
    return null;
  }
}
