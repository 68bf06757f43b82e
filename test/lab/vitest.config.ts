// Cases on real machines. Those in cases/ run one after the other on the lab that scripts/test-lab.ts has brought up, those in
// aside/ on a second one at the same time: both mostly wait. Those in within/ are run by a case, on the runner's machine.
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
