/** Vault's HTTP API as far as all of it is alike: addresses, headers, error texts, and what every request can meet. */
import * as z from "zod/mini";
import { MeshError } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { Http, HttpReply } from "../http/http.ts";
import { vaultErrors } from "./errors.ts";

export interface VaultCall {
  readonly method: "GET" | "POST";
  /** Below `/v1/`, as people write it. */
  readonly path: string;
  readonly namespace: string | undefined;
  readonly token?: Secret;
  readonly body?: unknown;
  /** Sent again when no answer came; never for a write. */
  readonly repeatable?: boolean;
}

export interface VaultReply {
  readonly status: number;
  readonly ok: boolean;
  /** The request, such as `GET /v1/secret/data/x (namespace team)`. */
  readonly what: string;
  /** The answer's JSON; undefined when it has no body. */
  readonly json: unknown;
  /** Texts of `errors`, without secrets, harmless. */
  readonly said: string;
  /** Vault's own clock; null when it does not say. */
  readonly date: Date | null;
}

const ErrorsSchema = z.object({ errors: z.array(z.string()) });

/** Vault Enterprise answers 412 while a server lags behind, and 500 for what may pass. */
const retryStatus = [412, 500];

export class VaultApi {
  readonly url: string;
  readonly #http: Http;
  readonly #secrets: Secret[] = [];

  constructor(url: string, http: Http) {
    this.url = url;
    this.#http = http;
  }

  /** From now on it is taken out of every text that is shown. */
  hide(secret: Secret): void {
    this.#secrets.push(secret);
  }

  /**
   * The answer, if it is one of Vault's. Throws for no connection, sealed, standby, limits, unknown namespaces, failures and
   * strangers; a request that was not `repeatable` may then have been carried out, unless Vault itself said so.
   */
  async call({ method, path, namespace, token, body, repeatable = method === "GET" }: VaultCall): Promise<VaultReply> {
    const location = `/v1/${encodePath(path)}`;
    const what = `${method} ${location}${namespace === undefined ? "" : ` (namespace ${inertText(namespace, 200)})`}`;
    const reply = await this.#http
      .request({
        method,
        url: `${this.url}${location}`,
        headers: {
          accept: "application/json",
          "x-vault-request": "true",
          ...(token === undefined ? {} : { "x-vault-token": token.reveal() }),
          ...(namespace === undefined ? {} : { "x-vault-namespace": `${namespace}/` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        repeatable,
        retryStatus,
      })
      .catch((error: unknown) => {
        throw this.#unanswered(what, error);
      });
    return this.#judged(what, reply);
  }

  where(): { readonly where: { readonly address: string } } {
    return { where: { address: this.url } };
  }

  #judged(what: string, reply: HttpReply): VaultReply {
    const { status, headers } = reply;
    const json = reply.text.trim() === "" ? undefined : parseJson(reply.text);
    const errors = ErrorsSchema.safeParse(json);
    const said = this.#clean((errors.success ? errors.data.errors : []).join("; "));
    const answered = `${what} was answered ${status}${said === "" ? "" : `: ${said}`}`;
    const place = this.where();
    if (status === 429) throw vaultErrors("MESH_VAULT_LIMITED", answered, place);
    if (/\bis sealed\b/i.test(said)) throw vaultErrors("MESH_VAULT_SEALED", answered, place);
    if (isStandby(said)) throw vaultErrors("MESH_VAULT_STANDBY", answered, place);
    if (/namespace not found/i.test(said)) throw vaultErrors("MESH_VAULT_NAMESPACE", answered, place);
    if (!errors.success && [502, 503, 504].includes(status)) {
      throw vaultErrors("MESH_VAULT_UNREACHABLE", `${answered} by something in front of Vault`, place);
    }
    if (status >= 500 || status === 412) throw vaultErrors("MESH_VAULT_FAILED", answered, place);
    const isObject = json instanceof Object && !Array.isArray(json);
    if (!(isObject || status === 204) || (status >= 300 && status < 400)) {
      const kind = /^\s*</.test(reply.text) ? "a web page" : "no JSON";
      throw vaultErrors("MESH_VAULT_ANSWER", `${what} was answered ${status} with ${kind}: that is not Vault`, place);
    }
    const date = Date.parse(headers["date"] ?? "");
    return {
      status,
      ok: status === 200 || status === 204,
      what,
      json,
      said,
      date: Number.isNaN(date) ? null : new Date(date),
    };
  }

  #unanswered(what: string, error: unknown): unknown {
    if (!(error instanceof MeshError)) return error;
    const details = { ...this.where(), cause: error };
    if (error.code === "MESH_HTTP_UNREACHABLE") {
      return vaultErrors("MESH_VAULT_UNREACHABLE", `Vault did not answer ${what}: ${error.message}`, details);
    }
    if (error.code === "MESH_TLS_UNTRUSTED") return vaultErrors("MESH_VAULT_UNTRUSTED", error.message, details);
    if (error.code === "MESH_HTTP_REDIRECT") {
      return vaultErrors("MESH_VAULT_REDIRECT", `${what}: ${error.message}`, details);
    }
    return error;
  }

  /** Servers of others may repeat what they were sent. */
  #clean(text: string): string {
    const without = this.#secrets.reduce((rest, secret) => rest.replaceAll(secret.reveal(), "[secret]"), text);
    return inertText(without.replace(/\s+/g, " ").trim(), 400);
  }
}

/** Each part of a path on its own: a slash parts, whatever else is in a name does not. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function isStandby(said: string): boolean {
  return /node is not active|no active \w+ instance|active cluster node not found|in standby mode/i.test(said);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
