/** An issuer of ID tokens like GitHub's: signs for any audience, publishes its keys, and can be asked as the runner asks. */
import { createPublicKey, generateKeyPairSync, type JsonWebKey, sign, verify } from "node:crypto";
import { startHttpServer } from "./http-server.ts";

export interface IdClaims {
  readonly [name: string]: string | number;
}

export interface OidcIssuer extends AsyncDisposable {
  readonly url: string;
  /** What the runner puts into ACTIONS_ID_TOKEN_REQUEST_URL; the audience is added to it. */
  readonly requestUrl: string;
  /** Audiences that tokens were asked for. */
  readonly asked: readonly string[];
  token(audience: string, more?: IdClaims): string;
}

/** Of a job in an environment of a repository of nobody's. */
export const sampleClaims: IdClaims = {
  sub: "repo:octo-org/octo-repo:environment:production",
  repository: "octo-org/octo-repo",
  repository_id: "74",
  environment: "production",
  workflow_ref: "octo-org/octo-repo/.github/workflows/mesh.yml@refs/heads/main",
};

export const requestToken = "fake-request-token";

export async function startIssuer(claims: IdClaims = sampleClaims): Promise<OidcIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const asked: string[] = [];
  const server = await startHttpServer((request, response) => {
    const { pathname, searchParams } = new URL(request.path, "http://issuer");
    const reply = (status: number, value: unknown): void =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (pathname === "/.well-known/jwks") {
      return reply(200, { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }] });
    }
    if (request.headers.authorization !== `Bearer ${requestToken}`) return reply(401, { message: "who are you" });
    const audience = searchParams.get("audience") ?? "";
    asked.push(audience);
    return reply(200, { value: issue(audience) });
  });
  function issue(audience: string, more: IdClaims = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = { iss: server.url, aud: audience, iat: now, nbf: now - 5, exp: now + 300, ...claims, ...more };
    const signed = `${part({ alg: "RS256", kid: "1", typ: "JWT" })}.${part(body)}`;
    return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
  }
  return {
    url: server.url,
    requestUrl: `${server.url}/token?api-version=2.0`,
    asked,
    token: issue,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The claims of a token whose signature one of the issuer's published keys made; undefined for any other. */
export async function verifyToken(token: string, issuer: string): Promise<IdClaims | undefined> {
  const [head = "", body = "", signature = ""] = token.split(".");
  const header = decode(head);
  if (header?.["alg"] !== "RS256") return undefined;
  const reply = await fetch(`${issuer}/.well-known/jwks`);
  const { keys } = (await reply.json()) as { readonly keys: readonly (JsonWebKey & { readonly kid: string })[] };
  const key = keys.find(({ kid }) => kid === header["kid"]);
  if (!key) return undefined;
  const isGenuine = verify(
    "sha256",
    Buffer.from(`${head}.${body}`),
    createPublicKey({ key, format: "jwk" }),
    Buffer.from(signature, "base64url"),
  );
  return isGenuine ? decode(body) : undefined;
}

function decode(part: string): IdClaims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return value instanceof Object ? (value as IdClaims) : undefined;
  } catch {
    return undefined;
  }
}
