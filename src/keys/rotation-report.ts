/** The report file of key-rotate; schemas/rotation.schema.json comes from here. */
import * as z from "zod";
import type { Radar } from "./radar.ts";

const time = z.iso.datetime().describe("UTC, by the control server's clock.");

const StoredKeySchema = z
  .strictObject({
    name: z.string(),
    store: z.string(),
    place: z.string().describe("Path in a Vault store, name of the secret in a GitHub environment, name of a file."),
    keyId: z
      .string()
      .nullable()
      .describe("Id at the control server of the key that is in force; null when there is none."),
    created: time.nullable(),
    expires: time.nullable(),
    due: time.nullable().describe("When the next rotation is due."),
    overdue: z.boolean(),
    rotated: z.boolean().describe("By this run."),
    why: z.string().describe("Why it was rotated, or why not."),
  })
  .readonly();

const ExpirySchema = z
  .strictObject({
    kind: z.enum([
      "stored-key",
      "api-token",
      "oauth-client",
      "federated-identity",
      "node-key",
      "vault-token",
      "github-token",
    ]),
    name: z.string(),
    expires: time,
    remainingDays: z.int().describe("Rounded down; negative once it has expired."),
    level: z.enum(["ok", "warn", "error"]),
  })
  .readonly();

export const RotationReportSchema = z
  .strictObject({
    version: z.literal(1),
    at: time,
    storedKeys: z.array(StoredKeySchema).readonly(),
    revoked: z.array(z.string()).readonly().describe("Ids of keys that this run revoked."),
    expiring: z.array(ExpirySchema).readonly().describe("Everything that expires, the first to expire first."),
    notVerified: z.array(z.string()).readonly().describe("What could not be looked at."),
  })
  .readonly()
  .meta({ title: "Tailmesh rotation report", description: "Stored keys, and everything that expires." });

export type RotationReport = z.output<typeof RotationReportSchema>;

export interface ReportInput {
  /** The server's time at the end of the run. */
  readonly now: Date;
  readonly storedKeys: RotationReport["storedKeys"];
  readonly revoked: readonly string[];
  readonly radar: Radar;
}

/** Text of the report file. Throws when it does not fit its own schema. */
export function rotationReportText({ now, storedKeys, revoked, radar }: ReportInput): string {
  const report = RotationReportSchema.parse({
    version: 1,
    at: now.toISOString(),
    storedKeys,
    revoked,
    expiring: radar.items.map((item) => ({ ...item, expires: item.expires.toISOString() })),
    notVerified: radar.notVerified,
  });
  return `${JSON.stringify(report, null, 2)}\n`;
}
