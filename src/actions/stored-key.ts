/** What actions that mint stored keys know of the run they are in, and of the places of those keys. */
import type { StoredKey } from "../mesh/mesh.ts";
import type { SecretStore } from "../ports/secret-store.ts";
import type { Wiring } from "../wiring.ts";
import { openStore, type StoreInputs } from "./stores.ts";
import { loadMesh } from "./topology.ts";

/** Stands for the repository: by its number where there is one, which it keeps when it is renamed. */
export function ownerOf(env: Wiring["env"]): string {
  const repository = env["GITHUB_REPOSITORY_ID"] || env["GITHUB_REPOSITORY"] || "";
  return `${env["GITHUB_SERVER_URL"] ?? ""}/${repository}`;
}

/** Number of the run, or its time where it has none. */
export function runIdOf({ env, clock }: Pick<Wiring, "env" | "clock">): string {
  return env["GITHUB_RUN_ID"] || clock.now().toISOString().replace(/\D/g, "").slice(0, 14);
}

/** The stored key of that name, its store opened; undefined when the topology has none. */
export async function storedPlace(
  name: string,
  inputs: StoreInputs & { readonly topology: string },
  wiring: Wiring,
): Promise<{ readonly stored: StoredKey; readonly store: SecretStore } | undefined> {
  const { mesh } = await loadMesh({ topology: inputs.topology, clusters: [], nodes: [] }, wiring);
  const stored = mesh.storedKeys?.find((one) => one.name === name);
  return stored && { stored, store: await openStore(mesh, stored.store, inputs, wiring) };
}
