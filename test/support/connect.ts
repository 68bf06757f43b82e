/** Connects to a control server of a test, with what a test says and nothing else. */
import { type ConnectOptions, connectControl } from "../../src/adapters/control/connect.ts";
import type { Credential } from "../../src/adapters/control/credentials.ts";
import type { Http } from "../../src/adapters/http/http.ts";
import { Secret } from "../../src/mesh/secret.ts";
import type { Control } from "../../src/ports/control.ts";

export function apiKeyOf(text: string): Credential {
  return { kind: "api-key", apiKey: new Secret(text) };
}

export function oauthOf(clientId: string, clientSecret: string): Credential {
  return { kind: "oauth-client", clientId, clientSecret: new Secret(clientSecret) };
}

export function connectTo(
  url: string,
  http: Http,
  credential: Credential,
  more: Partial<ConnectOptions> = {},
): Promise<Control> {
  return connectControl({
    kind: "tailscale",
    url,
    tailnet: "-",
    ownerTag: "tag:ci",
    credential,
    http,
    mask: () => undefined,
    idToken: () => Promise.reject(new Error("no identity in this test")),
    ...more,
  });
}
