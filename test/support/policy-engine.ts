/** Headscale's own policy engine (test/lab/tools/policy-engine), and our evaluator beside it. */
import { execFileSync } from "node:child_process";
import type { Device } from "../../src/policy/rules/devices.ts";
import { readDevices } from "../../src/policy/rules/devices.ts";
import { evaluate } from "../../src/policy/rules/evaluate.ts";
import { type FilterRule, filtersOf } from "../../src/policy/rules/filter.ts";
import { peersOf } from "../../src/policy/rules/peers.ts";
import { filterDifference } from "./traffic.ts";

export interface Question {
  readonly id: string;
  readonly policy: unknown;
  readonly users?: readonly string[] | undefined;
  /** As in a devices file. */
  readonly nodes?: Readonly<Record<string, unknown>> | undefined;
}

/** As Go writes it: an empty list may be null. */
type EngineRule = Omit<FilterRule, "SrcIPs"> & { readonly SrcIPs: readonly string[] | null };

export interface EngineAnswer {
  /** Why the policy cannot be read. */
  readonly refused?: string;
  /** Why it cannot be stored all the same: its own tests. */
  readonly failed?: string;
  /** By device; absent where it is refused. */
  readonly filter?: Readonly<Record<string, readonly EngineRule[] | null>>;
  readonly peers?: Readonly<Record<string, readonly string[]>>;
}

/** One run of the program for all questions; answers in their order. */
export function askEngine(program: string, questions: readonly Question[]): readonly EngineAnswer[] {
  const lines = questions.map(({ policy, users = [], nodes = {} }) =>
    JSON.stringify({ policy: JSON.stringify(policy), users, nodes }),
  );
  const output = execFileSync(program, { input: lines.join("\n"), encoding: "utf8", maxBuffer: 2 ** 30 });
  const answers = output.trimEnd().split("\n");
  if (answers.length !== questions.length) throw new RangeError(`${answers.length} answers`);
  return answers.map((line) => JSON.parse(line) as EngineAnswer);
}

/** What was compared of a policy, and where we differ from the engine. */
export interface Comparison {
  readonly id: string;
  /** Of Headscale's verdict. */
  readonly verdict: "stored" | "refused" | "tests fail";
  /** Filters and peers of so many devices were compared. */
  readonly devices: number;
  /** Empty = the same. */
  readonly differences: readonly string[];
}

/** `canTest`: tests of a policy are compared too; they need devices and users. */
export function compare(question: Question, answer: EngineAnswer, canTest: boolean): Comparison {
  const { id, policy, users, nodes } = question;
  const given = nodes === undefined ? undefined : readDevices({ users, nodes });
  const ours = evaluate(JSON.stringify(policy), { server: "headscale", ...(given && { devices: given }) });
  const verdict = answer.refused !== undefined ? "refused" : answer.failed !== undefined ? "tests fail" : "stored";
  const errors = ours.problems.filter(({ severity }) => severity === "error");
  const isRead = errors.every(({ code }) => code === "MESH_RULES_TEST_FAILED");
  // A test that cannot be run may still be one that cannot be read, which Headscale refuses and we count as failed.
  const isSame = canTest ? ours.ok === (verdict === "stored") : verdict === "refused" ? !ours.ok : isRead;
  const theirs = answer.refused ?? answer.failed ?? "stored";
  const judged = isSame ? [] : [`Headscale: ${theirs}; we: ${errors[0]?.message ?? "well"}`];
  if (answer.filter === undefined || !isRead || ours.devices === undefined)
    return { id, verdict, devices: 0, differences: judged };
  const filters = filtersOf(ours.access);
  const peers = peersOf(ours.access, ours.devices);
  const each = (device: Device): readonly string[] => {
    const engine = (answer.filter?.[device.name] ?? []).map((rule) => ({ ...rule, SrcIPs: rule.SrcIPs ?? [] }));
    const { first, second } = filterDifference(device, filters.get(device.name) ?? [], engine);
    const [mine, other] = [peers.get(device.name) ?? [], answer.peers?.[device.name] ?? []].map((list) => list.join());
    return [
      ...first.slice(0, 2).map((text) => `${device.name}: only we let in ${text}`),
      ...second.slice(0, 2).map((text) => `${device.name}: only Headscale lets in ${text}`),
      ...(mine === other ? [] : [`${device.name}: peers here ${mine}; Headscale's ${other}`]),
    ];
  };
  const { nodes: devices } = ours.devices;
  return { id, verdict, devices: devices.length, differences: [...judged, ...devices.flatMap(each)] };
}
