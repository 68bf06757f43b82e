/** Policies of our own, each with verdict, codes, tests, filters and peers written down beforehand. */
import { globSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { readDevices } from "../../../src/policy/rules/devices.ts";
import { evaluate } from "../../../src/policy/rules/evaluate.ts";
import { type FilterRule, filtersOf } from "../../../src/policy/rules/filter.ts";
import { peersOf } from "../../../src/policy/rules/peers.ts";
import type { Server } from "../../../src/policy/rules/reading.ts";
import { filterSet } from "../../support/filters.ts";

interface Fixture {
  readonly name: string;
  readonly policy: unknown;
  readonly ok: boolean;
  readonly server?: Server;
  /** false = judged without devices. */
  readonly devices?: boolean;
  /** Codes of what is found, each once; absent = nothing. */
  readonly codes?: readonly string[];
  readonly tests?: { readonly passed: number; readonly failed: number; readonly undecided: number };
  readonly filter?: Readonly<Record<string, readonly FilterRule[]>>;
  readonly peers?: Readonly<Record<string, readonly string[]>>;
}

const folder = resolve(import.meta.dirname, "../../fixtures/policies");
const devices = readDevices(JSON.parse(readFileSync(join(folder, "devices.json"), "utf8")));
const files = globSync("*.jsonl", { cwd: folder }).sort();
const fixtures = files.map((file) => ({
  subject: basename(file, ".jsonl"),
  list: readFileSync(join(folder, file), "utf8")
    .trim()
    .split("\n")
    .map((line): Fixture => JSON.parse(line)),
}));

test("there are at least 120, each with a name of its own in its file", () => {
  expect(fixtures.flatMap(({ list }) => list).length).toBeGreaterThanOrEqual(120);
  for (const { list, subject } of fixtures) {
    expect(new Set(list.map(({ name }) => name)).size, subject).toBe(list.length);
  }
});

describe.each(fixtures)("$subject", ({ list }) => {
  test.each(list)("$name", (fixture) => {
    const given = fixture.devices === false ? {} : { devices };
    const evaluation = evaluate(JSON.stringify(fixture.policy, null, 2), {
      ...given,
      ...(fixture.server === undefined ? {} : { server: fixture.server }),
    });
    const codes = [...new Set(evaluation.problems.map(({ code }) => code))];
    expect({ ok: evaluation.ok, codes }).toEqual({ ok: fixture.ok, codes: fixture.codes ?? [] });
    if (fixture.tests !== undefined) expect(evaluation.tests).toEqual(fixture.tests);
    if (fixture.filter === undefined) return;
    if (evaluation.devices === undefined) throw new Error("the policy could not be read");
    const ours = [...filtersOf(evaluation.access)].map(([name, filter]) => [name, filterSet(filter)]);
    const wanted = Object.entries(fixture.filter).map(([name, filter]) => [name, filterSet(filter)]);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(wanted));
    expect(Object.fromEntries(peersOf(evaluation.access, evaluation.devices))).toEqual(fixture.peers);
  });
});
