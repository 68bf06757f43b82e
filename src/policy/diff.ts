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

/** Entries of one name belong together, equal ones before others, so that neither order nor a double looks like a change. */
function pair(before: readonly PolicyEntry[], after: readonly PolicyEntry[]): readonly Pair[] {
  const open = Map.groupBy(before, nameOf);
  const take = (now: PolicyEntry, isIt: (old: PolicyEntry) => boolean): PolicyEntry | undefined => {
    const list = open.get(nameOf(now)) ?? [];
    const index = list.findIndex(isIt);
    return index === -1 ? undefined : list.splice(index, 1)[0];
  };
  const equal = after.map((now): Pair => [take(now, (old) => old.value === now.value), now]);
  const pairs = equal.map(([old, now]): Pair => [old ?? (now && take(now, () => true)), now]);
  return [...pairs, ...[...open.values()].flat().map((old): Pair => [old, undefined])];
}

/** The address without the number that tells doubles apart. */
function nameOf(entry: PolicyEntry): string {
  return entry.address.replace(/#\d+$/, "");
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
