/** `ssh`: who may log in where, as whom, over Tailscale SSH. */
import type { TreeNode } from "../../hujson/tree.ts";
import { readSrcPosture } from "./postures.ts";
import { type Located, type Reading, readList, readMembers, readText, readTexts } from "./reading.ts";
import { type Names, readSelector, type Selector } from "./selector.ts";
import { checkSelf } from "./sides.ts";

export interface SshRule {
  readonly action: "accept" | "check";
  readonly src: readonly Selector[];
  readonly dst: readonly Selector[];
  readonly users: readonly string[];
  readonly isConditional: boolean;
}

const memberNames = {
  both: ["action", "src", "dst", "users", "checkPeriod", "acceptEnv"],
  tailscaleOnly: ["srcPosture", "recorder", "enforceRecorder"],
};

/** The longest time between two checks. */
const maxCheckSeconds = 168 * 3600;

export function readSsh(reading: Reading, names: Names, node: TreeNode | undefined): readonly SshRule[] {
  return readList(reading, node, '"ssh"').flatMap((entry) => {
    const members = readMembers(reading, entry, "an SSH rule", memberNames);
    if (members === undefined) return [];
    const action = readText(reading, members.get("action"), '"action"');
    checkAction(reading, entry, action);
    const src = readTexts(reading, members.get("src"), '"src"').flatMap(
      (text) => readSide(reading, names, "src", text) ?? [],
    );
    const dst = readTexts(reading, members.get("dst"), '"dst"').flatMap(
      (text) => readSide(reading, names, "dst", text) ?? [],
    );
    checkPair(reading, entry, src, dst);
    checkPeriod(reading, readText(reading, members.get("checkperiod"), '"checkPeriod"'));
    for (const { text, node: at } of readTexts(reading, members.get("acceptenv"), '"acceptEnv"')) {
      if (text === "") reading.report("error", "MESH_RULES_SSH", at, "acceptEnv has an empty value");
    }
    return [
      {
        action: action?.text === "check" ? "check" : "accept",
        src,
        dst,
        users: readUsers(reading, entry, members.get("users")),
        isConditional: readSrcPosture(reading, names, members.get("srcposture")),
      } satisfies SshRule,
    ];
  });
}

function checkAction(reading: Reading, rule: TreeNode, action: Located | undefined): void {
  if (action === undefined || action.text === "")
    reading.report("error", "MESH_RULES_ACTION", action?.node ?? rule, "an SSH rule needs an action");
  else if (action.text !== "accept" && action.text !== "check")
    reading.report("error", "MESH_RULES_ACTION", action.node, `"${action.text}" is no action of SSH rules`);
}

/** Sources and destinations are people and devices by who they are, never addresses. */
function readSide(reading: Reading, names: Names, side: "src" | "dst", entry: Located): Selector | undefined {
  const selector = readSelector(reading, names, side, entry);
  if (selector === undefined) return undefined;
  const isNone =
    selector.kind === "ranges" ||
    selector.kind === "service" ||
    (side === "dst" && selector.kind === "any") ||
    (side === "src" && selector.kind === "autogroup" && ["self", "internet", "nonroot"].includes(selector.name)) ||
    (side === "dst" && selector.kind === "autogroup" && ["internet", "nonroot", "danger-all"].includes(selector.name));
  if (!isNone) return selector;
  reading.report("error", "MESH_RULES_SELECTOR", entry.node, `invalid ${side} "${entry.text}" in an SSH rule`);
  return undefined;
}

/** Own devices are for people; Headscale knows fewer kinds of sources and destinations. */
function checkPair(reading: Reading, rule: TreeNode, src: readonly Selector[], dst: readonly Selector[]): void {
  checkSelf(reading, rule, src, dst, true);
  const strangers = dst.filter(
    (one) => one.kind === "user" && !src.every((s) => s.kind === "user" && s.name === one.name),
  );
  if (reading.server === "headscale") {
    if (strangers.length > 0 || src.some((one) => one.kind === "any") || dst.some((one) => one.kind === "group"))
      reading.report(
        "error",
        "MESH_RULES_HEADSCALE",
        rule,
        "Headscale refuses these sources and destinations in an SSH rule",
      );
  } else if (strangers.length > 0) {
    const message = "an SSH rule to a user's devices is for that user alone";
    reading.report("warning", "MESH_RULES_POINTLESS", rule, message);
  }
}

function readUsers(reading: Reading, rule: TreeNode, node: TreeNode | undefined): readonly string[] {
  const users = readTexts(reading, node, '"users"');
  if (users.length === 0) reading.report("error", "MESH_RULES_SSH", node ?? rule, "an SSH rule needs users");
  for (const { text, node: at } of users) {
    if (text === "" || text === "*") reading.report("error", "MESH_RULES_SSH", at, `user "${text}" is not valid`);
    const domain = /^localpart:\*@(.*)$/s.exec(text)?.[1];
    if (domain !== undefined && !isDomain(domain)) {
      // Headscale takes it for a login name, which nobody has.
      const severity = reading.server === "headscale" ? "warning" : "error";
      reading.report(severity, "MESH_RULES_SSH", at, `"${domain}" is no domain of a tailnet, in "${text}"`);
    }
  }
  return users.map(({ text }) => text);
}

function isDomain(text: string): boolean {
  return /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(text);
}

function checkPeriod(reading: Reading, period: Located | undefined): void {
  if (period === undefined || period.text === "" || period.text === "always") return;
  const report = (message: string): void => reading.report("error", "MESH_RULES_SSH", period.node, message);
  const seconds = goDuration(period.text);
  if (seconds === undefined) report(`checkPeriod "${period.text}" is no duration`);
  else if (seconds < 0) report(`checkPeriod ${period.text} is negative`);
  else if (seconds > maxCheckSeconds) report(`checkPeriod ${period.text} is above the most there is (168h)`);
}

const unitSeconds: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds of a duration as Go writes it (`1h30m`, `-1m`); undefined when it is none. */
export function goDuration(text: string): number | undefined {
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === "0") return 0;
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
  const seconds = parts.reduce(
    (sum, [, amount = "0", unit = "s"]) => sum + Number(amount) * (unitSeconds[unit] ?? 1),
    0,
  );
  return sign === "-" ? -seconds : seconds;
}
