/** `tailmesh policy render` prints what acl-apply writes, to the byte. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/main.ts";
import { parseTopology } from "../../src/mesh/topology/parse.ts";
import { policyJob } from "../../src/policy/job.ts";
import { capturedTerminal } from "../support/captured-terminal.ts";
import { FakeControl, headscaleCapabilities } from "../support/fake-control.ts";
import { MemoryWorkspace } from "../support/memory-workspace.ts";
import { RecordingReporter } from "../support/recording-reporter.ts";

const team = readFileSync(new URL("../fixtures/policy/team.hujson", import.meta.url), "utf8");

function topologyText(control: "tailscale" | "headscale", policy = ""): string {
  return `version: 1
tailnet: { control: ${control}${control === "headscale" ? ", url: https://hs.example" : ""} }
${policy}
ssh: { user: root, known-hosts: known_hosts }
clusters:
  homelab: { pods: 10.42.0.0/16, services: 10.43.0.0/16, nodes: { homelab-1: 10.10.10.10 } }
  oracle: { pods: 10.52.0.0/16, services: 10.53.0.0/16, nodes: { oracle-1: 10.0.0.26 } }
`;
}

/** What acl-apply sends to a server with that policy. */
async function written(
  topology: string,
  files: Readonly<Record<string, string>>,
  stored: string | undefined,
  adopt: boolean,
): Promise<string | undefined> {
  const mesh = parseTopology(topology, { file: "tailmesh.yaml", env: () => undefined });
  const control = new FakeControl({
    ...(stored === undefined ? {} : { policy: stored }),
    capabilities: {
      ...headscaleCapabilities,
      policy: { ...headscaleCapabilities.policy, testsNeedNodes: mesh.tailnet.control === "headscale" },
    },
  });
  const ports = { control, workspace: new MemoryWorkspace(files), reporter: new RecordingReporter() };
  const job = policyJob(ports, { mesh, adopt, onDrift: "fail" });
  const planned = job.plan(await job.observe());
  await job.apply(planned);
  return control.policy;
}

async function render(files: Readonly<Record<string, string>>, ...args: string[]) {
  const terminal = capturedTerminal(files);
  const exit = await runCli(["policy", "render", ...args], terminal);
  return { exit, text: terminal.written.join(""), complained: terminal.complained };
}

describe.each(["tailscale", "headscale"] as const)("%s: the same bytes as acl-apply sends", (control) => {
  test("for a server without a policy", async () => {
    const topology = topologyText(control);
    const { exit, text } = await render({ "tailmesh.yaml": topology });
    expect(exit).toBe(0);
    expect(text).toBe(await written(topology, {}, undefined, false));
    expect(text).toMatch(/^\/\/ tailmesh sha256:[0-9a-f]{64}\n/);
  });

  test("for your own file", async () => {
    const topology = topologyText(control, "policy: { file: team.hujson }");
    // Headscale wants a device for each name in a test; which there are, only the server knows.
    const own = control === "tailscale" ? team : team.replace(/.*"accept": \["tag:web:22"\].*\n/, "");
    const files = { "net.yaml": topology, "team.hujson": own };
    const { text } = await render(files, "--topology", "net.yaml");
    expect(text).toBe(await written(topology, files, undefined, false));
    expect(text).toContain("// ask Ada");
  });

  test("for parts, in their order", async () => {
    const topology = topologyText(control, "policy: { parts: [a.hujson, b.hujson] }");
    const files = {
      "tailmesh.yaml": topology,
      "a.hujson": '{"groups": {"group:a": ["a@example.com"]}, "grants": []} // last word',
      "b.hujson": '{\n// mine\n"groups": {"group:b": ["b@example.com"]}}',
    };
    expect((await render(files)).text).toBe(await written(topology, files, undefined, false));
  });

  test.each([
    ["with comments", team],
    ["one line", '{"acls": [{"action": "accept", "src": ["a@example.com"], "dst": ["*:*"]}]}'],
    ["carriage returns", '{\r\n  "grants": [],\r\n}\r\n'],
    ["no rules", '{"groups": {}}'],
    ["no last newline", '{"grants": []}\n// end'],
  ])("for a policy that is on the server: %s", async (_name, base) => {
    const topology = topologyText(control);
    const { text } = await render({ "tailmesh.yaml": topology, "base.hujson": base }, "--base", "base.hujson");
    expect(text).toBe(await written(topology, {}, base, true));
  });

  test("what it printed, given back as the base, is printed again", async () => {
    const files = { "tailmesh.yaml": topologyText(control) };
    const { text } = await render(files);
    expect((await render({ ...files, p: text }, "--base", "p")).text).toBe(text);
  });
});

test("on Tailscale those who look after the tailnet keep access; Headscale, which has no roles, is not told of any", async () => {
  const rule = '"src": ["autogroup:owner", "autogroup:admin"], "dst": ["*"]';
  expect((await render({ "tailmesh.yaml": topologyText("tailscale") })).text).toContain(rule);
  expect((await render({ "tailmesh.yaml": topologyText("headscale") })).text).not.toContain("autogroup");
});

test.each([
  [{}, [], "MESH_CLI_FILE"],
  [{ "tailmesh.yaml": "version: 9\n" }, [], "MESH_TOPOLOGY"],
  [{ "tailmesh.yaml": topologyText("headscale") }, ["--base", "b"], "MESH_CLI_FILE"],
  [{ "tailmesh.yaml": topologyText("headscale"), b: "{" }, ["--base", "b"], "MESH_HUJSON_SYNTAX"],
  [{ "tailmesh.yaml": topologyText("headscale") }, ["more"], "MESH_CLI_USAGE"],
] as const)("prints nothing and says why: %j %j", async (files, args, code) => {
  const { exit, text, complained } = await render(files, ...args);
  expect([exit, text]).toEqual([2, ""]);
  expect(complained.join("\n")).toContain(code);
});
