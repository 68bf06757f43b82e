/** The files that a run leaves for other programs; schemas/plan.schema.json and schemas/result.schema.json come from here. */
import * as z from "zod";
import type { MeshError } from "../mesh/error.ts";
import type { Plan } from "./change.ts";
import type { LinkResult } from "./job.ts";

const ChangeSchema = z
  .strictObject({
    address: z.string().describe("What is changed, such as node/homelab-1/guard; unique in a plan."),
    resource: z.string().describe("The kind of thing: policy, key, route, node.sysctl, …"),
    kind: z.enum(["create", "update", "delete"]),
    why: z.string(),
    diff: z.string().describe("Before and after, readable; may have several lines."),
    risk: z.enum(["none", "reversible", "disruptive"]),
    undo: z.string().describe("How it is taken back."),
    does: z.array(z.string()).readonly().describe("The API calls and node commands that do it, secrets left out."),
  })
  .readonly();

export const PlanFileSchema = z
  .strictObject({
    version: z.literal(1),
    action: z.string(),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe("Give it as input `plan` to apply exactly this plan."),
    changes: z.array(ChangeSchema).readonly(),
    unchanged: z.array(z.strictObject({ address: z.string(), why: z.string() }).readonly()).readonly(),
  })
  .readonly()
  .meta({ title: "Tailmesh plan", description: "What a run would do, in the order of apply." });

const WhereSchema = z
  .strictObject({
    file: z.string().optional(),
    line: z.int().optional(),
    column: z.int().optional(),
    address: z.string().optional(),
  })
  .readonly();

const ErrorSchema = z
  .strictObject({
    code: z.string().regex(/^MESH_[A-Z0-9_]+$/),
    kind: z.enum(["config", "denied", "conflict", "unreachable", "remote", "refused", "unverified", "bug"]),
    message: z.string(),
    hint: z.string(),
    where: WhereSchema.nullable(),
  })
  .readonly();

const LinkSchema = z
  .strictObject({
    from: z.string(),
    to: z.string(),
    verdict: z.enum(["reachable", "broken", "not-tested"]),
    path: z.enum(["direct", "relayed"]).nullable(),
    layer: z.string().nullable().describe("First layer that failed."),
    remedy: z.string().nullable(),
  })
  .readonly();

export const ResultFileSchema = z
  .strictObject({
    version: z.literal(1),
    action: z.string(),
    mode: z.enum(["apply", "plan"]),
    changed: z.boolean().describe("Something was changed (mode plan: would be)."),
    changes: z.array(ChangeSchema).readonly().describe("The changes of the plan; empty when there was none yet."),
    error: ErrorSchema.nullable(),
    links: z.array(LinkSchema).readonly(),
  })
  .readonly()
  .meta({ title: "Tailmesh result", description: "How a run ended; written when it fails, too." });

export type PlanFile = z.output<typeof PlanFileSchema>;
export type ResultFile = z.output<typeof ResultFileSchema>;

export interface RunResult {
  readonly action: string;
  readonly mode: "apply" | "plan";
  readonly changed: boolean;
  readonly plan: Plan;
  readonly error: MeshError | undefined;
  readonly links: readonly LinkResult[];
}

/** Text of the plan file. Throws when it does not fit its own schema. */
export function planFileText(action: string, hash: string, plan: Plan): string {
  return text(PlanFileSchema.parse({ version: 1, action, hash, changes: plan.changes, unchanged: plan.unchanged }));
}

/** Text of the result file. Throws when it does not fit its own schema. */
export function resultFileText(result: RunResult): string {
  const { action, mode, changed, plan, error, links } = result;
  return text(
    ResultFileSchema.parse({
      version: 1,
      action,
      mode,
      changed,
      changes: plan.changes,
      error: error ? errorRecord(error) : null,
      links,
    }),
  );
}

function errorRecord(error: MeshError): unknown {
  const { code, kind, message, hint, where } = error;
  return { code, kind, message, hint, where: where ?? null };
}

function text(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
