import { expect, test } from "vitest";
import { findingsOf } from "../../../src/adapters/control/findings.ts";

const position = { line: 3, column: 25 };

test.each<[string, string[], { readonly text: string; readonly line?: number; readonly column?: number }[]]>([
  [
    "a syntax error with its place",
    [
      `setting policy: parsing policy: parsing HuJSON: hujson: line 3, column 25: invalid character '"' after object value`,
    ],
    [{ text: `line 3, column 25: invalid character '"' after object value`, ...position }],
  ],
  ["a reason without place", [`parsing policy: tag not found: "tag:a"`], [{ text: `tag not found: "tag:a"` }]],
  [
    "failed tests",
    [
      "setting policy: test(s) failed:\n10.1.0.1 -> 10.3.0.1:80: expected ALLOWED, got DENIED\n10.1.0.1 -> 10.2.0.1:80 (tcp): expected DENIED, got ALLOWED",
    ],
    [
      { text: "policy test failed: 10.1.0.1 -> 10.3.0.1:80: expected ALLOWED, got DENIED" },
      { text: "policy test failed: 10.1.0.1 -> 10.2.0.1:80 (tcp): expected DENIED, got ALLOWED" },
    ],
  ],
  [
    "tests that cannot be run",
    [
      `parsing policy: test(s) failed:\nmultiple errors:\n\ttest 0: test protocol must be tcp\n\ttest 0, accept "10.2.0.1:0": first port must be >0`,
    ],
    [
      { text: "policy test failed: test 0: test protocol must be tcp" },
      { text: `policy test failed: test 0, accept "10.2.0.1:0": first port must be >0` },
    ],
  ],
  [
    "several errors",
    [`parsing policy: multiple errors:\n\ttag not found: "tag:b"\n\ttag "tag:a" references undefined tag "tag:b"`],
    [{ text: `tag not found: "tag:b"` }, { text: `tag "tag:a" references undefined tag "tag:b"` }],
  ],
  [
    "several texts",
    ["one", "two at line 3, column 25"],
    [{ text: "one" }, { text: "two at line 3, column 25", ...position }],
  ],
])("%s", (_, texts, findings) => {
  expect(findingsOf(texts)).toEqual(findings.map((finding) => ({ severity: "error", ...finding })));
});
