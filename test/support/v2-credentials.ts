/** Credentials of the in-process v2 server: API keys, OAuth clients, federated identities, and the tokens made of them. */
import { type IdClaims, verifyToken } from "./oidc-issuer.ts";

export interface FakeClient {
  readonly id: string;
  readonly secret: string;
  readonly scopes: readonly string[];
  readonly tags: readonly string[];
}

/** A federated identity: what a token must be like. `*` in a value stands for anything. */
export interface FakeIdentity {
  readonly id: string;
  readonly issuer: string;
  readonly audience: string;
  readonly subject: string;
  readonly claims: Readonly<Record<string, string>>;
  readonly scopes: readonly string[];
  readonly tags: readonly string[];
}

/** Who asks: null is a person's API key, which may do everything. */
export interface Grant {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly tags: readonly string[];
}

export class Credentials {
  readonly clients: FakeClient[];
  readonly identities: FakeIdentity[];
  readonly apiKeys: readonly string[];
  readonly #tokens = new Map<string, Grant>();
  #count = 0;

  constructor(clients: readonly FakeClient[], identities: readonly FakeIdentity[], apiKeys: readonly string[]) {
    this.clients = [...clients];
    this.identities = [...identities];
    this.apiKeys = apiKeys;
  }

  /** The grant behind an Authorization header; undefined when it is not accepted. The scheme's case counts. */
  authorize(header: string | undefined): Grant | null | undefined {
    const [scheme, value = ""] = (header ?? "").split(" ");
    const secret = scheme === "Basic" ? Buffer.from(value, "base64").toString().split(":")[0] : value;
    if (scheme !== "Bearer" && scheme !== "Basic") return undefined;
    if (this.apiKeys.includes(secret ?? "")) return null;
    return this.#tokens.get(secret ?? "");
  }

  issue(grant: Grant, prefix: string): string {
    const token = `${prefix}-fake${++this.#count}-${"t".repeat(30)}`;
    this.#tokens.set(token, grant);
    return token;
  }

  /** All tokens so far end now. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  clientBySecret(secret: string): FakeClient | undefined {
    return this.clients.find((client) => client.secret === secret);
  }

  /** The identity that trusts this token, its signature checked against the issuer's published keys. */
  async identityOf(clientId: string, token: string): Promise<FakeIdentity | undefined> {
    const identity = this.identities.find(({ id }) => id === clientId);
    if (!identity) return undefined;
    const claims = await verifyToken(token, identity.issuer);
    return claims && trusts(identity, claims) ? identity : undefined;
  }
}

function trusts(identity: FakeIdentity, claims: IdClaims): boolean {
  const now = Date.now() / 1000;
  const inTime = Number(claims["exp"]) > now && Number(claims["nbf"] ?? 0) <= now;
  const matches = (pattern: string, value: unknown): boolean =>
    value !== undefined && new RegExp(`^${pattern.split("*").map(literal).join(".*")}$`).test(String(value));
  return (
    inTime &&
    claims["iss"] === identity.issuer &&
    claims["aud"] === identity.audience &&
    matches(identity.subject, claims["sub"]) &&
    Object.entries(identity.claims).every(([name, pattern]) => matches(pattern, claims[name]))
  );
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** Written apart from the product's own rule, which is tested against it: write covers read, `all` everything. */
export function isCovered(granted: readonly string[], needed: string): boolean {
  const candidates = new Set([needed, "all"]);
  if (needed.endsWith(":read")) {
    candidates.add(needed.slice(0, -":read".length));
    candidates.add("all:read");
  }
  return granted.some((scope) => candidates.has(scope));
}
