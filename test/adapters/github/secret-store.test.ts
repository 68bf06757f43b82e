/** The store on a GitHub environment, against a server that opens the boxes and refuses what GitHub refuses. */
import { describe, expect, test } from "vitest";
import { createGitHubStore } from "../../../src/adapters/github/secret-store.ts";
import { createHttp } from "../../../src/adapters/http/http.ts";
import { MeshError } from "../../../src/mesh/error.ts";
import { Secret } from "../../../src/mesh/secret.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { KeyRecord, SecretStore } from "../../../src/ports/secret-store.ts";
import {
  type FakeToken,
  type GitHubCall,
  type GitHubOptions,
  type GitHubServer,
  startGitHub,
  storePermissions,
} from "../../support/github-server.ts";
import type { FakeEnvironment } from "../../support/github-state.ts";

/** As long as App tokens have become. */
const appToken = `ghs_${"fake0".repeat(103)}_`;
const environment = "mesh net/prod";
const place = "TS_AUTHKEY";
const key = (id: string) => new Secret(`tskey-auth-${id}-fakefakefake`);

function record(keyId: string, more: Partial<KeyRecord> = {}): KeyRecord {
  return {
    keyId,
    name: "nas",
    tags: ["tag:nas", "tag:backup"],
    created: new Date("2026-11-27T12:00:00.000Z"),
    expires: new Date("2027-02-25T12:00:00.000Z"),
    previousKeyId: null,
    mintedByRun: "run 4711",
    ...more,
  };
}

interface Setup extends AsyncDisposable {
  readonly server: GitHubServer;
  readonly store: SecretStore;
  readonly env: FakeEnvironment;
  /** Milliseconds that were waited. */
  readonly slept: number[];
  /** Another run, with its own connection. */
  another(token?: string): SecretStore;
}

interface SetupOptions extends Partial<GitHubOptions> {
  readonly token?: string;
  readonly environment?: string;
}

/** GitHub's clock, which only tests move. */
let time = new Date("2026-11-27T12:00:00Z");
const tick = (seconds: number): void => {
  time = new Date(time.getTime() + seconds * 1000);
};

async function setUp({
  token = appToken,
  environment: name = environment,
  ...more
}: SetupOptions = {}): Promise<Setup> {
  time = new Date("2026-11-27T12:00:00Z");
  const slept: number[] = [];
  const clock: Clock = {
    now: () => time,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      tick(milliseconds / 1000);
    },
  };
  const server = await startGitHub({
    repository: "acme/net",
    environments: [environment, "other"],
    tokens: [{ token: appToken, kind: "app", permissions: storePermissions }],
    now: () => time,
    ...more,
  });
  const clients = [createHttp({ userAgent: "tailmesh/test", clock })];
  const open = (http: (typeof clients)[number], text: string): SecretStore =>
    createGitHubStore({
      name: "gh",
      environment: name,
      repository: "acme/net",
      url: `${server.url}/`,
      token: new Secret(text),
      http: async () => http,
      clock,
    });
  const [first] = clients;
  if (first === undefined) throw new Error("no client");
  return {
    server,
    slept,
    store: open(first, token),
    env: server.state.environment(environment),
    another: (text = token) => {
      const http = createHttp({ userAgent: "tailmesh/test", clock });
      clients.push(http);
      return open(http, text);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((http) => http[Symbol.asyncDispose]()));
      await server[Symbol.asyncDispose]();
    },
  };
}

async function failure(work: Promise<unknown>): Promise<MeshError> {
  const error: unknown = await work.then(
    () => expect.fail("it succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MeshError)) throw error;
  expect(`${error.message} ${error.hint} ${JSON.stringify(error.where)}`).not.toMatch(/ghs_fake|fakefake/);
  return error;
}

async function put(store: SecretStore, id: string, more: Partial<KeyRecord> = {}): Promise<void> {
  const { version } = await store.read(place);
  expect(await store.write(place, key(id), record(id, more), version)).toMatchObject({ kind: "stored" });
}

const lines = (calls: readonly GitHubCall[]): readonly string[] =>
  calls.map(({ method, path }) => `${method} ${path.replace(/^.*\/environments\/[^/]+/, "")}`);

describe("a key that is stored", () => {
  test("is in the environment's secret, with what is known of it in the variable", async () => {
    await using setup = await setUp();
    expect(await setup.store.read(place)).toMatchObject({
      kind: "absent",
      record: null,
      secret: null,
      isConsistent: true,
    });
    await put(setup.store, "k1");
    expect(setup.env.secrets.get(place)?.value).toBe(key("k1").reveal());
    expect(JSON.parse(setup.env.variables.get("TS_AUTHKEY_META")?.value ?? "")).toEqual({
      tailmesh: 1,
      key_id: "k1",
      name: "nas",
      tags: ["tag:nas", "tag:backup"],
      created: "2026-11-27T12:00:00.000Z",
      expires: "2027-02-25T12:00:00.000Z",
      previous_key_id: null,
      minted_by_run: "run 4711",
    });
    expect(await setup.store.read(place)).toMatchObject({
      kind: "present",
      record: record("k1"),
      secret: null,
      isConsistent: true,
    });
    expect(setup.server.state.environment("other").secrets.size).toBe(0);
  });

  test("comes after a note of what is about to be written, and the environment's name is encoded", async () => {
    await using setup = await setUp();
    await put(setup.store, "k1");
    const writes = setup.server.calls.filter(({ method }) => method !== "GET");
    expect(lines(writes)).toEqual(["POST /variables", "PUT /secrets/TS_AUTHKEY", "PATCH /variables/TS_AUTHKEY_META"]);
    expect(writes[0]?.path).toBe("/repos/acme/net/environments/mesh%20net%2Fprod/variables");
    expect(setup.store.wire.write).toContain("/repos/acme/net/environments/mesh%20net%2Fprod/secrets/PLACE");
  });

  test("is replaced under the version that was read, and under no other", async () => {
    await using setup = await setUp();
    const first = await setup.store.read(place);
    const stored = await setup.store.write(place, key("k1"), record("k1"), first.version);
    if (stored.kind !== "stored") expect.fail(stored.kind);
    expect((await setup.store.read(place)).version).toBe(stored.version);
    const before = setup.server.calls.length;
    expect(await setup.another().write(place, key("k2"), record("k2"), first.version)).toEqual({ kind: "conflict" });
    expect(lines(setup.server.calls.slice(before)).every((line) => line.startsWith("GET "))).toBe(true);
    tick(60);
    const next = await setup.store.write(place, key("k3"), record("k3", { previousKeyId: "k1" }), stored.version);
    expect(next.kind).toBe("stored");
    expect((await setup.another().read(place)).record?.previousKeyId).toBe("k1");
  });

  test("leaves no secret in any path, and the token only in its header", async () => {
    await using setup = await setUp();
    await put(setup.store, "k1");
    const { calls } = setup.server;
    expect(JSON.stringify(calls.map(({ path, body }) => [path, body]))).not.toMatch(/fakefake|ghs_/);
    expect(calls.every(({ headers }) => headers.authorization === `Bearer ${appToken}`)).toBe(true);
    expect(calls.every(({ headers }) => headers["x-github-api-version"] === "2022-11-28")).toBe(true);
  });
});

describe("what is in a place", () => {
  test("a secret that somebody else made is foreign, and so is a variable; neither is written over", async () => {
    await using setup = await setUp();
    const now = time;
    setup.env.secrets.set(place, { value: "mine", created: now, updated: now });
    const byHand = await setup.store.read(place);
    expect(byHand).toMatchObject({ kind: "foreign", record: null });
    expect((await failure(setup.store.write(place, key("k1"), record("k1"), byHand.version))).code).toBe(
      "MESH_GITHUB_FOREIGN",
    );
    setup.env.secrets.clear();
    for (const value of ["", "hello", "{}", "[]", '{"tailmesh":2,"key_id":"k"}', '{"tailmesh":1,"key_id":"k"}']) {
      setup.env.variables.set("TS_AUTHKEY_META", { value, created: now, updated: now });
      expect((await setup.store.read(place)).kind, value).toBe("foreign");
    }
    expect(setup.env.secrets.size).toBe(0);
  });

  test("a secret that was removed is absent, whatever the variable says", async () => {
    await using setup = await setUp();
    await put(setup.store, "k1");
    setup.env.secrets.clear();
    expect(await setup.store.read(place)).toMatchObject({ kind: "absent", record: null, isConsistent: true });
    await put(setup.store, "k2");
    expect((await setup.store.read(place)).record?.keyId).toBe("k2");
  });

  test("a secret that was set by hand after our write is known to be of unknown content", async () => {
    await using setup = await setUp();
    await put(setup.store, "k1");
    tick(3600);
    setup.env.secrets.set(place, { value: "by hand", created: time, updated: time });
    expect(await setup.store.read(place)).toMatchObject({ kind: "present", isConsistent: false });
    await put(setup.store, "k2");
    expect(await setup.store.read(place)).toMatchObject({ record: { keyId: "k2" }, isConsistent: true });
  });
});

describe("a run that is stopped", () => {
  /** The requests of a write over `first`, so that none is forgotten. */
  async function requestsOf(first: boolean): Promise<number> {
    await using setup = await setUp();
    if (!first) await put(setup.store, "k1");
    const before = setup.server.calls.length;
    await put(setup.store, "k2", { previousKeyId: first ? null : "k1" });
    return setup.server.calls.length - before;
  }

  test.each([
    ["at the first key", true],
    ["at a later one", false],
  ])("%s, before and after every request: the next one knows, and ends whole", async (_, isFirst) => {
    const count = await requestsOf(isFirst);
    expect(count).toBe(2 + 11);
    for (let at = 1; at <= count; at++) {
      for (const side of ["before", "after"] as const) {
        let left = Number.POSITIVE_INFINITY;
        await using setup = await setUp({
          onCall: () => (left <= 0 || (side === "before" && left === 1) ? "drop" : undefined),
          onServed: () => (--left <= 0 ? "drop" : undefined),
        });
        if (!isFirst) await put(setup.store, "k1");
        tick(30 * 86_400);
        left = at;
        await put(setup.another(), "k2", { previousKeyId: isFirst ? null : "k1" }).catch(() => undefined);
        left = Number.POSITIVE_INFINITY;
        const reading = await setup.another().read(place);
        const held = setup.env.secrets.get(place)?.value;
        const point = `${side} request ${at}`;
        if (reading.isConsistent) {
          const named = reading.record === null ? undefined : key(reading.record.keyId).reveal();
          expect(held, point).toBe(named);
        } else expect(reading.kind, point).toBe("present");
        await put(setup.another(), "k3");
        expect(await setup.store.read(place), point).toMatchObject({ record: { keyId: "k3" }, isConsistent: true });
        expect(setup.env.secrets.get(place)?.value, point).toBe(key("k3").reveal());
      }
    }
  });

  test("a reply that is lost once costs nothing: the same is sent again", async () => {
    for (let lost = 1; lost <= 13; lost++) {
      let served = 0;
      await using setup = await setUp({ onServed: () => (++served === lost ? "drop" : undefined) });
      await put(setup.store, "k1");
      expect(setup.env.secrets.get(place)?.value, `reply ${lost}`).toBe(key("k1").reveal());
      expect(await setup.store.read(place)).toMatchObject({ record: { keyId: "k1" }, isConsistent: true });
    }
  });
});

describe("two runs at once", () => {
  test("wherever they meet: what is called consistent is true, and the loser says so", async () => {
    const outcomes = new Set<string>();
    for (let at = 1; at <= 11; at++) {
      let left = Number.POSITIVE_INFINITY;
      const ended: string[] = [];
      await using setup: Setup = await setUp({
        onCall: async () => {
          if (--left !== 0) return undefined;
          left = Number.POSITIVE_INFINITY;
          tick(2);
          await put(setup.another(), "other", { previousKeyId: "k1" }).then(
            () => ended.push("other stored"),
            (error: unknown) => ended.push(error instanceof MeshError ? error.code : "?"),
          );
          return undefined;
        },
      });
      await put(setup.store, "k1");
      const { version } = await setup.store.read(place);
      tick(30 * 86_400);
      left = at;
      const outcome = await setup.store
        .write(place, key("mine"), record("mine", { previousKeyId: "k1" }), version)
        .then(
          ({ kind }) => kind,
          (error: unknown) => (error instanceof MeshError ? error.code : "?"),
        );
      outcomes.add(outcome);
      const reading = await setup.another().read(place);
      const held = setup.env.secrets.get(place)?.value;
      const point = `at request ${at}: ${outcome}, ${ended.join()}`;
      expect(["stored", "conflict", "MESH_GITHUB_RACE"], point).toContain(outcome);
      if (reading.isConsistent) expect(held, point).toBe(key(reading.record?.keyId ?? "").reveal());
      // Nothing is written by a conflict.
      if (outcome === "conflict") expect(held, point).toBe(key("other").reveal());
      await put(setup.another(), "k9");
      expect(await setup.store.read(place), point).toMatchObject({ record: { keyId: "k9" }, isConsistent: true });
    }
    expect([...outcomes].sort()).toEqual(["MESH_GITHUB_RACE", "conflict", "stored"]);
  });
});

describe("whether it could be written", () => {
  test("is asked without changing anything", async () => {
    await using setup = await setUp();
    await setup.store.checkWritable(place);
    await put(setup.store, "k1");
    const [before, at] = [JSON.stringify([...setup.env.secrets, ...setup.env.variables]), setup.server.calls.length];
    tick(10);
    await setup.store.checkWritable(place);
    expect(JSON.stringify([...setup.env.secrets, ...setup.env.variables])).toBe(before);
    expect(setup.server.calls.length - at).toBeLessThanOrEqual(4);
  });

  const lacking: readonly (readonly [string, FakeToken["kind"], FakeToken["permissions"], RegExp])[] = [
    ["secrets", "app", { ...storePermissions, secrets: "read" }, /Secrets: write and Environments: write/],
    ["no secrets at all", "app", { environments: "write", actions_variables: "write" }, /Secrets: read/],
    ["environments", "app", { ...storePermissions, environments: "read" }, /Environments: write/],
    [
      "variables",
      "person",
      { ...storePermissions, actions_variables: "read" },
      /Variables: write and Environments: write/,
    ],
    ["no variables at all", "person", { secrets: "write", environments: "write" }, /Variables: read/],
    ["a job's own token", "job", { ...storePermissions, issues: "write" }, /Secrets: read and Environments: read/],
  ];
  test.each(lacking)(
    "a token without the right (%s): which one, and that GITHUB_TOKEN never has it",
    async (_, kind, permissions, needed) => {
      await using setup = await setUp({ tokens: [{ token: appToken, kind, permissions }] });
      const error = await failure(setup.store.checkWritable(place));
      expect(error).toMatchObject({ code: "MESH_GITHUB_DENIED", kind: "denied" });
      expect(error.message).toMatch(/403: Resource not accessible by/);
      expect(error.message).toMatch(needed);
      expect(error.hint).toContain("GITHUB_TOKEN can never have them");
      expect(setup.env.secrets.size + setup.env.variables.size).toBe(0);
    },
  );

  test("without GitHub's header the documented rights are named", async () => {
    await using setup = await setUp({
      onCall: () => ({ status: 403, body: { message: "Resource not accessible by integration" } }),
    });
    expect((await failure(setup.store.checkWritable(place))).message).toContain("Secrets: read and Environments: read");
  });

  test("an environment that is not there, a token that is not accepted, a repository out of sight", async () => {
    await using gone = await setUp({ environment: "nowhere" });
    const missing = await failure(gone.store.checkWritable(place));
    expect(missing).toMatchObject({
      code: "MESH_GITHUB_ENVIRONMENT",
      where: { address: "environment nowhere of acme/net" },
    });
    await using wrong = await setUp({ token: "ghs_fakewrong" });
    expect((await failure(wrong.store.checkWritable(place))).code).toBe("MESH_GITHUB_TOKEN");
    await using elsewhere = await setUp({ repository: "acme/other" });
    expect((await failure(elsewhere.store.checkWritable(place))).code).toBe("MESH_GITHUB_ENVIRONMENT");
  });

  test("a name that GitHub would refuse is refused before anything is asked", async () => {
    await using setup = await setUp();
    for (const name of ["", "1KEY", "GITHUB_KEY", "github_key", "A-B", "A B", "Ä", "a/b", "X".repeat(251)]) {
      const { version } = { version: "any" };
      for (const work of [
        () => setup.store.checkWritable(name),
        () => setup.store.read(name),
        () => setup.store.write(name, key("k1"), record("k1"), version),
      ]) {
        expect((await failure(work())).code, name).toBe("MESH_GITHUB_NAME");
      }
    }
    expect(setup.server.calls).toEqual([]);
    await setup.store.checkWritable("X".repeat(250));
  });

  test("no token or no repository is told when the store is made", () => {
    const options = {
      name: "gh",
      environment: "mesh",
      url: "http://127.0.0.1:9",
      http: () => Promise.reject(new Error()),
    };
    const make = (repository: string | undefined, token: Secret | undefined) => () =>
      createGitHubStore({ ...options, repository, token });
    expect(make("acme/net", undefined)).toThrow(expect.objectContaining({ code: "MESH_GITHUB_TOKEN_MISSING" }));
    expect(make("acme/net", new Secret(" "))).toThrow(expect.objectContaining({ code: "MESH_GITHUB_TOKEN_MISSING" }));
    for (const repository of [undefined, "", "acme", "/net", "a/b/c"]) {
      expect(make(repository, new Secret("x"))).toThrow(expect.objectContaining({ code: "MESH_GITHUB_REPOSITORY" }));
    }
  });
});

describe("limits", () => {
  const limited = (
    status: number,
    headers: Record<string, string>,
    message = "You have exceeded a secondary rate limit.",
  ) => ({ status, headers, body: { message } }) as const;

  test("are waited for as GitHub says, by its own clock", async () => {
    const resets = Math.ceil(new Date("2026-11-27T12:00:40Z").getTime() / 1000);
    const answers = [
      limited(403, { "retry-after": "30" }),
      limited(429, { "retry-after": "5" }),
      limited(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(resets) }, "API rate limit exceeded"),
    ];
    await using setup = await setUp({ onCall: () => answers.shift() });
    await setup.store.checkWritable(place);
    expect(setup.slept).toEqual([30_000, 5000, 5000]);
  });

  test("are not waited for without end", async () => {
    for (const headers of [
      { "retry-after": "3600" },
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(time.getTime() / 1000 + 3000) },
    ]) {
      await using setup = await setUp({ onCall: () => limited(403, headers) });
      const error = await failure(setup.store.checkWritable(place));
      expect(error.code).toBe("MESH_GITHUB_LIMITED");
      expect(error.message).toMatch(/takes the next one at 2026-11-27T1[23]/);
      expect(setup.slept).toEqual([]);
    }
    await using endless = await setUp({ onCall: () => limited(403, {}) });
    expect((await failure(endless.store.checkWritable(place))).code).toBe("MESH_GITHUB_LIMITED");
    expect(endless.slept.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(90_000);
  });

  test("a lack of rights is no limit", async () => {
    await using setup = await setUp({ tokens: [{ token: appToken, kind: "app", permissions: {} }] });
    expect((await failure(setup.store.read(place))).code).toBe("MESH_GITHUB_DENIED");
    expect(setup.slept).toEqual([]);
  });
});

describe("what GitHub refuses or breaks", () => {
  test("a full environment, a broken answer, a page in its place", async () => {
    await using full = await setUp();
    for (let n = 0; n < 100; n++) full.env.secrets.set(`S${n}`, { value: "x", created: time, updated: time });
    const { version } = await full.store.read(place);
    expect((await failure(full.store.write(place, key("k1"), record("k1"), version))).code).toBe(
      "MESH_GITHUB_REJECTED",
    );
    for (const reply of [
      { status: 200, body: { key: 1 } },
      { status: 200, body: "<html>" },
      { status: 500, body: { message: "::error::boom\nx" } },
    ]) {
      await using broken = await setUp({ onCall: ({ path }) => (path.endsWith("public-key") ? reply : undefined) });
      const error = await failure(broken.store.checkWritable(place));
      expect(error.code).toBe("MESH_GITHUB_FAILED");
      expect(error.message).not.toContain("\n");
    }
  });

  test("a write that GitHub took and did not do is noticed, and no version comes of it", async () => {
    await using setup = await setUp({
      onCall: ({ method, path, body }) =>
        method === "PUT" && path.includes("/secrets/") && body !== "{}" ? { status: 204, body: undefined } : undefined,
    });
    setup.env.secrets.set(place, { value: "old", created: time, updated: time });
    setup.env.variables.set("TS_AUTHKEY_META", {
      value: JSON.stringify({
        tailmesh: 1,
        key_id: "k0",
        name: "nas",
        tags: [],
        created: "2026-10-27T12:00:00.000Z",
        expires: "2027-01-25T12:00:00.000Z",
        previous_key_id: null,
        minted_by_run: "1",
      }),
      created: time,
      updated: time,
    });
    tick(86_400);
    const { version } = await setup.store.read(place);
    const error = await failure(setup.store.write(place, key("k1"), record("k1"), version));
    expect(error).toMatchObject({ code: "MESH_GITHUB_UNPROVEN", kind: "unverified" });
    expect((await setup.store.read(place)).isConsistent).toBe(false);
  });

  test("the key of the right environment is asked for at every write", async () => {
    await using setup = await setUp();
    await put(setup.store, "k1");
    const keys = () => setup.server.calls.filter(({ path }) => path.endsWith("/public-key")).length;
    const before = keys();
    tick(60);
    await put(setup.store, "k2");
    expect(keys()).toBe(before + 1);
  });
});

test("when a person's token ends is read on the way; of an App's nothing is said", async () => {
  const expiry = "github-authentication-token-expiration";
  await using setup = await setUp({
    onCall: ({ path }) =>
      path.endsWith("/secrets/TS_AUTHKEY")
        ? { status: 404, body: { message: "Not Found" }, headers: { [expiry]: "2026-12-31 12:00:00 UTC" } }
        : undefined,
  });
  expect(await setup.store.loginExpiry?.()).toBeNull();
  await setup.store.read(place);
  expect(await setup.store.loginExpiry?.()).toEqual(new Date("2026-12-31T12:00:00Z"));
});
