/** Who gains and who loses access between two policies. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AccessChange, accessChanges, type Judged } from "../../../src/policy/rules/changes.ts";
import { readDevices } from "../../../src/policy/rules/devices.ts";
import { evaluate } from "../../../src/policy/rules/evaluate.ts";
import { canReach } from "../../../src/policy/rules/reach.ts";

const given = readDevices({
  users: ["a@example.com", "b@example.com"],
  nodes: {
    laptop: { user: "a@example.com", ipv4: "100.64.0.1", ipv6: "fd7a:115c:a1e0::1" },
    desk: { user: "b@example.com", ipv4: "100.64.0.2", ipv6: "fd7a:115c:a1e0::2" },
    web: { tags: ["tag:web"], ipv4: "100.64.0.3", routes: ["10.42.0.0/16"], approved: ["10.42.0.0/16"] },
  },
});

function judge(policy: object): Judged {
  const { access, devices } = evaluate(JSON.stringify({ tagOwners: { "tag:web": [] }, ...policy }), { devices: given });
  if (devices === undefined) throw new Error("the policy could not be read");
  return { access, devices };
}

const grants = (...list: readonly (readonly [src: string, dst: string, ip: string])[]) => ({
  grants: list.map(([src, dst, ip]) => ({ src: [src], dst: [dst], ip: [ip] })),
});
const words = (changes: readonly AccessChange[]): readonly string[] =>
  changes.map(({ from, device, target, what }) => `${from.join(",")} → ${device} (${target}) ${what}`);
const compare = (before: object, after: object) => {
  const { gained, lost } = accessChanges(judge(before), judge(after));
  return { gained: words(gained), lost: words(lost) };
};

describe("between two policies", () => {
  test("a rule more is gained by its sources, a rule less is lost", () => {
    const before = grants(["a@example.com", "tag:web", "tcp:443"]);
    const after = grants(["b@example.com", "tag:web", "tcp:443"]);
    expect(compare(before, after)).toEqual({
      gained: ["desk → web (itself) tcp:443"],
      lost: ["laptop → web (itself) tcp:443"],
    });
  });

  test("only the ports that differ are said", () => {
    expect(
      compare(grants(["a@example.com", "tag:web", "20-30"]), grants(["a@example.com", "tag:web", "22-40"])),
    ).toEqual({
      gained: ["laptop → web (itself) 31-40"],
      lost: ["laptop → web (itself) 20-21"],
    });
  });

  test("only the protocols that differ", () => {
    expect(compare(grants(["a@example.com", "tag:web", "53"]), grants(["a@example.com", "tag:web", "udp:53"]))).toEqual(
      {
        gained: [],
        lost: ["icmp:53", "tcp:53", "ipv6-icmp:53"].map((what) => `laptop → web (itself) ${what}`),
      },
    );
  });

  test("only the addresses that differ", () => {
    expect(
      compare(grants(["a@example.com", "10.42.0.0/16", "443"]), grants(["a@example.com", "10.42.128.0/17", "443"])),
    ).toEqual({ gained: [], lost: ["laptop → web (10.42.0.0/17) 443"] });
  });

  test("only the sources that differ, also those that are nobody's", () => {
    expect(
      compare(grants(["10.42.0.0/16", "b@example.com", "22"]), grants(["10.42.0.0/17", "b@example.com", "22"])),
    ).toEqual({
      gained: [],
      lost: ["10.42.128.0/17 → desk (itself) 22"],
    });
  });

  test("the same in other words is no change", () => {
    const apart = grants(
      ["a@example.com", "tag:web", "80-81"],
      ["a@example.com", "tag:web", "82-90"],
      ["b@example.com", "tag:web", "22"],
    );
    const joined = {
      groups: { "group:b": ["b@example.com"] },
      ...grants(["a@example.com", "tag:web", "80-90"], ["group:b", "tag:web", "22"]),
    };
    expect(compare(apart, joined)).toEqual({ gained: [], lost: [] });
  });

  test("applications", () => {
    const app = (name: string) => ({ grants: [{ src: ["a@example.com"], dst: ["tag:web"], app: { [name]: [{}] } }] });
    expect(compare(app("example.com/x"), app("example.com/y"))).toEqual({
      gained: ["laptop → web (itself) app example.com/y"],
      lost: ["laptop → web (itself) app example.com/x"],
    });
  });

  test("from open to closed everything is lost", () => {
    const { gained, lost } = compare({}, { acls: [] });
    expect(gained).toEqual([]);
    expect(lost.filter((line) => line.includes("laptop,desk"))).toEqual([
      "laptop,desk,10.42.0.0/16 → web (itself and behind it) *",
    ]);
  });
});

describe("laws", () => {
  const one = fc.tuple(
    fc.constantFrom("*", "a@example.com", "b@example.com", "tag:web", "10.42.0.0/17", "10.42.0.0/16"),
    fc.constantFrom("*", "a@example.com", "b@example.com", "tag:web", "10.42.0.0/16", "10.42.64.0/18"),
    fc.constantFrom("*", "22", "20-30", "tcp:22", "udp:1-65535", "icmp:*"),
  );
  const policies = fc.array(one, { maxLength: 4 }).map((list) => grants(...list));

  test("nothing changes between a policy and itself", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        expect(compare(policy, policy)).toEqual({ gained: [], lost: [] });
      }),
    );
  });

  test("what is gained one way is lost the other way", () => {
    fc.assert(
      fc.property(policies, policies, (a, b) => {
        const there = compare(a, b);
        const back = compare(b, a);
        expect([back.gained, back.lost]).toEqual([there.lost, there.gained]);
      }),
    );
  });

  test("where a connection is let through by one only, it is said, and where nothing is said, none is", () => {
    const connections = fc.record({
      from: fc.constantFrom("100.64.0.1", "100.64.0.2", "10.42.1.1", "10.42.200.1"),
      to: fc.constantFrom("100.64.0.1", "100.64.0.2", "100.64.0.3", "10.42.1.1", "10.42.65.1"),
      port: fc.constantFrom(22, 25, 443),
      protocol: fc.constantFrom(1, 6, 17),
    });
    fc.assert(
      fc.property(policies, policies, connections, (a, b, connection) => {
        fc.pre(connection.from !== connection.to);
        const [before, after] = [judge(a), judge(b)];
        const { gained, lost } = accessChanges(before, after);
        const could = canReach(before.access, before.devices, connection);
        const can = canReach(after.access, after.devices, connection);
        if (can && !could) expect(gained.length).toBeGreaterThan(0);
        if (could && !can) expect(lost.length).toBeGreaterThan(0);
        if (gained.length + lost.length === 0) expect(can).toBe(could);
      }),
    );
  });
});
