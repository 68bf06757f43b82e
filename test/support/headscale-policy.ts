/** Reads, checks and evaluates a policy as far as Headscale 0.29 does in the cases that tests and the embedded world need. */
import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";

/** Of jsonc-parser's SyntaxKind, whose values cannot be imported as values. */
const token = { lineComment: 12, blockComment: 13, end: 17 } as const;

/** A reason in Headscale's own words, without the names of its steps. */
export class PolicyRefusal extends Error {}

export interface PolicyNode {
  readonly tags: readonly string[];
  readonly ipAddresses: readonly string[];
}

interface Grant {
  readonly src?: readonly string[];
  readonly dst?: readonly string[];
  readonly ip?: readonly string[];
}
interface Acl {
  readonly action?: string;
  readonly proto?: string;
  readonly src?: readonly string[];
  readonly dst?: readonly string[];
}
interface PolicyTest {
  readonly src: string;
  readonly proto?: string;
  readonly accept?: readonly string[];
  readonly deny?: readonly string[];
}
export interface PolicyValue {
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly hosts?: Readonly<Record<string, string>>;
  readonly tagOwners?: Readonly<Record<string, readonly string[]>>;
  readonly acls?: readonly Acl[];
  readonly grants?: readonly Grant[];
  readonly autoApprovers?: { readonly routes?: Readonly<Record<string, readonly string[]>> };
  readonly tests?: readonly PolicyTest[];
}

const members = [
  ...["groups", "hosts", "tagOwners", "acls", "grants", "nodeAttrs"],
  ...["autoApprovers", "ssh", "tests", "sshTests", "randomizeClientPort"],
];

/** What one server takes that another refuses. */
export interface PolicyDialect {
  /** Sections that are known beside Headscale's. */
  readonly sections: readonly string[];
  /** `autogroup:admin` and the like may own tags and approve. */
  readonly ownerAutogroups: boolean;
}

const headscaleDialect: PolicyDialect = { sections: [], ownerAutogroups: false };

/** Null: there is none, everything is allowed (an empty text, `null`, `{}` without rules). Throws PolicyRefusal. */
export function readPolicy(text: string, dialect: PolicyDialect = headscaleDialect): PolicyValue | null {
  if (text === "") return null;
  const tree = parse(text);
  if (tree.type === "null") return null;
  if (tree.type !== "object")
    throw new PolicyRefusal(`parsing policy from bytes: json: cannot unmarshal JSON ${tree.type} into Go v2.Policy`);
  refuseDuplicates(tree);
  const names = (tree.children ?? []).map((property) => String(property.children?.[0]?.value));
  const known = [...members, ...dialect.sections];
  const unknown = names.find((name) => !known.some((member) => member.toLowerCase() === name.toLowerCase()));
  if (unknown !== undefined) throw new PolicyRefusal(`unknown field: "${unknown}"`);
  const policy = toValue(tree) as PolicyValue;
  checkReferences(policy, dialect);
  return policy;
}

function parse(text: string): Node {
  const open = openComment(text);
  if (open !== undefined) throw syntax(text, open, "parsing comment: unexpected EOF");
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  // The place is exact, the words are the other parser's.
  if (first) throw syntax(text, first.offset, `invalid: ${printParseErrorCode(first.error)}`);
  if (!tree) throw syntax(text, text.length, "parsing value: unexpected EOF");
  return tree;
}

/** Where a comment starts that does not end: a line comment needs its newline, also at the end of the file. */
function openComment(text: string): number | undefined {
  const scanner = createScanner(text);
  for (let kind: number = scanner.scan(); kind !== token.end; kind = scanner.scan()) {
    const found = text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength());
    const isLast = scanner.getPosition() >= text.length;
    if (kind === token.lineComment && isLast) return scanner.getTokenOffset();
    if (kind === token.blockComment && !found.endsWith("*/")) return scanner.getTokenOffset();
  }
  return undefined;
}

/** Line and column from 1, the column in bytes. */
function syntax(text: string, offset: number, why: string): PolicyRefusal {
  const lines = text.slice(0, offset).split("\n");
  const column = Buffer.byteLength(lines.at(-1) ?? "") + 1;
  return new PolicyRefusal(`parsing HuJSON: hujson: line ${lines.length}, column ${column}: ${why}`);
}

function refuseDuplicates(node: Node): void {
  const seen = new Set<string>();
  for (const child of node.children ?? []) {
    if (node.type === "object") {
      const name = String(child.children?.[0]?.value);
      if (seen.has(name)) {
        throw new PolicyRefusal(
          `parsing policy from bytes: jsontext: duplicate object member name ${JSON.stringify(name)}`,
        );
      }
      seen.add(name);
    }
    refuseDuplicates(child);
  }
}

function toValue(node: Node): unknown {
  if (node.type === "array") return (node.children ?? []).map(toValue);
  if (node.type !== "object") return node.value;
  return Object.fromEntries(
    (node.children ?? []).map((property) => {
      const [name, value] = property.children ?? [];
      const canonical = members.find((member) => member.toLowerCase() === String(name?.value).toLowerCase());
      return [canonical ?? String(name?.value), value ? toValue(value) : null];
    }),
  );
}

function checkReferences(policy: PolicyValue, { ownerAutogroups }: PolicyDialect): void {
  const check = (alias: string, prefix = ""): void => {
    const is = (kind: string): boolean => alias.startsWith(kind);
    if (is("tag:") && policy.tagOwners?.[alias] === undefined) {
      throw new PolicyRefusal(`${prefix}tag not found: "${alias}"`);
    }
    if (is("group:") && policy.groups?.[alias] === undefined) {
      throw new PolicyRefusal(`group not defined in policy: "${alias}"`);
    }
    const known =
      alias === "*" || is("tag:") || is("group:") || is("autogroup:") || alias.includes("@") || rangeOf(alias);
    if (!known && policy.hosts?.[alias] === undefined)
      throw new PolicyRefusal(`host not defined in policy: "${alias}"`);
  };
  for (const rule of [...(policy.acls ?? []), ...(policy.grants ?? [])])
    for (const src of rule.src ?? []) check(src, "src=");
  for (const acl of policy.acls ?? [])
    for (const dst of acl.dst ?? []) check(splitPort(dst)[0], `dst="${splitPort(dst)[0]}": `);
  for (const grant of policy.grants ?? []) {
    if (!grant.ip && !("app" in grant)) throw new PolicyRefusal("ip and app can not both be empty");
    for (const dst of grant.dst ?? []) check(dst);
  }
  for (const approvers of Object.values(policy.autoApprovers?.routes ?? {}))
    for (const approver of approvers) check(approver);
  for (const [tag, owners] of Object.entries(policy.tagOwners ?? {})) {
    for (const [index, owner] of owners.entries()) {
      if (owner.startsWith("autogroup:") && !ownerAutogroups) {
        throw new PolicyRefusal(
          `parsing policy from bytes: json: cannot unmarshal JSON string into Go v2.OwnerEnc within "/tagOwners/${tag}/${index}": invalid owner format: "${owner}"`,
        );
      }
      check(owner);
    }
  }
}

/** Throws PolicyRefusal with every test that fails. As measured: a source prefix passes when any part of it does, and without `proto` any protocol will do, ICMP too. */
export function runTests(policy: PolicyValue | null, nodes: readonly PolicyNode[]): void {
  const failures = (policy?.tests ?? []).flatMap((test) => failuresOf(policy, nodes, test));
  if (failures.length > 0) throw new PolicyRefusal(`test(s) failed:\n${failures.join("\n")}`);
}

function failuresOf(policy: PolicyValue | null, nodes: readonly PolicyNode[], test: PolicyTest): readonly string[] {
  const sources = rangesOf(policy, nodes, test.src);
  if (sources.length === 0) return [`${test.src}: source "${test.src}" resolved to no IP addresses`];
  const proto = test.proto ? ` (${test.proto})` : "";
  const outcome = (target: string, wanted: boolean): readonly string[] => {
    const [host, port] = splitPort(target);
    const targets = rangesOf(policy, nodes, host);
    if (targets.length === 0)
      return [`${test.src}: error testing "${target}": destination resolved to no IP addresses: "${target}"`];
    const protocols = test.proto ? [test.proto] : ["tcp", "udp", "icmp"];
    const got = targets.some((to) =>
      sources.some((from) => protocols.some((p) => allows(policy, nodes, from, to, p, Number(port)))),
    );
    const word = (yes: boolean): string => (yes ? "ALLOWED" : "DENIED");
    return got === wanted ? [] : [`${test.src} -> ${target}${proto}: expected ${word(wanted)}, got ${word(got)}`];
  };
  return [
    ...(test.accept ?? []).flatMap((target) => outcome(target, true)),
    ...(test.deny ?? []).flatMap((target) => outcome(target, false)),
  ];
}

/** Whether a connection between two IPv4 addresses passes. Without any rule section everything does. */
export function isAllowed(
  policy: PolicyValue | null,
  nodes: readonly PolicyNode[],
  connection: { readonly from: string; readonly to: string; readonly protocol: string; readonly port: number },
): boolean {
  const [from, to] = [rangeOf(connection.from), rangeOf(connection.to)];
  return (
    from !== undefined && to !== undefined && allows(policy, nodes, from, to, connection.protocol, connection.port)
  );
}

function allows(
  policy: PolicyValue | null,
  nodes: readonly PolicyNode[],
  from: Range,
  to: Range,
  protocol: string,
  port: number,
): boolean {
  if (!policy || (!policy.acls && !policy.grants)) return true;
  const touches = (alias: string, range: Range): boolean =>
    rangesOf(policy, nodes, alias).some(([first, last]) => range[1] >= first && range[0] <= last);
  const any = (aliases: readonly string[] | undefined, range: Range): boolean =>
    (aliases ?? []).some((alias) => touches(alias, range));
  const byGrant = (policy.grants ?? []).some(
    (grant) =>
      any(grant.src, from) && any(grant.dst, to) && (grant.ip ?? []).some((spec) => matchesSpec(spec, protocol, port)),
  );
  const byAcl = (policy.acls ?? []).some((acl) => {
    const protocolFits = acl.proto === undefined || acl.proto === "" || acl.proto === protocol;
    return (
      protocolFits &&
      any(acl.src, from) &&
      (acl.dst ?? []).some((dst) => touches(splitPort(dst)[0], to) && inPorts(splitPort(dst)[1], port))
    );
  });
  return byGrant || byAcl;
}

function matchesSpec(spec: string, protocol: string, port: number): boolean {
  const [first = "", second] = spec.split(":");
  if (second === undefined) return first === "*" || (["tcp", "udp"].includes(protocol) && inPorts(first, port));
  return (first === "*" || first === protocol) && (protocol === "icmp" || inPorts(second, port));
}

function inPorts(spec: string, port: number): boolean {
  return spec.split(",").some((part) => {
    const [first = "", last = first] = part.split("-");
    return part === "*" || (port >= Number(first) && port <= Number(last));
  });
}

function splitPort(target: string): readonly [string, string] {
  const at = target.lastIndexOf(":");
  return [target.slice(0, at), target.slice(at + 1)];
}

type Range = readonly [first: number, last: number];

/** IPv4 ranges that an alias of a rule stands for. */
function rangesOf(policy: PolicyValue | null, nodes: readonly PolicyNode[], alias: string): readonly Range[] {
  if (alias === "*" || alias === "autogroup:danger-all") return [[0, 2 ** 32 - 1]];
  const addresses = (chosen: readonly PolicyNode[]): readonly Range[] =>
    chosen.flatMap((n) => n.ipAddresses.flatMap((ip) => [rangeOf(ip) ?? []].filter(isRange)));
  if (alias === "autogroup:tagged") return addresses(nodes.filter((node) => node.tags.length > 0));
  if (alias.startsWith("tag:")) return addresses(nodes.filter((node) => node.tags.includes(alias)));
  const host = policy?.hosts?.[alias] ?? alias;
  return [rangeOf(host) ?? []].filter(isRange);
}

function isRange(value: Range | readonly never[]): value is Range {
  return value.length === 2;
}

/** An IPv4 address or prefix as its first and last address; undefined for anything else. */
export function rangeOf(text: string): Range | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text);
  if (!match) return undefined;
  const value = match.slice(1, 5).reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(match[5] ?? 32));
  const first = Math.floor(value / size) * size;
  return [first, first + size - 1];
}

/** Whether the policy approves this route for a node with these tags. */
export function isAutoApproved(policy: PolicyValue | null, tags: readonly string[], route: string): boolean {
  const wanted = rangeOf(route);
  return Object.entries(policy?.autoApprovers?.routes ?? {}).some(([prefix, approvers]) => {
    const range = rangeOf(prefix);
    const covers = wanted && range && wanted[0] >= range[0] && wanted[1] <= range[1];
    return covers === true && approvers.some((approver) => tags.includes(approver));
  });
}
