// The lab's command line: npm run lab -- VERB. Verbs that work on what is inside enter the world and run there.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { alone } from "./alone.ts";
import { down } from "./down.ts";
import { attach } from "./exec.ts";
import { faultsOf } from "./faults/all.ts";
import { heal } from "./heal.ts";
import { injectFault } from "./inject.ts";
import { enterNode } from "./nodes.ts";
import { checkout } from "./paths.ts";
import { progress } from "./progress.ts";
import { reboot } from "./reboot.ts";
import { readRecord, running } from "./record.ts";
import { enterRunner, runAction, runPending, type StepOptions } from "./runner.ts";
import { status } from "./status.ts";
import { nodeOf, readTopology } from "./topology.ts";
import { up, upInside } from "./up.ts";
import { insideWorld, isInside } from "./world.ts";

const usage = `npm run lab -- VERB

  up [--joined] [--nat] [--topology FILE]   clusters, nothing of ours installed; --joined: a converged mesh
  status                                    what is running
  exec NODE -- CMD…                         on a node, as root (one word: a shell line)
  runner -- CMD…                            on the machine that actions run on
  action NAME [INPUT=VALUE…]                dist/NAME.js as GitHub's runner would run it, then its post; VALUE may be @FILE;
                                            NAME: converge, a folder of actions/, or a path to a folder with action.yml
      --json  --no-post  --debug            one JSON object on stdout; leave the post pending; RUNNER_DEBUG=1
      --kill-on REGEX  --kill-after MS      SIGKILL the action when its log matches, or after a while
  post [--json]                             every pending post, the newest first
  reboot NODE… | --all  [--crash]           an orderly power-off, or none
  fault NAME | --list [--json]              break the mesh in one way
  heal [--bare]                             undo every fault; --bare: take everything of ours away as well
  down                                      leave nothing
`;

interface Words {
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  /** What stands after `--`. */
  readonly command: readonly string[];
}

function parse(words: readonly string[]): Words {
  const cut = words.indexOf("--");
  const own = cut < 0 ? words : words.slice(0, cut);
  const flag = { type: "boolean" } as const;
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: {
      joined: flag,
      nat: flag,
      topology: text,
      json: flag,
      "no-post": flag,
      debug: flag,
      "kill-on": text,
      "kill-after": text,
      all: flag,
      crash: flag,
      list: flag,
      bare: flag,
      help: flag,
    },
  });
  return { positionals, flags: values, command: cut < 0 ? [] : words.slice(cut + 1) };
}

/** One word is a line for the shell, several are a command as it stands. */
function asCommand(words: readonly string[]): readonly string[] {
  if (words.length === 0) throw new Error("no command after --");
  return words.length === 1 ? ["/bin/sh", "-c", words[0] ?? ""] : words;
}

function inputsOf(words: readonly string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals < 1) throw new Error(`not an input: ${word} (wanted NAME=VALUE)`);
    const value = word.slice(equals + 1);
    const file = value.startsWith("@") ? resolve(process.env["TAILMESH_LAB_CALLER"] ?? ".", value.slice(1)) : null;
    given[word.slice(0, equals)] = file === null ? value : readFileSync(file, "utf8");
  }
  return given;
}

function stepOptions({ flags }: Words): StepOptions {
  return {
    post: flags["no-post"] !== true,
    debug: flags["debug"] === true,
    ...(typeof flags["kill-on"] === "string" && { killOn: new RegExp(flags["kill-on"], "m") }),
    ...(typeof flags["kill-after"] === "string" && { killAfter: Number(flags["kill-after"]) }),
    show: (text) => void (flags["json"] === true || process.stdout.write(text)),
  };
}

const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** Verbs that work inside the world. Each answers an exit code. */
const inside: Readonly<Record<string, (words: Words) => Promise<number>>> = {
  "up-inside": async () => {
    await upInside();
    return 0;
  },
  status: async () => {
    process.stdout.write(`${await status()}\n`);
    return 0;
  },
  exec: async ({ positionals, command }) => {
    const node = nodeOf(running().topology, positionals[0] ?? "");
    return await attach([...enterNode(node.name), ...asCommand(command)]);
  },
  runner: async ({ command }) => {
    const cwd = process.env["TAILMESH_LAB_CALLER"] ?? checkout;
    return await attach([...enterRunner(), ...asCommand(command)], { cwd });
  },
  action: async (words) => {
    const [name, ...inputs] = words.positionals;
    if (name === undefined) throw new Error("which action?");
    const result = await runAction(name, inputsOf(inputs), stepOptions(words));
    if (words.flags["json"]) print(result);
    return result.exit;
  },
  post: async (words) => {
    const results = await runPending(stepOptions(words));
    if (words.flags["json"]) print(results);
    return Math.max(0, ...results.map((result) => result.exit));
  },
  reboot: async ({ positionals, flags }) => {
    if (positionals.length === 0 && flags["all"] !== true) throw new Error("which node? (or --all)");
    await alone(() => reboot(positionals, flags["crash"] === true ? "crash" : "power-off"));
    return 0;
  },
  fault: async ({ positionals }) => {
    await alone(() => injectFault(positionals[0] ?? ""));
    progress(`${positionals[0]} is there`);
    return 0;
  },
  heal: async ({ flags }) => {
    await alone(() => heal(flags["bare"] === true));
    return 0;
  },
};

/** Verbs that work on the machine. */
const outside: Readonly<Record<string, (words: Words) => Promise<number>>> = {
  up: async ({ flags }) => {
    const file = flags["topology"];
    await up(readTopology(typeof file === "string" ? resolve(file) : undefined, flags["nat"] === true));
    return flags["joined"] === true ? await insideWorld(["action", "converge"]) : 0;
  },
  down: async () => {
    await down();
    return 0;
  },
};

function listFaults({ flags }: Words): number {
  const topology = readRecord()?.topology ?? readTopology(undefined, false);
  const list = faultsOf(topology).map(({ name, layer, topology: where, what }) => ({
    name,
    layer,
    topology: where,
    what,
  }));
  if (flags["json"]) print(list.map(({ name, layer, topology: where }) => ({ name, layer, topology: where })));
  else process.stdout.write(`${list.map((f) => `${f.name.padEnd(20)} ${f.layer.padEnd(11)} ${f.what}`).join("\n")}\n`);
  return 0;
}

async function main(argv: readonly string[]): Promise<number> {
  const [verb = "", ...rest] = argv;
  const words = parse(rest);
  if (verb === "" || verb === "help" || verb === "--help" || words.flags["help"] === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (verb === "fault" && words.flags["list"] === true) return listFaults(words);
  const machine = outside[verb];
  if (machine) return await machine(words);
  const world = inside[verb];
  if (!world) throw new Error(`no verb ${verb}\n\n${usage}`);
  return isInside ? await world(words) : await insideWorld(argv);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
