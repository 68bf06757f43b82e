/** GitHub's runner, or one that behaves like it, as the platform of an action. */
import * as core from "@actions/core";
import type { Host } from "../../ports/host.ts";
import { fetchIdToken } from "./id-token.ts";
import { createPrinter } from "./printer.ts";
import { createRunnerReporter, placeOf } from "./reporter.ts";
import { createRunnerState } from "./state.ts";
import { writeSummary } from "./summary.ts";
import { readTrigger } from "./trigger.ts";

export function createRunnerHost(): Host {
  const trigger = readTrigger(process.env);
  const printer = createPrinter({ isPublic: trigger.isPublic ?? false });
  return {
    reporter: createRunnerReporter(printer),
    state: createRunnerState(),
    trigger,
    redact: (text) => printer.file(text),
    shown: (text) => printer.clean(text),
    idToken: fetchIdToken,
    input: (name) => core.getInput(name),
    output: (name, value) => core.setOutput(name, printer.redact(value)),
    detail: (level) => printer.detail(level),
    annotate: ({ title, message, where }) =>
      core.error(printer.lines(message), { title: printer.line(title), ...placeOf(where, printer) }),
    summary: async (blocks) => writeSummary(blocks.map((block) => printer.clean(block))),
    fail(line) {
      core.info(printer.line(line));
      process.exitCode = core.ExitCode.Failure;
    },
  };
}
