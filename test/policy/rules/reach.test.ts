/** Single questions to an evaluated policy. */
import { describe, expect, test } from "vitest";
import { readDevices } from "../../../src/policy/rules/devices.ts";
import { evaluate } from "../../../src/policy/rules/evaluate.ts";
import { allowing, type Connection, canReach } from "../../../src/policy/rules/reach.ts";

const given = readDevices({
  users: ["alice@example.com"],
  nodes: {
    laptop: { user: "alice@example.com", ipv4: "100.64.0.1" },
    wide: { tags: ["tag:r"], ipv4: "100.64.0.2", routes: ["10.0.0.0/8"], approved: ["10.0.0.0/8"] },
    narrow: { tags: ["tag:r", "tag:n"], ipv4: "100.64.0.3", routes: ["10.42.0.0/16"], approved: ["10.42.0.0/16"] },
    out: { tags: ["tag:r"], ipv4: "100.64.0.4", routes: ["0.0.0.0/0", "::/0"], approved: ["0.0.0.0/0", "::/0"] },
  },
});

function ask(policy: object, question: Partial<Connection>) {
  const { access, devices } = evaluate(JSON.stringify({ tagOwners: { "tag:r": [], "tag:n": [] }, ...policy }), {
    devices: given,
  });
  if (devices === undefined) throw new Error("the policy could not be read");
  const connection = { from: "100.64.0.1", to: "10.42.7.9", port: 443, protocol: 6, ...question };
  return { can: canReach(access, devices, connection), by: allowing(access, devices, connection).length };
}
const grant = (dst: string, ip: string, more: object = {}) => ({
  grants: [{ src: ["alice@example.com"], dst: [dst], ip: [ip], ...more }],
});

describe("may this address reach that one", () => {
  test("by a rule that covers both, the port and the protocol", () => {
    expect(ask(grant("10.42.0.0/16", "tcp:443"), {}).can).toBe(true);
    expect(ask(grant("10.42.0.0/16", "tcp:443"), { port: 80 }).can).toBe(false);
    expect(ask(grant("10.42.0.0/16", "tcp:443"), { protocol: 17 }).can).toBe(false);
    expect(ask(grant("10.42.0.0/16", "443"), { protocol: 17 }).can).toBe(true);
    expect(ask(grant("10.42.0.0/16", "443"), { protocol: 47 }).can).toBe(false);
    expect(ask(grant("10.42.0.0/16", "tcp:443"), { from: "192.0.2.1" }).can).toBe(false);
    expect(ask(grant("10.42.0.0/16", "tcp:443"), { to: "10.43.0.1" }).can).toBe(false);
  });

  test("the narrowest route takes the packet, so its router must let it in", () => {
    const via = grant("10.0.0.0/8", "443", { via: ["tag:n"] });
    expect(ask(via, { to: "10.42.7.9" }).can).toBe(true);
    expect(ask(via, { to: "10.9.0.1" }).can).toBe(false);
  });

  test("the internet needs an approved exit node", () => {
    expect(ask(grant("autogroup:internet", "443"), { to: "198.51.100.1" }).can).toBe(true);
    expect(ask(grant("*", "443"), { to: "198.51.100.1" }).can).toBe(true);
    expect(ask(grant("10.42.0.0/16", "443"), { to: "198.51.100.1" }).can).toBe(false);
  });

  test("only what is certain counts", () => {
    const posture = {
      postures: { "posture:x": ["node:os == 'linux'"] },
      ...grant("10.42.0.0/16", "443", { srcPosture: ["posture:x"] }),
    };
    expect(ask(posture, {}).can).toBe(false);
    expect(ask({ grants: [{ src: ["autogroup:admin"], dst: ["*"], ip: ["*"] }] }, {}).can).toBe(false);
  });

  test("without any rules all is open, with an empty list nothing is", () => {
    expect(ask({}, {})).toEqual({ can: true, by: 1 });
    expect(ask({ acls: [] }, {})).toEqual({ can: false, by: 0 });
  });

  test("an answer names the rules, each once", () => {
    const twice = { grants: [...grant("10.42.0.0/16", "443").grants, ...grant("*", "*").grants] };
    expect(ask(twice, {})).toEqual({ can: true, by: 2 });
  });
});

describe("a devices file that is none", () => {
  test.each([
    [null],
    [[]],
    [{ users: "x" }],
    [{ nodes: [] }],
    [{ nodes: { a: 1 } }],
    [{ nodes: { a: { ipv4: "x" } } }],
    [{ nodes: { a: { tags: [1] } } }],
    [{ nodes: { a: { approved: ["10.0.0.0/99"] } } }],
    [{ nodes: { a: { user: 7 } } }],
  ])("%j", (value) => {
    expect(() => readDevices(value)).toThrow(expect.objectContaining({ code: "MESH_POLICY_DEVICES" }));
  });
});
