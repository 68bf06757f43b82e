/** Files that are right, and what they mean. */
import { describe, expect, test } from "vitest";
import { advertisedRoutes, meshNodes, tailscaleNodes } from "../../../src/mesh/mesh.ts";
import { example, parse } from "./support.ts";

const two = example("two-clusters.yaml");

/** The example of two clusters with another cluster, or other lines before `clusters`. */
function withLines(...lines: readonly string[]): string {
  return [...lines, two].join("\n");
}

describe("the example of two clusters", () => {
  const mesh = parse(two);

  test("defaults of the tailnet", () => {
    expect(mesh.tailnet).toEqual({
      control: "tailscale",
      url: "https://api.tailscale.com",
      name: "-",
      ownerTag: "tag:ci",
      ca: undefined,
    });
  });

  test("clusters and nodes, complete", () => {
    expect(
      mesh.clusters.map((c) => [c.name, c.tag, advertisedRoutes(c), c.state, c.advertise, c.underlayOnly, c.lan]),
    ).toEqual([
      ["homelab", "tag:homelab", ["10.42.0.0/16", "10.43.0.0/16"], "present", "cluster", false, undefined],
      ["oracle", "tag:oracle", ["10.52.0.0/16", "10.53.0.0/16"], "present", "cluster", false, undefined],
    ]);
    expect(meshNodes(mesh)).toEqual([
      {
        name: "homelab-1",
        cluster: "homelab",
        address: "10.10.10.10",
        role: "router",
        k3s: "server",
        hostname: "homelab-1",
        state: "present",
        ssh: {
          user: "ubuntu",
          host: "10.10.10.10",
          port: 22,
          hostKey: undefined,
          knownHosts: "known_hosts",
          jump: [],
          via: "direct",
        },
      },
      {
        name: "oracle-1",
        cluster: "oracle",
        address: "10.0.0.26",
        role: "router",
        k3s: "server",
        hostname: "oracle-1",
        state: "present",
        ssh: {
          user: "ubuntu",
          host: "oracle.example.net",
          port: 22,
          hostKey: undefined,
          knownHosts: "known_hosts",
          jump: [],
          via: "direct",
        },
      },
    ]);
  });

  test("links in both directions, nothing else", () => {
    expect(mesh.links).toEqual([
      { from: "homelab", to: "oracle", ports: [] },
      { from: "oracle", to: "homelab", ports: [] },
    ]);
    expect([mesh.forbid, mesh.policyFiles, mesh.accept, mesh.stores, mesh.storedKeys]).toEqual([[], [], [], [], []]);
    expect([mesh.credentials, mesh.rollout, mesh.dns]).toEqual([undefined, undefined, undefined]);
  });
});

describe("the example with every key", () => {
  const mesh = parse(example("many.yaml"));
  const node = (name: string) => meshNodes(mesh).find((n) => n.name === name);

  test("roles: the first present node routes, the others are members", () => {
    expect(meshNodes(mesh).map((n) => `${n.name} ${n.role} ${n.k3s} ${n.state}`)).toEqual([
      "homelab-1 router server present",
      "homelab-2 router agent present",
      "homelab-3 plain agent present",
      "homelab-4 member agent absent",
      "oracle-1 router server present",
      "oracle-2 member agent present",
      "workshop-1 router server present",
      "attic-1 router server absent",
    ]);
    expect(tailscaleNodes(mesh).map((n) => n.name)).toEqual([
      "homelab-1",
      "homelab-2",
      "oracle-1",
      "oracle-2",
      "workshop-1",
    ]);
  });

  test("jumps: outermost first, and a jump host is dialled without itself", () => {
    const hosts = (name: string) => node(name)?.ssh.jump.map((hop) => `${hop.user}@${hop.host}:${hop.port}`);
    expect(hosts("homelab-1")).toEqual(["jump@bastion.example.net:2222"]);
    expect(hosts("homelab-2")).toEqual(["jump@bastion.example.net:2222", "ubuntu@10.10.10.10:22"]);
    expect(hosts("oracle-1")).toEqual([]);
    expect(hosts("oracle-2")).toEqual(["ubuntu@203.0.113.7:22"]);
  });

  test("host keys: the innermost level decides, a comment is dropped", () => {
    const { hostKey, knownHosts } = node("oracle-1")?.ssh ?? {};
    expect(hostKey).toEqual({
      kind: "key",
      key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
    });
    expect(knownHosts).toBeUndefined();
    expect(node("workshop-1")?.ssh.knownHosts).toBe("workshop_hosts");
    expect(node("homelab-2")?.ssh.jump[0]?.hostKey).toEqual({
      kind: "fingerprint",
      sha256: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
    });
    expect(node("oracle-2")?.ssh.jump[0]?.hostKey?.kind).toBe("key");
  });

  test("links and what is forbidden, one per pair", () => {
    expect(
      mesh.links.map((l) => [l.from, l.to, l.ports.map((p) => `${p.protocol}:${p.first}-${p.last}`).join(" ")]),
    ).toEqual([
      ["homelab", "oracle", ""],
      ["oracle", "homelab", "tcp:443-443 udp:53-53 tcp:8000-8100 icmp:undefined-undefined"],
      ["workshop", "homelab", "tcp:undefined-undefined"],
    ]);
    expect(mesh.forbid.map((l) => `${l.from} ${l.to} ${l.ports.length}`)).toEqual([
      "oracle homelab 1",
      "oracle workshop 0",
    ]);
  });

  test("stores and keys, in seconds, with defaults that follow the expiry", () => {
    expect(mesh.stores).toMatchObject([
      {
        kind: "vault",
        mount: "kv/network",
        auth: { method: "jwt", mount: "jwt/github", role: "tailmesh" },
        namespace: "home/mesh",
        authNamespace: "home",
      },
      { kind: "github", environment: "production" },
      { kind: "file", folder: "/srv/tailmesh/keys" },
    ]);
    expect(mesh.storedKeys).toMatchObject([
      {
        name: "homelab-spare",
        tags: ["tag:k3s-home"],
        place: "tailmesh/homelab",
        expiry: 7_776_000,
        rotateAfter: 2_592_000,
        renewBefore: 3_888_000,
        reusable: true,
      },
      {
        name: "runners",
        tags: ["tag:runner"],
        place: "RUNNER_AUTHKEY",
        expiry: 2_592_000,
        rotateAfter: 864_000,
        renewBefore: 1_296_000,
        reusable: false,
      },
    ]);
    expect([mesh.credentials, mesh.rollout, mesh.dns]).toEqual([
      { store: "vault", path: "tailmesh/oauth" },
      { first: ["workshop"], pauseOn: "regression" },
      { zone: "mesh" },
    ]);
  });
});

describe("values from variables", () => {
  test("of every kind, in every place", () => {
    const mesh = parse(`
version: { env: ONE }
ssh: { known-hosts: known_hosts, port: { env: SSH_PORT } }
clusters:
  homelab:
    pods: { env: HOME_PODS }
    services: 10.43.0.0/16
    underlay-only: { env: UNDERLAY }
    nodes: { homelab-1: { env: HOME_ADDRESS } }`);
    expect(mesh.clusters[0]).toMatchObject({
      underlayOnly: true,
      nodes: [{ address: "10.10.10.10", ssh: { port: 2222, host: "10.10.10.10" } }],
    });
    expect(mesh.clusters[0]?.pods.text).toBe("10.42.0.0/16");
  });

  test("a node, cluster or store may be called env", () => {
    const mesh = parse(`
version: 1
ssh: { known-hosts: k }
clusters: { env: { pods: 10.42.0.0/16, services: 10.43.0.0/16, nodes: { env: 10.0.0.1 } } }
stores: { env: { github: { environment: e } } }`);
    expect([mesh.clusters[0]?.name, mesh.clusters[0]?.nodes[0]?.name, mesh.stores?.[0]?.name]).toEqual([
      "env",
      "env",
      "env",
    ]);
  });
});

describe("ssh", () => {
  const mesh = (ssh: string, node: string) =>
    parse(`
version: 1
ssh: ${ssh}
clusters:
  a:
    pods: 10.42.0.0/16
    services: 10.43.0.0/16
    ssh: { user: middle }
    nodes:
      a1: { address: 10.0.0.1, ssh: ${node} }
      a2: 10.0.0.2`);
  const fingerprint = `SHA256:${"a".repeat(43)}`;

  test("laid over each other key by key", () => {
    const [a1, a2] = meshNodes(mesh("{ user: top, port: 2200, known-hosts: k }", "{ user: inner, host: a.example }"));
    expect(a1?.ssh).toMatchObject({ user: "inner", port: 2200, host: "a.example", knownHosts: "k" });
    expect(a2?.ssh).toMatchObject({ user: "middle", port: 2200, host: "10.0.0.2" });
  });

  test("a node's key replaces the file of the top level, and the other way round", () => {
    expect(meshNodes(mesh("{ known-hosts: k }", `{ host-key: "${fingerprint}=" }`))[0]?.ssh).toMatchObject({
      hostKey: { kind: "fingerprint", sha256: fingerprint },
      knownHosts: undefined,
    });
    expect(meshNodes(mesh(`{ host-key: "${fingerprint}" }`, "{ known-hosts: k }"))[0]?.ssh).toMatchObject({
      hostKey: undefined,
      knownHosts: "k",
    });
  });

  test("a jump over a node goes the node's own way first", () => {
    const [, a2] = meshNodes(
      parse(`
version: 1
ssh: { known-hosts: k, user: u }
clusters:
  a:
    pods: 10.42.0.0/16
    services: 10.43.0.0/16
    nodes:
      a1: { address: 10.0.0.1, ssh: { jump: root@b.example } }
      a2: { address: 10.0.0.2, ssh: { jump: a1 } }`),
    );
    expect(a2?.ssh.jump.map((h) => `${h.user}@${h.host}:${h.port} ${h.knownHosts}`)).toEqual([
      "root@b.example:22 k",
      "u@10.0.0.1:22 k",
    ]);
  });
});

describe("links", () => {
  test("full is everything that is not forbidden", () => {
    const mesh = parse(
      withLines('forbid: [{ from: oracle, to: homelab, ports: ["tcp:22", icmp] }, { from: homelab, to: oracle }]'),
    );
    expect(mesh.links).toEqual([
      {
        from: "oracle",
        to: "homelab",
        ports: [
          { protocol: "tcp", first: 1, last: 21 },
          { protocol: "tcp", first: 23, last: 65_535 },
          { protocol: "udp", first: undefined, last: undefined },
        ],
      },
    ]);
  });

  test("an absent cluster has none, and its range is still taken", () => {
    const third = "  c: { state: absent, pods: 10.62.0.0/16, services: 10.63.0.0/16, nodes: { c1: 10.1.1.1 } }\n";
    const mesh = parse(`${two}${third}links: [{ from: homelab, to: c }, { from: homelab, to: oracle }]`);
    expect(mesh.links.map((l) => l.to)).toEqual(["oracle"]);
    expect(parse(`${two}${third}`).links).toHaveLength(2);
  });

  test("several entries of one pair are one link", () => {
    const mesh = parse(
      withLines(
        'links: [{ from: oracle, to: homelab, ports: ["tcp:1"] }, { from: oracle, to: homelab, ports: ["udp:2"] }]',
      ),
    );
    expect(mesh.links.map((l) => l.ports.length)).toEqual([2]);
    const all = parse(
      withLines(
        'links: [{ from: oracle, to: homelab, ports: ["tcp:1"] }, { from: oracle, to: homelab, ports: ["*"] }]',
      ),
    );
    expect(all.links).toEqual([{ from: "oracle", to: "homelab", ports: [] }]);
  });
});

describe("what is allowed", () => {
  test.each([
    ["equal LANs of different clusters", two.replaceAll("    services:", "    lan: 192.168.1.0/24\n    services:")],
    ["equal node addresses in different clusters", two.replace("10.0.0.26", "10.10.10.10")],
    ["http on loopback", withLines("tailnet: { control: headscale, url: http://127.0.0.1:8080 }")],
    ["http on localhost", withLines("tailnet: { control: headscale, url: http://localhost:8080/ }")],
    ["anchors", withLines("tailnet: &t { owner-tag: tag:ci }").replace("10.42.0.0/16", "&p 10.42.0.0/16")],
    ["Windows line ends and a mark of byte order", `\ufeff${two.replaceAll("\n", "\r\n")}`],
    ["a policy of parts", withLines("policy: { parts: [a.hujson, b.hujson] }")],
    [
      "a key of Headscale that lives longer than 90 days",
      withLines(
        "tailnet: { control: headscale, url: https://h.example }",
        "stores: { v: { vault: { url: https://v.example } } }",
        "stored-keys: { k: { cluster: oracle, store: v, path: a/b, expiry: 400d } }",
      ),
    ],
  ])("%s", (_, text) => {
    expect(parse(text).clusters).toHaveLength(2);
  });

  test("a URL loses its trailing slash", () => {
    expect(parse(withLines("tailnet: { control: headscale, url: https://h.example/base/ }")).tailnet.url).toBe(
      "https://h.example/base",
    );
  });

  test("a folder as a store, and a key in it", () => {
    const mesh = parse(
      withLines(
        "stores: { f: { file: { folder: /srv/keys } } }",
        "stored-keys: { k: { cluster: oracle, store: f, path: mesh/oracle.json } }",
      ),
    );
    expect(mesh.stores).toEqual([{ kind: "file", name: "f", folder: "/srv/keys" }]);
    expect(mesh.storedKeys).toMatchObject([{ store: "f", place: "mesh/oracle.json" }]);
  });

  test("the defaults of a store", () => {
    expect(parse(withLines("stores: { v: { vault: { url: https://v.example, namespace: n } } }")).stores).toEqual([
      {
        kind: "vault",
        name: "v",
        url: "https://v.example",
        mount: "secret",
        auth: { method: "jwt", mount: "jwt", role: undefined },
        namespace: "n",
        authNamespace: "n",
        ca: undefined,
      },
    ]);
  });
});

test("fifty clusters of twenty nodes are read in well under a second", () => {
  const clusters = Array.from({ length: 50 }, (_, c) => {
    const nodes = Array.from({ length: 20 }, (_, n) => `      c${c}-${n}: 192.168.${c}.${n + 1}`).join("\n");
    return `  c${c}:\n    pods: 10.${c + 50}.0.0/17\n    services: 10.${c + 50}.128.0/17\n    nodes:\n${nodes}`;
  });
  const started = performance.now();
  const mesh = parse(`version: 1\nssh: { known-hosts: k, jump: c0-0 }\nclusters:\n${clusters.join("\n")}\n`);
  expect(meshNodes(mesh)).toHaveLength(1000);
  expect(mesh.links).toHaveLength(2450);
  // Generous, since other work may run on the same machine; it takes a tenth of it.
  expect(performance.now() - started).toBeLessThan(3000);
});
