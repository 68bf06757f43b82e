/** How derived rules and tests are written, as grants or in the older form of acls. */
import type { Port } from "../mesh/mesh.ts";
import type { DerivedRule, DerivedTest } from "./desired.ts";

/** One entry of a list: its members in the order in which they are written. */
export interface WrittenEntry {
  readonly name: string;
  readonly members: Readonly<Record<string, string | readonly string[]>>;
}

export type RuleStyle = "grants" | "acls";

/** The entries of a rule in that style; acls need one for each protocol. */
export function ruleEntries(rule: DerivedRule, style: RuleStyle): readonly WrittenEntry[] {
  if (style === "grants") {
    const ip = rule.ports.length === 0 ? ["*"] : rule.ports.map(grantPort);
    return [{ name: rule.name, members: { src: rule.src, dst: rule.dst, ip } }];
  }
  const groups = Map.groupBy(rule.ports.length === 0 ? [everything] : rule.ports, (port) => port.protocol);
  return [...groups].map(([protocol, ports]) => ({
    name: protocol === "any" ? rule.name : `${rule.name}/${protocol}`,
    members: {
      action: "accept",
      ...(protocol === "any" ? {} : { proto: protocol }),
      src: rule.src,
      dst: rule.dst.map((prefix) => `${prefix}:${aclPorts(ports)}`),
    },
  }));
}

/** The entry of a test. */
export function testEntry(test: DerivedTest): WrittenEntry {
  return { name: test.name, members: { src: test.src, proto: test.proto, [test.verdict]: test.targets } };
}

/** HuJSON on one line. */
export function entryText(entry: WrittenEntry): string {
  const members = Object.entries(entry.members).map(([name, value]) => `${JSON.stringify(name)}: ${memberText(value)}`);
  return `{ ${members.join(", ")} }`;
}

/** A string, or a list of strings, on one line. */
export function memberText(value: string | readonly string[]): string {
  return typeof value === "string" ? JSON.stringify(value) : `[${value.map((v) => JSON.stringify(v)).join(", ")}]`;
}

const everything: Port = { protocol: "any", first: undefined, last: undefined };

function grantPort(port: Port): string {
  if (port.protocol === "any") return range(port);
  return `${port.protocol}:${range(port)}`;
}

function aclPorts(ports: readonly Port[]): string {
  const ranges = ports.map(range);
  return ranges.includes("*") ? "*" : ranges.join(",");
}

function range(port: Port): string {
  if (port.first === undefined || port.protocol === "icmp") return "*";
  return port.last === undefined || port.last === port.first ? `${port.first}` : `${port.first}-${port.last}`;
}
