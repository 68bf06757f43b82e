/** The policy job on every kind of server, over the wire: the first run writes, the second does nothing, and each costs what it may. */
import { describe, expect, test } from "vitest";
import { createHttp } from "../../../src/adapters/http/http.ts";
import { policyJob } from "../../../src/policy/job.ts";
import type { Control } from "../../../src/ports/control.ts";
import { apiKeyOf, connectTo, oauthOf } from "../../support/connect.ts";
import { startHeadscale } from "../../support/headscale-server.ts";
import { MemoryWorkspace } from "../../support/memory-workspace.ts";
import { RecordingReporter } from "../../support/recording-reporter.ts";
import { sampleMesh } from "../../support/sample-mesh.ts";
import { startV2 } from "../../support/v2-server.ts";

/** With comments, and with the tag that a credential must hold before it can do anything. */
const start = `{
	// The credential of Tailmesh.
	"tagOwners": {"tag:ci": []},
	"grants": [
		{"src": ["192.168.7.0/24"], "dst": ["192.168.8.0/24"], "ip": ["*"]}, // ours
	],
}
`;
const client = { id: "kFakeCNTRL", secret: "fake-secret", scopes: ["policy_file", "auth_keys"], tags: ["tag:ci"] };
const apiKey = "fake-api-key";

interface Server extends AsyncDisposable {
  readonly control: Control;
  text(): string | null;
  /** Method and path of every request since the last look, tokens apart. */
  asked(): { readonly calls: readonly string[]; readonly tokens: number };
}

async function startServer(kind: string): Promise<Server> {
  const http = createHttp({ userAgent: "test" });
  const flavor = kind.startsWith("headscale") ? "headscale" : "tailscale";
  const server =
    kind === "headscale-v1"
      ? await startHeadscale({ apiKey })
      : await startV2({ flavor, clients: [client], apiKeys: [apiKey], policy: start });
  if (kind === "headscale-v1") server.state.setPolicy(start);
  const credential = kind.endsWith("oauth") ? oauthOf(client.id, client.secret) : apiKeyOf(apiKey);
  const control = await connectTo(server.url, http, credential, { kind: flavor });
  let seen = 0;
  return {
    control,
    text: () => server.state.policyText,
    asked() {
      const lines = http.requests.slice(seen).map(({ method, path }) => `${method} ${path}`);
      seen = http.requests.length;
      const isToken = (line: string): boolean => line.includes("/oauth/");
      return { calls: lines.filter((line) => !isToken(line)), tokens: lines.filter(isToken).length };
    },
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("what a server only warns of is said, and the policy is written", async () => {
  const warned = `{"message":"warning(s) found","data":[{"user":"group:a","warnings":["is not syncing"]}]}`;
  await using http = createHttp({ userAgent: "test" });
  await using server = await startV2({
    flavor: "tailscale",
    apiKeys: [apiKey],
    policy: start,
    onCall: ({ path }) => (path.endsWith("/validate") ? { status: 200, body: warned } : undefined),
  });
  const { reporter } = await apply(await connectTo(server.url, http, apiKeyOf(apiKey)), true);
  expect(reporter.warnings).toContain("the server: group:a: is not syncing");
  expect(server.state.policyText).toContain('"tag:homelab"');
});

async function apply(control: Control, adopt: boolean, files: Readonly<Record<string, string>> = {}) {
  const ports = { control, workspace: new MemoryWorkspace(files), reporter: new RecordingReporter() };
  const mesh = { ...sampleMesh(), policyFiles: Object.keys(files) };
  const job = policyJob(ports, { mesh, adopt, onDrift: "fail" });
  const planned = job.plan(await job.observe());
  if (planned.plan.changes.length > 0) await job.apply(planned);
  return { planned, outcome: await job.verify(planned), reporter: ports.reporter };
}

const kinds = [
  "tailscale, oauth",
  "tailscale, API key",
  "headscale-v2, oauth",
  "headscale-v2, API key",
  "headscale-v1",
];

describe.each(kinds)("%s", (kind) => {
  test("a commented policy is adopted once, and is then left alone with one request", async () => {
    await using server = await startServer(kind);
    expect(server.asked().tokens).toBe(kind.endsWith("oauth") ? 1 : 0);
    const first = await apply(server.control, true);
    expect(first.planned.plan.changes.length).toBeGreaterThan(3);
    expect(server.text()).toContain('"tag:homelab"');
    if (server.control.capabilities.policy.keepsComments) expect(server.text()).toContain("// ours");
    // read, devices for the guard, check, read again where there is no version, write, read back
    expect(server.asked().calls.length).toBeLessThanOrEqual(6);
    const stored = server.text();
    for (const adopt of [false, true]) {
      const again = await apply(server.control, adopt);
      expect(again.planned.plan.changes).toEqual([]);
      expect(again.planned.blocked).toBeNull();
      expect(server.asked()).toEqual({ calls: [expect.stringMatching(/^GET .*(acl|policy)$/)], tokens: 0 });
    }
    expect(server.text()).toBe(stored);
  });

  test("the same as a file of the repository, comments and all, changes nothing", async () => {
    await using server = await startServer(kind);
    await apply(server.control, true);
    const stored = server.text();
    server.asked();
    const again = await apply(server.control, false, { "policy.hujson": start });
    expect(again.planned.plan.changes).toEqual([]);
    expect(server.asked().calls).toHaveLength(1);
    expect(server.text()).toBe(stored);
  });

  test("somebody who writes in between is noticed, and nothing of theirs is lost", async () => {
    await using server = await startServer(kind);
    const before = await server.control.getPolicy();
    const other = start.replace("192.168.8.0/24", "192.168.9.0/24");
    expect((await server.control.setPolicy(other, before.version)).kind).toBe("written");
    expect(await server.control.setPolicy(start, before.version)).toEqual({ kind: "conflict" });
    expect(server.text()).toContain("192.168.9.0/24");
  });
});
