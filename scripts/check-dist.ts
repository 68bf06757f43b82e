/** `npm run check-dist`: the committed dist/ is, byte for byte, what these sources build. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { folderFiles } from "./folder-files.ts";

/** 6 MiB (design, budgets). */
const limit = 6 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), "tailmesh-dist-"));
try {
  await bundle(folder);
  const built = folderFiles(folder);
  const committed = folderFiles(join(import.meta.dirname, "../dist"));
  const names = [...new Set([...built.keys(), ...committed.keys()])].sort();
  const differing = names.filter((name) => {
    const [a, b] = [built.get(name), committed.get(name)];
    return a === undefined || b === undefined || !a.equals(b);
  });
  const size = [...committed.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  for (const name of differing) console.error(`dist/${name} differs from what the sources build`);
  if (size > limit) console.error(`dist/ has ${size} bytes, at most ${limit} are wanted`);
  if (differing.length > 0) console.error("Run `npm run build` and commit dist/.");
  process.exitCode = differing.length > 0 || size > limit ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
