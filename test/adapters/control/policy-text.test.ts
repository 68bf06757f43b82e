/** As much of a policy's meaning as the adapters need. */
import { describe, expect, test } from "vitest";
import { emptiness, isDefaultPolicy, policyValue } from "../../../src/adapters/control/policy-text.ts";

describe("policyValue", () => {
  test.each<[string, unknown]>([
    [`{"a": [1, 2,], // c\n}`, { a: [1, 2] }],
    [`/* , } */ {"a": "x // y, }",}`, { a: "x // y, }" }],
    [`{"a": "\\"// not a comment"}`, { a: `"// not a comment` }],
    ["<html>", undefined],
    ["", undefined],
  ])("%j", (text, value) => expect(policyValue(text)).toEqual(value));
});

describe("emptiness", () => {
  test.each(["", " \n", "null", "{}", "{ /* a */ }", "// a", "/* a */ // b\n", "{}//x\n", "[]"])(
    "%j is empty",
    (text) => {
      expect(emptiness(text)).toMatchObject({ severity: "error" });
    },
  );
  test.each([`{"acls": []}`, `{"grants": []} // x\n`, `{"acls" []}`, `{"hosts": {"h//": "10.0.0.1"}}`])(
    "%j is for the server to judge",
    (text) => expect(emptiness(text)).toBeUndefined(),
  );
});

describe("isDefaultPolicy", () => {
  test.each([
    "",
    `{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}`,
    `{"acls": [{"action": "accept", "users": ["*"], "ports": ["*:*"]}]}`,
    `// all\n{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]},], "ssh": [{"action": "check", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["autogroup:nonroot", "root"]}]}`,
    `{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}], "nodeAttrs": [{"target": ["autogroup:member"], "attr": ["funnel"]}]}`,
  ])("a server comes with %j", (text) => expect(isDefaultPolicy(text)).toBe(true));

  test.each([
    `{"grants": []}`,
    `{}`,
    `{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}], "tagOwners": {"tag:ci": ["autogroup:admin"]}}`,
    `{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["443"]}]}`,
    `{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}, {"src": ["a@b.c"], "dst": ["*"], "ip": ["*"]}]}`,
    `{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}], "ssh": [{"action": "accept", "src": ["autogroup:admin"], "dst": ["tag:x"], "users": ["root"]}]}`,
    `{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"], "via": ["tag:x"]}]}`,
    `{"grants" []}`,
  ])("%j is somebody's work", (text) => expect(isDefaultPolicy(text)).toBe(false));
});
