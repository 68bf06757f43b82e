/** A summary that is too large is cut, not lost. */
import { describe, expect, test } from "vitest";
import { fitSummary } from "../../../src/adapters/runner/summary.ts";

describe("fitSummary", () => {
  test("what fits is kept as it is", () => {
    expect(fitSummary(["a", "b"], 1000)).toBe("a\n\nb\n");
  });

  test("counts bytes, not characters", () => {
    const text = fitSummary(["€".repeat(400)], 1000);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1000);
    expect(text).toContain("cut");
  });

  test("an open fence and fold are closed where it is cut", () => {
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`);
    const block = ["<details><summary>x</summary>", "", "```diff", ...lines, "```", "", "</details>"].join("\n");
    const text = fitSummary([block], 900);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900);
    expect(text.match(/^```/gm)).toHaveLength(2);
    expect(text.split("</details>")).toHaveLength(2);
  });
});
