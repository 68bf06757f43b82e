/** Finds out which control server answers, and gives the adapter for it. */
import { inertText } from "../../mesh/inert.ts";
import type { ControlKind, Tag } from "../../mesh/mesh.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Capabilities, Control } from "../../ports/control.ts";
import { systemClock } from "../clock.ts";
import type { Http } from "../http/http.ts";
import { Api, type ApiReply } from "./api.ts";
import { type Bearer, createBearer } from "./bearer.ts";
import type { Credential } from "./credentials.ts";
import { controlErrors } from "./errors.ts";
import { coversScope, neededScope, scopeText } from "./scopes.ts";
import { ControlV2, type V2Server } from "./v2.ts";
import { openApiReply } from "./v2-wire.ts";
import { parseJson, versionReply } from "./wire.ts";

export interface ConnectOptions {
  readonly kind: ControlKind;
  /** Base URL of the control server. */
  readonly url: string;
  /** Name of the tailnet in API paths; Headscale has only one. */
  readonly tailnet: string;
  /** The tag that owns the clusters' tags. */
  readonly ownerTag: Tag;
  readonly credential: Credential;
  readonly http: Http;
  readonly clock?: Clock;
  /** Told of every token before it is used. */
  readonly mask: (secret: Secret) => void;
  /** Asks the platform for this job's identity, made out to one audience; only for workload identity. */
  readonly idToken: (audience: string) => Promise<Secret>;
}

/**
 * A token where the credential is exchanged for one, and for Headscale one request without the credential that tells what
 * it is. Throws MESH_CONTROL_UNSUPPORTED, _UNKNOWN and _DOWN, and what the exchange says; whether an API key is good, the
 * first real call tells.
 */
export async function connectControl(options: ConnectOptions): Promise<Control> {
  const { kind, credential, http, clock = systemClock, mask, idToken } = options;
  const url = options.url.replace(/\/+$/, "");
  const bearer = createBearer(credential, { http, url, control: kind, clock, mask, idToken });
  const api = new Api({
    http,
    url,
    bearer,
    clock,
    rejectedHint: credential.kind === "api-key" ? apiKeyHints[kind] : tokenHints[kind],
    missingScope: (method, path) => missingScope(bearer, method, path),
  });
  if (kind === "headscale") return connectHeadscale(api, bearer, options);
  await fetchToken(credential, bearer);
  return new ControlV2({
    api,
    tailnet: options.tailnet,
    check: "acl/validate",
    expiring: mayListTokens(bearer) ? "keys" : null,
    credential: credentialFacts(options),
    capabilities: {
      provider: "tailscale",
      serverVersion: null,
      policy: {
        validate: "server",
        preview: true,
        etag: true,
        keepsComments: true,
        testsNeedNodes: false,
        ownerAutogroups: true,
        autoApproveIsRetroactive: false,
      },
      keys: { maxLifetimeSeconds: 7_776_000, description: true, revokeIsSoft: false },
      devices: deviceRights(bearer),
    },
  });
}

/**
 * With an API key `/version` decides, since 0.29 has nothing else that does. An OAuth client can only be one of the v2 API,
 * and a build without a version number says by its OpenAPI document whether it has it.
 */
async function connectHeadscale(api: Api, bearer: Bearer, options: ConnectOptions): Promise<Control> {
  if (options.credential.kind === "api-key") {
    const reply = await api.call("GET", "/version", undefined, { anonymous: true });
    const found = versionOf(api, reply);
    if (found.generation === "v1") {
      const { HeadscaleV1 } = await import("./headscale-v1.ts");
      return new HeadscaleV1(api, found.version);
    }
    if (found.generation === "v2") return headscaleV2(api, bearer, options, { version: found.version, paths: [] });
    return headscaleV2(api, bearer, options, await readOpenApi(api, found.version));
  }
  const document = await readOpenApi(api, null);
  await fetchToken(options.credential, bearer);
  return headscaleV2(api, bearer, options, document);
}

interface V2Document {
  readonly version: string | null;
  /** Empty: not asked, so that what is measured of 0.30 holds. */
  readonly paths: readonly string[];
}

async function headscaleV2(api: Api, bearer: Bearer, options: ConnectOptions, document: V2Document): Promise<Control> {
  const has = (ending: string): boolean => document.paths.some((path) => path.endsWith(ending));
  const isApiKey = options.credential.kind === "api-key";
  const check: V2Server["check"] = has("/acl/validate") ? "acl/validate" : isApiKey ? "v1/policy/check" : null;
  const capabilities: Capabilities = {
    provider: "headscale-v2",
    serverVersion: document.version,
    policy: {
      validate: check === null ? "none" : "server",
      preview: has("/acl/preview"),
      etag: true,
      keepsComments: false,
      testsNeedNodes: true,
      ownerAutogroups: false,
      autoApproveIsRetroactive: true,
    },
    keys: { maxLifetimeSeconds: null, description: true, revokeIsSoft: true },
    devices: deviceRights(bearer),
  };
  return new ControlV2({
    api,
    tailnet: "-",
    check,
    // its v1 API takes API keys only
    expiring: isApiKey ? "v1/apikey" : null,
    credential: credentialFacts(options),
    capabilities,
  });
}

/** The OpenAPI document is public where there is a v2 API. Throws for a server without one. */
async function readOpenApi(api: Api, version: string | null): Promise<V2Document> {
  const reply = await api.call("GET", "/api/v2/openapi.json", undefined, { anonymous: true });
  if ([429, 502, 503, 504].includes(reply.status)) throw api.failure(reply);
  const parsed = openApiReply.safeParse(parseJson(reply.text));
  const where = { address: api.url };
  if (reply.ok && parsed.success && Object.keys(parsed.data.paths).some((path) => path.endsWith("/acl"))) {
    return { version: version ?? parsed.data.info?.version ?? null, paths: Object.keys(parsed.data.paths) };
  }
  if (version !== null) {
    const said = `${api.url} is Headscale ${inertText(version, 40)}: a build without a version number and without the v2 API of 0.30`;
    throw controlErrors("MESH_CONTROL_UNSUPPORTED", said, { where });
  }
  if (reply.status === 401) {
    const said = `${api.url} has no v2 API, so that it takes API keys only`;
    throw controlErrors("MESH_CREDENTIAL_UNFIT", said, {
      where,
      hint: "Headscale 0.29 knows no OAuth clients: give `api-key` and leave `oauth-client-id` and `oauth-client-secret` out, or upgrade the server to 0.30.",
    });
  }
  throw controlErrors(
    "MESH_CONTROL_UNKNOWN",
    `${api.url} does not answer as Headscale does (${reply.what}: ${reply.status})`,
    { where },
  );
}

/** With it comes what the credential may do, before anything is planned. */
async function fetchToken(credential: Credential, bearer: Bearer): Promise<void> {
  if (credential.kind !== "api-key") await bearer.current();
}

function credentialFacts({ credential, ownerTag, kind }: ConnectOptions): V2Server["credential"] {
  const isApiKey = credential.kind === "api-key";
  return { ownerTag, control: kind, isApiKey, keyId: isApiKey ? null : credential.clientId };
}

/** Keys that a token may not see are left out of the list without a word, so that only its scopes tell. */
function mayListTokens({ scopes }: Bearer): boolean {
  return scopes === null || coversScope(scopes, "api_access_tokens:read");
}

/** Where the server does not say what the credential may do, a request tells. */
function deviceRights({ scopes }: Bearer): Capabilities["devices"] {
  const may = (scope: string): boolean => scopes === null || coversScope(scopes, scope);
  return { list: may("devices:core:read"), change: may("devices:core"), approve: may("devices:routes") };
}

function missingScope({ scopes }: Bearer, method: string, path: string): string | null {
  const needed = neededScope(method, path);
  return needed === null || (scopes !== null && coversScope(scopes, needed)) ? null : scopeText(needed);
}

const apiKeyHints: Readonly<Record<ControlKind, string>> = {
  tailscale:
    "An API key is made in the admin console, Settings > Keys > Generate access token, and expires after 90 days at most; better is an OAuth client or workload identity, which do not (docs/tailscale.md). An auth key (tskey-auth-…) is no API key.",
  headscale:
    "Make a new one on the Headscale machine with `headscale apikeys create --expiration 90d` and store it as the secret behind `api-key`; `headscale apikeys list` shows when the old one expired.",
};

/** A token that was given a moment ago, and then another one, are both refused. */
const tokenHints: Readonly<Record<ControlKind, string>> = {
  tailscale:
    "Fresh tokens of this credential are refused: was it deleted or changed during the run (admin console, Settings > Trust credentials), and is `tailnet.name` the tailnet that it belongs to? A proxy that drops the header Authorization looks the same.",
  headscale:
    "Fresh tokens of this OAuth client are refused: `headscale oauth-clients list` shows whether it is still there. A proxy that drops the header Authorization looks the same.",
};

interface Generation {
  readonly generation: "v1" | "v2" | "unclear";
  readonly version: string;
}

function versionOf(api: Api, reply: ApiReply): Generation {
  const where = { address: api.url };
  if ([429, 502, 503, 504].includes(reply.status)) throw api.failure(reply);
  const parsed = versionReply.safeParse(parseJson(reply.text));
  if (!reply.ok || !parsed.success) {
    const told = `${api.url} does not answer as Headscale does (${reply.what}: ${reply.status})`;
    throw controlErrors("MESH_CONTROL_UNKNOWN", told, { where });
  }
  const { version } = parsed.data;
  const numbers = /^v?(\d+)\.(\d+)\./.exec(version);
  if (!numbers) return { generation: "unclear", version };
  const [major, minor] = [Number(numbers[1]), Number(numbers[2])];
  if (major === 0 && minor === 29) return { generation: "v1", version };
  if (major > 0 || minor > 29) return { generation: "v2", version };
  throw controlErrors(
    "MESH_CONTROL_UNSUPPORTED",
    `${api.url} is Headscale ${inertText(version, 40)}: too old, 0.29 is needed: before it there are no grants and no policy tests. Nothing was changed`,
    { where },
  );
}
