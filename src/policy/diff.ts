/** The difference of two policies by sections and entries, as changes of a plan. */
import type { Change, ChangeKind, Unchanged } from "../plan/change.ts";
import type { PolicyEntry } from "./entries.ts";

export interface PolicyDiff {
  readonly changes: readonly Change[];
  /** Derived entries that are there already. */
  readonly unchanged: readonly Unchanged[];
}

/** `does` names the call that writes all of it; it stands with the first change. */
export function diffEntries(before: readonly PolicyEntry[], after: readonly PolicyEntry[], does: string): PolicyDiff {
  const pairs = pair(before, after);
  const changed = pairs.filter(([old, now]) => old?.value !== now?.value);
  const changes = changed.flatMap(([old, now], index): readonly Change[] => {
    const subject = now ?? old;
    if (subject === undefined) return [];
    const kind = kindOf(old, now);
    return [
      {
        address: subject.address,
        resource: subject.resource,
        kind,
        why: whyOf(kind, old, now),
        diff: [...(old ? [`- ${old.shown}`] : []), ...(now ? [`+ ${now.shown}`] : [])].join("\n"),
        risk: kind === "create" ? "none" : "reversible",
        undo: "write the previous policy again, which is the left side of the diff file",
        does: index === 0 ? [does] : [],
      },
    ];
  });
  const unchanged = pairs.flatMap(([old, now]) =>
    old !== undefined && old.value === now?.value && now.origin === "derived"
      ? [{ address: now.address, why: "the policy already says so" }]
      : [],
  );
  return { changes, unchanged };
}

type Pair = readonly [PolicyEntry | undefined, PolicyEntry | undefined];

/** Entries of one address belong together; equal ones first, so that their order in a list does not count. */
function pair(before: readonly PolicyEntry[], after: readonly PolicyEntry[]): readonly Pair[] {
  const open = new Map(before.map((e) => [e.address, e]));
  const pairs = after.map((now): Pair => {
    const old = open.get(now.address);
    open.delete(now.address);
    return [old, now];
  });
  return [...pairs, ...[...open.values()].map((old): Pair => [old, undefined])];
}

/**
 * Taking out an entry that an earlier topology derived is a deletion. One of others' making goes only because their own
 * policy file no longer has it: the file was updated, and the policy follows.
 */
function kindOf(old: PolicyEntry | undefined, now: PolicyEntry | undefined): ChangeKind {
  if (old === undefined) return "create";
  if (now !== undefined) return "update";
  return old.origin === "other" ? "update" : "delete";
}

function whyOf(kind: ChangeKind, old: PolicyEntry | undefined, now: PolicyEntry | undefined): string {
  if (now?.origin === "derived") return kind === "create" ? "the topology needs it" : "the topology needs it changed";
  if (now !== undefined) return "your policy file has it";
  return old?.origin === "other" ? "your policy file no longer has it" : "the topology no longer derives it";
}
