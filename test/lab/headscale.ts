// The control server: Headscale with its own relay, certificate and database, in the namespace `hs`; and a client of its API for the lab's use.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Agent, fetch } from "undici";
import * as yaml from "yaml";
import { must, start } from "./exec.ts";
import { state } from "./paths.ts";
import { pki } from "./pki.ts";
import { childrenOf, isAlive, type Known, kill, know } from "./processes.ts";
import { running } from "./record.ts";
import { internet } from "./topology.ts";
import { until } from "./wait.ts";

const folder = join(state, "hs");
const config = join(folder, "config.yaml");
const pidFile = join(folder, "pid.json");
const apiKeyFile = join(folder, "apikey");
const database = join(folder, "db");
export const controlUrl = `https://${internet.controlName}`;
export const apiKey = (): string => readFileSync(apiKeyFile, "utf8");

function configuration(): string {
  return yaml.stringify({
    server_url: controlUrl,
    listen_addr: `${internet.control}:443`,
    metrics_listen_addr: "127.0.0.1:9090",
    grpc_listen_addr: "127.0.0.1:50443",
    tls_cert_path: pki.certificate,
    tls_key_path: pki.key,
    noise: { private_key_path: join(folder, "noise.key") },
    prefixes: { v4: "100.64.0.0/10", v6: "fd7a:115c:a1e0::/48", allocation: "sequential" },
    derp: {
      urls: [],
      paths: [],
      auto_update_enabled: false,
      server: {
        enabled: true,
        region_id: 999,
        region_code: "lab",
        region_name: "lab",
        verify_clients: true,
        stun_listen_addr: `${internet.control}:3478`,
        private_key_path: join(folder, "derp.key"),
        automatically_add_embedded_derp_region: true,
        ipv4: internet.control,
      },
    },
    disable_check_updates: true,
    database: { type: "sqlite", sqlite: { path: join(database, "db.sqlite"), write_ahead_log: true } },
    policy: { mode: "database" },
    dns: { magic_dns: true, base_domain: "tail.lab.test", override_local_dns: false, nameservers: { global: [] } },
    log: { level: "info", format: "json" },
    // the world's /run is its own
    unix_socket: "/run/headscale.sock",
  });
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

const authority = (): Agent => new Agent({ connect: { ca: readFileSync(pki.authority, "utf8") } });
let agent: Agent | undefined;

/** A call of the control server's API with the lab's own key. Inside the world only. */
export async function callControl(method: string, path: string, body?: unknown): Promise<Reply> {
  agent ??= authority();
  const answer = await fetch(`${controlUrl}${path}`, {
    method,
    dispatcher: agent,
    headers: {
      ...(existsSync(apiKeyFile) && { authorization: `Bearer ${apiKey()}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: answer.status, text: await answer.text() };
}

export async function control<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { status, text } = await callControl(method, path, body);
  if (status !== 200) throw new Error(`control server: ${method} ${path}: ${status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

export interface Device {
  readonly id: string;
  readonly givenName: string;
  readonly ipAddresses: readonly string[];
  readonly tags?: readonly string[];
  readonly online: boolean;
  readonly approvedRoutes: readonly string[];
  readonly availableRoutes: readonly string[];
  readonly subnetRoutes: readonly string[];
}

export async function devices(): Promise<readonly Device[]> {
  return (await control<{ nodes: Device[] }>("GET", "/api/v1/node")).nodes;
}

/** The stored policy, or null when there is none. */
export async function readPolicy(): Promise<string | null> {
  const { status, text } = await callControl("GET", "/api/v1/policy");
  if (status === 500 && text.includes("acl policy not found")) return null;
  if (status !== 200) throw new Error(`control server: policy: ${status} ${text.slice(0, 300)}`);
  return (JSON.parse(text) as { policy: string }).policy;
}

export const writePolicy = (policy: string): Promise<unknown> => control("PUT", "/api/v1/policy", { policy });

function known(): Known | null {
  return existsSync(pidFile) ? (JSON.parse(readFileSync(pidFile, "utf8")) as Known) : null;
}

const program = (): string => join(running().tools.headscale, "headscale");

export function headscaleRuns(): boolean {
  const process = known();
  return process !== null && isAlive(process);
}

export async function startHeadscale(): Promise<void> {
  if (headscaleRuns()) return;
  const pid = start(["ip", "netns", "exec", "hs", program(), "-c", config, "serve"], join(folder, "log"));
  writeFileSync(pidFile, JSON.stringify(know(pid)));
  await until("Headscale to answer", 20_000, async () => (await callControl("GET", "/health")).status === 200, 50);
}

export async function stopHeadscale(): Promise<void> {
  const process = known();
  if (!process) return;
  for (const child of childrenOf(process.pid)) kill(know(child), "SIGTERM");
  kill(process, "SIGTERM");
  // connected clients hold a graceful end back
  await until("Headscale to end", 3000, () => !isAlive(process), 50).catch(() => kill(process, "SIGKILL"));
  await until("Headscale to be gone", 3000, () => !isAlive(process), 50);
  await agent?.destroy();
  agent = undefined;
}

/** A whole copy of the database under a name, taken while the server runs. */
export function saveDatabase(name: string): void {
  const copy = join(folder, `db.${name}`);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { mode: 0o700 });
  const open = new DatabaseSync(join(database, "db.sqlite"), { readOnly: true });
  try {
    open.prepare("VACUUM INTO ?").run(join(copy, "db.sqlite"));
  } finally {
    open.close();
  }
}

export async function restoreDatabase(name: string): Promise<void> {
  await stopHeadscale();
  rmSync(database, { recursive: true, force: true });
  cpSync(join(folder, `db.${name}`), database, { recursive: true });
  await startHeadscale();
}

export const hasDatabase = (name: string): boolean => existsSync(join(folder, `db.${name}`));

export function forgetDatabases(): void {
  for (const entry of readdirSync(folder)) {
    if (entry.startsWith("db.") && entry !== `db.${pristine}`) rmSync(join(folder, entry), { recursive: true });
  }
}

/** The name of the copy that has an API key and nothing else. */
export const pristine = "pristine";

export async function setUpHeadscale(): Promise<void> {
  mkdirSync(database, { recursive: true, mode: 0o700 });
  writeFileSync(config, configuration(), { mode: 0o600 });
  await startHeadscale();
  const made = await must([program(), "-c", config, "apikeys", "create", "--expiration", "2160h"]);
  const key = /hskey-api-\S+/.exec(made)?.[0];
  if (!key) throw new Error(`Headscale made no API key: ${made}`);
  writeFileSync(apiKeyFile, key, { mode: 0o600 });
  saveDatabase(pristine);
}
