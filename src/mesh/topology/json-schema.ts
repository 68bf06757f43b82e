/** The JSON Schema that editors complete and check topology files with, made from the schema that the parser uses. */
import * as z from "zod/mini";
import { variablePattern } from "./patterns.ts";
import { TopologySchema } from "./schema.ts";

/** The schema of `schemas/topology.schema.json`. */
export function topologyJsonSchema(): unknown {
  const { $schema, $defs, ...rest } = z.toJSONSchema(TopologySchema, { io: "input" });
  return {
    $schema,
    title: "Tailmesh topology",
    ...allowVariables(rest, "schema"),
    $defs: {
      Variable: {
        type: "object",
        description: "Any value may come from an environment variable, where a public repository should not show it.",
        properties: { env: { type: "string", pattern: variablePattern, description: "Name of the variable." } },
        required: ["env"],
        additionalProperties: false,
        examples: [{ env: "HOME_ADDRESS" }],
      },
      ...allowVariables($defs ?? {}, "names"),
    },
  };
}

type Json = Readonly<Record<string, unknown>>;

/** Keys under which names lead to schemas; everything else that is an object is a schema, or a list of them. */
const nameKeys: ReadonlySet<string> = new Set(["properties", "$defs"]);
/** Data and names, which no variable stands for. */
const dataKeys: ReadonlySet<string> = new Set(["examples", "enum", "const", "required", "propertyNames"]);
const scalars: ReadonlySet<unknown> = new Set(["string", "number", "integer", "boolean"]);

/** The same schema, in which every scalar may be `{ env: NAME }` as well. */
function allowVariables(value: object, kind: "schema" | "names"): Json {
  const entries = Object.entries(value).map(([key, inner]): readonly [string, unknown] => {
    if (kind === "schema" && dataKeys.has(key)) return [key, inner];
    if (Array.isArray(inner))
      return [key, inner.map((item: unknown) => (isObject(item) ? allowVariables(item, "schema") : item))];
    return [
      key,
      isObject(inner) ? allowVariables(inner, kind === "schema" && nameKeys.has(key) ? "names" : "schema") : inner,
    ];
  });
  const copy: Json = Object.fromEntries(entries);
  if (kind === "names" || !scalars.has(copy["type"])) return copy;
  const { description, examples, ...form } = copy;
  return {
    ...(description === undefined ? {} : { description }),
    ...(examples === undefined ? {} : { examples }),
    anyOf: [form, { $ref: "#/$defs/Variable" }],
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
