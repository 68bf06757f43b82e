/** What a plan of the policy means for people: who gains or loses access, what was edited elsewhere, and the texts. */
import { inertText } from "../mesh/inert.ts";
import type { Change } from "../plan/change.ts";
import type { AccessChange } from "./access-diff.ts";
import type { PolicyPlan } from "./plan.ts";

const maxShown = 200;

/** Lines for the log; the reporter makes them inert. */
export function logLines(planned: PolicyPlan): readonly string[] {
  return [...editLines(planned), ...accessLines(planned.access)];
}

/** The file of the difference: by entries, by access, and as text; empty when nothing differs. */
export function diffReport(planned: PolicyPlan): string {
  const { plan, diff } = planned;
  if (plan.changes.length === 0) return "";
  const sections = [...Map.groupBy(plan.changes, ({ resource }) => resource)].map(([resource, changes]) =>
    section(resource, changes.flatMap(entryLines)),
  );
  const access = accessLines(planned.access);
  const edits = editLines(planned);
  const parts = [
    ...sections,
    ...(access.length === 0 ? [] : [section("access", access.slice(1))]),
    ...(edits.length === 0 ? [] : [section("edited elsewhere", edits)]),
    diff,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `  ${inertText(line, 500)}`), ""].join("\n");
}

/** An entry: what becomes of it, why, and its old and new form. A file's own difference is text. */
function entryLines({ address, kind, why, diff }: Change): readonly string[] {
  return [`${kind} ${address}: ${why}`, ...diff.split("\n").map((line) => `  ${line}`)];
}

/** A heading and one line each; empty when nobody gains or loses anything. */
export function accessLines(access: readonly AccessChange[]): readonly string[] {
  if (access.length === 0) return [];
  const lines = access.slice(0, maxShown).map(accessLine);
  const more = access.length > maxShown ? [`… and ${access.length - maxShown} more`] : [];
  return ["Who gains and who loses access, as far as it can be told without the server:", ...lines, ...more];
}

function accessLine({ kind, from, to, ports, line }: AccessChange): string {
  const sign = kind === "gains" ? "+" : "-";
  return `${sign} ${few(from)} ${kind} ${few(to)} (${ports}) ${byLine(kind, line)}`;
}

/** `by line 4 of the new policy`. */
export function byLine(kind: AccessChange["kind"], line: number | undefined): string {
  if (line === undefined) return kind === "gains" ? "as no rules are written" : "as so far no rules were written";
  return `by line ${line} of the ${kind === "gains" ? "new" : "old"} policy`;
}

const maxNames = 8;

/** `a, b and 3 more`. */
export function few(names: readonly string[]): string {
  const more = names.length - maxNames;
  return more > 0 ? `${names.slice(0, maxNames).join(", ")} and ${more} more` : names.join(", ");
}

/** What was edited elsewhere, and by what it is told; empty when nothing was. */
export function editLines({ edits }: PolicyPlan): readonly string[] {
  if (edits === null) return [];
  if (edits.kind === "two-way") {
    return [`What was edited elsewhere cannot be told apart, the difference is two-way: ${edits.basis}.`];
  }
  const since = `Edited elsewhere since Tailmesh last wrote it (from commit ${inertText(edits.basis.slice(0, 12))}):`;
  return edits.shown.length === 0 ? [`${since} nothing but comments and form.`] : [since, ...edits.shown];
}
