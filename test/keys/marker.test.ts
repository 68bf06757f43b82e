import fc from "fast-check";
import { expect, test } from "vitest";
import { isOurDescription, keyDescription } from "../../src/keys/description.ts";
import { readStoredMark, storedDescription, storedMark } from "../../src/keys/marker.ts";

const place = { store: "vault", place: "tailmesh/nas" };
const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);

test("a mark fits every server, is read back, and is never taken for a key of a join", async () => {
  await fc.assert(
    fc.asyncProperty(label, fc.string(), fc.string(), async (name, owner, run) => {
      const mark = await storedMark({ name, ...place }, owner);
      const text = storedDescription(mark, run);
      expect(text).toMatch(/^[A-Za-z0-9 -]{1,50}$/);
      expect(readStoredMark(text)).toEqual(mark);
      expect(isOurDescription(text)).toBe(false);
      expect(readStoredMark(keyDescription(name, run))).toBeUndefined();
    }),
  );
});

test("long names stay apart from each other and from short ones", async () => {
  const names = ["a".repeat(63), `${"a".repeat(62)}b`, "a".repeat(13), "a".repeat(14)];
  const marks = await Promise.all(names.map((name) => storedMark({ name, ...place }, "o")));
  expect(new Set(marks.map((mark) => mark.name)).size).toBe(names.length);
});

test("tells owners and places apart", async () => {
  const of = (owner: string, at = place.place) => storedMark({ name: "nas", store: "vault", place: at }, owner);
  expect((await of("a")).owner).not.toBe((await of("b")).owner);
  expect((await of("a")).place).not.toBe((await of("a", "x")).place);
  expect(await of("a")).toEqual(await of("a"));
});

test.each([
  "",
  "tailmesh stored nas",
  "tailmesh nas 123",
  "tailmesh stored nas abcdefgh",
  "x tailmesh stored nas abcdefgh 1",
])("%j is no mark", (text) => expect(readStoredMark(text)).toBeUndefined());
