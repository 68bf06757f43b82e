// The Control port's cases on the lab's control servers. Runs on the runner's machine, as an outsider of its own:
// `npm run lab -- runner -- …`, see cases/control-v2.test.ts. It may write to the policy.
import { readFileSync } from "node:fs";
import type { Credential } from "../../../src/adapters/control/credentials.ts";
import { createHttp } from "../../../src/adapters/http/http.ts";
import type { ControlKind } from "../../../src/mesh/mesh.ts";
import { Secret } from "../../../src/mesh/secret.ts";
import { type ControlUnderTest, controlConformance } from "../../conformance/control/suite.ts";
import { apiKeyOf, connectTo, oauthOf } from "../../support/connect.ts";
import { Lab } from "../client.ts";
import type { V2Access } from "../control-v2.ts";

const lab = new Lab();
const v1 = JSON.parse(lab.read("control.json")) as { url: string; apiKey: string; caFile: string };
const v2 = JSON.parse(lab.read("control-v2.json")) as V2Access;

async function connect(url: string, kind: ControlKind, credential: Credential): Promise<ControlUnderTest> {
  const http = createHttp({ userAgent: "tailmesh/test", roots: readFileSync(v1.caFile, "utf8") });
  const control = await connectTo(url, http, credential, { kind });
  return {
    control,
    stranger: await connectTo(url, http, apiKeyOf("fake-api-key-wrong"), { kind }),
    requests: () => http.requests.length,
    isFresh: (await control.getPolicy()).isDefault,
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

/** The first cases leave their policy on an untouched server. Tailscale takes an empty body for: as in the beginning. */
async function resetPolicy(): Promise<void> {
  await using http = createHttp({ userAgent: "tailmesh/test", roots: readFileSync(v1.caFile, "utf8") });
  const url = `${v2.url}/api/v2/tailnet/-/acl`;
  const { status } = await http.request({ method: "POST", url, bearer: new Secret(v2.apiKey), headers: {}, body: "" });
  if (status !== 200) throw new Error(`${url}: ${status}`);
}

const oauth = oauthOf(v2.oauthClientId, v2.oauthClientSecret);
controlConformance("Headscale 0.29.2", () => connect(v1.url, "headscale", apiKeyOf(v1.apiKey)));
controlConformance("Tailscale's v2 before it", async () => {
  await resetPolicy();
  return connect(v2.url, "tailscale", oauth);
});
controlConformance("Headscale 0.30's v2 before it", () => connect(v2.headscaleUrl, "headscale", oauth));
