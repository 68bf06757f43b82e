/**
 * The whole mesh in dependency order: policy → keys → nodes → routes → check, as one plan, with the no-regression guard.
 * node-provision, connectivity-check and topology-plan are the same job with fewer parts.
 */
import type { ConvergePlanned, ConvergePorts, ConvergeSettings, Observed } from "./converge/model.ts";
import { involvedNodes, planConverge } from "./converge/plan.ts";
import { askExpiring, lookAtKeys, tellWatch, withWatch } from "./converge/watch.ts";
import { closeSessions, type Observation, observeNodes, readFacts } from "./facts/observe.ts";
import { mintKeys, revokeUnused } from "./keys/mint.ts";
import { MeshError } from "./mesh/error.ts";
import { inertMarkdown } from "./mesh/inert.ts";
import { clusterOf, type Node } from "./mesh/mesh.ts";
import type { Secret } from "./mesh/secret.ts";
import { approveRoutes, awaitApproval } from "./nodes/approval.ts";
import { nodeError } from "./nodes/errors.ts";
import type { NodePlan } from "./nodes/plan.ts";
import { type Done, provisionNodes, undoNode } from "./nodes/provision.ts";
import { emptyOutcome, type Job, type LinkResult, type Outcome } from "./plan/job.ts";
import { openNotes } from "./policy/allow-all.ts";
import { applyHeldTests, applyPolicy } from "./policy/apply.ts";
import { observePolicy } from "./policy/observe.ts";
import type { PolicyPlan } from "./policy/plan.ts";
import { logLines } from "./policy/report.ts";
import { policySummary } from "./policy/summary.ts";
import { takeBackPolicy } from "./policy/take-back.ts";
import { type Control, type Device, visibleDevices } from "./ports/control.ts";
import { probeLinks } from "./reach/check.ts";
import { reachError } from "./reach/errors.ts";
import type { ControlView } from "./reach/finding.ts";
import { isUnexplained, judgeLinks, type LinkJudgement, linkResults, worstVerdict } from "./reach/judge.ts";
import { checkOutcome, regressions } from "./reach/outcome.ts";
import { reachLines } from "./reach/render.ts";

export function convergeJob(ports: ConvergePorts, settings: ConvergeSettings): Job<Observed, ConvergePlanned> {
  return new ConvergeJob(ports, settings);
}

/** The policy's part of the summary. */
function policyBlocks({ policy, observed }: ConvergePlanned): readonly string[] {
  if (policy) return policySummary(policy);
  return observed.open.length === 0 ? [] : [observed.open.map((note) => `- ${inertMarkdown(note)}`).join("\n")];
}

/** Milliseconds between two looks after a change: WireGuard repeats a lost handshake after five seconds. */
const settle = 3000;

const notListed = "the credential may not list devices (scope `devices:core:read`)";

function controlView(devices: readonly Device[] | null, control: Control | MeshError): ControlView {
  if (control instanceof MeshError) return { error: control };
  return devices === null ? { hidden: notListed } : { devices };
}

class ConvergeJob implements Job<Observed, ConvergePlanned> {
  readonly #ports: ConvergePorts;
  readonly #settings: ConvergeSettings;
  #seen: Observation = { sessions: new Map(), facts: new Map(), unreachable: new Map() };
  /** Keys of this run that no node has used yet. */
  readonly #unusedKeys = new Set<string>();
  #done: readonly Done[] = [];
  #policyWritten: PolicyPlan | undefined;
  #policyVersion = "";
  #linksBefore: readonly LinkResult[] = [];
  #written = false;
  #hasWarned = false;

  constructor(ports: ConvergePorts, settings: ConvergeSettings) {
    this.#ports = ports;
    this.#settings = settings;
  }

  async observe(): Promise<Observed> {
    // Both are waited for even if one fails: an open connection that nobody holds would keep the process alive.
    const [server, seen] = await Promise.allSettled([this.#askControl(), this.#askNodes()]);
    if (server.status === "rejected") throw server.reason;
    if (seen.status === "rejected") throw seen.reason;
    return { ...server.value, seen: seen.value };
  }

  /** Everything the server is asked, side by side. Only a pure check goes on without it. */
  async #askControl(): Promise<Omit<Observed, "seen">> {
    const { parts, watch } = this.#settings;
    try {
      const control = await this.#ports.control();
      const listed = visibleDevices(control);
      const [policy, open, devices, keys, credentials] = await Promise.all([
        parts.policy ? this.#observePolicy(control, () => listed) : undefined,
        parts.check && !parts.policy ? this.#openNotes(control) : [],
        listed,
        parts.nodes ? control.listKeys() : [],
        watch ? askExpiring(control, this.#ports.reporter) : null,
      ]);
      const watched = watch && (await lookAtKeys(control, watch, { keys, devices, credentials }));
      return { control, policy, open, devices, keys, watch: watched };
    } catch (error) {
      if (!(error instanceof MeshError) || parts.policy || parts.nodes) throw error;
      return { control: error, policy: undefined, open: [], devices: [], keys: [] };
    }
  }

  async #observePolicy(control: Control, devices: () => Promise<readonly Device[] | null>): Promise<PolicyPlan> {
    const { workspace, past, reporter } = this.#ports;
    const { mesh, policy: options } = this.#settings;
    const planned = await observePolicy({ control, workspace, past }, { mesh, options }, devices);
    for (const warning of planned.warnings) reporter.warn(warning);
    for (const line of logLines(planned)) reporter.info(line);
    return planned;
  }

  /** A credential that may not read the policy is no reason to fail a check. */
  async #openNotes(control: Control): Promise<readonly string[]> {
    try {
      const notes = openNotes(await control.getPolicy(), this.#settings.mesh.tailnet.control);
      for (const note of notes) this.#ports.reporter.warn(note);
      return notes;
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      this.#ports.reporter.debug(`whether the policy lets everything through is not known: ${error.message}`);
      return [];
    }
  }

  async #askNodes(): Promise<Observation> {
    const { parts, concurrency, nonce } = this.#settings;
    if (!parts.nodes && !parts.check) return this.#seen;
    this.#seen = await observeNodes(this.#ports.shell, involvedNodes(this.#settings), nonce, concurrency);
    return this.#seen;
  }

  plan(observed: Observed): ConvergePlanned {
    return planConverge(this.#settings, observed);
  }

  preview(planned: ConvergePlanned): Outcome {
    const outcome = {
      ...emptyOutcome,
      outputs: { ...this.#nodeOutputs([]), ...this.#policyOutputs(planned) },
      summary: policyBlocks(planned),
    };
    const { watch } = planned.observed;
    if (watch === undefined) return outcome;
    tellWatch(watch, this.#ports.reporter, "plan");
    return withWatch(outcome, { ...watch, errors: [] });
  }

  async apply(planned: ConvergePlanned): Promise<void> {
    if (planned.blocked) throw planned.blocked;
    const control = await this.#ports.control();
    this.#linksBefore = await this.#probeBefore(planned);
    this.#written = true;
    if (planned.policy?.text != null) {
      this.#policyWritten = planned.policy;
      this.#policyVersion = (await applyPolicy(control, planned.policy, this.#ports.reporter)).version;
    }
    const rewrite = planned.policy?.rewrite;
    if (rewrite) await this.#ports.workspace.write(rewrite.file, rewrite.text);
    await revokeUnused(
      control,
      planned.orphans.map((k) => k.id),
      this.#ports.reporter,
    );
    await approveRoutes(control, planned.passedOver);
    this.#done = await provisionNodes(planned.nodes, this.#seen, this.#provisionPorts(control), {
      nonce: this.#settings.nonce,
      concurrency: this.#settings.concurrency,
      signal: this.#settings.signal,
    });
    this.#unusedKeys.clear();
    if (planned.policy?.text != null) await this.#awaitApproval(control, planned.nodes);
    if (planned.policy && planned.policy.held.length > 0) await this.#writeHeldTests(control, planned.policy);
  }

  async #awaitApproval(control: Control, plans: readonly NodePlan[]): Promise<void> {
    const { clock, reporter } = this.#ports;
    const found = await awaitApproval(control, plans, this.#seen.facts, clock, this.#settings.signal);
    if (found === "approved" || this.#hasWarned) return;
    this.#hasWarned = true;
    reporter.warn(`approval of routes is not verified: ${notListed}`);
  }

  async #writeHeldTests(control: Control, policy: PolicyPlan): Promise<void> {
    const stored = await applyHeldTests(control, policy, (await visibleDevices(control)) ?? [], this.#ports.reporter);
    if (stored) this.#policyVersion = stored.version;
  }

  #provisionPorts(control: Control) {
    const { shell, archives, reporter } = this.#ports;
    return {
      shell,
      archives,
      reporter,
      keyFor: (node: Node) => this.#keyFor(control, node),
      approved: (plans: readonly NodePlan[]) => this.#awaitApproval(control, plans),
    };
  }

  /** From the key file, or minted at the last moment so that it lives for minutes only. */
  async #keyFor(control: Control, node: Node): Promise<Secret> {
    const { keyFile, mesh, runId } = this.#settings;
    const given = keyFile?.find((e) => e.node === node.name);
    if (given) return given.secret;
    if (keyFile) throw nodeError("MESH_LOGIN_NO_KEY", `the key file has no key for ${node.name}`);
    const minted = await mintKeys(control, [{ node, tags: [clusterOf(mesh, node.cluster).tag], runId }], this.#ports);
    for (const m of minted) this.#unusedKeys.add(m.key.id);
    const [first] = minted;
    if (!first) throw nodeError("MESH_LOGIN_NO_KEY", `no key was minted for ${node.name}`);
    return first.secret;
  }

  async verify(planned: ConvergePlanned): Promise<Outcome> {
    const outcome = await this.#verifyMesh(planned);
    const { watch } = planned.observed;
    if (watch === undefined) return outcome;
    tellWatch(watch, this.#ports.reporter, "apply");
    return withWatch(outcome, watch);
  }

  async #verifyMesh(planned: ConvergePlanned): Promise<Outcome> {
    const outputs = { ...this.#nodeOutputs(this.#done), ...this.#policyOutputs(planned) };
    const summary = policyBlocks(planned);
    if (!this.#settings.parts.check) return { ...emptyOutcome, outputs, summary };
    const judged = await this.#checkPatiently(planned.observed);
    for (const line of reachLines(judged)) this.#ports.reporter.info(line);
    const worse = regressions(this.#linksBefore, linkResults(judged));
    if (worse.length > 0) throw await this.#takeBack(worse);
    const outcome = await checkOutcome(judged, this.#settings.failOn, this.#ports.workspace);
    return { ...outcome, outputs: { ...outputs, ...outcome.outputs }, summary: [...summary, ...outcome.summary] };
  }

  /** What works now, so that it can be told what this run broke; nothing can work before two clusters are joined. */
  async #probeBefore(planned: ConvergePlanned): Promise<readonly LinkResult[]> {
    if (!this.#settings.parts.check) return [];
    const joined = this.#settings.links.some((l) => [l.from, l.to].every((c) => this.#hasTraffic(c)));
    return joined ? linkResults(await this.#judge(planned.observed.devices, planned.observed.control)) : [];
  }

  #hasTraffic(cluster: string): boolean {
    const nodes = this.#settings.mesh.clusters.find((c) => c.name === cluster)?.nodes ?? [];
    return nodes.some((n) => this.#seen.facts.get(n.name)?.tailscale.prefs?.acceptRoutes === true);
  }

  /** Right after a change, this run's or another's, a first packet may still be lost on the way; what stays broken is broken. */
  async #checkPatiently(observed: Observed): Promise<readonly LinkJudgement[]> {
    let judged = await this.#check(observed);
    const isEarly = () => (this.#written ? worstVerdict(judged) === "broken" : judged.some(isUnexplained));
    for (let more = 2; more > 0 && isEarly(); more--) {
      await this.#ports.clock.sleep(settle, this.#settings.signal);
      judged = await this.#check(observed);
    }
    return judged;
  }

  async #check(observed: Observed): Promise<readonly LinkJudgement[]> {
    if (!this.#written) return this.#judge(observed.devices, observed.control);
    const control = await this.#ports.control();
    const [devices] = await Promise.all([visibleDevices(control), this.#lookAtOthers()]);
    return this.#judge(devices, control);
  }

  /** Nodes that were left alone have since learned of those that were changed. */
  async #lookAtOthers(): Promise<void> {
    const changed = new Set(this.#done.map((d) => d.plan.desired.node.name));
    const others = [...this.#seen.sessions].filter(([name]) => !changed.has(name));
    await Promise.all(
      others.map(async ([name, session]) => {
        this.#seen.facts.set(name, await readFacts(session, this.#settings.nonce));
      }),
    );
  }

  async #judge(devices: readonly Device[] | null, control: Control | MeshError): Promise<readonly LinkJudgement[]> {
    const { mesh, links, nonce, probePort } = this.#settings;
    const { facts, sessions, unreachable } = this.#seen;
    const results = await probeLinks(sessions, mesh, facts, links, { nonce, port: probePort });
    return judgeLinks({
      mesh,
      links,
      control: controlView(devices, control),
      facts,
      unreachable,
      results,
    });
  }

  /** A link worked before and does not now: nodes first, last step first, then the policy. */
  async #takeBack(worse: readonly LinkResult[]): Promise<MeshError> {
    const names = worse.map((l) => `${l.from}→${l.to} (${l.layer ?? "unknown"})`).join(", ");
    this.#ports.reporter.warn(`traffic got worse on ${names}; taking this run's changes back`);
    for (const done of this.#done.toReversed()) {
      const session = this.#seen.sessions.get(done.plan.desired.node.name);
      if (session) await undoNode(done, session, this.#settings.nonce);
    }
    const policy = await this.#takeBackPolicy(worse);
    return reachError(
      "MESH_REGRESSION",
      `${names} worked before this run and not after it; its changes were taken back${policy}`,
    );
  }

  /** What became of the policy, a clause; empty when this run did not write it. */
  async #takeBackPolicy(worse: readonly LinkResult[]): Promise<string> {
    if (this.#policyWritten === undefined) return "";
    if (this.#settings.rollback === false) return "; the policy stays as written: rollback is false";
    return `; ${await takeBackPolicy(await this.#ports.control(), this.#policyWritten, worse)}`;
  }

  #nodeOutputs(done: readonly Done[]): Readonly<Record<string, string>> {
    return this.#settings.parts.nodes ? { "nodes-changed": done.map((d) => d.plan.desired.node.name).join(",") } : {};
  }

  #policyOutputs(planned: ConvergePlanned): Readonly<Record<string, string>> {
    return planned.policy ? { etag: this.#policyVersion || planned.policy.version } : {};
  }

  async close(): Promise<void> {
    try {
      if (this.#unusedKeys.size > 0) await this.#revokeLeft();
    } finally {
      await closeSessions(this.#seen);
    }
  }

  /** A key that a node used is gone by itself; one that none did must not stay usable. */
  async #revokeLeft(): Promise<void> {
    const control = await this.#ports.control();
    await revokeUnused(control, [...this.#unusedKeys], this.#ports.reporter);
  }
}
