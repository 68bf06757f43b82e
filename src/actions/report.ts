/** How a run ended, in the words of its last line and of its summary. */
import { allErrors, type MeshError } from "../mesh/error.ts";
import { inertMarkdown } from "../mesh/inert.ts";
import type { Plan } from "../plan/change.ts";
import { countChanges } from "../plan/guards.ts";
import type { LinkResult, Outcome } from "../plan/job.ts";
import { planMarkdown } from "../plan/render.ts";

/** All that is known of a run at its end. */
export interface Ending {
  readonly action: string;
  readonly mode: "apply" | "plan";
  readonly plan: Plan;
  readonly hash: string | undefined;
  /** Said in the place of what changed or would. */
  readonly instead?: string | undefined;
  /** Something was written, or its writing was begun. */
  readonly applied: boolean;
  readonly outcome: Outcome;
  readonly error: MeshError | undefined;
}

/** Whether anything was changed; in plan mode, whether it would be. */
export function hasChanged({ mode, plan, applied }: Ending): boolean {
  return mode === "plan" ? plan.changes.length > 0 : applied;
}

/** One sentence that a human can quote. */
export function lastLine(ending: Ending): string {
  if (ending.error !== undefined) return failureLine(ending, ending.error);
  return `${ending.action}: ${[changesPhrase(ending), linksPhrase(ending.outcome.links)].filter(Boolean).join(", ")}.`;
}

function failureLine({ action, applied }: Ending, error: MeshError): string {
  const more = error.also.length === 0 ? "" : ` (and ${error.also.length} more)`;
  return `${action} failed, ${applied ? "some changes were made" : "nothing was changed"}: ${error.code}: ${error.message}${more}`;
}

function changesPhrase({ mode, plan, instead }: Ending): string {
  if (instead !== undefined) return instead;
  if (plan.changes.length === 0) return mode === "plan" ? "nothing would change" : "nothing changed";
  return mode === "plan" ? `${countChanges(plan)} would be made` : `${countChanges(plan)} made`;
}

function linksPhrase(links: readonly LinkResult[]): string {
  const tested = links.filter((link) => link.verdict !== "not-tested");
  if (tested.length === 0) return "";
  return `${tested.filter((link) => link.verdict === "reachable").length} of ${tested.length} links reachable`;
}

/** Blocks for the step summary. */
export function summaryBlocks(ending: Ending): readonly string[] {
  const sign = ending.error === undefined ? "✅" : "❌";
  const errors = ending.error === undefined ? [] : [errorsMarkdown(ending.error)];
  const hash = ending.hash === undefined ? [] : [`Plan \`${ending.hash}\``];
  return [
    `### ${sign} ${inertMarkdown(lastLine(ending), 600)}`,
    ...errors,
    ...ending.outcome.summary,
    ...planMarkdown(ending.plan),
    ...hash,
  ];
}

function errorsMarkdown(error: MeshError): string {
  const rows = allErrors(error).map(
    (one) =>
      `| ${inertMarkdown(one.code)} | ${inertMarkdown(placeText(one))} | ${inertMarkdown(one.message)} | ${inertMarkdown(one.hint)} |`,
  );
  return ["| error | where | what | what to do |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** `tailmesh.yaml:12:7`, or an address, or nothing. */
export function placeText({ where }: MeshError): string {
  if (where?.file !== undefined)
    return [where.file, where.line, where.column].filter((part) => part !== undefined).join(":");
  return where?.address ?? "";
}
