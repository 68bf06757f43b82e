/** `tailmesh policy check`. */
import { describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/main.ts";
import { capturedTerminal } from "../support/captured-terminal.ts";
import { sharedLines } from "../support/shared-lines.ts";

const good = `{
  // who may do what
  "tagOwners": { "tag:web": ["alice@example.com"] },
  "acls": [{ "action": "accept", "src": ["alice@example.com"], "dst": ["tag:web:443"] }],
  "tests": [{ "src": "alice@example.com", "accept": ["tag:web:443"] }],
}
`;
const failing = good.replace('"accept": ["tag:web:443"]', '"deny": ["tag:web:443"]');
const unknown = good.replace('"dst": ["tag:web:443"]', '"dst": ["tag:wbe:443"]').replace(/ {2}"tests".*\n/, "");
const devices = JSON.stringify({
  users: ["alice@example.com"],
  nodes: { web: { tags: ["tag:web"], ipv4: "100.64.0.1" } },
});

async function check(files: Record<string, string | Uint8Array>, ...args: string[]) {
  const terminal = capturedTerminal(files);
  const exit = await runCli(["policy", "check", ...args], terminal);
  return { exit, said: terminal.said, complained: terminal.complained };
}

describe("with --json", () => {
  test("one line for each file, in order", async () => {
    const { exit, said } = await check({ "a.hujson": good, "b.hujson": failing }, "--json", "a.hujson", "b.hujson");
    expect(exit).toBe(1);
    expect(said.map((line) => JSON.parse(line))).toEqual([
      { file: "a.hujson", ok: true, problems: [], tests: { passed: 1, failed: 0, undecided: 0 } },
      {
        file: "b.hujson",
        ok: false,
        problems: [
          {
            severity: "error",
            code: "MESH_RULES_TEST_FAILED",
            message: expect.stringContaining("is not to reach tag:web:443"),
            line: 5,
            column: 52,
          },
        ],
        tests: { passed: 0, failed: 1, undecided: 0 },
      },
    ]);
  });

  test("a problem has the place of what is wrong, in bytes", async () => {
    const accented = unknown.replace('{ "action"', '/* é */ { "action"');
    const { exit, said } = await check({ f: accented }, "--json", "f");
    const [problem] = JSON.parse(said[0] ?? "").problems;
    expect(exit).toBe(1);
    expect(problem).toMatchObject({ code: "MESH_RULES_UNKNOWN_NAME", line: 4 });
    const line = Buffer.from(accented).toString("latin1").split("\n")[3] ?? "";
    expect(line.slice(problem.column - 1)).toMatch(/^"tag:wbe:443"/);
  });

  test("a file that cannot be read is not ok, and the others are judged", async () => {
    const { exit, said } = await check({ "a.hujson": good }, "--json", "gone.hujson", "a.hujson");
    expect(exit).toBe(1);
    expect(said.map((line) => JSON.parse(line).ok)).toEqual([false, true]);
    expect(JSON.parse(said[0] ?? "").problems).toMatchObject([{ code: "MESH_CLI_FILE" }]);
  });

  test("what is undecided is no failure", async () => {
    const role = good.replace('"src": ["alice@example.com"], "dst"', '"src": ["autogroup:admin"], "dst"');
    const { exit, said } = await check({ f: role }, "--json", "f");
    expect(exit).toBe(0);
    expect(JSON.parse(said[0] ?? "")).toMatchObject({ ok: true, tests: { passed: 0, failed: 0, undecided: 1 } });
  });

  test("devices decide what names cannot", async () => {
    const byAddress = good.replace('"accept": ["tag:web:443"]', '"accept": ["100.64.0.1:443"]');
    const without = await check({ f: byAddress }, "--json", "f");
    const known = await check({ f: byAddress, d: devices }, "--json", "--devices", "d", "f");
    expect(JSON.parse(without.said[0] ?? "").tests).toEqual({ passed: 0, failed: 0, undecided: 1 });
    expect(JSON.parse(known.said[0] ?? "").tests).toEqual({ passed: 1, failed: 0, undecided: 0 });
  });

  test("Headscale refuses what it does not know", async () => {
    const owned = good.replace('["alice@example.com"] }', '["autogroup:admin"] }');
    expect((await check({ f: owned }, "--json", "f")).exit).toBe(0);
    const { exit, said } = await check({ f: owned }, "--json", "--server", "headscale", "f");
    expect(exit).toBe(1);
    expect(JSON.parse(said[0] ?? "").problems).toMatchObject([{ code: "MESH_RULES_HEADSCALE", line: 3 }]);
  });
});

describe("syntax", () => {
  const verdict = async (text: string, ...args: string[]) => {
    const { said } = await check({ f: text }, "--json", ...args, "f");
    return JSON.parse(said[0] ?? "");
  };

  test("duplicates and what is no object are problems, but not of syntax", async () => {
    for (const text of ['{"acls": [], "acls": []}', "[]", '"x"', '{"hosts": {"a": "10.0.0.1", "a": "10.0.0.1"}}']) {
      expect((await verdict(text)).ok, text).toBe(false);
      expect((await verdict(text, "--syntax")).ok, text).toBe(true);
    }
  });

  test("a last comment without its newline is a warning, and an error of syntax", async () => {
    const text = `${good}// end`;
    expect(await verdict(text)).toMatchObject({
      ok: true,
      problems: [{ severity: "warning", code: "MESH_RULES_FINAL_NEWLINE", line: 7, column: 1 }],
      tests: { passed: 1 },
    });
    expect(await verdict(text, "--syntax")).toMatchObject({ ok: false, problems: [{ code: "MESH_HUJSON_SYNTAX" }] });
  });

  test("--syntax looks at nothing else", async () => {
    expect(await verdict(failing, "--syntax")).toEqual({
      file: "f",
      ok: true,
      problems: [],
      tests: { passed: 0, failed: 0, undecided: 0 },
    });
  });

  test("bytes are judged, not what a decoder makes of them", async () => {
    const bytes = new Uint8Array([...new TextEncoder().encode("// "), 0xff, 0x0a, ...new TextEncoder().encode("{}")]);
    const { exit } = await check({ f: bytes }, "f");
    expect(exit).toBe(1);
  });

  interface Case {
    readonly id: string;
    readonly input?: string;
    readonly inputBase64?: string;
    readonly ok: boolean;
    readonly line?: number;
    readonly column?: number;
    readonly stable: boolean;
  }
  const cases = sharedLines<Case>("hujson-cases.jsonl.gz");
  if (cases !== undefined) {
    test("402 texts have the verdict and the place of Go's reader", async () => {
      expect(cases).toHaveLength(402);
      const files = Object.fromEntries(
        cases.map(({ id, input, inputBase64 }) => [
          id,
          inputBase64 === undefined ? (input ?? "") : new Uint8Array(Buffer.from(inputBase64, "base64")),
        ]),
      );
      const { said } = await check(files, "--syntax", "--json", ...cases.map(({ id }) => id));
      const verdicts = said.map((line) => JSON.parse(line));
      for (const [i, one] of cases.entries()) {
        if (!one.stable) continue;
        const { ok, problems } = verdicts[i];
        const place = one.ok ? [] : [{ line: one.line, column: one.column }];
        expect({ id: one.id, ok, problems }).toMatchObject({ id: one.id, ok: one.ok, problems: place });
      }
    });
  }
});

describe("for people", () => {
  test("each problem is a line with its place, then the verdict", async () => {
    const { said } = await check({ "p.hujson": unknown, "q.hujson": good }, "p.hujson", "q.hujson");
    expect(said).toEqual([
      expect.stringMatching(/^p\.hujson:4:\d+: error MESH_RULES_UNKNOWN_NAME: dst: tag not found: "tag:wbe"$/),
      "p.hujson: not ok",
      "q.hujson: ok; tests: 1 passed",
    ]);
  });

  test("nothing from a file reaches the terminal as an escape or a workflow command", async () => {
    const evil = unknown.replace("tag:wbe", "tag:\\u001b[2J\\u202e##[x]");
    const { said } = await check({ "::e\u001b[2J": evil }, "::e\u001b[2J");
    expect(said.length).toBe(2);
    for (const line of said) {
      for (const bad of ["\u001b", "\u202e", "##["]) expect(line).not.toContain(bad);
      expect(line).not.toMatch(/^::/);
    }
  });
});

describe("usage errors exit with 2", () => {
  test.each([
    [["policy", "check"], "needs a FILE"],
    [["policy", "check", "--what", "f"], "--what"],
    [["policy", "check", "--server", "other", "f"], "tailscale or headscale"],
    [["policy", "check", "--devices", "gone", "f"], "gone"],
    [["policy", "check", "--devices", "broken", "f"], "not JSON"],
    [["policy", "check", "--devices", "list", "f"], "devices file"],
    [["policy", "chekc", "f"], "no command"],
  ])("%j", async (args, said) => {
    const terminal = capturedTerminal({ f: good, broken: "{", list: "[]" });
    expect(await runCli(args, terminal)).toBe(2);
    expect(terminal.complained.join("\n")).toContain(said);
    expect(terminal.said).toEqual([]);
  });

  test("help is help", async () => {
    const terminal = capturedTerminal({});
    expect(await runCli(["--help"], terminal)).toBe(0);
    expect(terminal.said.join("\n")).toMatch(/tailmesh policy check \[--syntax\].*[\s\S]*tailmesh policy reach/);
  });
});
