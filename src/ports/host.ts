/** The platform that an action runs on: where inputs come from and where its results go. */
import type { Where } from "../mesh/error.ts";
import type { Secret } from "../mesh/secret.ts";
import type { Reporter } from "./reporter.ts";
import type { RunState } from "./run-state.ts";

/** What started this run, as far as the platform says. */
export interface Trigger {
  /** `refs/heads/main`; null when unknown. */
  readonly ref: string | null;
  /** `main`; null when the event does not say. */
  readonly defaultBranch: string | null;
  /** Everybody may read what this run shows; false when unknown. */
  readonly isPublic?: boolean;
  /** Number of the pull request that it belongs to; null for none. */
  readonly pullRequest?: number | null;
}

/**
 * `masked`: e-mail addresses and public IP addresses are shortened in all that is shown. Where everybody may read it, they
 * and the devices' own addresses get a name instead (`user-1`, `address-2`), the same for the same one throughout the run.
 */
export type Detail = "masked" | "full";

/** One problem, shown at its place. */
export interface Annotation {
  readonly title: string;
  /** May have several lines. */
  readonly message: string;
  readonly where: Where | undefined;
}

/** Makes every text inert for its medium. */
export interface Host {
  readonly reporter: Reporter;
  readonly state: RunState;
  readonly trigger: Trigger;
  /** The text without any secret that was masked; for files, which nothing else looks through. */
  redact(text: string): string;
  /** The text as it may leave this run: without secrets, and with no more detail than asked for. */
  shown(text: string): string;
  /** How much log, annotations and summary show from here on. */
  detail(level: Detail): void;
  /** This job's identity, signed by the platform and made out to one audience. Throws MESH_ID_TOKEN_MISSING. */
  idToken(audience: string): Promise<Secret>;
  /** Trimmed; empty when unset. */
  input(name: string): string;
  /** Secrets are taken out; what is left empty by that shows up as `***`. */
  output(name: string, value: string): void;
  annotate(annotation: Annotation): void;
  /** Blocks of Markdown, already inert; what does not fit is cut at the end. */
  summary(blocks: readonly string[]): Promise<void>;
  /** The step fails, with this as its last line. */
  fail(line: string): void;
}
