/** What `detail: masked` leaves of addresses. */
import { expect, test } from "vitest";
import { createPseudonyms, maskDetail } from "../../../src/adapters/runner/detail.ts";

test.each([
  ["owner alice.smith@example.com", "owner a…@example.com"],
  ["endpoint 203.0.113.7:41641", "endpoint 203.x.x.x:41641"],
  [
    "node 10.10.10.10, 100.64.0.3, 192.168.1.5/24, 172.20.0.1",
    "node 10.10.10.10, 100.64.0.3, 192.168.1.5/24, 172.20.0.1",
  ],
  ["tailscale 1.102.5, K3s v1.33.5", "tailscale 1.102.5, K3s v1.33.5"],
  ["default 0.0.0.0/0", "default 0.0.0.0/0"],
  ["999.1.1.1 is no address", "999.1.1.1 is no address"],
])("%s", (text, masked) => {
  expect(maskDetail(text)).toBe(masked);
});

test.each([
  ["ada@example.com and bob@example.com, ADA@example.com again", "user-1 and user-2, user-1 again"],
  [
    '"src": ["alice@", "bob@"], uses: actions/checkout@v6, npm i @x/y',
    '"src": ["user-1", "user-2"], uses: actions/checkout@v6, npm i @x/y',
  ],
  ["100.64.0.3 is not 100.64.0.4; 100.64.0.3:22", "address-1 is not address-2; address-1:22"],
  ["fd7a:115c:a1e0::1 at [2001:db8::7]:443", "address-1 at [address-2]:443"],
  ["203.0.113.7/32", "address-1/32"],
  [
    "a route 100.64.0.0/10, fd7a:115c:a1e0::/48, 203.0.113.0/24",
    "a route 100.64.0.0/10, fd7a:115c:a1e0::/48, 203.0.113.0/24",
  ],
  ["pods 10.42.0.1:443, LAN 192.168.1.5", "pods 10.42.0.1:443, LAN 192.168.1.5"],
  ["at 12:30:45 on ab:cd:ef:01:23:45, K3s v1.33.5", "at 12:30:45 on ab:cd:ef:01:23:45, K3s v1.33.5"],
])("where everybody reads: %s", (text, shown) => {
  expect(createPseudonyms()(text)).toBe(shown);
});

test("the same one has the same name in log, summary, files and comment of a run", () => {
  const shown = createPseudonyms();
  expect([shown("a@example.com"), shown("100.64.0.9"), shown("b@example.com a@example.com 100.64.0.9")]).toEqual([
    "user-1",
    "address-1",
    "user-2 user-1 address-1",
  ]);
});
