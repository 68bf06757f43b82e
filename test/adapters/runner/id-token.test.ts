/** The job's identity, asked for as GitHub's runner offers it. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { claimsOf } from "../../../src/adapters/control/trust.ts";
import { fetchIdToken } from "../../../src/adapters/runner/id-token.ts";
import { requestToken, startIssuer } from "../../support/oidc-issuer.ts";

afterEach(() => vi.unstubAllEnvs());

describe("fetchIdToken", () => {
  test("asks for one audience and keeps the token to itself", async () => {
    await using issuer = await startIssuer();
    vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_URL", issuer.requestUrl);
    vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", requestToken);
    const token = await fetchIdToken("api.tailscale.com/T1CNTRL-kFakeCNTRL");
    expect(issuer.asked).toEqual(["api.tailscale.com/T1CNTRL-kFakeCNTRL"]);
    expect(claimsOf(token)).toMatchObject({ aud: "api.tailscale.com/T1CNTRL-kFakeCNTRL", environment: "production" });
    expect(`${token}`).toBe("[secret]");
  });

  test("a job that may not ask is told which permission it lacks", async () => {
    vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_URL", "");
    vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "");
    await expect(fetchIdToken("x")).rejects.toMatchObject({
      code: "MESH_ID_TOKEN_MISSING",
      hint: expect.stringContaining("id-token: write"),
    });
  });

  test("a runner that refuses", async () => {
    await using issuer = await startIssuer();
    vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_URL", issuer.requestUrl);
    vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "fake-wrong");
    const error: unknown = await fetchIdToken("x").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "MESH_ID_TOKEN_MISSING" });
    expect(String(error)).not.toContain("fake-wrong");
  });
});
