import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits, type ContainerEdit, editContainer } from "../../src/hujson/edit.ts";
import { readHujson } from "../../src/hujson/parse.ts";
import { type ContainerNode, type Document, decodeText } from "../../src/hujson/tree.ts";
import { canonicalText, depthOf } from "../../src/hujson/value.ts";

function rootOf(document: Document): ContainerNode {
  const root = document.root;
  if (root.kind !== "array" && root.kind !== "object") throw new Error("not a container");
  return root;
}

function edited(text: string, edit: ContainerEdit): string {
  const document = readHujson(text);
  return decodeText(applyEdits(document.bytes, editContainer(document, rootOf(document), edit)));
}

const commentsOf = (document: Document): readonly string[] =>
  document.comments.map((c) => decodeText(document.bytes, c));

describe("append", () => {
  const append = [{ text: "9" }];
  test.each([
    ["[]", "[9]"],
    ["[1]", "[1, 9]"],
    ["[1, 2, ]", "[1, 2, 9, ]"],
    ["[1 /*c*/]", "[1, 9 /*c*/]"],
    ["[\n  1\n]\n", "[\n  1,\n  9\n]\n"],
    ["[\n\t1,\n]\n", "[\n\t1,\n\t9,\n]\n"],
    ["[\n  1, // one\n  // end\n]\n", "[\n  1, // one\n  // end\n  9,\n]\n"],
    ["[\n  1 // one\n]\n", "[\n  1, // one\n  9\n]\n"],
    ["[\r\n  1,\r\n]\r\n", "[\r\n  1,\r\n  9,\r\n]\r\n"],
    ["[ // nothing\n]\n", "[ // nothing\n  9,\n]\n"],
    ["[\n]", "[\n  9\n]"],
  ])("%j", (before, after) => expect(edited(before, { append })).toBe(after));

  test("with comments", () => {
    expect(edited("[1]", { append: [{ text: "9", comments: ["// nine", "/*!*/"] }] })).toBe(
      "[1,\n  // nine\n  /*!*/\n  9\n]",
    );
  });
});

describe("remove", () => {
  test.each([
    ["[1, 2, 3]", [1], "[1, 3]"],
    ["[1, 2, 3]", [0], "[2, 3]"],
    ["[1, 2, 3]", [2], "[1, 2]"],
    ["[1, 2, 3]", [0, 1, 2], "[]"],
    ["[\n  1, // one\n  2, // two\n]\n", [0], "[\n  // one\n  2, // two\n]\n"],
    ["[\n  1,\n  2,\n]\n", [1], "[\n  1,\n]\n"],
    ["[\n  1,\n  2\n]\n", [1], "[\n  1\n]\n"],
    ["[\n  // one\n  1,\n\n  2,\n]\n", [0], "[\n  // one\n\n  2,\n]\n"],
    ["[1 /*a*/ , 2]", [0], "[/*a*/ 2]"],
  ])("%j without %j", (before, indices, after) => expect(edited(before, { remove: new Set(indices) })).toBe(after));
});

test("replace keeps what is around the value", () => {
  expect(edited('{"a": /*x*/ 1 /*y*/, "b": 2}', { replace: new Map([[0, '"new"']]) })).toBe(
    '{"a": /*x*/ "new" /*y*/, "b": 2}',
  );
});

test("edits that overlap are refused", () => {
  const edits = [
    { start: 0, end: 3, text: "" },
    { start: 2, end: 4, text: "" },
  ];
  expect(() => applyEdits(new Uint8Array(9), edits)).toThrow(RangeError);
});

test("canonical text is of the value, not of its spelling", () => {
  const canonical = (text: string): string => {
    const document = readHujson(text);
    return canonicalText(document, document.root);
  };
  expect(canonical('{"b":[1.0,"\\u0061"], /*x*/ "a":null,}')).toBe(canonical('{"a":null,"b":[1,"a"]}'));
  expect(canonical("123456789012345678901")).not.toBe(canonical("123456789012345678902"));
  expect(canonical('{"__proto__":1}')).toBe('{"__proto__":1}');
  expect(depthOf(readHujson("[[],[[1]]]").root)).toBe(3);
});

// Blanks and comments as hostile as the grammar allows; `\u0001` marks where a comment text is made unique.
const extra = fc.array(
  fc.oneof(
    fc.constantFrom(" ", "\t", "\n", "\r\n", "  "),
    fc.nat(999).map((n) => `// c${n} é,]}"\n`),
    fc.nat(999).map((n) => `/* d${n}\n,]} */`),
  ),
  { maxLength: 3 },
);
const value = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom('"x"', '"// no"', "[]", "{}", "[1, /*in*/ 2,]", '{"k": 1}'),
);

interface Sample {
  readonly text: string;
  readonly values: readonly string[];
}

const sample: fc.Arbitrary<Sample> = fc
  .record({
    isObject: fc.boolean(),
    items: fc.array(fc.record({ lead: extra, value, mid: extra, tail: extra }), { maxLength: 5 }),
    isTrailing: fc.boolean(),
    inner: extra,
    outer: extra,
  })
  .map(({ isObject, items, isTrailing, inner, outer }) => {
    const list = items.map((item, index) => {
      const comma = index < items.length - 1 || isTrailing ? "," : "";
      const name = isObject ? `"n${index}":${item.mid.join("")}` : "";
      return `${item.lead.join("")}${name}${item.value}${item.tail.join("")}${comma}`;
    });
    const [open, close] = isObject ? ["{", "}"] : ["[", "]"];
    return {
      text: `${outer.join("")}${open}${list.join("")}${inner.join("")}${close}${outer.join("")}`,
      values: items.map((i) => i.value),
    };
  });

const flags = fc.array(fc.constantFrom("keep", "remove", "replace"), { minLength: 5, maxLength: 5 });
const additions = fc.array(fc.record({ number: fc.nat(99), isCommented: fc.boolean() }), { maxLength: 3 });

test("law: every edit says what it should, and nothing else changes", () => {
  fc.assert(
    fc.property(sample, flags, additions, ({ text, values }, what, added) => {
      const document = readHujson(text);
      const root = rootOf(document);
      const chosen = (kind: string): number[] => root.items.map((_, i) => i).filter((i) => what[i] === kind);
      const itemText = (n: number, i: number): string => (root.kind === "object" ? `"new${i}": ${n}` : String(n));
      const append = added.map((a, i) => ({
        text: itemText(a.number, i),
        ...(a.isCommented ? { comments: [`// added ${i}`] } : {}),
      }));
      const remove = new Set(chosen("remove"));
      const replace = new Map(chosen("replace").map((i) => [i, `"r${i}"`]));
      const result = decodeText(applyEdits(document.bytes, editContainer(document, root, { remove, replace, append })));
      const after = readHujson(result);

      const names = root.items.map((_, i) => (root.kind === "object" ? `"n${i}": ` : ""));
      const model = values.flatMap((v, i) => (remove.has(i) ? [] : [`${names[i]}${replace.get(i) ?? v}`]));
      const all = [...model, ...append.map((a) => a.text)].join(",");
      const wanted = readHujson(root.kind === "object" ? `{${all}}` : `[${all}]`);
      const order = (d: Document): readonly string[] => rootOf(d).items.map((item) => canonicalText(d, item.value));
      expect(order(after)).toEqual(order(wanted));
      expect(canonicalText(after, after.root)).toBe(canonicalText(wanted, wanted.root));

      const gone = [...remove, ...replace.keys()].map((i) => root.items[i]?.value);
      const kept = document.comments
        .filter((c) => !gone.some((v) => v !== undefined && c.start >= v.start && c.end <= v.end))
        .map((c) => decodeText(document.bytes, c));
      // A removed member takes the comments between its name and its value along.
      const inside = [...remove].map((i) => root.items[i]).filter((item) => item !== undefined && "name" in item);
      const lost = inside.flatMap((item) =>
        item !== undefined && "name" in item
          ? document.comments
              .filter((c) => c.start >= item.name.end && c.end <= item.value.start)
              .map((c) => decodeText(document.bytes, c))
          : [],
      );
      expect(
        commentsOf(after)
          .filter((c) => !c.startsWith("// added"))
          .toSorted(),
      ).toEqual(without(kept, lost).toSorted());
      for (const [i, item] of root.items.entries()) {
        if (what[i] === "keep")
          expect(result).toContain(decodeText(document.bytes, { start: item.value.start, end: item.value.end }));
      }
      if (remove.size + replace.size + append.length === 0) expect(result).toBe(text);
    }),
    { numRuns: 600 },
  );
});

function without(all: readonly string[], gone: readonly string[]): readonly string[] {
  const left = [...all];
  for (const text of gone) left.splice(left.indexOf(text), 1);
  return left;
}
