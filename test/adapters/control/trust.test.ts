/** What a federated identity has to trust: this job, and no other. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { claimsOf, missingClaims, trustSnippet } from "../../../src/adapters/control/trust.ts";
import { Secret } from "../../../src/mesh/secret.ts";

const claims = {
  iss: "https://token.actions.githubusercontent.com",
  sub: "repo:octo-org/octo-repo:environment:production",
  repository: "octo-org/octo-repo",
  repository_id: "74",
  environment: "production",
  workflow_ref: "octo-org/octo-repo/.github/workflows/mesh.yml@refs/heads/main",
};
const audience = "api.tailscale.com/T1CNTRL-kFakeCNTRL";

function token(payload: unknown): Secret {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return new Secret(`${part({ alg: "RS256" })}.${part(payload)}.fake-signature`);
}

describe("trustSnippet", () => {
  test("binds repository id, environment and workflow, each by its exact value", () => {
    expect(trustSnippet(claims, audience)).toEqual([
      "Issuer: https://token.actions.githubusercontent.com",
      "Subject: repo:octo-org/octo-repo:environment:production",
      `Audience: ${audience} (for this server only; another destination gets its own)`,
      "Custom claim repository_id: 74",
      "Custom claim environment: production",
      "Custom claim workflow_ref: octo-org/octo-repo/.github/workflows/mesh.yml@refs/heads/main",
    ]);
    expect(missingClaims(claims)).toEqual([]);
  });

  test("says what a job without an environment has to do first", () => {
    const { environment: _, ...bare } = claims;
    expect(trustSnippet(bare, audience).join("\n")).toMatch(
      /environment: \(this job has none: give it `environment: NAME`/,
    );
    expect(missingClaims(bare)).toEqual(["environment"]);
  });

  test("never prints a wildcard as a value", () => {
    const text = fc.string().map((value) => value.replaceAll("*", ""));
    fc.assert(
      fc.property(fc.tuple(text, text, text), ([a, b, c]) => {
        const value = `${a}*${b}`;
        const lines = trustSnippet({ ...claims, sub: value, environment: value, workflow_ref: `${c}*` }, audience);
        expect(lines.filter((line) => line.includes("*")).every((line) => line.includes("rename it"))).toBe(true);
        expect(lines.filter((line) => line.includes("rename it"))).toHaveLength(3);
      }),
    );
  });

  test("shows values of others inert", () => {
    const lines = trustSnippet({ ...claims, environment: "x\n::set-output name=a::b" }, audience);
    expect(lines.every((line) => !line.includes("\n"))).toBe(true);
  });
});

describe("claimsOf", () => {
  test("reads what GitHub signs, numbers as text", () => {
    expect(claimsOf(token({ ...claims, repository_id: 74, aud: audience })).repository_id).toBe("74");
  });

  test.each([new Secret("fake"), new Secret("fake.fake.fake"), token("no object"), token({ sub: { odd: 1 } })])(
    "of something else are none",
    (secret) => expect(Object.values(claimsOf(secret)).filter((value) => value !== undefined)).toEqual([]),
  );
});
