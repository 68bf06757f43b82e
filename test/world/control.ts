/** The world's control server: Headscale's API for the product, and what tailscaled says to it for the machines. */
import { randomBytes } from "node:crypto";
import { type Headscale, startHeadscale } from "../support/headscale-server.ts";
import { type FakeKey, type FakeNode, LoginError } from "../support/headscale-state.ts";
import type { TailnetNode } from "./grants.ts";

/** The control server, as tailscaled and as the tests see it. */
export interface ControlServer {
  readonly url: string;
  readonly apiKey: string;
  /** Does it answer at all? Tests may take it away. */
  up: boolean;
  nodes(): readonly TailnetNode[];
  /** Undefined: nothing was ever stored. */
  policy(): string | undefined;
  setPolicy(text: string): void;
  readonly keys: readonly FakeKey[];
  /** Calls so far, `METHOD PATH`. */
  readonly calls: readonly string[];
  /** A new node, or the text of the refusal. */
  register(key: string, hostname: string): TailnetNode | string;
  /** What a node tells about itself; a deleted node stays deleted. */
  announce(id: string, told: Told): void;
  /** Deletes a node; `restore` puts it back as it was. */
  forget(id: string): void;
  restore(id: string): void;
  /** Replaces a node's approved routes. */
  approve(id: string, routes: readonly string[]): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Told {
  readonly hostname?: string;
  readonly routes?: readonly string[];
  readonly online?: boolean;
}

/** A key that would still let a machine in. */
export function isUsable(key: FakeKey, now: Date = new Date()): boolean {
  return key.expiration > now && (key.reusable || !key.used);
}

/** @param changed called before and after each write of a client, with what it was */
export async function startControl(changed: (what: string) => void): Promise<ControlServer> {
  const control = new Control(changed);
  await control.start();
  return control;
}

class Control implements ControlServer {
  readonly apiKey = `hskey-api-${randomBytes(9).toString("hex").slice(0, 12)}-${randomBytes(32).toString("hex")}`;
  up = true;
  readonly #changed: (what: string) => void;
  readonly #forgotten = new Map<string, FakeNode>();
  #server: Headscale | undefined;

  constructor(changed: (what: string) => void) {
    this.#changed = changed;
  }

  async start(): Promise<void> {
    const note = (call: { readonly method: string; readonly path: string }, when: string): void => {
      const writes = call.method !== "GET" && !call.path.endsWith("/policy/check");
      if (writes) this.#changed(`${call.method} ${call.path} ${when}`);
    };
    this.#server = await startHeadscale({
      apiKey: this.apiKey,
      onCall: (call) => {
        if (!this.up) return "drop";
        note(call, "asked");
        return undefined;
      },
      onServed: (call) => note(call, "done"),
    });
  }

  get #running(): Headscale {
    if (!this.#server) throw new Error("the control server has not started");
    return this.#server;
  }

  get url(): string {
    return this.#running.url;
  }

  get keys(): readonly FakeKey[] {
    return this.#running.state.keys;
  }

  get calls(): readonly string[] {
    return this.#running.calls.map((c) => `${c.method} ${c.path}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#running.close();
  }

  nodes(): readonly TailnetNode[] {
    return this.#running.state.nodes.map((n) => this.#view(n));
  }

  #view(n: FakeNode): TailnetNode {
    return {
      id: n.id,
      nodeKey: n.nodeKey,
      hostname: n.name,
      label: n.givenName,
      addresses: n.ipAddresses,
      tags: n.tags,
      online: n.online,
      expired: n.expiry !== null,
      approved: n.approvedRoutes,
      serving: this.#running.state.servingRoutes(n),
    };
  }

  policy(): string | undefined {
    return this.#running.state.policyText ?? undefined;
  }

  setPolicy(text: string): void {
    this.#running.state.setPolicy(text);
  }

  register(key: string, hostname: string): TailnetNode | string {
    const random = (kind: string): string => `${kind}:${randomBytes(32).toString("hex")}`;
    try {
      const request = { authKey: key, hostname, machineKey: random("mkey"), nodeKey: random("nodekey") };
      return this.#view(this.#running.state.register(request));
    } catch (error) {
      if (error instanceof LoginError) return error.message;
      throw error;
    }
  }

  announce(id: string, told: Told): void {
    const { state } = this.#running;
    const node = state.node(id);
    if (!node) return;
    if (told.hostname !== undefined) node.name = told.hostname;
    if (told.online !== undefined) state.setOnline(node, told.online);
    if (told.routes !== undefined) state.advertise(node, told.routes);
  }

  forget(id: string): void {
    const { state } = this.#running;
    const node = state.node(id);
    if (!node) return;
    this.#forgotten.set(id, node);
    state.remove(node);
  }

  restore(id: string): void {
    const node = this.#forgotten.get(id);
    if (node) this.#running.state.nodes.push(node);
  }

  approve(id: string, routes: readonly string[]): void {
    const node = this.#running.state.node(id);
    if (node) this.#running.state.approve(node, routes);
  }
}
