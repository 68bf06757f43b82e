// The store's cases and Vault's refusals on a real OpenBao: what the server in test/support answers is what this one does.
import { expect, it } from "vitest";
import { storeConformance } from "../../conformance/stores/suite.ts";
import { vaultRefusals } from "../../conformance/stores/vault-refusals.ts";
import { vaultTraits, vaultUnderTest } from "../../conformance/stores/vault-under-test.ts";
import { startHttpServer } from "../../support/http-server.ts";
import { startIssuer } from "../../support/oidc-issuer.ts";
import { vaultClient } from "../../support/vault-client.ts";
import { startOpenBao } from "../openbao.ts";

storeConformance("OpenBao 2.7.2", vaultTraits, async () => {
  const issuer = await startIssuer();
  const bao = await startOpenBao({ issuer: issuer.url });
  // What is lost is lost on the way back: a proxy that lets a write through and breaks off before it answers.
  let isNextLost = false;
  const way = await startHttpServer((request, response) => {
    const isLost = isNextLost && request.method === "POST" && request.path.includes("/data/");
    if (isLost) isNextLost = false;
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === "string" && /^(x-vault-.*|content-type|accept)$/.test(name) ? [[name, value] as const] : [],
    );
    const body = request.body === "" ? {} : { body: request.body };
    void fetch(`${bao.url}${request.path}`, { method: request.method, headers: Object.fromEntries(headers), ...body })
      .then(async (reply) => ({ status: reply.status, text: await reply.text() }))
      .then(({ status, text }) => (isLost ? response.destroy() : response.writeHead(status).end(text)));
  });
  const under = await vaultUnderTest({ ...bao, url: way.url }, issuer, {
    loseNextWrite: () => {
      isNextLost = true;
    },
  });
  return {
    ...under,
    log: () => `${under.log()}\n${bao.log()}`,
    async [Symbol.asyncDispose]() {
      await under[Symbol.asyncDispose]();
      await way[Symbol.asyncDispose]();
      await bao[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
    },
  };
});

vaultRefusals("OpenBao 2.7.2", (issuer) => startOpenBao({ issuer: issuer.url }));

it("sealed", async () => {
  await using issuer = await startIssuer();
  await using bao = await startOpenBao({ issuer: issuer.url });
  await bao.seal();
  await using client = vaultClient(bao.url, { idToken: (audience) => issuer.token(audience) });
  await expect(client.vault.keys.read("tailmesh/homelab")).rejects.toMatchObject({ code: "MESH_VAULT_SEALED" });
});
