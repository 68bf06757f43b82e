/** From a store's name in the topology, and the inputs, to the store. */
import type { Mesh } from "../mesh/mesh.ts";
import type { Secret } from "../mesh/secret.ts";
import type { SecretStore } from "../ports/secret-store.ts";
import type { StoreSettings } from "../wiring/stores.ts";
import type { Wiring } from "../wiring.ts";

/** Inputs of every action that may use a store. */
export interface StoreInputs {
  readonly "vault-token": Secret | undefined;
  readonly "vault-role-id": string | undefined;
  readonly "vault-secret-id": Secret | undefined;
  readonly "github-token"?: Secret | undefined;
  readonly "ca-file": string | undefined;
}

/** The store of that name; the topology has one for every name that it uses. Nothing is contacted yet. */
export function openStore(mesh: Mesh, name: string, inputs: StoreInputs, wiring: Wiring): Promise<SecretStore> {
  return wiring.store(storeSettings(mesh, name, inputs));
}

/** How the store is reached, and with which login. */
export function storeSettings(mesh: Mesh, name: string, inputs: StoreInputs): StoreSettings {
  const store = mesh.stores?.find((one) => one.name === name);
  if (store === undefined) throw new Error(`the topology was read with no store ${name}`);
  return {
    store,
    login: {
      vaultToken: inputs["vault-token"],
      vaultRoleId: inputs["vault-role-id"],
      vaultSecretId: inputs["vault-secret-id"],
      githubToken: inputs["github-token"],
    },
    caFiles: inputs["ca-file"] === undefined ? [] : [inputs["ca-file"]],
  };
}
