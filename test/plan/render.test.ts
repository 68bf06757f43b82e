/** A plan in words, with text from outside in it. */
import { describe, expect, test } from "vitest";
import type { Change } from "../../src/plan/change.ts";
import { planLines, planMarkdown } from "../../src/plan/render.ts";

const change: Change = {
  address: "node/homelab-1/prefs",
  resource: "node.prefs",
  kind: "update",
  why: "routes are not accepted",
  diff: "-accept-routes false\n+accept-routes true\n",
  risk: "reversible",
  undo: "tailscale set --accept-routes=false",
  does: ["tailscale set --accept-routes"],
};

describe("planLines", () => {
  test("name address, reason, difference, commands and undo of each change, and why the rest stays", () => {
    const lines = planLines({
      changes: [change],
      unchanged: [{ address: "policy", why: "it says all that is needed" }],
    });
    expect(lines).toEqual([
      "~ node/homelab-1/prefs (node.prefs, update): routes are not accepted",
      "    -accept-routes false",
      "    +accept-routes true",
      "    does: tailscale set --accept-routes",
      "    undo: tailscale set --accept-routes=false",
      "= policy: it says all that is needed",
    ]);
  });
});

describe("planMarkdown", () => {
  test("hostile text closes no table, fence or fold", () => {
    const hostile = "x</details>\n```\n| a | b |\n<img src=x> @team [l](http://e)";
    const text = planMarkdown({
      changes: [{ ...change, address: hostile, why: hostile, diff: hostile }],
      unchanged: [{ address: hostile, why: hostile }],
    }).join("\n\n");
    expect(text).not.toMatch(/^```|<img|\]\(/m);
    expect(text.match(/<\/details>/g)).toHaveLength(text.match(/<details>/g)?.length ?? 0);
  });

  test("an ordinary difference is a coloured one", () => {
    const text = planMarkdown({ changes: [change], unchanged: [] }).join("\n\n");
    expect(text).toContain("```diff\n-accept-routes false\n+accept-routes true\n```");
  });
});
