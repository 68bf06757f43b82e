import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { parseHujson, readHujson, repairFinalNewline } from "../../src/hujson/parse.ts";
import { standardize } from "../../src/hujson/standardize.ts";
import { decodeText, encodeText } from "../../src/hujson/tree.ts";

interface Case {
  readonly id: string;
  readonly input?: string;
  readonly inputBase64?: string;
  readonly ok: boolean;
  readonly line?: number;
  readonly column?: number;
  readonly error?: string;
  readonly standardized?: string;
  readonly standardizedBase64?: string;
  readonly stable: boolean;
}

const file = new URL("../fixtures/hujson/hujson-cases.jsonl.gz", import.meta.url);
const cases: readonly Case[] = gunzipSync(readFileSync(file))
  .toString("utf8")
  .trim()
  .split("\n")
  .map((line): Case => JSON.parse(line));

const bytesOf = (text: string | undefined, base64: string | undefined): Uint8Array =>
  base64 === undefined ? encodeText(text ?? "") : new Uint8Array(Buffer.from(base64, "base64"));

describe("the verdicts of Go's reader", () => {
  test("there are 402 of them", () => expect(cases).toHaveLength(402));

  for (const entry of cases.filter((c) => c.stable)) {
    test(entry.id, () => {
      const result = parseHujson(bytesOf(entry.input, entry.inputBase64));
      if (!entry.ok) {
        expect(result).toMatchObject({ ok: false, problem: { line: entry.line, column: entry.column } });
        return;
      }
      if (!result.ok) throw new Error(JSON.stringify(result.problem));
      const expected = bytesOf(entry.standardized, entry.standardizedBase64);
      expect(Buffer.from(standardize(result.document)).toString("latin1")).toBe(
        Buffer.from(expected).toString("latin1"),
      );
    });
  }

  test("and its words, where they do not quote the text", () => {
    const plain = cases.filter((c) => c.stable && !c.ok && c.error?.includes("invalid literal") === false);
    expect(plain.length).toBeGreaterThan(100);
    for (const entry of plain) {
      const result = parseHujson(bytesOf(entry.input, entry.inputBase64));
      const said = result.ok
        ? ""
        : `hujson: line ${result.problem.line}, column ${result.problem.column}: ${result.problem.text}`;
      expect(said, entry.id).toBe(entry.error);
    }
  });
});

describe("beyond the cases", () => {
  test("line separators inside a line comment are refused where they stand", () => {
    expect(parseHujson(encodeText("{}\n //a\u2028b\n"))).toMatchObject({ ok: false, problem: { line: 2, column: 5 } });
    expect(parseHujson(encodeText("{/*a\u2028b*/}")).ok).toBe(true);
  });

  test("deep nesting costs no stack", () => {
    const depth = 200_000;
    expect(parseHujson(encodeText("[".repeat(depth) + "]".repeat(depth))).ok).toBe(true);
    expect(parseHujson(encodeText('{"a":'.repeat(depth)))).toMatchObject({
      ok: false,
      problem: { column: 5 * depth + 1 },
    });
  });

  test("a very long string is read", () => {
    expect(parseHujson(encodeText(JSON.stringify("x\\".repeat(400_000)))).ok).toBe(true);
  });

  test("names that JavaScript treats specially are ordinary", () => {
    const document = readHujson('{"__proto__":1,"constructor":2}');
    expect(document.root.kind === "object" && document.root.items.length).toBe(2);
  });

  test("an error has code, file, line and byte column", () => {
    expect(() => readHujson('{\n"é": oops }', "policy.hujson")).toThrow(
      expect.objectContaining({ code: "MESH_HUJSON_SYNTAX", where: { file: "policy.hujson", line: 2, column: 7 } }),
    );
  });
});

describe("repairFinalNewline", () => {
  test.each([
    ["{}//end", "{}//end\n", true],
    ["{}//end\n", "{}//end\n", false],
    ["{}", "{}", false],
    ["{}/*open", "{}/*open", false],
    ["{//x", "{//x", false],
  ])("%j", (text, repairedText, repaired) =>
    expect(repairFinalNewline(text)).toEqual({ text: repairedText, repaired }),
  );
});

describe("a part of the bytes as text", () => {
  test.each([
    ["plain", "[1, 2]", { start: 1, end: 5 }, "1, 2"],
    ["behind letters of two and four bytes", '["ü", "😀", "x"]', { start: 15, end: 18 }, '"x"'],
    ["a letter of two bytes itself", '["ü"]', { start: 1, end: 5 }, '"ü"'],
    ["a byte order mark stays", "﻿{}", { start: 0, end: 3 }, "﻿"],
  ])("%s", (_, text, span, expected) => {
    const bytes = encodeText(text);
    expect(decodeText(bytes, span)).toBe(expected);
    expect(decodeText(bytes)).toBe(text);
  });
});
