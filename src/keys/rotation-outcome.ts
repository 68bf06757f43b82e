/** What a rotation has to tell at its end: outputs, summary, report, metrics, and what is wrong. */
import { allErrors, joinErrors, type MeshError } from "../mesh/error.ts";
import { inertMarkdown } from "../mesh/inert.ts";
import type { StoredKey } from "../mesh/mesh.ts";
import { emptyOutcome, type Outcome } from "../plan/job.ts";
import type { AuthKey, Device, ExpiringCredential } from "../ports/control.ts";
import { day, nextDue } from "./due.ts";
import { rotationMetrics } from "./metrics.ts";
import { overdueErrors, overdueRotations, overdueText, type RotationState } from "./overdue.ts";
import { expiryErrors, expiryRadar, expiryWarnings, type RadarInput, radarLines, radarMarkdown } from "./radar.ts";
import type { Rotation, Turn } from "./rotation.ts";
import { rotationReportText } from "./rotation-report.ts";

/** How one stored key's turn ended. */
export type TurnEnd =
  | { readonly kind: "kept"; readonly turn: Turn }
  /** `overtaken`: another run stored this key meanwhile. */
  | { readonly kind: "rotated" | "overtaken"; readonly turn: Turn; readonly key: AuthKey }
  | { readonly kind: "failed"; readonly turn: Turn; readonly error: MeshError };

export interface RotationEnd {
  readonly rotation: Rotation;
  /** Empty when nothing was to be done, or in plan mode. */
  readonly ends: readonly TurnEnd[];
  /** Ids. */
  readonly revoked: readonly string[];
  /** The server's time. */
  readonly now: Date;
  readonly devices: readonly Device[] | null;
  readonly credentials: readonly ExpiringCredential[] | null;
  /** When tokens end that stores were given. */
  readonly logins: NonNullable<RadarInput["logins"]>;
  readonly storedKeys: readonly StoredKey[];
}

export interface RotationTold {
  readonly outcome: Outcome;
  /** Texts of the two files. */
  readonly report: string;
  readonly metrics: string;
  readonly warnings: readonly string[];
  readonly lines: readonly string[];
}

/** A stored key as it is now. */
interface Now {
  readonly stored: StoredKey;
  readonly key: AuthKey | null;
  readonly isRotated: boolean;
  readonly why: string;
}

export function rotationOutcome(end: RotationEnd): RotationTold {
  const { rotation, ends, revoked, now, devices, credentials, logins, storedKeys } = end;
  const present = storedKeys.map((stored) => nowOf(stored, rotation, ends));
  const states = present.flatMap(stateOf);
  const overdue = overdueRotations(states, now);
  const late = overdueRotations(rotation.turns.flatMap(stateBefore), now).filter(({ name }) =>
    present.some((one) => one.stored.name === name && one.isRotated),
  );
  const radar = expiryRadar({
    now,
    storedKeys: states.map(({ name, expires }) => ({ name, expires, life: lifeOf(storedKeys, name) })),
    credentials,
    devices,
    logins,
  });
  const dues = present.map(({ stored, key }) => (key === null ? null : nextDue(key, stored)));
  const problems = [
    ...rotation.failures.map(({ error }) => error),
    ...ends.flatMap((one) => (one.kind === "failed" ? one.error : [])),
    ...overdueErrors(overdue),
    ...expiryErrors(radar),
  ];
  const isOverdue = (name: string): boolean => overdue.some((one) => one.name === name);
  const failure = joined(problems);
  const lines =
    storedKeys.length === 0
      ? ["The topology has no stored keys: nothing to rotate.", ...radarLines(radar)]
      : radarLines(radar);
  return {
    outcome: {
      ...emptyOutcome,
      outputs: {
        rotated: String(present.some(({ isRotated }) => isRotated)),
        "next-due": earliest(dues)?.toISOString() ?? "",
      },
      summary: [
        ...(storedKeys.length === 0
          ? ["There are no stored keys in the topology: nothing to rotate."]
          : [table(present)]),
        ...radarMarkdown(radar),
      ],
      failure,
    },
    report: rotationReportText({
      now,
      revoked,
      radar,
      storedKeys: present.map(({ stored, key, isRotated, why }, index) => ({
        name: stored.name,
        store: stored.store,
        place: stored.place,
        keyId: key?.id ?? null,
        created: key?.created.toISOString() ?? null,
        expires: key?.expires?.toISOString() ?? null,
        due: dues[index]?.toISOString() ?? null,
        overdue: isOverdue(stored.name),
        rotated: isRotated,
        why,
      })),
    }),
    metrics: rotationMetrics({
      now,
      items: radar.items,
      rotations: present.flatMap(({ stored }, index) => {
        const due = dues[index];
        return due ? { name: stored.name, due, isOverdue: isOverdue(stored.name) } : [];
      }),
      succeeded: failure === null,
    }),
    warnings: [
      ...late.map(
        (one) => `${overdueText(one)}. It was made up for: is the schedule switched off, or do its runs fail?`,
      ),
      ...expiryWarnings(radar),
    ],
    lines,
  };
}

function nowOf(stored: StoredKey, { turns, failures }: Rotation, ends: readonly TurnEnd[]): Now {
  const turn = turns.find((one) => one.stored === stored);
  if (turn === undefined) {
    const failed = failures.find((one) => one.stored === stored);
    return { stored, key: null, isRotated: false, why: failed?.error.message ?? "not looked at" };
  }
  const end = ends.find((one) => one.turn === turn);
  const before = turn.standing.flaw === null ? turn.standing.named : null;
  if (end?.kind === "rotated") return { stored, key: end.key, isRotated: true, why: turn.why ?? "" };
  if (end?.kind === "overtaken") return { stored, key: end.key, isRotated: false, why: "another run was faster" };
  if (end?.kind === "failed") return { stored, key: before, isRotated: false, why: end.error.message };
  return { stored, key: before, isRotated: false, why: turn.why ?? "not due" };
}

function stateOf({ stored, key }: Now): readonly RotationState[] {
  if (key === null || key.expires === null) return [];
  const { name, rotateAfter, renewBefore } = stored;
  return [{ name, created: key.created, expires: key.expires, rotateAfter, renewBefore }];
}

function stateBefore({ stored, standing }: Turn): readonly RotationState[] {
  const { named } = standing;
  return named === null ? [] : stateOf({ stored, key: named, isRotated: false, why: "" });
}

function lifeOf(storedKeys: readonly StoredKey[], name: string): number {
  return storedKeys.find((stored) => stored.name === name)?.expiry ?? 0;
}

function earliest(dates: readonly (Date | null)[]): Date | undefined {
  return dates.flatMap((date) => date ?? []).sort((a, b) => a.getTime() - b.getTime())[0];
}

function joined([first, ...more]: readonly MeshError[]): MeshError | null {
  return first === undefined ? null : joinErrors([first, ...more.flatMap(allErrors)]);
}

function table(present: readonly Now[]): string {
  const rows = present.map(({ stored, key, isRotated, why }) => {
    const cells = [
      stored.name,
      key?.id ?? "none",
      key?.expires ? day(key.expires) : "",
      key === null ? "" : day(nextDue(key, stored)),
      isRotated ? "rotated" : "",
      why,
    ];
    return `| ${cells.map((cell) => inertMarkdown(cell)).join(" | ")} |`;
  });
  return ["| stored key | key | expires | next due | | why |", "| --- | --- | --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}
