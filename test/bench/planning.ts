/** Planning 50 clusters of 20 nodes: time and memory, beside the bare parse of the same YAML. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "rolldown";
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
  /** Resident memory at most: once all is imported, once the facts of all nodes are there, once all is planned. */
  readonly before: number;
  readonly withFacts: number;
  readonly peak: number;
}

const rounds = 5;
const budget = { seconds: 1, mebibytes: 200 };

const bareParse =
  'import { parse } from "yaml"; import { readFileSync } from "node:fs"; const text = readFileSync(0, "utf8"); const t = performance.now(); parse(text); console.log(performance.now() - t);';

const facts = resolve(import.meta.dirname, "../fixtures/facts/homelab-1.joined.txt");

async function once(args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await run([process.execPath, ...args], { input, cwd: import.meta.dirname });
  if (code !== 0) throw new Error(stderr.slice(-2000));
  return stdout;
}

/** Every round is two fresh processes, so that no compiled code is carried over; bundled first, as the actions are. */
export async function planning(): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "tailmesh-bench-"));
  try {
    const program = join(folder, "planning.mjs");
    await build({
      input: join(import.meta.dirname, "planning-once.ts"),
      platform: "node",
      logLevel: "warn",
      output: { file: program, format: "esm" },
    });
    const text = topologyText(50, 20);
    const yaml: number[] = [];
    const figures: PlanningFigures[] = [];
    for (let round = 0; round < rounds; round += 1) {
      yaml.push(Number(await once(["--input-type=module", "-e", bareParse], text)));
      figures.push(JSON.parse(await once([program, facts])) as PlanningFigures);
    }
    return lines(figures, median(yaml));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `yaml`: milliseconds of the bare parse. */
function lines(figures: readonly PlanningFigures[], yaml: number): readonly string[] {
  const middle = (of: (figure: PlanningFigures) => number): number => median(figures.map(of));
  const part = (name: string, of: (figure: PlanningFigures) => number, ...notes: readonly string[]): string =>
    row(name, `${middle(of).toFixed(0)} ms`, against(middle(of), yaml, "bare parse"), ...notes);
  const limit = (name: string, isMissed: boolean): string => `budget ${name}${isMissed ? ", MISSED" : ""}`;
  // a run plans the policy once; the dearer of the two counts
  const whole = (f: PlanningFigures): number => f.parse + f.nodes + Math.max(f.policyFirst, f.policyAgain);
  const peak = middle((f) => f.peak);
  return [
    `planning 50 clusters × 20 nodes, each time in a fresh process, median of ${rounds}`,
    row("bare parse of the YAML", `${yaml.toFixed(0)} ms`),
    part("parse and check the topology", (f) => f.parse),
    part("plans of 1000 nodes", (f) => f.nodes),
    part("policy, all new", (f) => f.policyFirst),
    part("policy, nothing to do", (f) => f.policyAgain),
    part("all, with the dearer policy", whole, limit(`${budget.seconds} s`, middle(whole) > budget.seconds * 1000)),
    row(
      "peak memory",
      `${peak.toFixed(0)} MiB`,
      against(
        peak,
        middle((f) => f.before),
        "before it begins",
      ),
      `${middle((f) => f.withFacts).toFixed(0)} MiB with the facts alone`,
      limit(`${budget.mebibytes} MiB`, peak > budget.mebibytes),
    ),
  ];
}
