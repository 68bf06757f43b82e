// A real OpenBao for tests: a dev server on loopback, everything in memory, arranged over its own API.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { VaultWorld } from "../support/vault-world.ts";
import { buildOpenBao } from "./tools.ts";
import { until } from "./wait.ts";

export interface OpenBao extends VaultWorld {
  /** Its command line. */
  readonly program: string;
  /** Its own log so far. */
  log(): string;
  seal(): Promise<void>;
}

export interface OpenBaoOptions {
  /** Base URL of the issuer that JWT logins trust, by its published keys. */
  readonly issuer: string;
  /** Default: any two free ones, as it takes the next port as well. */
  readonly port?: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Ready when it answers; ended by its process id when it is let go of. */
export async function startOpenBao({ issuer, port }: OpenBaoOptions): Promise<OpenBao> {
  const program = join(await buildOpenBao(), "bao");
  const home = mkdtempSync(join(tmpdir(), "tailmesh-openbao-"));
  const log = join(home, "log");
  const at = port ?? (await freePort());
  const url = `http://127.0.0.1:${at}`;
  const rootToken = `fake-root-${randomUUID()}`;
  const file = openSync(log, "a", 0o600);
  const words = ["server", "-dev", `-dev-root-token-id=${rootToken}`, `-dev-listen-address=127.0.0.1:${at}`];
  const child = spawn(program, [...words, "-dev-no-store-token"], {
    stdio: ["ignore", file, file],
    env: { PATH: process.env["PATH"] ?? "", HOME: home },
  });
  closeSync(file);
  const bao = openBao(url, rootToken, issuer, {
    program,
    log: () => readFileSync(log, "utf8"),
    async [Symbol.asyncDispose]() {
      await end(child);
      rmSync(home, { recursive: true, force: true });
    },
  });
  try {
    await until("OpenBao answers", 20_000, async () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${bao.log().slice(-500)}`);
      return (await fetch(`${url}/v1/sys/health`)).ok;
    });
  } catch (error) {
    await bao[Symbol.asyncDispose]();
    throw error;
  }
  return bao;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await Promise.race([ended, sleep(3000)]);
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await ended;
  }
}

async function freePort(): Promise<number> {
  const listen = async (port: number): Promise<number> => {
    const server = createServer();
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    return typeof address === "object" && address !== null ? address.port : 0;
  };
  return until("two free ports", 5000, async () => {
    const first = await listen(0);
    await listen(first + 1);
    return first;
  });
}

interface Process {
  readonly program: string;
  log(): string;
  [Symbol.asyncDispose](): Promise<void>;
}

function openBao(url: string, rootToken: string, issuer: string, rest: Process): OpenBao {
  const methods = new Set<string>();

  async function ask(method: string, path: string, namespace = "", body?: unknown): Promise<Json> {
    const reply = await fetch(`${url}/v1/${path.split("/").map(encodeURIComponent).join("/")}`, {
      method,
      headers: { "x-vault-token": rootToken, ...(namespace === "" ? {} : { "x-vault-namespace": namespace }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    const isRead = method === "GET" && reply.status === 404;
    if (!reply.ok && !isRead) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as Json);
  }

  async function mountMethod(mount: string, type: string, namespace: string): Promise<boolean> {
    const key = `${namespace}\n${mount}`;
    if (methods.has(key)) return false;
    methods.add(key);
    await ask("POST", `sys/auth/${mount}`, namespace, { type });
    return true;
  }

  /** The engine's part and the rest of a path. */
  async function split(path: string, namespace: string): Promise<readonly [mount: string, rest: string]> {
    const { data } = (await ask("GET", "sys/mounts", namespace)) as { data: Json };
    const mounts = Object.keys(data).sort((a, b) => b.length - a.length);
    const mount = mounts.find((one) => path.startsWith(one));
    if (mount === undefined) throw new Error(`no mount for ${path}`);
    return [mount.replace(/\/$/, ""), path.slice(mount.length)];
  }

  async function newest(path: string, namespace: string): Promise<{ version: number; data: Json | undefined }> {
    const [mount, inner] = await split(path, namespace);
    const { data } = (await ask("GET", `${mount}/data/${inner}`, namespace)) as {
      data?: { data: Json | null; metadata: { version: number } };
    };
    return { version: data?.metadata.version ?? 0, data: data?.data ?? undefined };
  }

  return {
    url,
    rootToken,
    async addNamespace(path) {
      const cut = path.lastIndexOf("/");
      await ask("POST", `sys/namespaces/${path.slice(cut + 1)}`, path.slice(0, Math.max(cut, 0)), {});
    },
    async addMount(path, { version = 2, namespace = "" } = {}) {
      await ask("POST", `sys/mounts/${path}`, namespace, { type: "kv", options: { version: String(version) } });
      if (version === 1) return;
      // For a moment it is still being made one of version 2.
      await until(`${path} is ready`, 10_000, async () => (await ask("GET", `${path}/config`, namespace))["data"]);
    },
    async addPolicy(name, rules, namespace = "") {
      const policy = Object.entries(rules).map(
        ([path, list]) => `path ${JSON.stringify(path)} { capabilities = ${JSON.stringify(list)} }`,
      );
      await ask("PUT", `sys/policies/acl/${name}`, namespace, { policy: policy.join("\n") });
    },
    async addToken({ policies, ttl, type = "service", uses = 0, namespace = "", noDefaultPolicy = false }) {
      const { auth } = (await ask("POST", "auth/token/create", namespace, {
        policies,
        type,
        no_default_policy: noDefaultPolicy,
        ...(ttl === undefined ? {} : { ttl: `${ttl}s` }),
        ...(uses === 0 ? {} : { num_uses: uses }),
      })) as { auth: { client_token: string } };
      return auth.client_token;
    },
    async addJwtRole(name, role, { mount = "jwt", namespace = "" } = {}) {
      if (await mountMethod(mount, "jwt", namespace)) {
        const config = { jwks_url: `${issuer}/.well-known/jwks`, bound_issuer: issuer };
        await ask("POST", `auth/${mount}/config`, namespace, config);
      }
      await ask("POST", `auth/${mount}/role/${name}`, namespace, {
        role_type: "jwt",
        user_claim: "repository_id",
        bound_audiences: role.audiences,
        bound_claims: role.claims ?? {},
        ...(role.subject === undefined ? {} : { bound_subject: role.subject }),
        token_policies: role.policies,
        token_ttl: `${role.ttl ?? 300}s`,
        token_type: role.type ?? "service",
        token_num_uses: role.uses ?? 0,
      });
    },
    addJwtMount: async (mount, namespace = "") => void (await mountMethod(mount, "jwt", namespace)),
    async addAppRole(policies, { mount = "approle", namespace = "" } = {}) {
      await mountMethod(mount, "approle", namespace);
      const role = `auth/${mount}/role/${randomUUID()}`;
      await ask("POST", role, namespace, { token_policies: policies, token_ttl: "300s" });
      const { data: id } = (await ask("GET", `${role}/role-id`, namespace)) as { data: { role_id: string } };
      const { data: secret } = (await ask("POST", `${role}/secret-id`, namespace, {})) as {
        data: { secret_id: string };
      };
      return { roleId: id.role_id, secretId: secret.secret_id };
    },
    read: async (path, namespace = "") => (await newest(path, namespace)).data,
    async put(path, data, namespace = "") {
      const [mount, inner] = await split(path, namespace);
      const { version } = await newest(path, namespace);
      await ask("POST", `${mount}/data/${inner}`, namespace, { data, options: { cas: version } });
    },
    async softDelete(path, namespace = "") {
      const [mount, inner] = await split(path, namespace);
      await ask("DELETE", `${mount}/data/${inner}`, namespace);
    },
    async destroy(path, namespace = "") {
      const [mount, inner] = await split(path, namespace);
      const { version } = await newest(path, namespace);
      await ask("POST", `${mount}/destroy/${inner}`, namespace, { versions: [version] });
    },
    async requireCas(path, namespace = "") {
      const [mount, inner] = await split(path, namespace);
      await ask("POST", `${mount}/metadata/${inner}`, namespace, { cas_required: true });
    },
    revoke: async (token) => void (await ask("POST", "auth/token/revoke", "", { token })),
    seal: async () => void (await ask("PUT", "sys/seal")),
    ...rest,
  };
}
