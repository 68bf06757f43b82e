/** Ranges of both families: read, written, compared; `ip-address` is the oracle. */
import * as fc from "fast-check";
import { Address6 } from "ip-address";
import { describe, expect, test } from "vitest";
import { covers, formatPrefix, formatRange, parseRange, subtract } from "../../../src/policy/rules/address.ts";

const text = (one: string): string | undefined => {
  const range = parseRange(one);
  return range === undefined ? undefined : formatRange(range);
};

describe("texts", () => {
  test.each([
    ["10.0.0.1", "10.0.0.1"],
    ["10.0.0.1/32", "10.0.0.1"],
    ["10.42.7.9/16", "10.42.0.0/16"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["100.64.0.0-100.115.91.255", "100.64.0.0-100.115.91.255"],
    ["10.0.0.0-10.0.0.255", "10.0.0.0/24"],
    ["FD7A:115C:A1E0:0:0:0:0:1", "fd7a:115c:a1e0::1"],
    ["fd7a:115c:a1e0::/48", "fd7a:115c:a1e0::/48"],
    ["::", "::"],
    ["::ffff:10.0.0.1", "::ffff:a00:1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ])("%s is %s", (given, wanted) => expect(text(given)).toBe(wanted));

  test.each([
    "",
    "10.0.0",
    "010.0.0.1",
    "10.0.0.1/33",
    "10.0.0.1/",
    "1.2.3.4-1.2.3.3",
    "1.2.3.4-::1",
    ":::",
    "1:2:3:4:5:6:7:8:9",
    "fe80::1%eth0",
    "::1/129",
    "g::",
  ])("%j is none", (given) => expect(parseRange(given)).toBeUndefined());

  test("a single address as a prefix", () => {
    const range = parseRange("fd7a::1");
    expect(range === undefined ? "" : formatPrefix(range)).toBe("fd7a::1/128");
  });

  test("IPv6 is written as others write it", () => {
    const groups = fc.array(fc.constantFrom(0, 0, 1, 0xabcd), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (parts) => {
        const long = parts.map((part) => part.toString(16)).join(":");
        expect(text(long)).toBe(new Address6(long).correctForm());
      }),
    );
  });
});

describe("sets", () => {
  const ranges = (list: readonly string[]) => list.flatMap((one) => parseRange(one) ?? []);

  test("several together cover what none does alone", () => {
    const [whole] = ranges(["10.0.0.0/23"]);
    if (whole === undefined) throw new Error("no range");
    expect(covers(ranges(["10.0.0.0/24", "10.0.1.0/24"]), whole)).toBe(true);
    expect(covers(ranges(["10.0.0.0/24", "10.0.1.0/25"]), whole)).toBe(false);
    expect(covers(ranges(["::/0"]), whole)).toBe(false);
  });

  test("what is taken out is out, and no more", () => {
    const small = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }));
    const range = ([a, b]: [number, number]) => ({
      family: 4 as const,
      first: BigInt(Math.min(a, b)),
      last: BigInt(Math.max(a, b)),
    });
    fc.assert(
      fc.property(small, small, fc.bigInt({ min: 0n, max: 40n }), (one, other, at) => {
        const [base, taken] = [range(one), range(other)];
        const holds = (r: { first: bigint; last: bigint }): boolean => r.first <= at && at <= r.last;
        expect(subtract([base], taken).some(holds)).toBe(holds(base) && !holds(taken));
      }),
    );
  });
});
