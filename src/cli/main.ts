/** Where the command line starts: finds the command, runs it, and turns what goes wrong into an exit status. */
import { MeshError } from "../mesh/error.ts";
import { inertLine } from "../mesh/inert.ts";
import { usageError } from "./arguments.ts";
import type { Command } from "./command.ts";
import { policyCheck } from "./policy-check.ts";
import { policyReach } from "./policy-reach.ts";
import { policyRender } from "./policy-render.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

const commands: readonly Command[] = [policyCheck, policyReach, policyRender];

/** The bundle's entry. */
export async function main(): Promise<void> {
  process.exitCode = await runCli(process.argv.slice(2), processTerminal);
}

/** Exit status: 0 well, 1 not ok, 2 the command itself cannot be carried out. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    if (args.length === 0 || args.includes("--help") || args.includes("-h")) {
      for (const line of helpLines(args)) terminal.out(line);
      return args.length === 0 ? 2 : 0;
    }
    const command = commands.find(({ words }) => words.every((word, i) => args[i] === word));
    if (command === undefined) return usageError(`there is no command "${args.slice(0, 2).join(" ")}"`);
    return await command.run(args.slice(command.words.length), terminal);
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    terminal.err(inertLine(`${error.code}: ${error.message}`));
    terminal.err(inertLine(error.hint));
    return 2;
  }
}

/** Help on the commands that begin with the words given, else on all. */
function helpLines(args: readonly string[]): readonly string[] {
  const words = args.filter((arg) => !arg.startsWith("-"));
  const shown = commands.filter((command) => command.help !== undefined);
  const chosen = shown.filter((command) => words.every((word, i) => command.words[i] === word));
  const list = chosen.length === 0 ? shown : chosen;
  return [
    "Usage:",
    ...list.flatMap(({ words: own, usage, help }) => [`  tailmesh ${own.join(" ")} ${usage}`, `      ${help}`]),
  ];
}
