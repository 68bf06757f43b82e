// Our evaluator against Headscale's own policy engine: recordings of Tailscale's service as far as Headscale takes such policies,
// our own policies, and made-up ones. The engine is asked without a server, by tools/policy-engine.
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyPolicy } from "../../support/any-policy.ts";
import { askEngine, type Comparison, compare, type Question } from "../../support/policy-engine.ts";
import { sharedLines } from "../../support/shared-lines.ts";
import { must } from "../exec.ts";
import { source } from "../paths.ts";
import { running } from "../record.ts";

const program = join(running().tools["policy-engine"], "policy-engine");

/** Where we differ on purpose, or cannot know. */
const different: Readonly<Record<string, string>> = {
  "acls: an address of nobody reaches no filter":
    "Headscale gives its exit nodes a rule for any public address, but makes them no peers of its sources: nobody gets there",
  "routes: a public prefix is no subnet route of an exit node": "the same",
};

const folder = join(source, "../fixtures/policies");
const devices = JSON.parse(readFileSync(join(folder, "devices.json"), "utf8")) as Pick<Question, "users" | "nodes">;

function ask(questions: readonly Question[], users: readonly string[]): readonly Comparison[] {
  const asked = questions.map((question) => ({ ...question, users: question.users ?? users }));
  const answers = askEngine(program, asked);
  return asked.map((question, i) => compare(question, answers[i] ?? {}, question.nodes !== undefined));
}

/** Lines of what differs, but for what is listed. */
function unlisted(comparisons: readonly Comparison[]): readonly string[] {
  return comparisons
    .filter(({ id }) => !(id in different))
    .flatMap(({ id, differences }) => differences.map((difference) => `${id}: ${difference}`));
}

const count = (comparisons: readonly Comparison[], verdict: Comparison["verdict"]): number =>
  comparisons.filter((comparison) => comparison.verdict === verdict).length;

const withFilters = (comparisons: readonly Comparison[]): number =>
  comparisons.filter((comparison) => comparison.devices > 0).length;

it("the program is formatted", async () => {
  expect(await must(["gofmt", "-l", "."], { cwd: join(source, "tools", "policy-engine") })).toBe("");
});

const recordings = sharedLines<Question>("saas-recordings.jsonl.gz");
describe.skipIf(!recordings)("the recordings of Tailscale's service, asked of Headscale", () => {
  const users = [...new Set((recordings ?? []).flatMap((recording) => recording.users ?? []))];
  const compared = ask(recordings ?? [], users);

  it("are judged alike, and so are tests, filters and peers", () => expect(unlisted(compared)).toEqual([]));

  it("most of them can be asked", () => {
    expect(compared.length).toBe(424);
    expect(count(compared, "refused")).toBeLessThanOrEqual(60);
    expect(withFilters(compared)).toBeGreaterThanOrEqual(290);
  });
});

describe("policies of our own", () => {
  const questions = globSync("*.jsonl", { cwd: folder }).flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { name: string; policy: unknown })
      .map(({ name, policy }): Question => ({ id: `${basename(file, ".jsonl")}: ${name}`, policy, ...devices })),
  );
  const compared = ask(questions, []);

  it("are judged alike, and so are tests, filters and peers", () => expect(unlisted(compared)).toEqual([]));

  it("are of every kind", () => {
    expect(withFilters(compared)).toBeGreaterThanOrEqual(140);
    for (const verdict of ["stored", "refused", "tests fail"] as const)
      expect(count(compared, verdict), verdict).toBeGreaterThanOrEqual(20);
  });

  it("every difference that is listed is one", () => {
    const same = compared.filter(({ differences }) => differences.length === 0).map(({ id }) => id);
    expect(Object.keys(different).filter((id) => same.includes(id))).toEqual([]);
  });
});

describe("policies that are made up", () => {
  // always the same, so that a difference is one of a change
  const policies = fc.sample(anyPolicy, { numRuns: 400, seed: 29 });
  const questions = policies.map(
    (policy, i): Question => ({ id: `${i} ${JSON.stringify(policy)}`, policy, ...devices }),
  );
  const compared = ask(questions, []);

  it("are judged alike, and so are tests, filters and peers", () => expect(unlisted(compared)).toEqual([]));

  it("are of every kind", () => {
    expect(withFilters(compared)).toBeGreaterThanOrEqual(250);
    for (const verdict of ["stored", "refused", "tests fail"] as const)
      expect(count(compared, verdict), verdict).toBeGreaterThanOrEqual(50);
  });
});
