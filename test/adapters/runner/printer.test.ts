/** What passes the printer, by who may read it. */
import { expect, test } from "vitest";
import { createPrinter } from "../../../src/adapters/runner/printer.ts";

const text = "ada@example.com on 100.64.0.3 at 203.0.113.7";

test("in a private repository the log is shortened, files are whole", () => {
  const printer = createPrinter();
  expect(printer.clean(text)).toBe("a\u2026@example.com on 100.64.0.3 at 203.x.x.x");
  expect(printer.file(text)).toBe(text);
});

test("where everybody reads, log, files and comments have the same names", () => {
  const printer = createPrinter({ isPublic: true });
  expect(printer.file(text)).toBe("user-1 on address-1 at address-2");
  expect(printer.line("203.0.113.7 of ada@example.com")).toBe("address-2 of user-1");
  expect(printer.clean(text)).toBe(printer.file(text));
});

test("detail: full shows all of it, anywhere", () => {
  const printer = createPrinter({ isPublic: true });
  printer.detail("full");
  expect([printer.clean(text), printer.file(text)]).toEqual([text, text]);
});
