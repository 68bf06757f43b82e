/** The report file of key-rotate. */
import type { Radar } from "./radar.ts";
import type { RotationReport } from "./rotation-report-schema.ts";

export interface ReportInput {
  /** The server's time at the end of the run. */
  readonly now: Date;
  readonly storedKeys: RotationReport["storedKeys"];
  readonly revoked: readonly string[];
  readonly radar: Radar;
}

/** Text of the report file. */
export function rotationReportText({ now, storedKeys, revoked, radar }: ReportInput): string {
  const report: RotationReport = {
    version: 1,
    at: now.toISOString(),
    storedKeys: storedKeys.map(storedKeyRecord),
    revoked,
    expiring: radar.items.map(({ kind, name, expires, remainingDays, level }) => ({
      kind,
      name,
      expires: expires.toISOString(),
      remainingDays,
      level,
    })),
    notVerified: radar.notVerified,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Member by member: what is not promised is not written. */
function storedKeyRecord(key: RotationReport["storedKeys"][number]): RotationReport["storedKeys"][number] {
  const { name, store, place, keyId, created, expires, due, overdue, rotated, why } = key;
  return { name, store, place, keyId, created, expires, due, overdue, rotated, why };
}
