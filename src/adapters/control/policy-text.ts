/** As much of a policy's meaning as an adapter needs: is there one at all, and is it what a server has from the start. */
import { isDeepStrictEqual } from "node:util";
import type { PolicyFinding } from "../../ports/control.ts";
import { parseJson } from "./wire.ts";

/** The value of a HuJSON text; undefined when it is none. Comments and trailing commas become blanks. */
export function policyValue(text: string): unknown {
  const bare = text.replace(
    /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_all, string?: string) => string ?? " ",
  );
  return parseJson(bare.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_all, string?: string) => string ?? ""));
}

/** Why this text must not be sent: servers store `null` and `{}`, and let everybody reach everything. */
export function emptiness(text: string): PolicyFinding | undefined {
  const value = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "").trim() === "" ? null : policyValue(text);
  const isEmpty = value === null || (typeof value === "object" && Object.keys(value).length === 0);
  return isEmpty ? { severity: "error", text: "an empty policy would allow everything" } : undefined;
}

const openRules = [
  { src: ["*"], dst: ["*"], ip: ["*"] },
  { action: "accept", src: ["*"], dst: ["*:*"] },
  { action: "accept", users: ["*"], ports: ["*:*"] },
] as const;
const people = [["autogroup:member"], ["autogroup:members"]] as const;

/** Whether that is the policy a server comes with: nothing in it is anybody's work. */
export function isDefaultPolicy(text: string): boolean {
  if (text.trim() === "") return true;
  const value = policyValue(text);
  if (!isObject(value)) return false;
  const { acls, grants, ssh = [], nodeAttrs = [], groups = {}, hosts = {}, tagOwners = {}, ...rest } = value;
  const [open, ...more] = listOf(acls) ?? listOf(grants) ?? [];
  return (
    (acls === undefined) !== (grants === undefined) &&
    more.length === 0 &&
    openRules.some((rule) => isDeepStrictEqual(rule, open)) &&
    listOf(ssh)?.every(isOwnDevices) === true &&
    listOf(nodeAttrs)?.every(isFunnel) === true &&
    [groups, hosts, tagOwners, rest].every((named) => isObject(named) && Object.keys(named).length === 0)
  );
}

/** People may enter their own devices. */
function isOwnDevices(rule: unknown): boolean {
  return isObject(rule) && isOneOf(rule["src"], people) && isOneOf(rule["dst"], [["autogroup:self"]]);
}

function isFunnel(attribute: unknown): boolean {
  return isObject(attribute) && isOneOf(attribute["target"], people) && isOneOf(attribute["attr"], [["funnel"]]);
}

function isOneOf(value: unknown, known: readonly unknown[]): boolean {
  return known.some((one) => isDeepStrictEqual(value, one));
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
