/** The one place that chooses adapters: from inputs and topology to ports. What a run does not need is not even loaded. */
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "./adapters/clock.ts";
import { type CredentialInputs, chooseCredential, storedCredential } from "./adapters/control/credentials.ts";
import { createWorkspace } from "./adapters/files/workspace.ts";
import { createForge } from "./adapters/github/forge.ts";
import { sendPing } from "./adapters/http/ping.ts";
import type { ArchiveSettings } from "./adapters/runner/archives.ts";
import { HttpClients } from "./adapters/runner/clients.ts";
import { createGitHistory } from "./adapters/runner/git-history.ts";
import { createRunnerHost } from "./adapters/runner/host.ts";
import type { Tailnet } from "./mesh/mesh.ts";
import type { Secret } from "./mesh/secret.ts";
import type { Archives } from "./ports/archives.ts";
import type { Clock } from "./ports/clock.ts";
import type { Control } from "./ports/control.ts";
import type { Forge } from "./ports/forge.ts";
import type { History } from "./ports/history.ts";
import type { Host } from "./ports/host.ts";
import type { Reporter } from "./ports/reporter.ts";
import type { RunState } from "./ports/run-state.ts";
import type { SecretStore } from "./ports/secret-store.ts";
import type { Shell } from "./ports/shell.ts";
import type { Workspace } from "./ports/workspace.ts";
import { createStores, type StoreSettings, type Stores } from "./wiring/stores.ts";

/** Name and version of Tailmesh, the latter as package.json has it. */
export const userAgent = "tailmesh/0.1.0";

export interface ControlSettings {
  readonly tailnet: Tailnet;
  /** As the inputs give them; the first that is given is used. */
  readonly credentials: CredentialInputs;
  /** Where the topology keeps an OAuth client, for when no input gives a credential; undefined: nowhere. */
  readonly stored: { readonly settings: StoreSettings; readonly place: string } | undefined;
  /** PEM files of roots that are trusted beside the machine's own. */
  readonly caFiles: readonly string[];
}

export interface SshSettings {
  readonly privateKey: Secret;
  readonly passphrase: Secret | undefined;
  /** Handshakes at a time. */
  readonly concurrency: number;
}

export interface ArchiveChoice {
  readonly source: string | undefined;
  readonly sha256: readonly string[];
  readonly caFiles: readonly string[];
}

/** Ports of one step. Those that need settings are made on demand. */
export interface Wiring {
  readonly reporter: Reporter;
  readonly state: RunState;
  readonly clock: Clock;
  readonly workspace: Workspace;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An unguessable word for this step. */
  readonly nonce: string;
  /** Connects at the first call of what it returns, and once. Throws at once when there is no credential to do it with. */
  control(settings: ControlSettings): () => Promise<Control>;
  shell(settings: SshSettings): Shell;
  archives(choice: ArchiveChoice): Archives;
  /** The store, one for each name. Nothing is contacted before its first request. */
  store(settings: StoreSettings): Promise<SecretStore>;
  readonly history: History;
  /** The pull request that this run belongs to, seen with that token. */
  forge(token: Secret): Forge;
  /** Tells a watchdog elsewhere of a good run. Throws MESH_PING_REFUSED, without any part of the address. */
  ping(url: Secret, caFiles: readonly string[]): Promise<void>;
  /** A text as it may leave this run: without secrets, and with no more detail than asked for. */
  shown(text: string): string;
  /** Lets go of all connections. */
  close(): Promise<void>;
}

/** The platform: GitHub's runner, or one that behaves like it. */
export function runnerHost(): Host {
  return createRunnerHost();
}

/** Ports on a runner, for one step. Nothing is opened yet. */
export function wireRunner(host: Host, signal: AbortSignal, env: Wiring["env"] = process.env): Wiring {
  const checkout = env["GITHUB_WORKSPACE"] || process.cwd();
  const folder = stepFolder(host.state, env["RUNNER_TEMP"] || tmpdir());
  const workspace = createWorkspace({ root: checkout, runDir: folder });
  const clients = new HttpClients({ workspace, userAgent, env, signal, log: (line) => host.reporter.debug(line) });
  const stores = createStores({ host, clients, clock: systemClock, env, workspace, root: checkout });
  return {
    reporter: host.reporter,
    state: host.state,
    clock: systemClock,
    workspace,
    signal,
    env,
    nonce: randomUUID().replaceAll("-", ""),
    control: (settings) => connectOnce(settings, host, clients, stores),
    store: (settings) => stores.open(settings),
    shell: (settings) => lazyShell(settings, workspace, signal),
    archives: ({ source, sha256, caFiles }) =>
      lazyArchives({
        ...(source === undefined ? {} : { source }),
        sha256,
        download: (url) => clients.download(url, caFiles),
        checkout,
        folder: join(folder, "archives"),
        reporter: host.reporter,
      }),
    history: createGitHistory({ root: checkout, env, log: (line) => host.reporter.debug(line) }),
    forge: (token) =>
      createForge({
        token,
        url: env["GITHUB_API_URL"] || "https://api.github.com",
        repository: env["GITHUB_REPOSITORY"] || undefined,
        pullRequest: host.trigger.pullRequest ?? undefined,
      }),
    ping: async (url, caFiles) => sendPing(await clients.quiet(caFiles), url),
    shown: (text) => host.shown(text),
    close: () => stores.close().finally(() => clients.close()),
  };
}

/** One folder for each step; its post step finds it again. */
function stepFolder(state: RunState, temp: string): string {
  const name = "tailmesh-folder";
  const folder = state.load(name) ?? join(temp, "tailmesh", randomUUID());
  state.save(name, folder);
  return folder;
}

/** SSH is the heaviest thing to load: it comes with the first connection. */
function lazyShell(settings: SshSettings, workspace: Workspace, signal: AbortSignal): Shell {
  const shell = once(async () => {
    const { createShell } = await import("./adapters/ssh/shell.ts");
    const { privateKey, passphrase, concurrency } = settings;
    return createShell({
      privateKey,
      ...(passphrase === undefined ? {} : { passphrase }),
      knownHosts: (path) => workspace.read(path),
      concurrency,
      signal,
    });
  });
  return { open: async (node) => (await shell()).open(node) };
}

/** Most runs install nothing. */
function lazyArchives(settings: ArchiveSettings): Archives {
  const archives = once(async () => (await import("./adapters/runner/archives.ts")).createArchives(settings));
  return { get: async (request) => (await archives()).get(request) };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function connectOnce(
  settings: ControlSettings,
  host: Host,
  clients: HttpClients,
  stores: Stores,
): () => Promise<Control> {
  const { tailnet, credentials, stored, caFiles } = settings;
  const chosen = chooseCredential(credentials, { control: tailnet.control, isStored: stored !== undefined });
  return once(async () => {
    const credential = chosen ?? (stored && storedCredential(await stores.oauthClient(stored.settings, stored.place)));
    if (credential === undefined) throw new Error("a credential was neither chosen nor stored");
    const { connectControl } = await import("./adapters/control/connect.ts");
    return await connectControl({
      kind: tailnet.control,
      url: tailnet.url,
      tailnet: tailnet.name,
      ownerTag: tailnet.ownerTag,
      credential,
      http: await clients.get(caFiles),
      clock: systemClock,
      mask: (secret) => host.reporter.mask(secret),
      idToken: (audience) => host.idToken(audience),
    });
  });
}
