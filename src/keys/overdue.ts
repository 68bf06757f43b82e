/** The dead-man check: a rotation that should have happened and did not. */
import type { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import { keyError } from "./errors.ts";

/** A stored key that is in force; durations in seconds. */
export interface RotationState {
  readonly name: string;
  /** By the server's clock. */
  readonly created: Date;
  readonly expires: Date;
  readonly rotateAfter: number;
  readonly renewBefore: number;
}

export interface Overdue {
  readonly name: string;
  readonly due: Date;
  /** Whole days since it was due. */
  readonly days: number;
}

/** When a successor is due: after `rotate-after`, and before less than `renew-before` is left. */
export function rotationDue({ created, expires, rotateAfter, renewBefore }: Omit<RotationState, "name">): Date {
  return new Date(Math.min(created.getTime() + rotateAfter * 1000, expires.getTime() - renewBefore * 1000));
}

/**
 * From when on it is overdue: a quarter of what the key has left when its rotation is due. For 90 days with rotation at 30
 * that is day 45: two weekly runs may fail in between without a word, and 45 days are left to mend what keeps them from
 * running. At once for a key that is due after its end.
 */
export function overdueFrom(state: RotationState): Date {
  const due = rotationDue(state).getTime();
  return new Date(due + Math.max(0, state.expires.getTime() - due) / 4);
}

/** Rotations that are overdue at that time, by the server's clock. */
export function overdueRotations(states: readonly RotationState[], now: Date): readonly Overdue[] {
  return states
    .filter((state) => now.getTime() >= overdueFrom(state).getTime())
    .map((state) => {
      const due = rotationDue(state);
      return { name: state.name, due, days: Math.floor((now.getTime() - due.getTime()) / 86_400_000) };
    });
}

export function overdueErrors(overdue: readonly Overdue[]): readonly MeshError[] {
  return overdue.map((one) => {
    const name = inertText(one.name, 80);
    return keyError("MESH_ROTATION_OVERDUE", overdueText(one), { where: { address: `stored-key/${name}` } });
  });
}

/** `the rotation of nas is overdue: it was due on 2026-10-01, 57 days ago`. */
export function overdueText({ name, due, days }: Overdue): string {
  const ago = days === 1 ? "1 day" : `${days} days`;
  const date = due.toISOString().slice(0, 10);
  return `the rotation of ${inertText(name, 80)} is overdue: it was due on ${date}, ${ago} ago`;
}
