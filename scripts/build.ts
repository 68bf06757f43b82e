/** `npm run build`: makes dist/ anew. */
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { folderFiles } from "./folder-files.ts";

const dist = join(import.meta.dirname, "../dist");
await bundle(dist);
const files = folderFiles(dist);
const size = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
console.log(`dist: ${files.size} files, ${(size / 1024 / 1024).toFixed(2)} MiB`);
