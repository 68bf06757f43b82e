import fc from "fast-check";
import { expect, test } from "vitest";
import { textDiff } from "../../src/policy/text-diff.ts";

const names = { before: "a", after: "b" };

test("a hunk with three lines of context", () => {
  const lines = Array.from({ length: 9 }, (_, i) => `${i}`);
  const before = `${lines.join("\n")}\n`;
  expect(textDiff(before, before.replace("4\n", "four\nmore\n"), names)).toBe(
    "--- a\n+++ b\n@@ -2,7 +2,8 @@\n 1\n 2\n 3\n-4\n+four\n+more\n 5\n 6\n 7\n",
  );
});

test("all new", () => expect(textDiff("", "x\n", names)).toBe("--- a\n+++ b\n@@ -0,0 +1,1 @@\n+x\n"));

const lines = fc.array(fc.constantFrom("a", "b", "c", "d", "{", "}", ""), { maxLength: 30 });

test("law: the two sides can be rebuilt, and equal texts have no diff", () => {
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      const [before, after] = [a, b].map((all) => all.map((l) => `${l}\n`).join(""));
      const diff = textDiff(before ?? "", after ?? "", names);
      expect(diff === "").toBe(before === after);
      expect(patched(a, diff, "+")).toEqual(b);
      expect(patched(b, diff, "-")).toEqual(a);
    }),
    { numRuns: 500 },
  );
});

/** Applies the diff forwards (`+`) or backwards (`-`). */
function patched(source: readonly string[], diff: string, add: "+" | "-"): readonly string[] {
  const result: string[] = [];
  let at = 0;
  if (diff === "") return source;
  for (const line of diff.split("\n").slice(2, -1)) {
    const [, old, oldCount, now, nowCount] = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line) ?? [];
    if (old !== undefined) {
      const [first, count] = add === "+" ? [Number(old), Number(oldCount)] : [Number(now), Number(nowCount)];
      const start = count === 0 ? first : first - 1;
      result.push(...source.slice(at, start));
      at = start;
    } else if (line[0] === add) result.push(line.slice(1));
    else {
      expect(source[at]).toBe(line.slice(1));
      if (line[0] === " ") result.push(line.slice(1));
      at += 1;
    }
  }
  return [...result, ...source.slice(at)];
}
