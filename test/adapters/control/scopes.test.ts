/** What a scope covers, and which one a request needs. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coversScope, neededScope, readScopes, scopeText } from "../../../src/adapters/control/scopes.ts";
import { isCovered } from "../../support/v2-credentials.ts";

describe("coversScope", () => {
  test.each<[string, string, boolean]>([
    ["policy_file", "policy_file:read", true],
    ["policy_file:read", "policy_file", false],
    ["policy_file auth_keys", "devices:core:read", false],
    ["all", "devices:routes", true],
    ["all:read", "devices:core:read", true],
    ["all:read", "auth_keys", false],
    ["acl", "policy_file", true],
    ["acl:read", "policy_file", false],
    ["devices", "auth_keys", true],
    ["devices:read", "devices:core:read", true],
    ["routes", "devices:routes", true],
    ["devices", "devices:routes", false],
    ["", "policy_file:read", false],
  ])("%j covers %s: %s", (granted, needed, expected) => {
    expect(coversScope(granted.split(" "), needed)).toBe(expected);
  });

  test("is the servers' own rule for all of today's names", () => {
    const names = ["all", "policy_file", "auth_keys", "devices:core", "devices:routes"];
    const scope = fc.constantFrom(...names.flatMap((name) => [name, `${name}:read`]));
    const needed = fc.constantFrom(...names.slice(1).flatMap((name) => [name, `${name}:read`]));
    fc.assert(
      fc.property(fc.array(scope, { maxLength: 4 }), needed, (granted, wanted) => {
        expect(coversScope(granted, wanted)).toBe(isCovered(granted, wanted));
      }),
    );
  });
});

test.each<[string, string, string | null]>([
  ["GET", "/api/v2/tailnet/-/acl", "policy_file:read"],
  ["POST", "/api/v2/tailnet/-/acl", "policy_file"],
  ["POST", "/api/v2/tailnet/example.com/acl/validate", "policy_file:read"],
  ["POST", "/api/v2/tailnet/-/acl/preview?type=user&previewFor=x", "policy_file:read"],
  ["GET", "/api/v2/tailnet/-/keys?all=true", "auth_keys:read"],
  ["DELETE", "/api/v2/tailnet/-/keys/k1", "auth_keys"],
  ["GET", "/api/v2/tailnet/-/devices?fields=all", "devices:core:read"],
  ["POST", "/api/v2/device/n1/routes", "devices:routes"],
  ["POST", "/api/v2/device/n1/tags", "devices:core"],
  ["DELETE", "/api/v2/device/n1", "devices:core"],
  ["GET", "/version", null],
])("%s %s needs %s", (method, path, scope) => {
  expect(neededScope(method, path)).toBe(scope);
});

test("scopes of a token answer", () => {
  expect(readScopes("auth_keys policy_file\n")).toEqual(["auth_keys", "policy_file"]);
  expect(readScopes(undefined)).toBeNull();
  expect(readScopes(" ")).toBeNull();
});

test("a scope in words has its id and the console's label", () => {
  expect(scopeText("devices:core:read")).toBe("`devices:core:read` (in Tailscale's console: Devices Core, Read)");
  expect(scopeText("policy_file")).toBe("`policy_file` (in Tailscale's console: Policy File, Write)");
});
