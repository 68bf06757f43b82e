/** The files that a run leaves for other programs. */
import type { MeshError } from "../mesh/error.ts";
import type { Change, Plan } from "./change.ts";
import type { PlanFile, ResultFile } from "./files-schema.ts";
import type { LinkResult } from "./job.ts";

export interface RunResult {
  readonly action: string;
  readonly mode: "apply" | "plan";
  readonly changed: boolean;
  readonly plan: Plan;
  readonly error: MeshError | undefined;
  readonly links: readonly LinkResult[];
}

/** Text of the plan file. */
export function planFileText(action: string, hash: string, { changes, unchanged }: Plan): string {
  return text<PlanFile>({
    version: 1,
    action,
    hash,
    changes: changes.map(changeRecord),
    unchanged: unchanged.map(({ address, why }) => ({ address, why })),
  });
}

/** Text of the result file. */
export function resultFileText({ action, mode, changed, plan, error, links }: RunResult): string {
  return text<ResultFile>({
    version: 1,
    action,
    mode,
    changed,
    changes: plan.changes.map(changeRecord),
    error: error ? errorRecord(error) : null,
    links: links.map(({ from, to, verdict, path, layer, remedy }) => ({ from, to, verdict, path, layer, remedy })),
  });
}

/** Member by member, as all here: what is not promised is not written. */
function changeRecord({ address, resource, kind, why, diff, risk, undo, does }: Change): ResultFile["changes"][number] {
  return { address, resource, kind, why, diff, risk, undo, does };
}

function errorRecord({ code, kind, message, hint, where }: MeshError): ResultFile["error"] {
  if (where === undefined) return { code, kind, message, hint, where: null };
  const { file, line, column, address } = where;
  return { code, kind, message, hint, where: { file, line, column, address } };
}

function text<File>(value: File): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
