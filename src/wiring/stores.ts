/** The stores of a run: one line in `load` for each kind; what a run does not use is not even loaded. */
import type { StoredClient } from "../adapters/control/credentials.ts";
import type { HttpClients } from "../adapters/runner/clients.ts";
import type { FileStore, GitHubStore, Store, VaultStore } from "../mesh/mesh.ts";
import type { Secret } from "../mesh/secret.ts";
import type { Clock } from "../ports/clock.ts";
import type { Host } from "../ports/host.ts";
import type { SecretStore } from "../ports/secret-store.ts";

export interface StoreSettings {
  readonly store: Store;
  /** As the inputs give them. */
  readonly login: StoreLogin;
  /** PEM files of roots that are trusted beside the machine's own and the store's. */
  readonly caFiles: readonly string[];
}

export interface StoreLogin {
  readonly vaultToken?: Secret | undefined;
  readonly vaultRoleId?: string | undefined;
  readonly vaultSecretId?: Secret | undefined;
  readonly githubToken?: Secret | undefined;
}

/** What stores are made of. */
export interface StoreTools {
  readonly host: Host;
  readonly clients: HttpClients;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The checkout. */
  readonly root: string;
}

/** A store, and what else its login is good for. */
interface OpenStore {
  readonly keys: SecretStore;
  /** The control server's OAuth client, where a store can keep one. */
  oauthClient?(place: string): Promise<StoredClient>;
}

export interface Stores {
  /** One for each name; nothing is contacted before its first request. */
  open(settings: StoreSettings): Promise<SecretStore>;
  oauthClient(settings: StoreSettings, place: string): Promise<StoredClient>;
  /** Lets go of every login. */
  close(): Promise<void>;
}

export function createStores(tools: StoreTools): Stores {
  const opened = new Map<string, Promise<OpenStore>>();
  const get = (settings: StoreSettings): Promise<OpenStore> => {
    const { name } = settings.store;
    const store = opened.get(name) ?? load(settings, tools);
    opened.set(name, store);
    return store;
  };
  return {
    open: async (settings) => (await get(settings)).keys,
    async oauthClient(settings, place) {
      const { oauthClient } = await get(settings);
      if (oauthClient === undefined) throw new Error(`a ${settings.store.kind} store keeps no credentials`);
      return oauthClient(place);
    },
    async close() {
      const stores = await Promise.allSettled(opened.values());
      for (const store of stores) if (store.status === "fulfilled") await store.value.keys.close();
    },
  };
}

function load(settings: StoreSettings, tools: StoreTools): Promise<OpenStore> {
  const { store } = settings;
  switch (store.kind) {
    case "vault":
      return loadVault(store, settings, tools);
    case "file":
      return loadFolder(store, tools);
    case "github":
      return loadEnvironment(store, settings, tools);
  }
}

async function loadVault(store: VaultStore, settings: StoreSettings, tools: StoreTools): Promise<OpenStore> {
  const { createVault } = await import("../adapters/vault/open.ts");
  const { host, clients, clock } = tools;
  const { login } = settings;
  return createVault({
    store,
    login: { token: login.vaultToken, roleId: login.vaultRoleId, secretId: login.vaultSecretId },
    http: await clients.get([...settings.caFiles, ...(store.ca === undefined ? [] : [store.ca])]),
    clock,
    mask: (secret) => host.reporter.mask(secret),
    idToken: (audience) => host.idToken(audience),
    say: (line) => host.reporter.info(line),
  });
}

async function loadFolder({ name, folder }: FileStore, { root, host }: StoreTools): Promise<OpenStore> {
  const { createFileStore } = await import("../adapters/files/key-store.ts");
  return { keys: createFileStore({ name, folder, root, mask: (secret) => host.reporter.mask(secret) }) };
}

async function loadEnvironment(
  { name, environment }: GitHubStore,
  { login, caFiles }: StoreSettings,
  { clients, clock, env }: StoreTools,
): Promise<OpenStore> {
  const { createGitHubStore } = await import("../adapters/github/secret-store.ts");
  const keys = createGitHubStore({
    name,
    environment,
    repository: env["GITHUB_REPOSITORY"],
    url: env["GITHUB_API_URL"] || "https://api.github.com",
    token: login.githubToken,
    http: () => clients.get(caFiles),
    clock,
  });
  return { keys };
}
