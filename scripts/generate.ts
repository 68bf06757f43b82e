/**
 * `npm run generate`: the files that are made from the sources: schemas/*.json, docs/errors.md, and the tables of the READMEs.
 * With `--check` it writes nothing and fails when one of them is not what the sources say.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { actionTables } from "./generate-actions.ts";
import { errorsDocument } from "./generate-errors.ts";
import { schemaFiles } from "./generate-schemas.ts";

const root = join(import.meta.dirname, "..");
const check = process.argv.includes("--check");

const files = new Map<string, string>([
  ...(await schemaFiles()),
  ["docs/errors.md", await errorsDocument(root)],
  ...globSync("actions/*/README.md", { cwd: root }).map((file) => [file, actionTables(root, file)] as const),
  ...globSync("README.md", { cwd: root }).map((file) => [file, actionTables(root, file)] as const),
]);

const stale = [...files].filter(([file, content]) => read(join(root, file)) !== content);
for (const [file, content] of stale) {
  if (check) console.error(`${file} is not what the sources say: run \`npm run generate\``);
  else write(join(root, file), content);
}
if (check && stale.length > 0) process.exitCode = 1;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
