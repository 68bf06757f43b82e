/** A packet filter as `iptables` keeps it: tables, chains, rules in canonical text, and which verdict a packet meets. */
import { Cidr } from "../../src/mesh/cidr.ts";

interface Chain {
  /** `-` for chains of one's own. */
  readonly policy: string;
  rules: string[];
}

export type TableName = "mangle" | "filter" | "nat";

const builtin: Readonly<Record<TableName, readonly string[]>> = {
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
};

export interface Packet {
  readonly in: string;
  readonly out: string;
  readonly from: string;
  readonly to: string;
  readonly protocol: "tcp" | "udp" | "icmp";
  readonly port?: number;
  /** Is the destination an address of the machine itself? */
  readonly local?: boolean;
}

export type Fate = "accept" | "drop" | "reject";

export class NetfilterError extends Error {}

/** One word list of iptables, quoted where iptables-save quotes. */
const word = (w: string): string => (/[\s"']/.test(w) ? `"${w}"` : w);

/** Words of one rule line, with double quotes respected. */
export function splitWords(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? "");
}

const withBits = (address: string): string => (address.includes("/") ? address : `${address}/32`);

/** A rule as iptables-save prints it: addresses, interfaces, protocol, matches, target, in this order. */
export function canonicalRule(words: readonly string[]): string {
  const head = new Map<string, string>();
  const rest: string[] = [];
  let target: string[] = [];
  let not = "";
  const long: Readonly<Record<string, string>> = {
    "--source": "-s",
    "--src": "-s",
    "--destination": "-d",
    "--dst": "-d",
    "--in-interface": "-i",
    "--out-interface": "-o",
    "--protocol": "-p",
    "--jump": "-j",
    "--match": "-m",
  };
  for (let i = 0; i < words.length; i++) {
    const w = long[words[i] ?? ""] ?? words[i] ?? "";
    const value = words[i + 1] ?? "";
    if (w === "!") {
      not = "! ";
    } else if (w === "-j" || w === "-g") {
      target = [w, ...words.slice(i + 1).map(word)];
      break;
    } else if (["-s", "-d", "-i", "-o", "-p"].includes(w)) {
      head.set(w, `${not}${w} ${w === "-s" || w === "-d" ? withBits(value) : value}`);
      not = "";
      i++;
    } else {
      const protocol = head.get("-p")?.split(" ").at(-1);
      const needsMatch = /^--(dport|sport|tcp-flags|icmp-type)$/.test(w) && !rest.join(" ").includes(`-m ${protocol}`);
      if (needsMatch) rest.push("-m", protocol ?? "");
      rest.push(...(not ? ["!"] : []), word(w));
      not = "";
    }
  }
  return [...["-s", "-d", "-i", "-o", "-p"].flatMap((k) => head.get(k) ?? []), ...rest, ...target].join(" ");
}

export class Netfilter {
  readonly #tables = new Map<TableName, Map<string, Chain>>();

  constructor() {
    for (const [table, chains] of Object.entries(builtin)) {
      this.#tables.set(
        table as TableName, // keys of the constant above
        new Map(chains.map((c) => [c, { policy: "ACCEPT", rules: [] }])),
      );
    }
  }

  #chains(table: string): Map<string, Chain> {
    const found = [...this.#tables].find(([name]) => name === table)?.[1];
    if (!found) throw new NetfilterError(`iptables: can't initialize iptables table \`${table}': Table does not exist`);
    return found;
  }

  #chain(table: string, chain: string): Chain {
    const found = this.#chains(table).get(chain);
    if (!found) throw new NetfilterError("iptables: No chain/target/match by that name.");
    return found;
  }

  has(table: TableName, chain: string): boolean {
    return this.#chains(table).has(chain);
  }

  rules(table: TableName, chain: string): readonly string[] {
    return this.#chains(table).get(chain)?.rules ?? [];
  }

  newChain(table: string, chain: string): void {
    if (this.#chains(table).has(chain)) throw new NetfilterError("iptables: Chain already exists.");
    this.#chains(table).set(chain, { policy: "-", rules: [] });
  }

  deleteChain(table: string, chain: string): void {
    if (this.#chain(table, chain).rules.length > 0) throw new NetfilterError("iptables: Directory not empty.");
    const used = [...this.#chains(table).values()].some((c) => c.rules.some((r) => targetOf(r) === chain));
    if (used) throw new NetfilterError("iptables: Too many links.");
    this.#chains(table).delete(chain);
  }

  flush(table: string, chain: string | undefined): void {
    const chains = chain === undefined ? [...this.#chains(table).keys()] : [chain];
    for (const name of chains) this.#chain(table, name).rules = [];
  }

  /** `at` is 1-based; undefined appends. */
  insert(table: string, chain: string, rule: string, at?: number): void {
    const target = targetOf(rule);
    const builtinTarget = /^(ACCEPT|DROP|REJECT|RETURN|MARK|CONNMARK|TCPMSS|MASQUERADE|DNAT|SNAT|LOG)$/.test(target);
    if (target !== "" && !builtinTarget) this.#chain(table, target);
    const { rules } = this.#chain(table, chain);
    rules.splice(at === undefined ? rules.length : at - 1, 0, rule);
  }

  remove(table: string, chain: string, rule: string): void {
    const { rules } = this.#chain(table, chain);
    const at = /^\d+$/.test(rule) ? Number(rule) - 1 : rules.indexOf(rule);
    if (at < 0 || at >= rules.length) {
      throw new NetfilterError("iptables: Bad rule (does a matching rule exist in that chain?).");
    }
    rules.splice(at, 1);
  }

  check(table: string, chain: string, rule: string): void {
    if (!this.#chain(table, chain).rules.includes(rule)) {
      throw new NetfilterError("iptables: Bad rule (does a matching rule exist in that chain?).");
    }
  }

  /** As `iptables -S`. */
  list(table: string, chain: string | undefined): string {
    const chains = chain === undefined ? [...this.#chains(table).keys()] : [chain];
    const lines = chains.flatMap((name) => {
      const { policy, rules } = this.#chain(table, name);
      return [policy === "-" ? `-N ${name}` : `-P ${name} ${policy}`, ...rules.map((r) => `-A ${name} ${r}`)];
    });
    return `${lines.join("\n")}\n`;
  }

  /** As `iptables-save`. */
  save(only?: string): string {
    return [...this.#tables]
      .filter(([table]) => only === undefined || table === only)
      .map(([table, chains]) => {
        const heads = [...chains].map(([name, c]) => `:${name} ${c.policy} [0:0]`);
        const rules = [...chains].flatMap(([name, c]) => c.rules.map((r) => `-A ${name} ${r}`));
        return `# Generated by iptables-save v1.8.9 (nf_tables)\n*${[table, ...heads, ...rules].join("\n")}\nCOMMIT\n`;
      })
      .join("");
  }

  /** As `iptables-restore`; without `--noflush` the named tables start empty. */
  restore(text: string, noflush: boolean): void {
    let table = "";
    for (const line of text.split("\n")) {
      if (line.startsWith("*")) {
        table = line.slice(1).trim();
        if (!noflush) for (const name of this.#chains(table).keys()) this.#chain(table, name).rules = [];
      } else if (line.startsWith(":")) {
        const [name = ""] = line.slice(1).split(" ");
        if (!this.#chains(table).has(name)) this.newChain(table, name);
        else if (this.#chain(table, name).policy === "-") this.flush(table, name);
      } else if (line.startsWith("-")) {
        this.command(table, splitWords(line));
      }
    }
  }

  /** One `-A`, `-I`, `-D`, … with its words. Returns what it prints. */
  command(table: string, words: readonly string[]): string {
    const [verb = "", chain = "", ...rest] = words;
    switch (verb) {
      case "-N":
        this.newChain(table, chain);
        return "";
      case "-X":
        this.deleteChain(table, chain);
        return "";
      case "-F":
        this.flush(table, chain || undefined);
        return "";
      case "-A":
        this.insert(table, chain, canonicalRule(rest));
        return "";
      case "-I": {
        const numbered = /^\d+$/.test(rest[0] ?? "");
        this.insert(table, chain, canonicalRule(numbered ? rest.slice(1) : rest), numbered ? Number(rest[0]) : 1);
        return "";
      }
      case "-D":
        this.remove(table, chain, /^\d+$/.test(rest[0] ?? "") ? (rest[0] ?? "") : canonicalRule(rest));
        return "";
      case "-C":
        this.check(table, chain, canonicalRule(rest));
        return "";
      case "-S":
        return this.list(table, chain || undefined);
      default:
        throw new NetfilterError(`iptables: the simulated world does not know ${words.join(" ")}`);
    }
  }

  /** What a new connection's first packet meets in a chain of the filter or mangle table. */
  fate(table: TableName, chain: string, packet: Packet): Fate {
    return this.#walk(table, chain, packet, { mark: "" }) ?? "accept";
  }

  #walk(table: TableName, chain: string, packet: Packet, state: { mark: string }): Fate | undefined {
    for (const rule of this.rules(table, chain)) {
      if (!matches(rule, packet, state.mark)) continue;
      const target = targetOf(rule);
      if (target === "ACCEPT") return "accept";
      if (target === "DROP") return "drop";
      if (target === "REJECT") return "reject";
      if (target === "RETURN") return undefined;
      if (target === "MARK") state.mark = /--set-xmark (\S+)/.exec(rule)?.[1] ?? "";
      else if (this.has(table, target)) {
        const fate = this.#walk(table, target, packet, state);
        if (fate) return fate;
      }
    }
    return undefined;
  }
}

function targetOf(rule: string): string {
  return /(?:^| )-[jg] (\S+)/.exec(rule)?.[1] ?? "";
}

/** Matches that a new connection's first packet, or an echo request, never meets. */
const notForNew =
  /--ctstate (RELATED|ESTABLISHED|INVALID)|--dst-type BROADCAST|-m nfacct|--icmp-type fragmentation-needed/;

function matches(rule: string, packet: Packet, mark: string): boolean {
  if (notForNew.test(rule)) return false;
  const test = (flag: string, holds: (value: string) => boolean): boolean => {
    const found = new RegExp(`(?:^| )(! )?${flag} (\\S+)`).exec(rule);
    return !found || holds(found[2] ?? "") === (found[1] === undefined);
  };
  const within = (address: string) => (prefix: string) => Cidr.parse(prefix)?.containsAddress(address) ?? false;
  return (
    test("-s", within(packet.from)) &&
    test("-d", within(packet.to)) &&
    test("-i", (name) => name === packet.in) &&
    test("-o", (name) => name === packet.out) &&
    test("-p", (protocol) => protocol === packet.protocol) &&
    test("--dport", (port) => Number(port) === packet.port) &&
    test("--mark", (value) => value === mark) &&
    test("--dst-type", (type) => type !== "LOCAL" || packet.local === true)
  );
}
