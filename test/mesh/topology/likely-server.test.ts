/** Where a control server probably is: right for whatever the parser reads, or nothing. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { likelyServer } from "../../../src/mesh/topology/likely-server.ts";
import { parseTopology } from "../../../src/mesh/topology/parse.ts";

const rest = `ssh: { user: root, known-hosts: known_hosts }
clusters:
  homelab: { pods: 10.42.0.0/16, services: 10.43.0.0/16, nodes: { homelab-1: 10.10.10.10 } }
`;

describe("likelyServer", () => {
  test.each<[string, string, string | undefined]>([
    ["no tailnet at all", "", "https://api.tailscale.com"],
    ["a name only", "tailnet:\n  name: example.com\n", "https://api.tailscale.com"],
    ["a flow mapping", 'tailnet: { control: headscale, url: "https://hs.example.net" }\n', "https://hs.example.net"],
    [
      "a block",
      "tailnet:\n  control: headscale\n  # here\n\n  url: https://hs.example.net:8443\n",
      "https://hs.example.net:8443",
    ],
    ["no TLS", "tailnet: { control: headscale, url: http://10.0.0.1:8080 }\n", undefined],
    ["Headscale without an address", "tailnet: { control: headscale }\n", undefined],
    ["an address from a variable", "tailnet: { control: headscale, url: { env: URL } }\n", undefined],
    ["roots of its own", "tailnet: { control: headscale, url: https://hs.example.net, ca: ca.pem }\n", undefined],
    [
      "another address elsewhere",
      "stores: { v: { vault: { url: https://v.example.net } } }\n",
      "https://api.tailscale.com",
    ],
    ["an address that is none", "tailnet: { control: headscale, url: 'https://[' }\n", undefined],
  ])("%s", (_, tailnet, server) => expect(likelyServer(`version: 1\n${tailnet}${rest}`)).toBe(server));

  test("names the server that the parser finds, however it is written", () => {
    const url = fc.constantFrom("https://hs.example.net", "https://10.0.0.1:8443", "https://hs.example.net/");
    const style = fc.constantFrom(
      (at: string) => `tailnet: { control: headscale, url: "${at}" }`,
      (at: string) => `tailnet: {url: '${at}', control: headscale} # the server`,
      (at: string) => `tailnet:\n    url: ${at}   # https://not.example.net\n    control: headscale`,
      (at: string) => `# url: https://not.example.net\r\ntailnet:\r\n  control: headscale\r\n  url: ${at}\r`,
    );
    fc.assert(
      fc.property(url, style, (at, write) => {
        const text = `version: 1\n${write(at)}\n${rest}`;
        const { tailnet } = parseTopology(text, { file: "tailmesh.yaml", env: () => undefined });
        expect(new URL(likelyServer(text) ?? "none:").origin).toBe(new URL(tailnet.url).origin);
      }),
    );
  });
});
