/** `iptables`, `iptables-save`, `iptables-restore` over the machine's packet filter. */
import { done, failed } from "../channel.ts";
import { NetfilterError } from "../netfilter.ts";
import type { Command } from "./context.ts";

/** `-w`, `-w N`, `--wait`, `-W N` before or between the words. */
function withoutWait(args: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const a = args[i] ?? "";
    if (/^(-w|--wait|-W|--wait-interval)$/.test(a)) {
      if (/^\d+$/.test(args[i + 1] ?? "")) i++;
    } else if (!/^--?(w|wait)[=\d]/.test(a)) {
      kept.push(a);
    }
  }
  return kept;
}

export const iptables: Command = async (all, context) => {
  const args = withoutWait(all);
  if (args[0] === "-V" || args[0] === "--version") return done("iptables v1.8.9 (nf_tables)\n");
  let table = "filter";
  const at = args.findIndex((a) => a === "-t" || a === "--table");
  if (at >= 0) table = args.splice(at, 2)[1] ?? "";
  const long: Readonly<Record<string, string>> = {
    "--append": "-A",
    "--insert": "-I",
    "--delete": "-D",
    "--check": "-C",
    "--new-chain": "-N",
    "--delete-chain": "-X",
    "--flush": "-F",
    "--list-rules": "-S",
    "-nL": "-S",
    "-L": "-S",
  };
  const words = args.filter((a) => a !== "-n").map((a) => long[a] ?? a);
  try {
    const before = context.machine.netfilter.save();
    const output = context.machine.netfilter.command(table, words);
    if (context.machine.netfilter.save() !== before)
      context.changes(`iptables -t ${table} ${words.slice(0, 2).join(" ")}`);
    return done(output);
  } catch (error) {
    if (error instanceof NetfilterError) return failed(error.message);
    throw error;
  }
};

export const iptablesSave: Command = async (args, { machine }) => {
  const at = args.indexOf("-t");
  return done(machine.netfilter.save(at < 0 ? undefined : args[at + 1]));
};

export const iptablesRestore: Command = async (args, context) => {
  const text = await context.input();
  try {
    if (!args.includes("--test")) {
      context.changes("iptables-restore");
      context.machine.netfilter.restore(text, args.includes("--noflush") || args.includes("-n"));
    }
    return done();
  } catch (error) {
    if (error instanceof NetfilterError) return failed(error.message);
    throw error;
  }
};
