// Cases on real machines: one after the other, in one worker, on the one lab that scripts/test-lab.ts has brought up.
// Those in aside/ have a lab of their own and run beside them; those in within/ are run by a case, on the runner's machine.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: resolve(import.meta.dirname, "../.."),
  test: {
    include: ["cases", "aside", "within"].map((folder) => `test/lab/${folder}/*.test.ts`),
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
