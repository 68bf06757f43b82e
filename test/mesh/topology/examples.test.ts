import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { topologyJsonSchema } from "../../../src/mesh/topology/json-schema.ts";
import { TopologySchema } from "../../../src/mesh/topology/schema.ts";
import { example, parse } from "./support.ts";

const files = readdirSync(new URL("../../../examples/", import.meta.url)).filter((name) => name.endsWith(".yaml"));

test("there are examples", () =>
  expect(files).toEqual(expect.arrayContaining(["two-clusters.yaml", "headscale.yaml", "many.yaml"])));

test.each(files)("%s is a good topology, and names its schema for editors", (name) => {
  expect(parse(example(name)).clusters.length).toBeGreaterThan(1);
  expect(example(name)).toMatch(/^# yaml-language-server: \$schema=\.\.\/schemas\/topology\.schema\.json\n/);
});

test("many.yaml has every key of the schema", () => {
  const text = example("many.yaml");
  // `file` is the other way of `parts`.
  const missing = [...keysOf(topologyJsonSchema())].filter(
    (key) => key !== "env" && key !== "file" && !new RegExp(`(^|[ {])${key}:`, "m").test(text),
  );
  expect(missing).toEqual([]);
  expect(Object.keys(TopologySchema.shape).every((key) => keysOf(topologyJsonSchema()).has(key))).toBe(true);
});

function keysOf(value: unknown): Set<string> {
  if (typeof value !== "object" || value === null) return new Set();
  const own =
    "properties" in value && typeof value.properties === "object" && value.properties !== null
      ? Object.keys(value.properties)
      : [];
  return new Set([...own, ...Object.values(value).flatMap((inner) => [...keysOf(inner)])]);
}
