/** A plan in words: for the log and for the summary. */
import { inertMarkdown, inertText } from "../mesh/inert.ts";
import type { Change, Plan, Unchanged } from "./change.ts";
import { countChanges } from "./guards.ts";

const signs = { create: "+", update: "~", delete: "-" } as const;

/** Lines for the log; the reporter makes them inert. */
export function planLines(plan: Plan): readonly string[] {
  return [...plan.changes.flatMap(changeLines), ...plan.unchanged.map(unchangedLine)];
}

/** One change: what, why, the difference, the commands and calls that do it, the way back. */
export function changeLines(change: Change): readonly string[] {
  return [
    `${signs[change.kind]} ${change.address} (${change.resource}, ${change.kind}): ${change.why}`,
    ...textLines(change.diff).map((line) => `    ${line}`),
    ...change.does.flatMap(textLines).map((line) => `    does: ${line}`),
    `    undo: ${change.undo}`,
  ];
}

function unchangedLine(item: Unchanged): string {
  return `= ${item.address}: ${item.why}`;
}

function textLines(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Markdown blocks for the summary. */
export function planMarkdown(plan: Plan): readonly string[] {
  if (plan.changes.length === 0) return [unchangedMarkdown(plan)];
  const rows = plan.changes.map(
    (change) =>
      `| ${signs[change.kind]} ${change.kind} | ${inertMarkdown(change.address)} | ${inertMarkdown(change.why)} |`,
  );
  const table = ["| change | address | why |", "| --- | --- | --- |", ...rows].join("\n");
  const diffs = plan.changes.filter((change) => change.diff !== "").map(diffMarkdown);
  return [`**${countChanges(plan)}**\n\n${table}`, ...diffs, unchangedMarkdown(plan)].filter((block) => block !== "");
}

function unchangedMarkdown(plan: Plan): string {
  if (plan.unchanged.length === 0) return "";
  const items = plan.unchanged.map((item) => `- ${inertMarkdown(item.address)}: ${inertMarkdown(item.why)}`);
  return folded(`${plan.unchanged.length} unchanged`, items.join("\n"));
}

/** Coloured where the text has nothing that could be taken for markup, even by a careless reader; else escaped throughout. */
function diffMarkdown(change: Change): string {
  const lines = textLines(change.diff);
  const plain = !lines.some((line) => /[<`]|\]\(|::|##\[/.test(line));
  const body = plain
    ? ["```diff", ...lines.map((line) => inertText(line)), "```"]
    : ["<pre>", ...lines.map((line) => inertMarkdown(line, 2000) || " "), "</pre>"];
  return folded(inertMarkdown(change.address), body.join("\n"));
}

function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
