/** Every error code is of use to the one who meets it. */
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { errorCatalogue } from "../../scripts/error-catalogues.ts";

const root = resolve(import.meta.dirname, "../..");
const catalogue = await errorCatalogue(root);

test("codes are unique, named alike, and have a meaning and a hint in whole sentences", () => {
  expect(new Set(catalogue.map((entry) => entry.code)).size).toBe(catalogue.length);
  for (const { code, meaning, hint } of catalogue) {
    expect(code).toMatch(/^MESH_[A-Z0-9]+(_[A-Z0-9]+)*$/);
    expect(meaning, code).toMatch(/[.?!`)]$/);
    expect(hint, code).toMatch(/[.?!`)]$/);
    expect(hint.length, code).toBeGreaterThan(15);
  }
});

test("no code is declared and never used", () => {
  const code = globSync("src/**/*.ts", { cwd: root })
    .filter((file) => !file.endsWith("errors.ts"))
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
  expect(catalogue.map((entry) => entry.code).filter((name) => !code.includes(`"${name}"`))).toEqual([]);
});
