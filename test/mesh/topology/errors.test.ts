/** Files that are wrong: every problem with its code and its place. */
import { describe, expect, test } from "vitest";
import { meshErrors } from "../../../src/mesh/errors.ts";
import { problemsOf, summary } from "./support.ts";

/** Lines of a good file; a test replaces some. Line n of the array is line n + 1 of the file. */
const good = {
  version: "version: 1",
  ssh: "ssh: { user: ubuntu, known-hosts: known_hosts }",
  clusters: "clusters:",
  homelab: "  homelab:",
  homePods: "    pods: 10.42.0.0/16",
  homeServices: "    services: 10.43.0.0/16",
  homeNodes: "    nodes:",
  home1: "      homelab-1: 10.10.10.10",
  oracle: "  oracle:",
  oraclePods: "    pods: 10.52.0.0/16",
  oracleServices: "    services: 10.53.0.0/16",
  oracleNodes: "    nodes:",
  oracle1: "      oracle-1: { address: 10.0.0.26 }",
  more: "",
} as const;

function file(changes: Partial<Record<keyof typeof good, string>>): string {
  return Object.values({ ...good, ...changes }).join("\n");
}

function found(changes: Partial<Record<keyof typeof good, string>>): readonly string[] {
  return summary(problemsOf(file(changes)));
}

test("the good file is good", () => expect(found({})).toEqual([]));

type Row = readonly [what: string, changes: Partial<Record<keyof typeof good, string>>, expected: readonly string[]];

const keys: readonly Row[] = [
  ["unknown key at the top", { more: "clutsers: {}" }, ["MESH_TOPOLOGY_UNKNOWN_KEY 14:1"]],
  [
    "unknown key in ssh",
    { ssh: "ssh: { user: ubuntu, known-hosts: k, keyfile: x }" },
    ["MESH_TOPOLOGY_UNKNOWN_KEY 2:38"],
  ],
  ["unknown key in a cluster", { homePods: "    pods: 10.42.0.0/16\n    podz: 1" }, ["MESH_TOPOLOGY_UNKNOWN_KEY 6:5"]],
  [
    "unknown key in a node",
    { oracle1: "      oracle-1: { address: 10.0.0.26, adress: 1 }" },
    ["MESH_TOPOLOGY_UNKNOWN_KEY 13:39"],
  ],
  [
    "unknown key in a jump host",
    { ssh: "ssh: { known-hosts: k, jump: [{ host: b.example, usr: x }] }" },
    ["MESH_TOPOLOGY_UNKNOWN_KEY 2:50"],
  ],
  ["duplicate key at the top", { more: "version: 1" }, ["MESH_TOPOLOGY_DUPLICATE_KEY 14:1"]],
  ["duplicate cluster", { oracle: "  homelab:" }, ["MESH_TOPOLOGY_DUPLICATE_KEY 9:3"]],
  [
    "duplicate key in a flow mapping",
    { ssh: "ssh: { user: a, known-hosts: k, user: b }" },
    ["MESH_TOPOLOGY_DUPLICATE_KEY 2:33"],
  ],
  ["a key that is special in JavaScript", { more: "__proto__: { x: 1 }" }, ["MESH_TOPOLOGY_UNKNOWN_KEY 14:1"]],
  ["version missing", { version: "" }, ["MESH_TOPOLOGY_MISSING_KEY 2:1"]],
  ["pods missing", { homePods: "" }, ["MESH_TOPOLOGY_MISSING_KEY 4:3"]],
  ["nodes missing", { oracleNodes: "", oracle1: "" }, ["MESH_TOPOLOGY_MISSING_KEY 9:3"]],
  ["address missing", { oracle1: "      oracle-1: { role: router }" }, ["MESH_TOPOLOGY_MISSING_KEY 13:7"]],
];

const shapes: readonly Row[] = [
  ["another version", { version: "version: 2" }, ["MESH_TOPOLOGY_TYPE 1:10"]],
  [
    "a role that does not exist",
    { oracle1: "      oracle-1: { address: 10.0.0.26, role: gateway }" },
    ["MESH_TOPOLOGY_CHOICE 13:45"],
  ],
  [
    "a K3s role that does not exist",
    { oracle1: "      oracle-1: { address: 10.0.0.26, k3s: master }" },
    ["MESH_TOPOLOGY_CHOICE 13:44"],
  ],
  ["links of a word that does not exist", { more: "links: some" }, ["MESH_TOPOLOGY_CHOICE 14:8"]],
  ["a list where a mapping belongs", { oracleNodes: "    nodes: [a]", oracle1: "" }, ["MESH_TOPOLOGY_TYPE 12:12"]],
  ["text where a mapping belongs", { ssh: "ssh: ubuntu@known_hosts" }, ["MESH_TOPOLOGY_TYPE 2:6"]],
  ["a number where text belongs", { homePods: "    pods: 10.42" }, ["MESH_TOPOLOGY_TYPE 5:11"]],
  ["nothing where text belongs", { homePods: "    pods:" }, ["MESH_TOPOLOGY_TYPE 5:10"]],
  ["a number where a node belongs", { home1: "      homelab-1: 10" }, ["MESH_TOPOLOGY_TYPE 8:18"]],
  [
    "text where true or false belongs",
    { homePods: '    pods: 10.42.0.0/16\n    underlay-only: "yes"' },
    ["MESH_TOPOLOGY_TYPE 6:20"],
  ],
  ["a port of SSH that is too high", { ssh: "ssh: { known-hosts: k, port: 65536 }" }, ["MESH_TOPOLOGY_VALUE 2:30"]],
  ["a port of SSH that is zero", { ssh: "ssh: { known-hosts: k, port: 0 }" }, ["MESH_TOPOLOGY_VALUE 2:30"]],
  ["a port of SSH that is no number", { ssh: "ssh: { known-hosts: k, port: ssh }" }, ["MESH_TOPOLOGY_TYPE 2:30"]],
  [
    "no clusters",
    {
      clusters: "clusters: {}",
      homelab: "",
      homePods: "",
      homeServices: "",
      homeNodes: "",
      home1: "",
      oracle: "",
      oraclePods: "",
      oracleServices: "",
      oracleNodes: "",
      oracle1: "",
    },
    ["MESH_TOPOLOGY_MISSING_KEY 3:11"],
  ],
];

const networks: readonly Row[] = [
  ["host bits", { homePods: "    pods: 10.42.1.0/16" }, ["MESH_CIDR_HOST_BITS 5:11"]],
  [
    "host bits in a LAN",
    { homePods: "    pods: 10.42.0.0/16\n    lan: [192.168.1.1/24]" },
    ["MESH_CIDR_HOST_BITS 6:11"],
  ],
  ["no length", { homePods: "    pods: 10.42.0.0" }, ["MESH_CIDR_INVALID 5:11"]],
  ["leading zeros", { homePods: "    pods: 010.42.0.0/16" }, ["MESH_CIDR_INVALID 5:11"]],
  ["an IPv6 prefix", { homePods: "    pods: fd00:42::/56" }, ["MESH_IPV6_UNSUPPORTED 5:11"]],
  ["both families", { homePods: '    pods: "10.42.0.0/16,fd00:42::/56"' }, ["MESH_IPV6_UNSUPPORTED 5:11"]],
  ["an IPv6 address", { home1: "      homelab-1: fd00::1" }, ["MESH_IPV6_UNSUPPORTED 8:18"]],
  [
    "an IPv6 host",
    { oracle1: '      oracle-1: { address: 10.0.0.26, ssh: { host: "2001:db8::1" } }' },
    ["MESH_IPV6_UNSUPPORTED 13:52"],
  ],
  ["an address that is none", { home1: "      homelab-1: 10.10.10.300" }, ["MESH_ADDRESS_INVALID 8:18"]],
  ["an address of loopback", { home1: "      homelab-1: 127.0.0.1" }, ["MESH_ADDRESS_INVALID 8:18"]],
  [
    "a host with a port in it",
    { oracle1: '      oracle-1: { address: 10.0.0.26, ssh: { host: "a.example:22" } }' },
    ["MESH_ADDRESS_INVALID 13:52"],
  ],
  [
    "a host that is an option",
    { oracle1: "      oracle-1: { address: 10.0.0.26, ssh: { host: -oProxyCommand=x } }" },
    ["MESH_ADDRESS_INVALID 13:52"],
  ],
  ["two clusters with one network", { oraclePods: "    pods: 10.42.0.0/16" }, ["MESH_CIDR_OVERLAP 10:11"]],
  ["pods within another's services", { oraclePods: "    pods: 10.43.128.0/20" }, ["MESH_CIDR_OVERLAP 10:11"]],
  ["a cluster's own two networks", { homeServices: "    services: 10.42.128.0/17" }, ["MESH_CIDR_OVERLAP 6:15"]],
  ["the tailnet's addresses", { oraclePods: "    pods: 100.80.0.0/16" }, ["MESH_CIDR_OVERLAP 10:11"]],
  ["loopback", { oraclePods: "    pods: 127.0.0.0/16" }, ["MESH_CIDR_OVERLAP 10:11"]],
  ["another's LAN", { homePods: "    pods: 10.42.0.0/16\n    lan: [10.52.7.0/24]" }, ["MESH_CIDR_OVERLAP 11:11"]],
  ["a cluster's own LAN", { homePods: "    pods: 10.42.0.0/16\n    lan: 10.43.0.0/24" }, ["MESH_CIDR_OVERLAP 7:15"]],
  ["a node's address", { home1: "      homelab-1: 10.52.0.9" }, ["MESH_CIDR_OVERLAP 10:11"]],
  [
    "the address of a jump host",
    { ssh: "ssh: { known-hosts: k, jump: root@10.53.0.9 }" },
    Array(2).fill("MESH_CIDR_OVERLAP 11:15"),
  ],
  ["a prefix that may be accepted", { more: "accept: [10.53.0.0/20]" }, ["MESH_CIDR_OVERLAP 11:15"]],
  [
    "both on K3s' defaults",
    { oraclePods: "    pods: 10.42.0.0/16", oracleServices: "    services: 10.43.0.0/16" },
    ["MESH_K3S_DEFAULTS 10:11"],
  ],
];

const names: readonly Row[] = [
  ["a cluster with a capital", { homelab: "  Homelab:" }, ["MESH_TOPOLOGY_NAME 4:3"]],
  ["a cluster that is a path", { homelab: "  ../../etc:" }, ["MESH_TOPOLOGY_NAME 4:3"]],
  ["a node with shell in it", { home1: '      "$(reboot)": 10.10.10.10' }, ["MESH_TOPOLOGY_NAME 8:7"]],
  ["a node of digits", { home1: "      12: 10.10.10.10" }, ["MESH_TOPOLOGY_NAME 8:7"]],
  ["a node that is too long", { home1: `      ${"a".repeat(64)}: 10.10.10.10` }, ["MESH_TOPOLOGY_NAME 8:7"]],
  [
    "a host name with a dot",
    { oracle1: "      oracle-1: { address: 10.0.0.26, hostname: a.b }" },
    ["MESH_TOPOLOGY_NAME 13:49"],
  ],
  ["a tag without tag:", { homePods: "    pods: 10.42.0.0/16\n    tag: homelab" }, ["MESH_TAG_INVALID 6:10"]],
  ["a tag with a capital", { homePods: "    pods: 10.42.0.0/16\n    tag: tag:Home" }, ["MESH_TAG_INVALID 6:10"]],
  ["a name that makes no tag", { homelab: "  3rd:" }, ["MESH_TAG_INVALID 4:3"]],
  [
    "two clusters with one tag",
    { oraclePods: "    tag: tag:homelab\n    pods: 10.52.0.0/16" },
    ["MESH_TAG_SHARED 10:10"],
  ],
  ["a cluster with the owner's tag", { homelab: "  ci:" }, ["MESH_TAG_SHARED 4:3"]],
  ["one node in two clusters", { oracle1: "      homelab-1: { address: 10.0.0.26 }" }, ["MESH_DUPLICATE_NODE 13:7"]],
  [
    "one host name twice",
    { oracle1: "      oracle-1: { address: 10.0.0.26, hostname: homelab-1 }" },
    ["MESH_DUPLICATE_NODE 13:49"],
  ],
  [
    "one address twice in a cluster",
    { home1: "      homelab-1: 10.10.10.10\n      homelab-2: 10.10.10.10" },
    ["MESH_DUPLICATE_ADDRESS 9:18"],
  ],
  ["no router by role", { home1: "      homelab-1: { address: 10.10.10.10, role: member }" }, ["MESH_NO_ROUTER 7:5"]],
  ["no router by state", { home1: "      homelab-1: { address: 10.10.10.10, state: absent }" }, ["MESH_NO_ROUTER 7:5"]],
  ["no node", { homeNodes: "    nodes: {}", home1: "" }, ["MESH_NO_ROUTER 7:12"]],
];

const ssh: readonly Row[] = [
  [
    "no host key for any node",
    { ssh: "ssh: { user: ubuntu }" },
    ["MESH_HOST_KEY_MISSING 8:7", "MESH_HOST_KEY_MISSING 13:7"],
  ],
  [
    "no host key for one node",
    { ssh: "", homeNodes: "    ssh: { known-hosts: k }\n    nodes:" },
    ["MESH_HOST_KEY_MISSING 14:7"],
  ],
  [
    "no host key for a jump host",
    {
      ssh: "",
      homeNodes: `    ssh: { host-key: SHA256:${"a".repeat(43)}, jump: root@b.example }\n    nodes:`,
      oracleNodes: "    ssh: { known-hosts: k }\n    nodes:",
    },
    ["MESH_HOST_KEY_MISSING 7:80"],
  ],
  ["a host key that is none", { ssh: "ssh: { host-key: SHA256:abc }" }, ["MESH_HOST_KEY_INVALID 2:18"]],
  [
    "a host key of another type than it says",
    { ssh: "ssh: { host-key: ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl }" },
    ["MESH_HOST_KEY_INVALID 2:18"],
  ],
  [
    "both a key and a file",
    { ssh: `ssh: { known-hosts: k, host-key: SHA256:${"a".repeat(43)} }` },
    ["MESH_HOST_KEY_INVALID 2:24"],
  ],
  ["a user that is an option", { ssh: "ssh: { known-hosts: k, user: -l }" }, ["MESH_TOPOLOGY_VALUE 2:30"]],
  ["a file that is an option", { ssh: "ssh: { known-hosts: -k }" }, ["MESH_TOPOLOGY_VALUE 2:21"]],
  ["a file with a line break", { ssh: 'ssh: { known-hosts: "a\\nb" }' }, ["MESH_TOPOLOGY_VALUE 2:21"]],
  ["a jump over nobody", { ssh: "ssh: { known-hosts: k, jump: bastion }" }, ["MESH_JUMP_INVALID 2:30"]],
  ["a jump of a wrong form", { ssh: 'ssh: { known-hosts: k, jump: "u@h:99999" }' }, ["MESH_JUMP_INVALID 2:30"]],
  [
    "a jump over itself",
    { oracle1: "      oracle-1: { address: 10.0.0.26, ssh: { jump: oracle-1 } }" },
    ["MESH_JUMP_INVALID 13:52"],
  ],
  [
    "jumps in a circle",
    {
      home1: "      homelab-1: { address: 10.10.10.10, ssh: { jump: oracle-1 } }",
      oracle1: "      oracle-1: { address: 10.0.0.26, ssh: { jump: [homelab-1] } }",
    },
    ["MESH_JUMP_INVALID 8:55", "MESH_JUMP_INVALID 13:53"],
  ],
];

const tailnet: readonly Row[] = [
  ["headscale without a URL", { more: "tailnet: { control: headscale }" }, ["MESH_TOPOLOGY_MISSING_KEY 14:1"]],
  ["another control server", { more: "tailnet: { control: netbird }" }, ["MESH_TOPOLOGY_CHOICE 14:21"]],
  [
    "a URL without encryption",
    { more: "tailnet: { control: headscale, url: http://hs.example }" },
    ["MESH_URL_INVALID 14:37"],
  ],
  ["a URL with a password", { more: "tailnet: { url: https://u:p@hs.example }" }, ["MESH_URL_INVALID 14:17"]],
  ["a URL with a query", { more: 'tailnet: { url: "https://hs.example/?a" }' }, ["MESH_URL_INVALID 14:17"]],
  ["a URL with shell in it", { more: 'tailnet: { url: "https://hs.example/$(id)" }' }, ["MESH_URL_INVALID 14:17"]],
  ["no URL", { more: "tailnet: { url: hs.example }" }, ["MESH_URL_INVALID 14:17"]],
  ["a tailnet with a line break", { more: 'tailnet: { name: "a\\nb" }' }, ["MESH_TOPOLOGY_VALUE 14:18"]],
  ["an owner tag that is none", { more: "tailnet: { owner-tag: ci }" }, ["MESH_TAG_INVALID 14:23"]],
];

const wants: readonly Row[] = [
  ["a link from nowhere", { more: "links: [{ from: nowhere, to: oracle }]" }, ["MESH_UNKNOWN_CLUSTER 14:17"]],
  ["a forbidden link to nowhere", { more: "forbid: [{ from: oracle, to: nowhere }]" }, ["MESH_UNKNOWN_CLUSTER 14:30"]],
  ["a link to itself", { more: "links: [{ from: oracle, to: oracle }]" }, ["MESH_LINK_INVALID 14:29"]],
  [
    "demanded and forbidden",
    {
      more: 'links: [{ from: oracle, to: homelab, ports: ["tcp:1-99"] }]\nforbid: [{ from: oracle, to: homelab, ports: ["tcp:22"] }]',
    },
    ["MESH_LINK_INVALID 15:10"],
  ],
  [
    "a second bad link after a broken one",
    { more: "links: [5, { from: oracle, to: nowhere }]" },
    ["MESH_TOPOLOGY_TYPE 14:9", "MESH_UNKNOWN_CLUSTER 14:32"],
  ],
  ...["tcp", "443", "tcp:0", "tcp:65536", "tcp:9-1", "sctp:1", "icmp:8", "tcp:22;id"].map(
    (port): Row => [
      `the port ${port}`,
      { more: `links: [{ from: oracle, to: homelab, ports: ["${port}"] }]` },
      ["MESH_PORT_INVALID 14:46"],
    ],
  ),
  ["policy of nothing", { more: "policy: {}" }, ["MESH_POLICY_SOURCE 14:1"]],
  ["policy of both", { more: "policy: { file: a.hujson, parts: [b.hujson] }" }, ["MESH_POLICY_SOURCE 14:1"]],
  ["accept with host bits", { more: "accept: [192.168.1.1/24]" }, ["MESH_CIDR_HOST_BITS 14:10"]],
  ["rollout of nobody", { more: "rollout: { first: [nowhere] }" }, ["MESH_UNKNOWN_CLUSTER 14:20"]],
  ["rollout of one twice", { more: "rollout: { first: [oracle, oracle] }" }, ["MESH_TOPOLOGY_VALUE 14:28"]],
  ["a pause that does not exist", { more: "rollout: { pause-on: monday }" }, ["MESH_TOPOLOGY_CHOICE 14:22"]],
  ["the zone of every cluster", { more: "dns: { zone: cluster.local }" }, ["MESH_TOPOLOGY_VALUE 14:14"]],
  ["a zone that is no name", { more: "dns: { zone: a..b }" }, ["MESH_TOPOLOGY_VALUE 14:14"]],
];

const vault = "stores: { v: { vault: { url: https://v.example } }, g: { github: { environment: e } } }";
const stores: readonly Row[] = [
  ["a store of no kind", { more: "stores: { v: {} }" }, ["MESH_STORE_INVALID 14:11"]],
  [
    "credentials in a file store",
    { more: "stores: { f: { file: { folder: keys } } }\ncredentials: { from: f, path: a }" },
    ["MESH_STORE_INVALID 15:22"],
  ],
  [
    "a place that leaves the folder of a file store",
    {
      more: "stores: { f: { file: { folder: keys } } }\nstored-keys: { k: { cluster: oracle, store: f, path: ../a } }",
    },
    ["MESH_TOPOLOGY_VALUE 15:54"],
  ],
  [
    "a key of a file store by name",
    { more: "stores: { f: { file: { folder: keys } } }\nstored-keys: { k: { cluster: oracle, store: f, name: A } }" },
    ["MESH_STORED_KEY_INVALID 15:16", "MESH_STORED_KEY_INVALID 15:48"],
  ],
  [
    "a store of two kinds",
    { more: "stores: { v: { vault: { url: https://v.example }, github: { environment: e } } }" },
    ["MESH_STORE_INVALID 14:11"],
  ],
  [
    "a mount with dots",
    { more: "stores: { v: { vault: { url: https://v.example, mount: ../sys } } }" },
    ["MESH_TOPOLOGY_VALUE 14:56"],
  ],
  [
    "a login that does not exist",
    { more: "stores: { v: { vault: { url: https://v.example, auth: ldap } } }" },
    ["MESH_TOPOLOGY_CHOICE 14:55"],
  ],
  ["credentials from nowhere", { more: "credentials: { from: v, path: a/b }" }, ["MESH_UNKNOWN_STORE 14:22"]],
  [
    "credentials that cannot be read",
    { more: `${vault}\ncredentials: { from: g, path: a/b }` },
    ["MESH_STORE_INVALID 15:22"],
  ],
  [
    "a key in an unknown store",
    { more: "stored-keys: { k: { cluster: oracle, store: v, path: a } }" },
    ["MESH_UNKNOWN_STORE 14:45"],
  ],
  [
    "a key of an unknown cluster",
    { more: `${vault}\nstored-keys: { k: { cluster: nowhere, store: v, path: a } }` },
    ["MESH_UNKNOWN_CLUSTER 15:30"],
  ],
  [
    "a key of nobody",
    { more: `${vault}\nstored-keys: { k: { store: v, path: a } }` },
    ["MESH_STORED_KEY_INVALID 15:16"],
  ],
  [
    "a key of cluster and tags",
    { more: `${vault}\nstored-keys: { k: { cluster: oracle, tags: [tag:a], store: v, path: a } }` },
    ["MESH_STORED_KEY_INVALID 15:16"],
  ],
  [
    "a key without a path",
    { more: `${vault}\nstored-keys: { k: { cluster: oracle, store: v } }` },
    ["MESH_STORED_KEY_INVALID 15:16"],
  ],
  [
    "a key with a name in Vault",
    { more: `${vault}\nstored-keys: { k: { cluster: oracle, store: v, path: a, name: B } }` },
    ["MESH_STORED_KEY_INVALID 15:57"],
  ],
  [
    "a name that GitHub keeps for itself",
    { more: `${vault}\nstored-keys: { k: { cluster: oracle, store: g, name: GITHUB_X } }` },
    ["MESH_TOPOLOGY_VALUE 15:54"],
  ],
  [
    "two keys in one place",
    {
      more: `${vault}\nstored-keys: { k: { cluster: oracle, store: v, path: a }, l: { cluster: homelab, store: v, path: a } }`,
    },
    ["MESH_STORED_KEY_INVALID 15:59"],
  ],
  [
    "a duration that is none",
    { more: `${vault}\nstored-keys: { k: { cluster: oracle, store: v, path: a, expiry: 90 days } }` },
    ["MESH_DURATION_INVALID 15:65"],
  ],
  [
    "a duration of nothing",
    { more: `${vault}\nstored-keys: { k: { cluster: oracle, store: v, path: a, expiry: 0d } }` },
    ["MESH_DURATION_INVALID 15:65"],
  ],
  [
    "longer than Tailscale allows",
    { more: `${vault}\nstored-keys: { k: { cluster: oracle, store: v, path: a, expiry: 91d } }` },
    ["MESH_DURATION_INVALID 15:65"],
  ],
  [
    "rotated after it has expired",
    { more: `${vault}\nstored-keys: { k: { cluster: oracle, store: v, path: a, expiry: 30d, rotate-after: 30d } }` },
    ["MESH_DURATION_INVALID 15:84"],
  ],
];

const variables: readonly Row[] = [
  ["a variable that is not set", { homePods: "    pods: { env: NOT_SET }" }, ["MESH_ENV_MISSING 5:11"]],
  ["a variable that is empty", { home1: "      homelab-1: { env: EMPTY }" }, ["MESH_ENV_MISSING 8:18"]],
  [
    "a variable of the runner",
    { ssh: "ssh: { known-hosts: { env: ACTIONS_RUNTIME_TOKEN } }" },
    ["MESH_ENV_REFUSED 2:21"],
  ],
  ["an input of the action", { ssh: "ssh: { known-hosts: { env: INPUT_TOPOLOGY } }" }, ["MESH_ENV_REFUSED 2:21"]],
  ["a name that no variable has", { ssh: "ssh: { known-hosts: { env: a-b } }" }, ["MESH_TOPOLOGY_VALUE 2:21"]],
  ["a variable's bad value", { homePods: "    pods: { env: BAD_PREFIX }" }, ["MESH_CIDR_HOST_BITS 5:11"]],
  [
    "a variable's hostile value",
    { oracle1: "      oracle-1: { address: 10.0.0.26, ssh: { host: { env: HOSTILE } } }" },
    ["MESH_ADDRESS_INVALID 13:52"],
  ],
  [
    "a variable where a number belongs",
    { ssh: "ssh: { known-hosts: k, port: { env: HOSTILE } }" },
    ["MESH_TOPOLOGY_TYPE 2:30"],
  ],
];

describe.each([
  ["keys", keys],
  ["kinds of value", shapes],
  ["networks", networks],
  ["names", names],
  ["ssh", ssh],
  ["tailnet", tailnet],
  ["links, policy, rollout, dns", wants],
  ["stores and keys", stores],
  ["variables", variables],
] as const)("%s", (_, rows) => {
  test.each(rows)("%s", (_what, changes, expected) => {
    expect(found(changes)).toEqual(expected);
  });
});

describe("no topology at all", () => {
  const bomb = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    ...[..."bcdefghij"].map((c, n) => `${c}: &${c} [${Array(9).fill(`*${"abcdefghij"[n]}`).join(", ")}]`),
  ].join("\n");
  test.each([
    ["empty", "", ["MESH_TOPOLOGY_EMPTY 1:1"]],
    ["only a comment", "# nothing\n", ["MESH_TOPOLOGY_EMPTY 1:1"]],
    ["text", "hello", ["MESH_TOPOLOGY_EMPTY 1:1"]],
    ["a list", "\n- a\n", ["MESH_TOPOLOGY_EMPTY 2:1"]],
    ["an open bracket", "version: 1\nclusters: [", ["MESH_TOPOLOGY_SYNTAX 2:12"]],
    ["a tab", "version: 1\nclusters:\n\ta: 1", ["MESH_TOPOLOGY_SYNTAX 3:1"]],
    ["a tag of YAML", "version: !!js/function 1", ["MESH_TOPOLOGY_SYNTAX 1:10"]],
    ["an alias of nothing", "clusters: *nothing\nversion: 1", ["MESH_TOPOLOGY_SYNTAX 1:11"]],
    ["a key that is a list", "? [a]\n: 1", ["MESH_TOPOLOGY_SYNTAX 1:3"]],
    ["two documents", "version: 1\n---\nversion: 1", ["MESH_TOPOLOGY_SYNTAX 2:1"]],
    ["an alias within itself", "version: &a [*a]", ["MESH_TOPOLOGY_TOO_LARGE 1:14"]],
    ["a bomb of aliases", bomb, ["MESH_TOPOLOGY_TOO_LARGE"]],
    ["too deep", `version: ${"[".repeat(100)}${"]".repeat(100)}`, ["MESH_TOPOLOGY_TOO_LARGE 1:42"]],
    ["far too deep", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, ["MESH_TOPOLOGY_"]],
    ["too long", "#".repeat(600_000), ["MESH_TOPOLOGY_TOO_LARGE undefined:undefined"]],
  ])("%s", (_, text, expected) => {
    const errors = summary(problemsOf(text));
    expect(errors).toHaveLength(expected.length);
    expect(errors[0]).toMatch(new RegExp(`^${expected[0]}`));
  });
});

describe("what the messages say", () => {
  const first = (changes: Partial<Record<keyof typeof good, string>>) => problemsOf(file(changes))[0];

  test("every problem has a file and a hint", () => {
    for (const [, changes] of [
      ...keys,
      ...shapes,
      ...networks,
      ...names,
      ...ssh,
      ...tailnet,
      ...wants,
      ...stores,
      ...variables,
    ]) {
      for (const error of problemsOf(file(changes))) {
        expect(error.where?.file).toBe("tailmesh.yaml");
        expect(error.hint.length).toBeGreaterThan(10);
        expect(error.kind).toBe("config");
      }
    }
  });

  test("host bits: the canonical prefix", () => {
    expect(first({ homePods: "    pods: 10.42.1.0/16" })?.hint).toContain("10.42.0.0/16");
  });

  test("unknown values: the allowed ones", () => {
    expect(first({ oracle1: "      oracle-1: { address: 10.0.0.26, role: x }" })?.message).toContain(
      "router, member, plain",
    );
    expect(first({ oracle1: "      oracle-1: { address: 10.0.0.26, k3s: x }" })?.message).toContain("server, agent");
  });

  test("unknown keys: the known ones", () => {
    expect(first({ more: "dns: { zone: mesh, domain: mesh }" })?.hint).toContain("zone");
  });

  test("overlap: both networks, and a free range of the same size", () => {
    const error = first({ oraclePods: "    pods: 10.43.128.0/20" });
    expect(error?.message).toBe(
      "the pod network of oracle (10.43.128.0/20) overlaps the service network of homelab (10.43.0.0/16)",
    );
    expect(error?.hint).toMatch(/free range such as 10\.\d+\.\d+\.0\/20/);
  });

  test("K3s' defaults: which one to rebuild, with what, and that nothing was changed", () => {
    const error = first({ oraclePods: "    pods: 10.42.0.0/16", oracleServices: "    services: 10.43.0.0/16" });
    expect(error?.message).toMatch(/homelab and oracle both use K3s' default networks/);
    expect(error?.hint).toMatch(
      /Keep homelab.*set up oracle anew.*cluster-cidr: 10\.5\d\.0\.0\/16.*service-cidr: 10\.5\d\.0\.0\/16/,
    );
    expect(error?.hint).toMatch(/fixed when a cluster is first started/);
    expect(error?.hint).toMatch(/Nothing was changed/);
  });

  test("three clusters on K3s' defaults are two messages, each with ranges of its own", () => {
    const third = "  third: { pods: 10.42.0.0/16, services: 10.43.0.0/16, nodes: { t: 10.3.3.3 } }";
    const errors = problemsOf(
      file({ oraclePods: "    pods: 10.42.0.0/16", oracleServices: "    services: 10.43.0.0/16", more: third }),
    );
    expect(errors.map((e) => e.code)).toEqual(["MESH_K3S_DEFAULTS", "MESH_K3S_DEFAULTS"]);
    const ranges = errors.flatMap((e) => e.hint.match(/10\.\d+\.0\.0\/16/g) ?? []);
    expect(new Set(ranges).size).toBe(4);
  });

  test("a value that came from a variable is not shown", () => {
    const texts = (changes: Partial<Record<keyof typeof good, string>>) =>
      problemsOf(file(changes))
        .map((e) => `${e.message} ${e.hint}`)
        .join("\n");
    expect(texts({ homePods: "    pods: { env: BAD_PREFIX }" })).not.toContain("10.99");
    expect(texts({ homePods: "    pods: { env: BAD_PREFIX }" })).toContain("the value of BAD_PREFIX");
    const overlap = texts({ oraclePods: "    pods: { env: HOME_PODS }", homePods: "    pods: { env: HOME_PODS }" });
    expect(overlap).toContain("overlaps");
    expect(overlap).not.toContain("10.42.0.0");
  });

  test("hostile text of the file is inert", () => {
    const nasty = '"\\u001b[31m::stop-commands::x\\u202e"';
    for (const changes of [
      { home1: `      ${nasty}: 10.10.10.10` },
      { homelab: `  ${nasty}:` },
      { homePods: `    pods: ${nasty}` },
      { more: `${nasty}: 1` },
      { more: `links: [{ from: ${nasty}, to: oracle }]` },
      { ssh: `ssh: { known-hosts: k, jump: ${nasty} }` },
      { ssh: "", home1: `      ${nasty}: 10.52.0.1` },
    ]) {
      const errors = problemsOf(file(changes));
      expect(errors.length).toBeGreaterThan(0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      for (const { message, hint } of errors) expect(message + hint).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
  });

  test("all at once, in the order of the file", () => {
    expect(
      found({
        version: "version: 3",
        homePods: "    pods: 10.42.0.1/16",
        oracle1: "      oracle-1: { address: 10.0.0.26, role: x, foo: 1 }",
        more: "accept: [x]",
      }),
    ).toEqual([
      "MESH_TOPOLOGY_TYPE 1:10",
      "MESH_CIDR_HOST_BITS 5:11",
      "MESH_TOPOLOGY_CHOICE 13:45",
      "MESH_TOPOLOGY_UNKNOWN_KEY 13:48",
      "MESH_CIDR_INVALID 14:10",
    ]);
  });

  test("no more than anyone reads, and how many more", () => {
    const errors = problemsOf(file({ more: `accept: [${"x, ".repeat(250)}]` }));
    expect(errors).toHaveLength(201);
    expect(errors.at(-1)).toMatchObject({ code: "MESH_TOPOLOGY_MORE", message: "50 more problems are not shown" });
  });

  test("one mistake is one error: what hangs on it is not reported too", () => {
    expect(found({ oracle1: "      oracle-1: 5" })).toEqual(["MESH_TOPOLOGY_TYPE 13:17"]);
    expect(found({ ssh: "ssh: 5" })).toEqual(["MESH_TOPOLOGY_TYPE 2:6"]);
  });
});

test("every code of the catalogue that a file can cause is caused by some file here", () => {
  const caused = new Set(
    [...keys, ...shapes, ...networks, ...names, ...ssh, ...tailnet, ...wants, ...stores, ...variables].flatMap(
      ([, , expected]) => expected.map((e) => e.split(" ")[0]),
    ),
  );
  const elsewhere = [
    "MESH_TOPOLOGY_SYNTAX",
    "MESH_TOPOLOGY_EMPTY",
    "MESH_TOPOLOGY_TOO_LARGE",
    "MESH_TOPOLOGY_MORE",
    "MESH_LOCAL_OVERLAP",
    "MESH_UNKNOWN_NODE",
    "MESH_SELECTION_EMPTY",
  ];
  expect(Object.keys(meshErrors.specs).filter((code) => !caused.has(code) && !elsewhere.includes(code))).toEqual([]);
});
