/** Commands that only tell what kind of machine it is, and `sysctl`. */
import { existsSync, readFileSync } from "node:fs";
import { done, failed } from "../channel.ts";
import type { Command, Context } from "./context.ts";

const uname: Command = async (args, { machine }) => {
  if (args.includes("-m")) return done("x86_64\n");
  if (args.includes("-n")) return done(`${machine.name}\n`);
  return done(args.includes("-r") ? "6.1.0-simulated\n" : "Linux\n");
};

const hostname: Command = async (_, { machine }) => done(`${machine.name}\n`);

const id: Command = async (args) => done(args.includes("-u") ? "0\n" : "uid=0(root) gid=0(root) groups=0(root)\n");

/** Nothing is installed by packages here. */
const packages: Command = async () => failed("no packages found matching tailscale");

const silent: Command = async () => done();

const sysctl: Command = async (args, context) => {
  const words = args.filter((a) => !/^-(q|w|e|n)$/.test(a));
  const file = words[0] === "-p" ? words[1] : undefined;
  if (file !== undefined) {
    if (!existsSync(file)) return failed(`sysctl: cannot open "${file}": No such file or directory`);
    for (const line of readFileSync(file, "utf8").split("\n")) assign(line, context);
    return done();
  }
  for (const word of words) assign(word, context);
  return done(
    words
      .filter((w) => !w.includes("="))
      .map((w) => `${context.machine.sysctl(w)}\n`)
      .join(""),
  );
};

function assign(line: string, context: Context): void {
  const [key = "", value] = line.split("=").map((part) => part.trim());
  if (value === undefined || key.startsWith("#")) return;
  context.machine.write(`/proc/sys/${key.replaceAll(".", "/")}`, `${value}\n`);
  context.changes(`sysctl ${key}`);
}

export const plainCommands: Readonly<Record<string, Command>> = {
  uname,
  hostname,
  id,
  "dpkg-query": packages,
  rpm: packages,
  nft: silent,
  journalctl: silent,
  sysctl,
};
