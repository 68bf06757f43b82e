/** The hash of a plan: the same inputs and observations give the same hash, so that an apply can be pinned to it. */
import { sha256 } from "../mesh/sha256.ts";
import type { Plan } from "./change.ts";

/** Hex SHA-256 over the canonical JSON of the action's name and its changes; what stays unchanged does not count. */
export function fingerprint(action: string, plan: Plan): string {
  return sha256(new TextEncoder().encode(canonicalJson({ action, changes: plan.changes })));
}

/** JSON with the members of every object in one fixed order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isRecord(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
