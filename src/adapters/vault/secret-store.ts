/** The SecretStore port on a KV version 2 engine of Vault or OpenBao. */
import * as z from "zod/mini";
import type { Secret } from "../../mesh/secret.ts";
import { keyFields, readKeyFields } from "../../ports/key-record.ts";
import type { KeyRecord, SecretStore, StoreReading, StoreWrite } from "../../ports/secret-store.ts";
import { encodePath } from "./api.ts";
import { vaultErrors } from "./errors.ts";
import { dataPath, isKv2, readKv, writeKv } from "./kv.ts";
import type { Needed } from "./policy.ts";
import type { VaultSession } from "./session.ts";

const needed: readonly Needed[] = ["create", "read", "update"];

export function createVaultStore(session: VaultSession): SecretStore {
  const { store } = session;
  const path = (place: string): string => dataPath(store.mount, place);
  const data = `/v1/${encodePath(`${store.mount}/data`)}/PLACE`;
  return {
    name: store.name,
    capabilities: { readable: true, compareAndSet: true },
    wire: { read: `GET ${data}`, write: `POST ${data}` },
    checkWritable: (place) => checkWritable(session, path(place)),
    read: (place) => read(session, place),
    write: (place, secret, record, ifVersion) => write(session, place, secret, record, ifVersion),
    loginExpiry: () => session.tokenExpiry(),
    close: () => session.close(),
  };
}

const CapabilitiesSchema = z.object({ data: z.record(z.string(), z.array(z.string())) });

/** Asks for the kind of the mount and for the token's rights; what Vault does not tell is said, not taken for a no. */
async function checkWritable(session: VaultSession, path: string): Promise<void> {
  const { store, api } = session;
  if ((await isKv2(session)) === false) {
    throw vaultErrors(
      "MESH_VAULT_NOT_KV2",
      `store ${store.name}: ${store.mount} is no KV engine of version 2`,
      api.where(),
    );
  }
  const asked = rightsQuestion(session, path);
  const body = { paths: [asked.path] };
  const reply = await session.call({ method: "POST", path: "sys/capabilities-self", body, repeatable: true }, asked.at);
  const parsed = CapabilitiesSchema.safeParse(reply.json);
  const rights = parsed.success ? parsed.data.data[asked.path] : undefined;
  if (!reply.ok || rights === undefined) {
    session.say(
      `${store.name}: whether ${path} may be written is not verified: the login may not ask for its own capabilities (${reply.what}: ${reply.status})`,
    );
    return;
  }
  const missing = rights.includes("root") ? [] : needed.filter((capability) => !rights.includes(capability));
  if (missing.length > 0) throw session.lacks(path, needed, missing, `it has ${rights.join(", ")}`);
}

/** The right to ask is the login's own, in its own namespace; from there a namespace below it is a longer path. */
function rightsQuestion(
  { store: { namespace = "", authNamespace = "" } }: VaultSession,
  path: string,
): { readonly path: string; readonly at: "secrets" | "login" } {
  if (namespace === authNamespace) return { path, at: "secrets" };
  const prefix = authNamespace === "" ? "" : `${authNamespace}/`;
  if (!namespace.startsWith(prefix)) return { path, at: "secrets" };
  return { path: `${namespace.slice(prefix.length)}/${path}`, at: "login" };
}

async function read(session: VaultSession, place: string): Promise<StoreReading> {
  const { version, data, isDeleted } = await readKv(session, place);
  const found = { version: String(version), record: null, secret: null, isConsistent: true };
  if (isDeleted) {
    const path = dataPath(session.store.mount, place);
    session.say(`${session.store.name}: version ${version} of ${path} is deleted; the place is taken as empty`);
  }
  if (data === null) return { ...found, kind: "absent" };
  const kept = readKeyFields(data);
  if (kept === undefined) return { ...found, kind: "foreign" };
  session.mask(kept.secret);
  session.api.hide(kept.secret);
  return { ...found, kind: "present", record: kept.record, secret: kept.secret };
}

async function write(
  session: VaultSession,
  place: string,
  secret: Secret,
  record: KeyRecord,
  ifVersion: string,
): Promise<StoreWrite> {
  session.mask(secret);
  session.api.hide(secret);
  const written = await writeKv(session, place, keyFields(secret, record), Number(ifVersion));
  return written.kind === "conflict" ? written : { kind: "stored", version: String(written.version) };
}
