/** What `detail: masked` leaves of addresses. */
import { expect, test } from "vitest";
import { maskDetail } from "../../../src/adapters/runner/detail.ts";

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
