/** Texts of ping, tailscale and ip, as they were captured. */
import { describe, expect, test } from "vitest";
import {
  notRun,
  type ProbeResult,
  readDrops,
  readPing,
  readProgram,
  readRoute,
  readTailscalePing,
} from "../../src/reach/parse.ts";

const result = (output: string, code = 0): ProbeResult => ({ code, output });

describe("tailscale ping", () => {
  test.each([
    { said: "pong from o1 (100.64.0.2) via 10.0.0.26:41641 in 1ms", path: "direct", address: "100.64.0.2" },
    { said: "pong from o1 (100.64.0.2) via [2001:db8::1]:41641 in 1ms", path: "direct", address: "100.64.0.2" },
    {
      said: "pong from o1 (100.64.0.2) via DERP(lab) in 12ms\ndirect connection not established",
      path: "relayed",
      address: "100.64.0.2",
    },
    {
      said: "pong from o1 (100.64.0.2) via peer-relay(192.0.2.1:7:vni:3) in 12ms",
      path: "relayed",
      address: "100.64.0.2",
    },
    {
      said: "pong from o1 (100.64.0.2) via DERP(lab) in 12ms\npong from o1 (100.64.0.2) via 10.0.0.26:41641 in 1ms",
      path: "direct",
      address: "100.64.0.2",
    },
    { said: "pong from o1 (10.52.0.4) via ICMP in 2ms", path: "direct", address: "10.52.0.4" },
  ])("$said", ({ said, path, address }) => {
    expect(readTailscalePing(result(said)).pong).toMatchObject({ path, address });
  });

  test.each(['ping "10.52.0.4" timed out\nno reply', "no matching peer", "", "10.52.0.4 is local Tailscale IP"])(
    "no pong: %j",
    (said) => {
      expect(readTailscalePing(result(said, 1)).pong).toBeNull();
    },
  );
});

describe("ping", () => {
  test("iputils and busybox answers", () => {
    expect(readPing(result("64 bytes from 10.52.0.4: icmp_seq=1 ttl=62 time=1 ms")).answered).toBe(true);
    expect(
      readPing(result("64 bytes from 10.52.0.4: seq=0 ttl=62 time=1.0 ms\n1 packets transmitted, 1 packets received"))
        .answered,
    ).toBe(true);
  });
  test.each([
    "From 10.0.0.26 icmp_seq=1 Destination Host Prohibited",
    "From 10.42.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1280)",
    "ping: local error: message too long, mtu=1280",
  ])("refusals are quoted: %s", (line) => {
    const out = `PING 10.52.0.4 56(84) bytes of data.\n${line}\n\n1 packets transmitted, 0 received, +1 errors, 100% packet loss`;
    expect(readPing(result(out, 1))).toEqual({ answered: false, said: line });
  });
});

test("ip route get", () => {
  expect(readRoute(result("10.52.0.4 dev tailscale0 table 52 src 100.64.0.3 uid 0 \n    cache ")).device).toBe(
    "tailscale0",
  );
  expect(readRoute(result("10.42.2.2 via 10.42.2.0 dev flannel.1 src 10.42.0.0")).device).toBe("flannel.1");
  expect(readRoute(result("RTNETLINK answers: Network is unreachable", 2)).device).toBeNull();
});

test("the program's answers", () => {
  expect(readProgram(result("ok 1048576 12"))).toEqual({ word: "ok", rest: "1048576 12" });
  expect(readProgram(result("", 124))).toEqual({ word: "timeout", rest: "" });
});

test("the count of drops", () => {
  expect(readDrops(result("dropped 7 19"))).toBe(12);
  expect(readDrops(result("dropped 19 7"))).toBe(0);
  expect(readDrops(result("dropped  "))).toBeNull();
  expect(readDrops(undefined)).toBeNull();
});

test.each([
  { output: "", code: 0, why: undefined },
  { output: "", code: 124, why: undefined },
  { output: "ping is not installed", code: 127, why: "ping is not installed" },
  { output: "nsenter: cannot open /proc/4000/ns/net: No such file or directory", code: 1, why: /cannot open/ },
  { output: "ping: invalid option -- 'M'\nUsage: ping", code: 1, why: /no such option/ },
])("not run: $output ($code)", ({ output, code, why }) => {
  if (why === undefined) expect(notRun(result(output, code))).toBeUndefined();
  else expect(notRun(result(output, code))).toMatch(why);
});

test("no answer at all is not run", () => {
  expect(notRun(undefined)).toMatch(/no answer/);
});
