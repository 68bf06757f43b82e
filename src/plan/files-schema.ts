/** What is promised of the files in `files.ts`; schemas/plan.schema.json and schemas/result.schema.json come from here. */
import * as z from "zod/mini";

const ChangeSchema = z.readonly(
  z.strictObject({
    address: z
      .string()
      .register(z.globalRegistry, { description: "What is changed, such as node/homelab-1/guard; unique in a plan." }),
    resource: z
      .string()
      .register(z.globalRegistry, { description: "The kind of thing: policy, key, route, node.sysctl, …" }),
    kind: z.enum(["create", "update", "delete"]),
    why: z.string(),
    diff: z.string().register(z.globalRegistry, { description: "Before and after, readable; may have several lines." }),
    risk: z.enum(["none", "reversible", "disruptive"]),
    undo: z.string().register(z.globalRegistry, { description: "How it is taken back." }),
    does: z
      .readonly(z.array(z.string()))
      .register(z.globalRegistry, { description: "The API calls and node commands that do it, secrets left out." }),
  }),
);

export const PlanFileSchema = z
  .readonly(
    z.strictObject({
      version: z.literal(1),
      action: z.string(),
      hash: z
        .string()
        .check(z.regex(/^[0-9a-f]{64}$/))
        .register(z.globalRegistry, { description: "Give it as input `plan` to apply exactly this plan." }),
      changes: z.readonly(z.array(ChangeSchema)),
      unchanged: z.readonly(z.array(z.readonly(z.strictObject({ address: z.string(), why: z.string() })))),
    }),
  )
  .register(z.globalRegistry, { title: "Tailmesh plan", description: "What a run would do, in the order of apply." });

const WhereSchema = z.readonly(
  z.strictObject({
    file: z.optional(z.string()),
    line: z.optional(z.int()),
    column: z.optional(z.int()),
    address: z.optional(z.string()),
  }),
);

const ErrorSchema = z.readonly(
  z.strictObject({
    code: z.string().check(z.regex(/^MESH_[A-Z0-9_]+$/)),
    kind: z.enum(["config", "denied", "conflict", "unreachable", "remote", "refused", "unverified", "bug"]),
    message: z.string(),
    hint: z.string(),
    where: z.nullable(WhereSchema),
  }),
);

const LinkSchema = z.readonly(
  z.strictObject({
    from: z.string(),
    to: z.string(),
    verdict: z.enum(["reachable", "broken", "not-tested"]),
    path: z.nullable(z.enum(["direct", "relayed"])),
    layer: z.nullable(z.string()).register(z.globalRegistry, { description: "First layer that failed." }),
    remedy: z.nullable(z.string()),
  }),
);

export const ResultFileSchema = z
  .readonly(
    z.strictObject({
      version: z.literal(1),
      action: z.string(),
      mode: z.enum(["apply", "plan"]),
      changed: z.boolean().register(z.globalRegistry, { description: "Something was changed (mode plan: would be)." }),
      changes: z
        .readonly(z.array(ChangeSchema))
        .register(z.globalRegistry, { description: "The changes of the plan; empty when there was none yet." }),
      error: z.nullable(ErrorSchema),
      links: z.readonly(z.array(LinkSchema)),
    }),
  )
  .register(z.globalRegistry, {
    title: "Tailmesh result",
    description: "How a run ended; written when it fails, too.",
  });

export type PlanFile = z.output<typeof PlanFileSchema>;
export type ResultFile = z.output<typeof ResultFileSchema>;
