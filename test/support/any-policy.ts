/** Policies of every kind for the devices of test/fixtures/policies, made up by fast-check. */
import * as fc from "fast-check";

const users = ["alice@example.com", "bob@example.com", "carol@example.org", "nobody@example.net"];
const groups = ["group:dev", "group:none", "group:all", "group:part"];
const tags = ["tag:web", "tag:db", "tag:router", "tag:far", "tag:idle", "tag:exit", "tag:ci"];
const hosts = ["web-host", "near-net", "one-pod", "elsewhere"];
const addresses = ["100.64.1.1", "100.64.2.3", "10.42.7.9", "10.42.0.0/16", "10.0.0.0/8", "100.64.0.0/10"];
const longAddresses = ["fd7a:115c:a1e0::201", "fd00:52::/64"];

const defined = {
  tagOwners: Object.fromEntries(tags.map((tag) => [tag, ["alice@example.com"]])),
  groups: {
    "group:dev": ["alice@example.com", "bob@example.com"],
    "group:none": [],
    "group:all": ["alice@example.com", "bob@example.com", "carol@example.org"],
    "group:part": ["carol@example.org", "nobody@example.net"],
  },
  hosts: { "web-host": "100.64.2.1", "near-net": "10.42.0.0/16", "one-pod": "10.42.7.9", elsewhere: "172.16.7.7" },
};

const known = [...users, ...groups, ...tags, ...hosts, ...addresses, ...longAddresses];
const wrong = ["tag:missing", "group:missing", "autogroup:owner", "user:*@example.com", "no-host", "10.0.0.0/40"];
/** Mostly of the first, now and then of the second, which servers mostly refuse. */
const mostly = (usual: readonly string[], rare: readonly string[]) =>
  fc.oneof({ arbitrary: fc.constantFrom(...usual), weight: 99 }, { arbitrary: fc.constantFrom(...rare), weight: 1 });
const some = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: 1, maxLength: 3 });

const source = mostly([...known, "*", "autogroup:member", "autogroup:tagged", "autogroup:danger-all"], wrong);
const target = mostly(
  [...known, "*", "autogroup:member", "autogroup:tagged", "autogroup:internet"],
  [...wrong, "autogroup:self"],
);
const people = fc.constantFrom(...users.slice(0, 3), "group:dev", "autogroup:member");
const ports = mostly(["*", "22", "443", "80-443", "22,443", "1-65535"], ["70000", "0", "-5", "443-80", ""]);
const protocol = mostly(["", "tcp", "udp", "6", "sctp"], ["icmp", "nonsense", "47"]);

const acl = fc
  .record({ src: some(source), host: some(target), port: ports, proto: fc.option(protocol, { nil: undefined }) })
  .map(({ src, host, port, proto }) => ({
    action: "accept",
    src,
    dst: host.map((name) => `${name.includes("::") ? bracketed(name) : name}:${port}`),
    ...(proto !== undefined && { proto }),
  }));

/** Of a prefix, only the address stands in the brackets. */
function bracketed(name: string): string {
  const [address = "", bits] = name.split("/");
  return bits === undefined ? `[${address}]` : `[${address}]/${bits}`;
}

const ip = some(
  mostly(["*", "22", "tcp:443", "udp:53", "icmp:*", "80-443", "sctp:9"], ["icmp:7", "22,80", "x:1", "0"]),
);
const network = fc.record({ src: some(source), dst: some(target), ip });
const via = fc.record({
  src: some(source),
  dst: some(mostly(["10.42.7.9", "near-net", "10.52.0.0/16", "fd00:52::/64", "autogroup:internet", "tag:web"], ["*"])),
  ip,
  via: fc.constantFrom(["tag:router"], ["tag:far"], ["tag:exit"], ["tag:idle", "tag:router"], ["tag:missing"]),
});
/** Of devices alone: Headscale hands capabilities for networks to their routers, and ours does not (listed in the lab's case). */
const app = fc.record({
  src: some(fc.constantFrom(...users.slice(0, 3), "group:dev", ...tags, "autogroup:member", "autogroup:tagged")),
  dst: some(fc.constantFrom(...users.slice(0, 3), "group:all", ...tags)),
  app: fc.constantFrom(
    { "example.com/cap/x": [{ a: 1 }] },
    { "tailscale.com/cap/drive": [{}] },
    { "tailscale.com/cap/relay": [] },
    { "tailscale.com/cap/golink": [{}] },
  ),
});
/** Own devices and who may reach them: at random, that pair would hardly come up. */
const self = fc.record({
  src: some(people),
  dst: fc.constant(["autogroup:self"]),
  ip: some(fc.constantFrom("*", "22")),
});

const testedNames = [...users.slice(0, 3), ...groups, ...tags, "web-host", "100.64.1.1", "10.42.7.9"];
const testedTarget = mostly(
  [...testedNames, "autogroup:member", "autogroup:tagged", "10.52.3.3"],
  ["near-net", "nobody@example.net", "autogroup:self", "autogroup:internet", "*"],
);
const connection = fc
  .tuple(testedTarget, mostly(["22", "443", "80"], ["22-23", "0", "*"]))
  .map(([host, port]) => `${host}:${port}`);
const policyTest = fc
  .record({
    src: mostly([...testedNames, "autogroup:member", "autogroup:tagged"], ["nobody@example.net", "tag:missing", "*"]),
    wanted: fc.constantFrom("accept", "deny"),
    connection,
    proto: fc.option(mostly(["tcp", "udp", "sctp"], ["icmp", "6"]), { nil: undefined }),
  })
  .map(({ src, wanted, connection: to, proto }) => ({ src, [wanted]: [to], ...(proto !== undefined && { proto }) }));

export const anyPolicy: fc.Arbitrary<object> = fc
  .record(
    {
      acls: fc.array(acl, { maxLength: 3 }),
      grants: fc.array(fc.oneof({ arbitrary: network, weight: 4 }, via, app, self), { maxLength: 3 }),
      autoApprovers: fc.record({
        routes: fc.dictionary(
          fc.constantFrom("10.62.0.0/16", "10.0.0.0/8", "0.0.0.0/0"),
          fc.constantFrom(["tag:idle"], ["tag:exit"], ["group:dev"]),
          { maxKeys: 2 },
        ),
      }),
      tests: fc.array(policyTest, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  )
  .map((policy) => ({ ...defined, ...policy }));
