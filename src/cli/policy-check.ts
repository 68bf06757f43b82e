/** `tailmesh policy check`: is a policy valid, and do its tests pass? Asks no server. */
import { parseHujson } from "../hujson/parse.ts";
import { MeshError } from "../mesh/error.ts";
import { inertLine, inertText } from "../mesh/inert.ts";
import type { Devices } from "../policy/rules/devices.ts";
import { type Evaluation, evaluate } from "../policy/rules/evaluate.ts";
import type { Problem, Server } from "../policy/rules/reading.ts";
import { readArguments, usageError } from "./arguments.ts";
import type { Command } from "./command.ts";
import { readDevicesFile } from "./devices-file.ts";
import { problemLine } from "./problem-lines.ts";
import type { Terminal } from "./terminal.ts";

export const policyCheck: Command = {
  words: ["policy", "check"],
  usage: "[--syntax] [--server tailscale|headscale] [--devices FILE] [--json] FILE…",
  help: "Is each policy valid, and do its tests pass? Exit status 1 when one is not or does not.",
  run(args, terminal) {
    const { values, positionals } = readArguments(args, {
      syntax: { type: "boolean", default: false },
      server: { type: "string", default: "tailscale" },
      devices: { type: "string" },
      json: { type: "boolean", default: false },
    });
    if (positionals.length === 0) usageError("policy check needs a FILE");
    const server = readServer(values.server);
    const devices = values.devices === undefined ? undefined : readDevicesFile(terminal, values.devices);
    let isAllOk = true;
    for (const file of positionals) {
      const verdict = checkFile(terminal, file, values.syntax, server, devices);
      isAllOk &&= verdict.ok;
      for (const line of values.json ? [jsonLine(file, verdict)] : humanLines(file, verdict)) terminal.out(line);
    }
    return isAllOk ? 0 : 1;
  },
};

/** A problem of the policy, or of reading its file. */
interface Found extends Omit<Problem, "code"> {
  readonly code: string;
}

interface Verdict extends Pick<Evaluation, "ok" | "tests"> {
  readonly problems: readonly Found[];
}

const untested = { passed: 0, failed: 0, undecided: 0 };

function readServer(text: string): Server {
  if (text === "tailscale" || text === "headscale") return text;
  return usageError(`--server is tailscale or headscale, not "${text}"`);
}

function checkFile(
  terminal: Terminal,
  file: string,
  isSyntaxOnly: boolean,
  server: Server,
  devices: Devices | undefined,
): Verdict {
  let bytes: Uint8Array;
  try {
    bytes = terminal.read(file);
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    const problem: Found = { severity: "error", code: error.code, message: error.message, line: 1, column: 1 };
    return { ok: false, problems: [problem], tests: untested };
  }
  if (!isSyntaxOnly) return evaluate(bytes, { server, ...(devices === undefined ? {} : { devices }) });
  const result = parseHujson(bytes);
  if (result.ok) return { ok: true, problems: [], tests: untested };
  const { text, line, column } = result.problem;
  const problem: Found = { severity: "error", code: "MESH_HUJSON_SYNTAX", message: inertText(text, 200), line, column };
  return { ok: false, problems: [problem], tests: untested };
}

function jsonLine(file: string, { ok, problems, tests }: Verdict): string {
  const plain = problems.map(({ severity, code, message, line, column }) => ({
    severity,
    code,
    message,
    line,
    column,
  }));
  return JSON.stringify({ file, ok, problems: plain, tests });
}

function humanLines(file: string, { ok, problems, tests }: Verdict): readonly string[] {
  const counts = (["passed", "failed", "undecided"] as const).filter((kind) => tests[kind] > 0);
  const said = counts.length === 0 ? "" : `; tests: ${counts.map((kind) => `${tests[kind]} ${kind}`).join(", ")}`;
  return [
    ...problems.map((problem) => problemLine(file, problem)),
    inertLine(`${file}: ${ok ? "ok" : "not ok"}${said}`),
  ];
}
