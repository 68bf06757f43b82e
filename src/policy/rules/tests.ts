/** `tests`: what must and must not be reachable, judged by the rules. */
import type { TreeNode } from "../../hujson/tree.ts";
import { splitTarget } from "./acls.ts";
import type { Devices } from "./devices.ts";
import { addressesOf, getsThrough } from "./headscale-tests.ts";
import { type Answer, both, coversSource, coversTarget, either, type Party } from "./party.ts";
import { hasPorts, parseProtocol } from "./ports.ts";
import { type Located, type Reading, readList, readMembers, readText } from "./reading.ts";
import type { Rule } from "./rule.ts";
import type { Names } from "./selector.ts";
import { readEither } from "./sides.ts";
import { type Outcome, readParties, worst } from "./verdict.ts";

/** What a test is judged by. */
export interface Ground {
  readonly names: Names;
  /** undefined where a policy has no access rules at all, which allows everything. */
  readonly rules: readonly Rule[] | undefined;
  readonly devices: Devices | undefined;
}

const memberNames = {
  both: ["src", "proto", "accept", "deny"],
  tailscaleOnly: ["user", "allow", "srcPostureAttrs"],
};

/** An outcome for each test. A test that cannot be read fails, as it does at the server. */
export function runTests(reading: Reading, ground: Ground, node: TreeNode | undefined): readonly Outcome[] {
  return readList(reading, node, '"tests"').flatMap((entry) => {
    const members = readMembers(reading, entry, "a test", memberNames);
    if (members === undefined) return [];
    const fail = (why: string): readonly Outcome[] => [{ verdict: "failed", node: entry, why }];
    const src = readText(reading, members.get("src") ?? members.get("user"), '"src"');
    const accept = readEither(reading, members, "accept", "allow");
    const deny = readEither(reading, members, "deny", "deny");
    if (src === undefined) return fail("the test has no src");
    if (accept.length + deny.length === 0) return fail("the test has neither accept nor deny");
    const protocol = parseProtocol(readText(reading, members.get("proto"), '"proto"')?.text ?? "");
    if (protocol === undefined) return fail("the test's proto does not exist");
    if (reading.server === "headscale" && protocol !== "default" && !hasPorts(protocol))
      return fail("Headscale tests TCP, UDP and SCTP only");
    if (reading.server === "headscale" && ground.devices !== undefined) {
      const judge = headscaleJudge(ground, ground.devices, src, protocol);
      if (typeof judge === "string") return fail(`src: ${judge}`);
      return [worst(entry, [...accept.map((t) => judge(t, "accept")), ...deny.map((t) => judge(t, "deny"))])];
    }
    const parties = readParties(reading, ground.names, ground.devices, src);
    if (typeof parties === "string") return fail(`src: ${parties}`);
    const judge = (target: Located, wanted: Wanted): Outcome =>
      judgeTarget(reading, ground, { src, parties, protocol }, target, wanted);
    const outcomes = [...accept.map((t) => judge(t, "accept")), ...deny.map((t) => judge(t, "deny"))];
    return [worst(entry, outcomes)];
  });
}

type Wanted = "accept" | "deny";

/** Judges destinations of a test on Headscale; a text says why its source fails them all. */
function headscaleJudge(
  { names, rules }: Ground,
  devices: Devices,
  src: Located,
  protocol: number | "default",
): ((target: Located, wanted: Wanted) => Outcome) | string {
  const from = addressesOf(names, devices, src);
  if (typeof from === "string") return from;
  return (target, wanted) => {
    const read = readTarget(names, target, protocol);
    const dst = typeof read === "string" ? read : addressesOf(names, devices, { text: read.host, node: target.node });
    if (typeof read === "string" || typeof dst === "string")
      return { verdict: "failed", node: target.node, why: `"${target.text}": ${dst}` };
    const isOpen = getsThrough(rules, devices, { src: from, dst, port: read.port, protocol });
    const verdict = isOpen === (wanted === "accept") ? "passed" : "failed";
    return { verdict, node: target.node, why: otherwise(src, target, wanted) };
  };
}

/** Host and port of a test's destination, or why it is none. */
function readTarget(
  names: Names,
  { text }: Located,
  protocol: number | "default",
): { readonly host: string; readonly port: number } | string {
  const split = splitTarget(text);
  if (split === undefined) return "a test's destination is host:port";
  const port = readPort(split.ports, protocol);
  if (port === undefined) return "a test's destination has one port";
  if (isPrefix(names, split.host)) return "a test's destination is a single host, not a prefix";
  return { host: split.host, port };
}

interface Asking {
  readonly src: Located;
  readonly parties: readonly Party[];
  readonly protocol: number | "default";
}

function judgeTarget(reading: Reading, ground: Ground, asking: Asking, target: Located, wanted: Wanted): Outcome {
  const fail = (why: string): Outcome => ({ verdict: "failed", node: target.node, why: `"${target.text}": ${why}` });
  const read = readTarget(ground.names, target, asking.protocol);
  if (typeof read === "string") return fail(read);
  const { host, port } = read;
  if (host === "autogroup:self") return judgeSelf(reading, ground, asking, target, wanted, port);
  const targets = readParties(reading, ground.names, ground.devices, { text: host, node: target.node });
  if (typeof targets === "string") return fail(targets);
  const answers = asking.parties.flatMap((source) =>
    targets.map((party) => reach(reading, ground, source, party, port, asking.protocol)),
  );
  const outcome = wanted === "accept" ? judgeAccept(answers) : judgeDeny(reading, answers);
  return { verdict: outcome, node: target.node, why: otherwise(asking.src, target, wanted) };
}

function otherwise(src: Located, target: Located, wanted: Wanted): string {
  const said = wanted === "accept" ? "is to reach" : "is not to reach";
  return `${src.text} ${said} ${target.text}, by the rules it is otherwise`;
}

/** Own devices as a destination: recorded to fail where they are denied and open; nothing more is known. */
function judgeSelf(
  reading: Reading,
  ground: Ground,
  asking: Asking,
  target: Located,
  wanted: Wanted,
  port: number,
): Outcome {
  const own = asking.parties.map((party) => reach(reading, ground, party, party, port, asking.protocol));
  const isOtherwise = own.some((answer) => answer === (wanted === "accept" ? "no" : "yes"));
  const verdict = isOtherwise ? "failed" : "undecided";
  return { verdict, node: target.node, why: otherwise(asking.src, target, wanted) };
}

function judgeAccept(answers: readonly Answer[]): Outcome["verdict"] {
  if (answers.includes("no")) return "failed";
  return answers.includes("maybe") ? "undecided" : "passed";
}

/** Headscale counts a source as denied when one of its devices is; elsewhere none may get through. */
function judgeDeny(reading: Reading, answers: readonly Answer[]): Outcome["verdict"] {
  if (reading.server === "headscale" && answers.includes("no")) return "passed";
  if (answers.includes("yes")) return "failed";
  return answers.includes("maybe") ? "undecided" : "passed";
}

/** One port; 0 is for protocols that have none. */
function readPort(text: string, protocol: number | "default"): number | undefined {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) return undefined;
  const isPortless = protocol !== "default" && !hasPorts(protocol);
  return Number(text) === 0 && !isPortless ? undefined : Number(text);
}

function isPrefix(names: Names, host: string): boolean {
  const alias = names.hosts.get(host);
  return alias === undefined ? host.includes("/") || host.startsWith("ipset:") : !alias.isSingle;
}

function reach(
  reading: Reading,
  { rules, devices }: Ground,
  source: Party,
  target: Party,
  port: number,
  protocol: number | "default",
): Answer {
  if (rules === undefined) return "yes";
  return either(
    rules.map((rule) => {
      // Routers that must be taken: Headscale's tests pass over such rules, what Tailscale's do is not known.
      if (rule.via.length > 0 && reading.server === "headscale") return "no";
      const limit: Answer = rule.isConditional || rule.via.length > 0 ? "maybe" : "yes";
      const from = either(rule.src.map((selector) => coversSource(selector, source, devices)));
      const to = either(
        rule.traffic
          .filter((traffic) => isSameProtocol(reading, traffic.protocol, protocol))
          .flatMap((traffic) => traffic.dst)
          .filter(({ ports }) => port === 0 || ports.some((range) => range.first <= port && port <= range.last))
          .map(({ selector }) => coversTarget(selector, target, source, devices)),
      );
      return both(limit, from, to);
    }),
  );
}

/** A test without a protocol asks for TCP or UDP; Headscale's counts ICMP too. */
function isSameProtocol(reading: Reading, ruled: number | undefined, asked: number | "default"): boolean {
  const any = reading.server === "headscale" ? [1, 6, 17, 58] : [6, 17];
  if (asked === "default") return ruled === undefined || any.includes(ruled);
  return ruled === undefined ? [1, 6, 17, 58].includes(asked) : ruled === asked;
}
