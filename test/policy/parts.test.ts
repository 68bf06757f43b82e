import { expect, test } from "vitest";
import { decodeText } from "../../src/hujson/tree.ts";
import { canonicalText } from "../../src/hujson/value.ts";
import { readPolicy } from "../../src/policy/document.ts";
import { joinParts } from "../../src/policy/parts.ts";

const base = {
  file: "base.hujson",
  text: `{
  // people
  "groups": {
    "group:a": ["a@example.com"], // Ada
  },
  "grants": [
    {"src": ["group:a"], "dst": ["*"], "ip": ["*"]}, // all
  ],
}
`,
};
const part = {
  file: "dev/part.hujson",
  text: `{
  "groups": {
    // developers
    "group:b": ["b@example.com"], // Bob
    "group:a": ["a@example.com"],
  },
  "grants": [
    /* web */ {"src": ["group:b"], "dst": ["tag:web"], "ip": ["tcp:443"]} // only web
    , {"src": ["group:b"], "dst": ["tag:dev"], "ip": ["*"]}
  ],
  "hosts": { "nas": "192.168.1.2" }
}
`,
};

const united = joinParts([base, part]);
const text = decodeText(united.document.bytes);

test("lists are joined, objects united, in order", () => {
  const wanted = readPolicy(`{
    "groups": {"group:a": ["a@example.com"], "group:b": ["b@example.com"]},
    "grants": [{"src": ["group:a"], "dst": ["*"], "ip": ["*"]}, {"src": ["group:b"], "dst": ["tag:web"], "ip": ["tcp:443"]},
      {"src": ["group:b"], "dst": ["tag:dev"], "ip": ["*"]}],
    "hosts": {"nas": "192.168.1.2"}
  }`);
  expect(canonicalText(united.document, united.root)).toBe(canonicalText(wanted.document, wanted.root));
});

test("comments of both are kept, each once", () => {
  for (const comment of ["// people", "// Ada", "// all", "// developers", "// Bob", "/* web */", "// only web"]) {
    expect(text.split(comment)).toHaveLength(2);
  }
});

test("one file is itself", () => expect(decodeText(joinParts([base]).document.bytes)).toBe(base.text));

test("a conflict names both files and the lines", () => {
  const other = { file: "other.hujson", text: '{"groups": {\n"group:b": ["x@example.com"]}}' };
  expect(() => joinParts([base, part, other])).toThrow(
    expect.objectContaining({
      code: "MESH_POLICY_PARTS_CONFLICT",
      message: 'other.hujson defines "group:b" differently from dev/part.hujson:4',
      where: { file: "other.hujson", line: 2, column: 12 },
    }),
  );
});

test("a syntax error names its file", () => {
  expect(() => joinParts([base, { file: "bad.hujson", text: "{" }])).toThrow(
    expect.objectContaining({ code: "MESH_HUJSON_SYNTAX", where: { file: "bad.hujson", line: 1, column: 2 } }),
  );
});

test("a missing final newline is repaired and told", () => {
  const tree = joinParts([
    { file: "a.hujson", text: "{} // end" },
    { file: "b.hujson", text: "{} // end" },
  ]);
  expect(tree.warnings).toHaveLength(2);
});
