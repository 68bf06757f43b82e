/** The policy's part of the step summary. */
import { allErrors } from "../mesh/error.ts";
import { inertMarkdown, inertText } from "../mesh/inert.ts";
import type { AccessChange } from "./access-diff.ts";
import type { PolicyPlan } from "./plan.ts";
import { byLine, editLines, few } from "./report.ts";

const maxLines = 300;

/** Markdown blocks; nothing of the policy's text can act in them. */
export function policySummary(planned: PolicyPlan): readonly string[] {
  const { blocked, warnings, diff } = planned;
  const refusal = (blocked === null ? [] : allErrors(blocked))
    .map((error) => `> **${error.code}**: ${inertMarkdown(error.message)}. ${inertMarkdown(error.hint)}`)
    .join("\n>\n");
  const notes = warnings.map((warning) => `- ${inertMarkdown(warning)}`).join("\n");
  const edits = editLines(planned)
    .map((line) => `- ${inertMarkdown(line)}`)
    .join("\n");
  return [refusal, notes, edits, accessTable(planned.access), diff === "" ? "" : fencedDiff(diff)].filter(
    (block) => block !== "",
  );
}

const maxRows = 100;

/** Who gains and who loses what, losses first. */
function accessTable(access: readonly AccessChange[]): string {
  if (access.length === 0) return "";
  const rows = access
    .slice(0, maxRows)
    .map(
      ({ kind, from, to, ports, line }) =>
        `| ${kind} | ${[few(from), few(to), ports, byLine(kind, line)].map((cell) => inertMarkdown(cell)).join(" | ")} |`,
    );
  const more = access.length > maxRows ? [`| | … and ${access.length - maxRows} more | | | |`] : [];
  return ["| access | who | to | ports | why |", "| --- | --- | --- | --- | --- |", ...rows, ...more].join("\n");
}

/** A fence longer than any run of backticks in the text, so that no line can close it. */
function fencedDiff(diff: string): string {
  const all = diff.trimEnd().split("\n");
  const lines = all.slice(0, maxLines).map((line) => inertText(line, 500));
  const rest = all.length - lines.length;
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map((run) => run[0].length)));
  const fence = "`".repeat(longest + 1);
  const more = rest > 0 ? [`… ${rest} more lines in the diff file`] : [];
  return `<details><summary>Policy diff</summary>\n\n${[`${fence}diff`, ...lines, ...more, fence].join("\n")}\n\n</details>`;
}
