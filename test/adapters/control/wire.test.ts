import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { errorTexts, keysReply, nodesReply, toAuthKey, toDevice } from "../../../src/adapters/control/wire.ts";

const now = new Date("2026-11-25T00:00:00Z");

describe("errorTexts", () => {
  test.each<[string, string, string[]]>([
    ["gRPC", `{"code":2,"message":"setting policy: x","details":[]}`, ["setting policy: x"]],
    ["message alone", `{"message":"precondition failed","status":412}`, ["precondition failed"]],
    [
      "message with data",
      `{"message":"setting policy","data":[{"errors":["a","b"]},{"user":"u","errors":["c"]}]}`,
      ["a", "b", "u: c"],
    ],
    ["data without errors", `{"message":"setting policy","data":[{"user":"u"}]}`, ["setting policy"]],
    ["RFC 7807", `{"title":"Unauthorized","status":401,"detail":"no token"}`, ["no token"]],
    [
      "RFC 7807 with errors",
      `{"detail":"validation failed","errors":[{"message":"too long","location":"body.x"}]}`,
      ["too long"],
    ],
    ["a title alone", `{"title":"Unauthorized"}`, ["Unauthorized"]],
    ["plain text", "Unauthorized\n", ["Unauthorized"]],
    ["a page", "<html>502</html>", ["a web page in place of an answer"]],
    [
      "a page with a title",
      "<!DOCTYPE html><html><head><title>Sign in</title>",
      [`a web page, "Sign in", in place of an answer`],
    ],
    ["RFC 6749", `{"error":"invalid_client","error_description":"unknown"}`, ["invalid_client: unknown"]],
    ["RFC 6749, short", `{"error":"invalid_client"}`, ["invalid_client"]],
    ["warnings are no errors", `{"message":"warning(s) found","data":[{"warnings":["w"]}]}`, ["warning(s) found"]],
    ["nothing", "", ["no reason given"]],
    ["an empty object", "{}", ["no reason given"]],
    ["JSON that is no object", "17", ["17"]],
    ["members of other types", `{"message":17}`, [`{"message":17}`]],
  ])("%s", (_, body, texts) => expect(errorTexts(body)).toEqual(texts));
});

/** A key as Headscale 0.29.2 lists it. */
const key = {
  user: null,
  id: "1",
  key: "hskey-auth-4_cuSWduA-BS-***",
  reusable: false,
  ephemeral: false,
  used: false,
  expiration: "2026-11-25T00:10:00Z",
  createdAt: "2026-11-24T23:59:59.145973080Z",
  aclTags: ["tag:homelab"],
};

describe("keys", () => {
  const read = (more: object) =>
    (keysReply.parse({ preAuthKeys: [{ ...key, ...more }] }).preAuthKeys ?? []).map((wire) => toAuthKey(wire, now))[0];

  test("as listed", () => {
    expect(read({})).toEqual({
      id: "1",
      prefix: "hskey-auth-4_cuSWduA-BS",
      tags: ["tag:homelab"],
      description: "",
      created: new Date("2026-11-24T23:59:59.145Z"),
      expires: new Date("2026-11-25T00:10:00Z"),
      reusable: false,
      ephemeral: false,
      state: "usable",
    });
  });

  test.each<[string, object, string]>([
    ["used", { used: true }, "used"],
    ["used and expired", { used: true, expiration: "2026-11-24T00:00:00Z" }, "used"],
    ["reusable and used", { used: true, reusable: true }, "usable"],
    ["expired", { expiration: "2026-11-25T00:00:00Z" }, "expired"],
    ["dead from the start", { expiration: "0001-01-01T00:00:00Z" }, "expired"],
    ["without expiry", { expiration: null }, "usable"],
  ])("%s", (_, more, state) => expect(read(more)?.state).toBe(state));

  test("made by older versions, with other members, or with members missing", () => {
    expect(read({ key: "0123456789abcdef", news: [1] })?.prefix).toBeNull();
    expect(read({ id: 7, aclTags: undefined, key: undefined })).toMatchObject({ id: "7", tags: [], prefix: null });
    expect(keysReply.parse({}).preAuthKeys ?? []).toEqual([]);
  });

  test("a time that is none is refused", () => {
    expect(() => read({ expiration: "soon" })).toThrow(z.core.$ZodError);
  });
});

/** A node as Headscale 0.29.2 lists it, shortened. */
const node = {
  id: "2",
  machineKey: "mkey:09",
  nodeKey: "nodekey:ed7d",
  ipAddresses: ["100.64.0.2", "fd7a:115c:a1e0::2"],
  name: "oracle-1",
  user: { id: "2147455555", name: "tagged-devices" },
  lastSeen: "2026-11-24T04:16:36.351636605Z",
  expiry: null,
  registerMethod: "REGISTER_METHOD_AUTH_KEY",
  givenName: "oracle-1-abc",
  online: true,
  approvedRoutes: ["10.52.0.0/16", "10.53.0.0/16"],
  availableRoutes: ["10.52.0.0/16"],
  subnetRoutes: ["10.52.0.0/16"],
  tags: ["tag:oracle"],
};

describe("nodes", () => {
  const read = (more: object) => (nodesReply.parse({ nodes: [{ ...node, ...more }] }).nodes ?? []).map(toDevice)[0];

  test("as listed", () => {
    expect(read({})).toEqual({
      id: "2",
      hostname: "oracle-1",
      label: "oracle-1-abc",
      addresses: ["100.64.0.2", "fd7a:115c:a1e0::2"],
      tags: ["tag:oracle"],
      user: null,
      online: true,
      keyExpires: null,
      advertisedRoutes: ["10.52.0.0/16"],
      enabledRoutes: ["10.52.0.0/16", "10.53.0.0/16"],
      servingRoutes: ["10.52.0.0/16"],
      nodeKey: "nodekey:ed7d",
    });
  });

  test.each([
    [{ name: "alice" }, "alice@"],
    [{ name: "alice", email: "alice@example.com" }, "alice@example.com"],
    [{ name: "bob@example.com", email: "" }, "bob@example.com"],
    [{ name: "" }, null],
    [undefined, null],
  ])("whose a device is: %j", (user, shown) => expect(read({ tags: [], user })?.user).toBe(shown));

  test("lists and flags may be missing", () => {
    const bare = read({
      online: undefined,
      approvedRoutes: undefined,
      availableRoutes: null,
      tags: undefined,
      nodeKey: "",
    });
    expect(bare).toMatchObject({ online: false, enabledRoutes: [], advertisedRoutes: [], tags: [], nodeKey: null });
  });

  test("an expiry is one only when it is set", () => {
    expect(read({ expiry: "0001-01-01T00:00:00Z" })?.keyExpires).toBeNull();
    expect(read({ expiry: "2026-12-01T00:00:00Z" })?.keyExpires).toEqual(new Date("2026-12-01T00:00:00Z"));
  });
});
