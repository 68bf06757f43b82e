/** What a Headscale 0.29 knows, in memory: policy, keys and nodes, with the rules and error texts measured on the real one. */
import { randomBytes } from "node:crypto";
import {
  isAllowed,
  isAutoApproved,
  type PolicyDialect,
  type PolicyValue,
  readPolicy,
  runTests,
} from "./headscale-policy.ts";

export interface FakeKey {
  readonly id: string;
  readonly secret: string;
  readonly reusable: boolean;
  readonly ephemeral: boolean;
  readonly tags: readonly string[];
  readonly createdAt: Date;
  expiration: Date;
  used: boolean;
}

export interface FakeNode {
  readonly id: string;
  readonly machineKey: string;
  nodeKey: string;
  readonly ipAddresses: readonly string[];
  name: string;
  givenName: string;
  tags: readonly string[];
  online: boolean;
  lastSeen: Date;
  /** Set: its login has ended. */
  expiry: Date | null;
  readonly createdAt: Date;
  readonly key: FakeKey;
  approvedRoutes: readonly string[];
  availableRoutes: readonly string[];
}

export interface Registration {
  readonly authKey: string;
  readonly hostname: string;
  /** Tells whether it is the same machine as before. */
  readonly machineKey: string;
  readonly nodeKey: string;
  /** `--advertise-tags`; refused beside a key. */
  readonly tags?: readonly string[];
}

/** A credential of the API, as its owner lists it. */
export interface FakeApiKey {
  readonly id: string;
  /** The public beginning of its text; on Tailscale its description. */
  readonly name: string;
  readonly created: Date;
  readonly expires: Date;
  /** Empty: it was made by an OAuth client or an identity, for one run. */
  readonly user?: string;
}

/** Where another server differs from Headscale 0.29. */
export interface StateOptions {
  readonly dialect?: PolicyDialect;
  /** False: a new approver approves only what is advertised after it. */
  readonly isRetroactive?: boolean;
  /** Id and secret of the n-th key. */
  readonly nameKey?: (count: number) => { readonly id: string; readonly secret: string };
}

/** A refusal in Headscale's words; the client shows it after `backend error: `. */
export class LoginError extends Error {}

export class HeadscaleState {
  readonly keys: FakeKey[] = [];
  readonly apiKeys: FakeApiKey[] = [];
  readonly nodes: FakeNode[] = [];
  readonly now: () => Date;
  policyText: string | null = null;
  policyUpdatedAt = new Date(0);
  #policy: PolicyValue | null = null;
  /** Which node serves a prefix; it keeps it until it cannot. */
  readonly #primary = new Map<string, string>();
  #lastId = { key: 0, node: 0 };

  readonly #options: StateOptions;

  constructor(now: () => Date = () => new Date(), options: StateOptions = {}) {
    this.now = now;
    this.#options = options;
  }

  get policy(): PolicyValue | null {
    return this.#policy;
  }

  /** Parses it and runs its tests; throws PolicyRefusal. */
  checkPolicy(text: string): PolicyValue | null {
    const policy = readPolicy(text, this.#options.dialect);
    runTests(policy, this.nodes);
    return policy;
  }

  /** Approval is retroactive: what is advertised already is approved too. */
  setPolicy(text: string): void {
    this.#policy = this.checkPolicy(text);
    this.policyText = text;
    this.policyUpdatedAt = this.now();
    if (this.#options.isRetroactive === false) return;
    for (const node of this.nodes) this.#approve(node);
  }

  allows(from: string, to: string, protocol: string, port: number): boolean {
    return isAllowed(this.#policy, this.nodes, { from, to, protocol, port });
  }

  createKey(request: Pick<FakeKey, "reusable" | "ephemeral" | "tags" | "expiration">): FakeKey {
    const count = ++this.#lastId.key;
    const named = this.#options.nameKey?.(count) ?? {
      id: String(count),
      secret: `hskey-auth-${random(12)}-${random(64)}`,
    };
    const key = { ...request, ...named, used: false, createdAt: this.now() };
    this.keys.push(key);
    return key;
  }

  /** A node logs in with a key; throws LoginError. */
  register(request: Registration): FakeNode {
    const key = this.keys.find((candidate) => candidate.secret === request.authKey);
    if (!key) throw new LoginError("invalid pre auth key");
    const known = this.nodes.find((node) => node.machineKey === request.machineKey);
    if (key.used && !key.reusable) throw new LoginError("authkey already used");
    if (key.expiration.getTime() <= this.now().getTime()) throw new LoginError("authkey expired");
    if (!known && request.tags && request.tags.length > 0) {
      throw new LoginError(`requested tags [${request.tags.join(" ")}] are invalid or not permitted`);
    }
    key.used = true;
    // A tagged node keeps its old expiry: logged out once, it burns the key and does not come back.
    if (known?.expiry) throw new LoginError("authkey already used");
    if (known) {
      known.nodeKey = request.nodeKey;
      return known;
    }
    return this.#add(request, key);
  }

  #add(request: Registration, key: FakeKey): FakeNode {
    const number = ++this.#lastId.node;
    const taken = this.nodes.some((node) => node.givenName === request.hostname);
    const node: FakeNode = {
      id: String(number),
      machineKey: request.machineKey,
      nodeKey: request.nodeKey,
      ipAddresses: [`100.64.${Math.floor(number / 256)}.${number % 256}`, `fd7a:115c:a1e0::${number.toString(16)}`],
      name: request.hostname,
      givenName: taken ? `${request.hostname}-${random(8).toLowerCase()}` : request.hostname,
      tags: key.tags,
      online: true,
      lastSeen: this.now(),
      expiry: null,
      createdAt: this.now(),
      key,
      approvedRoutes: [],
      availableRoutes: [],
    };
    this.nodes.push(node);
    return node;
  }

  node(id: string): FakeNode | undefined {
    return this.nodes.find((node) => node.id === id);
  }

  /** What the node offers from now on; the policy may approve it at once. */
  advertise(node: FakeNode, routes: readonly string[]): void {
    node.availableRoutes = sorted(routes);
    this.#approve(node);
  }

  setOnline(node: FakeNode, online: boolean): void {
    node.online = online;
    node.lastSeen = this.now();
  }

  approve(node: FakeNode, routes: readonly string[]): void {
    node.approvedRoutes = sorted(
      routes.flatMap((r) => (r === "0.0.0.0/0" || r === "::/0" ? ["0.0.0.0/0", "::/0"] : [r])),
    );
  }

  #approve(node: FakeNode): void {
    const approved = node.availableRoutes.filter((route) => isAutoApproved(this.#policy, node.tags, route));
    node.approvedRoutes = sorted([...node.approvedRoutes, ...approved]);
  }

  remove(node: FakeNode): void {
    this.nodes.splice(this.nodes.indexOf(node), 1);
  }

  /** Approved and advertised routes of which this node is the one that serves. */
  servingRoutes(node: FakeNode): readonly string[] {
    return this.#candidates(node).filter((route) => this.#primaryOf(route) === node.id);
  }

  #candidates(node: FakeNode): readonly string[] {
    return node.online ? node.approvedRoutes.filter((route) => node.availableRoutes.includes(route)) : [];
  }

  #primaryOf(route: string): string | undefined {
    const able = this.nodes.filter((node) => this.#candidates(node).includes(route)).map((node) => node.id);
    const present = this.#primary.get(route);
    const chosen = present !== undefined && able.includes(present) ? present : able[0];
    if (chosen === undefined) this.#primary.delete(route);
    else this.#primary.set(route, chosen);
    return chosen;
  }
}

function sorted(routes: readonly string[]): readonly string[] {
  return [...new Set(routes)].sort();
}

/** Characters as in Headscale's keys: base64 for URLs, `-` and `_` among them. */
function random(length: number): string {
  return randomBytes(length).toString("base64url").slice(0, length);
}
