/** What a check reports: outputs, links, summary, the file of everything seen, and whether the run fails. */
import { MeshError } from "../mesh/error.ts";
import type { LinkResult, Outcome } from "../plan/job.ts";
import type { Workspace } from "../ports/workspace.ts";
import { reachError } from "./errors.ts";
import { type LinkJudgement, linkResults, worstVerdict } from "./judge.ts";
import { headline, reachMarkdown } from "./render.ts";

/** The matrix file: one entry per link, forbidden pairs included, with all findings and gaps. */
export function matrixFile(judgements: readonly LinkJudgement[]): string {
  return `${JSON.stringify({ version: 1, verdict: worstVerdict(judgements), links: judgements }, undefined, 2)}\n`;
}

/** Writes the matrix file and puts the outcome together. */
export async function checkOutcome(
  judgements: readonly LinkJudgement[],
  failOn: "broken" | "relayed",
  workspace: Workspace,
): Promise<Outcome> {
  const matrix = await workspace.writeRunFile("reach-matrix.json", matrixFile(judgements));
  return {
    outputs: { verdict: worstVerdict(judgements), "matrix-file": matrix },
    links: linkResults(judgements),
    summary: reachMarkdown(judgements),
    failure: failureOf(judgements, failOn),
  };
}

/** The error a run ends with, every bad link as one; null when all is as it should be. */
export function failureOf(judgements: readonly LinkJudgement[], failOn: "broken" | "relayed"): MeshError | null {
  const errors = judgements.flatMap((j) => linkError(j, failOn) ?? []);
  const [first, ...rest] = errors;
  if (!first) return null;
  const { code, kind, message, hint, where } = first;
  return new MeshError(code, kind, message, hint, { ...(where ? { where } : {}), also: rest });
}

function linkError(j: LinkJudgement, failOn: "broken" | "relayed"): MeshError | undefined {
  const details = {
    where: { address: `link/${j.from}/${j.to}` },
    ...(j.remedy === null ? {} : { hint: j.remedy }),
  };
  const first = j.findings.find((f) => f.breaks && f.layer === j.layer);
  const seen = first ? `: ${first.evidence}` : "";
  if (j.verdict === "broken" && j.forbidden) {
    return reachError("MESH_LINK_BROKEN", `${j.from} → ${j.to} must not connect, and does${seen}`, details);
  }
  if (j.verdict === "broken") return reachError("MESH_LINK_BROKEN", `${headline(j)}${seen}`, details);
  if (j.verdict === "not-tested") return reachError("MESH_LINK_NOT_TESTED", headline(j), details);
  if (failOn === "relayed" && j.path === "relayed") return reachError("MESH_LINK_RELAYED", headline(j), details);
  return undefined;
}

/** Links that were reachable before and are broken now. */
export function regressions(before: readonly LinkResult[], after: readonly LinkResult[]): readonly LinkResult[] {
  const worked = (l: LinkResult) => before.some((b) => b.from === l.from && b.to === l.to && b.verdict === "reachable");
  return after.filter((l) => l.verdict === "broken" && worked(l));
}
