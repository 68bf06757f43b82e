/**
 * Vault in this process: logins, policies, namespaces and KV v2 as OpenBao 2.7.2 answered them (standby is from its
 * documentation: it takes a second machine).
 *
 *     await using issuer = await startIssuer();
 *     await using vault = await startVaultServer({ issuer: issuer.url });
 *     vault.addPolicy("keys", { "secret/data/tailmesh/*": ["create", "update", "read"] });
 *     vault.addJwtRole("ci", { audiences: [vault.url], claims: { repository_id: "74" }, policies: ["keys"] });
 *     const token = vault.addToken({ policies: ["keys"] });           // `vault.rootToken` may do everything
 *     vault.put("secret/homelab/tailscale", { oauth_client_id: "…" }); // mount and path, without `data/`
 *     vault.read("secret/tailmesh/homelab");                           // what is in force, undefined when deleted
 *
 * `vault.onRequest = (n, { method, path }, phase) => …` runs before a request has any effect and again after it had, before
 * the answer leaves; it is awaited, so that a client can be killed in it. `n` counts requests from 1. It may return `"drop"`
 * (the connection breaks without an answer: before, nothing was done; after, everything was) or an answer to give instead.
 * `vault.requests` is what was asked so far; `vault.state = "sealed"` or `"standby"` switches it; `liveLogins()` are the
 * tokens that logins gave and nobody revoked.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Certificate } from "./certificates.ts";
import { type Received, startHttpServer } from "./http-server.ts";
import {
  type Answer,
  currentOf,
  destroy,
  entryOf,
  existsIn,
  failed,
  type KvMount,
  kvMount,
  readKv,
  softDelete,
  succeeded,
  writeKv,
} from "./vault-kv.ts";
import { type AppRole, type JwtMount, type JwtRole, loginByAppRole, loginByJwt } from "./vault-logins.ts";
import { type Capability, capabilitiesOn, defaultRules, inNamespace, type PolicyRules } from "./vault-policies.ts";
import type { AppRoleLogin, Place, TokenOptions, VaultWorld } from "./vault-world.ts";

export interface VaultRequest {
  readonly method: string;
  /** Without `/v1/`. */
  readonly path: string;
  readonly namespace: string;
  /** Header `X-Vault-Token`; a secret that is only good here. */
  readonly token: string;
  readonly body: string;
}

export type Phase = "before" | "after";

export interface OtherAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Reaction = "drop" | OtherAnswer | undefined;

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing
export type Hook = (n: number, request: VaultRequest, phase: Phase) => Reaction | void | Promise<Reaction | void>;

export interface VaultServerOptions {
  /** Base URL of the issuer whose keys `auth/jwt` trusts; without it that mount has no configuration. */
  readonly issuer?: string;
  readonly tls?: Certificate;
  /** Default 0: any free one. */
  readonly port?: number;
  readonly now?: () => Date;
}

export interface VaultServer extends VaultWorld {
  readonly requests: readonly VaultRequest[];
  onRequest: Hook | undefined;
  state: "active" | "sealed" | "standby";
  addToken(options: TokenOptions): string;
  addAppRole(policies: readonly string[], place?: Place): AppRoleLogin;
  read(path: string, namespace?: string): Readonly<Record<string, unknown>> | undefined;
  /** Tokens that logins gave and nobody revoked. */
  liveLogins(): readonly string[];
}

interface Token {
  readonly id: string;
  readonly policies: readonly PolicyRules[] | "root";
  readonly namespace: string;
  readonly type: "service" | "batch";
  readonly created: Date;
  readonly expires: Date | undefined;
  readonly isLogin: boolean;
  uses: number | undefined;
}

interface Namespace {
  readonly kv: Map<string, KvMount>;
  readonly jwt: Map<string, JwtMount>;
  readonly appRole: Map<string, Map<string, AppRole>>;
  readonly policies: Map<string, PolicyRules>;
}

const emptyNamespace = (): Namespace => ({
  kv: new Map(),
  jwt: new Map(),
  appRole: new Map(),
  policies: new Map([["default", defaultRules]]),
});

const denied = failed(403, "1 error occurred:\n\t* permission denied\n\n");
const unknownToken = failed(403, "permission denied");

export async function startVaultServer(options: VaultServerOptions = {}): Promise<VaultServer> {
  const now = options.now ?? (() => new Date());
  const rootToken = `fake-root-${randomUUID()}`;
  const root = emptyNamespace();
  root.kv.set("secret", kvMount(2));
  root.jwt.set("jwt", { issuer: options.issuer, roles: new Map() });
  const namespaces = new Map<string, Namespace>([["", root]]);
  const tokens = new Map<string, Token>();
  const requests: VaultRequest[] = [];
  const namespaceAt = (path = ""): Namespace => {
    const found = namespaces.get(path);
    if (!found) throw new Error(`the test server has no namespace ${path}`);
    return found;
  };
  const keep = (token: Token): string => {
    tokens.set(token.id, token);
    return token.id;
  };
  keep({
    id: rootToken,
    policies: "root",
    namespace: "",
    type: "service",
    created: now(),
    expires: undefined,
    isLogin: false,
    uses: undefined,
  });

  function issue(wanted: TokenOptions, isLogin: boolean): Token {
    const { namespace = "", type = "service", ttl, uses } = wanted;
    const names = wanted.noDefaultPolicy ? wanted.policies : ["default", ...wanted.policies];
    const policies = names.map((name) => inNamespace(namespaceAt(namespace).policies.get(name) ?? {}, namespace));
    const id = `${type === "batch" ? "b" : "s"}.fake${randomBytes(18).toString("base64url")}`;
    const created = now();
    const expires = ttl === undefined ? undefined : new Date(created.getTime() + ttl * 1000);
    return { id, policies, namespace, type, created, expires, isLogin, uses: uses || undefined };
  }

  /** The token behind a request, one of its uses taken. */
  function present(id: string): Token | undefined {
    const token = tokens.get(id);
    if (!token || (token.expires !== undefined && token.expires <= now())) return undefined;
    if (token.uses !== undefined) {
      token.uses -= 1;
      if (token.uses <= 0) tokens.delete(id);
    }
    return token;
  }

  const rights = (token: Token, path: string): readonly (Capability | "root")[] =>
    token.policies === "root" ? ["root"] : capabilitiesOn(path, token.policies);

  async function login(request: VaultRequest, namespace: Namespace, mount: string): Promise<Answer> {
    const body = objectOf(request.body);
    const jwt = namespace.jwt.get(mount);
    const appRoles = namespace.appRole.get(mount);
    if (!jwt && !appRoles) return unknownToken;
    const result = jwt ? await loginByJwt(jwt, body, now()) : loginByAppRole(appRoles ?? new Map(), body);
    if ("error" in result) return failed(result.status, result.error);
    const role: JwtRole | AppRole = result.role;
    const jwtRole = "audiences" in role ? role : undefined;
    const token = issue(
      {
        policies: role.policies,
        ttl: jwtRole?.ttl ?? 300,
        namespace: request.namespace,
        ...(jwtRole?.type === undefined ? {} : { type: jwtRole.type }),
        ...(jwtRole?.uses === undefined ? {} : { uses: jwtRole.uses }),
      },
      true,
    );
    keep(token);
    const auth = {
      client_token: token.id,
      accessor: randomBytes(18).toString("base64url"),
      policies: ["default", ...role.policies],
      token_policies: ["default", ...role.policies],
      metadata: { role: result.name },
      lease_duration: jwtRole?.ttl ?? 300,
      renewable: token.type === "service",
      entity_id: randomUUID(),
      token_type: token.type,
      orphan: true,
      num_uses: token.uses ?? 0,
    };
    return succeeded(null, { auth });
  }

  function own(request: VaultRequest, token: Token): Answer | undefined {
    const inOwn = (path: string): string => (token.namespace === "" ? path : `${token.namespace}/${path}`);
    const may = (path: string, needed: Capability): boolean => {
      const list = rights(token, inOwn(path));
      return list.includes("root") || list.includes(needed);
    };
    if (request.path === "auth/token/lookup-self") {
      if (!may(request.path, "read")) return denied;
      const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);
      return succeeded({
        id: token.id,
        type: token.type,
        creation_time: seconds(token.created),
        expire_time: token.expires?.toISOString() ?? null,
        ttl: token.expires === undefined ? 0 : seconds(token.expires) - seconds(now()),
        num_uses: token.uses ?? 0,
        renewable: token.type === "service" && token.expires !== undefined,
      });
    }
    if (request.path !== "auth/token/revoke-self") return undefined;
    if (!may(request.path, "update")) return denied;
    if (token.type === "batch") return failed(400, "batch tokens cannot be revoked");
    tokens.delete(token.id);
    return { status: 204 };
  }

  async function answer(request: VaultRequest): Promise<Answer> {
    if (server.state === "sealed") return failed(503, "Vault is sealed");
    if (server.state === "standby") return failed(503, "no active Vault instance found");
    const namespace = namespaces.get(request.namespace);
    if (!namespace) return failed(404, "namespace not found");
    const mount = /^auth\/(.+)\/login$/.exec(request.path)?.[1];
    if (mount !== undefined && request.method !== "GET") return login(request, namespace, mount);
    const token = present(request.token);
    if (!token) return unknownToken;
    const mine = own(request, token);
    if (mine) return mine;
    const full = (path: string): string => (request.namespace === "" ? path : `${request.namespace}/${path}`);
    const has = (path: string, needed: Capability): boolean => {
      const list = rights(token, full(path));
      return list.includes("root") || list.includes(needed);
    };
    if (request.path === "sys/capabilities-self") {
      if (!has(request.path, "update")) return denied;
      const { paths } = objectOf(request.body);
      if (!Array.isArray(paths)) return failed(400, "paths must be supplied");
      const found = Object.fromEntries(paths.map((path: string) => [path, rights(token, full(path))]));
      return succeeded(found, found);
    }
    const looked = /^sys\/internal\/ui\/mounts\/(.+)$/.exec(request.path)?.[1];
    if (looked !== undefined) return describeMount(namespace, looked, token, full(""));
    const kvPath = [...namespace.kv.keys()].sort((a, b) => b.length - a.length);
    const at = kvPath.find((path) => request.path.startsWith(`${path}/`));
    const kv = at === undefined ? undefined : namespace.kv.get(at);
    const inner = request.path.slice((at ?? "").length + 1);
    const isRead = request.method === "GET";
    const needed = isRead ? "read" : kv && existsIn(kv, inner) ? "update" : "create";
    if (!has(request.path, needed)) return denied;
    if (!kv) return failed(404, `no handler for route "${request.path}". route entry not found.`);
    return isRead ? readKv(kv, inner) : writeKv(kv, inner, objectOf(request.body), now());
  }

  /** Told to whoever has any right below the mount. */
  function describeMount(namespace: Namespace, path: string, token: Token, prefix: string): Answer {
    const at = [...namespace.kv.keys()].find((mount) => path === mount || path.startsWith(`${mount}/`));
    const below = at === undefined ? "" : `${prefix}${at}/`;
    const isKnown =
      token.policies === "root" ||
      token.policies.some((rules) => Object.keys(rules).some((rule) => rule.startsWith(below)));
    if (at === undefined || !isKnown) {
      return failed(
        403,
        `preflight capability check returned 403, please ensure client's policies grant access to path "${path}/"`,
      );
    }
    return succeeded({ path: `${at}/`, type: "kv", options: { version: String(namespace.kv.get(at)?.version ?? 2) } });
  }

  async function serve(received: Received, response: ServerResponse): Promise<void> {
    const request: VaultRequest = {
      method: received.method,
      path: decodeURIComponent(new URL(received.path, "http://vault").pathname).replace(/^\/v1\//, ""),
      namespace: headerOf(received, "x-vault-namespace").replace(/^\/+|\/+$/g, ""),
      token: headerOf(received, "x-vault-token"),
      body: received.body,
    };
    requests.push(request);
    const n = requests.length;
    const before = await server.onRequest?.(n, request, "before");
    if (before === "drop") return void response.destroy();
    if (before) return send(response, before);
    const { status, body } = await answer(request);
    const after = await server.onRequest?.(n, request, "after");
    if (after === "drop") return void response.destroy();
    if (after) return send(response, after);
    const text = body === undefined ? "" : `${JSON.stringify(body)}\n`;
    send(response, { status, headers: { "content-type": "application/json" }, body: text });
  }

  const http = await startHttpServer(
    (received, response) =>
      void serve(received, response).catch((error: unknown) =>
        send(response, { status: 500, body: JSON.stringify({ errors: [`test server: ${String(error)}`] }) }),
      ),
    {
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      ...(options.port === undefined ? {} : { port: options.port }),
    },
  );

  const kvAt = (path: string, namespace?: string): readonly [KvMount, string] => {
    const { kv } = namespaceAt(namespace);
    const mount = [...kv.keys()].sort((a, b) => b.length - a.length).find((at) => path.startsWith(`${at}/`));
    const found = mount === undefined ? undefined : kv.get(mount);
    if (mount === undefined || !found) throw new Error(`the test server has no mount for ${path}`);
    return [found, path.slice(mount.length + 1)];
  };

  const server: VaultServer = {
    url: http.url,
    rootToken,
    requests,
    onRequest: undefined,
    state: "active",
    addNamespace: (path) => void namespaces.set(path, emptyNamespace()),
    addMount: (path, { version = 2, namespace } = {}) => void namespaceAt(namespace).kv.set(path, kvMount(version)),
    addPolicy: (name, rules, namespace) => void namespaceAt(namespace).policies.set(name, rules),
    addToken: (wanted) => keep(issue(wanted, false)),
    addJwtRole(name, role, { mount = "jwt", namespace } = {}) {
      const { jwt } = namespaceAt(namespace);
      const at = jwt.get(mount) ?? { issuer: options.issuer, roles: new Map() };
      at.roles.set(name, role);
      jwt.set(mount, at);
    },
    addJwtMount: (mount, namespace) =>
      void namespaceAt(namespace).jwt.set(mount, { issuer: undefined, roles: new Map() }),
    addAppRole(policies, { mount = "approle", namespace } = {}) {
      const { appRole } = namespaceAt(namespace);
      const roles = appRole.get(mount) ?? new Map<string, AppRole>();
      const [roleId, secretId] = [randomUUID(), `fake-secret-id-${randomUUID()}`];
      roles.set(roleId, { secretId, policies });
      appRole.set(mount, roles);
      return { roleId, secretId };
    },
    read: (path, namespace) => currentOf(...kvAt(path, namespace)),
    put(path, data, namespace) {
      const [kv, inner] = kvAt(path, namespace);
      writeKv(kv, `data/${inner}`, { data, options: { cas: entryOf(kv, inner).versions.length } }, now());
    },
    softDelete: (path, namespace) => softDelete(...kvAt(path, namespace), now()),
    destroy: (path, namespace) => destroy(...kvAt(path, namespace)),
    requireCas(path, namespace) {
      entryOf(...kvAt(path, namespace)).casRequired = true;
    },
    revoke: (token) => void tokens.delete(token),
    liveLogins: () => [...tokens.values()].filter(({ isLogin }) => isLogin).map(({ id }) => id),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
  return server;
}

function send(response: ServerResponse, { status, headers, body }: OtherAnswer): void {
  response.writeHead(status, headers).end(body);
}

function headerOf(received: Received, name: string): string {
  const value = received.headers[name];
  return typeof value === "string" ? value : "";
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return value instanceof Object ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
