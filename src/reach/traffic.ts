/** What the probes between pods say, one outcome each. */
import type { Evidence } from "./finding.ts";
import type { Layer } from "./layers.ts";
import { notRun, type ProbeResult, readPing, readProgram } from "./parse.ts";
import { listenerId, type NodeProbes, type Probe } from "./probe.ts";

export interface Outcome {
  readonly node: string;
  readonly probe: Probe;
  readonly state: "passed" | "failed" | "not-run";
  /** Layer that the failure belongs to. */
  readonly layer: Layer;
  /** What was seen, one line. */
  readonly said: string;
}

/** Outcomes of a node's probes for one pair, those between pods and services only. */
export function trafficOutcomes(
  evidence: Pick<Evidence, "results">,
  plan: NodeProbes,
  from: string,
  to: string,
  forbidden: boolean,
): readonly Outcome[] {
  const results = evidence.results.get(plan.node);
  const mine = plan.probes.filter(
    (p) => p.pid !== null && p.pair?.from === from && p.pair.to === to && p.pair.forbidden === forbidden,
  );
  return mine.map((probe): Outcome => {
    const result = results?.get(probe.id);
    const why = notRun(result);
    const base = { node: plan.node, probe, layer: probe.layer } as const;
    if (!result || why !== undefined) return { ...base, state: "not-run", said: why ?? "" };
    return { ...base, ...readOutcome(probe, result, evidence, () => answersSmall(mine, probe, results)) };
  });
}

type Read = Pick<Outcome, "state" | "said"> & { readonly layer?: Layer };

function readOutcome(
  probe: Probe,
  result: ProbeResult,
  evidence: Pick<Evidence, "results">,
  small: () => boolean,
): Read {
  const { run } = probe;
  switch (run.kind) {
    case "ping": {
      const { answered, said } = readPing(result);
      if (answered) return { state: "passed", said };
      // Where not even a small packet is answered, size is not what is wrong.
      if (run.size !== null && !small()) return { state: "not-run", said: "small packets are not answered either" };
      const what = run.size === null ? "ping" : `ping with ${run.size} bytes`;
      return { state: "failed", said: `${what} to ${run.address}: ${said}` };
    }
    case "fetch":
      return readTransfer(run.address, result, listenerTrouble(evidence, probe.target));
    case "tcp": {
      const { word, rest } = readProgram(result);
      if (word === "ok") return { state: "passed", said: "connected" };
      return { state: "failed", said: `TCP to ${run.address}:${run.port}: ${[word, rest].join(" ").trim()}` };
    }
    case "dns":
      return readDns(run, result);
    case "path":
    case "owner":
    case "grant":
    case "route":
      return { state: "not-run", said: "" };
  }
}

function readTransfer(address: string, result: ProbeResult, trouble: string | undefined): Read {
  const { word, rest } = readProgram(result);
  const bytes = rest.split(" ")[0] ?? "";
  switch (word) {
    case "ok":
      return { state: "passed", said: `${bytes} bytes` };
    case "stalled":
    case "short":
      return {
        state: "failed",
        layer: "mtu",
        said: `TCP to ${address} connects, then ${word} after ${bytes} bytes of 1 MiB`,
      };
    case "refused":
      if (trouble !== undefined) return { state: "not-run", said: trouble };
      return { state: "failed", said: `TCP to ${address}: refused` };
    default:
      return { state: "failed", said: `TCP to ${address}: ${[word, rest].join(" ").trim()}` };
  }
}

/** Why nothing listened in the far pod; undefined when it did. */
function listenerTrouble(evidence: Pick<Evidence, "results">, target: string | null): string | undefined {
  const results = evidence.results.get(target ?? "");
  if (!results) return `nothing could be started on ${target}`;
  const result = results.get(listenerId);
  const why = notRun(result);
  if (!result || why !== undefined) return `no listener on ${target}: ${why}`;
  const { word, rest } = readProgram(result);
  // It went unused and ended: the far pod itself refuses then, which is no sign of a broken way.
  if (word === "late") return `the listener on ${target} was not met in time`;
  return word === "ok" || result.code === 124 ? undefined : `no listener on ${target}: ${word} ${rest}`;
}

function readDns(run: Extract<Probe["run"], { kind: "dns" }>, result: ProbeResult): Read {
  const { word, rest } = readProgram(result);
  const question = `${run.transport.toUpperCase()} query for ${run.name} to ${run.address}`;
  if (word === "ok" && rest.split(" ").includes(run.answer)) return { state: "passed", said: rest };
  if (word === "ok") return { state: "failed", said: `${question}: answered ${rest}, not ${run.answer}` };
  const said = word === "rcode" ? (rcodes[Number(rest)] ?? `rcode ${rest}`) : [word, rest].join(" ").trim();
  return { state: "failed", said: `${question}: ${said}` };
}

const rcodes: Readonly<Record<number, string>> = {
  1: "FORMERR",
  2: "SERVFAIL",
  3: "NXDOMAIN",
  4: "NOTIMP",
  5: "REFUSED",
};

function answersSmall(
  probes: readonly Probe[],
  big: Probe,
  results: ReadonlyMap<string, ProbeResult> | undefined,
): boolean {
  const small = probes.find((p) => p.run.kind === "ping" && p.run.size === null && p.target === big.target);
  const result = small ? results?.get(small.id) : undefined;
  return result !== undefined && notRun(result) === undefined && readPing(result).answered;
}

/** Whether packets of a forbidden probe got through: an answer, or a refusal by the far end itself. */
export function gotThrough(outcome: Outcome): boolean {
  return (
    outcome.state === "passed" || outcome.layer === "mtu" || / (refused|rcode|answered|empty)\b/i.test(outcome.said)
  );
}
