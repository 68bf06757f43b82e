/**
 * What workflows of ours keep to beyond the syntax: pins, least permissions, a limit for each job, no credentials kept, no
 * expressions in scripts, no secret that is inherited or that leaves its job.
 */
import * as yaml from "yaml";
import * as z from "zod";

const StepSchema = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});

const JobSchema = z.object({
  steps: z.array(StepSchema).optional(),
  uses: z.string().optional(),
  permissions: z.record(z.string(), z.string()).optional(),
  "timeout-minutes": z.number().optional(),
  outputs: z.record(z.string(), z.string()).optional(),
  secrets: z.union([z.literal("inherit"), z.record(z.string(), z.string())]).optional(),
});

const WorkflowSchema = z.object({
  permissions: z.record(z.string(), z.string()).optional(),
  jobs: z.record(z.string(), JobSchema),
});

type Job = z.output<typeof JobSchema>;

/** Outputs of our actions that stay in their job: files are not in the next one, and a masked value arrives there as nothing. */
const ofOneJob = /\.outputs\.([\w-]*key[\w-]*|[\w-]+-file)\b/;

/** One line for each breach. `release` is the version of ours that our own actions are named by. */
export function ownRules(file: string, text: string, release: string): readonly string[] {
  const workflow = WorkflowSchema.parse(yaml.parse(text));
  const isEmpty = workflow.permissions !== undefined && Object.keys(workflow.permissions).length === 0;
  const permissions = isEmpty ? [] : ["begin with `permissions: {}` and give each job its own"];
  const versions = text.split("\n").filter((line) => /^\s*(- )?uses: /.test(line) && !isPinned(line, release));
  const pins = versions.map((line) => `pin by SHA with the version as comment: ${line.trim()}`);
  const jobs = Object.entries(workflow.jobs).flatMap(([name, job]) => jobRules(name, job));
  return [...permissions, ...pins, ...jobs].map((problem) => `${file}: ${problem}`);
}

function jobRules(name: string, job: Job): readonly string[] {
  const steps = job.steps ?? [];
  const scripts = steps.filter((step) => step.run?.includes("${{"));
  const checkouts = steps.filter((step) => step.uses?.startsWith("actions/checkout@"));
  const kept = checkouts.filter((step) => step.with?.["persist-credentials"] !== false);
  const leaving = Object.entries(job.outputs ?? {}).filter(
    ([, value]) => ofOneJob.test(value) || /secrets\./.test(value),
  );
  return [
    ...(job.permissions === undefined ? [`job ${name} has no permissions of its own`] : []),
    ...(job.uses === undefined && job["timeout-minutes"] === undefined ? [`job ${name} has no timeout-minutes`] : []),
    ...(job.secrets === "inherit" ? [`job ${name} hands over every secret: name those that it needs`] : []),
    ...leaving.map(([output]) => `output ${output} of job ${name} cannot or must not leave its job`),
    ...scripts.map((step) => `pass expressions to a script by env, not in its text: ${step.run?.trim()}`),
    ...kept.map(() => "every checkout has `persist-credentials: false`"),
  ];
}

/** By commit; ours by the release that they are part of, which cannot hold its own commit. */
function isPinned(line: string, release: string): boolean {
  const [, used = "", comment = ""] = /uses: (\S+)(?: # (.*))?$/.exec(line.trimEnd()) ?? [];
  if (used.startsWith("./")) return true;
  if (used.startsWith("tailmesh/tailmesh")) return used.endsWith(`@v${release}`);
  return /@[0-9a-f]{40}$/.test(used) && /^v\d\S*$/.test(comment);
}
