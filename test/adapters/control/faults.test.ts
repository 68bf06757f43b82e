/** What each back end makes of every fault that a server, or something in between, can produce: for every operation of the port. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { ConnectOptions } from "../../../src/adapters/control/connect.ts";
import type { Credential } from "../../../src/adapters/control/credentials.ts";
import { createHttp } from "../../../src/adapters/http/http.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Control } from "../../../src/ports/control.ts";
import { createAuthority } from "../../support/certificates.ts";
import { apiKeyOf, connectTo, oauthOf } from "../../support/connect.ts";
import { type HttpServer, type Received, startHttpServer } from "../../support/http-server.ts";

const secretText = "fake-very-secret";
const token = "fake-very-secret-token";

interface BackEnd {
  readonly name: string;
  readonly kind: ConnectOptions["kind"];
  readonly credential: Credential;
  readonly version?: string;
}

const backEnds: readonly BackEnd[] = [
  { name: "headscale-v1", kind: "headscale", credential: apiKeyOf(secretText), version: "v0.29.2" },
  { name: "headscale-v2", kind: "headscale", credential: apiKeyOf(secretText), version: "v0.30.0" },
  { name: "tailscale", kind: "tailscale", credential: oauthOf("kFakeCNTRL", secretText) },
];

type Answer = (request: Received, response: ServerResponse, raw: IncomingMessage) => void;

interface Setup extends AsyncDisposable {
  readonly server: HttpServer;
  readonly control: Control;
  /** Milliseconds that were to be slept. */
  readonly slept: readonly number[];
  /** Requests since it was connected, those for tokens aside. */
  sent(): readonly Received[];
}

const isToken = ({ path }: Received): boolean => path.startsWith("/api/v2/oauth/");

/** Connects while all is well; from then on every request but those for tokens meets the fault. */
async function setUp({ kind, credential, version }: BackEnd, fault: Answer): Promise<Setup> {
  const server = await startHttpServer((request, response, raw) => {
    if (request.path === "/version") return void response.end(JSON.stringify({ version }));
    if (isToken(request)) return void response.end(JSON.stringify({ access_token: token, expires_in: 3600 }));
    return fault(request, response, raw);
  });
  const slept: number[] = [];
  const clock: Clock = { now: () => new Date(), sleep: async (ms) => void slept.push(ms) };
  const http = createHttp({ userAgent: "test", clock, timeouts: { headers: 300, body: 300 } });
  const control = await connectTo(server.url, http, credential, { kind, clock });
  const before = server.received.length;
  return {
    server,
    control,
    slept,
    sent: () => server.received.slice(before).filter((request) => !isToken(request)),
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const policy = `{"tagOwners": {"tag:a": []}, "grants": []}`;
type Operation = readonly [name: string, run: (control: Control) => Promise<unknown>];
const reads: readonly Operation[] = [
  ["getPolicy", (c) => c.getPolicy()],
  ["listKeys", (c) => c.listKeys()],
  ["listDevices", (c) => c.listDevices()],
];
const mint: Operation = [
  "mintKey",
  (c) => c.mintKey({ tags: ["tag:a"], description: "test", expirySeconds: 600, reusable: false }),
];
/** On 0.29 a policy is read before it is written, which meets the fault first. */
const write: Operation = ["setPolicy", (c) => c.setPolicy(policy, '"version"')];
const deletions: readonly Operation[] = [
  ["revokeKey", (c) => c.revokeKey("1")],
  ["deleteDevice", (c) => c.deleteDevice("1")],
];
const changes: readonly Operation[] = [
  ["setEnabledRoutes", (c) => c.setEnabledRoutes("1", ["10.42.0.0/16"])],
  ["setDeviceTags", (c) => c.setDeviceTags("1", ["tag:a"])],
];
const check: Operation = ["checkPolicy", (c) => c.checkPolicy(policy)];
const all: readonly Operation[] = [...reads, mint, write, ...deletions, ...changes, check];

/** The code of what is thrown, or the kind of what is returned. */
async function outcome(setup: Setup, [, run]: Operation): Promise<string> {
  try {
    const value = await run(setup.control);
    return value instanceof Object && "kind" in value ? String(value.kind) : String(value);
  } catch (error) {
    const { code, message, hint, where } = error as {
      readonly code: string;
      readonly message: string;
      readonly hint: string;
      readonly where?: { readonly address?: string };
    };
    expect(`${message} ${hint}`).not.toContain(secretText);
    expect(where?.address).toBe(setup.server.url);
    return code;
  }
}

function status(
  code: number,
  body = `{"message":"it said so"}`,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (_, response) => {
    response.writeHead(code, { "content-type": "application/json", ...headers }).end(body);
  };
}

async function outcomes(setup: Setup, operations: readonly Operation[]): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const operation of operations) found[operation[0]] = await outcome(setup, operation);
  return found;
}

const every = (operations: readonly Operation[], code: string) =>
  Object.fromEntries(operations.map(([name]) => [name, code]));

describe.each(backEnds.map((end) => [end.name, end] as const))("%s", (name, end) => {
  test("401: the credential is not accepted; a token is renewed once, and the request sent once more", async () => {
    await using setup = await setUp(end, status(401));
    expect(await outcomes(setup, all)).toEqual(every(all, "MESH_CREDENTIAL_REJECTED"));
    await expect(setup.control.listKeys()).rejects.toMatchObject({
      hint: expect.stringMatching(name === "tailscale" ? /Fresh tokens/ : /headscale apikeys create/),
    });
    const times = name === "tailscale" ? 2 : 1;
    expect(setup.sent().filter(({ path }) => path.includes("/device"))).toHaveLength(
      name === "headscale-v1" ? 0 : 4 * times,
    );
    expect(setup.server.received.filter(isToken)).toHaveLength(name === "tailscale" ? 2 + all.length : 0);
  });

  test("403: the missing scope is named, where there are scopes", async () => {
    await using setup = await setUp(end, status(403));
    expect(await outcomes(setup, all)).toEqual(every(all, "MESH_CREDENTIAL_DENIED"));
    if (name === "headscale-v1") return;
    const scopes = {
      getPolicy: "policy_file:read",
      listKeys: "auth_keys:read",
      mintKey: "auth_keys",
      listDevices: "devices:core:read",
      setEnabledRoutes: "devices:routes",
      deleteDevice: "devices:core",
      setPolicy: "policy_file",
    };
    for (const [operation, scope] of Object.entries(scopes)) {
      const [, run] = all.find(([one]) => one === operation) ?? mint;
      await expect(run(setup.control)).rejects.toMatchObject({
        message: expect.stringContaining(`scope \`${scope}\``),
      });
    }
  });

  test("404 in JSON: what is to be gone is gone, everything else is an error", async () => {
    await using setup = await setUp(end, status(404));
    const rest = all.filter((operation) => !deletions.includes(operation));
    expect(await outcomes(setup, all)).toEqual({
      ...every(rest, "MESH_CONTROL_NOT_FOUND"),
      ...every(deletions, "already-gone"),
    });
  });

  test("404 in plain text: the endpoint is missing, and nothing counts as gone", async () => {
    await using setup = await setUp(end, status(404, "404 page not found\n", { "content-type": "text/plain" }));
    expect(await outcomes(setup, all)).toEqual({
      ...every(all, "MESH_CONTROL_NOT_FOUND"),
      ...(name === "headscale-v1" ? {} : { checkPolicy: "unsupported" }),
    });
  });

  test("412: somebody else wrote", async () => {
    await using setup = await setUp(end, status(412, `{"message":"precondition failed, invalid old hash"}`));
    expect(await outcome(setup, write)).toBe(name === "headscale-v1" ? "MESH_CONTROL_REJECTED" : "conflict");
    expect(await outcome(setup, mint)).toBe("MESH_CONTROL_REJECTED");
    expect(setup.sent()).toHaveLength(2);
  });

  test("422: refused with the reason", async () => {
    const body = `{"message":"validation failed","data":[{"errors":["expected length <= 50"]}],"status":422}`;
    await using setup = await setUp(end, status(422, body));
    await expect(mint[1](setup.control)).rejects.toMatchObject({
      code: "MESH_CONTROL_REJECTED",
      message: expect.stringContaining("expected length <= 50"),
    });
    if (name !== "headscale-v1") expect(await outcome(setup, write)).toBe("rejected");
  });

  test("429: everything is sent again after as long as the server says, and then it is told", async () => {
    await using setup = await setUp(end, status(429, "slow down", { "retry-after": "7" }));
    for (const operation of all) {
      const before = [setup.sent().length, setup.slept.length] as const;
      expect(await outcome(setup, operation)).toBe("MESH_CONTROL_LIMITED");
      expect(setup.sent().length - before[0], operation[0]).toBe(4);
      expect(setup.slept.slice(before[1])).toEqual([7000, 7000, 7000]);
    }
  });

  test("429 for once: as if nothing had been", async () => {
    let calls = 0;
    await using setup = await setUp(end, (request, response, raw) =>
      (calls++ === 0 ? status(429, "", { "retry-after": "1" }) : status(200, `{"keys":[],"preAuthKeys":[]}`))(
        request,
        response,
        raw,
      ),
    );
    expect(await setup.control.listKeys()).toEqual([]);
    expect(setup.slept).toEqual([1000]);
  });

  test("500: a failure, and never sent twice", async () => {
    await using setup = await setUp(end, status(500, `{"code":2,"message":"database is locked"}`));
    expect(await outcomes(setup, all)).toEqual(every(all, "MESH_CONTROL_FAILED"));
    expect(setup.sent()).toHaveLength(all.length);
  });

  test.each([502, 503, 504])("%i: down; reads are repeated, a key is asked for once", async (code) => {
    await using setup = await setUp(end, status(code, "<html><head><title>Bad gateway</title></head></html>"));
    for (const [operation, times] of [
      [reads[1] ?? mint, 4],
      [mint, 1],
    ] as const) {
      const before = setup.sent().length;
      expect(await outcome(setup, operation)).toBe("MESH_CONTROL_DOWN");
      expect(setup.sent().length - before).toBe(times);
    }
    await expect(setup.control.listKeys()).rejects.toMatchObject({
      message: expect.stringContaining('web page, "Bad gateway"'),
    });
  });

  test("half a reply is none: reads are repeated, a key and a policy are sent once", async () => {
    await using setup = await setUp(end, (_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "400" });
      response.write(`{"keys":[`, () => response.destroy());
    });
    expect(await outcomes(setup, all)).toEqual(every(all, "MESH_CONTROL_DOWN"));
    expect(
      setup.sent().filter(({ method, path }) => method === "POST" && /\/(keys|preauthkey)$/.test(path)),
    ).toHaveLength(1);
    expect(setup.sent().filter(({ method, path }) => method === "POST" && path.endsWith("/acl"))).toHaveLength(
      name === "headscale-v1" ? 0 : 1,
    );
  });

  test("no reply in time", async () => {
    await using setup = await setUp(end, () => undefined);
    expect(await outcome(setup, mint)).toBe("MESH_CONTROL_DOWN");
    expect(await outcome(setup, reads[0] ?? mint)).toBe("MESH_CONTROL_DOWN");
  });

  test("a redirect to another host is not followed, by nothing", async () => {
    await using other = await startHttpServer((_, response) => response.end("{}"));
    await using setup = await setUp(end, status(302, "", { location: `${other.url}/login?secret=1` }));
    expect(await outcomes(setup, all)).toEqual(every(all, "MESH_HTTP_REDIRECT"));
    expect(other.received).toEqual([]);
  });

  test("broken JSON is no answer, and not taken for an empty one", async () => {
    await using setup = await setUp(end, status(200, `{"keys":[{"id":"1"`));
    const strict: readonly Operation[] = [...reads.slice(1), mint, ...deletions, ...changes, check];
    expect(await outcomes(setup, strict)).toEqual(every(strict, "MESH_CONTROL_ANSWER"));
  });

  test("a web page in place of an answer", async () => {
    const page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>";
    await using setup = await setUp(end, status(200, page, { "content-type": "text/html" }));
    expect(await outcomes(setup, all)).toEqual(every(all, "MESH_CONTROL_ANSWER"));
  });

  test("a private authority: refused before anything is sent, and trusted when it is given", async () => {
    const authority = createAuthority();
    await using server = await startHttpServer(
      (request, response) =>
        response.end(
          isToken(request) ? `{"access_token":"${token}"}` : `{"version":"${end.version}","keys":[],"preAuthKeys":[]}`,
        ),
      { tls: authority.issue(["127.0.0.1"]) },
    );
    await using stranger = createHttp({ userAgent: "test" });
    const { kind, credential } = end;
    await expect(connectTo(server.url, stranger, credential, { kind })).rejects.toMatchObject({
      code: "MESH_TLS_UNTRUSTED",
    });
    expect(server.received).toEqual([]);
    await using http = createHttp({ userAgent: "test", roots: authority.cert });
    expect(await (await connectTo(server.url, http, credential, { kind })).listKeys()).toEqual([]);
  });
});
