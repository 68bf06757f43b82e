/** The documents say what is so: commands, inputs, links, keys, layers and codes that they name exist. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { readAction } from "../../scripts/action-metadata.ts";
import { errorCatalogue } from "../../scripts/error-catalogues.ts";
import { parseTopology } from "../../src/mesh/topology/parse.ts";
import { TopologySchema } from "../../src/mesh/topology/schema.ts";
import { layers, proves } from "../../src/reach/layers.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const documents = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", ...globSync("docs/*.md", { cwd: root })].sort();

interface Block {
  readonly file: string;
  readonly language: string;
  readonly text: string;
}

/** Fenced code of a document. */
function blocksOf(file: string): readonly Block[] {
  return [...read(file).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
    file,
    language,
    text,
  }));
}

const yamlBlocks = documents.flatMap(blocksOf).filter((block) => block.language === "yaml");
const WorkflowSchema = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      steps: z
        .array(z.object({ uses: z.string(), with: z.record(z.string(), z.string()).optional() }).partial())
        .default([]),
      uses: z.string().optional(),
      with: z.record(z.string(), z.string()).default({}),
      secrets: z.record(z.string(), z.string()).default({}),
    }),
  ),
});
const anyMapping = z.record(z.string(), z.unknown());

/** The first line tells whose configuration a block is, where it is neither a workflow nor a topology. */
const isForeign = ({ text }: Block): boolean => /^# (\/etc|\.github)\//.test(text);
const keysOf = ({ text }: Block): readonly string[] =>
  Object.keys(anyMapping.parse(parse(text, { logLevel: "error" })));
const isWorkflow = (block: Block): boolean => !isForeign(block) && keysOf(block).includes("jobs");
const isTopology = (block: Block): boolean => !isForeign(block) && !isWorkflow(block);

const readWorkflow = ({ text }: Block) =>
  WorkflowSchema.parse(parse(text.replaceAll(/\$\{\{[^}]*\}\}/g, "x"), { schema: "failsafe" }));

/** Steps of a workflow that are ours: where the action's metadata is, and the inputs given. */
function ourSteps(block: Block): readonly { readonly metadata: string; readonly inputs: readonly string[] }[] {
  return Object.values(readWorkflow(block).jobs).flatMap(({ steps }) =>
    steps.flatMap((step) => {
      const [, path] = /^tailmesh\/tailmesh(\/[\w/-]+)?@/.exec(step.uses ?? "") ?? [];
      if (!/^tailmesh\/tailmesh[/@]/.test(step.uses ?? "")) return [];
      return [{ metadata: `.${path ?? ""}/action.yml`.replace("./", ""), inputs: Object.keys(step.with ?? {}) }];
    }),
  );
}

describe("README", () => {
  test("has the two commands, each in a block of its own", () => {
    const commands = blocksOf("README.md").map((block) => block.text.trim());
    expect(commands).toContain("npm ci && npm run demo");
    expect(commands).toContain("npm ci && npm test");
    expect(read("README.md")).toContain("`npm run test:lab`");
  });

  test("begins with a workflow of at most four inputs", () => {
    const first = blocksOf("README.md").find((block) => block.language === "yaml" && isWorkflow(block));
    const steps = first ? ourSteps(first) : [];
    expect(steps).toHaveLength(1);
    expect(steps[0]?.metadata).toBe("action.yml");
    expect(steps[0]?.inputs.length).toBeLessThanOrEqual(4);
  });

  test("links to the README of every action", () => {
    for (const file of globSync("actions/*/README.md", { cwd: root })) expect(read("README.md")).toContain(`(${file})`);
  });
});

describe("workflows in documents", () => {
  const steps = yamlBlocks.filter(isWorkflow).flatMap(ourSteps);

  test("use actions that exist, with inputs that exist, and give all that are required", () => {
    expect(steps.length).toBeGreaterThan(4);
    for (const { metadata, inputs } of steps) {
      const action = readAction(root, metadata);
      expect(Object.keys(action.inputs), metadata).toEqual(expect.arrayContaining([...inputs]));
      const required = Object.entries(action.inputs).flatMap(([name, input]) => (input.required ? [name] : []));
      expect(inputs, metadata).toEqual(expect.arrayContaining(required));
    }
  });

  test("call workflows of ours that exist, with inputs and secrets that they take", () => {
    const CalledSchema = z.object({
      on: z.object({ workflow_call: z.object({ inputs: anyMapping, secrets: anyMapping }) }),
    });
    const calls = yamlBlocks
      .filter(isWorkflow)
      .flatMap((block) => Object.values(readWorkflow(block).jobs))
      .filter(({ uses }) => uses !== undefined);
    expect(calls.length).toBeGreaterThan(1);
    for (const { uses = "", with: given, secrets } of calls) {
      const [, file = ""] = /^tailmesh\/tailmesh\/(\.github\/workflows\/\w+\.yml)@v[\d.]+$/.exec(uses) ?? [];
      const { on } = CalledSchema.parse(parse(read(file)));
      expect(Object.keys(on.workflow_call.inputs), uses).toEqual(expect.arrayContaining(Object.keys(given)));
      expect(Object.keys(on.workflow_call.secrets), uses).toEqual(expect.arrayContaining(Object.keys(secrets)));
    }
  });

  test("pin foreign actions by commit", () => {
    for (const { text } of yamlBlocks.filter(isWorkflow)) {
      for (const [, used = ""] of text.matchAll(/uses: (\S+)/g)) {
        if (!used.startsWith("tailmesh/")) expect(used).toMatch(/@[0-9a-f]{40}$/);
      }
    }
  });
});

describe("topologies in documents", () => {
  /** What a fragment leaves out. */
  const base: Readonly<Record<string, string>> = {
    version: "version: 1\n",
    ssh: "ssh: { user: ubuntu, known-hosts: known_hosts }\n",
    tailnet: "tailnet: { control: headscale, url: https://headscale.example.net }\n",
    clusters: `clusters:
  homelab: { pods: 10.42.0.0/16, services: 10.43.0.0/16, nodes: { homelab-1: 10.10.10.10 } }
  oracle: { pods: 10.52.0.0/16, services: 10.53.0.0/16, nodes: { oracle-1: 10.0.0.26 } }
`,
  };
  const values: Readonly<Record<string, string>> = {
    HEADSCALE_URL: "https://headscale.example.net",
    ORACLE_HOST: "oracle.example.net",
  };
  const topologies = yamlBlocks.filter(isTopology);

  test("there are some, whole ones and fragments", () => {
    const whole = topologies.filter((block) => keysOf(block).includes("version"));
    expect(whole.length).toBeGreaterThan(2);
    expect(topologies.length - whole.length).toBeGreaterThan(4);
  });

  test.each(topologies.map((block) => [block.file, block.text.split("\n")[0] ?? "", block] as const))(
    "%s: %s",
    (file, _first, block) => {
      const keys = keysOf(block);
      const missing = Object.entries(base).flatMap(([key, text]) => (keys.includes(key) ? [] : [text]));
      const whole = keys.includes("version") ? block.text : `${missing.join("")}${block.text}`;
      const mesh = parseTopology(whole, { file, env: (name) => values[name] });
      expect(mesh.clusters.length).toBeGreaterThan(1);
      expect(mesh.tailnet.control).toBe(file === "docs/tailscale.md" ? "tailscale" : "headscale");
    },
  );
});

describe("docs/topology.md", () => {
  const NodeSchema: z.ZodType<SchemaNode> = z.lazy(() =>
    z.object({
      properties: z.record(z.string(), NodeSchema).optional(),
      additionalProperties: z.union([z.boolean(), NodeSchema]).optional(),
      items: NodeSchema.optional(),
      anyOf: z.array(NodeSchema).optional(),
      $defs: z.record(z.string(), NodeSchema).optional(),
    }),
  );
  interface SchemaNode {
    readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
    readonly additionalProperties?: boolean | SchemaNode | undefined;
    readonly items?: SchemaNode | undefined;
    readonly anyOf?: readonly SchemaNode[] | undefined;
    readonly $defs?: Readonly<Record<string, SchemaNode>> | undefined;
  }

  function keysIn(schema: SchemaNode): readonly string[] {
    const { properties = {}, additionalProperties, items, anyOf = [], $defs = {} } = schema;
    const inner = [...Object.values(properties), ...Object.values($defs), ...anyOf, ...(items ? [items] : [])];
    const values = typeof additionalProperties === "object" ? [additionalProperties] : [];
    return [...Object.keys(properties), ...[...inner, ...values].flatMap(keysIn)];
  }

  test("names every key that the parser knows", () => {
    const schema = NodeSchema.parse(z.toJSONSchema(TopologySchema));
    const keys = [...new Set(keysIn(schema))];
    expect(keys.length).toBeGreaterThan(40);
    const text = read("docs/topology.md");
    const isNamed = (key: string): boolean => new RegExp(`[\`.]${key}[\`:]`).test(text);
    expect(keys.filter((key) => !isNamed(key))).toEqual([]);
  });
});

describe("docs/troubleshooting.md", () => {
  test("has the layers in their order, each with what it proves", () => {
    const rows = layers.map((layer) => `| \`${layer}\` | ${proves[layer]} |`).join("\n");
    expect(read("docs/troubleshooting.md")).toContain(rows);
  });
});

describe("CONTRIBUTING.md", () => {
  test("has every verb of the lab, and no other", () => {
    const usage = /const usage = `([\s\S]*?)`;/.exec(read("test/lab/main.ts"))?.[1] ?? "";
    const verbs = new Set([...usage.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, verb]) => verb));
    const shown = new Set([...read("CONTRIBUTING.md").matchAll(/npm run (?:-s )?lab -- ([a-z]+)/g)].map(([, v]) => v));
    expect([...shown].sort()).toEqual([...verbs].sort());
  });
});

test.each(documents)("%s: relative links lead somewhere", (file) => {
  const text = read(file).replaceAll(/^```[\s\S]*?^```$/gm, "");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target.replace(/#.*/, ""));
  const local = targets.filter((target) => target !== "" && !/^[a-z]+:/.test(target));
  expect(local.filter((target) => !existsSync(join(root, dirname(file), target)))).toEqual([]);
});

test("every npm script that a document names exists", () => {
  const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read("package.json")));
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map((m) => m[1]),
  );
  expect(named.length).toBeGreaterThan(10);
  expect([...new Set(named)].filter((name) => name === undefined || !(name in scripts))).toEqual([]);
});

test("every error code that a document names exists", async () => {
  const known = (await errorCatalogue(root)).map((entry) => entry.code);
  const named = documents.flatMap((file) => [...read(file).matchAll(/\bMESH_[A-Z0-9_]+\b/g)].map(([code]) => code));
  expect([...new Set(named)].filter((code) => !known.includes(code))).toEqual([]);
});

test("every source file that a document names exists", () => {
  const pattern = /`((?:src|test|scripts|docs|examples|schemas)\/[\w./*-]+)`/g;
  const named = documents.flatMap((file) => [...read(file).matchAll(pattern)].map(([, path = ""]) => path));
  expect(named.length).toBeGreaterThan(10);
  expect([...new Set(named)].filter((path) => globSync(path, { cwd: root }).length === 0)).toEqual([]);
});
