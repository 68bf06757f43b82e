import { describe, expect, test } from "vitest";
import { canonicalRule, Netfilter, NetfilterError, splitWords } from "./netfilter.ts";

describe("canonical rules, as a real iptables 1.8.9 prints them", () => {
  test.each([
    [
      "-i tailscale0 -d 10.42.0.0/16 ! -p icmp -m conntrack --ctstate NEW -m addrtype --dst-type LOCAL -j DROP",
      "-d 10.42.0.0/16 -i tailscale0 ! -p icmp -m conntrack --ctstate NEW -m addrtype --dst-type LOCAL -j DROP",
    ],
    ["-p udp --dport 41641 -j ACCEPT", "-p udp -m udp --dport 41641 -j ACCEPT"],
    ["-s 100.64.0.2 -i lo -j ACCEPT", "-s 100.64.0.2/32 -i lo -j ACCEPT"],
    ["--jump REJECT --reject-with icmp-host-prohibited", "-j REJECT --reject-with icmp-host-prohibited"],
    [
      '-m comment --comment "flanneld forward" -j FLANNEL-FWD',
      '-m comment --comment "flanneld forward" -j FLANNEL-FWD',
    ],
  ])("%s", (given, printed) => {
    expect(canonicalRule(splitWords(given))).toBe(printed);
    expect(canonicalRule(splitWords(printed))).toBe(printed);
  });
});

describe("what a packet meets", () => {
  const packet = {
    in: "tailscale0",
    out: "cni0",
    from: "100.64.0.2",
    to: "10.52.0.4",
    protocol: "tcp",
    port: 80,
  } as const;
  const withRules = (...lines: readonly string[]): Netfilter => {
    const netfilter = new Netfilter();
    netfilter.restore(["*filter", ...lines, "COMMIT"].join("\n"), true);
    return netfilter;
  };

  test.each([
    ["nothing is said", [], "accept"],
    ["a reject stands alone", ["-A FORWARD -j REJECT"], "reject"],
    [
      "a marked packet is accepted before the reject",
      [
        ":ts-forward -",
        "-A FORWARD -j ts-forward",
        "-A ts-forward -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000",
        "-A ts-forward -m mark --mark 0x40000/0xff0000 -j ACCEPT",
        "-A FORWARD -j REJECT",
      ],
      "accept",
    ],
    ["the rule is for another interface", ["-A FORWARD -i cni0 -j DROP"], "accept"],
    ["the rule is for anything but this", ["-A FORWARD ! -s 100.64.0.0/10 -j DROP"], "accept"],
    ["a chain returns", [":X -", "-A FORWARD -j X", "-A X -j RETURN", "-A FORWARD -p tcp --dport 80 -j DROP"], "drop"],
  ])("%s", (_, lines, fate) => {
    expect(withRules(...lines).fate("filter", "FORWARD", packet)).toBe(fate);
  });
});

test("chains that are used or missing are refused as iptables does", () => {
  const netfilter = new Netfilter();
  expect(() => netfilter.command("mangle", ["-A", "FORWARD", "-j", "MINE"])).toThrow(NetfilterError);
  netfilter.command("mangle", ["-N", "MINE"]);
  netfilter.command("mangle", ["-A", "FORWARD", "-j", "MINE"]);
  expect(() => netfilter.command("mangle", ["-X", "MINE"])).toThrow("Too many links");
  netfilter.command("mangle", ["-D", "FORWARD", "-j", "MINE"]);
  netfilter.command("mangle", ["-X", "MINE"]);
  expect(netfilter.has("mangle", "MINE")).toBe(false);
});

test("a rule that exists is found, whatever order it is written in", () => {
  const netfilter = new Netfilter();
  netfilter.command("filter", splitWords("-I INPUT 1 -p udp --dport 53 -i eth0 -j ACCEPT"));
  expect(netfilter.command("filter", splitWords("-C INPUT -i eth0 -p udp -m udp --dport 53 -j ACCEPT"))).toBe("");
  expect(() => netfilter.command("filter", splitWords("-C INPUT -i eth1 -p udp --dport 53 -j ACCEPT"))).toThrow(
    "Bad rule",
  );
});
