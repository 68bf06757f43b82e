/** The policy's part of the step summary. */
import { inertMarkdown, inertText } from "../mesh/inert.ts";
import type { PolicyPlan } from "./plan.ts";

const maxLines = 300;

/** Markdown blocks; nothing of the policy's text can act in them. */
export function policySummary(planned: PolicyPlan): readonly string[] {
  const { blocked, warnings, diff } = planned;
  const refusal = blocked && `> **${blocked.code}**: ${inertMarkdown(blocked.message)}. ${inertMarkdown(blocked.hint)}`;
  const notes = warnings.map((warning) => `- ${inertMarkdown(warning)}`).join("\n");
  return [refusal ?? "", notes, diff === "" ? "" : fencedDiff(diff)].filter((block) => block !== "");
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
