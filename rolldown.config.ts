/**
 * How `dist/` is made: one small entry for each action.yml and one for the command line, shared chunks of ours, named chunks of the packages.
 * Readable on purpose: whoever reviews a change of `dist/` sees what changed.
 */
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
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

/**
 * Serves `entry:NAME`: the command line, or what starts an action; and `start:NAME`: the action, run by the common life, which is
 * loaded while a connection is made.
 */
const entries: Plugin = {
  name: "entries",
  resolveId: (id) => (/^(entry|start):/.test(id) ? `\0${id}` : null),
  load(id) {
    const [, kind, name] = /^\0(entry|start):(.+)$/.exec(id) ?? [];
    if (name === undefined) return null;
    const source = (path: string): string => JSON.stringify(join(root, "src", path));
    if (name === cliName) {
      return `#!/usr/bin/env node\nimport { main } from ${source("cli/main.ts")};\nawait main();\n`;
    }
    if (kind === "start") {
      return `import { action } from ${source(`actions/${name}.ts`)};
import { main } from ${source("actions/main.ts")};
export const start = () => main(action);
`;
    }
    return `import { expectControl } from ${source("wiring/early.ts")};
expectControl(process.env);
const { start } = await import("start:${name}");
await start();
`;
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

/**
 * @actions/core brings an HTTP client for ID tokens, a way to run programs for telling the platform, and a summary that loads
 * Node's file promises: together more than half of an action's start. The first comes when a token is asked for, the others are
 * used by nobody here.
 */
const coreOnDemand: Plugin = {
  name: "core-on-demand",
  resolveId: (id, importer) => {
    if (importer?.endsWith("@actions/core/lib/core.js") !== true) return null;
    return ["./oidc-utils.js", "./platform.js", "./summary.js"].includes(id) ? `\0core:${id.slice(2)}` : null;
  },
  load(id) {
    if (id === "\0core:platform.js") return "export {};";
    if (id === "\0core:summary.js") return "export const summary = undefined, markdownSummary = undefined;";
    if (id !== "\0core:oidc-utils.js") return null;
    const client = JSON.stringify(join(root, "node_modules/@actions/core/lib/oidc-utils.js"));
    return `export const OidcClient = { getIDToken: async (audience) => (await import(${client})).OidcClient.getIDToken(audience) };`;
  },
};

/**
 * An `import` of one of Node's modules evaluates all that it offers, such as Web Crypto and the REPL's history: some thirty
 * modules that an action never uses. Asked for by `process.getBuiltinModule`, it gives what is taken.
 */
const builtinsAsUsed: Plugin = {
  name: "builtins-as-used",
  renderChunk: (code) =>
    code.replace(/^import (.+) from "([^"]+)";$/gm, (whole, names: string, module: string) => {
      if (!isBuiltin(module)) return whole;
      const [, all, named] = /^(?:(?:\* as )?([\w$]+))?(?:, )?(\{[^{}]*\})?$/.exec(names) ?? [];
      const taken = [all, named?.replaceAll(" as ", ": ")].filter((names) => names !== undefined);
      if (taken.length === 0) throw new Error(`cannot rewrite ${whole}`);
      return `const ${taken.map((names) => `${names} = process.getBuiltinModule("${module}")`).join(", ")};`;
    }),
};

const vendors: readonly (readonly [name: string, packages: RegExp])[] = [
  ["vendor-undici", /node_modules\/undici\//],
  // A group takes what its modules import along, so that the parts of @actions/core come first.
  ["vendor-actions-core", /node_modules\/@actions\/core\/(?!lib\/oidc-utils)/],
  ["vendor-actions-http", /node_modules\/(@actions\/(core|http-client)|tunnel)\//],
  ["vendor-actions-exec", /node_modules\/@actions\/(exec|io)\//],
  [
    "vendor-ssh",
    /node_modules\/(node-ssh|ssh2|asn1|bcrypt-pbkdf|tweetnacl|safer-buffer|shell-escape|sb-[a-z-]+|make-dir|is-stream)\//,
  ],
  ["vendor-sealed-box", /node_modules\/@noble\//],
  ["vendor-schema", /node_modules\/zod\//],
  ["vendor-text", /node_modules\/yaml\//],
  ["vendor-actions-cache", /node_modules\/(?!p-map\/)/],
  // What comes before all else: it must not bring the rest along.
  ["early", /\/src\/(wiring\/early|adapters\/http\/early|mesh\/(topology\/likely-server|tailscale-api))\.ts$/],
  // What all start with, in one file: opening many small ones takes longer than reading them.
  ["mesh", /\/src\/(mesh|plan|ports)\/(?!files|key-record)[^/]+\.ts$/],
  ["http", /\/src\/adapters\/(http\/(?!proxied|ping)|[^/]+\/errors\.ts|clock|control\/credentials)/],
  ["control", /\/src\/adapters\/control\/(?!headscale)/],
  ["topology", /\/src\/mesh\/topology\/(?!select|json-schema)/],
  ["policy", /\/src\/(policy|hujson)\//],
];

export default defineConfig({
  cwd: root,
  input: Object.fromEntries([...actionNames(), cliName].map((name) => [name, `entry:${name}`])),
  platform: "node",
  plugins: [entries, noNativeAddons, undiciOnDemand, coreOnDemand, builtinsAsUsed, licenses(root)],
  // Modules, of which only what is used is taken; for Node it is CommonJS.
  resolve: { alias: { yaml: join(root, "node_modules/yaml/browser/dist/index.js") } },
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
    chunkFileNames: ({ name }) => `shared/${name.replace(/^_start_/, "start-")}.js`,
    codeSplitting: { groups: vendors.map(([name, test], index) => ({ name, test, priority: vendors.length - index })) },
  },
});
