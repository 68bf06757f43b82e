import { describe, expect, test } from "vitest";
import { createHttp } from "../../../src/adapters/http/http.ts";
import { sendPing } from "../../../src/adapters/http/ping.ts";
import { MeshError } from "../../../src/mesh/error.ts";
import { Secret } from "../../../src/mesh/secret.ts";
import { createAuthority } from "../../support/certificates.ts";
import { startHttpServer } from "../../support/http-server.ts";

const path = "/ping/fake-uuid-0000";
const clock = { now: () => new Date(), sleep: async () => undefined };

async function pinged(url: string, limit?: number): Promise<string | undefined> {
  await using http = createHttp({ userAgent: "tailmesh/test", clock });
  const error: unknown = await sendPing(http, new Secret(url), limit).catch((thrown: unknown) => thrown);
  if (error === undefined) return undefined;
  if (!(error instanceof MeshError)) throw error;
  expect([error.code, error.where, error.cause]).toEqual(["MESH_PING_REFUSED", undefined, undefined]);
  expect(error.message).not.toMatch(/fake-uuid|127\.0\.0\.1|localhost/);
  return error.message.replace("the address of `ping-url`: ", "");
}

describe("the ping", () => {
  test("is one GET, and success is any 2xx", async () => {
    for (const status of [200, 202, 204]) {
      await using server = await startHttpServer((_, response) => response.writeHead(status).end());
      expect(await pinged(`${server.url}${path}?rid=1`)).toBeUndefined();
      expect(server.received.map(({ method, path: asked, body }) => [method, asked, body])).toEqual([
        ["GET", `${path}?rid=1`, ""],
      ]);
    }
  });

  test("that is refused is told by its status", async () => {
    await using server = await startHttpServer((_, response) => response.writeHead(404).end("not found fake-uuid"));
    expect(await pinged(server.url + path)).toBe("it was answered 404");
  });

  test("follows no redirect to another host; to the same it does", async () => {
    await using other = await startHttpServer((_, response) => response.end("OK"));
    await using server = await startHttpServer(({ path: asked }, response) => {
      const location = asked.includes("inside") ? `${other.url}${path}` : "/inside";
      response.writeHead(asked === "/done" ? 200 : 302, { location: asked === "/to-done" ? "/done" : location }).end();
    });
    expect(await pinged(server.url + path)).toContain("another host");
    expect(other.received).toEqual([]);
    expect(await pinged(`${server.url}/to-done`)).toBeUndefined();
  });

  test("waits for so long and not longer", async () => {
    await using server = await startHttpServer(() => undefined);
    expect(await pinged(server.url + path, 200)).toBe("no answer within 0.2 s");
  });

  test("that cannot be sent says why, and nothing of the address", async () => {
    const authority = createAuthority();
    await using tls = await startHttpServer((_, response) => response.end(), { tls: authority.issue(["127.0.0.1"]) });
    const urls = [
      "",
      "fake-uuid",
      "ftp://127.0.0.1/fake-uuid",
      "http://fake-uuid:x@127.0.0.1/",
      `http://127.0.0.1:1${path}`,
    ];
    const why = await Promise.all([...urls, tls.url + path].map((url) => pinged(url)));
    expect(why.every((text) => text !== undefined)).toBe(true);
    expect(why.at(-1)).toContain("not trusted");
  });
});
