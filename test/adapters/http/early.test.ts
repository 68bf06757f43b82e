/** A connection that is opened early is the one that the first request uses, and does no harm where it is of no use. */
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dialEarly, takeEarly } from "../../../src/adapters/http/early.ts";
import { createHttp } from "../../../src/adapters/http/http.ts";
import { createAuthority } from "../../support/certificates.ts";

const authority = createAuthority();
const usual = getCACertificates("default");
beforeAll(() => setDefaultCACertificates([...usual, authority.cert]));
afterAll(() => setDefaultCACertificates(usual));

/** A server that counts connections, and how many of them were asked anything. */
async function counting(certificate = authority.issue(["127.0.0.1"])) {
  let asked = 0;
  const sockets: TLSSocket[] = [];
  const server: Server = createServer(certificate, (_, response) => {
    asked++;
    response.end("ok");
  });
  server.on("secureConnection", (socket: TLSSocket) => void sockets.push(socket));
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`),
    sockets,
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

const get = async (url: URL, roots?: string): Promise<string> => {
  await using http = createHttp({ userAgent: "tailmesh/test", ...(roots === undefined ? {} : { roots }) });
  return (await http.request({ method: "GET", url: url.href })).text;
};

describe("an early connection", () => {
  test("is the one that the first request uses, and nothing is sent before", async () => {
    await using server = await counting();
    dialEarly(server.url);
    await expect.poll(() => server.sockets.length).toBe(1);
    expect(server.asked()).toBe(0);
    expect(await get(server.url)).toBe("ok");
    expect(await get(server.url)).toBe("ok");
    expect([server.sockets.length, server.asked()]).toEqual([2, 2]);
  });

  test("may still be under way when it is needed", async () => {
    await using server = await counting();
    dialEarly(server.url);
    expect(await get(server.url)).toBe("ok");
    expect(server.sockets).toHaveLength(1);
  });

  test("is for its place only, and not for a client with roots of its own", async () => {
    await using server = await counting();
    await using other = await counting();
    dialEarly(server.url);
    expect(takeEarly("localhost", server.url.port)).toBeUndefined();
    expect(await get(other.url)).toBe("ok");
    expect(await get(server.url, authority.cert)).toBe("ok");
    expect([server.sockets.length, other.sockets.length]).toEqual([2, 1]);
    takeEarly("127.0.0.1", server.url.port)?.destroy();
  });

  test("that the server has ended is not used", async () => {
    await using server = await counting();
    dialEarly(server.url);
    await expect.poll(() => server.sockets.length).toBe(1);
    server.sockets[0]?.destroy();
    await new Promise((done) => setTimeout(done, 50));
    expect(await get(server.url)).toBe("ok");
    expect([server.sockets.length, server.asked()]).toEqual([2, 1]);
  });

  test("to a server that is not trusted, or not there, leaves it to the request to say so", async () => {
    await using server = await counting(createAuthority().issue(["127.0.0.1"]));
    dialEarly(server.url);
    await expect(get(server.url)).rejects.toMatchObject({ code: "MESH_TLS_UNTRUSTED" });
    dialEarly(new URL("https://127.0.0.1:9"));
    await expect(get(new URL("https://127.0.0.1:9"))).rejects.toMatchObject({ code: "MESH_HTTP_UNREACHABLE" });
  });
});
