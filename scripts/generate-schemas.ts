/** schemas/*.json, for editors and for programs that read our files. */
import * as z from "zod";
import { RotationReportSchema } from "../src/keys/rotation-report-schema.ts";
import { PlanFileSchema, ResultFileSchema } from "../src/plan/files-schema.ts";

/** Path and content of every schema. The topology's is made from the schema that its parser uses. */
export async function schemaFiles(): Promise<readonly (readonly [string, string])[]> {
  const { topologyJsonSchema } = await import("../src/mesh/topology/json-schema.ts");
  return [
    ["schemas/plan.schema.json", json(z.toJSONSchema(PlanFileSchema))],
    ["schemas/result.schema.json", json(z.toJSONSchema(ResultFileSchema))],
    ["schemas/rotation.schema.json", json(z.toJSONSchema(RotationReportSchema))],
    ["schemas/topology.schema.json", json(topologyJsonSchema())],
  ];
}

function json(schema: unknown): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
