/** `tailmesh policy reach`. */
import { describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/main.ts";
import { capturedTerminal } from "../support/captured-terminal.ts";
import { sharedLines } from "../support/shared-lines.ts";

const devices = JSON.stringify({
  users: ["alice@example.com"],
  nodes: {
    laptop: {
      user: "alice@example.com",
      tags: [],
      ipv4: "100.64.0.1",
      ipv6: "fd7a:115c:a1e0::1",
      routes: [],
      approved: [],
    },
    web: { tags: ["tag:web"], ipv4: "100.64.0.2", routes: ["10.42.0.0/16"], approved: ["10.42.0.0/16"] },
  },
});
const policy = `{
  "tagOwners": { "tag:web": [] },
  "grants": [
    { "src": ["alice@example.com"], "dst": ["tag:web"], "ip": ["tcp:443", "udp:53"] },
    { "src": ["alice@example.com"], "dst": ["10.42.0.0/16"], "ip": ["8000-8080"] },
    { "src": ["192.0.2.0/24"], "dst": ["alice@example.com"], "app": { "example.com/cap": [{}] } },
  ],
}
`;

async function reach(files: Record<string, string>, ...args: string[]) {
  const terminal = capturedTerminal(files);
  return { exit: await runCli(["policy", "reach", ...args], terminal), ...terminal };
}

describe("who reaches what", () => {
  test("with --json, peers and filter of each device", async () => {
    const { exit, said } = await reach({ d: devices, p: policy }, "--devices", "d", "--json", "p");
    expect(exit).toBe(0);
    expect(JSON.parse(said.join("\n"))).toEqual({
      devices: {
        laptop: {
          peers: ["web"],
          filter: [
            {
              SrcIPs: ["192.0.2.0/24"],
              CapGrant: [{ Dsts: ["100.64.0.1/32", "fd7a:115c:a1e0::1/128"], CapMap: { "example.com/cap": [{}] } }],
            },
          ],
        },
        web: {
          peers: ["laptop"],
          filter: [
            {
              SrcIPs: ["100.64.0.1", "fd7a:115c:a1e0::1"],
              DstPorts: [{ IP: "100.64.0.2", Ports: { First: 443, Last: 443 } }],
              IPProto: [6],
            },
            {
              SrcIPs: ["100.64.0.1", "fd7a:115c:a1e0::1"],
              DstPorts: [{ IP: "100.64.0.2", Ports: { First: 53, Last: 53 } }],
              IPProto: [17],
            },
            {
              SrcIPs: ["100.64.0.1", "fd7a:115c:a1e0::1"],
              DstPorts: [{ IP: "10.42.0.0/16", Ports: { First: 8000, Last: 8080 } }],
            },
          ],
        },
      },
    });
  });

  test("else a table with the lines of the policy", async () => {
    const { said } = await reach({ d: devices, p: policy }, "--devices", "d", "p");
    expect(said).toEqual([
      "FROM          TO                 PORTS                BY",
      "192.0.2.0/24  laptop             app example.com/cap  line 6",
      "laptop        web                tcp:443              line 4",
      "laptop        web                udp:53               line 4",
      "laptop        web: 10.42.0.0/16  8000-8080            line 5",
    ]);
  });

  test("where no rule is written, everything, and it says so", async () => {
    const { said } = await reach({ d: devices, p: "{}" }, "--devices", "d", "p");
    expect(said.slice(1)).toEqual([
      expect.stringMatching(/^web, .* laptop +\* +no rules are written$/),
      expect.stringMatching(/^laptop, .* web: itself and behind it +\* +no rules are written$/),
    ]);
  });

  test("where nothing is let through, that", async () => {
    const { said } = await reach({ d: devices, p: '{"acls": []}' }, "--devices", "d", "p");
    expect(said).toEqual(["Nothing reaches anything."]);
  });

  test("a policy with an error gives no answer; one with a failed test does, and both say why", async () => {
    const broken = await reach({ d: devices, p: policy.replace("tag:web", "tag:wbe") }, "--devices", "d", "p");
    expect(broken).toMatchObject({ exit: 1, said: [] });
    expect(broken.complained.join("\n")).toContain("MESH_RULES_UNKNOWN_NAME");
    const failing = policy.replace(/}\n$/, '"tests": [{ "src": "alice@example.com", "accept": ["tag:web:22"] }] }\n');
    const failed = await reach({ d: devices, p: failing }, "--devices", "d", "p");
    expect(failed.exit).toBe(0);
    expect(failed.said.length).toBe(5);
    expect(failed.complained.join("\n")).toContain("MESH_RULES_TEST_FAILED");
  });

  test("names of devices are inert", async () => {
    const evil = devices.replace('"laptop"', '"lap\\u001b[2Jtop"');
    const { said } = await reach({ d: evil, p: policy }, "--devices", "d", "p");
    expect(said.length).toBe(5);
    expect(said.join("\n")).not.toContain("\u001b");
  });
});

test.each([[["p"]], [["--devices", "d"]], [["--devices", "d", "p", "p"]], [["--devices", "gone", "p"]]])(
  "%j is a usage error",
  async (args) => {
    expect((await reach({ d: devices, p: policy }, ...args)).exit).toBe(2);
  },
);

const recordings = sharedLines<{
  readonly id: string;
  readonly policy: unknown;
  readonly users: unknown;
  readonly nodes: unknown;
  readonly peers?: Readonly<Record<string, unknown>>;
}>("saas-recordings.jsonl.gz");
if (recordings !== undefined) {
  test("a recording's devices and policy are taken as they are", async () => {
    const one = recordings.find(({ peers }) => peers !== undefined);
    const files = { d: JSON.stringify({ users: one?.users, nodes: one?.nodes }), p: JSON.stringify(one?.policy) };
    const { said } = await reach(files, "--devices", "d", "--json", "p");
    const answer: { readonly devices: Readonly<Record<string, { readonly peers: unknown }>> } = JSON.parse(
      said.join(""),
    );
    const peers = Object.fromEntries(Object.entries(answer.devices).map(([name, device]) => [name, device.peers]));
    expect(peers).toEqual(one?.peers);
  });
}
