/** One login at one Vault, made at the first request that needs it, ended when the run lets go of it. */
import * as z from "zod/mini";
import type { MeshError } from "../../mesh/error.ts";
import type { VaultStore } from "../../mesh/mesh.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Http } from "../http/http.ts";
import { VaultApi, type VaultCall, type VaultReply } from "./api.ts";
import { vaultErrors } from "./errors.ts";
import { chooseLogin, logIn, type VaultLogin, type VaultLoginInputs, type VaultToken } from "./login.ts";
import { type Needed, policyLines } from "./policy.ts";

export interface VaultOptions {
  readonly store: VaultStore;
  readonly login: VaultLoginInputs;
  readonly http: Http;
  readonly clock: Clock;
  /** Told of every secret before it is used. */
  readonly mask: (secret: Secret) => void;
  /** Asks the platform for this job's identity, made out to one audience. */
  readonly idToken: (audience: string) => Promise<Secret>;
  /**
   * Told of a login of ours before it is used, and with null once it is ended: what is left in between is for the post step
   * to end.
   */
  readonly remember: (token: Secret | null) => Promise<void>;
  /** What people should know and need not act on. */
  readonly say: (line: string) => void;
}

export interface VaultSession {
  readonly store: VaultStore;
  readonly clock: Clock;
  readonly mask: (secret: Secret) => void;
  readonly say: (line: string) => void;
  readonly api: VaultApi;
  /** With the token, in the namespace of the secrets or of the login. An answer that says that the token is no good throws. */
  call(call: Omit<VaultCall, "token" | "namespace">, where?: "secrets" | "login"): Promise<VaultReply>;
  /** What an answer means that is neither success nor expected. */
  refusal(reply: VaultReply, path: string, needed: readonly Needed[]): MeshError;
  /** A policy does not give what is missing; `needed` is all that is to be in it. */
  lacks(path: string, needed: readonly Needed[], missing: readonly Needed[], said: string): MeshError;
  /** When a token that was given ends; null for a login of our own, and for one that never ends or cannot be looked up. */
  tokenExpiry(): Promise<Date | null>;
  /** Ends the login if it is ours. What is asked afterwards logs in again. */
  close(): Promise<void>;
}

/** Throws MESH_VAULT_LOGIN_MISSING at once; contacts nobody. */
export function openVault(options: VaultOptions): VaultSession {
  const { store, login, http } = options;
  return new Session(options, chooseLogin(store.auth, login, store.name), new VaultApi(store.url, http));
}

const LookupSchema = z.object({
  data: z.object({ type: z.optional(z.string()), expire_time: z.nullish(z.string()) }),
});

class Session implements VaultSession {
  readonly store: VaultStore;
  readonly clock: Clock;
  readonly mask: (secret: Secret) => void;
  readonly say: (line: string) => void;
  readonly api: VaultApi;
  readonly #options: VaultOptions;
  readonly #login: VaultLogin;
  #token: Promise<VaultToken> | undefined;

  constructor(options: VaultOptions, login: VaultLogin, api: VaultApi) {
    this.store = options.store;
    this.clock = options.clock;
    this.mask = options.mask;
    this.say = options.say;
    this.api = api;
    this.#options = options;
    this.#login = login;
  }

  /** Our own login may have run out in a long run: then there is one more. Nothing was done by what was refused so. */
  async call(
    call: Omit<VaultCall, "token" | "namespace">,
    where: "secrets" | "login" = "secrets",
  ): Promise<VaultReply> {
    const namespace = where === "secrets" ? this.store.namespace : this.store.authNamespace;
    const held = this.#current();
    const token = await held;
    const reply = await this.api.call({ ...call, namespace, token: token.secret });
    if (!isTokenRefused(reply)) return reply;
    if (!token.isOurs) throw this.#tokenRefusal(reply);
    if (this.#token === held) this.#token = undefined;
    const again = await this.api.call({ ...call, namespace, token: (await this.#current()).secret });
    if (isTokenRefused(again)) throw this.#tokenRefusal(again);
    return again;
  }

  refusal(reply: VaultReply, path: string, needed: readonly Needed[]): MeshError {
    const said = `${reply.what} was answered ${reply.status}${reply.said === "" ? "" : `: ${reply.said}`}`;
    const place = this.api.where();
    if (reply.status === 403) return this.lacks(path, needed, needed, said);
    if (/no handler for route/i.test(reply.said)) return vaultErrors("MESH_VAULT_MOUNT", said, place);
    if (/unsupported path|unsupported operation/i.test(reply.said)) {
      return vaultErrors("MESH_VAULT_NOT_KV2", said, place);
    }
    if (/check-and-set parameter required/i.test(reply.said)) {
      return vaultErrors("MESH_VAULT_CAS_REQUIRED", said, place);
    }
    return vaultErrors("MESH_VAULT_FAILED", said, place);
  }

  lacks(path: string, needed: readonly Needed[], missing: readonly Needed[], said: string): MeshError {
    const { namespace, name } = this.store;
    const at = namespace === undefined ? "" : ` in namespace ${namespace}`;
    const lacking = `${missing.length === 1 ? "capability" : "capabilities"} ${missing.join(", ")}`;
    return vaultErrors(
      "MESH_VAULT_CAPABILITY",
      `the login of store ${name} lacks ${lacking} on ${path}${at}: ${said}`,
      {
        ...this.api.where(),
        hint: `Add to a policy of the login${at}, if a secrets engine is mounted there:\n${policyLines(path, needed)}`,
      },
    );
  }

  async tokenExpiry(): Promise<Date | null> {
    const token = await this.#current();
    if (token.isOurs) return null;
    const reply = await this.call({ method: "GET", path: "auth/token/lookup-self" }, "login");
    const parsed = LookupSchema.safeParse(reply.json);
    if (!reply.ok || !parsed.success) {
      this.say(`${this.store.name}: when its token ends is not known (${reply.what}: ${reply.status})`);
      return null;
    }
    const { type, expire_time: time } = parsed.data.data;
    if (type === "batch" || time === undefined || time === null || Number.isNaN(Date.parse(time))) return null;
    return new Date(time);
  }

  async close(): Promise<void> {
    const held = this.#token;
    this.#token = undefined;
    const token = await held?.catch(() => undefined);
    if (!token?.isOurs || !token.isRevocable) return;
    const { name, authNamespace } = this.store;
    const left = await endLogin(this.api, token.secret, authNamespace);
    await this.#options.remember(null);
    if (left !== undefined) this.say(`${name}: the login could not be ended (${left}); it ends by itself`);
  }

  #current(): Promise<VaultToken> {
    this.#token ??= this.#logIn().catch((error: unknown) => {
      this.#token = undefined;
      throw error;
    });
    return this.#token;
  }

  async #logIn(): Promise<VaultToken> {
    const { mask, idToken, store, remember } = this.#options;
    const namespace = store.authNamespace;
    const token = await logIn(this.#login, { api: this.api, namespace, audience: store.url, mask, idToken });
    if (token.isRevocable) await remember(token.secret);
    return token;
  }

  #tokenRefusal(reply: VaultReply): MeshError {
    const said = `${reply.what} was answered ${reply.status}: ${reply.said}`;
    return vaultErrors(
      "MESH_VAULT_TOKEN",
      `the token of store ${this.store.name} is no good: ${said}`,
      this.api.where(),
    );
  }
}

/**
 * Undefined when the token is no good any more, which one that is not known is not either; else the refusal. Throws as every
 * request does.
 */
export async function endLogin(
  api: VaultApi,
  token: Secret,
  namespace: string | undefined,
): Promise<string | undefined> {
  const call = { method: "POST", path: "auth/token/revoke-self", namespace, token, repeatable: true } as const;
  const reply = await api.call(call);
  return reply.ok || isTokenRefused(reply) ? undefined : `${reply.what}: ${reply.status}`;
}

/** Vault says this of the token; of a policy it says that an error occurred, and which. */
function isTokenRefused({ status, said }: VaultReply): boolean {
  return status === 403 && (/invalid token|bad token/i.test(said) || /^permission denied$/i.test(said));
}
