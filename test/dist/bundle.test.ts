/** What the committed bundle is made of. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderFiles } from "../../scripts/folder-files.ts";
import { root } from "../support/run-action.ts";

const files = folderFiles(join(root, "dist"));
const textOf = (name: string): string => files.get(name)?.toString("utf8") ?? "";
const actions = [
  "acl-apply.js",
  "connectivity-check.js",
  "converge.js",
  "key-mint.js",
  "key-rotate.js",
  "node-provision.js",
  "topology-plan.js",
];
/** The command line runs without the runner. */
const cli = "tailmesh.js";

/** Chunks that are loaded with an entry: static imports, followed. */
function loadedWith(entry: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (name: string, folder: string): void => {
    const path = join(folder, name);
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, to = ""] of textOf(path).matchAll(/^import (?:[^"']*? from )?"(\.[^"]+)";/gm)) {
      visit(to, path.includes("/") ? "shared" : ".");
    }
  };
  visit(entry, ".");
  return seen;
}

describe("the bundle", () => {
  test("has a small entry for each action, and the command line", () => {
    const entries = [...files.keys()].filter((name) => /^[a-z-]+\.js$/.test(name));
    expect(entries.sort()).toEqual([...actions, cli].sort());
    for (const name of actions) expect(files.get(name)?.length, name).toBeLessThan(10_000);
  });

  test.each(actions)("%s dials first, and starts without what is only used later", (entry) => {
    expect([...loadedWith(entry)]).toEqual([entry, "shared/early.js"]);
    const start = `shared/start-${entry}`;
    expect(textOf(entry)).toContain(`import("./${start}")`);
    const loaded = [...loadedWith(start)];
    expect(loaded.filter((name) => name.includes("vendor-"))).toEqual(["shared/vendor-actions-core.js"]);
    expect(loaded.filter((name) => /shared\/(control|converge|topology|policy)\.js$/.test(name))).toEqual([]);
  });

  test("takes of Node's modules what it uses: an import would evaluate all that they offer", () => {
    const imported = [...files].flatMap(([name, bytes]) =>
      [...bytes.toString("utf8").matchAll(/^import .+ from "([^."][^"]*)";$/gm)].map(([, from]) => `${name}: ${from}`),
    );
    expect(imported).toEqual([]);
  });

  test("the command line is a program of its own: it needs no package, and no runner", () => {
    expect(textOf(cli)).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect([...loadedWith(cli)].filter((name) => name.includes("vendor-"))).toEqual([]);
  });

  test("names no folder of the machine that built it, and loads nothing from node_modules", () => {
    for (const [name, bytes] of files) {
      const text = bytes.toString("utf8");
      expect(text.includes(root), name).toBe(false);
      expect(text.match(/(?:from|import\(|require\() ?"(?!\.|node:)[^"]*node_modules/), name).toBeNull();
    }
  });

  test("tells the licence of every package in it", () => {
    const packages = [...files].flatMap(([name, bytes]) =>
      name.endsWith(".js")
        ? [...bytes.toString("utf8").matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map((match) => match[1])
        : [],
    );
    const licenses = textOf("licenses.txt");
    expect(new Set(packages).size).toBeGreaterThan(10);
    for (const name of new Set(packages))
      expect(licenses).toMatch(new RegExp(`^${name?.replaceAll("/", "\\/")} \\d`, "m"));
  });
});

test("the code of each action is found in the checkout that is run: package.json makes dist/ ESM", () => {
  const metadata: { readonly type: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(metadata.type).toBe("module");
});
