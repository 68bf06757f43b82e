/** What can stand as a source, destination, target or owner: read from its text, with the names that the policy defines. */
import { type AddressRange, parseRange } from "./address.ts";
import type { Devices } from "./devices.ts";
import type { RuleCode } from "./errors.ts";
import type { Located, Reading } from "./reading.ts";

export type Selector =
  | { readonly kind: "any" }
  | { readonly kind: "user"; readonly name: string }
  /** Every user of a domain: `user:*@example.com`. */
  | { readonly kind: "domain"; readonly domain: string }
  | { readonly kind: "group"; readonly name: string; readonly members: readonly string[] }
  | { readonly kind: "tag"; readonly name: string }
  | { readonly kind: "autogroup"; readonly name: string }
  /** An address, prefix, host or IP set. */
  | { readonly kind: "ranges"; readonly ranges: readonly AddressRange[]; readonly isSingle: boolean }
  | { readonly kind: "service"; readonly name: string };

/** The names that selectors may use. */
export interface Names {
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly hosts: ReadonlyMap<string, { readonly range: AddressRange; readonly isSingle: boolean }>;
  readonly ipsets: ReadonlyMap<string, readonly AddressRange[]>;
  readonly tags: ReadonlySet<string>;
  readonly postures: ReadonlySet<string>;
}

/** Why a text is no selector. */
export interface Refusal {
  readonly code: RuleCode;
  readonly message: string;
}

/** Autogroups of people by their role, and of others' devices: only the server knows who is in them. */
const serverKnown = ["admin", "owner", "it-admin", "network-admin", "billing-admin", "auditor", "shared"];
const decided = ["member", "tagged", "self", "internet", "danger-all", "nonroot"];

/** True for an autogroup whose members only the server knows. */
export function isServerKnown(autogroup: string): boolean {
  return serverKnown.includes(autogroup);
}

/** Reads a selector; a refusal where the name is not defined or the text is none. */
export function parseSelector(names: Names, text: string): Selector | Refusal {
  if (text === "*") return { kind: "any" };
  const [, prefix = "", rest = ""] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  if (prefix === "autogroup") return autogroup(rest);
  if (prefix === "group") {
    const members = names.groups.get(text);
    return members === undefined ? unknown(`group not found: "${text}"`) : { kind: "group", name: text, members };
  }
  if (prefix === "tag") {
    return names.tags.has(text) ? { kind: "tag", name: text } : unknown(`tag not found: "${text}"`);
  }
  if (prefix === "ipset") {
    const ranges = names.ipsets.get(text);
    return ranges === undefined ? unknown(`IP set not found: "${text}"`) : { kind: "ranges", ranges, isSingle: false };
  }
  if (prefix === "svc") return { kind: "service", name: text };
  if (prefix === "user" && rest.startsWith("*@")) return { kind: "domain", domain: rest.slice(2) };
  const host = names.hosts.get(text);
  if (host !== undefined) return { kind: "ranges", ranges: [host.range], isSingle: host.isSingle };
  const range = parseRange(text);
  if (range !== undefined) return { kind: "ranges", ranges: [range], isSingle: !/[/-]/.test(text) };
  if (text.includes("@")) return { kind: "user", name: text };
  return { code: "MESH_RULES_UNKNOWN_NAME", message: `"${text}" is no address, and no host of that name is defined` };
}

/** A user whom a selector names and the server does not have; undefined where there is none, or users are not known. */
export function strangerOf(selector: Selector, devices: Devices | undefined): string | undefined {
  const users = devices?.users ?? [];
  if (users.length === 0) return undefined;
  const named = selector.kind === "group" ? selector.members : selector.kind === "user" ? [selector.name] : [];
  return named.find((user) => !users.includes(user));
}

export function isRefusal(value: Selector | Refusal): value is Refusal {
  return "message" in value;
}

/** Reads a selector of a rule and reports where it is none; `side` begins the message. */
export function readSelector(
  reading: Reading,
  names: Names,
  side: string,
  { text, node }: Located,
): Selector | undefined {
  const selector = parseSelector(names, text);
  if (!isRefusal(selector))
    return reading.server === "headscale" ? onHeadscale(reading, selector, { text, node }) : selector;
  reading.report("error", selector.code, node, `${side}: ${selector.message}`);
  return undefined;
}

function autogroup(written: string): Selector | Refusal {
  const name = written === "members" ? "member" : written;
  return decided.includes(name) || isServerKnown(name)
    ? { kind: "autogroup", name }
    : unknown(`no such autogroup: "autogroup:${written}"`);
}

function unknown(message: string): Refusal {
  return { code: "MESH_RULES_UNKNOWN_NAME", message };
}

/** What Headscale reads there. It refuses names that it does not know, but takes any text with an "@" for a user's. */
function onHeadscale(reading: Reading, selector: Selector, { text, node }: Located): Selector {
  if (selector.kind === "domain") {
    const message = `for Headscale "${text}" is the name of a single user, whom nobody is`;
    reading.report("warning", "MESH_RULES_POINTLESS", node, message);
    return { kind: "user", name: text };
  }
  const isForeign =
    selector.kind === "service" ||
    text === "autogroup:members" ||
    (selector.kind === "autogroup" && isServerKnown(selector.name));
  if (isForeign) reading.report("error", "MESH_RULES_HEADSCALE", node, `Headscale does not know "${text}" here`);
  return selector;
}
