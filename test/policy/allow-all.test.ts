/** Rules that make links pointless are found by what they mean, at their line. */
import { describe, expect, test } from "vitest";
import { allowAllLines, openNotes } from "../../src/policy/allow-all.ts";
import { readPolicy } from "../../src/policy/document.ts";

const names =
  '"hosts": {"all": "0.0.0.0/0", "one": "192.0.2.1"}, "ipsets": {"ipset:all": ["0.0.0.0/0"]}, "tagOwners": {"tag:a": []},';

function lines(section: string, rule: string): readonly number[] {
  return allowAllLines(readPolicy(`{${names}\n"${section}": [\n${rule}\n]}`), "tailscale");
}

describe("open", () => {
  test.each([
    ["grants", '{"src": ["*"], "dst": ["*"], "ip": ["*"]}'],
    ["grants", '{"src": ["tag:a", "*"], "dst": ["tag:a", "*"], "ip": ["tcp:22", "*"]}'],
    ["grants", '{"src": ["autogroup:danger-all"], "dst": ["*"], "ip": ["*"]}'],
    ["grants", '{"src": ["autogroup:member", "autogroup:tagged"], "dst": ["*"], "ip": ["*"]}'],
    ["grants", '{"src": ["*"], "dst": ["*"], "ip": ["tcp:*", "udp:*"]}'],
    ["grants", '{"src": ["*"], "dst": ["*"], "ip": ["1-65535"]}'],
    ["grants", '{"src": ["all"], "dst": ["*"], "ip": ["*"]}'],
    ["grants", '{"src": ["ipset:all"], "dst": ["*"], "ip": ["*"]}'],
    ["acls", '{"action": "accept", "src": ["*"], "dst": ["*:*"]}'],
    ["acls", '{"action": "accept", "src": ["*"], "proto": "", "dst": ["*:*"]}'],
    ["acls", '{"action": "accept", "users": ["*"], "ports": ["*:1-65535"]}'],
    ["acls", '{"Action": "accept", "SRC": ["*"], "Dst": ["*:*"]}'],
  ])("%s %s", (section, rule) => expect(lines(section, rule)).toEqual([3]));
});

describe("not open", () => {
  test.each([
    ["grants", '{"src": ["*"], "dst": ["*"], "ip": ["tcp:*"]}'],
    ["grants", '{"src": ["*"], "dst": ["tag:a"], "ip": ["*"]}'],
    ["grants", '{"src": ["autogroup:member"], "dst": ["*"], "ip": ["*"]}'],
    ["grants", '{"src": ["*"], "dst": ["*"], "ip": ["*"], "via": ["tag:a"]}'],
    ["grants", '{"src": ["*"], "dst": ["*"], "app": {"example.com/x": [{}]}}'],
    ["grants", '{"src": ["one"], "dst": ["*"], "ip": ["*"]}'],
    ["acls", '{"action": "accept", "src": ["*"], "dst": ["*:1-1024"]}'],
    ["acls", '{"action": "accept", "src": ["*"], "proto": "udp", "dst": ["*:*"]}'],
    ["acls", '{"action": "accept", "src": ["192.0.2.0/24"], "dst": ["*:*"]}'],
  ])("%s %s", (section, rule) => expect(lines(section, rule)).toEqual([]));
});

test("a policy without rules, or none at all, is said to be open", () => {
  const notes = (text: string) => openNotes({ text, version: "", isDefault: false }, "headscale");
  expect(notes("")).toHaveLength(1);
  expect(notes('{"groups": {}}')).toHaveLength(1);
  expect(notes('{"grants": []}')).toEqual([]);
  expect(notes('{\n"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}')).toEqual([
    "line 2 of the policy allows everything: while that rule is there, links and forbid restrict nothing",
  ]);
});
