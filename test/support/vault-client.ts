/** Vault's adapter for tests, with what it logs and says at hand. */
import { createHttp, type Http, type HttpOptions } from "../../src/adapters/http/http.ts";
import type { VaultLoginInputs } from "../../src/adapters/vault/login.ts";
import { createVault, type Vault } from "../../src/adapters/vault/open.ts";
import type { VaultStore } from "../../src/mesh/mesh.ts";
import { Secret } from "../../src/mesh/secret.ts";
import type { Clock } from "../../src/ports/clock.ts";

export interface VaultClient extends AsyncDisposable {
  readonly vault: Vault;
  readonly http: Http;
  /** Log of requests, and what was said. */
  readonly lines: readonly string[];
  readonly masked: readonly string[];
  /** Logins to be ended, each followed by null when it was. */
  readonly remembered: readonly (string | null)[];
}

export interface ClientOptions {
  readonly store?: Partial<Omit<VaultStore, "url">>;
  readonly login?: VaultLoginInputs;
  readonly idToken?: (audience: string) => string;
  readonly http?: Partial<HttpOptions>;
}

/** Time that passes at once when something waits for it. */
export function hurriedClock(): Clock & { readonly slept: readonly number[] } {
  const slept: number[] = [];
  return { now: () => new Date(), sleep: async (milliseconds) => void slept.push(milliseconds), slept };
}

export function vaultClient(url: string, options: ClientOptions = {}): VaultClient {
  const lines: string[] = [];
  const masked: string[] = [];
  const remembered: (string | null)[] = [];
  const clock = hurriedClock();
  const http = createHttp({ userAgent: "tailmesh/test", clock, log: (line) => lines.push(line), ...options.http });
  const store: VaultStore = {
    kind: "vault",
    name: "vault",
    url,
    mount: "secret",
    auth: { method: "jwt", mount: "jwt", role: "ci" },
    namespace: undefined,
    authNamespace: undefined,
    ca: undefined,
    ...options.store,
  };
  const vault = createVault({
    store,
    login: options.login ?? {},
    http,
    clock,
    mask: (secret) => masked.push(secret.reveal()),
    idToken: async (audience) => {
      if (options.idToken === undefined) throw new Error("no identity in this test");
      return new Secret(options.idToken(audience));
    },
    remember: async (token) => void remembered.push(token?.reveal() ?? null),
    say: (line) => lines.push(line),
  });
  return {
    vault,
    http,
    lines,
    masked,
    remembered,
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
    },
  };
}
