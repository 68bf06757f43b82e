/** Which firewall rules are in the mesh's way, and which are nobody's business. */
import { describe, expect, test } from "vitest";
import { Cidr } from "../../src/mesh/cidr.ts";
import { clampsSegments, dropsFor, readHook } from "../../src/reach/netfilter.ts";

const table = (name: string, lines: readonly string[]) => ({ backend: "nf_tables", tables: { [name]: lines } });
const hook = (before: readonly string[], after: readonly string[] = []) =>
  readHook(table("filter", [":FORWARD DROP [0:0]", ...before, "-A FORWARD -j ts-forward", ...after]), "FORWARD");

describe("before Tailscale's chain", () => {
  test.each([
    "-A FORWARD -j REJECT --reject-with icmp-host-prohibited",
    "-A FORWARD -j DROP",
    '-A FORWARD -m comment --comment "the default" -j REJECT --reject-with icmp-port-unreachable',
    "-A FORWARD -i tailscale0 -j DROP",
    "-A FORWARD -i cni0 -o tailscale0 -j REJECT",
    "-A FORWARD -o flannel.1 -j DROP",
  ])("%s stops the mesh", (rule) => {
    expect(hook([rule])).toMatchObject({ present: true, rejecting: rule });
    expect(hook([], [rule])).toMatchObject({ present: true, rejecting: null });
  });

  test.each([
    "-A FORWARD -m conntrack --ctstate INVALID -j DROP",
    "-A FORWARD -i eth0 -j DROP",
    "-A FORWARD -i docker0 -o eth0 -j REJECT",
    "-A FORWARD -p icmp -m icmp --icmp-type 3/4 -j DROP",
    "-A FORWARD -s 203.0.113.0/24 -j DROP",
    "-A FORWARD -d 10.52.0.0/16 -j DROP",
    "-A FORWARD -j KUBE-FORWARD",
    "-A FORWARD -j DOCKER-USER",
    '-A FORWARD -m comment --comment "-j DROP" -j ACCEPT',
  ])("%s does not", (rule) => {
    expect(hook([rule])).toMatchObject({ present: true, rejecting: null });
  });
});

test("a missing hook, the policy, and a table that could not be read", () => {
  expect(readHook(table("filter", [":FORWARD DROP [0:0]"]), "FORWARD")).toEqual({
    chain: "FORWARD",
    present: false,
    rejecting: null,
    policy: "DROP",
  });
  expect(readHook(table("mangle", []), "FORWARD")).toBeUndefined();
});

test("rules that drop a network's packets, ours and the known chains' aside", () => {
  const pods = Cidr.parse("10.52.0.0/16");
  if (!pods) throw new Error("prefix");
  const lines = [
    "-A FORWARD -d 10.52.0.0/16 -i tailscale0 -j DROP",
    "-A FORWARD -d 10.52.0.4/32 -j REJECT --reject-with icmp-host-prohibited",
    "-A FORWARD -d 10.99.0.0/16 -j DROP",
    "-A FORWARD ! -s 127.0.0.0/8 -d 10.52.0.0/16 -j DROP",
    "-A TAILMESH-GUARD -d 10.52.0.0/16 -i tailscale0 -j DROP",
    "-A ts-forward -s 100.64.0.0/10 -o tailscale0 -j DROP",
    "-A FORWARD -d 10.52.0.0/16 -j ACCEPT",
  ];
  expect(dropsFor(table("mangle", lines), pods)).toEqual([`mangle: ${lines[0]}`, `mangle: ${lines[1]}`]);
});

test("segments are clamped only when both directions are, and the chain is called", () => {
  const clamp = "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu";
  const whole = [
    "-A FORWARD -j TAILMESH-MSS",
    `-A TAILMESH-MSS -o tailscale0 ${clamp}`,
    `-A TAILMESH-MSS -i tailscale0 ${clamp}`,
  ];
  expect(clampsSegments(table("mangle", whole))).toBe(true);
  for (const left of whole.keys()) {
    expect(
      clampsSegments(
        table(
          "mangle",
          whole.filter((_, i) => i !== left),
        ),
      ),
    ).toBe(false);
  }
  expect(clampsSegments(table("filter", []))).toBeUndefined();
});
