/** What a run wants of Vault: a store for keys and the control server's credential, over one login. */
import type { SecretStore } from "../../ports/secret-store.ts";
import { type OAuthClient, readOAuthClient } from "./oauth-client.ts";
import { createVaultStore } from "./secret-store.ts";
import { openVault, type VaultOptions } from "./session.ts";

export interface Vault {
  readonly keys: SecretStore;
  oauthClient(place: string): Promise<OAuthClient>;
  close(): Promise<void>;
}

/** Throws MESH_VAULT_LOGIN_MISSING; nothing is contacted before the first request. */
export function createVault(options: VaultOptions): Vault {
  const session = openVault(options);
  return {
    keys: createVaultStore(session),
    oauthClient: (place) => readOAuthClient(session, place),
    close: () => session.close(),
  };
}
