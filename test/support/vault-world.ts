/** What a test may arrange at a Vault: the one in this process does it at once, a real one over its API. */
import type { JwtRole } from "./vault-logins.ts";
import type { PolicyRules } from "./vault-policies.ts";

type Later<T> = T | Promise<T>;

export interface TokenOptions {
  readonly policies: readonly string[];
  /** Seconds; undefined: never expires. */
  readonly ttl?: number;
  readonly type?: "service" | "batch";
  /** Requests that it is good for; 0 or undefined: any number. */
  readonly uses?: number;
  readonly namespace?: string;
  readonly noDefaultPolicy?: boolean;
}

/** Where something is; namespace `""` is the root. */
export interface Place {
  readonly namespace?: string;
  readonly mount?: string;
}

export interface AppRoleLogin {
  readonly roleId: string;
  readonly secretId: string;
}

/** Paths of secrets are mount and path, without `data/`. */
export interface VaultWorld extends AsyncDisposable {
  readonly url: string;
  readonly rootToken: string;
  addNamespace(path: string): Later<void>;
  /** A KV engine, of version 2 unless said otherwise. `secret` of the root namespace is there from the start. */
  addMount(path: string, options?: { readonly version?: 1 | 2; readonly namespace?: string }): Later<void>;
  addPolicy(name: string, rules: PolicyRules, namespace?: string): Later<void>;
  addToken(options: TokenOptions): Later<string>;
  /** At the mount `jwt` unless said otherwise, which is made when it is not there and trusts the world's issuer. */
  addJwtRole(name: string, role: JwtRole, place?: Place): Later<void>;
  /** Mounts the method without configuration. */
  addJwtMount(mount: string, namespace?: string): Later<void>;
  addAppRole(policies: readonly string[], place?: Place): Later<AppRoleLogin>;
  /** What is in force; undefined when there is nothing, or it is deleted. */
  read(path: string, namespace?: string): Later<Readonly<Record<string, unknown>> | undefined>;
  put(path: string, data: Readonly<Record<string, unknown>>, namespace?: string): Later<void>;
  softDelete(path: string, namespace?: string): Later<void>;
  destroy(path: string, namespace?: string): Later<void>;
  requireCas(path: string, namespace?: string): Later<void>;
  /** Ends a token. */
  revoke(token: string): Later<void>;
}
