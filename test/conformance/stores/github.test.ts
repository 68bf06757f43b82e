/** The store on a GitHub environment, against GitHub in this process. */
import { createGitHubStore } from "../../../src/adapters/github/secret-store.ts";
import { createHttp, type Http } from "../../../src/adapters/http/http.ts";
import { Secret } from "../../../src/mesh/secret.ts";
import { startGitHub, storePermissions } from "../../support/github-server.ts";
import { storeConformance } from "./suite.ts";

storeConformance("github", { readable: false, compareAndSet: false, isRemote: true }, async () => {
  const token = `ghs_${"fake0".repeat(103)}`;
  let isNextLost = false;
  const server = await startGitHub({
    repository: "acme/net",
    environments: ["mesh net/prod"],
    tokens: [{ token, kind: "app", permissions: storePermissions }],
    onServed({ method, path }) {
      if (!isNextLost || method !== "PUT" || !path.includes("/secrets/")) return undefined;
      isNextLost = false;
      return "drop";
    },
  });
  const environment = server.state.environment("mesh net/prod");
  const clients: Http[] = [];
  const lines: string[] = [];
  return {
    async open() {
      const http = createHttp({ userAgent: "tailmesh/test", log: (line) => lines.push(line) });
      clients.push(http);
      return createGitHubStore({
        name: "gh",
        environment: "mesh net/prod",
        repository: "acme/net",
        url: server.url,
        token: new Secret(token),
        http: async () => http,
      });
    },
    place: (n) => `KEY_${n}`,
    async putForeign(place) {
      const now = new Date();
      environment.secrets.set(place, { value: "fake-of-somebody-else", created: now, updated: now });
    },
    remove: async (place) => void environment.secrets.delete(place),
    loseNextWrite: () => {
      isNextLost = true;
    },
    // Variables are no secrets: whoever may see the repository's settings reads them.
    log: () => [...lines, ...[...environment.variables.values()].map(({ value }) => value)].join("\n"),
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((http) => http[Symbol.asyncDispose]()));
      await server[Symbol.asyncDispose]();
    },
  };
});
