import * as fc from "fast-check";
import { expect, test } from "vitest";
import { durationPattern, parseDuration, readDuration } from "../../src/mesh/duration.ts";
import { MeshError } from "../../src/mesh/error.ts";

test.each([
  ["90d", 7_776_000],
  ["10m", 600],
  ["300s", 300],
  ["12h", 43_200],
  ["2w", 1_209_600],
  ["0s", 0],
])("%s is %d seconds", (text, seconds) => expect(parseDuration(text)).toBe(seconds));

test.each(["", "90", "d", "90 d", "-1d", "1.5h", "1d12h", "07d", "90D", "9999999999s", "10m\n"])(
  "%j is no duration",
  (text) => {
    expect(readDuration(text)).toBeUndefined();
    expect(() => parseDuration(text)).toThrow(MeshError);
  },
);

test("the pattern for editors takes what the parser takes", () => {
  const pattern = new RegExp(durationPattern);
  const piece = fc.constantFrom("0", "1", "9", "30", "s", "m", "h", "d", "w", "y", " ", "-");
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 5 }).map((p) => p.join("")),
      (text) => {
        expect(pattern.test(text)).toBe(readDuration(text) !== undefined);
      },
    ),
  );
});
