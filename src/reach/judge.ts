/** From everything that was seen to one verdict per link, with the first layer that failed and what to do about it. */
import { clusterOf, type Link, type Node } from "../mesh/mesh.ts";
import type { LinkResult, Verdict } from "../plan/job.ts";
import { failureFindings, pathOf, receiveFindings, relayFindings, stolenFindings, type View } from "./diagnosis.ts";
import { type Evidence, type Finding, sortFindings } from "./finding.ts";
import { type Layer, layerRank } from "./layers.ts";
import {
  clampFindings,
  controlFindings,
  daemonFindings,
  droppingRules,
  forwardingFindings,
  guardFindings,
  hookFindings,
  routerFindings,
  servingFindings,
} from "./node-findings.ts";
import { portText } from "./ports.ts";
import type { NodeProbes } from "./probe.ts";
import { planProbes, presentNodes } from "./probes.ts";
import { remedies } from "./remedies.ts";
import { gotThrough, type Outcome, trafficOutcomes } from "./traffic.ts";

export interface LinkJudgement {
  readonly from: string;
  readonly to: string;
  /** The topology forbids it. */
  readonly forbidden: boolean;
  /** `apart`: it is forbidden and nothing got through, as it should be. */
  readonly verdict: Verdict | "apart";
  readonly path: "direct" | "relayed" | null;
  /** First layer that is not in order; with a reachable link it is a warning. */
  readonly layer: Layer | null;
  readonly remedy: string | null;
  /** All of them, in layer order. */
  readonly findings: readonly Finding[];
  /** What was not tested, and why. */
  readonly gaps: readonly string[];
  /** Probes that passed and that failed. */
  readonly passed: number;
  readonly failed: number;
}

/** One judgement per link, in order, then one per forbidden pair whose source was asked. */
export function judgeLinks(evidence: Evidence): readonly LinkJudgement[] {
  const plans = planProbes(evidence.mesh, evidence.facts, evidence.links);
  const known = (cluster: string) =>
    presentNodes(clusterOf(evidence.mesh, cluster)).some((n) => evidence.facts.has(n.name));
  const forbidden = evidence.mesh.forbid.filter((l) => l.from !== l.to && known(l.from));
  return [
    ...evidence.links.map((l) => judgeLink(evidence, plans, l)),
    ...forbidden.map((l) => judgeForbidden(evidence, plans, l)),
  ];
}

function sourcesOf(evidence: Evidence, cluster: string): readonly Node[] {
  return presentNodes(clusterOf(evidence.mesh, cluster)).filter((n) => n.role !== "plain");
}

function judgeLink(evidence: Evidence, plans: ReadonlyMap<string, NodeProbes>, link: Link): LinkJudgement {
  const to = clusterOf(evidence.mesh, link.to);
  const routers = presentNodes(to).filter((n) => n.role === "router");
  const views = sourcesOf(evidence, link.from).flatMap((node): View[] => {
    const plan = plans.get(node.name);
    return plan ? [{ evidence, node, plan, to, routers }] : [];
  });
  const outcomes = views.flatMap((v) => trafficOutcomes(evidence, v.plan, link.from, link.to, false));
  const failing = views.filter((v) => outcomes.some((o) => o.node === v.node.name && o.state === "failed"));
  const findings = sortFindings([
    ...standingFindings(evidence, link, plans, views),
    ...views.flatMap(relayFindings),
    ...failing.flatMap((v) =>
      failureFindings(
        v,
        outcomes.filter((o) => o.node === v.node.name),
      ),
    ),
    ...outcomes.filter((o) => o.state === "failed").map((o) => failedProbe(evidence, link, o)),
  ]);
  const gaps = linkGaps(evidence, link, views, outcomes);
  const verdict = verdictOf(outcomes, views, evidence, link);
  const blamed = verdict === "broken" ? findings.find((f) => f.breaks) : findings[0];
  return {
    from: link.from,
    to: link.to,
    forbidden: false,
    verdict,
    path: linkPath(views),
    layer: blamed?.layer ?? null,
    remedy: blamed?.remedy ?? (verdict === "not-tested" ? untestedRemedy(gaps) : null),
    findings,
    gaps,
    passed: outcomes.filter((o) => o.state === "passed").length,
    failed: outcomes.filter((o) => o.state === "failed").length,
  };
}

/** What facts and control server say of everything the link passes through: senders, receivers, and the way back. */
function standingFindings(
  evidence: Evidence,
  link: Link,
  plans: ReadonlyMap<string, NodeProbes>,
  views: readonly View[],
): readonly Finding[] {
  const from = clusterOf(evidence.mesh, link.from);
  const to = clusterOf(evidence.mesh, link.to);
  const sources = sourcesOf(evidence, link.from);
  const far = presentNodes(to);
  const routers = far.filter((n) => n.role === "router");
  const passing = [...sources, ...routers];
  const guarded = [...sources, ...far.filter((n) => n.role !== "plain")];
  const upstream = [
    ...routers.flatMap((n) => [...daemonFindings(evidence, n), ...routerFindings(evidence, n)]),
    ...servingFindings(evidence, to, routers),
  ];
  // What is not offered, approved or served cannot arrive: that it did not is no finding of its own.
  const explained = upstream.some((f) => f.breaks && layerRank(f.layer) < layerRank("distributed"));
  return [
    ...controlFindings(evidence),
    ...sources.flatMap((n) => daemonFindings(evidence, n)),
    ...upstream,
    ...views.flatMap(receiveFindings).filter((f) => f.layer !== "distributed" || !explained),
    ...guarded.flatMap((n) => [...guardFindings(evidence, n), ...stolenFindings(evidence, n, plans.get(n.name))]),
    ...passing.flatMap((n) => [...hookFindings(evidence, n), ...clampFindings(evidence, n)]),
    ...[...presentNodes(from), ...far].flatMap((n) => forwardingFindings(evidence, n)),
  ];
}

function failedProbe(evidence: Evidence, link: Link, outcome: Outcome): Finding {
  const to = clusterOf(evidence.mesh, link.to);
  const from = clusterOf(evidence.mesh, link.from);
  // Answers pass the own nodes' firewalls as well.
  const onPods = () => [...droppingRules(evidence, to, to.pods), ...droppingRules(evidence, from, from.pods)];
  const rules =
    outcome.layer === "pod" ? onPods() : outcome.layer === "service" ? droppingRules(evidence, to, to.services) : [];
  const seen = rules.length > 0 ? `; ${rules.join("; ")}` : "";
  return {
    layer: outcome.layer,
    node: outcome.node,
    breaks: true,
    evidence: `from a pod on ${outcome.node}: ${outcome.said}${seen}`,
    ...(rules.length === 0 && { onlyPackets: true }),
    remedy: probeRemedy(outcome, link, to.services.address(1)),
  };
}

function probeRemedy(outcome: Outcome, link: Link, kubernetes: string): string {
  switch (outcome.layer) {
    case "service":
      return remedies.serviceSilent(link.to, kubernetes);
    case "dns":
      return remedies.dnsSilent(link.to, outcome.probe.run.kind === "route" ? link.to : outcome.probe.run.address);
    case "mtu":
      return remedies.tooBig(`${outcome.node} and the routers of ${link.to}`);
    default:
      return remedies.podSilent(outcome.node, link.to);
  }
}

/** Green only when every source that has a pod got an answer to everything that could be asked. */
function verdictOf(outcomes: readonly Outcome[], views: readonly View[], evidence: Evidence, link: Link): Verdict {
  if (outcomes.some((o) => o.state === "failed")) return "broken";
  if (!outcomes.some((o) => o.state === "passed")) return "not-tested";
  const unasked = sourcesOf(evidence, link.from).some((n) => evidence.unreachable.has(n.name));
  const mute = views.some((v) => {
    const own = outcomes.filter((o) => o.node === v.node.name);
    return own.length > 0 && !own.some((o) => o.state === "passed");
  });
  return unasked || mute ? "not-tested" : "reachable";
}

function linkGaps(
  evidence: Evidence,
  link: Link,
  views: readonly View[],
  outcomes: readonly Outcome[],
): readonly string[] {
  const ends = [link.from, link.to].flatMap((c) => presentNodes(clusterOf(evidence.mesh, c)));
  const planned = views.flatMap((v) =>
    v.plan.gaps.filter((g) => !g.pair.forbidden && g.pair.from === link.from && g.pair.to === link.to),
  );
  const notRun = outcomes.filter((o) => o.state === "not-run");
  const unseen = unverifiedReason(evidence);
  return [
    ...new Set([
      ...ends.flatMap((n) => {
        const error = evidence.unreachable.get(n.name);
        return error ? [`${n.name} could not be asked: ${error.message}`] : [];
      }),
      ...planned.map((g) => g.reason),
      ...notRun.map((o) => `${o.node}, ${o.probe.id}: ${o.said}`),
      ...(unseen === null ? [] : [`${unverifiedLayers.join(", ")}: not verified, ${unseen}`]),
    ]),
  ];
}

/** Layers that only the control server can tell about. */
const unverifiedLayers: readonly Layer[] = ["approved", "serving"];

/** Why the server's word is missing without being at fault; a server that is down is a finding. */
function unverifiedReason({ control }: Evidence): string | null {
  if ("hidden" in control) return control.hidden;
  const isOurs = "error" in control && (control.error.kind === "denied" || control.error.kind === "config");
  return isOurs ? `${control.error.code}: ${control.error.message}` : null;
}

function untestedRemedy(gaps: readonly string[]): string {
  return gaps[0] ?? "select a node of the cluster that the link starts from";
}

function linkPath(views: readonly View[]): "direct" | "relayed" | null {
  const paths = views.flatMap((v) => pathOf(v)?.path ?? []);
  if (paths.length === 0) return null;
  return paths.includes("relayed") ? "relayed" : "direct";
}

function judgeForbidden(evidence: Evidence, plans: ReadonlyMap<string, NodeProbes>, link: Link): LinkJudgement {
  const nodes = sourcesOf(evidence, link.from).flatMap((n) => plans.get(n.name) ?? []);
  const outcomes = nodes.flatMap((p) => trafficOutcomes(evidence, p, link.from, link.to, true));
  const through = outcomes.filter((o) => o.state !== "not-run" && gotThrough(o));
  const what = link.ports.length === 0 ? "everything" : link.ports.map(portText).join(", ");
  const remedy = remedies.mustNotConnect(link.from, link.to, what);
  const findings = sortFindings(
    through.map((o): Finding => {
      const said = `from a pod on ${o.node} (${o.probe.id}): ${o.said}`;
      return { layer: "grant", node: o.node, breaks: true, evidence: said, remedy };
    }),
  );
  const ran = outcomes.some((o) => o.state !== "not-run");
  const verdict = through.length > 0 ? "broken" : ran ? "apart" : "not-tested";
  const gaps = ran ? [] : ["nothing that is forbidden could be tried"];
  return {
    from: link.from,
    to: link.to,
    forbidden: true,
    verdict,
    path: null,
    layer: findings[0]?.layer ?? null,
    remedy: findings[0]?.remedy ?? (verdict === "not-tested" ? untestedRemedy(gaps) : null),
    findings,
    gaps,
    passed: outcomes.length - through.length,
    failed: through.length,
  };
}

/** The shape of the result file. A forbidden pair appears only where something is wrong with it. */
export function linkResults(judgements: readonly LinkJudgement[]): readonly LinkResult[] {
  return judgements.flatMap((j): LinkResult[] => {
    const { from, to, verdict, path, layer, remedy } = j;
    return verdict === "apart" ? [] : [{ from, to, verdict, path, layer, remedy }];
  });
}

/**
 * Packets vanish between pods, and nothing that was read of a node or of the control server says why. For some seconds that
 * is so when a peer has just joined or changed: WireGuard repeats a lost handshake only after five.
 */
export function isUnexplained({ verdict, layer, findings }: LinkJudgement): boolean {
  const first = findings.filter((f) => f.breaks && f.layer === layer);
  return verdict === "broken" && layer === "pod" && first.every((f) => f.onlyPackets === true);
}

/** Worst of all: broken, then not tested, then reachable. Nothing judged is nothing tested. */
export function worstVerdict(judgements: readonly Pick<LinkJudgement, "verdict">[]): Verdict {
  const verdicts = judgements.map((j) => j.verdict);
  if (verdicts.includes("broken")) return "broken";
  if (verdicts.includes("not-tested") || verdicts.length === 0) return "not-tested";
  return "reachable";
}

/** Every finding of every link, each once, in layer order. */
export function allFindings(judgements: readonly LinkJudgement[]): readonly Finding[] {
  return sortFindings(judgements.flatMap((j) => j.findings));
}
