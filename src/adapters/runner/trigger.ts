/** What started the run, from the runner's variables and the event it was started by. */
import { readFileSync } from "node:fs";
import type { Trigger } from "../../ports/host.ts";

/** Never throws: what cannot be read is unknown. */
export function readTrigger(env: Readonly<Record<string, string | undefined>>): Trigger {
  const event = readEvent(env["GITHUB_EVENT_PATH"]);
  const repository = memberOf(event, "repository");
  const defaultBranch = memberOf(repository, "default_branch");
  const number = memberOf(memberOf(event, "pull_request"), "number");
  return {
    ref: env["GITHUB_REF"] || null,
    defaultBranch: typeof defaultBranch === "string" ? defaultBranch : null,
    isPublic: isPublic(repository),
    pullRequest: typeof number === "number" && Number.isInteger(number) && number > 0 ? number : null,
  };
}

function readEvent(path: string | undefined): unknown {
  if (!path) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Undefined where the value is no object, or has no such member. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function isPublic(repository: unknown): boolean {
  const visibility = memberOf(repository, "visibility");
  return typeof visibility === "string" && visibility !== ""
    ? visibility === "public"
    : memberOf(repository, "private") === false;
}
