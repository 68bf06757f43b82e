/** The store in a folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createFileStore } from "../../../src/adapters/files/key-store.ts";
import { storeConformance } from "./suite.ts";

storeConformance("file", { readable: true, compareAndSet: true, isRemote: false }, async () => {
  const root = mkdtempSync(join(tmpdir(), "tailmesh-file-store-"));
  const path = (place: string): string => join(root, "keys", place);
  return {
    open: async () => createFileStore({ name: "folder", folder: "keys", root, mask: () => undefined }),
    place: (n) => `mesh/key ${n}.json`,
    async putForeign(place) {
      mkdirSync(dirname(path(place)), { recursive: true });
      writeFileSync(path(place), `{"password": "fake-of-somebody-else"}`);
    },
    remove: async (place) => rmSync(path(place)),
    log: () => "",
    [Symbol.asyncDispose]: async () => rmSync(root, { recursive: true, force: true }),
  };
});
