// The lab's command line: npm run lab -- VERB. Verbs that work on what is inside enter the world and run there.
// A test calls this hundreds of times, so each call loads only what its verb needs.
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cache } from "./paths.ts";
import type { Words } from "./words.ts";

const usage = `npm run lab -- VERB

  up [--joined] [--nat] [--topology FILE]   clusters, nothing of ours installed; --joined: a converged mesh
  status                                    what is running
  exec NODE -- CMD…                         on a node, as root (one word: a shell line)
  runner -- CMD…                            on the machine that actions run on
  action NAME [INPUT=VALUE…]                dist/NAME.js as GitHub's runner would run it, then its post; VALUE may be @FILE;
                                            NAME: converge, a folder of actions/, or a path to a folder with action.yml
      --json  --no-post  --debug            one JSON object on stdout; leave the post pending; RUNNER_DEBUG=1
      --kill-on REGEX  --kill-after MS      SIGKILL the action when its log matches, or after a while
      --fault-on REGEX  --fault NAME        hold the action when its log matches, break the mesh, let it go on
  post [--json]                             every pending post, the newest first
  reboot NODE… | --all  [--crash]           an orderly power-off, or none
  fault NAME | --list [--json]              break the mesh in one way
  heal [--bare]                             undo every fault; --bare: take everything of ours away as well
  down                                      leave nothing
`;

const insideVerbs: ReadonlySet<string> = new Set(["up-inside", "status", "action", "post", "reboot", "fault", "heal"]);

/** A command on a machine or on the runner needs nothing of the lab but its doors. */
async function command(verb: string, { positionals, command: line }: Words): Promise<number> {
  const { commandOn } = await import("./doors.ts");
  const { asCommand } = await import("./words.ts");
  const { attach } = await import("./exec.ts");
  const where = verb === "runner" ? "runner" : { node: positionals[0] ?? "" };
  return await attach([...commandOn(where), ...asCommand(line)]);
}

async function main(argv: readonly string[]): Promise<number> {
  const [verb = "", ...rest] = argv;
  const { parse } = await import("./words.ts");
  const words = parse(rest);
  if (verb === "" || verb === "help" || verb === "--help" || words.flags["help"] === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (verb === "exec" || verb === "runner") return await command(verb, words);
  const isList = verb === "fault" && words.flags["list"] === true;
  if (insideVerbs.has(verb) && !isList) {
    const { insideWorld, isInside } = await import("./world.ts");
    if (!isInside) return await insideWorld(argv);
    const { inside } = await import("./inside.ts");
    return (await inside[verb]?.(words)) ?? 1;
  }
  const { listFaults, outside } = await import("./outside.ts");
  if (isList) return listFaults(words);
  const machine = outside[verb];
  if (!machine) throw new Error(`no verb ${verb}\n\n${usage}`);
  return await machine(words);
}

enableCompileCache(join(cache, "compiled"));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
