/** When a stored key is to be replaced: by the server's time alone. */
import type { StoredKey } from "../mesh/mesh.ts";
import type { AuthKey } from "../ports/control.ts";
import { rotationDue } from "./overdue.ts";
import type { Standing } from "./reconcile.ts";

/** Of a key that does not end: the last moment that can be written. */
const endOfTime = new Date(8.64e15);

type Times = Pick<StoredKey, "rotateAfter" | "renewBefore">;

/** From this moment on a successor is minted. */
export function nextDue({ created, expires }: Pick<AuthKey, "created" | "expires">, times: Times): Date {
  return rotationDue({ created, expires: expires ?? endOfTime, ...times });
}

/** Why it is replaced now, in words that are the same in every run of that day and the next; null when it is not. */
export function whyRotate(standing: Standing, times: Times, now: Date, force: boolean): string | null {
  const { named, flaw, isUnsure } = standing;
  if (flaw !== null) return flaw;
  if (isUnsure)
    return "its place may hold another key than the one that is noted: a run was stopped, or two ran at once";
  if (named === null) return "no key is stored";
  if (force) return "it was asked for";
  const { created, expires } = named;
  if (now.getTime() - created.getTime() >= times.rotateAfter * 1000) {
    return `the key of ${day(created)} is older than ${span(times.rotateAfter)}`;
  }
  if (expires !== null && expires.getTime() - now.getTime() <= times.renewBefore * 1000) {
    return `the key ends on ${day(expires)}, in less than ${span(times.renewBefore)}`;
  }
  return null;
}

/** `2026-11-25`. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** `90d`, `36h`, `15m`, `30s`. */
export function span(seconds: number): string {
  const [unit = "s", size = 1] = Object.entries({ d: 86_400, h: 3600, m: 60 }).find(([, s]) => seconds % s === 0) ?? [];
  return `${seconds / size}${unit}`;
}
