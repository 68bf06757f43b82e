/** The in-process control server answers as the real one was measured to (Headscale 0.29.2). */
import { describe, expect, test } from "vitest";
import { readPolicy, runTests } from "../../support/headscale-policy.ts";
import { HeadscaleState } from "../../support/headscale-state.ts";

const grant = { src: ["10.1.0.0/16"], dst: ["10.2.0.0/16"], ip: ["*"] };

function verdict(policy: unknown): string {
  try {
    runTests(readPolicy(typeof policy === "string" ? policy : JSON.stringify(policy)), []);
    return "ok";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test.each<[unknown, string]>([
  ["", "ok"],
  ["null", "ok"],
  ["{}", "ok"],
  ["// only", "parsing HuJSON: hujson: line 1, column 1: parsing comment: unexpected EOF"],
  [`{"acls":[]} // y\n`, "ok"],
  [`{"acls":[],"acls":[]}`, `parsing policy from bytes: jsontext: duplicate object member name "acls"`],
  [`// ü\n{\n "ü" 2}`, "parsing HuJSON: hujson: line 3, column 7: invalid: ColonExpected"],
  ["[]", "parsing policy from bytes: json: cannot unmarshal JSON array into Go v2.Policy"],
  [{ postures: {} }, `unknown field: "postures"`],
  [{ TagOwners: { "tag:a": [] }, ACLS: [] }, "ok"],
  [{ grants: [{ ...grant, src: ["tag:a"] }] }, `src=tag not found: "tag:a"`],
  [{ grants: [{ ...grant, dst: ["tag:a"] }] }, `tag not found: "tag:a"`],
  [{ acls: [{ action: "accept", src: ["*"], dst: ["tag:a:80"] }] }, `dst="tag:a": tag not found: "tag:a"`],
  [{ grants: [{ ...grant, src: ["group:x"] }] }, `group not defined in policy: "group:x"`],
  [{ grants: [{ ...grant, src: ["web"] }] }, `host not defined in policy: "web"`],
  [{ grants: [{ src: ["*"], dst: ["*"] }] }, "ip and app can not both be empty"],
  [{ autoApprovers: { routes: { "10.0.0.0/8": ["tag:a"] } } }, `tag not found: "tag:a"`],
])("policy %j: %s", (policy, expected) => expect(verdict(policy)).toBe(expected));

describe("tests of a policy", () => {
  const failed = (line: string): string => `test(s) failed:\n${line}`;
  test.each<[object, object, string]>([
    [grant, { src: "10.1.0.1", accept: ["10.2.0.1:80"] }, "ok"],
    [
      grant,
      { src: "10.1.0.1", accept: ["10.3.0.1:80"] },
      failed("10.1.0.1 -> 10.3.0.1:80: expected ALLOWED, got DENIED"),
    ],
    [
      grant,
      { src: "10.1.0.1", proto: "tcp", deny: ["10.2.0.1:80"] },
      failed("10.1.0.1 -> 10.2.0.1:80 (tcp): expected DENIED, got ALLOWED"),
    ],
    [{ ...grant, ip: ["tcp:80"] }, { src: "10.1.0.1", proto: "udp", deny: ["10.2.0.1:80"] }, "ok"],
    [{ ...grant, ip: ["udp:53"] }, { src: "10.1.0.1", accept: ["10.2.0.1:53"] }, "ok"],
    [{ ...grant, ip: ["8000-8100"] }, { src: "10.1.0.1", accept: ["10.2.0.1:8050"], deny: ["10.2.0.1:8101"] }, "ok"],
    [{ ...grant, ip: ["icmp:*"] }, { src: "10.1.0.1", accept: ["10.2.0.1:80"] }, "ok"],
    [{ ...grant, src: ["10.1.0.1"] }, { src: "10.1.0.0/24", accept: ["10.2.0.1:80"] }, "ok"],
    [grant, { src: "tag:a", accept: ["10.2.0.1:80"] }, failed(`tag:a: source "tag:a" resolved to no IP addresses`)],
  ])("%j %j", (rule, entry, expected) => {
    expect(verdict({ tagOwners: { "tag:a": [] }, grants: [rule], tests: [entry] })).toBe(expected);
  });
});

describe("nodes", () => {
  const state = (): HeadscaleState => new HeadscaleState();
  const inAMinute = (): Date => new Date(Date.now() + 60_000);
  const keyOf = (s: HeadscaleState, expiration = inAMinute()) =>
    s.createKey({ reusable: false, ephemeral: false, tags: ["tag:a"], expiration });
  const machine = (n: number) => ({ hostname: `n${n}`, machineKey: `mkey:${n}`, nodeKey: `nodekey:${n}` });

  test("log in with a key, once", () => {
    const s = state();
    const key = keyOf(s);
    expect(s.register({ authKey: key.secret, ...machine(1) })).toMatchObject({
      id: "1",
      tags: ["tag:a"],
      ipAddresses: ["100.64.0.1", expect.any(String)],
    });
    expect(() => s.register({ authKey: key.secret, ...machine(2) })).toThrow("authkey already used");
    expect(() => s.register({ authKey: keyOf(s, new Date(0)).secret, ...machine(2) })).toThrow("authkey expired");
    expect(() => s.register({ authKey: "hskey-auth-no", ...machine(2) })).toThrow("invalid pre auth key");
    const unused = keyOf(s);
    expect(() => s.register({ authKey: unused.secret, ...machine(2), tags: ["tag:b"] })).toThrow(
      "requested tags [tag:b] are invalid or not permitted",
    );
    expect(unused.used).toBe(false);
  });

  test("that were logged out burn the key and stay out until their expiry is taken away", () => {
    const s = state();
    const node = s.register({ authKey: keyOf(s).secret, ...machine(1) });
    node.expiry = s.now();
    const key = keyOf(s);
    expect(() => s.register({ authKey: key.secret, ...machine(1) })).toThrow("authkey already used");
    expect(key.used).toBe(true);
    node.expiry = null;
    expect(s.register({ authKey: keyOf(s).secret, ...machine(1) })).toBe(node);
  });

  test("get their routes approved by the policy, also afterwards, and serve one at a time", () => {
    const s = state();
    const [one, two] = [1, 2].map((n) => s.register({ authKey: keyOf(s).secret, ...machine(n) }));
    if (!one || !two) expect.fail("no nodes");
    s.advertise(one, ["10.42.0.0/16"]);
    s.advertise(two, ["10.42.0.0/16"]);
    expect(one.approvedRoutes).toEqual([]);
    s.setPolicy(`{"tagOwners":{"tag:a":[]},"autoApprovers":{"routes":{"10.0.0.0/8":["tag:a"]}}}`);
    expect([s.servingRoutes(one), s.servingRoutes(two)]).toEqual([["10.42.0.0/16"], []]);
    s.setOnline(one, false);
    expect([s.servingRoutes(one), s.servingRoutes(two)]).toEqual([[], ["10.42.0.0/16"]]);
    s.setOnline(one, true);
    expect([s.servingRoutes(one), s.servingRoutes(two)]).toEqual([[], ["10.42.0.0/16"]]);
  });
});
