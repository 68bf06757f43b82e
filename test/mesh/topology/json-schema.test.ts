import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { topologyJsonSchema } from "../../../src/mesh/topology/json-schema.ts";
import { example } from "./support.ts";

const schema = topologyJsonSchema();

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As much of JSON Schema as this schema uses; an unknown keyword is an error, so that nothing is passed over. */
function accepts(rule: unknown, value: unknown): boolean {
  if (!isJson(rule)) return rule !== false;
  return Object.entries(rule).every(([keyword, argument]) => keep(keyword, argument, rule, value));
}

function keep(keyword: string, argument: unknown, rule: Json, value: unknown): boolean {
  switch (keyword) {
    case "$schema":
    case "$defs":
    case "title":
    case "description":
    case "examples":
      return true;
    case "$ref":
      return accepts(
        isJson(schema) && isJson(schema["$defs"]) ? schema["$defs"][String(argument).replace("#/$defs/", "")] : false,
        value,
      );
    case "type":
      return typeOf(value) === argument || (argument === "number" && typeOf(value) === "integer");
    case "const":
      return value === argument;
    case "enum":
      return Array.isArray(argument) && argument.includes(value);
    case "pattern":
      return typeof value !== "string" || new RegExp(String(argument), "u").test(value);
    case "minimum":
      return typeof value !== "number" || value >= Number(argument);
    case "maximum":
      return typeof value !== "number" || value <= Number(argument);
    case "anyOf":
      return Array.isArray(argument) && argument.some((a) => accepts(a, value));
    case "items":
      return !Array.isArray(value) || value.every((v) => accepts(argument, v));
    case "required":
      return !isJson(value) || (Array.isArray(argument) && argument.every((k) => String(k) in value));
    case "propertyNames":
      return !isJson(value) || Object.keys(value).every((k) => accepts(argument, k));
    case "properties":
      return (
        !isJson(value) ||
        !isJson(argument) ||
        Object.entries(argument).every(([k, r]) => !(k in value) || accepts(r, value[k]))
      );
    case "additionalProperties": {
      const known = isJson(rule["properties"]) ? rule["properties"] : {};
      return !isJson(value) || Object.entries(value).every(([k, v]) => k in known || accepts(argument, v));
    }
    default:
      throw new Error(`this test does not know the keyword ${keyword}`);
  }
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

test("the committed file is what the parser's schema says (npm run generate)", () => {
  const file = readFileSync(new URL("../../../schemas/topology.schema.json", import.meta.url), "utf8");
  expect(file).toBe(`${JSON.stringify(schema, null, 2)}\n`);
});

test("every key has a description, and every reference a target", () => {
  const bare: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (!isJson(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "properties" && isJson(inner)) {
        for (const [name, rule] of Object.entries(inner)) {
          const target =
            isJson(rule) && typeof rule["$ref"] === "string" && isJson(schema) && isJson(schema["$defs"])
              ? schema["$defs"][rule["$ref"].replace("#/$defs/", "")]
              : rule;
          if (!isJson(target) || typeof target["description"] !== "string") bare.push(`${path}.${name}`);
        }
      }
      walk(inner, `${path}.${key}`);
    }
  };
  walk(schema, "");
  expect(bare).toEqual([]);
});

describe("an editor", () => {
  test.each(["two-clusters.yaml", "headscale.yaml", "many.yaml"])("accepts %s", (name) => {
    expect(accepts(schema, parse(example(name)))).toBe(true);
  });

  test.each([
    ["version", "version: 1", "version: 2"],
    ["an unknown key", "version: 1", "version: 1\nclutser: {}"],
    ["host form of a prefix", "10.42.0.0/16", "10.42.0.0"],
    ["a name", "homelab-1:", "Homelab_1:"],
    ["an address", "10.10.10.10", "homelab.lan"],
    ["a user", "user: ubuntu", "user: -oProxyCommand"],
    ["a variable's name", "10.0.0.26", "{ env: a-b }"],
    ["more than env", "10.0.0.26", "{ env: A, default: B }"],
  ])("refuses %s", (_, from, to) => {
    const text = example("two-clusters.yaml");
    expect(text).toContain(from);
    expect(accepts(schema, parse(text.replace(from, to)))).toBe(false);
  });

  test("accepts a variable for any value", () => {
    expect(
      accepts(
        schema,
        parse(
          example("two-clusters.yaml").replace("10.42.0.0/16", "{ env: PODS }").replace("10.10.10.10", "{ env: A }"),
        ),
      ),
    ).toBe(true);
  });
});
