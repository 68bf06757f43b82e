/** What must hold for any policy: more rules never take access away, order does not matter, and nothing makes it throw. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Devices, readDevices } from "../../../src/policy/rules/devices.ts";
import { type Evaluation, evaluate } from "../../../src/policy/rules/evaluate.ts";
import { filtersOf } from "../../../src/policy/rules/filter.ts";
import { peersOf } from "../../../src/policy/rules/peers.ts";
import { canReach } from "../../../src/policy/rules/reach.ts";
import { filterSet } from "../../support/filters.ts";

const devices: Devices = readDevices({
  users: ["a@example.com", "b@example.com"],
  nodes: {
    a1: { user: "a@example.com", ipv4: "100.64.0.1", ipv6: "fd7a:115c:a1e0::1" },
    a2: { user: "a@example.com", ipv4: "100.64.0.2", ipv6: "fd7a:115c:a1e0::2" },
    b1: { user: "b@example.com", ipv4: "100.64.0.3", ipv6: "fd7a:115c:a1e0::3" },
    x1: { tags: ["tag:x"], ipv4: "100.64.0.4", routes: ["10.1.0.0/16"], approved: ["10.1.0.0/16"] },
    y1: { tags: ["tag:x", "tag:y"], ipv4: "100.64.0.5", routes: ["10.2.0.0/16"], approved: ["10.2.0.0/16"] },
  },
});

const people = ["*", "a@example.com", "b@example.com", "group:g", "autogroup:member"];
const things = ["tag:x", "tag:y", "autogroup:tagged", "100.64.0.3", "10.1.0.0/16", "10.0.0.0/8", "h"];
const sources = fc.uniqueArray(fc.constantFrom(...people, ...things), { minLength: 1, maxLength: 3 });
const ports = fc.constantFrom("*", "22", "80-443", "1-65535");
const acl = fc.record({
  action: fc.constant("accept"),
  src: sources,
  dst: fc.uniqueArray(
    fc.tuple(fc.constantFrom(...people, ...things), ports).map(([host, port]) => `${host}:${port}`),
    { minLength: 1, maxLength: 3 },
  ),
});
const grant = fc.record({
  src: sources,
  dst: fc.uniqueArray(fc.constantFrom(...people, ...things), { minLength: 1, maxLength: 3 }),
  ip: fc.uniqueArray(fc.constantFrom("*", "22", "tcp:443", "udp:53", "icmp:*"), { minLength: 1, maxLength: 3 }),
});
const rules = fc.record({ acls: fc.array(acl, { maxLength: 4 }), grants: fc.array(grant, { maxLength: 4 }) });

const defined = {
  tagOwners: { "tag:x": [], "tag:y": ["tag:x"] },
  groups: { "group:g": ["b@example.com"] },
  hosts: { h: "10.1.2.3" },
};

function judge(policy: object): Evaluation & { readonly devices: Devices } {
  const evaluation = evaluate(JSON.stringify({ ...defined, ...policy }), { devices });
  if (evaluation.devices === undefined) throw new Error(JSON.stringify(evaluation.problems));
  return { ...evaluation, devices: evaluation.devices };
}

const connections = fc.record({
  from: fc.constantFrom("100.64.0.1", "100.64.0.2", "100.64.0.3", "100.64.0.4", "100.64.0.5", "10.1.2.3", "192.0.2.1"),
  to: fc.constantFrom("100.64.0.1", "100.64.0.3", "100.64.0.4", "100.64.0.5", "10.1.2.3", "10.2.9.9", "10.3.0.1"),
  port: fc.constantFrom(22, 80, 443, 53, 9999),
  protocol: fc.constantFrom(1, 6, 17, 47),
});

describe("laws of access", () => {
  test("a further rule takes nothing away", () => {
    fc.assert(
      fc.property(rules, acl, connections, (some, more, connection) => {
        const before = judge(some);
        const after = judge({ ...some, acls: [...some.acls, more] });
        if (canReach(before.access, before.devices, connection))
          expect(canReach(after.access, after.devices, connection)).toBe(true);
        const peers = peersOf(after.access, after.devices);
        for (const [name, known] of peersOf(before.access, before.devices)) {
          expect(peers.get(name)).toEqual(expect.arrayContaining([...known]));
        }
      }),
    );
  });

  test("the order of rules does not matter", () => {
    fc.assert(
      fc.property(rules, (some) => {
        const there = filtersOf(judge(some).access);
        const back = filtersOf(judge({ acls: some.acls.toReversed(), grants: some.grants.toReversed() }).access);
        for (const [name, filter] of there) expect(filterSet(back.get(name) ?? [])).toEqual(filterSet(filter));
      }),
    );
  });

  test("to be a peer is mutual, and nobody is a peer of itself", () => {
    fc.assert(
      fc.property(rules, (some) => {
        const { access, devices: judged } = judge(some);
        const peers = peersOf(access, judged);
        for (const [name, known] of peers) {
          expect(known).not.toContain(name);
          for (const other of known) expect(peers.get(other)).toContain(name);
        }
      }),
    );
  });

  test("who reaches a device is its peer", () => {
    const names = new Map(
      devices.nodes.flatMap((node) => node.addresses.map((one) => [one.first, node.name] as const)),
    );
    const nameOf = (text: string): string | undefined =>
      names.get(text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n));
    fc.assert(
      fc.property(rules, connections, (some, connection) => {
        const { access, devices: judged } = judge(some);
        const [from, to] = [nameOf(connection.from), nameOf(connection.to)];
        if (from === undefined || to === undefined || from === to) return;
        if (canReach(access, judged, connection)) expect(peersOf(access, judged).get(to)).toContain(from);
      }),
    );
  });

  test("a test agrees with the filters, and its opposite does not", () => {
    const hosts = fc.constantFrom("100.64.0.1", "100.64.0.3", "100.64.0.4", "10.1.2.3", "10.2.9.9");
    fc.assert(
      fc.property(rules, connections, hosts, (some, { from, port }, to) => {
        fc.pre(from.startsWith("100."));
        const tests = (kind: string) => [{ src: from, proto: "tcp", [kind]: [`${to}:${port}`] }];
        const { access, devices: judged } = judge(some);
        const isOpen = canReach(access, judged, { from, to, port, protocol: 6 });
        expect(judge({ ...some, tests: tests("accept") }).tests).toMatchObject({ passed: isOpen ? 1 : 0 });
        expect(judge({ ...some, tests: tests("deny") }).tests).toMatchObject({ passed: isOpen ? 0 : 1 });
      }),
    );
  });

  test("any JSON is judged, none throws, and each problem has its place", () => {
    const sections = fc.constantFrom(
      "acls",
      "grants",
      "ssh",
      "tests",
      "sshTests",
      "nodeAttrs",
      "hosts",
      "groups",
      "ipsets",
      "tagOwners",
      "autoApprovers",
      "postures",
    );
    fc.assert(
      fc.property(fc.dictionary(sections, fc.jsonValue({ maxDepth: 4 })), (policy) => {
        for (const server of ["tailscale", "headscale"] as const) {
          const { problems, ok } = evaluate(JSON.stringify(policy), { devices, server });
          expect(ok).toBe(problems.every(({ severity }) => severity !== "error"));
          for (const { line, column } of problems) expect(line > 0 && column > 0).toBe(true);
        }
      }),
    );
  });
});
