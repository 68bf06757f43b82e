/** The radar in the root action: what it lists anyway, one request more, and only where the topology has stored keys. */
import { radarLines, radarMarkdown } from "../keys/radar.ts";
import { type Watch, watchKeys } from "../keys/watch.ts";
import { joinErrors, MeshError } from "../mesh/error.ts";
import type { StoredKey } from "../mesh/mesh.ts";
import type { Outcome } from "../plan/job.ts";
import type { AuthKey, Control, Device, ExpiringCredential } from "../ports/control.ts";
import type { Reporter } from "../ports/reporter.ts";

export interface WatchSettings {
  readonly storedKeys: readonly StoredKey[];
  /** Stands for the repository, as for key-rotate. */
  readonly owner: string;
}

/** Never a reason to fail: what the server does not tell is not verified. */
export async function askExpiring(control: Control, reporter: Reporter): Promise<readonly ExpiringCredential[] | null> {
  try {
    return await control.listExpiring();
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    reporter.debug(`when API tokens expire is not known: ${error.message}`);
    return null;
  }
}

/** After all lists were read, so that the server's time is that of its last answer. */
export function lookAtKeys(
  control: Control,
  settings: WatchSettings,
  seen: {
    readonly keys: readonly AuthKey[];
    readonly devices: readonly Device[] | null;
    readonly credentials: readonly ExpiringCredential[] | null;
  },
): Promise<Watch> {
  const hasDescriptions = control.capabilities.keys.description;
  return watchKeys({ ...settings, ...seen, hasDescriptions, now: control.now() });
}

/** Said to the log. In plan mode an error is only told: whoever reviews a change cannot mend a schedule. */
export function tellWatch({ radar, warnings, errors }: Watch, reporter: Reporter, mode: "apply" | "plan"): void {
  for (const line of radarLines(radar)) reporter.info(line);
  for (const warning of warnings) reporter.warn(warning);
  if (mode === "plan") for (const { message, hint } of errors) reporter.warn(`${message}. ${hint}`);
}

/** The outcome with what is wrong with keys behind what is wrong with the mesh. */
export function withWatch(outcome: Outcome, { radar, errors }: Watch): Outcome {
  const table = radarMarkdown(radar);
  const summary = table.length === 0 ? outcome.summary : [...outcome.summary, "### What expires", ...table];
  const [first, ...more] = [...(outcome.failure === null ? [] : [outcome.failure]), ...errors];
  return { ...outcome, summary, failure: first === undefined ? null : joinErrors([first, ...more]) };
}
