// What of the machine the lab must leave alone, as text to compare.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./exec.ts";
import { handover, labNameOf } from "./paths.ts";

export interface Machine {
  readonly addresses: string;
  readonly routes: string;
  readonly rules: string;
  readonly firewall: string;
  readonly namespaces: string;
  readonly sysctl: Readonly<Record<string, string>>;
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
  readonly processes: readonly string[];
}

/** What must not differ even while a lab is up. */
export const untouched = ["addresses", "routes", "rules", "firewall", "namespaces"] as const;

async function lines(...argv: string[]): Promise<string> {
  const { stdout } = await run(argv).catch(() => ({ stdout: "" }));
  return stdout
    .split("\n")
    .map((line) =>
      line
        .replace(/\s+/g, " ")
        .replace(/(valid_lft|preferred_lft|expires) \S+/g, "")
        .trim(),
    )
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replace(/\[\d+:\d+\]/, "").replace(/counter packets \d+ bytes \d+/, "counter"))
    .join("\n");
}

async function sysctl(): Promise<Record<string, string>> {
  const text = await lines(
    "sysctl",
    "-e",
    "vm",
    "kernel.panic",
    "kernel.panic_on_oops",
    "kernel.pid_max",
    "kernel.core_pattern",
  );
  const more = await lines(
    "sysctl",
    "-e",
    "-a",
    "-r",
    "^(vm\\.overcommit|vm\\.panic|kernel\\.keys|fs\\.protected|net\\.ipv4\\.(ip_forward|conf)|net\\.bridge)",
  );
  return Object.fromEntries(
    `${text}\n${more}`
      .split("\n")
      .map((line) => line.split(" = "))
      .filter(([name]) => name !== undefined && name !== "")
      .map(([name, value]) => [name ?? "", value ?? ""]),
  );
}

function processes(name: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const group = readFileSync(join("/proc", pid, "cgroup"), "utf8");
      if (!group.includes(`/${name}`)) continue;
      const words = readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
      // without words: it has ended, and only waits for whoever collects it
      if (words !== "") found.push(words);
    } catch {
      // it has ended
    }
  }
  return found;
}

const groups = async (name: string): Promise<string[]> => {
  const { stdout } = await run(["find", "/sys/fs/cgroup", "-maxdepth", "2", "-name", name]);
  return stdout.split("\n").filter(Boolean).sort();
};

/** Of labs, only the one in this folder counts: others come and go. */
export async function lookAtMachine(folder: string = handover): Promise<Machine> {
  const name = labNameOf(folder);
  return {
    addresses: await lines("ip", "address"),
    routes: `${await lines("ip", "-4", "route", "show", "table", "all")}\n${await lines("ip", "-6", "route", "show", "table", "main")}`,
    rules: `${await lines("ip", "-4", "rule")}\n${await lines("ip", "-6", "rule")}`,
    firewall: `${await lines("iptables-save")}\n${await lines("ip6tables-save")}\n${await lines("nft", "list", "ruleset")}`,
    namespaces: await lines("ip", "netns"),
    sysctl: await sysctl(),
    mounts: readFileSync("/proc/self/mounts", "utf8").split("\n").filter(Boolean),
    cgroups: await groups(name),
    processes: processes(name),
  };
}
