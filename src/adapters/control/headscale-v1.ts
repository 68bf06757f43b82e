/** The Control port over Headscale 0.29's /api/v1. Measured facts are in docs/architecture.md; the odd ones are said where they matter. */
import { createHash } from "node:crypto";
import type { Tag } from "../../mesh/mesh.ts";
import { Secret } from "../../mesh/secret.ts";
import type {
  AuthKey,
  Capabilities,
  Control,
  ControlWrite,
  Device,
  ExpiringCredential,
  MintedKey,
  MintRequest,
  PolicyCheck,
  PolicyDocument,
  PolicyPreview,
  PolicyWrite,
} from "../../ports/control.ts";
import type { Api, ApiReply } from "./api.ts";
import { controlErrors } from "./errors.ts";
import { findingsOf } from "./findings.ts";
import { checkLife } from "./key-life.ts";
import { emptiness } from "./policy-text.ts";
import {
  anyReply,
  apiKeysReply,
  errorTexts,
  hasNoEndpoint,
  keyReply,
  keysReply,
  nodesReply,
  policyReply,
  toAuthKey,
  toDevice,
  toExpiring,
} from "./wire.ts";

const wire: Readonly<Record<ControlWrite, string>> = {
  setPolicy: "PUT /api/v1/policy",
  mintKey: "POST /api/v1/preauthkey",
  revokeKey: "DELETE /api/v1/preauthkey?id={id}",
  setDeviceTags: "POST /api/v1/node/{id}/tags",
  setEnabledRoutes: "POST /api/v1/node/{id}/approve_routes",
  deleteDevice: "DELETE /api/v1/node/{id}",
};

const defaultPolicy: PolicyDocument = { text: "", version: "default", isDefault: true };

export class HeadscaleV1 implements Control {
  readonly url: string;
  readonly wire = wire;
  readonly capabilities: Capabilities;
  readonly #api: Api;

  constructor(api: Api, serverVersion: string) {
    this.#api = api;
    this.url = api.url;
    this.capabilities = {
      provider: "headscale-v1",
      serverVersion,
      policy: {
        validate: "server",
        preview: false,
        etag: false,
        keepsComments: true,
        testsNeedNodes: true,
        ownerAutogroups: false,
        autoApproveIsRetroactive: true,
      },
      keys: { maxLifetimeSeconds: null, description: false, revokeIsSoft: false },
      // Its API keys may do everything.
      devices: { list: true, change: true, approve: true },
    };
  }

  now(): Date {
    return this.#api.now();
  }

  /** An untouched server answers 500 here, with this one text. */
  async getPolicy(): Promise<PolicyDocument> {
    const reply = await this.#api.call("GET", "/api/v1/policy");
    if (!reply.ok && errorTexts(reply.text).some((text) => text.includes("acl policy not found"))) return defaultPolicy;
    return stored(this.#api.read(reply, policyReply).policy);
  }

  async checkPolicy(text: string): Promise<PolicyCheck> {
    const reply = await this.#api.call("POST", "/api/v1/policy/check", { policy: text }, { repeatable: true });
    if (reply.status === 400) return { kind: "failed", findings: findingsOf(errorTexts(reply.text)) };
    this.#api.read(reply, anyReply);
    return { kind: "passed" };
  }

  async previewPolicy(): Promise<PolicyPreview> {
    return { kind: "unsupported" };
  }

  /**
   * The server compares no versions: it is read again right before, and the time in between is the race that is left.
   * An invalid policy is answered 500, as a real failure is; only the text tells them apart. It is never sent twice.
   */
  async setPolicy(text: string, ifVersion: string): Promise<PolicyWrite> {
    const empty = emptiness(text);
    if (empty) return { kind: "rejected", findings: [empty] };
    const present = await this.getPolicy();
    if (present.version !== ifVersion) return { kind: "conflict" };
    const reply = await this.#api.call("PUT", "/api/v1/policy", { policy: text });
    if (reply.ok) return { kind: "written", stored: stored(this.#api.read(reply, policyReply).policy) };
    return this.#policyRefusal(reply);
  }

  #policyRefusal(reply: ApiReply): PolicyWrite {
    const texts = errorTexts(reply.text);
    if (texts.some((text) => text.includes("update is disabled"))) {
      throw controlErrors("MESH_POLICY_READ_ONLY", `${this.url} takes its policy from a file`, {
        where: { address: this.url },
      });
    }
    const invalid = texts.some((text) => /^(setting policy|verifying SSH rules): /.test(text));
    if (reply.status !== 400 && !invalid) throw this.#api.failure(reply);
    return { kind: "rejected", findings: findingsOf(texts) };
  }

  /** The expiry is always sent, and in the server's time: without one a key is dead from the start. */
  async mintKey(request: MintRequest): Promise<MintedKey> {
    const { expirySeconds } = request;
    checkLife(expirySeconds);
    const { preAuthKey } = await this.#api.must(keyReply, "POST", "/api/v1/preauthkey", {
      reusable: request.reusable,
      ephemeral: false,
      expiration: new Date(this.#api.now().getTime() + expirySeconds * 1000).toISOString(),
      aclTags: request.tags,
    });
    return { key: toAuthKey(preAuthKey, this.#api.now()), secret: new Secret(preAuthKey.key) };
  }

  async listKeys(): Promise<readonly AuthKey[]> {
    const { preAuthKeys } = await this.#api.must(keysReply, "GET", "/api/v1/preauthkey");
    return (preAuthKeys ?? []).map((key) => toAuthKey(key, this.#api.now()));
  }

  async listExpiring(): Promise<readonly ExpiringCredential[]> {
    const { apiKeys } = await this.#api.must(apiKeysReply, "GET", "/api/v1/apikey");
    return toExpiring(apiKeys);
  }

  /** This server answers 200 for keys that it never had, so that `revoked` may also mean gone. */
  revokeKey(id: string): Promise<"revoked" | "already-gone"> {
    return this.#remove(`/api/v1/preauthkey?id=${encodeURIComponent(id)}`, "revoked");
  }

  /** Only the list is asked: for one node by its id the server leaves serving routes and user empty. */
  async listDevices(): Promise<readonly Device[]> {
    const { nodes } = await this.#api.must(nodesReply, "GET", "/api/v1/node");
    return (nodes ?? []).map(toDevice);
  }

  async setDeviceTags(id: string, tags: readonly [Tag, ...Tag[]]): Promise<void> {
    await this.#api.must(anyReply, "POST", `/api/v1/node/${encodeURIComponent(id)}/tags`, { tags });
  }

  /** The list is always sent, also when it is empty: a missing one clears all routes. */
  async setEnabledRoutes(id: string, routes: readonly string[]): Promise<void> {
    await this.#api.must(anyReply, "POST", `/api/v1/node/${encodeURIComponent(id)}/approve_routes`, {
      routes: [...routes],
    });
  }

  deleteDevice(id: string): Promise<"deleted" | "already-gone"> {
    return this.#remove(`/api/v1/node/${encodeURIComponent(id)}`, "deleted");
  }

  async #remove<Done extends string>(path: string, done: Done): Promise<Done | "already-gone"> {
    const reply = await this.#api.call("DELETE", path);
    if (reply.status === 404 && !hasNoEndpoint(reply)) return "already-gone";
    this.#api.read(reply, anyReply);
    return done;
  }
}

/** An empty text that was stored means what an untouched server does: everybody reaches everything. */
function stored(text: string): PolicyDocument {
  const version = `sha256:${createHash("sha256").update(text).digest("hex")}`;
  return { text, version, isDefault: text.trim() === "" };
}
