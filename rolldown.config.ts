/**
 * How `dist/` is made: one small entry for each action.yml and one for the command line, shared chunks of ours, named chunks of the packages.
 * Readable on purpose: whoever reviews a change of `dist/` sees what changed.
 */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { defineConfig, type Plugin } from "rolldown";
import { parse } from "yaml";
import { licenses } from "./scripts/licenses.ts";

const root = import.meta.dirname;

/** Base names of the files that `runs.main` of every action.yml names. */
export function actionNames(): readonly string[] {
  const files = globSync(["action.yml", "actions/*/action.yml"], { cwd: root }).sort();
  return files.map((file) => {
    const metadata: { readonly runs: { readonly main: string } } = parse(readFileSync(join(root, file), "utf8"));
    return basename(metadata.runs.main, ".js");
  });
}

/** Name of the command line's entry, and of its command. */
export const cliName = "tailmesh";

/** Serves `entry:NAME`: the action, run by the common life, or the command line. */
const entries: Plugin = {
  name: "entries",
  resolveId: (id) => (id.startsWith("entry:") ? `\0${id}` : null),
  load(id) {
    if (!id.startsWith("\0entry:")) return null;
    if (id === `\0entry:${cliName}`) {
      const cli = JSON.stringify(join(root, "src/cli/main.ts"));
      return `#!/usr/bin/env node\nimport { main } from ${cli};\nawait main();\n`;
    }
    const action = JSON.stringify(join(root, "src/actions", `${id.slice("\0entry:".length)}.ts`));
    const main = JSON.stringify(join(root, "src/actions/main.ts"));
    return `import { action } from ${action};\nimport { main } from ${main};\nawait main(action);\n`;
  },
};

/** ssh2 tries its native add-ons and goes on without: in the bundle there are none, whatever the builder's machine has. */
const noNativeAddons: Plugin = {
  name: "no-native-addons",
  resolveId: (id) => (id === "cpu-features" || id.endsWith(".node") ? "\0no-native-addon" : null),
  load: (id) => (id === "\0no-native-addon" ? 'throw new Error("native add-ons are left out");' : null),
};

/**
 * @actions/http-client needs undici only behind a proxy, yet running undici's modules is a fifth of an action's start: there it
 * gets a ProxyAgent that fetches the real one when it is made.
 */
const undiciOnDemand: Plugin = {
  name: "undici-on-demand",
  resolveId: (id, importer) =>
    id === "undici" && importer?.includes("@actions/http-client") ? "\0undici-on-demand.cjs" : null,
  load: (id) =>
    id === "\0undici-on-demand.cjs"
      ? 'exports.ProxyAgent = function (...options) { return new (require("undici").ProxyAgent)(...options); };'
      : null,
};

const vendors: readonly (readonly [name: string, packages: RegExp])[] = [
  ["vendor-undici", /node_modules\/undici\//],
  ["vendor-actions-core", /node_modules\/(@actions\/(core|exec|io|http-client)|tunnel)\//],
  [
    "vendor-ssh",
    /node_modules\/(node-ssh|ssh2|asn1|bcrypt-pbkdf|tweetnacl|safer-buffer|shell-escape|sb-[a-z-]+|make-dir|is-stream)\//,
  ],
  ["vendor-sealed-box", /node_modules\/@noble\//],
  ["vendor-schema", /node_modules\/(zod|yaml|jsonc-parser)\//],
  ["vendor-actions-cache", /node_modules\/(?!p-map\/)/],
];

export default defineConfig({
  cwd: root,
  input: Object.fromEntries([...actionNames(), cliName].map((name) => [name, `entry:${name}`])),
  platform: "node",
  plugins: [entries, noNativeAddons, undiciOnDemand, licenses(root)],
  resolve: { alias: { "jsonc-parser": join(root, "node_modules/jsonc-parser/lib/esm/main.js") } },
  transform: {
    target: "node24",
    define: { __dirname: "import.meta.dirname", __filename: "import.meta.filename" },
  },
  output: {
    dir: "dist",
    format: "esm",
    cleanDir: true,
    minify: "dce-only",
    comments: { legal: false, annotation: false, jsdoc: false },
    entryFileNames: "[name].js",
    chunkFileNames: "shared/[name].js",
    codeSplitting: { groups: vendors.map(([name, test], index) => ({ name, test, priority: vendors.length - index })) },
  },
});
