/** Every error code of the sources, from the catalogues that defineErrors makes. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ErrorSpec } from "../src/mesh/error.ts";

export interface CatalogueEntry extends ErrorSpec {
  readonly code: string;
  /** The file that declares it, relative to the root. */
  readonly file: string;
}

/** All codes in the order of their files. Throws on a code that is declared twice. */
export async function errorCatalogue(root: string): Promise<readonly CatalogueEntry[]> {
  const files = globSync("src/**/errors.ts", { cwd: root }).sort();
  const entries = (await Promise.all(files.map((file) => entriesOf(root, file)))).flat();
  const codes = entries.map((entry) => entry.code);
  const twice = codes.find((code, index) => codes.indexOf(code) !== index);
  if (twice !== undefined) throw new Error(`${twice} is declared twice`);
  return entries;
}

async function entriesOf(root: string, file: string): Promise<readonly CatalogueEntry[]> {
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(join(root, file)).href);
  return Object.values(module)
    .filter(hasSpecs)
    .flatMap(({ specs }) => Object.entries(specs).map(([code, spec]) => ({ code, file, ...spec })));
}

function hasSpecs(value: unknown): value is { readonly specs: Readonly<Record<string, ErrorSpec>> } {
  return typeof value === "function" && "specs" in value && typeof value.specs === "object";
}
