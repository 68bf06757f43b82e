/** The rules of ours that actionlint does not know. */
import { describe, expect, test } from "vitest";
import { ownRules } from "../../scripts/workflow-rules.ts";

const sha = "a".repeat(40);
const good = [
  "permissions: {}",
  "jobs:",
  "  a:",
  "    permissions: {}",
  "    timeout-minutes: 5",
  "    steps:",
  `      - uses: actions/checkout@${sha} # v6.0.2`,
  "        with:",
  "          persist-credentials: false",
  "      - run: echo hello",
].join("\n");

describe("ownRules", () => {
  test("a workflow as it should be has no problem", () => {
    expect(ownRules("ci.yml", good, "1.2.3")).toEqual([]);
    const ours = `${good}\n      - uses: tailmesh/tailmesh/actions/key-mint@v1.2.3\n      - uses: ./actions/key-mint`;
    expect(ownRules("ci.yml", ours, "1.2.3")).toEqual([]);
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
    ["a job without permissions of its own", good.replace("    permissions: {}\n", ""), "of its own"],
    ["a job without a limit", good.replace("    timeout-minutes: 5\n", ""), "timeout-minutes"],
    ["an action of ours of another release", `${good}\n      - uses: tailmesh/tailmesh@v1.2.2`, "pin by SHA"],
    ["every secret handed over", `${good}\n    secrets: inherit`, "name those"],
    ["a key as a job output", `${good}\n    outputs:\n      key: \${{ steps.a.outputs.authkey }}`, "leave its job"],
    ["a key file as a job output", `${good}\n    outputs:\n      f: \${{ steps.a.outputs.key-file }}`, "leave its job"],
    ["credentials kept", good.replace("persist-credentials: false", "fetch-depth: 0"), "persist-credentials"],
  ])("%s is a problem", (_name, text, words) => {
    expect(ownRules("ci.yml", text, "1.2.3").join("\n")).toContain(words);
  });
});
