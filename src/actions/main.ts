/** Where a bundle starts: one action, on the runner. */
import { MeshError } from "../mesh/error.ts";
import type { Host } from "../ports/host.ts";
import { runnerHost, wireRunner } from "../wiring.ts";
import type { Action } from "./define.ts";
import { runAction } from "./run.ts";

export async function main(action: Action): Promise<void> {
  const host = runnerHost();
  process.on("uncaughtException", (error) => lost(action, host, error));
  process.on("unhandledRejection", (error) => lost(action, host, error));
  await runAction(action, host, wireRunner);
}

/** Something that no part of the run waited for has failed: the step must not end as if all were well. */
function lost(action: Action, host: Host, error: unknown): void {
  const message = error instanceof Error ? error.message : "something that is no error was thrown";
  for (const line of error instanceof Error ? (error.stack ?? "").split("\n") : []) host.reporter.debug(line);
  host.annotate({ title: error instanceof MeshError ? error.code : "MESH_INTERNAL", message, where: undefined });
  host.fail(`${action.name} failed: ${message}`);
}
