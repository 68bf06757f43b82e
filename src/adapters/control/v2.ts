/** The Control port over the v2 API: Tailscale's own, and Headscale's since 0.30. What differs is data (`V2Server`). */
import { createHash } from "node:crypto";
import type * as z from "zod/mini";
import { Cidr } from "../../mesh/cidr.ts";
import { MeshError } from "../../mesh/error.ts";
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
  PolicyFinding,
  PolicyPreview,
  PolicyWrite,
} from "../../ports/control.ts";
import type { Api, ApiReply } from "./api.ts";
import { controlErrors } from "./errors.ts";
import { findingsOf } from "./findings.ts";
import { checkLife } from "./key-life.ts";
import { emptiness, isDefaultPolicy } from "./policy-text.ts";
import { explainTags, isTagRefusal, type TagRefusal } from "./tags.ts";
import { devicesReply, keyReply, keysReply, previewReply, toAuthKey, toDevice, toExpiring } from "./v2-wire.ts";
import {
  anyReply,
  apiKeysReply,
  errorTexts,
  hasNoEndpoint,
  isWebPage,
  parseJson,
  toExpiring as toExpiringV1,
  warningTexts,
} from "./wire.ts";

/** One server behind the v2 API. */
export interface V2Server {
  readonly api: Api;
  /** `-` is the tailnet of the credential. */
  readonly tailnet: string;
  readonly capabilities: Capabilities;
  /** Where a policy is checked; null where only the write tells. */
  readonly check: "acl/validate" | "v1/policy/check" | null;
  /** Where credentials that expire are listed: among the keys, or by Headscale's v1 API; null where this one may not. */
  readonly expiring: "keys" | "v1/apikey" | null;
  /** For the message when a tag may not be given. */
  readonly credential: Pick<TagRefusal, "ownerTag" | "control" | "isApiKey"> & {
    /** Under this id the credential finds itself among the keys. */
    readonly keyId: string | null;
  };
}

const hujson = "application/hujson";
/** A list of so many pages is no list. */
const mostPages = 100;

export class ControlV2 implements Control {
  readonly url: string;
  readonly capabilities: Capabilities;
  readonly wire: Readonly<Record<ControlWrite, string>>;
  readonly #server: V2Server;
  readonly #api: Api;
  readonly #tailnet: string;

  constructor(server: V2Server) {
    this.#server = server;
    this.#api = server.api;
    this.url = server.api.url;
    this.capabilities = server.capabilities;
    this.#tailnet = `/api/v2/tailnet/${encodeURIComponent(server.tailnet)}`;
    this.wire = {
      setPolicy: `POST ${this.#tailnet}/acl`,
      mintKey: `POST ${this.#tailnet}/keys`,
      revokeKey: `DELETE ${this.#tailnet}/keys/{id}`,
      setDeviceTags: "POST /api/v2/device/{id}/tags",
      setEnabledRoutes: "POST /api/v2/device/{id}/routes",
      deleteDevice: "DELETE /api/v2/device/{id}",
    };
  }

  now(): Date {
    return this.#api.now();
  }

  async getPolicy(): Promise<PolicyDocument> {
    const reply = await this.#api.call("GET", `${this.#tailnet}/acl`, undefined, { accept: hujson });
    if (!reply.ok) throw this.#api.failure(reply);
    return this.#stored(reply);
  }

  /** HuJSON whatever the Content-Type says. The version is opaque, and never computed where the server gives one. */
  #stored(reply: ApiReply): PolicyDocument {
    const { text } = reply;
    if (isWebPage(text)) throw this.#api.unreadable(reply, errorTexts(text).join());
    const etag = normalEtag(reply.headers["etag"]);
    return { text, version: etag ?? hashOf(text), isDefault: isDefaultPolicy(text) };
  }

  async checkPolicy(text: string): Promise<PolicyCheck> {
    if (this.#server.check === null) return { kind: "unsupported" };
    if (this.#server.check === "v1/policy/check") {
      const reply = await this.#api.call("POST", "/api/v1/policy/check", { policy: text }, { repeatable: true });
      return this.#verdict(reply, []);
    }
    const reply = await this.#ask("validate", text);
    if (!reply.ok) return this.#verdict(reply, []);
    this.#api.read(reply, anyReply);
    // This endpoint answers 200 whatever it found. A message with nothing that only warns is a failure without details.
    const { message, warnings } = warningTexts(reply.text);
    const details = errorTexts(reply.text).filter((told) => told !== "no reason given" && told !== message);
    const failed = details.length > 0 ? details : message !== "" && warnings.length === 0 ? [message] : [];
    return failed.length > 0 ? { kind: "failed", findings: findingsOf(failed) } : this.#verdict(reply, warnings);
  }

  #verdict(reply: ApiReply, warnings: readonly string[]): PolicyCheck {
    if (reply.status === 400 || reply.status === 422) {
      return { kind: "failed", findings: findingsOf(errorTexts(reply.text)) };
    }
    if (hasNoEndpoint(reply)) return { kind: "unsupported" };
    this.#api.read(reply, anyReply);
    return warnings.length === 0 ? { kind: "passed" } : { kind: "passed", warnings: warnings.map(warning) };
  }

  async previewPolicy(text: string, type: "user" | "ipport", target: string): Promise<PolicyPreview> {
    if (!this.capabilities.policy.preview) return { kind: "unsupported" };
    const reply = await this.#ask(`preview?${new URLSearchParams({ type, previewFor: target }).toString()}`, text);
    if (reply.status === 400 || reply.status === 422) {
      return { kind: "failed", findings: findingsOf(errorTexts(reply.text)) };
    }
    if (hasNoEndpoint(reply)) return { kind: "unsupported" };
    return { kind: "matches", matches: this.#api.read(reply, previewReply).matches };
  }

  /** A question about a policy that changes nothing. */
  #ask(what: string, text: string): Promise<ApiReply> {
    return this.#api.call("POST", `${this.#tailnet}/acl/${what}`, text, { contentType: hujson, repeatable: true });
  }

  /** Sent once, on condition of the version that was read; where the server gave none, it is read again right before. */
  async setPolicy(text: string, ifVersion: string): Promise<PolicyWrite> {
    const empty = emptiness(text);
    if (empty) return { kind: "rejected", findings: [empty] };
    const hasEtag = !ifVersion.startsWith("sha256:");
    if (!hasEtag && (await this.getPolicy()).version !== ifVersion) return { kind: "conflict" };
    const reply = await this.#api.call("POST", `${this.#tailnet}/acl`, text, {
      contentType: hujson,
      accept: hujson,
      ...(hasEtag ? { ifMatch: ifVersion } : {}),
    });
    if (reply.ok) {
      return { kind: "written", stored: reply.text.trim() === "" ? await this.getPolicy() : this.#stored(reply) };
    }
    if (reply.status === 412) return { kind: "conflict" };
    return this.#policyRefusal(reply, text);
  }

  async #policyRefusal(reply: ApiReply, text: string): Promise<PolicyWrite> {
    const texts = errorTexts(reply.text);
    if (texts.some((told) => told.includes("update is disabled"))) {
      throw controlErrors("MESH_POLICY_READ_ONLY", `${this.url} takes its policy from a file`, {
        where: { address: this.url },
      });
    }
    if (reply.status !== 400 && reply.status !== 422) throw this.#api.failure(reply);
    // A write may say no more than that tests failed; which ones, the check tells.
    const check = texts.join() === "test(s) failed" ? await this.checkPolicy(text) : undefined;
    return { kind: "rejected", findings: check?.kind === "failed" ? check.findings : findingsOf(texts) };
  }

  /** Never sent again: a key whose answer was lost would stay unknown. All members are sent, since servers demand or refuse by them. */
  async mintKey(request: MintRequest): Promise<MintedKey> {
    checkLife(request.expirySeconds);
    const reply = await this.#api.call("POST", `${this.#tailnet}/keys`, {
      keyType: "auth",
      description: request.description.replace(/[^A-Za-z0-9 -]/g, "-").slice(0, 50),
      expirySeconds: request.expirySeconds,
      capabilities: {
        devices: {
          create: { reusable: request.reusable, ephemeral: false, preauthorized: true, tags: request.tags },
        },
      },
    });
    if (!reply.ok) throw await this.#keyRefusal(reply, request.tags);
    const made = this.#api.read(reply, keyReply);
    if (made.key === "") throw this.#api.unreadable(reply, "there is no key in the answer");
    return { key: toAuthKey(made, this.#api.now()), secret: new Secret(made.key) };
  }

  async #keyRefusal(reply: ApiReply, tags: readonly string[]): Promise<MeshError> {
    if (!isTagRefusal(errorTexts(reply.text).join("\n"))) return this.#api.failure(reply);
    const { credential } = this.#server;
    const held = await this.#heldTags();
    const { message, hint } = explainTags({ ...credential, said: this.#api.told(reply), wanted: tags, held });
    return controlErrors("MESH_CREDENTIAL_TAGS", message, { where: { address: this.url }, hint });
  }

  /** A credential may look itself up; null when the server does not say, or not now. */
  async #heldTags(): Promise<readonly string[] | null> {
    const { keyId } = this.#server.credential;
    if (keyId === null) return null;
    const reply = await this.#api
      .call("GET", `${this.#tailnet}/keys/${encodeURIComponent(keyId)}`)
      .catch(() => undefined);
    const parsed = keyReply.safeParse(reply?.ok ? parseJson(reply.text) : undefined);
    return parsed.success ? parsed.data.tags : null;
  }

  /** All of them: without `all` a token sees only credentials of its own kind. */
  #allKeys() {
    return this.#list(keysReply, `${this.#tailnet}/keys?all=true`, (page) => page.keys);
  }

  async listExpiring(): Promise<readonly ExpiringCredential[] | null> {
    if (this.#server.expiring === null) return null;
    if (this.#server.expiring === "keys") {
      try {
        return toExpiring(await this.#allKeys());
      } catch (error) {
        if (error instanceof MeshError && error.code === "MESH_CREDENTIAL_DENIED") return null;
        throw error;
      }
    }
    const reply = await this.#api.call("GET", "/api/v1/apikey");
    if ([401, 403].includes(reply.status) || hasNoEndpoint(reply)) return null;
    return toExpiringV1(this.#api.read(reply, apiKeysReply).apiKeys);
  }

  /** Only auth keys count. */
  async listKeys(): Promise<readonly AuthKey[]> {
    const keys = await this.#allKeys();
    const now = this.#api.now();
    return keys.filter(({ keyType }) => keyType === "" || keyType === "auth").map((key) => toAuthKey(key, now));
  }

  revokeKey(id: string): Promise<"revoked" | "already-gone"> {
    return this.#remove(`${this.#tailnet}/keys/${encodeURIComponent(id)}`, "revoked");
  }

  async listDevices(): Promise<readonly Device[]> {
    const devices = await this.#list(devicesReply, `${this.#tailnet}/devices?fields=all`, (page) => page.devices);
    return devices.map(toDevice);
  }

  async setDeviceTags(id: string, tags: readonly [Tag, ...Tag[]]): Promise<void> {
    const reply = await this.#api.call(
      "POST",
      `/api/v2/device/${encodeURIComponent(id)}/tags`,
      { tags },
      { repeatable: true },
    );
    if (!reply.ok) throw await this.#keyRefusal(reply, tags);
    this.#api.read(reply, anyReply);
  }

  /** Canonical prefixes only: a server may store others as they are, and they match nothing then. */
  async setEnabledRoutes(id: string, routes: readonly string[]): Promise<void> {
    await this.#api.must(
      anyReply,
      "POST",
      `/api/v2/device/${encodeURIComponent(id)}/routes`,
      { routes: routes.map(canonical) },
      { repeatable: true },
    );
  }

  deleteDevice(id: string): Promise<"deleted" | "already-gone"> {
    return this.#remove(`/api/v2/device/${encodeURIComponent(id)}`, "deleted");
  }

  async #remove<Done extends string>(path: string, done: Done): Promise<Done | "already-gone"> {
    const reply = await this.#api.call("DELETE", path, undefined, { repeatable: true });
    if (reply.status === 404 && !hasNoEndpoint(reply)) return "already-gone";
    this.#api.read(reply, anyReply);
    return done;
  }

  /** Neither server pages today; one that begins to says where its list goes on. */
  async #list<Page, Item>(
    schema: z.ZodMiniType<Page>,
    path: string,
    pick: (page: Page) => readonly Item[] | null | undefined,
  ): Promise<readonly Item[]> {
    const items: Item[] = [];
    let next: string | undefined = path;
    for (let pages = 0; next !== undefined; pages++) {
      const reply: ApiReply = await this.#api.call("GET", next);
      if (pages === mostPages) throw this.#api.unreadable(reply, `the list has more than ${mostPages} pages`);
      items.push(...(pick(this.#api.read(reply, schema)) ?? []));
      next = nextPage(reply, `${this.url}${next}`);
    }
    return items;
  }
}

/** Path and query of the page that `Link: <…>; rel="next"` names; a page on another server is not asked for. */
function nextPage(reply: ApiReply, from: string): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next\b/.exec(reply.headers["link"] ?? "")?.[1];
  if (target === undefined || !URL.canParse(target, from)) return undefined;
  const url = new URL(target, from);
  return url.origin === new URL(from).origin ? `${url.pathname}${url.search}` : undefined;
}

/** A proxy that compresses marks the version as weak, and no server takes that back. */
function normalEtag(header: string | undefined): string | undefined {
  const tag = header?.trim().replace(/^W\//, "");
  if (!tag) return undefined;
  return tag.startsWith('"') ? tag : `"${tag}"`;
}

function hashOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function warning(text: string): PolicyFinding {
  return { severity: "warning", text };
}

function canonical(route: string): string {
  const [address = "", bits = ""] = route.split("/");
  const isPrefix = Cidr.parse(`${address}/32`) !== undefined && /^\d+$/.test(bits) && Number(bits) <= 32;
  return isPrefix ? Cidr.around(address, Number(bits)).text : route;
}
