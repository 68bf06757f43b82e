/** Progress on a plain terminal or in a pipe: one line for each thing said, indented by group. */
import type { Where } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { Reporter } from "../../ports/reporter.ts";

export interface TerminalOptions {
  /** Takes one finished line without its line end. */
  readonly write: (line: string) => void;
  /** Also shows what `debug` says. */
  readonly debug?: boolean;
}

export function createTerminalReporter({ write, debug = false }: TerminalOptions): Reporter {
  let depth = 0;
  let hidden: readonly string[] = [];
  const show = (line: string): void => {
    const clean = hidden.reduce((left, secret) => left.replaceAll(secret, "***"), line);
    write(`${"  ".repeat(depth)}${inertText(clean)}`);
  };
  return {
    info: show,
    debug: (line) => (debug ? show(`debug: ${line}`) : undefined),
    warn: (line, where) => show(`warning: ${line}${placeText(where)}`),
    async group(title, work) {
      show(title);
      depth += 1;
      try {
        return await work();
      } finally {
        depth -= 1;
      }
    },
    mask(secret: Secret) {
      const lines = secret.reveal().split("\n");
      hidden = [...hidden, ...lines.map((line) => line.trim()).filter((line) => line.length >= 8)];
    },
  };
}

function placeText(where: Where | undefined): string {
  if (where?.file !== undefined) return ` (${[where.file, where.line, where.column].filter(Boolean).join(":")})`;
  return where?.address === undefined ? "" : ` (${where.address})`;
}
