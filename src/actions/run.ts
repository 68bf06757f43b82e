/** The common life of every action: parse → mask → observe → plan → guard → apply → verify → report once → post. */
import { allErrors, joinErrors, MeshError } from "../mesh/error.ts";
import { emptyPlan, type Plan } from "../plan/change.ts";
import { planFileText, resultFileText } from "../plan/files.ts";
import { fingerprint } from "../plan/fingerprint.ts";
import { pendingChanges, refusals } from "../plan/guards.ts";
import { emptyOutcome, type Job, type Outcome, type Planned } from "../plan/job.ts";
import { planLines } from "../plan/render.ts";
import type { Host } from "../ports/host.ts";
import type { Wiring } from "../wiring.ts";
import type { LifeInputs } from "./common.ts";
import type { Action, Prepared } from "./define.ts";
import { actionError } from "./errors.ts";
import { refusedRef } from "./ref.ts";
import { type Ending, hasChanged, lastLine, placeText, summaryBlocks } from "./report.ts";
import { listenForStop } from "./signals.ts";

/** Makes the ports of a run. */
export type Wire = (host: Host, signal: AbortSignal) => Wiring;

/** Set by the main step, so that the same bundle knows when it runs as the post step. */
const mainHasRun = "tailmesh-main-has-run";

/** Runs the main step, or the post step after it. Never throws. */
export async function runAction(action: Action, host: Host, wire: Wire): Promise<void> {
  using stop = listenForStop((line) => host.reporter.info(line));
  if (host.state.load(mainHasRun) !== undefined) return runPost(action, host, wire, stop.signal);
  host.state.save(mainHasRun, "true");
  await runMain(action, host, wire, stop.signal);
}

/** What is known so far; grows step by step so that a failure can be reported with all of it. */
interface Progress {
  mode: "apply" | "plan";
  plan: Plan;
  hash: string | undefined;
  planFile: string | undefined;
  instead: string | undefined;
  applied: boolean;
  outcome: Outcome;
}

async function runMain(action: Action, host: Host, wire: Wire, signal: AbortSignal): Promise<void> {
  const progress: Progress = {
    mode: "apply",
    plan: emptyPlan,
    hash: undefined,
    planFile: undefined,
    instead: undefined,
    applied: false,
    outcome: emptyOutcome,
  };
  const wiring = wire(host, signal);
  const error = await failureOf(async () => {
    const prepared = action.prepare(host);
    progress.mode = prepared.life.mode;
    host.detail(prepared.life.detail);
    await live(action, prepared, host, wiring, progress);
    if (progress.outcome.failure !== null) throw progress.outcome.failure;
  }, host);
  await report(action, host, wiring, progress, error);
  await closeQuietly(() => wiring.close(), host);
}

/** From observing to verifying; the job is closed whatever happens. */
async function live(action: Action, prepared: Prepared, host: Host, wiring: Wiring, progress: Progress): Promise<void> {
  const { life } = prepared;
  const ref =
    life.mode === "apply" && "allow-ref" in action.inputs ? refusedRef(host.trigger, life["allow-ref"]) : undefined;
  if (ref !== undefined) throw ref;
  const job = await prepared.job(wiring);
  try {
    const observed = await host.reporter.group("Observe", () => job.observe());
    wiring.signal.throwIfAborted();
    const planned = job.plan(observed);
    await announce(action, planned, host, wiring, progress);
    progress.outcome =
      life.mode === "plan"
        ? await show(job, planned, life, progress)
        : await carryOut(job, planned, life, host, wiring, progress);
  } finally {
    await closeQuietly(() => job.close(), host);
  }
}

/** The plan to the log, to its file, and into the outputs. */
async function announce(
  action: Action,
  { plan, instead }: Planned,
  host: Host,
  wiring: Wiring,
  progress: Progress,
): Promise<void> {
  progress.plan = plan;
  progress.instead = instead;
  const hash = fingerprint(action.name, plan);
  progress.hash = hash;
  await host.reporter.group("Plan", async () => {
    for (const line of planLines(plan)) host.reporter.info(line);
    if (plan.changes.length === 0 && instead === undefined) host.reporter.info("Nothing to change.");
    host.reporter.info(`Plan ${hash}`);
  });
  progress.planFile = await wiring.workspace.writeRunFile(
    `${action.name}.plan.json`,
    host.redact(planFileText(action.name, hash, plan)),
  );
}

async function show(
  job: Job<unknown, Planned>,
  planned: Planned,
  life: LifeInputs,
  progress: Progress,
): Promise<Outcome> {
  await job.publish?.(planned, progress.hash ?? "");
  return preview(job, planned, life);
}

function preview(job: Job<unknown, Planned>, planned: Planned, life: LifeInputs): Outcome {
  const outcome = withBlock(job.preview(planned), planned);
  const pending = life["fail-on-changes"] ? pendingChanges(planned.plan) : undefined;
  return pending === undefined ? outcome : { ...outcome, failure: outcome.failure ?? pending };
}

function withBlock(outcome: Outcome, planned: Planned): Outcome {
  return { ...outcome, failure: outcome.failure ?? planned.blocked ?? null };
}

async function carryOut(
  job: Job<unknown, Planned>,
  planned: Planned,
  life: LifeInputs,
  host: Host,
  wiring: Wiring,
  progress: Progress,
): Promise<Outcome> {
  const [refused, ...more] = refusals(planned.plan, progress.hash ?? "", { allow: life.allow, pin: life.plan });
  if (refused !== undefined) throw joinErrors([refused, ...more]);
  if (planned.blocked) throw planned.blocked;
  if (planned.plan.changes.length > 0) {
    await host.reporter.group("Apply", () => {
      progress.applied = true;
      return job.apply(planned);
    });
    wiring.signal.throwIfAborted();
  }
  return host.reporter.group("Verify", () => job.verify(planned));
}

/** Outputs, files, annotations, summary and the last line: once, however the run ended. */
async function report(
  action: Action,
  host: Host,
  wiring: Wiring,
  progress: Progress,
  failure: MeshError | undefined,
): Promise<void> {
  const { mode, plan, hash, instead, applied, outcome } = progress;
  let ending: Ending = { action: action.name, mode, plan, hash, instead, applied, outcome, error: failure };
  const resultFile = await failureOrValue(() => writeResult(host, wiring, ending), host);
  if (resultFile instanceof MeshError) ending = { ...ending, error: failure ?? resultFile };
  host.output("changed", String(hasChanged(ending)));
  host.output("plan-hash", hash ?? "");
  host.output("plan-file", progress.planFile ?? "");
  host.output("result-file", resultFile instanceof MeshError ? "" : resultFile);
  for (const name of action.outputs) host.output(name, outcome.outputs[name] ?? "");
  await closeQuietly(() => host.summary(summaryBlocks(ending)), host);
  if (ending.error === undefined) return host.reporter.info(lastLine(ending));
  for (const error of allErrors(ending.error)) annotate(error, host);
  host.fail(lastLine(ending));
}

function writeResult(
  host: Host,
  wiring: Wiring,
  { action, mode, plan, outcome, error, ...rest }: Ending,
): Promise<string> {
  const changed = hasChanged({ action, mode, plan, outcome, error, ...rest });
  const text = resultFileText({ action, mode, changed, plan, error, links: outcome.links });
  return wiring.workspace.writeRunFile(`${action}.result.json`, host.redact(text));
}

function annotate(error: MeshError, host: Host): void {
  const place = error.where?.file === undefined ? placeText(error) : "";
  const isNamed = error.message.includes(place.slice(place.lastIndexOf("/") + 1));
  const lines = [isNamed ? error.message : `${place}: ${error.message}`, error.hint];
  host.annotate({ title: error.code, message: lines.join("\n"), where: error.where });
}

/** The post step: takes back what is ours and was left over. It warns and never fails the job. */
async function runPost(action: Action, host: Host, wire: Wire, signal: AbortSignal): Promise<void> {
  const prepared = await failureOrValue(async () => action.prepare(host), host);
  // With such inputs the main step did nothing that could be taken back, and has said so.
  if (prepared instanceof MeshError) return;
  host.detail(prepared.life.detail);
  const wiring = wire(host, signal);
  const error = await failureOf(() => prepared.post(wiring), host);
  if (error !== undefined) host.reporter.warn(`${action.name}: ${error.code}: ${error.message}. ${error.hint}`);
  await closeQuietly(() => wiring.close(), host);
}

async function failureOf(work: () => Promise<void>, host: Host): Promise<MeshError | undefined> {
  const result = await failureOrValue(work, host);
  return result instanceof MeshError ? result : undefined;
}

async function failureOrValue<T>(work: () => Promise<T>, host: Host): Promise<T | MeshError> {
  try {
    return await work();
  } catch (error) {
    return error instanceof MeshError ? tracedToDebug(error, host) : unexpected(error, host);
  }
}

/** Causes are for the one who debugs, not for the annotation. */
function tracedToDebug(error: MeshError, host: Host): MeshError {
  for (const line of stackLines(error.cause)) host.reporter.debug(line);
  return error;
}

function unexpected(error: unknown, host: Host): MeshError {
  for (const line of stackLines(error)) host.reporter.debug(line);
  const message = error instanceof Error ? `${error.name}: ${error.message}` : "something that is no error was thrown";
  return actionError("MESH_INTERNAL", message, { cause: error });
}

function stackLines(error: unknown): readonly string[] {
  return error instanceof Error ? (error.stack ?? error.message).split("\n") : [];
}

async function closeQuietly(close: () => Promise<void>, host: Host): Promise<void> {
  const error = await failureOf(close, host);
  if (error !== undefined) host.reporter.warn(`${error.code}: ${error.message}`);
}
