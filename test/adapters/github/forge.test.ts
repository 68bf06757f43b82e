/** One comment of ours on a pull request, against a server that answers as GitHub's API does. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createForge } from "../../../src/adapters/github/forge.ts";
import { Secret } from "../../../src/mesh/secret.ts";

interface Comment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string; readonly type: string };
}

const bot = { login: "github-actions[bot]", type: "Bot" };
const mallory = { login: "mallory", type: "User" };
const marker = "<!-- tailmesh acl-apply 0123456789abcdef -->";

let server: Server;
let url: string;
let comments: Comment[];
let requests: string[];
/** Status of GET /user: a job's own token may not ask. */
let ownLogin: string | undefined;
let refuses: boolean;

beforeEach(async () => {
  [comments, requests, ownLogin, refuses] = [[], [], undefined, false];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
      requests.push(`${request.method} ${pathname} ${request.headers.authorization}`);
      const body: { readonly body?: string } = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
      const reply = (status: number, value: unknown, headers: Record<string, string> = {}): void => {
        response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
      };
      if (pathname === "/user") {
        if (ownLogin === undefined) return reply(403, { message: "Resource not accessible by integration" });
        return reply(200, { login: ownLogin });
      }
      if (refuses) return reply(403, { message: "Resource not accessible by integration ::error::x" });
      const list = "/repos/acme/net/issues/7/comments";
      if (pathname === list && request.method === "GET") {
        const page = Number(searchParams.get("page") ?? "1");
        const size = Number(searchParams.get("per_page"));
        const next = `<${url}${list}?per_page=${size}&page=${page + 1}>; rel="next"`;
        const headers: Record<string, string> = comments.length > page * size ? { link: next } : {};
        return reply(200, comments.slice((page - 1) * size, page * size), headers);
      }
      if (pathname === list && request.method === "POST") {
        comments.push({ id: 1000 + comments.length, body: body.body ?? "", user: bot });
        return reply(201, {});
      }
      const [, id] = /^\/repos\/acme\/net\/issues\/comments\/(\d+)$/.exec(pathname) ?? [];
      const found = comments.find((one) => String(one.id) === id);
      if (found === undefined || request.method !== "PATCH") return reply(404, { message: "Not Found" });
      found.body = body.body ?? "";
      return reply(200, {});
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}`;
});
afterEach(() => new Promise((done) => server.close(done)));

function forge(more: object = {}) {
  return createForge({ token: new Secret("fake-github-token"), url, repository: "acme/net", pullRequest: 7, ...more });
}

describe("the comment", () => {
  test("is made once, and changed from then on", async () => {
    await forge().comment(marker, "first");
    await forge().comment(marker, "second");
    expect(comments.map(({ body }) => body)).toEqual([`${marker}\nsecond`]);
    expect(requests.every((line) => line.endsWith("token fake-github-token"))).toBe(true);
  });

  test("is left alone when it says the same", async () => {
    await forge().comment(marker, "same");
    await forge().comment(marker, "same");
    expect(requests.filter((line) => line.startsWith("PATCH"))).toEqual([]);
  });

  test("of somebody else with the same beginning is not ours", async () => {
    comments.push({ id: 1, body: `${marker}\nmine`, user: mallory });
    await forge().comment(marker, "plan");
    expect(comments.map(({ body }) => body)).toEqual([`${marker}\nmine`, `${marker}\nplan`]);
  });

  test("is found behind a hundred others, and not where it is only quoted", async () => {
    const others = Array.from({ length: 120 }, (_, i) => ({ id: i, body: `> ${marker}`, user: bot }));
    comments.push(...others, { id: 500, body: `${marker}\nold`, user: bot });
    await forge().comment(marker, "new");
    expect(comments.length).toBe(121);
    expect(comments.at(-1)?.body).toBe(`${marker}\nnew`);
  });

  test("belongs to its author where the token is a person's", async () => {
    ownLogin = "ada";
    comments.push(
      { id: 1, body: `${marker}\nbot`, user: bot },
      { id: 2, body: `${marker}\nada`, user: { login: "ada", type: "User" } },
    );
    await forge().comment(marker, "plan");
    expect(comments.map(({ body }) => body)).toEqual([`${marker}\nbot`, `${marker}\nplan`]);
  });
});

test("a token that may not write: a code, what helps, and no secret", async () => {
  refuses = true;
  const failure = await forge()
    .comment(marker, "plan")
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "MESH_GITHUB_COMMENT", where: { address: "pull request #7" } });
  expect(String(failure)).toContain("403");
  expect(String(failure)).not.toContain("fake-github-token");
});

test("outside of a pull request there is nothing to comment on", async () => {
  for (const more of [{ pullRequest: undefined }, { repository: undefined }, { repository: "acme" }]) {
    expect(forge(more).isPullRequest).toBe(false);
    await forge(more).comment(marker, "plan");
  }
  expect(forge().isPullRequest).toBe(true);
  expect(requests).toEqual([]);
});
