/** The store on Vault, against Vault in this process. */
import { startIssuer } from "../../support/oidc-issuer.ts";
import { startVaultServer } from "../../support/vault-server.ts";
import { storeConformance } from "./suite.ts";
import { vaultRefusals } from "./vault-refusals.ts";
import { vaultTraits, vaultUnderTest } from "./vault-under-test.ts";

storeConformance("vault", vaultTraits, async () => {
  const issuer = await startIssuer();
  const world = await startVaultServer({ issuer: issuer.url });
  const loseNextWrite = (): void => {
    world.onRequest = (_, { method, path }, phase) => {
      if (method !== "POST" || !path.includes("/data/") || phase !== "after") return undefined;
      world.onRequest = undefined;
      return "drop";
    };
  };
  const under = await vaultUnderTest(world, issuer, { loseNextWrite });
  return {
    ...under,
    async [Symbol.asyncDispose]() {
      await under[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
    },
  };
});

vaultRefusals("in this process", async (issuer) => startVaultServer({ issuer: issuer.url }));
