/** Planning 50 clusters of 20 nodes: time and memory, beside the bare parse of the same YAML. */
import { run } from "../lab/exec.ts";
import { topologyText } from "./big-mesh.ts";
import { against, median, row } from "./figures.ts";

/** Milliseconds, and MiB of resident memory. */
export interface PlanningFigures {
  readonly parse: number;
  readonly nodes: number;
  /** Under the server's default policy: every entry is new. */
  readonly policyFirst: number;
  /** Nothing to change. */
  readonly policyAgain: number;
  /** Resident memory once all is imported, and the most of the whole run. */
  readonly before: number;
  readonly peak: number;
}

const rounds = 5;
const budget = { seconds: 1, mebibytes: 200 };

const bareParse =
  'import { parse } from "yaml"; import { readFileSync } from "node:fs"; const text = readFileSync(0, "utf8"); const t = performance.now(); parse(text); console.log(performance.now() - t);';

async function once(args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await run([process.execPath, ...args], { input, cwd: import.meta.dirname });
  if (code !== 0) throw new Error(stderr.slice(-2000));
  return stdout;
}

/** Every round is two fresh processes, so that no compiled code is carried over. */
export async function planning(): Promise<readonly string[]> {
  const text = topologyText(50, 20);
  const yaml: number[] = [];
  const figures: PlanningFigures[] = [];
  for (let round = 0; round < rounds; round += 1) {
    yaml.push(Number(await once(["--input-type=module", "-e", bareParse], text)));
    figures.push(JSON.parse(await once(["planning-once.ts"])) as PlanningFigures);
  }
  const middle = (of: (figure: PlanningFigures) => number): number => median(figures.map(of));
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const total = middle((f) => f.parse + f.nodes + f.policyFirst + f.policyAgain);
  const base = median(yaml);
  const peak = middle((f) => f.peak);
  const missed = (isMissed: boolean): string => (isMissed ? ", MISSED" : "");
  return [
    `planning 50 clusters × 20 nodes, each time in a fresh process, median of ${rounds}`,
    row("bare parse of the YAML", ms(base)),
    row(
      "parse and check the topology",
      ms(middle((f) => f.parse)),
      against(
        middle((f) => f.parse),
        base,
        "bare parse",
      ),
    ),
    row(
      "plans of 1000 nodes",
      ms(middle((f) => f.nodes)),
      against(
        middle((f) => f.nodes),
        base,
        "bare parse",
      ),
    ),
    row(
      "policy, all new",
      ms(middle((f) => f.policyFirst)),
      against(
        middle((f) => f.policyFirst),
        base,
        "bare parse",
      ),
    ),
    row(
      "policy, nothing to do",
      ms(middle((f) => f.policyAgain)),
      against(
        middle((f) => f.policyAgain),
        base,
        "bare parse",
      ),
    ),
    row(
      "all of it",
      ms(total),
      against(total, base, "bare parse"),
      `budget ${budget.seconds} s${missed(total > budget.seconds * 1000)}`,
    ),
    row(
      "peak memory",
      `${peak.toFixed(0)} MiB`,
      against(
        peak,
        middle((f) => f.before),
        "the same process before it begins",
      ),
      `budget ${budget.mebibytes} MiB${missed(peak > budget.mebibytes)}`,
    ),
  ];
}
