/** What is promised of the report file of key-rotate; schemas/rotation.schema.json comes from here. */
import * as z from "zod/mini";

const time = z.iso.datetime().register(z.globalRegistry, { description: "UTC, by the control server's clock." });

const StoredKeySchema = z.readonly(
  z.strictObject({
    name: z.string(),
    store: z.string(),
    place: z.string().register(z.globalRegistry, {
      description: "Path in a Vault store, name of the secret in a GitHub environment, name of a file.",
    }),
    keyId: z.nullable(z.string()).register(z.globalRegistry, {
      description: "Id at the control server of the key that is in force; null when there is none.",
    }),
    created: z.nullable(time),
    expires: z.nullable(time),
    due: z.nullable(time).register(z.globalRegistry, { description: "When the next rotation is due." }),
    overdue: z.boolean(),
    rotated: z.boolean().register(z.globalRegistry, { description: "By this run." }),
    why: z.string().register(z.globalRegistry, { description: "Why it was rotated, or why not." }),
  }),
);

const ExpirySchema = z.readonly(
  z.strictObject({
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
    remainingDays: z.int().register(z.globalRegistry, { description: "Rounded down; negative once it has expired." }),
    level: z.enum(["ok", "warn", "error"]),
  }),
);

export const RotationReportSchema = z
  .readonly(
    z.strictObject({
      version: z.literal(1),
      at: time,
      storedKeys: z.readonly(z.array(StoredKeySchema)),
      revoked: z
        .readonly(z.array(z.string()))
        .register(z.globalRegistry, { description: "Ids of keys that this run revoked." }),
      expiring: z
        .readonly(z.array(ExpirySchema))
        .register(z.globalRegistry, { description: "Everything that expires, the first to expire first." }),
      notVerified: z
        .readonly(z.array(z.string()))
        .register(z.globalRegistry, { description: "What could not be looked at." }),
    }),
  )
  .register(z.globalRegistry, {
    title: "Tailmesh rotation report",
    description: "Stored keys, and everything that expires.",
  });

export type RotationReport = z.output<typeof RotationReportSchema>;
