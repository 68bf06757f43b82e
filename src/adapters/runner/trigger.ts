/** What started the run, from the runner's variables and the event it was started by. */
import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Trigger } from "../../ports/host.ts";

const EventSchema = z.object({
  repository: z
    .object({
      default_branch: z.string().nullish(),
      visibility: z.string().nullish(),
      private: z.boolean().nullish(),
    })
    .nullish(),
  pull_request: z.object({ number: z.number().int().positive() }).nullish(),
});

type Event = z.output<typeof EventSchema>;

/** Never throws: what cannot be read is unknown. */
export function readTrigger(env: Readonly<Record<string, string | undefined>>): Trigger {
  const event = readEvent(env["GITHUB_EVENT_PATH"]);
  return {
    ref: env["GITHUB_REF"] || null,
    defaultBranch: event.repository?.default_branch ?? null,
    isPublic: isPublic(event),
    pullRequest: event.pull_request?.number ?? null,
  };
}

function readEvent(path: string | undefined): Event {
  if (!path) return {};
  try {
    const event = EventSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return event.success ? event.data : {};
  } catch {
    return {};
  }
}

function isPublic({ repository }: Event): boolean {
  return repository?.visibility ? repository.visibility === "public" : repository?.private === false;
}
