import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Port } from "../../../src/mesh/mesh.ts";
import { overlapping, portsExcept } from "../../../src/mesh/topology/ports.ts";

const edge = fc.constantFrom(1, 2, 21, 22, 23, 443, 8000, 8100, 65_534, 65_535);
const port: fc.Arbitrary<Port> = fc.oneof(
  fc
    .tuple(fc.constantFrom("tcp" as const, "udp" as const), edge, edge)
    .map(([protocol, a, b]) => ({ protocol, first: Math.min(a, b), last: Math.max(a, b) })),
  fc.constantFrom<Port>(
    { protocol: "icmp", first: undefined, last: undefined },
    { protocol: "tcp", first: undefined, last: undefined },
  ),
);
const ports = fc.array(port, { minLength: 1, maxLength: 5 });

function includes(set: readonly Port[], protocol: Port["protocol"], number: number): boolean {
  return set.some(
    (p) =>
      p.protocol === protocol && (p.protocol === "icmp" || ((p.first ?? 1) <= number && number <= (p.last ?? 65_535))),
  );
}

test("what is left and what was taken are everything, and have nothing in common", () => {
  fc.assert(
    fc.property(
      ports,
      fc.constantFrom("tcp" as const, "udp" as const, "icmp" as const),
      edge,
      (taken, protocol, number) => {
        const left = portsExcept(taken);
        expect(includes(left, protocol, number)).toBe(!includes(taken, protocol, number));
        expect(left.length > 0 && overlapping(left, taken)).toBe(false);
      },
    ),
    { numRuns: 1000 },
  );
});

test("overlapping means that some port is in both", () => {
  fc.assert(
    fc.property(ports, ports, (a, b) => {
      const numbers = [1, 2, 21, 22, 23, 443, 8000, 8100, 65_534, 65_535];
      const common = (["tcp", "udp", "icmp"] as const).some((p) =>
        numbers.some((n) => includes(a, p, n) && includes(b, p, n)),
      );
      expect(overlapping(a, b)).toBe(common);
      expect(overlapping(a, b)).toBe(overlapping(b, a));
    }),
  );
});

test("nothing named is everything", () => {
  expect(portsExcept([])).toEqual([]);
  expect(overlapping([], [{ protocol: "icmp", first: undefined, last: undefined }])).toBe(true);
  expect(portsExcept([{ protocol: "any", first: undefined, last: undefined }])).toEqual([]);
});
