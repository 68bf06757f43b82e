/** The expiry radar: everything that stops working one day, and how soon. By the server's clock. */
import type { MeshError } from "../mesh/error.ts";
import { inertMarkdown, inertText } from "../mesh/inert.ts";
import type { Device, ExpiringCredential } from "../ports/control.ts";
import type { SecretStore } from "../ports/secret-store.ts";
import { keyError } from "./errors.ts";

export type ExpiryKind = "stored-key" | ExpiringCredential["kind"] | "node-key" | LoginKind;
export type LoginKind = NonNullable<SecretStore["loginKind"]>;
export type ExpiryLevel = "ok" | "warn" | "error";

export interface Expiry {
  readonly kind: ExpiryKind;
  /** As its owner knows it: name of the stored key, of the device, of the token, of the store. */
  readonly name: string;
  readonly expires: Date;
  /** Whole days, rounded down: negative once it has expired. */
  readonly remainingDays: number;
  readonly level: ExpiryLevel;
}

export interface Radar {
  /** What expires first comes first. */
  readonly items: readonly Expiry[];
  /** What could not be looked at, and why; a sentence each. Never a failure. */
  readonly notVerified: readonly string[];
}

/** A stored key that is in force. */
export interface StoredExpiry {
  readonly name: string;
  readonly expires: Date;
  /** The life that the topology gives it, in seconds. */
  readonly life: number;
}

/** What was looked at. Null: it could not be, and that is said. Left out: there is none. */
export interface RadarInput {
  /** The server's time. */
  readonly now: Date;
  readonly storedKeys?: readonly StoredExpiry[] | null;
  readonly credentials?: readonly ExpiringCredential[] | null;
  readonly devices?: readonly Device[] | null;
  /** Tokens for stores that are given as an input; one of a login lives for minutes and is made anew by every run. */
  readonly logins?: readonly { readonly kind: LoginKind; readonly store: string; readonly expires: Date }[];
}

const day = 86_400_000;
const warnBelow = 30 * day;
const errorBelow = 14 * day;
/** Gone for so long, it is missed by nobody: servers list dead tokens and devices in drawers for ever. */
const forgottenAfter = 30 * day;

export function expiryRadar(input: RadarInput): Radar {
  const { now, storedKeys, credentials, devices, logins = [] } = input;
  const isRemembered = ({ expires }: { readonly expires: Date }): boolean =>
    expires.getTime() > now.getTime() - forgottenAfter;
  const items = [
    ...(storedKeys ?? []).map(({ name, expires, life }) => expiryOf(now, "stored-key", name, expires, life)),
    ...logins.map(({ kind, store, expires }) => expiryOf(now, kind, store, expires)),
    ...(credentials ?? []).filter(isRemembered).map(({ kind, name, expires }) => expiryOf(now, kind, name, expires)),
    // The node key of a tagged device does not expire; where a server gives one a date all the same, it has that date.
    ...(devices ?? [])
      .flatMap(({ label, hostname, keyExpires }) =>
        keyExpires === null ? [] : { name: label || hostname, expires: keyExpires },
      )
      .filter(isRemembered)
      .map(({ name, expires }) => expiryOf(now, "node-key", name, expires)),
  ];
  const notVerified = [
    storedKeys === null ? "when stored keys expire is not verified: their store was not asked" : [],
    credentials === null
      ? "when API tokens expire is not verified: the credential may not list them (scope `api_access_tokens:read`; on Headscale 0.30, an API key)"
      : [],
    devices === null
      ? "when node keys expire is not verified: the credential may not list devices (scope `devices:core:read`)"
      : [],
  ].flat();
  return { items: items.sort(byExpiry), notVerified };
}

function expiryOf(now: Date, kind: ExpiryKind, name: string, expires: Date, life?: number): Expiry {
  const remaining = expires.getTime() - now.getTime();
  return { kind, name, expires, remainingDays: Math.floor(remaining / day), level: levelOf(remaining, life) };
}

/**
 * Warning below 30 days, error below 14. Of a stored key that is meant to live for less than 90 days, a third and a sixth of
 * that life: else it would be in alarm from its first day.
 */
function levelOf(remaining: number, life = Number.POSITIVE_INFINITY): ExpiryLevel {
  const whole = life * 1000;
  if (remaining < Math.min(errorBelow, whole / 6)) return "error";
  return remaining < Math.min(warnBelow, whole / 3) ? "warn" : "ok";
}

function byExpiry(a: Expiry, b: Expiry): number {
  return a.expires.getTime() - b.expires.getTime() || a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name);
}

/** The first thing that has not expired yet; undefined when nothing will. */
export function nextExpiry(radar: Radar): Expiry | undefined {
  return radar.items.find((item) => item.remainingDays >= 0);
}

/** `API token production key expires in 12 days, on 2026-12-09`. */
export function expiryText({ kind, name, expires, remainingDays }: Expiry): string {
  const date = expires.toISOString().slice(0, 10);
  const what = `${words[kind]} ${inertText(name, 80)}`;
  if (remainingDays < 0) return `${what} has expired on ${date}`;
  const days = remainingDays === 1 ? "1 day" : `${remainingDays} days`;
  return `${what} expires in ${remainingDays === 0 ? "less than a day" : days}, on ${date}`;
}

/** What to do about it: one line each. */
export function expiryRemedy(kind: ExpiryKind): string {
  return remedies[kind];
}

const words: Readonly<Record<ExpiryKind, string>> = {
  "stored-key": "stored key",
  "api-token": "API token",
  "oauth-client": "OAuth client",
  "federated-identity": "federated identity",
  "node-key": "the node key of",
  "vault-token": "the Vault token for store",
  "github-token": "the GitHub token for store",
};

const remedies: Readonly<Record<ExpiryKind, string>> = {
  "stored-key": "run key-rotate; with `force: true` it replaces a key that is not due",
  "api-token": "make a new one and store it where the old one is; an OAuth client or workload identity does not expire",
  "oauth-client": "make a new one and store it where the old one is",
  "federated-identity": "make a new one and give its client id",
  "node-key":
    "log the device in again (`tailscale up --force-reauth` on it), or let it join with a tag: then its key does not expire",
  "github-token":
    "make a new one with the same permissions, or use a GitHub App: its tokens are made anew for each job",
  "vault-token": "renew or replace it, or log in by JWT or AppRole: then no token has to be kept",
};

/** Lines for the log: all that is near its end, then the next thing, then what was not looked at. */
export function radarLines(radar: Radar): readonly string[] {
  const near = radar.items.filter(({ level }) => level !== "ok").map(expiryText);
  const next = radar.items.find((item) => item.level === "ok" && item.remainingDays >= 0);
  const rest = next === undefined ? [] : [`next: ${expiryText(next)}`];
  const nothing = radar.items.length === 0 ? ["nothing that was looked at expires"] : [];
  return [...near, ...rest, ...nothing, ...radar.notVerified];
}

/** The summary's table, inert; empty when there is nothing to say. */
export function radarMarkdown(radar: Radar): readonly string[] {
  const signs = { ok: "✅", warn: "⚠️", error: "❌" } as const;
  const rows = radar.items.map(
    ({ kind, name, expires, remainingDays, level }) =>
      `| ${signs[level]} | ${kind} | ${inertMarkdown(name)} | ${expires.toISOString().slice(0, 10)} | ${remainingDays} |`,
  );
  const table = ["| | what | name | expires | days left |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
  const gaps = radar.notVerified.map((text) => `- ${inertMarkdown(text)}`).join("\n");
  return [rows.length === 0 ? "" : table, gaps].filter((block) => block !== "");
}

/**
 * One error for each thing that is about to stop what runs here. Node keys are those of people's devices: they are told as
 * warnings, since a telephone that was not used for a while must not turn every run red.
 */
export function expiryErrors(radar: Radar): readonly MeshError[] {
  return radar.items
    .filter(({ kind, level }) => level === "error" && kind !== "node-key")
    .map((item) =>
      keyError("MESH_EXPIRY_NEAR", expiryText(item), {
        where: { address: `${item.kind}/${inertText(item.name, 80)}` },
        hint: `${expiryRemedy(item.kind)}.`.replace(/^./, (first) => first.toUpperCase()),
      }),
    );
}

/** What is near its end and no error: warnings, each with what to do. */
export function expiryWarnings(radar: Radar): readonly string[] {
  return radar.items
    .filter(({ kind, level }) => level === "warn" || (level === "error" && kind === "node-key"))
    .map((item) => `${expiryText(item)}: ${expiryRemedy(item.kind)}`);
}
