/** When a run connects before it knows what to ask: only where it would ask that server anyhow. */
import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Job } from "../support/run-action.ts";

let dialled = 0;
const server = createServer((socket) => {
  dialled++;
  socket.on("error", () => undefined);
  socket.destroy();
});
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

function topology(): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `version: 1
tailnet: { control: tailscale, url: "https://127.0.0.1:${address.port}" }
ssh: { user: root, known-hosts: known_hosts }
clusters:
  homelab: { pods: 10.42.0.0/16, services: 10.43.0.0/16, nodes: { homelab-1: 10.10.10.10 } }
`;
}

/** Connections that a run made which ended before it asked anything: the input `plan` is none. */
async function dials(
  action: string,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
) {
  using job = new Job({ files: { "tailmesh.yaml": topology() }, env });
  const before = dialled;
  const { exit, log } = await job.run(action, { plan: "x", mode: "x", ...inputs });
  expect([exit, log]).toEqual([1, expect.stringContaining("MESH_INPUT_INVALID")]);
  return dialled - before;
}

const key = { "api-key": "tskey-api-fake" };

describe("the control server is dialled early", () => {
  test("by an action with a credential for it", async () => {
    expect(await dials("acl-apply", key)).toBe(1);
    expect(await dials("acl-apply", { "oauth-client-id": "kFake", "oauth-client-secret": "tskey-client-fake" })).toBe(
      1,
    );
  });

  test.each<[string, string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ["without a credential", "acl-apply", {}, {}],
    ["offline", "topology-plan", { ...key, offline: "true" }, {}],
    ["with roots of its own", "acl-apply", { ...key, "ca-file": "ca.pem" }, {}],
    ["behind a proxy", "acl-apply", key, { HTTPS_PROXY: "http://127.0.0.1:9" }],
    ["without a topology", "acl-apply", { ...key, topology: "none.yaml" }, {}],
  ])("not %s", async (_, action, inputs, env) => {
    expect(await dials(action, inputs, env)).toBe(0);
  });

  test("not by a post step", async () => {
    using job = new Job({ files: { "tailmesh.yaml": topology() } });
    const inputs = { ...key, mode: "x" };
    const main = await job.run("acl-apply", inputs);
    const before = dialled;
    expect((await job.post("acl-apply", inputs, main)).exit).toBe(0);
    expect(dialled).toBe(before);
  });
});
