import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  overdueErrors,
  overdueFrom,
  overdueRotations,
  type RotationState,
  rotationDue,
} from "../../src/keys/overdue.ts";

const day = 86_400;
const start = new Date("2026-01-01T00:00:00Z");
const at = (days: number): Date => new Date(start.getTime() + days * day * 1000);
const dayOf = (date: Date): number => (date.getTime() - start.getTime()) / day / 1000;

function state(more: Partial<RotationState> = {}): RotationState {
  return { name: "nas", created: start, expires: at(90), rotateAfter: 30 * day, renewBefore: 45 * day, ...more };
}

describe("the due day", () => {
  test("is after rotate-after, or before less than renew-before is left, whichever comes first", () => {
    expect(dayOf(rotationDue(state()))).toBe(30);
    expect(dayOf(rotationDue(state({ rotateAfter: 60 * day })))).toBe(45);
    expect(dayOf(rotationDue(state({ expires: at(50) })))).toBe(5);
  });
});

describe("the dead-man check", () => {
  test("says nothing while weekly runs may still come, and speaks with half of the life left", () => {
    expect(dayOf(overdueFrom(state()))).toBe(45);
    const found = [30, 44.99, 45, 60].map((days) => overdueRotations([state()], at(days)).map(({ days: d }) => d));
    expect(found).toEqual([[], [], [15], [30]]);
  });

  test("two dropped weekly runs are never an alarm, whenever the key was made in the week", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 6.999, noNaN: true }), (offset) => {
        const firstAfterDue = [0, 7, 14, 21, 28, 35].map((d) => d + offset).find((d) => d >= 30) ?? 0;
        expect(overdueRotations([state()], at(firstAfterDue))).toEqual([]);
        expect(overdueRotations([state()], at(firstAfterDue + 7))).toEqual([]);
      }),
    );
  });

  test("it is before the end for every life, and never before the due day", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 400 }), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (life, part) => {
        const key = state({ expires: at(life), rotateAfter: life * part * day, renewBefore: life * (1 - part) * day });
        const [due, from] = [dayOf(rotationDue(key)), dayOf(overdueFrom(key))];
        expect(from).toBeGreaterThanOrEqual(due);
        expect(from).toBeLessThan(life);
      }),
    );
  });

  test("a key that has expired is overdue at once", () => {
    const dead = state({ expires: at(10), rotateAfter: 80 * day, renewBefore: 0 });
    expect(overdueRotations([dead], at(10))).toHaveLength(1);
  });

  test("the error says which, since when, and how schedules are switched on again", () => {
    const [error] = overdueErrors(overdueRotations([state()], at(57)));
    expect(error).toMatchObject({ code: "MESH_ROTATION_OVERDUE", where: { address: "stored-key/nas" } });
    expect(error?.message).toBe("the rotation of nas is overdue: it was due on 2026-01-31, 27 days ago");
    expect(error?.hint).toMatch(/60 days.*gh workflow enable/);
  });
});
