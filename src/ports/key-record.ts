/** How stores that can be read back keep a key: one object with the text and all that is known of it, so that neither is ever without the other. */
import * as z from "zod/mini";
import { Secret } from "../mesh/secret.ts";
import type { KeyRecord } from "./secret-store.ts";

const time = z.pipe(
  z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)))),
  z.transform((text) => new Date(text)),
);

const RecordSchema = z.object({
  authkey: z.string().check(z.minLength(1)),
  key_id: z.string().check(z.minLength(1)),
  name: z.string().check(z.minLength(1)),
  tags: z.array(z.string()),
  created: time,
  expires: time,
  previous_key_id: z.nullish(z.string()),
  minted_by_run: z.nullish(z.string()),
});

export interface KeptKey {
  readonly secret: Secret;
  readonly record: KeyRecord;
}

/** The fields, as JSON has them. The first is the text of the key. */
export function keyFields(secret: Secret, record: KeyRecord): Readonly<Record<string, unknown>> {
  return {
    authkey: secret.reveal(),
    key_id: record.keyId,
    name: record.name,
    tags: record.tags,
    created: record.created.toISOString(),
    expires: record.expires.toISOString(),
    previous_key_id: record.previousKeyId,
    minted_by_run: record.mintedByRun,
  };
}

/** Undefined for anything that is no record of ours. Fields that others added are passed over. */
export function readKeyFields(value: unknown): KeptKey | undefined {
  const parsed = RecordSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { authkey, key_id, name, tags, created, expires, previous_key_id, minted_by_run } = parsed.data;
  return {
    secret: new Secret(authkey),
    record: {
      keyId: key_id,
      name,
      tags,
      created,
      expires,
      previousKeyId: previous_key_id || null,
      mintedByRun: minted_by_run ?? "",
    },
  };
}
