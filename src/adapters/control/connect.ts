/** Finds out which control server answers, and gives the adapter for it. */
import { inertText } from "../../mesh/inert.ts";
import type { ControlKind } from "../../mesh/mesh.ts";
import { Secret } from "../../mesh/secret.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Control } from "../../ports/control.ts";
import { systemClock } from "../clock.ts";
import type { Http } from "../http/http.ts";
import { Api, type ApiReply } from "./api.ts";
import { controlErrors } from "./errors.ts";
import { HeadscaleV1 } from "./headscale-v1.ts";
import { parseJson, versionReply } from "./wire.ts";

export interface ConnectOptions {
  readonly kind: ControlKind;
  /** Base URL of the control server. */
  readonly url: string;
  /** Name of the tailnet in API paths; Headscale has only one. */
  readonly tailnet: string;
  readonly credential: { readonly apiKey: Secret };
  readonly http: Http;
  readonly clock?: Clock;
}

/**
 * One request, without the credential: GET /version. Throws MESH_CONTROL_UNSUPPORTED, _UNKNOWN and _DOWN; whether the
 * credential is good, the first real call tells.
 */
export async function connectControl(options: ConnectOptions): Promise<Control> {
  const url = options.url.replace(/\/+$/, "");
  if (options.kind === "tailscale") {
    throw controlErrors(
      "MESH_CONTROL_UNSUPPORTED",
      "this version of Tailmesh speaks with Headscale 0.29 only, not with Tailscale",
      {
        hint: "Set `tailnet: { control: headscale, url: https://… }` in the topology. Tailscale's own service comes with a later version.",
      },
    );
  }
  const api = new Api({
    http: options.http,
    url,
    apiKey: checked(options.credential.apiKey),
    clock: options.clock ?? systemClock,
  });
  const reply = await api.call("GET", "/version", undefined, true);
  return new HeadscaleV1(api, supportedVersion(api, reply));
}

/** The key without the line end that pasting adds; it goes into a header, where other characters cannot be. */
function checked(apiKey: Secret): Secret {
  const text = apiKey.reveal().trim();
  if (text === "") throw controlErrors("MESH_CREDENTIAL_MISSING", "no API key for the control server is given");
  if (/^[\x21-\x7e]+$/.test(text)) return new Secret(text);
  throw controlErrors("MESH_CREDENTIAL_MISSING", "the API key holds blanks or other characters that no key has");
}

function supportedVersion(api: Api, reply: ApiReply): string {
  const where = { address: api.url };
  if ([429, 502, 503, 504].includes(reply.status)) throw api.failure(reply);
  const parsed = versionReply.safeParse(parseJson(reply.text));
  if (!reply.ok || !parsed.success) {
    const told = `${api.url} does not answer as Headscale does (${reply.what}: ${reply.status})`;
    throw controlErrors("MESH_CONTROL_UNKNOWN", told, { where });
  }
  const { version } = parsed.data;
  const numbers = /^v?(\d+)\.(\d+)\./.exec(version);
  const [major, minor] = [Number(numbers?.[1] ?? Number.NaN), Number(numbers?.[2] ?? Number.NaN)];
  if (major === 0 && minor === 29) return version;
  throw controlErrors(
    "MESH_CONTROL_UNSUPPORTED",
    `${api.url} is Headscale ${inertText(version, 40)}: ${reason(major, minor)}`,
    { where },
  );
}

function reason(major: number, minor: number): string {
  if (Number.isNaN(major) || Number.isNaN(minor)) return "a build without a version number; 0.29 is needed";
  const older = major === 0 && minor < 29;
  return older
    ? "too old, 0.29 is needed: before it there are no grants and no policy tests. Nothing was changed"
    : "newer than this version of Tailmesh knows: it speaks with 0.29; the API of 0.30 (/api/v2) comes with a later version";
}
