/** Three zones, one direction: actions → wiring → adapters → ports, and actions → nouns → ports. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { userAgent } from "../../src/wiring.ts";

const root = resolve(import.meta.dirname, "../..");
const sources = globSync("src/**/*.ts", { cwd: root }).sort();

interface Import {
  readonly from: string;
  /** A path below src/, or a package. */
  readonly to: string;
  readonly isType: boolean;
  /** Loaded when it is needed, not at the start. */
  readonly isLazy: boolean;
}

const imports: readonly Import[] = sources.flatMap((file) => importsOf(file));

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;"']*?from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)|^import "([^"]+)"/gm,
  );
  return [...statements].map(([, type, from, lazy, bare]) => {
    const specifier = from ?? lazy ?? bare ?? "";
    const to = specifier.startsWith(".") ? relative(root, resolve(root, dirname(file), specifier)) : specifier;
    return { from: file, to, isType: type !== undefined, isLazy: lazy !== undefined };
  });
}

/** The room of the house that a file is in. */
function zoneOf(path: string): string {
  const [, first = "", second = ""] = path.split("/");
  if (!path.startsWith("src/")) return "package";
  if (first === "adapters") return `adapters/${second.replace(/\.ts$/, "")}`;
  return first.replace(/\.ts$/, "");
}

const nouns = ["hujson", "facts", "policy", "keys", "nodes", "clusters", "reach"];
const pure = ["mesh", "plan", ...nouns, "ports", "converge"];

/** What each noun may know of the others. */
const known: Readonly<Record<string, readonly string[]>> = {
  mesh: ["mesh"],
  plan: ["plan", "mesh"],
  ports: ["ports", "mesh"],
  hujson: ["hujson", "mesh"],
  facts: ["facts", "mesh", "plan", "ports"],
  policy: ["policy", "hujson", "mesh", "plan", "ports"],
  keys: ["keys", "mesh", "plan", "ports"],
  nodes: ["nodes", "facts", "mesh", "plan", "ports"],
  clusters: ["clusters", "facts", "mesh", "plan", "ports"],
  reach: ["reach", "facts", "mesh", "plan", "ports"],
  converge: [...pure],
};

function violations(isBad: (one: Import) => boolean): readonly string[] {
  return imports.filter(isBad).map(({ from, to }) => `${from} → ${to}`);
}

describe("nouns and ports", () => {
  test("are free of I/O: no Node module, no runner, no network, no SSH", () => {
    const io = /^(node:|@actions\/|undici|node-ssh|ssh2|fs$|net$|child_process$)/;
    expect(violations(({ from, to }) => pure.includes(zoneOf(from)) && io.test(to))).toEqual([]);
  });

  test("take time and environment from ports, not from the process", () => {
    const reads = /\bDate\.now\(\)|\bnew Date\(\)|\bprocess\.|\bMath\.random\(\)|\bperformance\.now\(\)|\bsetTimeout\(/;
    const code = (file: string): string =>
      readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    expect(sources.filter((file) => pure.includes(zoneOf(file)) && reads.test(code(file)))).toEqual([]);
  });

  test("know only what they may know", () => {
    const bad = ({ from, to }: Import): boolean => {
      const allowed = known[zoneOf(from)];
      return allowed !== undefined && to.startsWith("src/") && !allowed.includes(zoneOf(to));
    };
    expect(violations(bad)).toEqual([]);
  });
});

describe("adapters", () => {
  const isAdapter = (path: string): boolean => path.startsWith("src/adapters/");

  test("know ports and the vocabulary, not each other, the clock and http aside", () => {
    const shared = ["adapters/http", "adapters/clock", "mesh", "ports"];
    const bad = ({ from, to }: Import): boolean =>
      isAdapter(from) && to.startsWith("src/") && zoneOf(to) !== zoneOf(from) && !shared.includes(zoneOf(to));
    expect(violations(bad)).toEqual([]);
  });

  test("are chosen in the wiring only", () => {
    expect(violations(({ from, to }) => isAdapter(to) && !isAdapter(from) && zoneOf(from) !== "wiring")).toEqual([]);
  });
});

describe("the wiring", () => {
  test("loads stores, SSH and HTTP when they are needed, not at the start", () => {
    const heavy =
      /^src\/adapters\/(vault|ssh)\/|^src\/adapters\/(http\/http|files\/key-store|github\/secret-store)\.ts$/;
    const all = imports.filter(({ from, to, isType }) => zoneOf(from) === "wiring" && heavy.test(to) && !isType);
    expect(all.length).toBeGreaterThan(3);
    expect(all.filter(({ isLazy }) => !isLazy)).toEqual([]);
  });
});

describe("actions", () => {
  test("reach everything outside through wiring.ts", () => {
    const outside = /^(@actions\/|undici|node-ssh|ssh2|node:(fs|net|http|https|child_process))/;
    expect(violations(({ from, to }) => zoneOf(from) === "actions" && outside.test(to))).toEqual([]);
  });

  test("nothing below imports them", () => {
    const upper = ["actions", "cli", "wiring"];
    const bad = ({ from, to, isType }: Import): boolean =>
      !upper.includes(zoneOf(from)) && to.startsWith("src/") && upper.includes(zoneOf(to)) && !isType;
    expect(violations(bad)).toEqual([]);
  });

  test("only the runner adapter fails a step or prints commands", () => {
    const bad = ({ from, to }: Import): boolean =>
      to.startsWith("@actions/") &&
      zoneOf(from) !== "adapters/runner" &&
      !(to.startsWith("@actions/github/") && zoneOf(from) === "adapters/github");
    expect(violations(bad)).toEqual([]);
  });
});

describe("files", () => {
  test("open with a sentence on what they are for", () => {
    const bare = sources.filter((file) => !/^\/\*\*\s[\s\S]{10,}?\*\//.test(readFileSync(join(root, file), "utf8")));
    expect(bare).toEqual([]);
  });

  test("have names that say their subject", () => {
    expect(sources.filter((file) => /(^|\/)(utils?|helpers?|common-utils|misc|index|types)\.ts$/.test(file))).toEqual(
      [],
    );
  });

  test("the client names the version of package.json", () => {
    const metadata: { readonly version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(userAgent).toBe(`tailmesh/${metadata.version}`);
  });
});
