/** The way to a control server through the runner's proxy: HTTPS_PROXY and NO_PROXY, with a private authority at the far end. */
import { describe, expect, test } from "vitest";
import { HttpClients } from "../../../src/adapters/runner/clients.ts";
import { createAuthority } from "../../support/certificates.ts";
import { apiKeyOf, connectTo, oauthOf } from "../../support/connect.ts";
import { MemoryWorkspace } from "../../support/memory-workspace.ts";
import { startProxy } from "../../support/proxy.ts";
import { startV2 } from "../../support/v2-server.ts";

const authority = createAuthority();
const client = { id: "kFakeCNTRL", secret: "fake-client-secret", scopes: ["all"], tags: ["tag:ci"] };

async function setUp(env: (proxy: string) => Readonly<Record<string, string>>) {
  const server = await startV2({
    flavor: "tailscale",
    clients: [client],
    tls: authority.issue(["control.example", "127.0.0.1"]),
  });
  const proxy = await startProxy({ "control.example:443": Number(new URL(server.url).port) });
  const clients = new HttpClients({
    workspace: new MemoryWorkspace({ "ca.pem": authority.cert }),
    userAgent: "test",
    env: env(proxy.url),
    signal: new AbortController().signal,
    log: () => undefined,
  });
  return {
    server,
    proxy,
    http: await clients.get(["ca.pem"]),
    async [Symbol.asyncDispose]() {
      await clients.close();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("HTTPS_PROXY", () => {
  test.each(["HTTPS_PROXY", "https_proxy"])(
    "%s takes tokens and calls to a host that only the proxy knows",
    async (name) => {
      await using setup = await setUp((proxy) => ({ [name]: proxy }));
      const control = await connectTo("https://control.example", setup.http, oauthOf(client.id, client.secret));
      expect(await control.listKeys()).toEqual([]);
      expect(setup.server.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
        "POST /api/v2/oauth/token",
        "GET /api/v2/tailnet/-/keys?all=true",
      ]);
      expect(new Set(setup.proxy.asked)).toEqual(new Set(["control.example:443"]));
    },
  );

  test("a proxy that refuses is told as such, and gets no secret", async () => {
    await using setup = await setUp((proxy) => ({ HTTPS_PROXY: proxy }));
    await expect(
      connectTo("https://forbidden.example", setup.http, oauthOf(client.id, client.secret)),
    ).rejects.toMatchObject({ code: "MESH_HTTP_PROXY" });
    expect(setup.server.calls).toEqual([]);
  });

  test("NO_PROXY leaves a host to the direct way", async () => {
    await using setup = await setUp((proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: "localhost,127.0.0.1" }));
    const control = await connectTo(setup.server.url, setup.http, oauthOf(client.id, client.secret));
    expect(await control.listDevices()).toEqual([]);
    expect(setup.proxy.asked).toEqual([]);
  });

  test("the authority at the far end is judged, not the proxy", async () => {
    await using setup = await setUp((proxy) => ({ HTTPS_PROXY: proxy }));
    const bare = new HttpClients({
      workspace: new MemoryWorkspace({}),
      userAgent: "test",
      env: { HTTPS_PROXY: setup.proxy.url },
      signal: new AbortController().signal,
      log: () => undefined,
    });
    const control = await connectTo("https://control.example", await bare.get([]), apiKeyOf("fake-api-key"));
    await expect(control.getPolicy()).rejects.toMatchObject({ code: "MESH_TLS_UNTRUSTED" });
    expect(setup.server.calls).toEqual([]);
    await bare.close();
  });
});
