/**
 * An in-process control server that speaks the v2 API: as Tailscale's documents describe it, or as Headscale 0.30 was
 * measured to. Policy, keys and nodes are those of the in-process Headscale.
 */
import { createHash, randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Certificate } from "./certificates.ts";
import { PolicyRefusal } from "./headscale-policy.ts";
import { type FakeKey, type FakeNode, HeadscaleState } from "./headscale-state.ts";
import { type Received, startHttpServer } from "./http-server.ts";
import { Credentials, type FakeClient, type FakeIdentity, type Grant, isCovered } from "./v2-credentials.ts";
import { blankComments, previewOf, testData } from "./v2-policy.ts";

export type Flavor = "tailscale" | "headscale";

export interface V2Reply {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One exchange, for those who look at both sides of it. */
export interface V2Call {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Received["headers"];
  readonly body: string;
  reply: V2Reply | undefined;
}

export interface V2Options {
  readonly flavor: Flavor;
  readonly clients?: readonly FakeClient[];
  readonly identities?: readonly FakeIdentity[];
  readonly apiKeys?: readonly string[];
  readonly policy?: string;
  readonly now?: () => Date;
  readonly tls?: Certificate;
  /** What `/version` says of a Headscale; default v0.30.0. */
  readonly version?: string;
  /** `file`: the policy cannot be written. */
  readonly policyMode?: "database" | "file";
  /** Seconds; default an hour. */
  readonly tokenLife?: number;
  /** The token endpoint does not say which scopes a token has. */
  readonly keepsScopesQuiet?: boolean;
  /** Called before each request is served; what it returns is sent instead. */
  readonly onCall?: (call: V2Call) => V2Reply | "drop" | "half" | "hang" | undefined;
  /** Called when a request has had its effect, before the client learns of it; with `drop` the client never does. */
  readonly onServed?: (call: V2Call) => unknown;
}

export interface V2Server extends AsyncDisposable {
  readonly url: string;
  readonly state: HeadscaleState;
  readonly credentials: Credentials;
  readonly calls: readonly V2Call[];
}

/** A refusal with the status that it is answered with. */
class Refusal extends Error {
  readonly status: number;
  readonly data: unknown;

  constructor(status: number, message: string, data?: unknown) {
    super(message);
    this.status = status;
    this.data = data;
  }
}

const defaults: Readonly<Record<Flavor, string>> = {
  tailscale: `// Who may reach whom.
{
	"grants": [
		{"src": ["*"], "dst": ["*"], "ip": ["*"]}, // everything
	],
	"ssh": [
		{"action": "check", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["autogroup:nonroot", "root"]},
	],
}
`,
  headscale: `// Everything is allowed.
{
  "acls": [{ "action": "accept", "src": ["*"], "dst": ["*:*"] }],
}
`,
};

export async function startV2(options: V2Options): Promise<V2Server> {
  const isTailscale = options.flavor === "tailscale";
  const state = new HeadscaleState(
    options.now,
    isTailscale
      ? {
          dialect: {
            sections: [
              "postures",
              "defaultSrcPosture",
              "ipsets",
              "attrConfig",
              "derpMap",
              "disableIPv4",
              "OneCGNATRoute",
            ],
            ownerAutogroups: true,
          },
          isRetroactive: false,
          nameKey: (count) => {
            const id = `kFake${count}CNTRL`;
            return { id, secret: `tskey-auth-${id}-${randomBytes(24).toString("hex")}` };
          },
        }
      : {},
  );
  if (options.policy !== undefined) state.setPolicy(options.policy);
  const credentials = new Credentials(options.clients ?? [], options.identities ?? [], options.apiKeys ?? []);
  const fake = new V2Fake(state, credentials, options);
  const calls: V2Call[] = [];
  const serve = async (request: Received, response: ServerResponse): Promise<void> => {
    const { method, path, headers, body } = request;
    const call: V2Call = { method, path, headers, body, reply: undefined };
    calls.push(call);
    const override = options.onCall?.(call);
    if (options.now) response.setHeader("date", options.now().toUTCString());
    if (override === "hang") return;
    if (override === "drop") return void response.destroy();
    const reply = override === "half" || override === undefined ? await fake.answer(call) : override;
    call.reply = reply;
    if (options.onServed?.(call) === "drop") return void response.destroy();
    const type = reply.type ?? "application/json";
    if (override === "half") {
      response.writeHead(reply.status, { "content-type": type, "content-length": String(reply.body.length + 100) });
      response.write(reply.body.slice(0, reply.body.length / 2), () => response.destroy());
      return;
    }
    response.writeHead(reply.status, { "content-type": type, ...reply.headers }).end(reply.body);
  };
  const server = await startHttpServer((request, response) => void serve(request, response), {
    ...(options.tls ? { tls: options.tls } : {}),
  });
  return {
    url: server.url,
    state,
    credentials,
    calls,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What a key has beside what Headscale 0.29 knows of it. */
interface KeyMore {
  readonly description: string;
  revoked: Date | null;
}

interface Question {
  readonly grant: Grant | null;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly call: V2Call;
}

class V2Fake {
  readonly #state: HeadscaleState;
  readonly #credentials: Credentials;
  readonly #options: V2Options;
  readonly #more = new WeakMap<FakeKey, KeyMore>();
  readonly #isTailscale: boolean;

  constructor(state: HeadscaleState, credentials: Credentials, options: V2Options) {
    this.#state = state;
    this.#credentials = credentials;
    this.#options = options;
    this.#isTailscale = options.flavor === "tailscale";
  }

  async answer(call: V2Call): Promise<V2Reply> {
    const { pathname, searchParams } = new URL(call.path, "http://v2");
    if (!this.#isTailscale && pathname === "/version") {
      return json(200, { version: this.#options.version ?? "v0.30.0", commit: "fake", dirty: false });
    }
    if (!this.#isTailscale && pathname === "/api/v2/openapi.json") return json(200, openApi);
    if (pathname === "/api/v2/oauth/token") return this.#token(call);
    if (pathname === "/api/v2/oauth/token-exchange" && this.#isTailscale) return this.#exchange(call);
    if (pathname === "/api/v1/policy/check" && !this.#isTailscale) return this.#checkV1(call);
    if (pathname === "/api/v1/apikey" && !this.#isTailscale) return this.#apiKeysV1(call);
    const found = routes.filter(({ pattern }) => pattern.test(pathname));
    const isServed = (route: Route): boolean => this.#isTailscale || !route.isTailscaleOnly;
    if (!found.some(isServed)) return { status: 404, type: "text/plain; charset=utf-8", body: "404 page not found\n" };
    const grant = this.#credentials.authorize(call.headers.authorization);
    if (grant === undefined)
      return this.#refused(new Refusal(401, this.#isTailscale ? "API token invalid" : "unauthorized"));
    const route = found.find(({ method }) => method === call.method);
    if (!route)
      return { status: 405, type: "text/plain", body: "", headers: { allow: found.map((r) => r.method).join() } };
    try {
      const parts = route.pattern.exec(pathname)?.slice(1).map(decodeURIComponent) ?? [];
      return this.#serve(route, { grant, parts, query: searchParams, call });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.#refused(error);
    }
  }

  #refused({ status, message, data }: Refusal): V2Reply {
    const body = { message, ...(data === undefined ? {} : { data }), ...(this.#isTailscale ? {} : { status }) };
    return { ...json(status, body), ...(this.#isTailscale ? {} : { type: "application/problem+json" }) };
  }

  #serve(route: Route, question: Question): V2Reply {
    if (question.grant && !this.#allows(route, question)) {
      if (!this.#isTailscale && route.name === "listKeys") return json(200, { keys: [] });
      const said = this.#isTailscale
        ? "calling actor does not have enough permissions to perform this function"
        : `token is missing the required scope ${route.scope}`;
      throw new Refusal(403, said);
    }
    if (route.tailnet && !["-", "example.com"].includes(question.parts[0] ?? "")) {
      throw new Refusal(404, "tailnet not found");
    }
    return this[route.name](question);
  }

  /** A credential may always look at itself. */
  #allows(route: Route, { grant, parts }: Question): boolean {
    if (grant === null || isCovered(grant.scopes, route.scope)) return true;
    return this.#isTailscale && route.name === "getKey" && parts[1] === grant.id;
  }

  #token(call: V2Call): V2Reply {
    if (call.method !== "POST") return { status: 405, body: "", type: "text/plain", headers: { allow: "POST" } };
    const form = formOf(call);
    const basic = Buffer.from((call.headers.authorization ?? "").replace(/^Basic /, ""), "base64")
      .toString()
      .split(":")[1];
    const client = this.#credentials.clientBySecret(form.get("client_secret") ?? basic ?? "");
    const grantType = form.get("grant_type") ?? "client_credentials";
    if (!client || (this.#isTailscale && form.get("client_id") !== client.id)) {
      return this.#isTailscale
        ? json(401, { message: "API token invalid" })
        : json(401, { error: "invalid_client", error_description: "client authentication failed" });
    }
    if (grantType !== "client_credentials") {
      return json(400, { error: "unsupported_grant_type", error_description: `grant type ${grantType}` });
    }
    return this.#issued(client);
  }

  async #exchange(call: V2Call): Promise<V2Reply> {
    const form = formOf(call);
    const identity = await this.#credentials.identityOf(form.get("client_id") ?? "", form.get("jwt") ?? "");
    if (identity) return this.#issued(identity);
    return json(401, {
      message: "Unauthorized. Visit https://login.tailscale.com/admin/settings/trust-credentials for details",
    });
  }

  #issued({ id, scopes, tags }: Grant): V2Reply {
    const token = this.#credentials.issue({ id, scopes, tags }, this.#isTailscale ? "tskey-api" : "hskey-oauthtok");
    const scope = this.#options.keepsScopesQuiet ? {} : { scope: [...scopes].sort().join(" ") };
    const body = { access_token: token, token_type: "Bearer", expires_in: this.#options.tokenLife ?? 3600, ...scope };
    return { ...json(200, body), headers: { "cache-control": "no-store" } };
  }

  /** Headscale's v1 API takes API keys and nothing else. */
  #refusedV1(call: V2Call): V2Reply | undefined {
    if (this.#credentials.authorize(call.headers.authorization) === null) return undefined;
    const body = { title: "Unauthorized", status: 401, detail: "Unauthorized" };
    return { ...json(401, body), type: "application/problem+json" };
  }

  #apiKeysV1(call: V2Call): V2Reply {
    const apiKeys = this.#state.apiKeys.map(({ id, name, created, expires }) => ({
      id,
      prefix: `${name}-***`,
      expiration: expires.toISOString(),
      createdAt: created.toISOString(),
    }));
    return this.#refusedV1(call) ?? json(200, { apiKeys });
  }

  #checkV1(call: V2Call): V2Reply {
    const refused = this.#refusedV1(call);
    if (refused) return refused;
    const { policy }: { policy?: string } = JSON.parse(call.body);
    try {
      this.#state.checkPolicy(policy ?? "");
      return json(200, {});
    } catch (error) {
      if (!(error instanceof PolicyRefusal)) throw error;
      return {
        ...json(400, { title: "Bad Request", status: 400, detail: error.message }),
        type: "application/problem+json",
      };
    }
  }

  get #policyText(): string {
    return this.#state.policyText ?? defaults[this.#options.flavor];
  }

  /** Tailscale's is one of the formatted text, so that layout alone is no new version; Headscale's is of the stored bytes. */
  get #etag(): string {
    const text = this.#isTailscale ? this.#policyText.replace(/\s+/g, " ").trim() : this.#policyText;
    return `"${createHash("sha256").update(text).digest("hex")}"`;
  }

  #policyReply({ call }: Question): V2Reply {
    const type = call.headers.accept?.includes("hujson") ? "application/hujson" : "application/json";
    return { status: 200, body: this.#policyText, type, headers: { etag: this.#etag } };
  }

  getPolicy(question: Question): V2Reply {
    return this.#policyReply(question);
  }

  setPolicy(question: Question): V2Reply {
    const { body, headers } = question.call;
    const condition = headers["if-match"];
    const isDefault = this.#state.policyText === null;
    const matches = condition === this.#etag || (isDefault && condition === '"ts-default"') || condition === "*";
    if (this.#options.policyMode === "file")
      throw new Refusal(400, "update is disabled for modes other than 'database'");
    if (condition !== undefined && !matches) throw new Refusal(412, "precondition failed, invalid old hash");
    if (body === "" && !this.#isTailscale) throw new Refusal(400, "request body is required");
    this.#refusing(() => this.#state.setPolicy(this.#isTailscale ? body : blankComments(body)));
    return this.#policyReply(question);
  }

  /** Failed tests and invalid policies in each server's own form. */
  #refusing(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof PolicyRefusal)) throw error;
      const tests = testData(error.message);
      if (!this.#isTailscale) {
        const step = tests ? "" : "parsing policy: ";
        throw new Refusal(400, "setting policy", [{ errors: [`${step}${error.message}`] }]);
      }
      throw tests
        ? new Refusal(400, "test(s) failed", tests)
        : new Refusal(400, error.message.replace(/^.*hujson: /, ""));
    }
  }

  /** Whatever it finds in a policy that can be read is answered 200. */
  validate({ call }: Question): V2Reply {
    try {
      this.#refusing(() => this.#state.checkPolicy(call.body));
      return { status: 200, body: "" };
    } catch (error) {
      if (!(error instanceof Refusal) || error.data === undefined) throw error;
      return json(200, { message: error.message, data: error.data });
    }
  }

  preview({ call, query }: Question): V2Reply {
    this.#refusing(() => this.#state.checkPolicy(call.body));
    const [type, previewFor] = [query.get("type") ?? "", query.get("previewFor") ?? ""];
    if (!["user", "ipport"].includes(type)) throw new Refusal(400, "invalid type");
    return json(200, { matches: previewOf(call.body, type, previewFor), type, previewFor });
  }

  /** What a token may not see is left out of the list. */
  listKeys({ grant }: Question): V2Reply {
    const isActive = (key: FakeKey): boolean => !this.#isInvalid(key) && this.#moreOf(key).revoked === null;
    const keys = this.#isTailscale ? this.#state.keys.filter(isActive) : this.#state.keys;
    const clients = this.#credentials.clients.map(({ id, scopes, tags }) => ({
      id,
      keyType: "client",
      created: this.#state.now().toISOString(),
      scopes,
      tags,
    }));
    const seesTokens = this.#isTailscale && (grant === null || isCovered(grant.scopes, "api_access_tokens:read"));
    const tokens = (seesTokens ? this.#state.apiKeys : []).map(
      ({ id, name, created, expires, user = "uFakeCNTRL" }) => ({
        id,
        keyType: "api",
        description: name,
        created: created.toISOString(),
        expires: expires.toISOString(),
        scopes: ["all"],
        userId: user,
      }),
    );
    return json(200, { keys: [...clients, ...tokens, ...keys.map((key) => this.#keyOf(key))] });
  }

  createKey({ grant, call }: Question): V2Reply {
    const request = this.#keyRequest(call.body);
    const tags = request.tags;
    if (grant === null) this.#checkPersonTags(tags);
    else this.#checkTokenTags(grant, tags);
    const life = request.expirySeconds > 0 ? request.expirySeconds : 7_776_000;
    const key = this.#state.createKey({
      reusable: request.reusable,
      ephemeral: request.ephemeral,
      tags,
      expiration: new Date(this.#state.now().getTime() + life * 1000),
    });
    this.#more.set(key, { description: request.description, revoked: null });
    return json(200, { ...this.#keyOf(key), key: key.secret });
  }

  #keyRequest(body: string) {
    const problem = (path: string): Refusal =>
      this.#isTailscale
        ? new Refusal(400, `json: unknown field "${path}"`)
        : new Refusal(422, "validation failed", [{ errors: [`unexpected property (body.${path}: {})`] }]);
    const request = objectOf(body);
    const known = ["keyType", "description", "expirySeconds", "capabilities"];
    const strange = Object.keys(request).find((name) => !known.includes(name));
    if (strange !== undefined) throw problem(strange);
    const {
      capabilities,
      description = "",
      expirySeconds = 0,
    } = request as {
      capabilities?: { devices?: { create?: Record<string, unknown> } };
      description?: string;
      expirySeconds?: number;
    };
    const create = capabilities?.devices?.create ?? {};
    const members = ["reusable", "ephemeral", "preauthorized", "tags"];
    const odd = Object.keys(create).find((name) => !members.includes(name));
    if (odd !== undefined) throw problem(odd);
    const missing = members.find((name) => create[name] === undefined);
    if (!this.#isTailscale && missing !== undefined) {
      throw new Refusal(422, "validation failed", [
        { errors: [`expected required property ${missing} to be present (body.capabilities.devices.create: {})`] },
      ]);
    }
    if (description.length > 50 || (this.#isTailscale && !/^[A-Za-z0-9 -]*$/.test(description))) {
      throw this.#isTailscale
        ? new Refusal(400, "invalid description")
        : new Refusal(422, "validation failed", [{ errors: ["expected length <= 50 (body.description)"] }]);
    }
    if (!Number.isInteger(expirySeconds) || (this.#isTailscale && expirySeconds > 7_776_000)) {
      throw new Refusal(this.#isTailscale ? 400 : 422, "invalid expirySeconds");
    }
    const tags = Array.isArray(create["tags"]) ? create["tags"].map(String) : [];
    return {
      tags,
      description,
      expirySeconds,
      reusable: create["reusable"] === true,
      ephemeral: create["ephemeral"] === true,
    };
  }

  #owners(tag: string): readonly string[] | undefined {
    return this.#state.policy?.tagOwners?.[tag];
  }

  /** One of these tags owns it, itself or through others. */
  #isOwned(tag: string, by: readonly string[], seen: readonly string[] = []): boolean {
    if (seen.includes(tag)) return false;
    return (this.#owners(tag) ?? []).some((owner) => by.includes(owner) || this.#isOwned(owner, by, [...seen, tag]));
  }

  #checkTokenTags(grant: Grant, tags: readonly string[]): void {
    const notPermitted = new Refusal(400, `requested tags [${tags.join(" ")}] are invalid or not permitted`);
    if (this.#isTailscale) {
      const isWhole = tags.length === grant.tags.length && tags.every((tag) => grant.tags.includes(tag));
      const areOwned = tags.every((tag) => this.#owners(tag) !== undefined && this.#isOwned(tag, grant.tags));
      if (tags.length === 0 || !(isWhole || areOwned)) throw notPermitted;
      return;
    }
    if (tags.length === 0) throw new Refusal(403, "an OAuth client must create tagged auth keys");
    const unknown = tags.find((tag) => this.#owners(tag) === undefined);
    if (unknown !== undefined) throw new Refusal(400, `tag ${unknown} is not defined in policy`);
    const foreign = tags.find((tag) => !grant.tags.includes(tag) && !this.#isOwned(tag, grant.tags));
    if (foreign !== undefined) throw new Refusal(403, `token may not assign tag ${foreign}`);
  }

  /** An admin's key: on Tailscale any tag of the policy that admins own; on Headscale any at all. */
  #checkPersonTags(tags: readonly string[]): void {
    if (!this.#isTailscale) return;
    const mayGive = (tag: string): boolean => {
      const owners = this.#owners(tag);
      return owners !== undefined && (owners.length === 0 || owners.some((o) => !o.startsWith("tag:") || mayGive(o)));
    };
    const bad = tags.filter((tag) => !mayGive(tag));
    if (bad.length > 0) throw new Refusal(400, `requested tags [${bad.join(" ")}] are invalid or not permitted`);
  }

  getKey({ parts }: Question): V2Reply {
    const [, id = ""] = parts;
    const credential = [...this.#credentials.clients, ...this.#credentials.identities].find((one) => one.id === id);
    if (credential && this.#isTailscale) {
      const { scopes, tags } = credential;
      return json(200, { id, keyType: "client", created: this.#state.now().toISOString(), scopes, tags });
    }
    return json(200, this.#keyOf(this.#key(id)));
  }

  deleteKey({ parts }: Question): V2Reply {
    const key = this.#key(parts[1] ?? "");
    const more = this.#moreOf(key);
    if (more.revoked !== null) throw new Refusal(404, this.#isTailscale ? "key not found" : "revoking auth key");
    this.#more.set(key, { ...more, revoked: this.#state.now() });
    key.expiration = this.#state.now();
    return this.#isTailscale ? { status: 200, body: "" } : json(200, {});
  }

  #key(id: string): FakeKey {
    const key = this.#state.keys.find((candidate) => candidate.id === id);
    if (!key) throw new Refusal(404, this.#isTailscale ? "key not found" : "auth key not found");
    return key;
  }

  #moreOf(key: FakeKey): KeyMore {
    return this.#more.get(key) ?? { description: "", revoked: null };
  }

  #isInvalid(key: FakeKey): boolean {
    return (key.used && !key.reusable) || key.expiration <= this.#state.now();
  }

  #keyOf(key: FakeKey): Readonly<Record<string, unknown>> {
    const { description, revoked } = this.#moreOf(key);
    const { reusable, ephemeral, tags } = key;
    return {
      id: key.id,
      keyType: "auth",
      ...(description === "" ? {} : { description }),
      created: key.createdAt.toISOString(),
      expires: key.expiration.toISOString(),
      expirySeconds: Math.max(0, Math.round((key.expiration.getTime() - key.createdAt.getTime()) / 1000)),
      ...(revoked ? { revoked: revoked.toISOString() } : {}),
      ...(this.#isInvalid(key) || revoked ? { invalid: true } : {}),
      capabilities: { devices: { create: { reusable, ephemeral, preauthorized: true, tags } } },
      ...(this.#isTailscale ? {} : { tags }),
    };
  }

  listDevices({ query }: Question): V2Reply {
    const isWhole = query.get("fields") === "all";
    return json(200, { devices: this.#state.nodes.map((node) => this.#deviceOf(node, isWhole)) });
  }

  #deviceOf(node: FakeNode, isWhole: boolean): Readonly<Record<string, unknown>> {
    const routes = { advertisedRoutes: node.availableRoutes, enabledRoutes: node.approvedRoutes };
    const filled = Object.fromEntries(
      Object.entries(routes).filter(([, list]) => this.#isTailscale || list.length > 0),
    );
    return {
      id: this.#isTailscale ? `90${node.id}` : node.id,
      nodeId: this.#isTailscale ? `n${node.id}CNTRL` : node.id,
      name: this.#isTailscale ? `${node.givenName}.tail1234.ts.net` : node.givenName,
      hostname: node.name,
      addresses: node.ipAddresses,
      user: this.#isTailscale ? "owner@example.com" : "tagged-devices",
      tags: node.tags,
      os: "linux",
      created: node.createdAt.toISOString(),
      ...(this.#isTailscale ? { connectedToControl: node.online, keyExpiryDisabled: true } : {}),
      ...(node.expiry ? { expires: node.expiry.toISOString() } : {}),
      ...(node.online ? {} : { lastSeen: node.lastSeen.toISOString() }),
      authorized: true,
      nodeKey: node.nodeKey,
      ...(isWhole ? filled : {}),
    };
  }

  #node({ parts }: Question): FakeNode {
    const id = (parts[0] ?? "").replace(/^n(\d+)CNTRL$/, "$1").replace(/^90(\d+)$/, this.#isTailscale ? "$1" : "90$1");
    const node = this.#state.node(id);
    if (!node) throw new Refusal(404, "device not found");
    return node;
  }

  setTags(question: Question): V2Reply {
    const { tags } = objectOf(question.call.body);
    if (!Array.isArray(tags)) throw new Refusal(this.#isTailscale ? 400 : 422, "validation failed");
    const node = this.#node(question);
    const names = tags.map(String);
    if (names.length > 0 && question.grant === null) this.#checkDeviceTags(names);
    else if (names.length > 0 && question.grant) this.#checkTokenTags(question.grant, names);
    if (names.length > 0) node.tags = [...new Set(names)].sort();
    return this.#isTailscale ? { status: 200, body: "" } : json(200, {});
  }

  #checkDeviceTags(tags: readonly string[]): void {
    const bad = tags.filter((tag) => this.#owners(tag) === undefined);
    if (bad.length === 0) return;
    const told = `requested tags [${bad.join(" ")}] are invalid or not permitted`;
    throw this.#isTailscale ? new Refusal(400, told) : new Refusal(400, "setting device tags", [{ errors: [told] }]);
  }

  setRoutes(question: Question): V2Reply {
    const { routes: list } = objectOf(question.call.body);
    if (!Array.isArray(list)) throw new Refusal(this.#isTailscale ? 400 : 422, "validation failed");
    const node = this.#node(question);
    if (list.some((route) => !String(route).includes("/"))) throw new Refusal(400, "parsing route");
    this.#state.approve(node, list.map(String));
    return json(200, { advertisedRoutes: node.availableRoutes, enabledRoutes: node.approvedRoutes });
  }

  deleteDevice(question: Question): V2Reply {
    this.#state.remove(this.#node(question));
    return this.#isTailscale ? { status: 200, body: "" } : json(200, {});
  }
}

type Handler = Exclude<keyof V2Fake, "answer">;

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly scope: string;
  readonly name: Handler;
  readonly tailnet: boolean;
  readonly isTailscaleOnly: boolean;
}

function route(method: string, path: string, scope: string, name: Handler, isTailscaleOnly = false): Route {
  const pattern = new RegExp(`^/api/v2${path.replaceAll(/\{\w+\}/g, "([^/]+)")}$`);
  return { method, pattern, scope, name, tailnet: path.startsWith("/tailnet/"), isTailscaleOnly };
}

const routes: readonly Route[] = [
  route("GET", "/tailnet/{tailnet}/acl", "policy_file:read", "getPolicy"),
  route("POST", "/tailnet/{tailnet}/acl", "policy_file", "setPolicy"),
  route("POST", "/tailnet/{tailnet}/acl/validate", "policy_file:read", "validate", true),
  route("POST", "/tailnet/{tailnet}/acl/preview", "policy_file:read", "preview", true),
  route("GET", "/tailnet/{tailnet}/keys", "auth_keys:read", "listKeys"),
  route("POST", "/tailnet/{tailnet}/keys", "auth_keys", "createKey"),
  route("GET", "/tailnet/{tailnet}/keys/{id}", "auth_keys:read", "getKey"),
  route("DELETE", "/tailnet/{tailnet}/keys/{id}", "auth_keys", "deleteKey"),
  route("GET", "/tailnet/{tailnet}/devices", "devices:core:read", "listDevices"),
  route("POST", "/device/{id}/tags", "devices:core", "setTags"),
  route("POST", "/device/{id}/routes", "devices:routes", "setRoutes"),
  route("DELETE", "/device/{id}", "devices:core", "deleteDevice"),
];

/** As Headscale 0.30 lists itself: neither validate nor preview, and no token endpoint. */
const openApi = {
  openapi: "3.1.0",
  info: { title: "Headscale", version: "v0.30.0" },
  paths: {
    "/api/v2/tailnet/{tailnet}/acl": { get: {}, post: {} },
    "/api/v2/tailnet/{tailnet}/keys": { get: {}, post: {} },
    "/api/v2/tailnet/{tailnet}/devices": { get: {} },
  },
};

function json(status: number, body: unknown): V2Reply {
  return { status, body: JSON.stringify(body) };
}

/** Only forms are read: a JSON body is one without members. */
function formOf(call: V2Call): URLSearchParams {
  const isForm = call.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  return new URLSearchParams(isForm ? call.body : "");
}

function objectOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    if (value instanceof Object) return { ...value };
  } catch {
    // told below
  }
  throw new Refusal(400, "invalid JSON");
}
