/** The step's log, by the runner's own commands. */
import * as core from "@actions/core";
import type { Where } from "../../mesh/error.ts";
import type { Reporter } from "../../ports/reporter.ts";
import type { Printer } from "./printer.ts";

export function createRunnerReporter(printer: Printer): Reporter {
  return {
    info: (line) => core.info(printer.line(line)),
    debug: (line) => core.debug(printer.line(line)),
    warn: (line, where) => core.warning(printer.line(line), placeOf(where, printer)),
    group: (title, work) => core.group(printer.line(title), work),
    mask: (secret) => printer.mask(secret),
  };
}

/** The place of an annotation; an address that is no file goes into its text, not here. */
export function placeOf(where: Where | undefined, printer: Printer): core.AnnotationProperties {
  if (where?.file === undefined) return {};
  return {
    file: printer.line(where.file),
    ...(where.line === undefined ? {} : { startLine: where.line }),
    ...(where.column === undefined ? {} : { startColumn: where.column }),
  };
}
