/** `tailmesh policy reach`: who reaches what under a policy, on which ports, by which line. Asks no server. */
import { inertText } from "../mesh/inert.ts";
import type { Devices } from "../policy/rules/devices.ts";
import { type Evaluation, evaluate } from "../policy/rules/evaluate.ts";
import { filtersOf } from "../policy/rules/filter.ts";
import { peersOf } from "../policy/rules/peers.ts";
import { reachRows } from "../policy/rules/reach.ts";
import { readArguments, usageError } from "./arguments.ts";
import type { Command } from "./command.ts";
import { readDevicesFile } from "./devices-file.ts";
import { problemLine } from "./problem-lines.ts";
import { tableLines } from "./table.ts";

export const policyReach: Command = {
  words: ["policy", "reach"],
  usage: "--devices FILE [--json] FILE",
  help: "Who reaches what, on which ports, by which line of the policy?",
  run(args, terminal) {
    const { values, positionals } = readArguments(args, {
      devices: { type: "string" },
      json: { type: "boolean", default: false },
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return usageError("policy reach needs one FILE");
    if (values.devices === undefined) return usageError("policy reach needs --devices FILE");
    const given = readDevicesFile(terminal, values.devices);
    const evaluation = evaluate(terminal.read(file), { devices: given });
    for (const problem of evaluation.problems) terminal.err(problemLine(file, problem));
    const isRefused = evaluation.problems.some(
      ({ severity, code }) => severity === "error" && code !== "MESH_RULES_TEST_FAILED",
    );
    if (isRefused || evaluation.devices === undefined) return 1;
    const lines = values.json
      ? [reachJson(evaluation, evaluation.devices)]
      : reachTable(evaluation, evaluation.devices);
    for (const line of lines) terminal.out(line);
    return 0;
  },
};

function reachJson({ access }: Evaluation, devices: Devices): string {
  const filters = filtersOf(access);
  const peers = peersOf(access, devices);
  const shown = devices.nodes.map(({ name }) => [
    name,
    { peers: peers.get(name) ?? [], filter: filters.get(name) ?? [] },
  ]);
  return JSON.stringify({ devices: Object.fromEntries(shown) });
}

function reachTable({ access, document }: Evaluation, devices: Devices): readonly string[] {
  const rows = document === undefined ? [] : reachRows(document, access, devices);
  if (rows.length === 0) return ["Nothing reaches anything."];
  const cells = rows.map(({ from, device, target, ports, line }) => [
    from.join(", "),
    target === "itself" ? device : `${device}: ${target}`,
    ports,
    line === undefined ? "no rules are written" : `line ${line}`,
  ]);
  return tableLines([["FROM", "TO", "PORTS", "BY"], ...cells.map((row) => row.map((cell) => inertText(cell, 300)))]);
}
