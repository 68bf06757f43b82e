/** KV version 2: what is at a path and which version it is; writes only on that condition. */
import * as z from "zod/mini";
import { MeshError } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import type { VaultReply } from "./api.ts";
import { vaultErrors } from "./errors.ts";
import type { VaultSession } from "./session.ts";

export interface KvReading {
  /** Of the newest version; 0 when there never was one. */
  readonly version: number;
  /** Null when there is none, or when it is deleted. */
  readonly data: Readonly<Record<string, unknown>> | null;
  /** There is a newest version, and it is deleted or destroyed. */
  readonly isDeleted: boolean;
}

const ReadSchema = z.object({
  data: z.object({
    data: z.nullable(z.record(z.string(), z.unknown())),
    metadata: z.object({ version: z.int().check(z.positive()) }),
  }),
});

const WriteSchema = z.object({ data: z.object({ version: z.int().check(z.positive()) }) });

export const dataPath = (mount: string, place: string): string => `${mount}/data/${place}`;

/** Throws what a refusal means; an empty path is no refusal. */
export async function readKv(session: VaultSession, place: string): Promise<KvReading> {
  const path = dataPath(session.store.mount, place);
  const reply = await session.call({ method: "GET", path });
  const parsed = ReadSchema.safeParse(reply.json);
  if (parsed.success && (reply.ok || reply.status === 404)) {
    const { data, metadata } = parsed.data.data;
    return { version: metadata.version, data, isDeleted: data === null };
  }
  if (reply.ok) throw notKv2(session, reply);
  if (reply.status === 404 && reply.said === "") return { version: 0, data: null, isDeleted: false };
  throw session.refusal(reply, path, ["read"]);
}

export type KvWrite = { readonly kind: "stored"; readonly version: number } | { readonly kind: "conflict" };

/** Pauses before a write whose answer was lost is sent once more, in milliseconds. */
const pauses = [250, 1000];

/**
 * Writes on condition that the newest version is `cas`. When the answer is lost, the place is read: what is there tells
 * whether it was written, and only what certainly was not is sent again, on the same condition.
 */
export async function writeKv(
  session: VaultSession,
  place: string,
  data: Readonly<Record<string, unknown>>,
  cas: number,
): Promise<KvWrite> {
  const path = dataPath(session.store.mount, place);
  for (let attempt = 0; ; attempt++) {
    const reply = await sent(session, path, { data, options: { cas } });
    const isAnswered = !(reply instanceof MeshError);
    if (isAnswered) {
      const written = judged(session, reply, path);
      if (written.kind === "stored" || attempt === 0) return written;
    }
    // No answer, or a mismatch after one was lost, which may be our own write's doing.
    const now = await readAfter(session, place, isAnswered ? reply.what : reply.message);
    if (isSame(now.data, data)) return { kind: "stored", version: now.version };
    if (now.version !== cas) return { kind: "conflict" };
    const pause = pauses[attempt];
    if (isAnswered || pause === undefined) throw unsure(session, path, "it was refused or lost each time", undefined);
    await session.clock.sleep(pause);
  }
}

/** The answer, or why there is none that says what became of it. */
async function sent(session: VaultSession, path: string, body: unknown): Promise<VaultReply | MeshError> {
  try {
    return await session.call({ method: "POST", path, body });
  } catch (error) {
    const isLost = error instanceof MeshError && lostCodes.has(error.code);
    if (!isLost) throw error;
    return error;
  }
}

const lostCodes: ReadonlySet<string> = new Set(["MESH_VAULT_UNREACHABLE", "MESH_VAULT_FAILED", "MESH_VAULT_LIMITED"]);

async function readAfter(session: VaultSession, place: string, lost: string): Promise<KvReading> {
  try {
    return await readKv(session, place);
  } catch (cause) {
    const why = cause instanceof MeshError ? cause.message : "it could not be read";
    throw unsure(session, dataPath(session.store.mount, place), `${lost}; then ${why}`, cause);
  }
}

function unsure(session: VaultSession, path: string, why: string, cause: unknown): MeshError {
  const details = { ...session.api.where(), cause };
  return vaultErrors("MESH_VAULT_UNSURE", `whether ${path} was written is not known: ${why}`, details);
}

function judged(session: VaultSession, reply: VaultReply, path: string): KvWrite {
  const parsed = WriteSchema.safeParse(reply.json);
  if (reply.ok && parsed.success) return { kind: "stored", version: parsed.data.data.version };
  if (reply.ok) throw notKv2(session, reply);
  if (/check-and-set parameter did not match/i.test(reply.said)) return { kind: "conflict" };
  throw session.refusal(reply, path, ["create", "update"]);
}

function notKv2(session: VaultSession, reply: VaultReply): MeshError {
  const { mount } = session.store;
  const said = `${reply.what} was answered ${reply.status} without a version: ${inertText(mount, 200)} is no KV version 2`;
  return vaultErrors("MESH_VAULT_NOT_KV2", said, session.api.where());
}

function isSame(found: Readonly<Record<string, unknown>> | null, wanted: Readonly<Record<string, unknown>>): boolean {
  return found !== null && canonical(found) === canonical(wanted);
}

/** Vault gives fields back in its own order. */
function canonical(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const MountSchema = z.object({
  data: z.object({ type: z.string(), options: z.nullish(z.object({ version: z.optional(z.string()) })) }),
});

/** Whether the mount is what it must be; undefined where Vault does not say. Nothing is changed. */
export async function isKv2(session: VaultSession): Promise<boolean | undefined> {
  const reply = await session.call({ method: "GET", path: `sys/internal/ui/mounts/${session.store.mount}` });
  const parsed = MountSchema.safeParse(reply.json);
  if (!reply.ok || !parsed.success) return undefined;
  const { type, options } = parsed.data.data;
  return type === "kv" && options?.version === "2";
}
