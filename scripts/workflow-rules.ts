/** What workflows of ours keep to beyond the syntax: pins by SHA, least permissions, no credentials kept, no expressions in scripts. */
import * as yaml from "yaml";
import * as z from "zod";

const StepSchema = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});

const WorkflowSchema = z.object({
  permissions: z.record(z.string(), z.string()).optional(),
  jobs: z.record(z.string(), z.object({ steps: z.array(StepSchema).optional() })),
});

/** One line for each breach. */
export function ownRules(file: string, text: string): readonly string[] {
  const workflow = WorkflowSchema.parse(yaml.parse(text));
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps ?? []);
  const isEmpty = workflow.permissions !== undefined && Object.keys(workflow.permissions).length === 0;
  const permissions = isEmpty ? [] : ["begin with `permissions: {}` and give each job its own"];
  const versions = text.split("\n").filter((line) => /^\s*(- )?uses: /.test(line) && !isPinned(line));
  const pins = versions.map((line) => `pin by SHA with the version as comment: ${line.trim()}`);
  const scripts = steps.filter((step) => step.run?.includes("${{"));
  const injections = scripts.map((step) => `pass expressions to a script by env, not in its text: ${step.run?.trim()}`);
  const checkouts = steps.filter((step) => step.uses?.startsWith("actions/checkout@"));
  const kept = checkouts.filter((step) => step.with?.["persist-credentials"] !== false);
  const credentials = kept.map(() => "every checkout has `persist-credentials: false`");
  return [...permissions, ...pins, ...injections, ...credentials].map((problem) => `${file}: ${problem}`);
}

function isPinned(line: string): boolean {
  return /uses: (\.\/\S+|\S+@[0-9a-f]{40} # v\d\S*)\s*$/.test(line);
}
