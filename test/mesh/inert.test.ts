import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inertLine, inertMarkdown, inertMermaid, inertText } from "../../src/mesh/inert.ts";

/** What must never reach a terminal or a log as it is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const invisible = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

const hostile = fc
  .array(
    fc.constantFrom(
      "::",
      "##[",
      "stop-commands",
      "set-output",
      "\n",
      "\r",
      "\u001b[31m",
      "\u202e",
      "\u200b",
      "|",
      "`",
      "<script>",
      "@team",
      "](http://x)",
      '"]',
      "#quot;",
      "%0A",
      " ",
      "a",
      "~",
      "\t",
      "-->",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

describe("inert text", () => {
  test("has no control, direction or invisible character, in any form", () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: "binary" })), (text) => {
        for (const make of [inertText, inertMarkdown, inertMermaid]) expect(make(text)).not.toMatch(invisible);
        expect(inertLine(text).replaceAll("\u200b", "")).not.toMatch(invisible);
      }),
    );
  });

  test("plain text stays as it is", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9 ./-]{0,40}$/), (text) => {
        expect([inertText(text), inertLine(text), inertMermaid(text)]).toEqual([text, text, text]);
      }),
    );
  });

  test("is cut, and says so", () => {
    expect(inertText("x".repeat(50), 10)).toBe("xxxxxxxxxx… (40 more characters)");
  });
});

test("no line begins a command of the runner", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const line = inertLine(text);
      expect(line.trimStart().startsWith("::")).toBe(false);
      expect(line).not.toContain("##[");
      expect(line).not.toContain("\n");
    }),
  );
});

test("Markdown has no markup left", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(inertMarkdown(text).replace(/&(?:#\d+|amp|lt|gt);/g, "")).not.toMatch(/[\\`*_{}[\]()#+!|~$@:<>&]/);
    }),
  );
});

test("a Mermaid label has no quote, bracket or arrow left", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(inertMermaid(text).replace(/#\d+;/g, "")).toMatch(/^[A-Za-z0-9 ./_-]*$/);
    }),
  );
});
