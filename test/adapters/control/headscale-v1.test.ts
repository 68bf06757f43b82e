import { describe, expect, test } from "vitest";
import { createHttp, type Http } from "../../../src/adapters/http/http.ts";
import { MeshError } from "../../../src/mesh/error.ts";
import type { ControlKind } from "../../../src/mesh/mesh.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Control } from "../../../src/ports/control.ts";
import { createAuthority } from "../../support/certificates.ts";
import { apiKeyOf, connectTo } from "../../support/connect.ts";
import {
  type Headscale,
  type HeadscaleOptions,
  type Override,
  startHeadscale,
} from "../../support/headscale-server.ts";

const apiKey = "hskey-api-AbCdEfGhIjKl-secret-part";
const real = (): Date => new Date();

function clockAt(now: () => Date): Clock {
  return { now, sleep: async () => undefined };
}

interface Setup extends AsyncDisposable {
  readonly server: Headscale;
  readonly http: Http;
  readonly control: Control;
}

async function connect(
  url: string,
  http: Http,
  more: { key?: string; kind?: ControlKind; clock?: Clock } = {},
): Promise<Control> {
  return connectTo(url, http, apiKeyOf(more.key ?? apiKey), {
    kind: more.kind ?? "headscale",
    clock: more.clock ?? clockAt(real),
  });
}

async function setUp(options: Partial<HeadscaleOptions> = {}, now: () => Date = real): Promise<Setup> {
  const server = await startHeadscale({ apiKey, ...options });
  const http = createHttp({ userAgent: "test", clock: clockAt(now) });
  return {
    server,
    http,
    control: await connect(server.url, http, { clock: clockAt(now) }),
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

async function failure(work: Promise<unknown>): Promise<MeshError> {
  const error: unknown = await work.then(
    () => expect.fail("it succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MeshError)) throw error;
  expect(`${error.message} ${error.hint}`).not.toContain("secret-part");
  expect(error.where?.address ?? "").not.toBe("");
  return error;
}

/** Answers every call but /version with this. */
function always(override: Override): Partial<HeadscaleOptions> {
  return { onCall: (call) => (call.path === "/version" ? undefined : override) };
}

describe("connecting", () => {
  test("is one request that does not carry the key", async () => {
    await using setup = await setUp();
    expect(setup.server.calls).toEqual([{ method: "GET", path: "/version", body: "", authorized: false }]);
    expect(setup.control.capabilities).toMatchObject({ provider: "headscale-v1", serverVersion: "v0.29.2" });
  });

  test("takes an address with a slash at its end", async () => {
    await using setup = await setUp();
    const control = await connect(`${setup.server.url}/`, setup.http);
    expect(control.url).toBe(setup.server.url);
    expect(await control.listKeys()).toEqual([]);
  });

  test.each(["v0.29.0", "v0.29.2", "0.29.5-beta1"])("accepts %s", async (version) => {
    await using setup = await setUp({ version });
    expect(setup.control.capabilities.serverVersion).toBe(version);
  });

  test.each([
    ["v0.28.1", /too old.*grants.*tests.*Nothing was changed/],
    ["v0.3.0", /too old/],
    ["dev", /without a version number and without the v2 API/],
  ])("refuses %s with the reason", async (version, reason) => {
    const error = await failure(setUp({ version }));
    expect(error).toMatchObject({ code: "MESH_CONTROL_UNSUPPORTED", kind: "config" });
    expect(error.message).toMatch(reason);
  });

  test.each<[string, Override]>([
    ["a server of before 0.27", { status: 404, body: "404 page not found", type: "text/plain" }],
    ["another site", { status: 200, body: "<html>", type: "text/html" }],
    ["a login page", { status: 401, body: "who are you" }],
    ["another JSON", { status: 200, body: `{"hello":1}` }],
  ])("refuses %s", async (_, override) => {
    expect((await failure(setUp({ onCall: () => override }))).code).toBe("MESH_CONTROL_UNKNOWN");
  });

  test("a server that is down", async () => {
    const { url, close } = await startHeadscale({ apiKey });
    await close();
    await using http = createHttp({ userAgent: "test" });
    expect(await failure(connect(url, http))).toMatchObject({
      code: "MESH_CONTROL_DOWN",
      kind: "unreachable",
      where: { address: url },
    });
    expect((await failure(setUp({ onCall: () => ({ status: 502, body: "Bad Gateway" }) }))).code).toBe(
      "MESH_CONTROL_DOWN",
    );
  });

  test("an untrusted certificate", async () => {
    const authority = createAuthority();
    await using server = await startHeadscale({ apiKey, tls: authority.issue(["127.0.0.1"]) });
    await using stranger = createHttp({ userAgent: "test" });
    expect((await failure(connect(server.url, stranger))).code).toBe("MESH_TLS_UNTRUSTED");
    await using http = createHttp({ userAgent: "test", roots: authority.cert });
    expect((await connect(server.url, http)).url).toBe(server.url);
  });
});

describe("answers that are no success", () => {
  test.each<[number, string, string]>([
    [401, "MESH_CREDENTIAL_REJECTED", "denied"],
    [403, "MESH_CREDENTIAL_DENIED", "denied"],
    [404, "MESH_CONTROL_NOT_FOUND", "remote"],
    [400, "MESH_CONTROL_REJECTED", "remote"],
    [429, "MESH_CONTROL_LIMITED", "unreachable"],
    [500, "MESH_CONTROL_FAILED", "remote"],
    [503, "MESH_CONTROL_DOWN", "unreachable"],
  ])("%i", async (status, code, kind) => {
    await using setup = await setUp(always({ status, body: `{"message":"it said so"}` }));
    const error = await failure(setup.control.listKeys());
    expect(error).toMatchObject({ code, kind, where: { address: setup.server.url } });
    expect(error.message).toBe(`GET /api/v1/preauthkey was answered ${status}: it said so`);
  });

  test("an expired key names the command that makes a new one", async () => {
    await using setup = await setUp(always({ status: 401, body: "Unauthorized", type: "text/plain" }));
    expect((await failure(setup.control.getPolicy())).hint).toContain("headscale apikeys create");
  });

  test("text of the server is inert, short, and without our key", async () => {
    const body = JSON.stringify({ message: `::stop-commands::x\n\u001b[31m${apiKey} ${"long ".repeat(1000)}` });
    await using setup = await setUp(always({ status: 400, body }));
    const { message } = await failure(setup.control.listDevices());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
    expect(message).not.toMatch(/[\u0000-\u001f]/);
    expect(message).toContain("[secret]");
    expect(message.length).toBeLessThan(800);
  });

  test.each<[string, string]>([
    ["not JSON", "<html>"],
    ["another shape", `{"nodes":[{"id":true}]}`],
    ["a list in place of an object", "[]"],
  ])("a success that is %s", async (_, body) => {
    await using setup = await setUp(always({ status: 200, body }));
    expect((await failure(setup.control.listDevices())).code).toBe("MESH_CONTROL_ANSWER");
  });

  test("a connection that is cut: reads are repeated, writes never", async () => {
    await using setup = await setUp(always("drop"));
    expect((await failure(setup.control.listKeys())).code).toBe("MESH_CONTROL_DOWN");
    expect(setup.server.calls).toHaveLength(1 + 4);
    expect((await failure(setup.control.revokeKey("1"))).code).toBe("MESH_CONTROL_DOWN");
    expect(setup.server.calls).toHaveLength(1 + 4 + 1);
  });
});

describe("policy", () => {
  const text = `{"tagOwners":{"tag:a":[]},"acls":[]}`;

  test("a rejected write is sent once, although it is answered 500", async () => {
    await using setup = await setUp();
    expect(await setup.control.setPolicy(`{"postures":{}}`, "default")).toEqual({
      kind: "rejected",
      findings: [{ severity: "error", text: `unknown field: "postures"` }],
    });
    expect(setup.server.calls.filter((call) => call.method === "PUT")).toHaveLength(1);
  });

  test("any other 500 is a failure, not a rejection", async () => {
    const broken: Override = { status: 500, body: `{"code":2,"message":"database is locked"}` };
    await using setup = await setUp({ onCall: (call) => (call.method === "PUT" ? broken : undefined) });
    expect((await failure(setup.control.setPolicy(text, "default"))).code).toBe("MESH_CONTROL_FAILED");
    await using reading = await setUp(always(broken));
    expect((await failure(reading.control.getPolicy())).code).toBe("MESH_CONTROL_FAILED");
    expect((await failure(reading.control.checkPolicy(text))).code).toBe("MESH_CONTROL_FAILED");
  });

  test("a server that reads its policy from a file", async () => {
    await using setup = await setUp({ policyMode: "file" });
    const error = await failure(setup.control.setPolicy(text, "default"));
    expect(error).toMatchObject({ code: "MESH_POLICY_READ_ONLY", kind: "denied" });
    expect(error.hint).toContain("policy.mode: database");
  });

  test("one that changed since it was read is left alone", async () => {
    await using setup = await setUp();
    const before = await setup.control.getPolicy();
    setup.server.state.setPolicy(`{"acls":[]}`);
    expect(await setup.control.setPolicy(text, before.version)).toEqual({ kind: "conflict" });
    expect(setup.server.state.policyText).toBe(`{"acls":[]}`);
  });

  test("a stored empty text is the default: everything is allowed", async () => {
    await using setup = await setUp();
    setup.server.state.setPolicy("");
    const found = await setup.control.getPolicy();
    expect(found).toMatchObject({ text: "", isDefault: true });
    expect((await setup.control.setPolicy(text, found.version)).kind).toBe("written");
  });
});

describe("keys", () => {
  test.each([-3 * 3600, 0, 3 * 3600])("live by the server's clock, which is %i s off", async (skew) => {
    await using setup = await setUp({ now: () => new Date(Date.now() + skew * 1000) });
    const { key, secret } = await setup.control.mintKey({
      tags: ["tag:a"],
      description: "",
      expirySeconds: 600,
      reusable: false,
    });
    expect(key.state).toBe("usable");
    const stored = setup.server.state.keys.find((candidate) => candidate.secret === secret.reveal());
    const left = ((stored?.expiration.getTime() ?? 0) - Date.now()) / 1000 - skew;
    expect(left).toBeGreaterThan(597);
    expect(left).toBeLessThan(602);
    if (stored) stored.expiration = new Date(Date.now() + skew * 1000 - 1000);
    expect((await setup.control.listKeys())[0]?.state).toBe("expired");
  });

  test("a key that a node used", async () => {
    await using setup = await setUp();
    const { secret } = await setup.control.mintKey({
      tags: ["tag:a"],
      description: "",
      expirySeconds: 600,
      reusable: false,
    });
    setup.server.state.register({ authKey: secret.reveal(), hostname: "n", machineKey: "m", nodeKey: "nodekey:1" });
    expect((await setup.control.listKeys()).map((key) => key.state)).toEqual(["used"]);
  });
});

describe("API keys that expire", () => {
  const made = new Date("2026-11-01T00:00:00Z");

  test("are listed by their public beginning, in one request; one that was born expired is none", async () => {
    await using setup = await setUp();
    setup.server.state.apiKeys.push(
      { id: "1", name: "hskey-api-AbCdEfGhIjKl", created: made, expires: new Date("2027-01-30T00:00:00Z") },
      { id: "2", name: "hskey-api-dead00000000", created: made, expires: new Date("0001-01-01T00:00:00Z") },
    );
    const before = setup.server.calls.length;
    expect(await setup.control.listExpiring()).toEqual([
      { kind: "api-token", id: "1", name: "hskey-api-AbCdEfGhIjKl", expires: new Date("2027-01-30T00:00:00Z") },
    ]);
    expect(setup.server.calls.slice(before).map(({ path }) => path)).toEqual(["/api/v1/apikey"]);
  });
});

describe("devices", () => {
  async function joined(): Promise<Setup & { id: string }> {
    const setup = await setUp();
    const { state } = setup.server;
    state.setPolicy(`{"tagOwners":{"tag:a":[],"tag:b":[]},"autoApprovers":{"routes":{"10.42.0.0/16":["tag:a"]}}}`);
    const key = state.createKey({
      reusable: false,
      ephemeral: false,
      tags: ["tag:a"],
      expiration: new Date(Date.now() + 60_000),
    });
    const node = state.register({ authKey: key.secret, hostname: "homelab-1", machineKey: "m", nodeKey: "nodekey:1" });
    state.advertise(node, ["10.42.0.0/16", "10.43.0.0/16"]);
    return { ...setup, id: node.id, [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose]() };
  }

  test("routes are read from the list, replaced as a whole, and cleared by an empty list", async () => {
    await using setup = await joined();
    expect(await setup.control.listDevices()).toMatchObject([
      {
        hostname: "homelab-1",
        tags: ["tag:a"],
        nodeKey: "nodekey:1",
        online: true,
        advertisedRoutes: ["10.42.0.0/16", "10.43.0.0/16"],
        enabledRoutes: ["10.42.0.0/16"],
        servingRoutes: ["10.42.0.0/16"],
      },
    ]);
    await setup.control.setEnabledRoutes(setup.id, ["10.43.0.0/16", "10.99.0.0/16"]);
    expect(await setup.control.listDevices()).toMatchObject([
      { enabledRoutes: ["10.43.0.0/16", "10.99.0.0/16"], servingRoutes: ["10.43.0.0/16"] },
    ]);
    await setup.control.setEnabledRoutes(setup.id, []);
    expect(await setup.control.listDevices()).toMatchObject([{ enabledRoutes: [], servingRoutes: [] }]);
    expect(setup.server.calls.at(-2)?.body).toBe(`{"routes":[]}`);
  });

  test("tags are replaced; one that the policy does not define is refused in the server's words", async () => {
    await using setup = await joined();
    await setup.control.setDeviceTags(setup.id, ["tag:b"]);
    expect((await setup.control.listDevices())[0]?.tags).toEqual(["tag:b"]);
    const error = await failure(setup.control.setDeviceTags(setup.id, ["tag:nobody"]));
    expect(error).toMatchObject({ code: "MESH_CONTROL_REJECTED" });
    expect(error.message).toContain("requested tags [tag:nobody] are invalid or not permitted");
  });

  test("a removed one is gone", async () => {
    await using setup = await joined();
    expect(await setup.control.deleteDevice(setup.id)).toBe("deleted");
    expect(await setup.control.deleteDevice(setup.id)).toBe("already-gone");
    expect(await setup.control.listDevices()).toEqual([]);
  });

  test("an id cannot reach another endpoint", async () => {
    await using setup = await joined();
    await failure(setup.control.deleteDevice(`../policy?x=`));
    expect(setup.server.calls.at(-1)?.path).toBe("/api/v1/node/..%2Fpolicy%3Fx%3D");
  });
});
