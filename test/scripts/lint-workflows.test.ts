/** The rules of ours that actionlint does not know. */
import { describe, expect, test } from "vitest";
import { ownRules } from "../../scripts/workflow-rules.ts";

const sha = "a".repeat(40);
const good = [
  "permissions: {}",
  "jobs:",
  "  a:",
  "    steps:",
  `      - uses: actions/checkout@${sha} # v6.0.2`,
  "        with:",
  "          persist-credentials: false",
  "      - run: echo hello",
].join("\n");

describe("ownRules", () => {
  test("a workflow as it should be has no problem", () => {
    expect(ownRules("ci.yml", good)).toEqual([]);
  });

  test.each([
    ["a pin by tag", good.replace(`@${sha} # v6.0.2`, "@v6"), "pin by SHA"],
    ["a pin without its version", good.replace(" # v6.0.2", ""), "pin by SHA"],
    ["an expression in a script", good.replace("echo hello", "echo ${{ github.head_ref }}"), "by env"],
    [
      "an expression in a script of several lines",
      good.replace("run: echo hello", "run: |\n          echo ${{ inputs.x }}"),
      "by env",
    ],
    ["default permissions", good.replace("permissions: {}\n", ""), "permissions"],
    ["credentials kept", good.replace("persist-credentials: false", "fetch-depth: 0"), "persist-credentials"],
  ])("%s is a problem", (_name, text, words) => {
    expect(ownRules("ci.yml", text).join("\n")).toContain(words);
  });
});
