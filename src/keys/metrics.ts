/** What expires and what is due, as Prometheus text: for a node exporter's textfile collector or a push gateway. */
import { inertText } from "../mesh/inert.ts";
import type { Expiry } from "./radar.ts";

export interface MetricsInput {
  /** The server's time at the end of the run. */
  readonly now: Date;
  readonly items: readonly Expiry[];
  /** When each stored key's rotation is due, and whether it is overdue. */
  readonly rotations: readonly { readonly name: string; readonly due: Date; readonly isOverdue: boolean }[];
  /** Whether the run ended well: an alert on the age of the last good run also tells when none runs at all. */
  readonly succeeded: boolean;
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One text, complete: a file that is replaced by it loses nothing. Times are seconds since 1970. */
export function rotationMetrics({ now, items, rotations, succeeded }: MetricsInput): string {
  return [
    family(
      "tailmesh_expiry_seconds",
      "When it expires, in seconds since 1970.",
      items.map(({ kind, name, expires }) => ({ labels: { kind, name }, value: seconds(expires) })),
    ),
    family(
      "tailmesh_rotation_due_seconds",
      "When the next rotation of a stored key is due, in seconds since 1970.",
      rotations.map(({ name, due }) => ({ labels: { name }, value: seconds(due) })),
    ),
    family(
      "tailmesh_rotation_overdue",
      "1 when a rotation should have happened long ago.",
      rotations.map(({ name, isOverdue }) => ({ labels: { name }, value: isOverdue ? 1 : 0 })),
    ),
    family("tailmesh_last_run_seconds", "When key-rotate last ran, in seconds since 1970.", [
      { labels: {}, value: seconds(now) },
    ]),
    family("tailmesh_last_run_success", "1 when that run ended well.", [{ labels: {}, value: succeeded ? 1 : 0 }]),
  ].join("");
}

function family(name: string, help: string, samples: readonly Sample[]): string {
  const lines = new Map<string, number>();
  for (const { labels, value } of samples) {
    const line = `${name}${labelText(labels)}`;
    // Names of others are not unique, and a series that is there twice makes the whole file unreadable: the sooner one counts.
    lines.set(line, Math.min(value, lines.get(line) ?? value));
  }
  if (lines.size === 0) return "";
  const body = [...lines].map(([line, value]) => `${line} ${value}\n`).join("");
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${body}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${labelValue(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function labelValue(text: string): string {
  return inertText(text, 200).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
