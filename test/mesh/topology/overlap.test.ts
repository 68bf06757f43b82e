import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cidr, formatIPv4 } from "../../../src/mesh/cidr.ts";
import { freeRange, localOverlaps } from "../../../src/mesh/topology/overlap.ts";
import { example, parse, problemsOf } from "./support.ts";

const mesh = parse(example("two-clusters.yaml"));

const cidr = fc
  .tuple(fc.nat(0xffffffff), fc.integer({ min: 0, max: 32 }))
  .map(([base, bits]) => Cidr.around(formatIPv4(base), bits));

describe("freeRange", () => {
  test("is private, of the asked length, and overlaps nothing that is taken", () => {
    const privates = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((t) => Cidr.parse(t));
    fc.assert(
      fc.property(fc.array(cidr, { maxLength: 30 }), fc.integer({ min: 8, max: 32 }), (taken, bits) => {
        const free = freeRange(bits, taken);
        if (!free) return;
        expect(free.bits).toBe(bits);
        expect(taken.some((t) => t.overlaps(free))).toBe(false);
        expect(privates.some((p) => p?.contains(free))).toBe(true);
      }),
    );
  });

  test("is found whenever there is one", () => {
    // Everything private but one /24: of each larger network around it, the other half is taken.
    const hole = Cidr.around("172.20.7.0", 24);
    const siblings = Array.from({ length: 12 }, (_, n) =>
      Cidr.around(formatIPv4((hole.base ^ (2 ** (8 + n))) >>> 0), 24 - n),
    );
    const taken = [Cidr.around("10.0.0.0", 8), Cidr.around("192.168.0.0", 16), ...siblings];
    expect(freeRange(24, taken)?.text).toBe(hole.text);
    expect(freeRange(23, taken)).toBeUndefined();
  });

  test("nothing when everything is taken, or it is too large to be private", () => {
    expect(freeRange(16, [Cidr.around("0.0.0.0", 0)])).toBeUndefined();
    expect(freeRange(4, [])).toBeUndefined();
  });

  test("never what K3s takes without being asked", () => {
    const free = Array.from({ length: 300 }).reduce<readonly Cidr[]>((taken) => {
      const next = freeRange(16, taken);
      return next ? [...taken, next] : taken;
    }, []);
    // 256 of 10/8 without K3s' two, 16 of 172.16/12 without Docker's, 192.168/16.
    expect(free).toHaveLength(270);
    expect(free.map((f) => f.text)).not.toContain("10.42.0.0/16");
  });
});

describe("overlaps in a file", () => {
  test("a file passes exactly when no two prefixes share an address", () => {
    const prefix = fc
      .tuple(
        fc.constantFrom("10.42.0.0", "10.43.0.0", "10.52.0.0", "10.52.128.0", "10.60.0.0", "100.64.0.0", "172.30.0.0"),
        fc.integer({ min: 12, max: 20 }),
      )
      .map(([address, bits]) => Cidr.around(address, bits));
    fc.assert(
      fc.property(fc.array(prefix, { minLength: 4, maxLength: 4 }), ([a, b, c, d]) => {
        if (!a || !b || !c || !d) return;
        const text = `
version: 1
ssh: { known-hosts: k }
clusters:
  a: { pods: ${a}, services: ${b}, nodes: { a1: 192.168.1.1 } }
  b: { pods: ${c}, services: ${d}, nodes: { b1: 192.168.1.1 } }`;
        const all = [a, b, c, d];
        const clash = all.some(
          (x, n) => x.overlaps(Cidr.around("100.64.0.0", 10)) || all.slice(n + 1).some((y) => x.overlaps(y)),
        );
        expect(problemsOf(text).length > 0).toBe(clash);
      }),
      { numRuns: 300 },
    );
  });

  test("each problem offers another free range", () => {
    const errors = problemsOf(`
version: 1
ssh: { known-hosts: k }
clusters:
  a: { pods: 10.60.0.0/16, services: 10.61.0.0/16, nodes: { a1: 192.168.1.1 } }
  b: { pods: 10.60.0.0/16, services: 10.61.0.0/16, nodes: { b1: 192.168.1.1 } }
  c: { pods: 10.60.0.0/18, services: 10.61.0.0/20, nodes: { c1: 192.168.1.1 } }`);
    const offers = errors.map((e) => Cidr.parse(/such as (\S+?)\.\s/.exec(e.hint)?.[1] ?? ""));
    expect(offers.map((o) => o?.bits)).toEqual([16, 16, 18, 18, 20, 20]);
    offers.forEach((offer, n) => {
      expect(offers.slice(n + 1).some((other) => offer && other?.overlaps(offer))).toBe(false);
    });
  });
});

describe("localOverlaps", () => {
  const local = (node: string, prefix: string, name: string) => [{ node, prefix, interface: name }];

  test.each([
    ["docker0", local("homelab-1", "10.52.0.0/16", "docker0")],
    ["an address with its length", local("homelab-1", "10.53.7.1/24", "br-1a2b")],
    ["one address", local("homelab-1", "10.52.0.7", "wg0")],
    ["a network around", local("homelab-1", "10.48.0.0/13", "eth0")],
    ["a route of the other side", local("oracle-1", "10.42.0.0/15", "eth0")],
  ])("%s", (_, held) => {
    const errors = localOverlaps(mesh, held);
    expect(errors.map((e) => e.code)).toContain("MESH_LOCAL_OVERLAP");
    for (const error of errors) {
      expect(error.where).toEqual({ address: `node/${held[0]?.node}` });
      expect(error.message).toContain(held[0]?.interface);
      const offer = Cidr.parse(/such as (\S+?)\.\s/.exec(error.hint)?.[1] ?? "");
      const around = Cidr.around("10.48.0.0", 13);
      expect(offer?.bits).toBe(16);
      expect(held[0]?.prefix.startsWith("10.48") && offer?.overlaps(around)).toBe(false);
    }
  });

  test.each([
    ["its own pods", local("homelab-1", "10.42.0.1/24", "cni0")],
    ["its own pods on another node, host-gw", local("homelab-1", "10.42.1.0/24", "eth0")],
    ["its own services", local("homelab-1", "10.43.0.1", "kube-ipvs0")],
    ["a way to the other cluster over its own router", local("homelab-1", "10.52.0.0/16", "flannel.1")],
    ["the mesh itself", local("homelab-1", "10.52.0.0/16", "tailscale0")],
    ["the default route", local("homelab-1", "default", "eth0")],
    ["the default route in numbers", local("homelab-1", "0.0.0.0/0", "eth0")],
    ["IPv6", local("homelab-1", "fe80::/64", "eth0")],
    ["its LAN", local("homelab-1", "10.10.10.10/24", "eth0")],
    ["a node that is not in the file", local("other", "10.52.0.0/16", "eth0")],
    ["nonsense", local("homelab-1", "10.999.0.0/16", "eth0")],
  ])("not %s", (_, held) => {
    expect(localOverlaps(mesh, held)).toEqual([]);
  });

  test("an interface's address and its route are one problem", () => {
    expect(
      localOverlaps(mesh, [...local("homelab-1", "10.52.7.1/24", "br0"), ...local("homelab-1", "10.52.7.0/24", "br0")]),
    ).toHaveLength(1);
  });

  test("what an interface is called is inert", () => {
    const [error] = localOverlaps(mesh, local("homelab-1", "10.52.0.0/16", "x\u001b[2J\n::error::"));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(error?.message).not.toMatch(/[\u0000-\u001f]/);
  });
});
