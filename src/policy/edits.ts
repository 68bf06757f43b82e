/** What was edited on the server since Tailmesh last wrote its policy. */
import type { DerivedPolicy } from "./desired.ts";
import { diffEntries } from "./diff.ts";
import { type PolicyTree, readPolicy } from "./document.ts";
import { policyEntries } from "./entries.ts";
import type { LastApplied } from "./last-applied.ts";

export interface Edits {
  /** `three-way`: against what was written last; `two-way`: that is not known, the difference is against the new policy. */
  readonly kind: "three-way" | "two-way";
  /** The commit that what was written last was made of, or why it is not known. */
  readonly basis: string;
  /** `+ policy/grants/…: …`, harmless to print; empty when two-way. */
  readonly shown: readonly string[];
}

/** Compares with what was written last, where that is known. */
export function editsSince(
  server: PolicyTree,
  derived: DerivedPolicy,
  last: LastApplied | null | undefined,
  isUnmarked: boolean,
): Edits {
  if (!last) {
    const basis = isUnmarked
      ? "this server drops comments, and with them the mark of what was written last"
      : "what Tailmesh wrote last is not in the Git history of this checkout (actions/checkout with `fetch-depth: 0` has all of it)";
    return { kind: "two-way", basis, shown: [] };
  }
  const old = policyEntries(readPolicy(last.text), derived);
  const { changes } = diffEntries(old, policyEntries(server, derived), "");
  const shown = changes.flatMap(({ address, diff }) => diff.split("\n").map((line) => editLine(address, line)));
  return { kind: "three-way", basis: last.commit, shown };
}

function editLine(address: string, line: string): string {
  return `${line.slice(0, 1)} ${address}: ${line.slice(2)}`;
}
