import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { createHttp, type HttpOptions, type HttpRequest } from "../../../src/adapters/http/http.ts";
import { MeshError } from "../../../src/mesh/error.ts";
import { Secret } from "../../../src/mesh/secret.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { createAuthority } from "../../support/certificates.ts";
import { startHttpServer } from "../../support/http-server.ts";

const userAgent = "tailmesh/test";
const bearer = new Secret("hskey-api-very-secret");

/** A clock that notes how long it was asked to sleep and does not. */
function eagerClock(now = new Date("2026-11-25T00:00:00Z")): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return { slept, now: () => now, sleep: async (ms) => void slept.push(ms) };
}

async function failure(options: Partial<HttpOptions>, request: HttpRequest): Promise<MeshError> {
  await using http = createHttp({ userAgent, ...options });
  const error = await http.request(request).then(
    () => expect.fail("the request succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MeshError)) throw error;
  expect(`${error.message} ${error.hint}`).not.toContain("very-secret");
  return error;
}

describe("a request", () => {
  test("carries method, path, query, credential, agent and body, and is counted without its query", async () => {
    await using server = await startHttpServer((_, response) => response.setHeader("x-one", "1").end("täxt"));
    await using http = createHttp({ userAgent });
    const reply = await http.request({
      method: "PUT",
      url: `${server.url}/a/b?c=d`,
      bearer,
      body: "{}",
      headers: { accept: "application/json" },
    });
    expect(reply).toMatchObject({ status: 200, text: "täxt" });
    expect(reply.headers["x-one"]).toBe("1");
    expect(server.received).toMatchObject([
      {
        method: "PUT",
        path: "/a/b?c=d",
        body: "{}",
        headers: { authorization: `Bearer ${bearer.reveal()}`, "user-agent": userAgent, accept: "application/json" },
      },
    ]);
    expect(http.requests).toEqual([{ method: "PUT", origin: server.url, path: "/a/b", status: 200 }]);
  });

  test("connects at most four times to one server", async () => {
    let open = 0;
    let most = 0;
    await using server = await startHttpServer((_, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        response.end();
      }, 20);
    });
    await using http = createHttp({ userAgent });
    await Promise.all(Array.from({ length: 12 }, () => http.request({ method: "GET", url: server.url })));
    expect(most).toBe(4);
  });

  test.each(["ftp://x", "not a url", "http://user:pw@127.0.0.1/"])("is refused for the address %s", async (url) => {
    const error = await failure({}, { method: "GET", url });
    expect(error.code).toBe("MESH_HTTP_URL");
    expect(error.message).not.toContain("pw");
  });
});

describe("retries", () => {
  const statuses = [429, 502, 503, 504];
  test.each(statuses)("a GET that is answered %i, three times at most, with growing pauses", async (status) => {
    await using server = await startHttpServer((_, response) => response.writeHead(status).end("no"));
    const clock = eagerClock();
    await using http = createHttp({ userAgent, clock });
    expect((await http.request({ method: "GET", url: server.url })).status).toBe(status);
    expect(server.received).toHaveLength(4);
    expect(http.requests.map((r) => r.status)).toEqual([status, status, status, status]);
    expect(clock.slept).toEqual([250, 500, 1000]);
  });

  test.each([
    ["seconds", "2", 2000],
    ["a date", "Wed, 25 Nov 2026 00:00:07 GMT", 7000],
  ])("wait as long as Retry-After says in %s", async (_, value, pause) => {
    let calls = 0;
    await using server = await startHttpServer((_request, response) =>
      calls++ === 0 ? response.writeHead(429, { "retry-after": value }).end() : response.end("ok"),
    );
    const clock = eagerClock();
    await using http = createHttp({ userAgent, clock });
    expect((await http.request({ method: "GET", url: server.url })).text).toBe("ok");
    expect(clock.slept).toEqual([pause]);
  });

  test("do not wait for minutes", async () => {
    await using server = await startHttpServer((_, response) =>
      response.writeHead(429, { "retry-after": "3600" }).end(),
    );
    await using http = createHttp({ userAgent, clock: eagerClock() });
    expect((await http.request({ method: "GET", url: server.url })).status).toBe(429);
    expect(server.received).toHaveLength(1);
  });

  test("a GET whose connection is reset", async () => {
    let calls = 0;
    await using server = await startHttpServer((_, response, raw) =>
      calls++ === 0 ? raw.socket.destroy() : response.end("ok"),
    );
    await using http = createHttp({ userAgent, clock: eagerClock() });
    expect((await http.request({ method: "GET", url: server.url })).text).toBe("ok");
    expect(http.requests.map((r) => r.status)).toEqual([0, 200]);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"] as const)("never a %s", async (method) => {
    await using server = await startHttpServer((request, response, raw) =>
      request.path === "/reset" ? raw.socket.destroy() : response.writeHead(503).end(),
    );
    await using http = createHttp({ userAgent, clock: eagerClock() });
    expect((await http.request({ method, url: server.url })).status).toBe(503);
    await expect(http.request({ method, url: `${server.url}/reset` })).rejects.toMatchObject({
      code: "MESH_HTTP_UNREACHABLE",
    });
    expect(server.received).toHaveLength(2);
  });

  test.each(["POST", "PUT", "DELETE"] as const)("a %s that was answered 429: it was not done", async (method) => {
    let calls = 0;
    await using server = await startHttpServer((_request, response) =>
      calls++ === 0 ? response.writeHead(429, { "retry-after": "2" }).end() : response.end("done"),
    );
    const clock = eagerClock();
    await using http = createHttp({ userAgent, clock });
    expect((await http.request({ method, url: server.url, body: "{}" })).text).toBe("done");
    expect(clock.slept).toEqual([2000]);
  });

  test("what may be sent twice, as a GET", async () => {
    let calls = 0;
    await using server = await startHttpServer((_request, response, raw) => {
      calls++;
      if (calls === 1) return void raw.socket.destroy();
      return void (calls === 2 ? response.writeHead(503).end() : response.end("done"));
    });
    await using http = createHttp({ userAgent, clock: eagerClock() });
    expect((await http.request({ method: "POST", url: server.url, body: "{}", repeatable: true })).text).toBe("done");
    expect(server.received.map(({ body }) => body)).toEqual(["{}", "{}", "{}"]);
  });

  test("never a status that is an answer", async () => {
    await using server = await startHttpServer((_, response) => response.writeHead(500).end());
    await using http = createHttp({ userAgent, clock: eagerClock() });
    expect((await http.request({ method: "GET", url: server.url })).status).toBe(500);
    expect(server.received).toHaveLength(1);
  });
});

describe("redirects", () => {
  test("are followed on the same server", async () => {
    await using server = await startHttpServer((request, response) =>
      request.path === "/" ? response.writeHead(302, { location: "/there" }).end() : response.end("here"),
    );
    await using http = createHttp({ userAgent });
    expect((await http.request({ method: "GET", url: server.url, bearer })).text).toBe("here");
  });

  test.each([
    ["another host", "https://elsewhere.example/login?token=1", "GET"],
    ["another port", "http://127.0.0.1:1/", "GET"],
    ["the same place for a write", "/again", "POST"],
    ["nowhere readable", "http://[", "GET"],
  ] as const)("to %s are refused", async (_, location, method) => {
    await using server = await startHttpServer((_request, response) => response.writeHead(302, { location }).end());
    const error = await failure({}, { method, url: server.url, bearer, redirects: "anywhere" });
    expect(error.code).toBe("MESH_HTTP_REDIRECT");
    expect(error.message).not.toContain("token=1");
    expect(server.received).toHaveLength(1);
  });

  test("in a circle end", async () => {
    await using server = await startHttpServer((_, response) => response.writeHead(302, { location: "/" }).end());
    expect((await failure({}, { method: "GET", url: server.url })).code).toBe("MESH_HTTP_REDIRECT");
  });

  test("of a download without credential lead to another https host", async () => {
    const authority = createAuthority();
    await using target = await startHttpServer((_, response) => response.end("archive"), {
      tls: authority.issue(["127.0.0.1"]),
    });
    await using server = await startHttpServer((_, response) =>
      response.writeHead(302, { location: target.url }).end(),
    );
    await using http = createHttp({ userAgent, roots: authority.cert });
    expect((await http.request({ method: "GET", url: server.url, redirects: "anywhere" })).text).toBe("archive");
    expect((await failure({ roots: authority.cert }, { method: "GET", url: server.url })).code).toBe(
      "MESH_HTTP_REDIRECT",
    );
  });
});

describe("limits", () => {
  test("an answer over the limit is not read", async () => {
    await using server = await startHttpServer((_, response) => response.end("x".repeat(2000)));
    expect((await failure({}, { method: "GET", url: server.url, bodyLimit: 1999 })).code).toBe("MESH_HTTP_TOO_LARGE");
    await using http = createHttp({ userAgent });
    expect((await http.request({ method: "GET", url: server.url, bodyLimit: 2000 })).body).toHaveLength(2000);
  });

  test("a server that accepts and says nothing", async () => {
    await using server = await startHttpServer(() => undefined);
    const error = await failure({ timeouts: { headers: 200 } }, { method: "POST", url: server.url });
    expect(error).toMatchObject({
      code: "MESH_HTTP_UNREACHABLE",
      message: `127.0.0.1:${server.port}: no answer in time`,
    });
  });

  test("a server that only drips", async () => {
    await using server = await startHttpServer((_, response) => {
      const drip = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(drip));
    });
    const error = await failure({ timeouts: { total: 200 } }, { method: "GET", url: server.url });
    expect(error.code).toBe("MESH_HTTP_UNREACHABLE");
  });

  test("an abort of the caller is passed on as it is", async () => {
    await using server = await startHttpServer(() => undefined);
    await using http = createHttp({ userAgent });
    const reason = new Error("cancelled");
    await expect(http.request({ method: "GET", url: server.url, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });
});

describe("no connection", () => {
  test("refused: names host and port", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => closed.once("listening", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const error = await failure({}, { method: "GET", url: `https://127.0.0.1:${port}/x?y`, bearer });
    expect(error).toMatchObject({
      code: "MESH_HTTP_UNREACHABLE",
      kind: "unreachable",
      message: `127.0.0.1:${port}: connection refused`,
      where: { address: `https://127.0.0.1:${port}` },
    });
  });

  test("a name that does not exist", async () => {
    const error = await failure({}, { method: "GET", url: "https://no-such-host.invalid" });
    expect(error.code).toBe("MESH_HTTP_UNREACHABLE");
    expect(error.message).toMatch(/^no-such-host\.invalid:443: /);
  });
});

describe("TLS", () => {
  const authority = createAuthority();

  test("a private authority is trusted when its certificate is given, beside others", async () => {
    await using server = await startHttpServer((_, response) => response.end("ok"), {
      tls: authority.issue(["127.0.0.1"]),
    });
    await using http = createHttp({
      userAgent,
      roots: `# ours\n${createAuthority("another").cert}\n${authority.cert}`,
    });
    expect((await http.request({ method: "GET", url: server.url })).text).toBe("ok");
  });

  test.each([
    ["unknown", "another"],
    ["namesake", "test authority"],
  ])("an %s authority is refused, with the remedy, and nothing is sent", async (_, name) => {
    await using server = await startHttpServer((_, response) => response.end(), {
      tls: authority.issue(["127.0.0.1"]),
    });
    const error = await failure({ roots: createAuthority(name).cert }, { method: "GET", url: server.url, bearer });
    expect(error.code).toBe("MESH_TLS_UNTRUSTED");
    expect(error.hint).toMatch(/ca-file.*tailnet\.ca/);
    expect(server.received).toEqual([]);
  });

  test.each([
    ["another name", ["elsewhere.example"], 30],
    ["an expired one", ["127.0.0.1"], -1],
  ] as const)("a certificate for %s is refused", async (_, names, days) => {
    await using server = await startHttpServer((_request, response) => response.end(), {
      tls: authority.issue(names, days),
    });
    const error = await failure({ roots: authority.cert }, { method: "GET", url: server.url, bearer });
    expect(error.code).toBe("MESH_TLS_INVALID");
    expect(server.received).toEqual([]);
  });

  test("a port that does not speak TLS", async () => {
    await using server = await startHttpServer((_, response) => response.end());
    const error = await failure({}, { method: "POST", url: server.url.replace("http:", "https:"), bearer });
    expect(error.code).toBe("MESH_TLS_INVALID");
  });

  test.each(["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])(
    "roots %j are refused at once",
    (roots) => {
      expect(() => createHttp({ userAgent, roots })).toThrow(expect.objectContaining({ code: "MESH_CA_INVALID" }));
    },
  );
});

describe("a proxy", () => {
  test("is asked to connect, except for what NO_PROXY names, and its refusal is told", async () => {
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.once("data", (data) => {
        asked.push(String(data).split("\r\n")[0] ?? "");
        socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      });
      socket.on("error", () => undefined);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => proxy.once("listening", resolve));
    const { port } = proxy.address() as AddressInfo;
    const through = { https: `http://127.0.0.1:${port}`, no: "127.0.0.1" };
    try {
      const error = await failure({ proxy: through }, { method: "GET", url: "https://control.example/x", bearer });
      expect(error.code).toBe("MESH_HTTP_PROXY");
      expect(asked).toEqual(["CONNECT control.example:443 HTTP/1.1"]);
      await using server = await startHttpServer((_, response) => response.end("direct"));
      await using http = createHttp({ userAgent, proxy: through });
      expect((await http.request({ method: "GET", url: server.url })).text).toBe("direct");
      expect(asked).toHaveLength(1);
    } finally {
      proxy.close();
    }
  });
});
