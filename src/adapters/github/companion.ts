/**
 * The variable beside a secret that cannot be read back: which key is in it, since when and until when. It holds no secret.
 * A key that is about to be written is noted as `pending` first, so that a run that was stopped in between is recognised.
 */
import * as z from "zod/mini";
import type { KeyRecord } from "../../ports/secret-store.ts";

export interface Companion {
  /** The key that the last whole write left; null before the first. */
  readonly record: KeyRecord | null;
  /** The key of a write that was begun and has not ended. */
  readonly pending: KeyRecord | null;
}

const time = z.pipe(
  z.iso.datetime(),
  z.transform((text) => new Date(text)),
);

/** The names are those of a record in Vault. */
const record = z.object({
  key_id: z.string().check(z.minLength(1)),
  name: z.string().check(z.minLength(1)),
  tags: z.array(z.string()),
  created: time,
  expires: time,
  previous_key_id: z.nullable(z.string()),
  minted_by_run: z.string(),
});

const companion = z.union([
  z.extend(record, { tailmesh: z.literal(1), pending: z.nullish(record) }),
  z.object({ tailmesh: z.literal(1), key_id: z.optional(z.undefined()), pending: record }),
]);

/** The fields of the record stand at the top, so that a workflow can say `fromJSON(vars.TS_AUTHKEY_META).key_id`. */
export function companionText({ record: whole, pending }: Companion): string {
  const fields = whole === null ? {} : fieldsOf(whole);
  return JSON.stringify({ tailmesh: 1, ...fields, ...(pending === null ? {} : { pending: fieldsOf(pending) }) });
}

/** Undefined for what is no companion of ours. */
export function readCompanion(text: string): Companion | undefined {
  const parsed = companion.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { data } = parsed;
  return {
    record: data.key_id === undefined ? null : recordOf(data),
    pending: data.pending ? recordOf(data.pending) : null,
  };
}

function fieldsOf(one: KeyRecord): Readonly<Record<string, unknown>> {
  return {
    key_id: one.keyId,
    name: one.name,
    tags: one.tags,
    created: one.created.toISOString(),
    expires: one.expires.toISOString(),
    previous_key_id: one.previousKeyId,
    minted_by_run: one.mintedByRun,
  };
}

function recordOf(wire: z.output<typeof record>): KeyRecord {
  return {
    keyId: wire.key_id,
    name: wire.name,
    tags: wire.tags,
    created: wire.created,
    expires: wire.expires,
    previousKeyId: wire.previous_key_id,
    mintedByRun: wire.minted_by_run,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
