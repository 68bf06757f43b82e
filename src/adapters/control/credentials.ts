/** Which credential a run uses: the first that is given, and never another in its place. */
import type { MeshError } from "../../mesh/error.ts";
import type { ControlKind } from "../../mesh/mesh.ts";
import { Secret } from "../../mesh/secret.ts";
import { controlErrors } from "./errors.ts";

export type Credential =
  | { readonly kind: "api-key"; readonly apiKey: Secret }
  | { readonly kind: "oauth-client"; readonly clientId: string; readonly clientSecret: Secret }
  | { readonly kind: "workload-identity"; readonly clientId: string; readonly audience: string };

/** As the inputs give them; unset ones are undefined. */
export interface CredentialInputs {
  readonly clientId?: string | undefined;
  readonly clientSecret?: Secret | undefined;
  readonly audience?: string | undefined;
  readonly apiKey?: Secret | undefined;
}

/** An OAuth client as a store keeps it. */
export interface StoredClient {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** What else decides: the kind of server, and whether the topology keeps the credential in a store. */
export interface CredentialContext {
  readonly control: ControlKind;
  readonly isStored: boolean;
}

/**
 * Workload identity, then OAuth client, then API key; undefined when none is given and the store's is to be used. Throws
 * MESH_CREDENTIAL_MISSING, _INCOMPLETE, and _UNFIT for workload identity on Headscale.
 */
export function chooseCredential(inputs: CredentialInputs, context: CredentialContext): Credential | undefined {
  const { clientId, clientSecret, audience, apiKey } = inputs;
  if (clientId !== undefined && audience !== undefined) {
    if (context.control === "headscale") {
      throw controlErrors("MESH_CREDENTIAL_UNFIT", "`audience` is given, and Headscale has no workload identity", {
        hint: "Use `oauth-client-id` with `oauth-client-secret` (Headscale 0.30) or `api-key`, and leave `audience` out.",
      });
    }
    return {
      kind: "workload-identity",
      clientId: plain(clientId, "oauth-client-id"),
      audience: plain(audience, "audience"),
    };
  }
  if (clientId !== undefined && clientSecret !== undefined) {
    return {
      kind: "oauth-client",
      clientId: plain(clientId, "oauth-client-id"),
      clientSecret: headerSafe(clientSecret, "oauth-client-secret"),
    };
  }
  if (clientId !== undefined) {
    throw incomplete("`oauth-client-id` is given without `audience` and without `oauth-client-secret`");
  }
  if (audience !== undefined) throw incomplete("`audience` is given without `oauth-client-id`");
  if (clientSecret !== undefined) throw incomplete("`oauth-client-secret` is given without `oauth-client-id`");
  if (apiKey !== undefined) return { kind: "api-key", apiKey: headerSafe(apiKey, "api-key") };
  if (context.isStored) return undefined;
  throw controlErrors("MESH_CREDENTIAL_MISSING", "no credential for the control server is given", {
    hint: missing[context.control],
  });
}

/** Throws MESH_CREDENTIAL_MISSING for what could be none. */
export function storedCredential({ clientId, clientSecret }: StoredClient): Credential {
  return {
    kind: "oauth-client",
    clientId: plain(clientId, "oauth_client_id", "the stored field"),
    clientSecret: headerSafe(clientSecret, "oauth_client_secret", "the stored field"),
  };
}

/** The text without the line end that pasting adds; it goes into a header or a form, where other characters cannot be. */
export function headerSafe(secret: Secret, name: string, what = "the input"): Secret {
  return new Secret(plain(secret.reveal(), name, what));
}

function plain(value: string, name: string, what = "the input"): string {
  const text = value.trim();
  if (text === "") throw controlErrors("MESH_CREDENTIAL_MISSING", `${what} ${name} is empty`);
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw controlErrors(
    "MESH_CREDENTIAL_MISSING",
    `${what} ${name} holds blanks or other characters that no credential has`,
  );
}

function incomplete(message: string): MeshError {
  return controlErrors("MESH_CREDENTIAL_INCOMPLETE", message);
}

const missing: Readonly<Record<ControlKind, string>> = {
  tailscale:
    'Make one in the admin console, Settings > Trust credentials, with the scopes "Policy File: Write" and "Auth Keys: Write" and the tag tag:ci; docs/tailscale.md has every step. tag:ci must be in the policy before a credential can hold it: add `"tagOwners": {"tag:ci": ["autogroup:admin"]}` under Access controls first. In a pull request from a fork, secrets are empty.',
  headscale:
    "Give the input `api-key`: `headscale apikeys create --expiration 90d` prints one. On Headscale 0.30 an OAuth client with fewer rights does as well; docs/headscale.md has both. In a pull request from a fork, secrets are empty.",
};
