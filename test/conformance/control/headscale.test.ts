/**
 * The Control port's cases on the in-process server; and on a real Headscale 0.29 when HEADSCALE_URL and HEADSCALE_API_KEY
 * name one that may be written to.
 */
import { createHttp } from "../../../src/adapters/http/http.ts";
import { apiKeyOf, connectTo } from "../../support/connect.ts";
import { startHeadscale } from "../../support/headscale-server.ts";
import { type ControlUnderTest, controlConformance } from "./suite.ts";

async function connect(url: string, apiKey: string, close: () => Promise<void>): Promise<ControlUnderTest> {
  const http = createHttp({ userAgent: "tailmesh/test" });
  const to = (key: string) => connectTo(url, http, apiKeyOf(key), { kind: "headscale" });
  const control = await to(apiKey);
  return {
    control,
    stranger: await to("hskey-api-wrong0000000-x"),
    requests: () => http.requests.length,
    isFresh: (await control.getPolicy()).isDefault,
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      await close();
    },
  };
}

controlConformance("headscale-v1 on the in-process server", async () => {
  const server = await startHeadscale({ apiKey: "hskey-api-right" });
  return connect(server.url, "hskey-api-right", () => server.close());
});

const real = { url: process.env["HEADSCALE_URL"], apiKey: process.env["HEADSCALE_API_KEY"] };
if (real.url && real.apiKey) {
  const { url, apiKey } = real;
  controlConformance(`headscale-v1 on ${url}`, () => connect(url, apiKey, async () => undefined));
}
