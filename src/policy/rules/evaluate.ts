/** A policy judged without any server: what is wrong with it, what each device lets in and sees, how its tests end. */
import { parseHujson } from "../../hujson/parse.ts";
import { type Document, encodeText, type TreeNode } from "../../hujson/tree.ts";
import { depthOf } from "../../hujson/value.ts";
import { inertText } from "../../mesh/inert.ts";
import { type Access, accessOf, openAccess } from "./access.ts";
import { readAcls } from "./acls.ts";
import { type AutoApprovers, readAutoApprovers, withApprovals } from "./auto-approvers.ts";
import type { Devices } from "./devices.ts";
import { readGrants } from "./grants.ts";
import { readGroups } from "./groups.ts";
import { readHosts } from "./hosts.ts";
import { readIpsets } from "./ipsets.ts";
import { checkNodeAttrs } from "./node-attrs.ts";
import { readPostures, readSrcPosture } from "./postures.ts";
import {
  type MemberNames,
  type Problem,
  type Reading,
  readMembers,
  reportDuplicates,
  type Server,
  startReading,
} from "./reading.ts";
import { isUndecided } from "./resolve.ts";
import type { Rule } from "./rule.ts";
import type { Names } from "./selector.ts";
import { readSsh } from "./ssh.ts";
import { runSshTests } from "./ssh-tests.ts";
import { checkOwners, readTagOwners } from "./tags.ts";
import { runTests } from "./tests.ts";
import { countOutcomes } from "./verdict.ts";

export interface Options {
  /** Whose rules apply; default tailscale. */
  readonly server?: Server;
  /** Without devices there are no filters, and tests are judged by names. */
  readonly devices?: Devices;
  /** Leaves the policy's tests alone: who asks for access only need not wait for them. */
  readonly skipTests?: boolean;
}

export interface Evaluation {
  /** In the order of the file. */
  readonly problems: readonly Problem[];
  readonly tests: { readonly passed: number; readonly failed: number; readonly undecided: number };
  /** False on an error or a failed test; never for what is undecided. */
  readonly ok: boolean;
  /** undefined where the policy could not be read at all. */
  readonly policy: Rules | undefined;
  /** The text as it was judged, for the places of rules; undefined where it is not HuJSON. */
  readonly document: Document | undefined;
  /** The devices that were given, with the routes that this policy approves. */
  readonly devices: Devices | undefined;
  /** What each device lets in; empty without devices, and where the policy could not be read. */
  readonly access: Access;
}

/** A policy's rules as values. */
export interface Rules {
  /** Whose rules they were read by. */
  readonly server: Server;
  readonly names: Names;
  /** undefined where neither `acls` nor `grants` is there, which allows everything. */
  readonly rules: readonly Rule[] | undefined;
  readonly autoApprovers: AutoApprovers;
}

const none = { passed: 0, failed: 0, undecided: 0 };

/** Far more than any policy has, and far less than what recursion can bear. */
const maxDepth = 64;

const memberNames: MemberNames = {
  both: [
    "grants",
    "acls",
    "ssh",
    "autoApprovers",
    "nodeAttrs",
    "tagOwners",
    "groups",
    "hosts",
    "tests",
    "sshTests",
    "randomizeClientPort",
  ],
  tailscaleOnly: ["postures", "defaultSrcPosture", "ipsets", "attrConfig", "derpMap", "disableIPv4", "OneCGNATRoute"],
};

/** Judges a policy, as text, bytes or read already. Never throws for what is in it. A missing newline at the end is repaired and said. */
export function evaluate(source: string | Uint8Array | Document, options: Options = {}): Evaluation {
  const problems: Problem[] = [];
  if (typeof source !== "string" && "root" in source) return evaluateDocument(source, options, problems);
  const bytes = typeof source === "string" ? encodeText(source) : source;
  const given = parseHujson(bytes);
  const parsed = given.ok ? given : parseHujson(withNewline(bytes));
  if (!parsed.ok) {
    const { line, column, text } = given.ok ? parsed.problem : given.problem;
    return refused([{ severity: "error", code: "MESH_HUJSON_SYNTAX", message: inertText(text, 200), line, column }]);
  }
  if (!given.ok)
    problems.push({
      severity: "warning",
      code: "MESH_RULES_FINAL_NEWLINE",
      message: "the file ends in a comment without a newline",
      line: given.problem.line,
      column: given.problem.column,
    });
  return evaluateDocument(parsed.document, options, problems);
}

function evaluateDocument(document: Document, options: Options, problems: Problem[]): Evaluation {
  const reading = startReading(document, options.server ?? "tailscale", problems);
  const { root } = document;
  reportDuplicates(reading, root);
  if (depthOf(root) > maxDepth) {
    reading.report("error", "MESH_RULES_SHAPE", root, `nested deeper than ${maxDepth} levels`);
    return refused(problems);
  }
  const members = readMembers(reading, root, "a policy", memberNames);
  if (members === undefined) return refused(problems);
  const { policy, devices, tests } = judge(reading, (name) => members.get(name.toLowerCase()), options);
  const access =
    devices === undefined
      ? new Map()
      : policy.rules === undefined
        ? openAccess(devices, reading.server)
        : accessOf(policy.rules, devices, reading.server);
  const isRefused = problems.some((problem) => problem.severity === "error");
  return { problems: inOrder(problems), tests, ok: !isRefused, policy, document, devices, access };
}

function judge(
  reading: Reading,
  member: (name: string) => TreeNode | undefined,
  options: Options,
): { readonly policy: Rules; readonly devices: Devices | undefined; readonly tests: Evaluation["tests"] } {
  const groups = readGroups(reading, member("groups"));
  const hosts = readHosts(reading, member("hosts"));
  const owners = readTagOwners(reading, member("tagOwners"));
  checkOwners(reading, owners, groups);
  const names: Names = {
    groups,
    hosts,
    ipsets: readIpsets(reading, member("ipsets"), hosts),
    tags: owners.tags,
    postures: readPostures(reading, member("postures")),
  };
  const isAllConditional = readSrcPosture(reading, names, member("defaultSrcPosture"));
  const acls = member("acls");
  const grants = member("grants");
  const written = [...readGrants(reading, names, grants), ...readAcls(reading, names, acls)].map((rule) =>
    isAllConditional ? { ...rule, isConditional: true } : rule,
  );
  for (const rule of written) reportUndecided(reading, rule);
  const rules = acls === undefined && grants === undefined ? undefined : written;
  const autoApprovers = readAutoApprovers(reading, names, member("autoApprovers"));
  const devices = options.devices === undefined ? undefined : withApprovals(options.devices, autoApprovers);
  const ssh = readSsh(reading, names, member("ssh"));
  checkNodeAttrs(reading, names, member("nodeAttrs"), options.devices);
  const outcomes = options.skipTests
    ? []
    : [
        ...runTests(reading, { names, rules, devices }, member("tests")),
        ...runSshTests(reading, { names, rules: ssh, devices }, member("sshTests")),
      ];
  return {
    policy: { server: reading.server, names, rules, autoApprovers },
    devices,
    tests: countOutcomes(reading, outcomes),
  };
}

function reportUndecided(reading: Reading, rule: Rule): void {
  const sides = [...rule.src, ...rule.traffic.flatMap(({ dst }) => dst.map((one) => one.selector)), ...rule.app.dst];
  if (rule.isConditional) {
    const message = "this rule holds for devices of certain postures only; which, the server knows";
    reading.report("info", "MESH_RULES_UNDECIDED", rule.node, message);
  } else if (sides.some(isUndecided)) {
    const message = "this rule names users, devices or services that only the server knows";
    reading.report("info", "MESH_RULES_UNDECIDED", rule.node, message);
  }
}

function withNewline(bytes: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  longer[bytes.length] = 10;
  return longer;
}

function refused(problems: readonly Problem[]): Evaluation {
  return {
    problems: inOrder(problems),
    tests: none,
    ok: false,
    policy: undefined,
    document: undefined,
    devices: undefined,
    access: new Map(),
  };
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
