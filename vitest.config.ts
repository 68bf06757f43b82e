/** `npx vitest run` is everything that needs Node only; the lab has a configuration of its own. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/lab/**"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
