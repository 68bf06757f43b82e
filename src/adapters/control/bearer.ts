/** What goes into the Authorization header: an API key as it is, or a token that is fetched, kept and renewed. */
import { MeshError } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import type { ControlKind } from "../../mesh/mesh.ts";
import { Secret } from "../../mesh/secret.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Http, HttpReply } from "../http/http.ts";
import type { Credential } from "./credentials.ts";
import { controlErrors } from "./errors.ts";
import { readScopes } from "./scopes.ts";
import { claimsOf, missingClaims, trustSnippet } from "./trust.ts";
import { errorTexts, parseJson, tokenReply } from "./wire.ts";

export interface Bearer {
  /** Throws as the token endpoint refuses. */
  current(): Promise<Secret>;
  /** Another one after the server refused this one; undefined when there is none to be had. */
  renewed(refused: Secret): Promise<Secret | undefined>;
  /** What the credential may do, as far as the server has said; null: not said. */
  readonly scopes: readonly string[] | null;
  /** Everything secret that has been sent so far; an answer that repeats it is not to be shown. */
  readonly secrets: readonly Secret[];
}

export interface BearerOptions {
  readonly http: Http;
  /** Base URL of the control server, without a trailing slash. */
  readonly url: string;
  readonly control: ControlKind;
  readonly clock: Clock;
  /** Told of every token before it is used. */
  readonly mask: (secret: Secret) => void;
  /** Asks the platform for this job's identity, made out to one audience. */
  readonly idToken: (audience: string) => Promise<Secret>;
}

export function createBearer(credential: Credential, options: BearerOptions): Bearer {
  if (credential.kind === "api-key") return fixedBearer(credential.apiKey);
  return new TokenBearer(credential, options);
}

function fixedBearer(apiKey: Secret): Bearer {
  return { current: async () => apiKey, renewed: async () => undefined, scopes: null, secrets: [apiKey] };
}

type Exchanged = Exclude<Credential, { readonly kind: "api-key" }>;

interface Token {
  readonly secret: Secret;
  /** Milliseconds since 1970, by our clock. */
  readonly renewAt: number;
}

/** A token lives for an hour; it is renewed five minutes before that. */
const hour = 3600;
const margin = 300;

class TokenBearer implements Bearer {
  readonly #credential: Exchanged;
  readonly #options: BearerOptions;
  #token: Promise<Token> | undefined;
  #scopes: readonly string[] | null = null;
  readonly #secrets: Secret[] = [];
  readonly #retired = new WeakSet<Secret>();

  constructor(credential: Exchanged, options: BearerOptions) {
    this.#credential = credential;
    this.#options = options;
    if (credential.kind === "oauth-client") this.#secrets.push(credential.clientSecret);
  }

  get scopes(): readonly string[] | null {
    return this.#scopes;
  }

  get secrets(): readonly Secret[] {
    return this.#secrets;
  }

  async current(): Promise<Secret> {
    const token = await this.#fetched();
    if (this.#options.clock.now().getTime() < token.renewAt) return token.secret;
    this.#retire(token.secret);
    return (await this.#fetched()).secret;
  }

  async renewed(refused: Secret): Promise<Secret> {
    this.#retire(refused);
    return (await this.#fetched()).secret;
  }

  /** Only the first of those that met its end: requests side by side share one new token. */
  #retire(secret: Secret): void {
    if (this.#retired.has(secret)) return;
    this.#retired.add(secret);
    this.#token = undefined;
  }

  #fetched(): Promise<Token> {
    this.#token ??= this.#fetch().catch((error: unknown) => {
      this.#token = undefined;
      throw error;
    });
    return this.#token;
  }

  #fetch(): Promise<Token> {
    const { clientId } = this.#credential;
    if (this.#credential.kind === "oauth-client") {
      const form = {
        client_id: clientId,
        client_secret: this.#credential.clientSecret.reveal(),
        grant_type: "client_credentials",
      };
      return this.#exchange("/api/v2/oauth/token", form, (reply) => this.#clientRefusal(reply));
    }
    return this.#byIdentity(clientId, this.#credential.audience);
  }

  async #byIdentity(clientId: string, audience: string): Promise<Token> {
    const idToken = await this.#options.idToken(audience);
    this.#keepSecret(idToken);
    const form = { client_id: clientId, jwt: idToken.reveal() };
    return this.#exchange("/api/v2/oauth/token-exchange", form, (reply) =>
      identityRefusal(`${this.#options.url}: ${this.#told(reply)}`, idToken, { clientId, audience }, this.#where),
    );
  }

  /** The form carries the secret, so that no redirect is followed with it. Asking twice does no harm. */
  async #exchange(
    path: string,
    form: Readonly<Record<string, string>>,
    refusal: (reply: HttpReply) => MeshError,
  ): Promise<Token> {
    const { http, url, clock } = this.#options;
    const asked = clock.now().getTime();
    const reply = await http
      .request({
        method: "POST",
        url: `${url}${path}`,
        headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
        body: new URLSearchParams(form).toString(),
        repeatable: true,
      })
      .catch((error: unknown) => {
        if (!(error instanceof MeshError) || error.code !== "MESH_HTTP_UNREACHABLE") throw error;
        throw controlErrors("MESH_CONTROL_DOWN", error.message, { where: this.#where, cause: error });
      });
    if (reply.status !== 200) throw this.#failure(path, reply, refusal);
    const parsed = tokenReply.safeParse(parseJson(reply.text));
    if (!parsed.success || !/^[\x21-\x7e]+$/.test(parsed.data.access_token)) {
      throw controlErrors("MESH_CONTROL_ANSWER", `POST ${path}: there is no token in the answer`, {
        where: this.#where,
      });
    }
    const secret = new Secret(parsed.data.access_token);
    this.#keepSecret(secret);
    this.#scopes = readScopes(parsed.data.scope);
    const life = parsed.data.expires_in > 0 ? parsed.data.expires_in : hour;
    return { secret, renewAt: asked + Math.max(life - margin, life / 2) * 1000 };
  }

  #failure(path: string, reply: HttpReply, refusal: (reply: HttpReply) => MeshError): MeshError {
    const said = `POST ${path} was answered ${reply.status}: ${this.#told(reply)}`;
    const details = { where: this.#where };
    if (reply.status === 429) return controlErrors("MESH_CONTROL_LIMITED", said, details);
    if ([502, 503, 504].includes(reply.status)) return controlErrors("MESH_CONTROL_DOWN", said, details);
    if (reply.status >= 500) return controlErrors("MESH_CONTROL_FAILED", said, details);
    if (reply.status === 404 || reply.status === 405) return controlErrors("MESH_CONTROL_UNKNOWN", said, details);
    return refusal(reply);
  }

  #clientRefusal(reply: HttpReply): MeshError {
    const { control, url } = this.#options;
    const id = inertText(this.#credential.clientId, 80);
    return controlErrors(
      "MESH_CREDENTIAL_REJECTED",
      `${url} does not accept OAuth client ${id}: ${this.#told(reply)}`,
      {
        where: this.#where,
        hint: clientHint[control],
      },
    );
  }

  #told(reply: HttpReply): string {
    const text = errorTexts(reply.text).join("; ");
    return inertText(withoutSecrets(text, this.#secrets), 400);
  }

  #keepSecret(secret: Secret): void {
    this.#options.mask(secret);
    this.#secrets.push(secret);
  }

  get #where(): { readonly address: string } {
    return { address: this.#options.url };
  }
}

const clientHint: Readonly<Record<ControlKind, string>> = {
  tailscale:
    "In the admin console, Settings > Trust credentials, is this client still there? Its secret is shown only once: if it may be another's, generate a new credential and store both values, as `oauth-client-id` and as the secret behind `oauth-client-secret` (docs/tailscale.md). An auth key (tskey-auth-…) is no client secret.",
  headscale:
    "`headscale oauth-clients list` shows whether it is still there; `headscale oauth-clients create -s policy_file -s auth_keys -t tag:ci` makes a new one. Headscale knows the client by its secret alone (hskey-client-…).",
};

function identityRefusal(
  said: string,
  idToken: Secret,
  identity: { readonly clientId: string; readonly audience: string },
  where: { readonly address: string },
): MeshError {
  const claims = claimsOf(idToken);
  const usual = `api.tailscale.com/${identity.clientId}`;
  const lacking = missingClaims(claims);
  const hints = [
    "In the admin console, Settings > Trust credentials, open the credential: its page says why the last exchange was refused. It trusts exactly this job when it has:",
    ...trustSnippet(claims, identity.audience),
    ...(identity.audience === usual
      ? []
      : [`The audience that Tailscale gives this credential is ${inertText(usual, 200)}.`]),
    ...(lacking.length === 0 ? [] : [`Not bound yet: ${lacking.join(", ")}.`]),
  ];
  return controlErrors("MESH_IDENTITY_REJECTED", `the identity of this job was refused by ${said}`, {
    where,
    hint: hints.join("\n"),
  });
}

/** The text with every one of these taken out, also as it stands in a form or an address. */
export function withoutSecrets(text: string, secrets: readonly Secret[]): string {
  return secrets.reduce((rest, secret) => {
    const value = secret.reveal();
    return rest.replaceAll(value, "[secret]").replaceAll(encodeURIComponent(value), "[secret]");
  }, text);
}
