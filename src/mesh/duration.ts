/** Durations as people write them: a whole number and a unit. */
import { meshErrors } from "./errors.ts";
import { inertText } from "./inert.ts";

const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** What `parseDuration` takes, for schemas. */
export const durationPattern = "^(0|[1-9][0-9]{0,8})[smhdw]$";

/** Seconds of `300s`, `10m`, `12h`, `90d` or `2w`; undefined for anything else. */
export function readDuration(text: string): number | undefined {
  const [, count, unit] = /^(0|[1-9]\d{0,8})([smhdw])$/.exec(text) ?? [];
  if (count === undefined || !isUnit(unit)) return undefined;
  return Number(count) * units[unit];
}

/** As `readDuration`, but throws MESH_DURATION_INVALID. */
export function parseDuration(text: string): number {
  const seconds = readDuration(text);
  if (seconds === undefined) throw meshErrors("MESH_DURATION_INVALID", `not a duration: "${inertText(text, 80)}"`);
  return seconds;
}

function isUnit(text: string | undefined): text is keyof typeof units {
  return text !== undefined && Object.hasOwn(units, text);
}
