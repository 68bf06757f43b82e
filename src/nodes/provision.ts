/** Brings nodes to their plans: stage by stage, all nodes side by side, the routers of one cluster one after another. */
import pMap from "p-map";
import type { NodeFacts } from "../facts/facts.ts";
import { type Observation, readFacts } from "../facts/observe.ts";
import { parseFacts } from "../facts/parse.ts";
import { factsScript } from "../facts/script.ts";
import { readSections } from "../facts/sections.ts";
import { joinErrors, MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { Node } from "../mesh/mesh.ts";
import type { Secret } from "../mesh/secret.ts";
import type { Archive, Archives } from "../ports/archives.ts";
import type { Reporter } from "../ports/reporter.ts";
import type { Shell, ShellResult, ShellSession } from "../ports/shell.ts";
import { nodeError } from "./errors.ts";
import { loginFailure } from "./login-failure.ts";
import { type NodePlan, planNode, stageSteps, wantsKey } from "./plan.ts";
import { awaitRoutes, greetPeers, stageScript, undoScript } from "./script.ts";
import type { PlannedStep, Stage } from "./step.ts";
import { disarmUndo } from "./steps/accept.ts";
import { archiveArch } from "./steps/install.ts";
import { isUnknown } from "./steps/login.ts";

export interface ProvisionPorts {
  readonly shell: Shell;
  readonly archives: Archives;
  readonly reporter: Reporter;
  /** A key for a node that is about to log in; minted or from the key file. Throws MeshError. */
  readonly keyFor: (node: Node) => Promise<Secret>;
  /** Returns when the routers' routes are approved; throws MESH_NOT_APPROVED. */
  readonly approved: (plans: readonly NodePlan[]) => Promise<void>;
}

export interface ProvisionSettings {
  readonly nonce: string;
  readonly concurrency: number;
  /** Stop between steps when it fires; the stage that runs on a node ends first. */
  readonly signal: AbortSignal;
}

/** Seconds that an exec may take. An upload over a slow line is the longest of them. */
const limits: Readonly<Record<Stage, number>> = { prepare: 600, join: 180, accept: 60 };

/** What was done, for an undo by the caller. */
export interface Done {
  readonly plan: NodePlan;
  readonly steps: readonly PlannedStep[];
}

/**
 * Runs the plans. `seen` is brought up to date: new sessions and new facts of every node that was changed.
 * The first failure of a stage lets the other nodes end that stage, then stops with all failures at once.
 */
export async function provisionNodes(
  plans: readonly NodePlan[],
  seen: Observation,
  ports: ProvisionPorts,
  settings: ProvisionSettings,
): Promise<readonly Done[]> {
  const run = new Provisioning(seen, ports, settings);
  const prepared = await run.stage(plans, "prepare");
  const renewed = await run.lookAgain(prepared);
  const joined = await run.stage(renewed, "join");
  const changed = joined.filter((p) => p.steps.length > 0);
  if (changed.some((p) => stageSteps(p, "join").length > 0)) await ports.approved(joined);
  await run.stage(joined, "accept");
  await run.confirm(changed);
  return run.done;
}

/** Takes back what was done on a node, last step first. Used when traffic got worse. */
export async function undoNode(done: Done, session: ShellSession, nonce: string): Promise<void> {
  await session.run(undoScript(done.steps, nonce), { timeout: 60 });
}

class Provisioning {
  readonly #seen: Observation;
  readonly #ports: ProvisionPorts;
  readonly #settings: ProvisionSettings;
  readonly #done = new Map<string, { plan: NodePlan; steps: PlannedStep[] }>();
  readonly #archives = new Map<string, Promise<Archive>>();

  constructor(seen: Observation, ports: ProvisionPorts, settings: ProvisionSettings) {
    this.#seen = seen;
    this.#ports = ports;
    this.#settings = settings;
  }

  get done(): readonly Done[] {
    return [...this.#done.values()];
  }

  /** One exec on every node that has steps of that stage. */
  async stage(plans: readonly NodePlan[], stage: Stage): Promise<readonly NodePlan[]> {
    for (const wave of waves(plans, stage)) {
      this.#settings.signal.throwIfAborted();
      await this.#together(wave, (plan) => this.#runStage(plan, stage));
    }
    return plans;
  }

  /** A daemon that was down when the plan was made is asked now, before anything is decided about its login. */
  async lookAgain(plans: readonly NodePlan[]): Promise<readonly NodePlan[]> {
    return pMap(plans, async (plan) => {
      if (!isUnknown(plan.facts)) return plan;
      const session = this.#session(plan.desired.node.name);
      const facts = await readFacts(session, this.#settings.nonce);
      this.#seen.facts.set(plan.desired.node.name, facts);
      const again = planNode(facts, plan.desired);
      if (again.refused[0]) throw joinErrors([again.refused[0], ...again.refused.slice(1)]);
      return { ...again, steps: again.steps.filter((s) => s.stage !== "prepare") };
    });
  }

  /** Looks at every changed node again, over a new connection where a timed undo waits for one, and disarms it. */
  async confirm(plans: readonly NodePlan[]): Promise<void> {
    await this.#together(plans, async (plan) => {
      const node = plan.desired.node;
      const risky = stageSteps(plan, "accept").length > 0;
      const session = risky ? await this.#reopen(node, plan) : this.#session(node.name);
      const { nonce } = this.#settings;
      const before = risky ? `${disarmUndo}` : "";
      const text = `set -u\nP=\${TAILMESH_ROOT-}\n${before}${awaitRoutes(plan.desired.expected, 10)}${greetPeers}${factsScript(nonce)}`;
      const facts = parseFacts(node.name, this.#ok(node, await session.run(text, { timeout: 60 }), "confirm"), nonce);
      this.#seen.facts.set(node.name, facts);
      this.#check(plan, facts);
    });
  }

  async #runStage(plan: NodePlan, stage: Stage): Promise<void> {
    const steps = stageSteps(plan, stage);
    const node = plan.desired.node;
    const given = {
      ...(steps.some((s) => s.needs === "archive") ? { archive: await this.#archive(plan) } : {}),
      ...(steps.some((s) => s.needs === "key") ? { key: await this.#key(node) } : {}),
    };
    const script = stageScript(steps, this.#settings.nonce, given);
    for (const s of steps) this.#ports.reporter.info(`${s.change.address}: ${s.change.why}`);
    const result = await this.#session(node.name).run(script.text, {
      timeout: limits[stage],
      ...(script.payload ? { payload: script.payload } : {}),
    });
    this.#ok(node, result, stage);
    const done = this.#done.get(node.name) ?? { plan, steps: [] };
    done.steps.push(...steps);
    this.#done.set(node.name, done);
  }

  async #key(node: Node): Promise<Uint8Array> {
    const secret = await this.#ports.keyFor(node);
    return new TextEncoder().encode(`${secret.reveal()}\n`);
  }

  #archive(plan: NodePlan): Promise<Archive> {
    const arch = archiveArch(plan.facts.host.machine) ?? plan.facts.host.machine;
    const known = this.#archives.get(arch);
    if (known !== undefined) return known;
    const loading = this.#ports.archives.get({ version: plan.desired.settings.version, arch });
    this.#archives.set(arch, loading);
    return loading;
  }

  #session(node: string): ShellSession {
    const session = this.#seen.sessions.get(node);
    if (!session) throw new RangeError(`no session to ${node}`);
    return session;
  }

  async #reopen(node: Node, plan: NodePlan): Promise<ShellSession> {
    try {
      const fresh = await this.#ports.shell.open(node);
      const old = this.#seen.sessions.get(node.name);
      this.#seen.sessions.set(node.name, fresh);
      await old?.[Symbol.asyncDispose]();
      return fresh;
    } catch (cause) {
      throw nodeError(
        "MESH_NOT_CONFIRMED",
        `${node.name} could not be reached anew; the change is taken back ${plan.desired.settings.undoAfter} s after it was made`,
        { where: { address: `node/${node.name}` }, cause },
      );
    }
  }

  #ok(node: Node, result: ShellResult, stage: string): string {
    if (result.code === 0) return result.stdout;
    const where = { address: `node/${node.name}` };
    const frames = readSections(result.stdout, this.#settings.nonce);
    if (result.code === 76 && frames.some((f) => f.name === "busy"))
      throw nodeError("MESH_NODE_BUSY", `another run is changing ${node.name}`, { where });
    const failed = frames.findLast((f) => f.name === "failed")?.word ?? stage;
    if (failed === "login") throw loginFailure(node, result.stderr);
    const said = inertText(result.stderr.trim().split("\n").slice(-6).join(" | "), 800);
    throw nodeError("MESH_STAGE_FAILED", `${node.name}: step ${failed} ended with code ${result.code}: ${said}`, {
      where: { address: `node/${node.name}/${failed}` },
    });
  }

  /** What was planned must be there now; a login made with this run's key included. */
  #check(plan: NodePlan, facts: NodeFacts): void {
    const again = planNode(facts, plan.desired);
    const left = [
      ...again.refused.map((e) => e.message),
      ...again.steps.map((s) => `${s.change.address}: ${s.change.why}`),
    ];
    const missing = plan.desired.expected.filter((p) => !facts.routes.table52.some((r) => r.to === p));
    if (missing.length > 0)
      this.#ports.reporter.warn(`${plan.desired.node.name} has not received ${missing.join(", ")} yet`);
    if (left.length > 0)
      throw nodeError("MESH_NOT_CONVERGED", `${plan.desired.node.name} after the changes: ${left.join("; ")}`, {
        where: { address: `node/${plan.desired.node.name}` },
      });
  }

  /** All at once within the limit; every node ends before failures are thrown together. */
  async #together(plans: readonly NodePlan[], work: (plan: NodePlan) => Promise<void>): Promise<void> {
    const errors: MeshError[] = [];
    await pMap(
      plans,
      async (plan) => {
        try {
          await work(plan);
        } catch (error) {
          if (!(error instanceof MeshError)) throw error;
          errors.push(error);
        }
      },
      { concurrency: this.#settings.concurrency },
    );
    const [first, ...rest] = errors;
    if (first) throw joinErrors([first, ...rest]);
  }
}

/** Nodes that may run a stage at the same time: of each cluster at most one router whose step interrupts or reroutes. */
export function waves(plans: readonly NodePlan[], stage: Stage): readonly (readonly NodePlan[])[] {
  const result: NodePlan[][] = [];
  const perCluster = new Map<string, number>();
  for (const plan of plans) {
    const steps = stageSteps(plan, stage);
    if (steps.length === 0) continue;
    const alone = plan.desired.node.role === "router" && steps.some((s) => s.change.risk !== "none") && !wantsKey(plan);
    const cluster = plan.desired.cluster.name;
    const wave = alone ? (perCluster.get(cluster) ?? 0) : 0;
    if (alone) perCluster.set(cluster, wave + 1);
    const list = result[wave] ?? [];
    list.push(plan);
    result[wave] = list;
  }
  return result;
}
