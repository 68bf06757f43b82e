/** Verdicts in words, as a table and as a drawing. Every text that others may have written is made inert here. */
import { inertMarkdown, inertMermaid } from "../mesh/inert.ts";
import type { LinkJudgement } from "./judge.ts";
import { allFindings, worstVerdict } from "./judge.ts";

const signs = { reachable: "✅", broken: "❌", "not-tested": "❔", apart: "⛔" } as const;
const words = { reachable: "reachable", broken: "broken", "not-tested": "not tested", apart: "kept apart" } as const;
const strokes = { reachable: "#2da44e", broken: "#cf222e", "not-tested": "#8c959f", apart: "#8c959f" } as const;
const warned = "#bf8700";

/** Lines for the log; the reporter makes them inert. */
export function reachLines(judgements: readonly LinkJudgement[]): readonly string[] {
  return judgements.flatMap((j) => [
    `${headline(j)}`,
    ...j.findings.map((f) => `    ${f.layer}${f.node === null ? "" : ` (${f.node})`}: ${f.evidence}; ${f.remedy}`),
    ...j.gaps.map((g) => `    not tested: ${g}`),
  ]);
}

/** `homelab → oracle: broken at hooks (direct)`. */
export function headline(j: LinkJudgement): string {
  const where = j.layer === null ? "" : j.verdict === "reachable" ? `, warning at ${j.layer}` : ` at ${j.layer}`;
  const path = j.path === null ? "" : ` (${j.path})`;
  const counted = j.passed + j.failed === 0 ? "" : `, ${j.passed} of ${j.passed + j.failed} probes passed`;
  return `${j.from} → ${j.to}: ${words[j.verdict]}${where}${path}${counted}`;
}

/** Markdown blocks for the summary: the table, the drawing, and what was found. */
export function reachMarkdown(judgements: readonly LinkJudgement[]): readonly string[] {
  if (judgements.length === 0) return ["No link was selected, so nothing was tested."];
  const blocks = [`### Links: ${words[worstVerdict(judgements)]}`, table(judgements), drawing(judgements)];
  return [...blocks, findingsBlock(judgements), gapsBlock(judgements)].filter((b) => b !== "");
}

function table(judgements: readonly LinkJudgement[]): string {
  const rows = judgements.map((j) => {
    const cells = [
      `${inertMarkdown(j.from)} → ${inertMarkdown(j.to)}`,
      `${signs[j.verdict]} ${words[j.verdict]}${j.verdict === "reachable" && j.layer !== null ? " ⚠️" : ""}`,
      j.path ?? "–",
      j.layer ?? "–",
      j.remedy === null ? "–" : inertMarkdown(j.remedy),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| link | verdict | path | layer | remedy |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

/** A Mermaid flowchart of the clusters; links are coloured by verdict. */
export function drawing(judgements: readonly LinkJudgement[]): string {
  const names = [...new Set(judgements.flatMap((j) => [j.from, j.to]))];
  const id = (name: string) => `c${names.indexOf(name)}`;
  const lines = [
    ...names.map((n) => `  ${id(n)}["${inertMermaid(n)}"]`),
    ...judgements.map((j) => `  ${id(j.from)} ${arrow(j)}|"${inertMermaid(label(j))}"| ${id(j.to)}`),
    ...judgements.map((j, i) => `  linkStyle ${i} stroke:${stroke(j)},stroke-width:2px`),
  ];
  return ["```mermaid", "flowchart LR", ...lines, "```"].join("\n");
}

function arrow(j: LinkJudgement): string {
  return j.verdict === "reachable" ? "-->" : j.verdict === "broken" ? "--x" : "-.->";
}

function stroke(j: LinkJudgement): string {
  return j.verdict === "reachable" && j.layer !== null ? warned : strokes[j.verdict];
}

function label(j: LinkJudgement): string {
  return [words[j.verdict], j.layer ?? [], j.path ?? []].flat().join(" ");
}

function findingsBlock(judgements: readonly LinkJudgement[]): string {
  const findings = allFindings(judgements);
  if (findings.length === 0) return "";
  const rows = findings.map((f) => {
    const cells = [
      f.layer,
      f.node === null ? "–" : inertMarkdown(f.node),
      inertMarkdown(f.evidence),
      inertMarkdown(f.remedy),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const head = ["| layer | node | seen | remedy |", "| --- | --- | --- | --- |"];
  return folded(`${findings.length} findings, first cause first`, [...head, ...rows].join("\n"));
}

function gapsBlock(judgements: readonly LinkJudgement[]): string {
  const gaps = judgements.flatMap((j) => j.gaps.map((g) => `- ${inertMarkdown(`${j.from} → ${j.to}: ${g}`)}`));
  return gaps.length === 0 ? "" : folded(`${gaps.length} things not tested`, [...new Set(gaps)].join("\n"));
}

function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
