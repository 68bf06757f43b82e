/** The hash of a plan: the same inputs and observations give the same hash, so that an apply can be pinned to it. */
import type { Plan } from "./change.ts";

/** Hex SHA-256 over the canonical JSON of the action's name and its changes; what stays unchanged does not count. */
export async function fingerprint(action: string, plan: Plan): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalJson({ action, changes: plan.changes }));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
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
