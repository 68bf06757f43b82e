/** The world's control server: nodes, keys and policy, behind the part of Headscale 0.29's `/api/v1` that the product uses. */
import { randomBytes } from "node:crypto";
import { type ParseError, parse } from "jsonc-parser";
import * as z from "zod";
import { Cidr } from "../../src/mesh/cidr.ts";
import { type HttpServer, startHttpServer } from "../support/http-server.ts";
import type { TailnetNode } from "./grants.ts";

export interface PreAuthKey {
  readonly id: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly reusable: boolean;
  readonly created: Date;
  readonly expires: Date;
  readonly used: boolean;
}

/** The control server, as tailscaled and as the tests see it. */
export interface ControlServer extends AsyncDisposable {
  readonly url: string;
  readonly apiKey: string;
  /** Does it answer at all? Tests may take it away. */
  up: boolean;
  nodes(): readonly TailnetNode[];
  /** Undefined: nothing was ever stored. */
  policy(): string | undefined;
  setPolicy(text: string): void;
  readonly keys: readonly PreAuthKey[];
  /** Calls so far, `METHOD PATH`. */
  readonly calls: readonly string[];
  /** A new node, or the text of the refusal. */
  register(key: string, hostname: string): TailnetNode | string;
  /** What a node tells about itself; a deleted node stays deleted. */
  announce(id: string, told: Told): void;
  forget(id: string): void;
  /** Puts a deleted node back as it was. */
  restore(node: TailnetNode): void;
  /** Replaces a node's approved routes. */
  approve(id: string, routes: readonly string[]): void;
}

export interface Told {
  readonly hostname?: string;
  readonly routes?: readonly string[];
  readonly online?: boolean;
}

/** A key that would still let a machine in. */
export function isUsable(key: PreAuthKey, now: Date = new Date()): boolean {
  return key.expires > now && (key.reusable || !key.used);
}

export async function startControl(changed: (what: string) => void): Promise<ControlServer> {
  const server = new Control(changed);
  await server.listen();
  return server;
}

const approvers = z.object({
  autoApprovers: z.object({ routes: z.record(z.string(), z.array(z.string())).optional() }).optional(),
});

const bodySchema = z.object({
  policy: z.string().optional(),
  reusable: z.boolean().optional(),
  expiration: z.string().optional(),
  aclTags: z.array(z.string()).optional(),
  routes: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
  id: z.string().optional(),
});
type Body = z.infer<typeof bodySchema>;

interface Reply {
  readonly status: number;
  readonly json: unknown;
}

const ok = (json: unknown): Reply => ({ status: 200, json });
const refusal = (status: number, code: number, message: string): Reply => ({
  status,
  json: { code, message, details: [] },
});

class Control implements ControlServer {
  readonly apiKey = `hskey-api-${token(9)}-${token(48)}`;
  up = true;
  keys: PreAuthKey[] = [];
  readonly calls: string[] = [];
  readonly #changed: (what: string) => void;
  #nodes: TailnetNode[] = [];
  #policy: string | undefined;
  #next = 1;
  #http: HttpServer | undefined;

  constructor(changed: (what: string) => void) {
    this.#changed = changed;
  }

  async listen(): Promise<void> {
    this.#http = await startHttpServer(({ method, path, headers, body }, response) => {
      if (!this.up) return void response.destroy();
      const open = path === "/version" || path === "/health";
      if (!open && headers["authorization"] !== `Bearer ${this.apiKey}`) {
        response.writeHead(401, { "content-type": "text/plain" }).end("Unauthorized");
        return;
      }
      this.calls.push(`${method} ${path}`);
      const writes = method !== "GET" && !path.endsWith("/policy/check");
      if (writes) this.#changed(`${method} ${path} asked`);
      const { status, json } = this.#answer(method, new URL(path, this.url), body);
      if (writes) this.#changed(`${method} ${path} done`);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    });
  }

  get url(): string {
    return this.#http?.url ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http?.[Symbol.asyncDispose]();
  }

  #answer(method: string, url: URL, text: string): Reply {
    const body: Body = text === "" ? {} : bodySchema.parse(JSON.parse(text));
    const call = `${method} ${url.pathname.replace(/^\/api\/v1/, "").replace(/\/node\/\d+/, "/node/ID")}`;
    const id = /\/node\/(\d+)/.exec(url.pathname)?.[1] ?? url.searchParams.get("id") ?? body.id ?? "";
    switch (call) {
      case "GET /version":
        return ok({ version: "v0.29.2", commit: "simulated" });
      case "GET /health":
        return ok({ status: "pass", databaseConnectivity: true });
      case "GET /policy":
        if (this.#policy === undefined) return refusal(500, 2, "loading ACL from database: acl policy not found");
        return ok({ policy: this.#policy, updatedAt: new Date().toISOString() });
      case "POST /policy/check": {
        const problem = policyProblem(body.policy ?? "");
        return problem ? refusal(400, 3, problem) : ok({});
      }
      case "PUT /policy":
        return this.#putPolicy(body.policy ?? "");
      case "GET /preauthkey":
        return ok({ preAuthKeys: this.keys.map((k) => keyJson(k, false)) });
      case "POST /preauthkey":
        return this.#mint(body);
      case "POST /preauthkey/expire":
        this.keys = this.keys.map((k) => (k.id === id ? { ...k, expires: new Date() } : k));
        return ok({});
      case "DELETE /preauthkey":
        this.keys = this.keys.filter((k) => k.id !== id);
        return ok({});
      case "GET /node":
        return ok({ nodes: this.#nodes.map((n) => this.#nodeJson(n)) });
      default:
        return this.#nodeCall(call, id, body);
    }
  }

  #nodeCall(call: string, id: string, body: Body): Reply {
    const node = this.#nodes.find((n) => n.id === id);
    if (!/ \/node\/ID/.test(call)) return refusal(404, 5, "Not Found");
    if (!node) return refusal(404, 5, "node not found");
    switch (call) {
      case "POST /node/ID/approve_routes":
        return ok({ node: this.#nodeJson(this.#update(id, { approved: [...(body.routes ?? [])].sort() })) });
      case "POST /node/ID/tags":
        return ok({ node: this.#nodeJson(this.#update(id, { tags: [...(body.tags ?? [])].sort() })) });
      case "DELETE /node/ID":
        this.forget(id);
        return ok({});
      default:
        return refusal(501, 12, "Method Not Allowed");
    }
  }

  #putPolicy(text: string): Reply {
    const problem = policyProblem(text);
    if (problem) return refusal(500, 2, `setting policy: ${problem}`);
    this.setPolicy(text);
    return ok({ policy: text, updatedAt: new Date().toISOString() });
  }

  #mint(body: Body): Reply {
    const tags = body.aclTags ?? [];
    if (tags.some((t) => !t.startsWith("tag:"))) return refusal(400, 3, "tag must start with the string 'tag:'");
    const key: PreAuthKey = {
      id: String(this.#next++),
      text: `hskey-auth-${token(9)}-${token(48)}`,
      tags,
      reusable: body.reusable ?? false,
      created: new Date(),
      // Without an expiration a key is born expired (Headscale 0.29.2).
      expires: new Date(body.expiration ?? 0),
      used: false,
    };
    this.keys = [...this.keys, key];
    return ok({ preAuthKey: keyJson(key, true) });
  }

  nodes(): readonly TailnetNode[] {
    return this.#nodes;
  }

  policy(): string | undefined {
    return this.#policy;
  }

  /** New approvers also act on what is advertised already. */
  setPolicy(text: string): void {
    this.#policy = text;
    this.#nodes = this.#nodes.map((n) => this.#autoApproved(n));
  }

  register(text: string, hostname: string): TailnetNode | string {
    const key = this.keys.find((k) => k.text === text);
    if (!key) return "invalid pre auth key";
    if (key.used && !key.reusable) return "authkey already used";
    if (key.expires <= new Date()) return "authkey expired";
    this.keys = this.keys.map((k) => (k === key ? { ...k, used: true } : k));
    const id = String(Math.max(0, ...this.#nodes.map((n) => Number(n.id))) + 1);
    const taken = this.#nodes.some((n) => n.label === hostname);
    const node: TailnetNode = {
      id,
      nodeKey: `nodekey:${randomBytes(32).toString("hex")}`,
      hostname,
      label: taken ? `${hostname}-${token(4).toLowerCase()}` : hostname,
      addresses: [`100.64.0.${id}`, `fd7a:115c:a1e0::${id}`],
      tags: key.tags,
      online: true,
      expired: false,
      available: [],
      approved: [],
    };
    this.#nodes = [...this.#nodes, node];
    return node;
  }

  announce(id: string, told: Told): void {
    const { hostname, routes, online } = told;
    if (!this.#nodes.some((n) => n.id === id)) return;
    const node = this.#update(id, {
      ...(hostname === undefined ? {} : { hostname }),
      ...(routes === undefined ? {} : { available: routes }),
      ...(online === undefined ? {} : { online }),
    });
    this.#update(id, this.#autoApproved(node));
  }

  forget(id: string): void {
    this.#nodes = this.#nodes.filter((n) => n.id !== id);
  }

  restore(node: TailnetNode): void {
    this.#nodes = [...this.#nodes, node].sort((a, b) => Number(a.id) - Number(b.id));
  }

  approve(id: string, routes: readonly string[]): void {
    this.#update(id, { approved: routes });
  }

  #update(id: string, change: Partial<TailnetNode>): TailnetNode {
    const found = this.#nodes.find((n) => n.id === id);
    if (!found) throw new RangeError(`no node ${id}`);
    const node = { ...found, ...change };
    this.#nodes = this.#nodes.map((n) => (n === found ? node : n));
    return node;
  }

  #autoApproved(node: TailnetNode): TailnetNode {
    const policy = approvers.safeParse(parse(this.#policy ?? "{}", [], { allowTrailingComma: true })).data;
    const rules = Object.entries(policy?.autoApprovers?.routes ?? {});
    const approves = (route: string): boolean =>
      rules.some(([prefix, owners]) => {
        const [outer, inner] = [Cidr.parse(prefix), Cidr.parse(route)];
        return outer && inner && outer.contains(inner) && owners.some((o) => node.tags.includes(o));
      });
    return { ...node, approved: [...new Set([...node.approved, ...node.available.filter(approves)])].sort() };
  }

  #nodeJson(n: TailnetNode): Record<string, unknown> {
    const serves = (route: string): boolean =>
      n.online && n.available.includes(route) && this.#nodes.find((o) => offers(o, route))?.id === n.id;
    return {
      id: n.id,
      machineKey: "mkey:simulated",
      nodeKey: n.nodeKey,
      ipAddresses: n.addresses,
      name: n.hostname,
      givenName: n.label,
      user: { id: "2147455555", name: "tagged-devices" },
      lastSeen: new Date().toISOString(),
      expiry: n.expired ? new Date(0).toISOString() : null,
      preAuthKey: null,
      createdAt: new Date().toISOString(),
      registerMethod: "REGISTER_METHOD_AUTH_KEY",
      online: n.online,
      approvedRoutes: n.approved,
      availableRoutes: n.available,
      subnetRoutes: n.approved.filter(serves),
      tags: n.tags,
    };
  }
}

const offers = (n: TailnetNode, route: string): boolean =>
  n.online && n.approved.includes(route) && n.available.includes(route);

function keyJson(key: PreAuthKey, whole: boolean): Record<string, unknown> {
  return {
    user: null,
    id: key.id,
    key: whole ? key.text : `${key.text.split("-").slice(0, 2).join("-")}-${key.text.slice(11, 23)}-***`,
    reusable: key.reusable,
    ephemeral: false,
    used: key.used,
    expiration: key.expires.toISOString(),
    createdAt: key.created.toISOString(),
    aclTags: key.tags,
  };
}

/** Base64url without `-`, so that the parts of a key stay apart. */
function token(bytes: number): string {
  return randomBytes(bytes).toString("base64url").replaceAll("-", "A");
}

function policyProblem(text: string): string | undefined {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const before = text.slice(0, first.offset).split("\n");
    return `parsing policy: parsing HuJSON: hujson: line ${before.length}, column ${(before.at(-1) ?? "").length + 1}: invalid`;
  }
  if (typeof value !== "object" || Array.isArray(value)) return "parsing policy: not an object";
  const known = [
    "groups",
    "hosts",
    "tagOwners",
    "acls",
    "grants",
    "autoApprovers",
    "ssh",
    "tests",
    "sshTests",
    "nodeAttrs",
    "randomizeClientPort",
  ];
  const unknown = Object.keys(value ?? {}).find((k) => !known.includes(k));
  return unknown === undefined ? undefined : `parsing policy: unknown field: "${unknown}"`;
}
