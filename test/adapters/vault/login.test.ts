/** Which login a run uses: the topology's, unless inputs are for another; and what a refused job is shown of itself. */
import { describe, expect, test } from "vitest";
import { claimsLine, lifeOf, readClaims, roleLines } from "../../../src/adapters/vault/claims.ts";
import { chooseLogin, type VaultLoginInputs } from "../../../src/adapters/vault/login.ts";
import type { VaultAuth } from "../../../src/mesh/mesh.ts";
import { Secret } from "../../../src/mesh/secret.ts";

const token = new Secret("fake-token");
const secretId = new Secret("fake-secret-id");
const auth = (method: VaultAuth["method"], mount: string = method): VaultAuth => ({ method, mount, role: "ci" });

describe("the choice", () => {
  test.each<[string, VaultAuth, VaultLoginInputs, unknown]>([
    ["jwt", auth("jwt", "jwt/github"), {}, { method: "jwt", mount: "jwt/github", role: "ci" }],
    ["jwt, with a token given", auth("jwt"), { token }, { method: "token", token }],
    ["jwt, with a role given", auth("jwt"), { roleId: "r", secretId }, { method: "approle", mount: "approle" }],
    ["approle", auth("approle", "ci/roles"), { roleId: "r", secretId }, { method: "approle", mount: "ci/roles" }],
    ["approle without a secret id", auth("approle"), { roleId: "r" }, { method: "approle", secretId: undefined }],
    ["approle, with both given", auth("approle"), { roleId: "r", secretId, token }, { method: "approle" }],
    ["approle, with a token given", auth("approle"), { token }, { method: "token" }],
    ["token, with both given", auth("token"), { roleId: "r", secretId, token }, { method: "token" }],
    ["token, with a role given", auth("token"), { roleId: "r", secretId }, { method: "approle", mount: "approle" }],
  ])("%s", (_, chosen, inputs, expected) => {
    expect(chooseLogin(chosen, inputs, "vault")).toMatchObject(expected as object);
  });

  test.each<[string, VaultAuth, VaultLoginInputs, RegExp]>([
    ["token without one", auth("token"), {}, /store home logs in by token, and `vault-token` is not given/],
    ["approle without one", auth("approle"), {}, /`vault-role-id` with `vault-secret-id` is not given/],
    ["half of a role, for jwt", auth("jwt"), { secretId }, /without `vault-role-id`/],
    ["an empty token", auth("token"), { token: new Secret(" \n") }, /is empty/],
    ["a token of two lines", auth("token"), { token: new Secret("fake\ntoken") }, /characters that no token has/],
  ])("%s is refused", (_, chosen, inputs, message) => {
    expect(() => chooseLogin(chosen, inputs, "home")).toThrow(message);
    expect(() => chooseLogin(chosen, inputs, "home")).toThrow(
      expect.objectContaining({ code: "MESH_VAULT_LOGIN_MISSING", kind: "config" }),
    );
  });
});

describe("claims", () => {
  const tokenOf = (claims: unknown): Secret =>
    new Secret(`e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.fake`);

  test("each is shown as it is, and what is not there is said", () => {
    const claims = readClaims(tokenOf({ iss: "https://i", aud: ["a", "b"], sub: "s", repository_id: 74, actor: "x" }));
    expect(claimsLine(claims)).toBe(
      "This job's token says: iss=https://i, aud=a, b, sub=s, ref=(not there), environment=(not there), job_workflow_ref=(not there), repository_id=74.",
    );
  });

  test.each([["nothing"], ["a.b.c"], ["e30.bnVsbA.x"], ["e30.W10.x"]])("none in %s", (text) => {
    expect(claimsLine(readClaims(new Secret(text)))).toContain("iss=(not there)");
  });

  test("text in them stays text: in the log, and in the role that is to be pasted", () => {
    const claims = readClaims(tokenOf({ environment: "a'\nEOF\nrm -rf ~\u001b[2J", repository_id: "74" }));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(claimsLine(claims)).not.toMatch(/[\u0000-\u001f]/);
    const role = roleLines(claims, { mount: "jwt", role: "ci" });
    expect(role.split("\n")).toHaveLength(3);
    expect(role.split("\n").at(-1)).toBe("EOF");
  });

  test("the life of a token, whatever it claims", () => {
    expect(lifeOf(readClaims(tokenOf({ nbf: 1_795_789_000, exp: 1_795_789_300 })))).toBe(
      "from 2026-11-27T14:16:40.000Z to 2026-11-27T14:21:40.000Z",
    );
    expect(lifeOf(readClaims(tokenOf({ nbf: "x", exp: 1e300 })))).toBe("from ? to ?");
  });
});
