/**
 * Holds the values of a file against the schema. Every mistake is reported in our words and replaced by something harmless that
 * fits, marked as damaged, so that the rest of the file is still checked in the same pass.
 */
import type * as z from "zod/mini";
import { inertText } from "../inert.ts";
import type { Path, Source, Value, ValueMap } from "./document.ts";
import { type Problems, pathText } from "./problems.ts";
import { type TopologyFile, TopologySchema } from "./schema.ts";

type Issue = z.core.$ZodIssue;

/** The file as the schema types it; undefined when too little of it is left. */
export function readShape(root: ValueMap, source: Source, problems: Problems): TopologyFile | undefined {
  // Each round repairs at least one level of nesting; the bound is only there so that a mistake here cannot hang.
  for (let round = 0; round < 50; round++) {
    const result = TopologySchema.safeParse(root);
    if (result.success) return result.data;
    for (const issue of result.error.issues.flatMap((i) => unfold(i, []))) repair(root, issue, source, problems);
  }
  return undefined;
}

interface Located {
  readonly path: Path;
  readonly issue: Issue;
  /** What a union would have taken instead. */
  readonly expected: readonly string[];
}

/** A union's complaint is that of the alternative which fits best: the one that was wrong further inside. */
function unfold(issue: Issue, outer: Path): readonly Located[] {
  const path = [...outer, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  if (issue.code !== "invalid_union") return [{ path, issue, expected: [] }];
  const inside = issue.errors.find((branch) => !branch.some(isOutside));
  if (inside) return inside.flatMap((i) => unfold(i, path));
  const all = issue.errors.flat();
  const told =
    all.find((i) => i.code === "invalid_value") ??
    all.find((i) => i.code === "invalid_type" && i.expected !== "array") ??
    all[0];
  return told ? [{ path, issue: told, expected: all.map(kindOf) }] : [];
}

function isOutside(issue: Issue): boolean {
  if (issue.code === "invalid_union")
    return issue.path.length === 0 && issue.errors.every((branch) => branch.some(isOutside));
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
};

function kindOf(issue: Issue): string {
  if (issue.code === "invalid_type") return kinds[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value") return issue.values.map(String).join(", ");
  return "";
}

function repair(root: ValueMap, { path, issue, expected }: Located, source: Source, problems: Problems): void {
  const name = pathText(path);
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys) {
      const hint = `Known here: ${issue.message}. Check the spelling and the indentation.`;
      problems.atKey(
        [...path, key],
        "MESH_TOPOLOGY_UNKNOWN_KEY",
        `unknown key "${inertText(key, 80)}"${within(name)}`,
        hint,
      );
      remove(root, path, key);
    }
    return;
  }
  const value = valueAt(root, path);
  if (source.variable(path)) {
    const converted = fromVariable(issue, value);
    if (converted !== undefined) {
      put(root, path, converted);
      return;
    }
  }
  const wanted = expected.length > 0 ? [...new Set(expected)].join(" or ") : kindOf(issue);
  if (value === undefined) {
    problems.atKey(path, "MESH_TOPOLOGY_MISSING_KEY", `${name} is missing`);
  } else if (issue.code === "invalid_value" && typeof value === "string") {
    const allowed = issue.values.map(String).join(", ");
    problems.at(
      path,
      "MESH_TOPOLOGY_CHOICE",
      `${name} cannot be ${problems.quote(path, value)}; it is one of: ${allowed}`,
    );
  } else if (issue.code === "too_small" || issue.code === "too_big") {
    const range = "minimum" in issue ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
    problems.at(path, "MESH_TOPOLOGY_VALUE", `${name} must be ${range}`);
  } else {
    problems.at(path, "MESH_TOPOLOGY_TYPE", `${name} must be ${wanted}, not ${describe(value)}`);
  }
  problems.damage(path);
  put(root, path, harmless(issue));
}

function within(name: string): string {
  return name === "" ? "" : ` in ${name}`;
}

function describe(value: Value): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "string" ? "text" : typeof value === "boolean" ? "true or false" : "a number";
}

/** Variables are text; where the schema wants a number or a truth value, it is read as one. */
function fromVariable(issue: Issue, value: Value | undefined): Value | undefined {
  if (typeof value !== "string") return undefined;
  const numeric = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  if (issue.code === "invalid_value")
    return numeric !== undefined && issue.values.includes(numeric) ? numeric : undefined;
  if (issue.code !== "invalid_type") return undefined;
  if (issue.expected === "boolean") return value === "true" ? true : value === "false" ? false : undefined;
  return issue.expected === "number" || issue.expected === "int" ? numeric : undefined;
}

/** Something that fits in the place of a mistake. */
function harmless(issue: Issue): Value {
  if (issue.code === "invalid_value") return plainValue(issue.values[0]);
  if (issue.code === "too_small") return Number(issue.minimum);
  if (issue.code === "too_big") return Number(issue.maximum);
  if (issue.code !== "invalid_type") return "";
  switch (issue.expected) {
    case "object":
    case "record":
      return Object.create(null);
    case "array":
      return [];
    case "boolean":
      return false;
    case "number":
    case "int":
      return 1;
    default:
      return "";
  }
}

function plainValue(value: unknown): Value {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : "";
}

function valueAt(root: Value, path: Path): Value | undefined {
  let value: Value | undefined = root;
  for (const part of path) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isMapping(value)) value = value[part];
    else return undefined;
  }
  return value;
}

function put(root: Value, path: Path, value: Value): void {
  const parent = valueAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (last === undefined) return;
  if (Array.isArray(parent)) parent[Number(last)] = value;
  else if (isMapping(parent)) parent[last] = value;
}

function remove(root: Value, path: Path, key: string): void {
  const parent = valueAt(root, path);
  if (isMapping(parent)) delete parent[key];
}

function isMapping(value: Value | undefined): value is ValueMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
