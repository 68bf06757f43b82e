/** An in-process control server that answers /api/v1 as Headscale 0.29.2 was measured to, its oddities included. */
import type { ServerResponse } from "node:http";
import type { Certificate } from "./certificates.ts";
import { PolicyRefusal } from "./headscale-policy.ts";
import { type FakeKey, type FakeNode, HeadscaleState } from "./headscale-state.ts";
import { type Received, startHttpServer } from "./http-server.ts";

/** One request of a client. */
export interface Call {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body: string;
  readonly authorized: boolean;
}

/** What a hook answers in the server's place; `drop` cuts the connection, `hang` never answers. */
export type Override = { readonly status: number; readonly body: string; readonly type?: string } | "drop" | "hang";

export interface HeadscaleOptions {
  readonly apiKey: string;
  readonly tls?: Certificate;
  readonly port?: number;
  /** Default v0.29.2. */
  readonly version?: string;
  /** `file`: the policy cannot be written. */
  readonly policyMode?: "database" | "file";
  readonly now?: () => Date;
  /** Called before each request is served; what it returns is sent instead. */
  readonly onCall?: (call: Call) => Override | undefined | Promise<Override | undefined>;
  /** Called when a request has had its effect, before the client learns of it; with `drop` the client never does. */
  readonly onServed?: (call: Call) => unknown;
}

export interface Headscale extends AsyncDisposable {
  readonly url: string;
  readonly state: HeadscaleState;
  /** All requests so far. */
  readonly calls: readonly Call[];
  close(): Promise<void>;
}

/** gRPC's code as the gateway maps it to a status. */
const statusOf: Readonly<Record<number, number>> = { 2: 500, 3: 400, 5: 404, 12: 501 };

class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export async function startHeadscale(options: HeadscaleOptions): Promise<Headscale> {
  const state = new HeadscaleState(options.now);
  const calls: Call[] = [];
  const serve = async (request: Received, response: ServerResponse): Promise<void> => {
    const authorized = request.headers.authorization === `Bearer ${options.apiKey}`;
    const call = { method: request.method, path: request.path, body: request.body, authorized };
    calls.push(call);
    const override = await options.onCall?.(call);
    if (options.now) response.setHeader("date", options.now().toUTCString());
    if (override === "hang") return;
    if (override === "drop") {
      response.destroy();
      return;
    }
    const reply = override ?? answer(call, state, options);
    if (options.onServed?.(call) === "drop") return void response.destroy();
    send(response, reply);
  };
  const server = await startHttpServer((request, response) => void serve(request, response), {
    ...(options.tls ? { tls: options.tls } : {}),
    ...(options.port ? { port: options.port } : {}),
  });
  const close = async (): Promise<void> => server[Symbol.asyncDispose]();
  return {
    url: server.url,
    state,
    calls,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function send(response: ServerResponse, { status, type = "application/json", body }: Exclude<Override, string>): void {
  response.writeHead(status, { "content-type": type }).end(body);
}

function answer(call: Call, state: HeadscaleState, options: HeadscaleOptions): Exclude<Override, string> {
  const { pathname } = new URL(call.path, "http://headscale");
  const version = { version: options.version ?? "v0.29.2", commit: "unknown", dirty: false };
  if (pathname === "/version") return json(200, version);
  if (pathname === "/health") return json(200, { status: "pass" });
  if (!pathname.startsWith("/api/")) return { status: 200, type: "text/html", body: "<!DOCTYPE html><html></html>" };
  if (!call.authorized) return { status: 401, type: "text/plain; charset=utf-8", body: "Unauthorized" };
  if (!pathname.startsWith("/api/v1/")) return { status: 404, type: "text/plain", body: "404 page not found\n" };
  try {
    return json(200, route(call, state, options));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return json(statusOf[error.code] ?? 500, { code: error.code, message: error.message, details: [] });
  }
}

function json(status: number, body: unknown): Exclude<Override, string> {
  return { status, body: JSON.stringify(body) };
}

type Handler = (request: {
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}) => unknown;

function route(call: Call, state: HeadscaleState, options: HeadscaleOptions): unknown {
  const { pathname, searchParams } = new URL(call.path, "http://headscale");
  const routes = handlers(state, options);
  const paths = Object.keys(routes).map((key) => key.split(" "));
  const matching = paths.filter(([, path = ""]) =>
    new RegExp(`^/api/v1${path.replace("{id}", "([^/]+)")}$`).test(pathname),
  );
  if (matching.length === 0) throw new Refusal(5, "Not Found");
  const found = matching.find(([method]) => method === call.method);
  const handler = found && routes[found.join(" ")];
  if (!handler) throw new Refusal(12, "Method Not Allowed");
  const id = pathname.split("/")[4] ?? "";
  if (found[1]?.includes("{id}") && !/^\d+$/.test(id)) {
    throw new Refusal(
      3,
      `type mismatch, parameter: node_id, error: strconv.ParseUint: parsing "${id}": invalid syntax`,
    );
  }
  return handler({ id, query: searchParams, body: bodyOf(call.body) });
}

function handlers(state: HeadscaleState, options: HeadscaleOptions): Readonly<Record<string, Handler>> {
  return {
    "GET /policy": () => {
      if (state.policyText === null) throw new Refusal(2, "loading ACL from database: acl policy not found");
      return policyOf(state);
    },
    // A missing or misspelt member counts as the empty policy, which is stored.
    "PUT /policy": ({ body }) => {
      if (options.policyMode === "file") throw new Refusal(2, "update is disabled for modes other than 'database'");
      refusing(2, "setting policy: ", () => state.setPolicy(String(body["policy"] ?? "")));
      return policyOf(state);
    },
    "POST /policy/check": ({ body }) => {
      refusing(3, "", () => state.checkPolicy(String(body["policy"] ?? "")));
      return {};
    },
    // Of a key's text only its public beginning is shown, with stars behind it.
    "GET /apikey": () => ({
      apiKeys: state.apiKeys.map(({ id, name, created, expires }) => ({
        id,
        prefix: `${name}-***`,
        expiration: goTime(expires),
        createdAt: goTime(created),
        lastSeen: null,
      })),
    }),
    "GET /preauthkey": () => ({ preAuthKeys: state.keys.map((key) => keyOf(key, false)) }),
    "POST /preauthkey": ({ body }) => ({ preAuthKey: keyOf(mint(state, body), true) }),
    "DELETE /preauthkey": ({ query }) => {
      const id = query.get("id") ?? "0";
      if (!/^\d+$/.test(id))
        throw new Refusal(3, `parsing field "id": strconv.ParseUint: parsing "${id}": invalid syntax`);
      const index = state.keys.findIndex((key) => key.id === id);
      if (index >= 0) state.keys.splice(index, 1);
      return {};
    },
    "POST /preauthkey/expire": ({ body }) => {
      const key = state.keys.find((candidate) => candidate.id === String(body["id"]));
      if (key) key.expiration = state.now();
      return {};
    },
    "GET /node": () => ({ nodes: state.nodes.map((node) => nodeOf(state, node, true)) }),
    // Serving routes and the user are only in the list.
    "GET /node/{id}": ({ id }) => ({ node: nodeOf(state, found(state, id, 5), false) }),
    "DELETE /node/{id}": ({ id }) => {
      state.remove(found(state, id, 5));
      return {};
    },
    "POST /node/{id}/tags": ({ id, body }) => ({ node: nodeOf(state, tag(state, id, textsOf(body["tags"])), true) }),
    "POST /node/{id}/approve_routes": ({ id, body }) => {
      const routes = textsOf(body["routes"]);
      const bad = routes.find((prefix) => !prefix.includes("/"));
      if (bad !== undefined) throw new Refusal(2, `parsing route: netip.ParsePrefix("${bad}"): no '/'`);
      const node = found(state, id, 3);
      state.approve(node, routes);
      return { node: nodeOf(state, node, true) };
    },
    // Only the query counts: a body is ignored, and the node expires now.
    "POST /node/{id}/expire": ({ id, query }) => {
      const node = found(state, id, 2);
      const at = query.get("expiry");
      node.expiry = query.get("disableExpiry") === "true" ? null : at ? new Date(at) : state.now();
      return { node: nodeOf(state, node, true) };
    },
  };
}

function bodyOf(text: string): Readonly<Record<string, unknown>> {
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return value instanceof Object ? { ...value } : {};
  } catch {
    throw new Refusal(3, "invalid character looking for beginning of value");
  }
}

function refusing(code: number, prefix: string, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof PolicyRefusal)) throw error;
    const step = error.message.startsWith("test(s) failed") ? "" : "parsing policy: ";
    throw new Refusal(code, `${prefix}${step}${error.message}`);
  }
}

/** Without an expiration the key is dead from the start; tags need not be in the policy. */
function mint(state: HeadscaleState, body: Readonly<Record<string, unknown>>): FakeKey {
  const tags = textsOf(body["aclTags"]);
  const bad = tags.map(tagProblem).find((problem) => problem !== undefined);
  if (bad !== undefined) throw new Refusal(3, bad);
  if (body["user"] !== undefined) throw new Refusal(2, "user not found");
  if (tags.length === 0) throw new Refusal(2, "auth-key must be either tagged or owned by user");
  const expiration = new Date(String(body["expiration"] ?? "0001-01-01T00:00:00Z"));
  if (Number.isNaN(expiration.getTime())) {
    throw new Refusal(
      3,
      `proto: (line 1:38): invalid google.protobuf.Timestamp value ${JSON.stringify(body["expiration"])}`,
    );
  }
  return state.createKey({
    reusable: body["reusable"] === true,
    ephemeral: body["ephemeral"] === true,
    expiration,
    tags,
  });
}

function tagProblem(tag: string): string | undefined {
  if (!tag.startsWith("tag:")) return "tag must start with the string 'tag:'";
  return tag === tag.toLowerCase() ? undefined : "tag should be lowercase";
}

function tag(state: HeadscaleState, id: string, tags: readonly string[]): FakeNode {
  if (tags.length === 0) {
    throw new Refusal(3, "cannot remove all tags from a node - tagged nodes must have at least one tag");
  }
  const bad = tags.map(tagProblem).find((problem) => problem !== undefined);
  if (bad !== undefined) throw new Refusal(2, bad);
  const node = found(state, id, 5);
  const undefinedTags = tags.filter((name) => state.policy?.tagOwners?.[name] === undefined);
  if (undefinedTags.length > 0)
    throw new Refusal(3, `requested tags [${undefinedTags.join(" ")}] are invalid or not permitted`);
  node.tags = [...new Set(tags)].sort();
  return node;
}

/** The code and the words for an unknown node differ by the call. */
function found(state: HeadscaleState, id: string, code: 2 | 3 | 5): FakeNode {
  const node = state.node(id);
  if (node) return node;
  throw new Refusal(code, code === 5 ? "node not found" : `node no longer exists in NodeStore: ${id}`);
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function policyOf(state: HeadscaleState): unknown {
  return { policy: state.policyText, updatedAt: state.policyUpdatedAt.toISOString() };
}

/** The secret is shown once, when it is made. */
function keyOf(key: FakeKey, whole: boolean): unknown {
  return {
    user: null,
    id: key.id,
    key: whole ? key.secret : `${key.secret.slice(0, 23)}-***`,
    reusable: key.reusable,
    ephemeral: key.ephemeral,
    used: key.used,
    expiration: goTime(key.expiration),
    createdAt: goTime(key.createdAt),
    aclTags: key.tags,
  };
}

function nodeOf(state: HeadscaleState, node: FakeNode, listed: boolean): unknown {
  return {
    id: node.id,
    machineKey: node.machineKey,
    nodeKey: node.nodeKey,
    ipAddresses: node.ipAddresses,
    name: node.name,
    user: listed ? { id: "2147455555", name: "tagged-devices" } : null,
    lastSeen: goTime(node.lastSeen),
    expiry: node.expiry && goTime(node.expiry),
    preAuthKey: keyOf(node.key, false),
    createdAt: goTime(node.createdAt),
    registerMethod: "REGISTER_METHOD_AUTH_KEY",
    givenName: node.givenName,
    online: node.online,
    approvedRoutes: node.approvedRoutes,
    availableRoutes: node.availableRoutes,
    subnetRoutes: listed ? state.servingRoutes(node) : [],
    tags: node.tags,
  };
}

/** Go's zero time is the year 1, which JavaScript writes with four digits too. */
function goTime(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}
