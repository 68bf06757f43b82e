// Verbs that work inside the world. The program enters it and runs there.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { alone } from "./alone.ts";
import { heal } from "./heal.ts";
import { injectFault } from "./inject.ts";
import { progress } from "./progress.ts";
import { reboot } from "./reboot.ts";
import { runAction, runPending, type StepOptions } from "./runner.ts";
import { status } from "./status.ts";
import { upInside } from "./up.ts";
import type { Words } from "./words.ts";

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
    ...(typeof flags["fault-on"] === "string" && {
      meanwhile: {
        on: new RegExp(flags["fault-on"], "m"),
        work: () => alone(() => injectFault(String(flags["fault"]))),
      },
    }),
    show: (text) => void (flags["json"] === true || process.stdout.write(text)),
  };
}

const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** Verbs that work inside the world. Each answers an exit code. */
export const inside: Readonly<Record<string, (words: Words) => Promise<number>>> = {
  "up-inside": async () => {
    await upInside();
    return 0;
  },
  status: async () => {
    process.stdout.write(`${await status()}\n`);
    return 0;
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
