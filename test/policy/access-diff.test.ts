import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessDiff } from "../../src/policy/access-diff.ts";
import { readDevices } from "../../src/policy/rules/devices.ts";
import { evaluate } from "../../src/policy/rules/evaluate.ts";

const devices = readDevices({
  users: [],
  nodes: {
    laptop: { user: "ada@example.com", ipv4: "100.64.0.1" },
    phone: { user: "bob@example.com", ipv4: "100.64.0.2" },
    router: { tags: ["tag:r"], ipv4: "100.64.0.3", routes: ["10.42.0.0/16"], approved: ["10.42.0.0/16"] },
    nas: { tags: ["tag:nas"], ipv4: "100.64.0.4" },
  },
});
const owners = '"tagOwners": {"tag:r": [], "tag:nas": []}';

function diff(before: string, after: string): readonly string[] {
  const judge = (rules: string) => evaluate(`{${owners},\n${rules}}`, { devices });
  return accessDiff(judge(before), judge(after)).map(
    ({ kind, from, to, ports, line }) => `${kind} ${from.join("+")} → ${to.join("+")} ${ports} @${line}`,
  );
}

const open = '"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]';

describe("who gains, who loses", () => {
  test("a rule that is new", () => {
    const rule = '{"src": ["ada@example.com"], "dst": ["tag:nas"], "ip": ["tcp:22", "tcp:443", "udp:53"]}';
    expect(diff('"grants": []', `"grants": [${rule}]`)).toEqual(["gains laptop → nas tcp:22,443, udp:53 @2"]);
  });

  test("ports are exact, and said by what is left", () => {
    const rule = (ports: string) => `"grants": [{"src": ["ada@example.com"], "dst": ["tag:nas"], "ip": [${ports}]}]`;
    expect(diff(rule('"tcp:80-443"'), rule('"tcp:100-200"'))).toEqual(["loses laptop → nas tcp:80-99,201-443 @2"]);
    expect(diff(rule('"*"'), rule('"tcp:443"'))).toEqual([
      "loses laptop → nas icmp, tcp:1-442,444-65535, udp:*, ipv6-icmp @2",
    ]);
  });

  test("the same in other words is no change", () => {
    expect(
      diff(
        '"acls": [{"action": "accept", "src": ["ada@example.com"], "dst": ["tag:nas:22,80"]}]',
        '"grants": [{"src": ["100.64.0.1"], "dst": ["100.64.0.4"], "ip": ["80"]},{"src": ["ada@example.com"], "dst": ["tag:nas"], "ip": ["22"]}]',
      ),
    ).toEqual([]);
  });

  test("what was everything is told by device and by route", () => {
    const narrow = '"grants": [{"src": ["ada@example.com"], "dst": ["10.42.0.0/16"], "ip": ["*"]}]';
    expect(diff(open, narrow)).toEqual([
      "loses phone → laptop+router+router: 10.42.0.0/16+nas * @2",
      "loses router → laptop+phone+nas * @2",
      "loses nas → laptop+phone+router+router: 10.42.0.0/16 * @2",
      "loses 10.42.0.0/16 → laptop+phone+router+router: 10.42.0.0/16+nas * @2",
      "loses laptop → phone+router+nas * @2",
    ]);
  });

  test("without any rules everything was allowed, by no line", () => {
    expect(diff('"groups": {}', '"grants": []').every((line) => line.endsWith("@undefined"))).toBe(true);
    expect(diff('"groups": {}', open)).toEqual([]);
  });

  test("capabilities count", () => {
    const rule = '"grants": [{"src": ["ada@example.com"], "dst": ["tag:nas"], "app": {"example.com/cap": [{}]}}]';
    expect(diff('"grants": []', rule)).toEqual(["gains laptop → nas app example.com/cap @2"]);
  });
});

test("law: nothing differs from itself, and what one gains the other loses", () => {
  const who = fc.constantFrom("*", "ada@example.com", "bob@example.com", "tag:r", "tag:nas", "10.42.0.0/16");
  const port = fc.constantFrom("*", "tcp:22", "tcp:20-30", "udp:53", "icmp:*", "80-443");
  const rule = fc.record({
    src: fc.array(who, { minLength: 1 }),
    dst: fc.array(who, { minLength: 1 }),
    ip: fc.array(port, { minLength: 1 }),
  });
  const policy = fc.array(rule, { maxLength: 4 }).map((grants) => `"grants": ${JSON.stringify(grants)}`);
  fc.assert(
    fc.property(policy, policy, (a, b) => {
      expect(diff(a, a)).toEqual([]);
      const there = diff(a, b)
        .map((line) => line.replace(/ @.*/, ""))
        .sort();
      const back = diff(b, a).map((line) => line.replace(/ @.*/, ""));
      const swapped = back.map((line) =>
        line.startsWith("gains") ? line.replace("gains", "loses") : line.replace("loses", "gains"),
      );
      expect(new Set(swapped.map(kindOf))).toEqual(new Set(there.map(kindOf)));
    }),
  );
});

/** `gains` or `loses`: how changes are grouped may differ between the two ways, whether there are any may not. */
function kindOf(line: string): string {
  return line.slice(0, 5);
}
