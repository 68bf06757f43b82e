/** Plain lines for a terminal or a pipe. */
import { expect, test } from "vitest";
import { createTerminalReporter } from "../../../src/adapters/terminal/reporter.ts";
import { Secret } from "../../../src/mesh/secret.ts";

test("groups indent, secrets are hidden, escapes are shown instead of sent", async () => {
  const lines: string[] = [];
  const reporter = createTerminalReporter({ write: (line) => lines.push(line) });
  reporter.mask(new Secret("hskey-auth-secret"));
  await reporter.group("Apply", async () => {
    reporter.info("key hskey-auth-secret \u001b[31mred");
    reporter.debug("not shown");
  });
  reporter.warn("careful", { file: "tailmesh.yaml", line: 3 });
  expect(lines).toEqual(["Apply", "  key *** \\u{1b}[31mred", "warning: careful (tailmesh.yaml:3)"]);
});

test("a group that fails ends all the same", async () => {
  const lines: string[] = [];
  const reporter = createTerminalReporter({ write: (line) => lines.push(line), debug: true });
  await expect(reporter.group("Plan", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  reporter.debug("after");
  expect(lines).toEqual(["Plan", "debug: after"]);
});
