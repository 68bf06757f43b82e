/** A Vault as one of the stores: a policy that is as narrow as docs/vault.md says, and logins by this job's identity. */
import type { OidcIssuer } from "../../support/oidc-issuer.ts";
import { type VaultClient, vaultClient } from "../../support/vault-client.ts";
import type { VaultWorld } from "../../support/vault-world.ts";
import type { StoreTraits, StoreUnderTest } from "./suite.ts";

export const vaultTraits: StoreTraits = { readable: true, compareAndSet: true, isRemote: true };

export async function vaultUnderTest(
  world: VaultWorld,
  issuer: OidcIssuer,
  more: Pick<StoreUnderTest, "loseNextWrite"> = {},
): Promise<StoreUnderTest> {
  await world.addMount("kv/deep/mount");
  await world.addPolicy("conformance", { "kv/deep/mount/data/tailmesh/*": ["create", "update", "read"] });
  await world.addJwtRole("conformance", {
    audiences: [world.url],
    claims: { repository_id: "74" },
    policies: ["conformance"],
  });
  const clients: VaultClient[] = [];
  return {
    async open() {
      const client = vaultClient(world.url, {
        store: { mount: "kv/deep/mount", auth: { method: "jwt", mount: "jwt", role: "conformance" } },
        idToken: (audience) => issuer.token(audience),
      });
      clients.push(client);
      return client.vault.keys;
    },
    place: (n) => `tailmesh/a b/key@${n}`,
    putForeign: async (place) => await world.put(`kv/deep/mount/${place}`, { password: "fake-of-somebody-else" }),
    remove: async (place) => await world.softDelete(`kv/deep/mount/${place}`),
    ...more,
    log: () => clients.flatMap(({ lines }) => lines).join("\n"),
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client[Symbol.asyncDispose]();
    },
  };
}
