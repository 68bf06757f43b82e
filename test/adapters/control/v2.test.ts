/** The v2 API: what Tailscale and Headscale 0.30 do differently, and what each costs. */
import { describe, expect, test } from "vitest";
import type { ConnectOptions } from "../../../src/adapters/control/connect.ts";
import type { Credential } from "../../../src/adapters/control/credentials.ts";
import { createHttp, type Http } from "../../../src/adapters/http/http.ts";
import { MeshError } from "../../../src/mesh/error.ts";
import type { Tag } from "../../../src/mesh/mesh.ts";
import { type Control, type MintRequest, visibleDevices } from "../../../src/ports/control.ts";
import { apiKeyOf, connectTo, oauthOf } from "../../support/connect.ts";
import { startHeadscale } from "../../support/headscale-server.ts";
import { type Flavor, startV2, type V2Options, type V2Server } from "../../support/v2-server.ts";

const all = ["auth_keys", "devices:core", "devices:routes", "policy_file"];
const client = { id: "kFakeCNTRL", secret: "fake-client-secret", scopes: all, tags: ["tag:ci"] };
const apiKey = "fake-api-key";
const policy = `{
	// whose
	"tagOwners": {
		"tag:ci": [],
		"tag:homelab": ["tag:ci"],
		"tag:oracle": ["tag:ci"],
		"tag:other": [],
		"tag:below": ["tag:homelab"], // through another
	},
	"grants": [{"src": ["10.42.0.0/16"], "dst": ["10.52.0.0/16"], "ip": ["*"]}],
	"autoApprovers": {"routes": {"10.42.0.0/16": ["tag:homelab"]}},
}
`;

interface Setup extends AsyncDisposable {
  readonly server: V2Server;
  readonly http: Http;
  readonly control: Control;
}

interface Choice extends Partial<V2Options> {
  readonly scopes?: readonly string[];
  readonly tags?: readonly string[];
  readonly credential?: Credential;
  readonly connect?: Partial<ConnectOptions>;
}

async function setUp(flavor: Flavor, choice: Choice = {}): Promise<Setup> {
  const { scopes = all, tags = client.tags, credential, connect = {}, ...options } = choice;
  const server = await startV2({
    flavor,
    policy,
    clients: [{ ...client, scopes, tags }],
    apiKeys: [apiKey],
    ...options,
  });
  const http = createHttp({ userAgent: "test" });
  const dispose = async (): Promise<void> => {
    await http[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  try {
    const chosen = credential ?? oauthOf(client.id, client.secret);
    const control = await connectTo(server.url, http, chosen, { kind: flavor, ...connect });
    return { server, http, control, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function failure(work: Promise<unknown>): Promise<MeshError> {
  const error: unknown = await work.then(
    () => expect.fail("it succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MeshError)) throw error;
  expect(`${error.message} ${error.hint}`).not.toMatch(/fake-client-secret|fake-api-key|tskey-api-fake/);
  return error;
}

function keyFor(...tags: [Tag, ...Tag[]]): MintRequest {
  return { tags, description: "tailmesh homelab-1 run 1", expirySeconds: 600, reusable: false };
}

describe("connecting", () => {
  const paths = ({ server }: Setup): readonly string[] => server.calls.map(({ method, path }) => `${method} ${path}`);

  test("to Tailscale is the token and nothing else", async () => {
    await using setup = await setUp("tailscale");
    expect(paths(setup)).toEqual(["POST /api/v2/oauth/token"]);
    expect(setup.control.capabilities).toMatchObject({
      provider: "tailscale",
      policy: { validate: "server", preview: true, etag: true, keepsComments: true, autoApproveIsRetroactive: false },
      keys: { maxLifetimeSeconds: 7_776_000, description: true, revokeIsSoft: false },
      devices: { list: true, change: true, approve: true },
    });
  });

  test("to Tailscale with an API key is no request at all", async () => {
    await using setup = await setUp("tailscale", { credential: apiKeyOf(apiKey) });
    expect(paths(setup)).toEqual([]);
  });

  test("to Headscale 0.30 with an OAuth client: it says what it can, then the token", async () => {
    await using setup = await setUp("headscale");
    expect(paths(setup)).toEqual(["GET /api/v2/openapi.json", "POST /api/v2/oauth/token"]);
    expect(setup.server.calls[0]?.headers.authorization).toBeUndefined();
    expect(setup.control.capabilities).toMatchObject({
      provider: "headscale-v2",
      serverVersion: "v0.30.0",
      policy: { validate: "none", preview: false, etag: true, keepsComments: false, autoApproveIsRetroactive: true },
      keys: { maxLifetimeSeconds: null, description: true, revokeIsSoft: true },
    });
  });

  test.each(["v0.30.0", "v0.31.2", "v1.0.0"])(
    "to Headscale %s with an API key: by its version, checked by /api/v1",
    async (version) => {
      await using setup = await setUp("headscale", { credential: apiKeyOf(apiKey), version });
      expect(paths(setup)).toEqual(["GET /version"]);
      expect(setup.control.capabilities).toMatchObject({
        provider: "headscale-v2",
        serverVersion: version,
        policy: { validate: "server" },
      });
    },
  );

  test("a build without a version number says by its OpenAPI document what it is", async () => {
    await using setup = await setUp("headscale", { credential: apiKeyOf(apiKey), version: "dev" });
    expect(paths(setup)).toEqual(["GET /version", "GET /api/v2/openapi.json"]);
    expect(setup.control.capabilities).toMatchObject({ provider: "headscale-v2", serverVersion: "dev" });
  });

  test("endpoints that a later version has are used", async () => {
    const document = {
      openapi: "3.1.0",
      info: { version: "v0.32.0" },
      paths: { "/tailnet/{t}/acl": {}, "/tailnet/{t}/acl/validate": {}, "/tailnet/{t}/acl/preview": {} },
    };
    await using setup = await setUp("headscale", {
      onCall: ({ path }) =>
        path.endsWith("openapi.json") ? { status: 200, body: JSON.stringify(document) } : undefined,
    });
    expect(setup.control.capabilities.policy).toMatchObject({ validate: "server", preview: true });
  });

  test("an OAuth client on 0.29: it takes API keys only", async () => {
    await using server = await startHeadscale({ apiKey });
    await using http = createHttp({ userAgent: "test" });
    const error = await failure(connectTo(server.url, http, oauthOf("x", client.secret), { kind: "headscale" }));
    expect(error).toMatchObject({ code: "MESH_CREDENTIAL_UNFIT", kind: "config" });
    expect(error.hint).toContain("api-key");
    expect(server.calls.some(({ body }) => body.includes("fake"))).toBe(false);
  });

  test("another site is no control server, and gets no secret", async () => {
    const page = { status: 200, body: "<html></html>", type: "text/html" };
    const seen: string[] = [];
    const error = await failure(
      setUp("headscale", {
        onCall: ({ body }) => {
          seen.push(body);
          return page;
        },
      }),
    );
    expect(error.code).toBe("MESH_CONTROL_UNKNOWN");
    expect(seen).toEqual([""]);
  });

  test("the tailnet is named in the path; on Headscale there is one", async () => {
    await using named = await setUp("tailscale", { connect: { tailnet: "example.com" } });
    await named.control.getPolicy();
    expect(named.server.calls.at(-1)?.path).toBe("/api/v2/tailnet/example.com/acl");
    await using strange = await setUp("tailscale", { connect: { tailnet: "other/../x" } });
    expect((await failure(strange.control.getPolicy())).code).toBe("MESH_CONTROL_NOT_FOUND");
    expect(strange.server.calls.at(-1)?.path).toBe("/api/v2/tailnet/other%2F..%2Fx/acl");
    await using headscale = await setUp("headscale", { connect: { tailnet: "example.com" } });
    await headscale.control.getPolicy();
    expect(headscale.server.calls.at(-1)?.path).toBe("/api/v2/tailnet/-/acl");
  });
});

describe("what a run asks when nothing is to change", () => {
  test.each<[string, Flavor, Credential, number, number]>([
    ["Tailscale, OAuth client", "tailscale", oauthOf(client.id, client.secret), 3, 1],
    ["Tailscale, API key", "tailscale", apiKeyOf(apiKey), 3, 0],
    ["Headscale 0.30, OAuth client", "headscale", oauthOf(client.id, client.secret), 4, 1],
    ["Headscale 0.30, API key", "headscale", apiKeyOf(apiKey), 4, 0],
  ])("%s: at most four calls, the token aside", async (_, flavor, credential, calls, tokens) => {
    await using setup = await setUp(flavor, { credential });
    const { control } = setup;
    await Promise.all([control.getPolicy(), visibleDevices(control), control.listKeys()]);
    const isToken = ({ path }: { readonly path: string }): boolean => path.includes("/oauth/");
    expect(setup.server.calls.filter((call) => !isToken(call))).toHaveLength(calls);
    expect(calls).toBeLessThanOrEqual(4);
    expect(setup.server.calls.filter(isToken)).toHaveLength(tokens);
  });
});

describe("the policy", () => {
  const changed = policy.replace(`"tag:other": []`, `"tag:other": ["tag:ci"]`);

  test("comes as HuJSON with a version that is never computed, and is written on condition of it", async () => {
    await using setup = await setUp("tailscale");
    const before = await setup.control.getPolicy();
    expect(before).toMatchObject({
      text: policy,
      isDefault: false,
      version: expect.stringMatching(/^"[0-9a-f]{64}"$/),
    });
    expect(setup.server.calls.at(-1)?.headers.accept).toBe("application/hujson");
    const write = await setup.control.setPolicy(changed, before.version);
    expect(write).toMatchObject({ kind: "written", stored: { text: changed } });
    const sent = setup.server.calls.at(-1);
    expect(sent).toMatchObject({
      method: "POST",
      body: changed,
      headers: { "if-match": before.version, "content-type": "application/hujson" },
    });
    expect(await setup.control.setPolicy(policy, before.version)).toEqual({ kind: "conflict" });
    expect(setup.server.state.policyText).toBe(changed);
  });

  test.each([
    ["a proxy made it weak", (tag: string) => `W/${tag}`],
    ["it has no quotes", (tag: string) => tag.replaceAll('"', "")],
  ])("a version is one although %s", async (_, change) => {
    const seen: (string | undefined)[] = [];
    await using setup = await setUp("tailscale");
    const { version } = await setup.control.getPolicy();
    await using altered = await setUp("tailscale", {
      onCall: ({ method, path, headers }) => {
        if (method === "POST" && path.endsWith("/acl")) seen.push(headers["if-match"]);
        return method === "GET" ? { status: 200, body: policy, headers: { etag: change(version) } } : undefined;
      },
    });
    const found = await altered.control.getPolicy();
    expect(found.version).toBe(version);
    expect((await altered.control.setPolicy(changed, found.version)).kind).toBe("written");
    expect(seen).toEqual([version]);
  });

  test("without any version it is read again right before it is written", async () => {
    let text = policy;
    await using setup = await setUp("tailscale", {
      onCall: ({ method }) => (method === "GET" ? { status: 200, body: text } : undefined),
    });
    const { version } = await setup.control.getPolicy();
    text = changed;
    expect(await setup.control.setPolicy(policy, version)).toEqual({ kind: "conflict" });
    text = policy;
    expect((await setup.control.setPolicy(changed, version)).kind).toBe("written");
    expect(setup.server.calls.at(-1)?.headers["if-match"]).toBeUndefined();
  });

  test("the default that a server comes with is known as such", async () => {
    for (const flavor of ["tailscale", "headscale"] as const) {
      const server = await startV2({ flavor, apiKeys: [apiKey] });
      const http = createHttp({ userAgent: "test" });
      const control = await connectTo(server.url, http, apiKeyOf(apiKey), { kind: flavor });
      expect(await control.getPolicy()).toMatchObject({ isDefault: true, text: expect.stringContaining("*") });
      await http[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    }
  });

  test("Headscale blanks comments: the value stays, and the version is that of what it stored", async () => {
    await using setup = await setUp("headscale");
    const { version } = await setup.control.getPolicy();
    const write = await setup.control.setPolicy(changed, version);
    if (write.kind !== "written") expect.fail(write.kind);
    expect(write.stored.text).not.toContain("// whose");
    expect(write.stored.text).toContain("// through another");
    expect(write.stored.text).toHaveLength(changed.length);
    expect(await setup.control.getPolicy()).toEqual(write.stored);
    expect((await setup.control.setPolicy(policy, write.stored.version)).kind).toBe("written");
  });

  test("a policy that Headscale takes from a file", async () => {
    await using setup = await setUp("headscale", { policyMode: "file" });
    const { version } = await setup.control.getPolicy();
    expect(await failure(setup.control.setPolicy(changed, version))).toMatchObject({ code: "MESH_POLICY_READ_ONLY" });
  });

  const failing = policy.replace(`"grants"`, `"tests": [{"src": "10.42.0.1", "accept": ["10.9.9.9:80"]}],\n"grants"`);

  test("failed tests are told by both, each with who and what", async () => {
    await using setup = await setUp("tailscale");
    const { version } = await setup.control.getPolicy();
    const text = `10.42.0.1: address "10.9.9.9:80": want: Accept, got: Drop`;
    expect(await setup.control.checkPolicy(failing)).toEqual({
      kind: "failed",
      findings: [{ severity: "error", text }],
    });
    expect(await setup.control.setPolicy(failing, version)).toMatchObject({ kind: "rejected", findings: [{ text }] });
  });

  test("a write that says no more than that tests failed: the check says which", async () => {
    await using setup = await setUp("tailscale", {
      onCall: ({ method, path }) =>
        method === "POST" && path.endsWith("/acl") ? { status: 400, body: `{"message":"test(s) failed"}` } : undefined,
    });
    const write = await setup.control.setPolicy(failing, '"x"');
    expect(write).toMatchObject({ kind: "rejected", findings: [{ text: expect.stringContaining("10.9.9.9:80") }] });
  });

  test.each<[string, string, unknown]>([
    ["nothing", "", { kind: "passed" }],
    ["an empty object", "{}", { kind: "passed" }],
    [
      "warnings alone",
      `{"message":"warning(s) found","data":[{"user":"group:a","warnings":["is not syncing"]}]}`,
      { kind: "passed", warnings: [{ severity: "warning", text: "group:a: is not syncing" }] },
    ],
    [
      "an error beside a warning",
      `{"message":"x","data":[{"user":"a","warnings":["w"]},{"user":"b","errors":["e"]}]}`,
      { kind: "failed", findings: [{ severity: "error", text: "b: e" }] },
    ],
    [
      "a bare message",
      `{"message":"test(s) failed"}`,
      { kind: "failed", findings: [{ severity: "error", text: "test(s) failed" }] },
    ],
  ])("a check that is answered 200 with %s", async (_, body, expected) => {
    await using setup = await setUp("tailscale", {
      onCall: ({ path }) => (path.endsWith("/validate") ? { status: 200, body } : undefined),
    });
    expect(await setup.control.checkPolicy(policy)).toEqual(expected);
  });
});

describe("keys", () => {
  test("say whose they are by their id, which the list has too", async () => {
    await using setup = await setUp("tailscale");
    const { key, secret } = await setup.control.mintKey(keyFor("tag:homelab"));
    expect(key).toMatchObject({ description: "tailmesh homelab-1 run 1", prefix: `tskey-auth-${key.id}-` });
    expect(secret.reveal().startsWith(key.prefix ?? "?")).toBe(true);
    expect(await setup.control.listKeys()).toEqual([key]);
    expect(setup.server.calls.at(-1)?.path).toBe("/api/v2/tailnet/-/keys?all=true");
  });

  test("a description is cut to what servers take", async () => {
    await using setup = await setUp("tailscale");
    const description = `tailmesh_häuslein/1 ${"x".repeat(80)}`;
    const { key } = await setup.control.mintKey({ ...keyFor("tag:homelab"), description });
    expect(key.description).toMatch(/^[A-Za-z0-9 -]{50}$/);
  });

  test("Headscale keeps revoked ones in the list, marked; used and expired ones are told apart", async () => {
    let now = Date.parse("2026-11-25T00:00:00Z");
    await using setup = await setUp("headscale", { now: () => new Date(now) });
    const { control, server } = setup;
    const made = await Promise.all([1, 2, 3].map(() => control.mintKey(keyFor("tag:homelab"))));
    const [revoked, used] = made;
    expect(await control.revokeKey(revoked?.key.id ?? "")).toBe("revoked");
    expect(await control.revokeKey(revoked?.key.id ?? "")).toBe("already-gone");
    const authKey = used?.secret.reveal() ?? "";
    server.state.register({ authKey, hostname: "n", machineKey: "m", nodeKey: "nodekey:1" });
    expect((await control.listKeys()).map(({ state }) => state)).toEqual(["revoked", "used", "usable"]);
    now += 3600_000;
    expect((await control.listKeys()).map(({ state }) => state)).toEqual(["revoked", "expired", "expired"]);
  });

  test("an answer that was lost is not asked for again", async () => {
    await using setup = await setUp("tailscale", {
      onCall: ({ method, path }) => (method === "POST" && path.endsWith("/keys") ? "half" : undefined),
    });
    expect((await failure(setup.control.mintKey(keyFor("tag:homelab")))).code).toBe("MESH_CONTROL_DOWN");
    expect(setup.server.state.keys).toHaveLength(1);
    const [left] = await setup.control.listKeys();
    expect(left).toMatchObject({ state: "usable", description: "tailmesh homelab-1 run 1" });
  });

  describe("the tags that a credential may give (Tailscale)", () => {
    test.each<[string, readonly string[], [Tag, ...Tag[]], "given" | "refused"]>([
      ["owned by its tag", ["tag:ci"], ["tag:homelab"], "given"],
      ["two that its tag owns", ["tag:ci"], ["tag:homelab", "tag:oracle"], "given"],
      ["owned through another", ["tag:ci"], ["tag:below"], "given"],
      ["exactly its own", ["tag:ci"], ["tag:ci"], "given"],
      ["exactly all of its own", ["tag:homelab", "tag:oracle"], ["tag:oracle", "tag:homelab"], "given"],
      ["a part of its own", ["tag:homelab", "tag:oracle"], ["tag:oracle"], "refused"],
      ["its own beside an owned one", ["tag:ci"], ["tag:ci", "tag:homelab"], "refused"],
      ["of nobody's", ["tag:ci"], ["tag:other"], "refused"],
      ["not in the policy", ["tag:ci"], ["tag:nowhere"], "refused"],
    ])("%s", async (_, held, wanted, answer) => {
      await using setup = await setUp("tailscale", { tags: held });
      const minting = setup.control.mintKey(keyFor(...wanted));
      if (answer === "given") return expect((await minting).key.tags).toEqual(wanted);
      const error = await failure(minting);
      expect(error).toMatchObject({ code: "MESH_CREDENTIAL_TAGS", kind: "denied" });
      expect(error.message).toContain(`it holds ${held.join(", ")}`);
      expect(error.hint).toMatch(
        held.length > 1 ? /Trust credentials.*tag:ci be its only tag/ : /Apply the policy first/,
      );
    });

    test("with the two write scopes alone, the credential's tags are known all the same", async () => {
      await using setup = await setUp("tailscale", { scopes: ["auth_keys", "policy_file"], tags: ["tag:a", "tag:b"] });
      expect((await failure(setup.control.mintKey(keyFor("tag:homelab")))).message).toContain("it holds tag:a, tag:b");
    });
  });

  test.each<[string, [Tag, ...Tag[]], readonly string[]]>([
    ["not in the policy", ["tag:nowhere"], ["tag:ci"]],
    ["neither held nor owned", ["tag:other"], ["tag:ci"]],
  ])("a tag that is %s (Headscale)", async (_, wanted, tags) => {
    await using setup = await setUp("headscale", { tags });
    expect((await failure(setup.control.mintKey(keyFor(...wanted)))).code).toBe("MESH_CREDENTIAL_TAGS");
  });
});

describe("missing scopes", () => {
  const operations: readonly (readonly [scope: string, run: (control: Control) => Promise<unknown>])[] = [
    ["policy_file:read", (c) => c.getPolicy()],
    ["policy_file", (c) => c.setPolicy(policy, '"x"')],
    ["auth_keys", (c) => c.mintKey(keyFor("tag:homelab"))],
    ["auth_keys", (c) => c.revokeKey("1")],
    ["devices:core:read", (c) => c.listDevices()],
    ["devices:core", (c) => c.deleteDevice("1")],
    ["devices:core", (c) => c.setDeviceTags("1", ["tag:homelab"])],
    ["devices:routes", (c) => c.setEnabledRoutes("1", [])],
  ];

  for (const flavor of ["tailscale", "headscale"] as const) {
    for (const quiet of [false, true]) {
      test(`${flavor}: each is named, also where the token does not say its scopes (${quiet})`, async () => {
        await using setup = await setUp(flavor, { scopes: ["dns"], keepsScopesQuiet: quiet });
        for (const [scope, run] of operations) {
          const error = await failure(run(setup.control));
          expect(error).toMatchObject({ code: "MESH_CREDENTIAL_DENIED", kind: "denied" });
          expect(error.message).toContain(`the scope \`${scope}\` (in Tailscale's console`);
          expect(error.hint).toContain(`\`${scope}\``);
        }
      });
    }
  }

  test("a refusal that no scope explains names none", async () => {
    await using setup = await setUp("tailscale", {
      onCall: ({ path }) => (path.endsWith("/acl") ? { status: 403, body: "{}" } : undefined),
    });
    expect((await failure(setup.control.getPolicy())).message).not.toContain("scope");
  });

  test("with the two write scopes devices are known to be out of sight, without asking", async () => {
    for (const flavor of ["tailscale", "headscale"] as const) {
      await using setup = await setUp(flavor, { scopes: ["policy_file", "auth_keys"] });
      const before = setup.server.calls.length;
      expect(setup.control.capabilities.devices).toEqual({ list: false, change: false, approve: false });
      expect(await visibleDevices(setup.control)).toBeNull();
      expect(setup.server.calls).toHaveLength(before);
    }
  });

  test("where a token does not say its scopes, the answer does", async () => {
    await using setup = await setUp("tailscale", { scopes: ["policy_file", "auth_keys"], keepsScopesQuiet: true });
    expect(setup.control.capabilities.devices.list).toBe(true);
    expect(await visibleDevices(setup.control)).toBeNull();
  });

  test("what is no lack of rights is not taken for one", async () => {
    await using setup = await setUp("tailscale", {
      onCall: ({ path }) => (path.includes("/devices") ? { status: 500, body: "{}" } : undefined),
    });
    expect((await failure(visibleDevices(setup.control))).code).toBe("MESH_CONTROL_FAILED");
  });
});

describe("devices", () => {
  async function joined(flavor: Flavor): Promise<Setup & { readonly id: string }> {
    const setup = await setUp(flavor);
    const { secret } = await setup.control.mintKey(keyFor("tag:homelab"));
    const { state } = setup.server;
    const node = state.register({
      authKey: secret.reveal(),
      hostname: "homelab-1",
      machineKey: "m",
      nodeKey: "nodekey:1",
    });
    state.advertise(node, ["10.42.0.0/16", "10.43.0.0/16"]);
    const [device] = await setup.control.listDevices();
    return { ...setup, id: device?.id ?? "", [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose]() };
  }

  test.each(["tailscale", "headscale"] as const)("%s: the same device, whatever the wire has", async (flavor) => {
    await using setup = await joined(flavor);
    const expected = {
      hostname: "homelab-1",
      label: "homelab-1",
      tags: ["tag:homelab"],
      online: true,
      keyExpires: null,
      advertisedRoutes: ["10.42.0.0/16", "10.43.0.0/16"],
      enabledRoutes: ["10.42.0.0/16"],
      servingRoutes: null,
      nodeKey: "nodekey:1",
    };
    expect(await setup.control.listDevices()).toMatchObject([expected]);
    expect(setup.id).toBe(flavor === "tailscale" ? "n1CNTRL" : "1");
    const [node] = setup.server.state.nodes;
    if (node) setup.server.state.setOnline(node, false);
    expect(await setup.control.listDevices()).toMatchObject([{ ...expected, online: false }]);
  });

  test.each(["tailscale", "headscale"] as const)(
    "%s: routes are replaced, canonical, and an empty list clears them",
    async (flavor) => {
      await using setup = await joined(flavor);
      await setup.control.setEnabledRoutes(setup.id, ["10.43.7.9/16", "fd00::/64"]);
      expect(setup.server.calls.at(-1)?.body).toBe(`{"routes":["10.43.0.0/16","fd00::/64"]}`);
      expect((await setup.control.listDevices())[0]?.enabledRoutes).toEqual(["10.43.0.0/16", "fd00::/64"]);
      await setup.control.setEnabledRoutes(setup.id, []);
      expect((await setup.control.listDevices())[0]?.enabledRoutes).toEqual([]);
    },
  );

  test.each(["tailscale", "headscale"] as const)(
    "%s: tags are replaced, and a tag that may not be given is explained",
    async (flavor) => {
      await using setup = await joined(flavor);
      await setup.control.setDeviceTags(setup.id, ["tag:oracle"]);
      expect((await setup.control.listDevices())[0]?.tags).toEqual(["tag:oracle"]);
      expect((await failure(setup.control.setDeviceTags(setup.id, ["tag:other"]))).code).toBe("MESH_CREDENTIAL_TAGS");
      expect(await setup.control.deleteDevice(setup.id)).toBe("deleted");
      expect(await setup.control.deleteDevice(setup.id)).toBe("already-gone");
    },
  );

  test("a list that goes on elsewhere on the server is read to its end; on another server it is not", async () => {
    const page = (id: string, next: string) => ({
      status: 200,
      body: JSON.stringify({ devices: [{ nodeId: id, hostname: id }] }),
      headers: next === "" ? undefined : { link: `<${next}>; rel="next"` },
    });
    await using setup = await setUp("tailscale", {
      onCall: ({ path }) => {
        if (!path.includes("/devices")) return undefined;
        const { headers, ...last } = path.includes("page=3")
          ? page("c", "https://elsewhere.example/api/v2/devices?page=4")
          : path.includes("page=2")
            ? page("b", "?fields=all&page=3")
            : page("a", "/api/v2/tailnet/-/devices?fields=all&page=2");
        return { ...last, ...(headers ? { headers } : {}) };
      },
    });
    expect((await setup.control.listDevices()).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  test("a list without end is given up on", async () => {
    await using setup = await setUp("tailscale", {
      onCall: ({ path }) =>
        path.includes("/devices")
          ? { status: 200, body: "{}", headers: { link: `</x/devices>; rel="next"` } }
          : undefined,
    });
    expect((await failure(setup.control.listDevices())).code).toBe("MESH_CONTROL_ANSWER");
  });
});

describe("credentials that expire", () => {
  const made = new Date("2026-11-01T00:00:00Z");
  const ends = new Date("2027-01-30T00:00:00Z");
  const tokens = [
    { id: "kApi1CNTRL", name: "production", created: made, expires: ends },
    { id: "kApi2CNTRL", name: "", created: made, expires: ends },
    { id: "kApi3CNTRL", name: "of a run", created: made, expires: new Date("2026-11-01T01:00:00Z") },
    { id: "kApi4CNTRL", name: "of a client", created: made, expires: ends, user: "" },
  ];

  test("Tailscale: people's API tokens in one request; not those that a run gets for an hour, and no auth key", async () => {
    await using setup = await setUp("tailscale", { credential: apiKeyOf(apiKey) });
    setup.server.state.apiKeys.push(...tokens);
    await setup.control.mintKey(keyFor("tag:ci"));
    const before = setup.server.calls.length;
    expect(await setup.control.listExpiring()).toEqual([
      { kind: "api-token", id: "kApi1CNTRL", name: "production", expires: ends },
      { kind: "api-token", id: "kApi2CNTRL", name: "kApi2CNTRL", expires: ends },
    ]);
    expect(setup.server.calls.slice(before).map(({ path }) => path)).toEqual(["/api/v2/tailnet/-/keys?all=true"]);
  });

  test("a token that may see them, by its scopes or because it does not say", async () => {
    for (const more of [
      { scopes: [...all, "api_access_tokens:read"] },
      { scopes: ["all:read"], keepsScopesQuiet: true },
    ]) {
      await using setup = await setUp("tailscale", more);
      setup.server.state.apiKeys.push(...tokens);
      expect(await setup.control.listExpiring()).toHaveLength(2);
    }
  });

  test("one that may not is told so without a request, since the list would only be shorter", async () => {
    for (const [flavor, scopes] of [
      ["tailscale", all],
      ["headscale", ["all"]],
    ] as const) {
      await using setup = await setUp(flavor, { scopes });
      const before = setup.server.calls.length;
      expect(await setup.control.listExpiring()).toBeNull();
      expect(setup.server.calls).toHaveLength(before);
    }
    await using quiet = await setUp("tailscale", { scopes: ["policy_file"], keepsScopesQuiet: true });
    expect(await quiet.control.listExpiring()).toBeNull();
  });

  test("Headscale 0.30 lists them by its v1 API, for an API key", async () => {
    await using setup = await setUp("headscale", { credential: apiKeyOf(apiKey) });
    setup.server.state.apiKeys.push({ id: "1", name: "hskey-api-fake00000000", created: made, expires: ends });
    expect(await setup.control.listExpiring()).toEqual([
      { kind: "api-token", id: "1", name: "hskey-api-fake00000000", expires: ends },
    ]);
    await using old = await setUp("headscale", {
      credential: apiKeyOf(apiKey),
      onCall: ({ path }) =>
        path === "/api/v1/apikey" ? { status: 404, body: "404 page not found", type: "text/plain" } : undefined,
    });
    expect(await old.control.listExpiring()).toBeNull();
  });

  test("a failure of the server is none of rights", async () => {
    await using setup = await setUp("tailscale", {
      credential: apiKeyOf(apiKey),
      onCall: ({ path }) => (path.includes("/keys") ? { status: 500, body: "{}" } : undefined),
    });
    expect((await failure(setup.control.listExpiring())).code).toBe("MESH_CONTROL_FAILED");
  });
});
