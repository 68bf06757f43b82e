/** The control server's OAuth client, kept in Vault. */
import { inertText } from "../../mesh/inert.ts";
import { Secret } from "../../mesh/secret.ts";
import { vaultErrors } from "./errors.ts";
import { dataPath, readKv } from "./kv.ts";
import type { VaultSession } from "./session.ts";

export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** Fields `oauth_client_id` and `oauth_client_secret`. Throws MESH_VAULT_SECRET_MISSING and _FIELD_MISSING. */
export async function readOAuthClient(session: VaultSession, place: string): Promise<OAuthClient> {
  const { store, api } = session;
  const path = dataPath(store.mount, place);
  const { data, version, isDeleted } = await readKv(session, place);
  if (data === null) {
    const command = `bao kv undelete -mount=${store.mount} -versions=${version} ${place}`;
    const [what, more] = isDeleted
      ? [`version ${version} of ${path} is deleted`, { hint: `\`${command}\` brings it back unless it was destroyed.` }]
      : [`there is nothing at ${path}`, missingHint(store.mount, place)];
    throw vaultErrors("MESH_VAULT_SECRET_MISSING", `${what} (store ${store.name})`, { ...api.where(), ...more });
  }
  const field = (name: string): string => {
    const value = data[name];
    if (typeof value === "string" && value.trim() !== "") return value.trim();
    const names = Object.keys(data).map((key) => inertText(key, 60));
    const found = names.length === 0 ? "it has no fields" : `it has ${names.slice(0, 20).join(", ")}`;
    const message = `${path} has no text in the field ${name}; ${found} (store ${store.name})`;
    throw vaultErrors("MESH_VAULT_FIELD_MISSING", message, api.where());
  };
  const clientId = field("oauth_client_id");
  const clientSecret = new Secret(field("oauth_client_secret"));
  session.mask(clientSecret);
  api.hide(clientSecret);
  return { clientId, clientSecret };
}

/** People write the path as they see it elsewhere: with the mount, or as the API has it. */
function missingHint(mount: string, place: string): { readonly hint?: string } {
  const below = [`${mount}/data/`, `${mount}/`, "data/"].find((prefix) => place.startsWith(prefix));
  if (below === undefined) return {};
  return { hint: `\`credentials.path\` is the path below the mount: write ${place.slice(below.length)}.` };
}
