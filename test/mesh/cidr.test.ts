import * as fc from "fast-check";
import { Address4 } from "ip-address";
import { describe, expect, test } from "vitest";
import { Cidr, formatIPv4, parseIPv4 } from "../../src/mesh/cidr.ts";

const address = fc.nat(0xffffffff).map(formatIPv4);
const bits = fc.integer({ min: 0, max: 32 });
const cidr = fc.tuple(address, bits).map(([a, b]) => Cidr.around(a, b));

/** Texts that are nearly prefixes: the ones that lenient readers differ on. */
const nearly = fc.oneof(
  fc.tuple(address, bits).map(([a, b]) => `${a}/${b}`),
  fc
    .array(fc.constantFrom("0", "1", "9", "10", "010", "255", "256", ".", "/", "-1", " ", "x", "32", "33", "0x7f"), {
      maxLength: 10,
    })
    .map((parts) => parts.join("")),
);

function oracle(text: string): Address4 | undefined {
  return Address4.isValid(text) ? new Address4(text) : undefined;
}

describe("Cidr against ip-address", () => {
  test("around is the network of the address", () => {
    fc.assert(
      fc.property(address, bits, (a, b) => {
        const expected = new Address4(`${a}/${b}`);
        const actual = Cidr.around(a, b);
        expect(actual.text).toBe(`${expected.startAddress().correctForm()}/${b}`);
        expect(actual.address(actual.size - 1)).toBe(expected.endAddress().correctForm());
      }),
    );
  });

  test("what parse takes, the oracle takes too, and it is a network address", () => {
    fc.assert(
      fc.property(nearly, (text) => {
        const actual = Cidr.parse(text);
        if (!actual) return;
        const expected = oracle(text);
        expect(expected?.startAddress().correctForm()).toBe(expected?.correctForm());
        expect(actual.text).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  test("parse takes every canonical network of the oracle", () => {
    fc.assert(
      fc.property(address, bits, (a, b) => {
        const text = `${new Address4(`${a}/${b}`).startAddress().correctForm()}/${b}`;
        expect(Cidr.parse(text)?.text).toBe(text);
      }),
    );
  });

  test("contains is isInSubnet", () => {
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        expect(a.contains(b)).toBe(new Address4(b.text).isInSubnet(new Address4(a.text)));
      }),
    );
  });

  test("containsAddress agrees with contains of /32", () => {
    fc.assert(
      fc.property(cidr, address, (a, b) => {
        expect(a.containsAddress(b)).toBe(a.contains(Cidr.around(b, 32)));
      }),
    );
  });
});

describe("Cidr's laws", () => {
  test("overlaps is symmetric, and means that some address is in both", () => {
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        expect(a.overlaps(b)).toBe(b.overlaps(a));
        const [low, high] = a.base <= b.base ? [a, b] : [b, a];
        expect(a.overlaps(b)).toBe(low.base + low.size > high.base);
      }),
    );
  });

  test("text and back is the same", () => {
    fc.assert(
      fc.property(cidr, (a) => {
        expect(Cidr.parse(a.text)?.equals(a)).toBe(true);
      }),
    );
  });

  test("of is parse of numbers", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), bits, (base, length) => {
        expect(Cidr.of(base, length)?.text).toBe(Cidr.parse(`${formatIPv4(base)}/${length}`)?.text);
      }),
    );
    expect(Cidr.of(2 ** 32, 32)).toBeUndefined();
    expect(Cidr.of(0, 33)).toBeUndefined();
    expect(Cidr.of(0.5, 32)).toBeUndefined();
  });
});

describe("refused", () => {
  const texts = [
    "",
    "10.42.0.0",
    "10.42.0.0/",
    "10.42.0.0/33",
    "10.42.0.0/016",
    "010.42.0.0/16",
    "10.42/16",
    "10.42.0.1/16",
    "10.42.0.0/16/8",
    " 10.42.0.0/16",
    "10.42.0.0/16\n",
    "fd00::/48",
    "1e1.0.0.0/8",
  ];
  test.each(texts)("%j is no prefix", (text) => expect(Cidr.parse(text)).toBeUndefined());

  test.each(["256.0.0.0", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.-4", ""])("%j is no address", (text) => {
    expect(parseIPv4(text)).toBeUndefined();
  });

  test("around refuses what is no prefix", () => {
    expect(() => Cidr.around("10.0.0", 8)).toThrow(RangeError);
    expect(() => Cidr.around("10.0.0.0", 33)).toThrow(RangeError);
  });
});

test("a prefix is its text in strings and JSON", () => {
  const a = Cidr.around("10.42.9.9", 16);
  expect(`${a}`).toBe("10.42.0.0/16");
  expect(JSON.stringify({ a })).toBe('{"a":"10.42.0.0/16"}');
});
