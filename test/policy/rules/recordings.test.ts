/** The evaluator against answers of Tailscale's own service: verdicts, filters, peers and tests. */
import { describe, expect, test } from "vitest";
import { readDevices } from "../../../src/policy/rules/devices.ts";
import { evaluate } from "../../../src/policy/rules/evaluate.ts";
import { type FilterRule, filtersOf } from "../../../src/policy/rules/filter.ts";
import { peersOf } from "../../../src/policy/rules/peers.ts";
import { filterSet } from "../../support/filters.ts";
import { sharedLines } from "../../support/shared-lines.ts";

interface Recording {
  readonly id: string;
  readonly kind: "acl" | "grant" | "routes" | "ssh" | "sshtest" | "nodeattrs" | "policytest";
  readonly status: 200 | 400;
  readonly message?: string;
  readonly policy: unknown;
  readonly users?: readonly string[];
  readonly nodes?: unknown;
  readonly filter?: Readonly<Record<string, readonly FilterRule[]>>;
  readonly peers?: Readonly<Record<string, readonly string[]>>;
}

/** What the service refuses and we do not, with the reason. */
const notRefused: Readonly<Record<string, string>> = {
  "ssh-b4": "which domains belong to a tailnet only the service knows; the policy does not say it",
};

/** Accepted cases whose filters or peers differ, with the reason. */
const different: Readonly<Record<string, string>> = {};

/** Accepted cases with a test that is undecided here, with the reason. */
const undecided: Readonly<Record<string, string>> = {
  "sshtest-host-alias-as-dst": "a host's address stands for a device, and the recording tells no devices",
};

describe("sets of a filter", () => {
  const rule = (SrcIPs: readonly string[], port: number): FilterRule => ({
    SrcIPs,
    DstPorts: [{ IP: "100.64.0.1", Ports: { First: port, Last: port } }],
  });

  test("are equal however they are spread over rules, and differ in a port or protocol", () => {
    expect(filterSet([rule(["a"], 1), rule(["b"], 1)])).toEqual(filterSet([rule(["b", "a"], 1)]));
    expect(filterSet([rule(["a"], 1)])).not.toEqual(filterSet([rule(["a"], 2)]));
    expect(filterSet([rule(["a"], 1)])).not.toEqual(filterSet([{ ...rule(["a"], 1), IPProto: [6] }]));
  });
});

const recordings = sharedLines<Recording>("saas-recordings.jsonl.gz");
if (recordings !== undefined) compare(recordings);

function compare(all: readonly Recording[]): void {
  const judged = all.map((recording) => {
    const { users, nodes } = recording;
    const devices = nodes === undefined ? undefined : readDevices({ users, nodes });
    return { recording, evaluation: evaluate(JSON.stringify(recording.policy), devices ? { devices } : {}) };
  });

  describe("answers of Tailscale's service", () => {
    test("there are 424, 71 of them refusals", () => {
      expect(all).toHaveLength(424);
      expect(all.filter(({ status }) => status === 400)).toHaveLength(71);
    });

    test("what it refuses is refused, but for what is listed", () => {
      const missed = judged.filter(({ recording, evaluation }) => recording.status === 400 && evaluation.ok);
      expect(missed.map(({ recording }) => recording.id)).toEqual(Object.keys(notRefused));
    });

    test("nothing that it accepts is refused", () => {
      const wrong = judged.filter(({ recording, evaluation }) => recording.status === 200 && !evaluation.ok);
      expect(wrong.map(({ recording, evaluation }) => [recording.id, evaluation.problems])).toEqual([]);
    });

    test("what it refuses has an error with a place, or a failed test", () => {
      for (const { recording, evaluation } of judged) {
        if (evaluation.ok) continue;
        const errors = evaluation.problems.filter(({ severity }) => severity === "error");
        expect(errors.length, recording.id).toBeGreaterThan(0);
        for (const { line, column } of errors) expect(line * column, recording.id).toBeGreaterThan(0);
        const isTests = recording.message === "test(s) failed";
        expect(evaluation.tests.failed > 0, recording.id).toBe(
          isTests || recording.id === "sshtest-malformed-dst-with-port",
        );
      }
    });

    test("tests that pass there pass here, but for what is undecided and listed", () => {
      const open = judged.filter(({ evaluation }) => evaluation.tests.undecided > 0);
      expect(open.map(({ recording }) => recording.id)).toEqual(Object.keys(undecided));
      const failed = judged.filter(
        ({ recording, evaluation }) => recording.status === 200 && evaluation.tests.failed > 0,
      );
      expect(failed).toEqual([]);
    });

    const accepted = judged.filter(({ recording }) => recording.filter !== undefined);
    test("275 of them tell filters and peers of every device", () => expect(accepted).toHaveLength(275));

    for (const { recording, evaluation } of accepted.filter(({ recording: { id } }) => !(id in different))) {
      test(recording.id, () => {
        const { access, devices } = evaluation;
        if (devices === undefined) throw new Error("the policy could not be read");
        const filters = filtersOf(access);
        const peers = peersOf(access, devices);
        // One recording (acl-rs07) tells nothing of one of its devices.
        const told = Object.keys(recording.peers ?? {});
        expect(told.length).toBeGreaterThanOrEqual(devices.nodes.length - 1);
        for (const name of told) {
          expect(filterSet(filters.get(name) ?? []), name).toEqual(filterSet(recording.filter?.[name] ?? []));
          expect(peers.get(name), name).toEqual(recording.peers?.[name]);
        }
      });
    }
  });
}
