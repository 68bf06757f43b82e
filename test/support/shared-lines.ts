/** Recordings that lie beside the checkout: with TAILMESH_REFERENCE=required they must be there, elsewhere tests go on without. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const folder = new URL("../../../shared/reference/", import.meta.url);

/** The lines of a compressed file, parsed; undefined, and a line said, where it is not there. */
export function sharedLines<T>(name: string): readonly T[] | undefined {
  const file = new URL(name, folder);
  if (!existsSync(file)) {
    if (process.env["TAILMESH_REFERENCE"] === "required") throw new Error(`${fileURLToPath(file)} is missing`);
    process.stderr.write(`${name} is not beside the checkout: its part of the tests is left out\n`);
    return undefined;
  }
  const lines = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
  return lines.map((line): T => JSON.parse(line));
}
