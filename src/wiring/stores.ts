/** The stores of a run: one line in `load` for each kind; what a run does not use is not even loaded. */
import { randomUUID } from "node:crypto";
import type { StoredClient } from "../adapters/control/credentials.ts";
import type { HttpClients } from "../adapters/runner/clients.ts";
import type { FileStore, GitHubStore, Store, VaultStore } from "../mesh/mesh.ts";
import type { Secret } from "../mesh/secret.ts";
import type { Clock } from "../ports/clock.ts";
import type { Host } from "../ports/host.ts";
import type { SecretStore } from "../ports/secret-store.ts";
import type { Workspace } from "../ports/workspace.ts";

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
  readonly workspace: Workspace;
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
  const left = new Set<string>();
  const get = (settings: StoreSettings): Promise<OpenStore> => {
    const { name } = settings.store;
    const store = opened.get(name) ?? load(settings, tools, left);
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
      const closing = stores.map((store) => (store.status === "fulfilled" ? store.value.keys.close() : undefined));
      const [failed] = (await Promise.allSettled([...closing, endLeftLogins(tools)])).filter(isRejected);
      if (failed) throw failed.reason;
    },
  };
}

function isRejected(result: PromiseSettledResult<unknown>): result is PromiseRejectedResult {
  return result.status === "rejected";
}

/** `left`: files of logins that are not ended yet. */
function load(settings: StoreSettings, tools: StoreTools, left: Set<string>): Promise<OpenStore> {
  const { store } = settings;
  switch (store.kind) {
    case "vault":
      return loadVault(store, settings, tools, left);
    case "file":
      return loadFolder(store, tools);
    case "github":
      return loadEnvironment(store, settings, tools);
  }
}

async function loadVault(
  store: VaultStore,
  settings: StoreSettings,
  tools: StoreTools,
  left: Set<string>,
): Promise<OpenStore> {
  const { createVault } = await import("../adapters/vault/open.ts");
  const { host, clients, clock } = tools;
  const { login } = settings;
  const caFiles = [...settings.caFiles, ...(store.ca === undefined ? [] : [store.ca])];
  return createVault({
    store,
    login: { token: login.vaultToken, roleId: login.vaultRoleId, secretId: login.vaultSecretId },
    http: await clients.get(caFiles),
    clock,
    mask: (secret) => host.reporter.mask(secret),
    idToken: (audience) => host.idToken(audience),
    remember: rememberIn(store, caFiles, tools, left),
    say: (line) => host.reporter.info(line),
  });
}

/** Names of files of the run, one for each login that is not ended yet. */
const leftLogins = "tailmesh-vault-logins";

/** The token goes into a file of the run, for this user only, as keys do; what the runner keeps is the file's name. */
function rememberIn(
  { url, authNamespace: namespace }: VaultStore,
  caFiles: readonly string[],
  { workspace, host }: StoreTools,
  left: Set<string>,
): (token: Secret | null) => Promise<void> {
  // A name of its own: the post step logs in anew beside what the main step left.
  const file = `vault-login-${randomUUID()}.json`;
  return async (token) => {
    if (token === null) return workspace.removeRunFile(file);
    const { leftLoginText } = await import("../adapters/vault/left-login.ts");
    const text = leftLoginText({ url, namespace, token, caFiles });
    left.add(await workspace.writeRunFile(file, text, { secret: true }));
    host.state.save(leftLogins, [...left].join("\n"));
  };
}

/** In the post step: what the main step saved and did not take away again. */
async function endLeftLogins({ host, workspace, clients }: StoreTools): Promise<void> {
  const files = host.state.load(leftLogins)?.split("\n") ?? [];
  for (const file of files) {
    const text = await workspace.read(file);
    if (text === undefined) continue;
    await workspace.removeRunFile(file);
    const { readLeftLogin, endLeftLogin } = await import("../adapters/vault/left-login.ts");
    const login = readLeftLogin(text);
    if (login === undefined) continue;
    host.reporter.mask(login.token);
    await endLeftLogin(login, await clients.get(login.caFiles));
  }
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
