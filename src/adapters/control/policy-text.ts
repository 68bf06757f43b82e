/** As much of a policy's meaning as an adapter needs: is there one at all, and is it what a server has from the start. */
import * as z from "zod";
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

const all = (...words: readonly string[]): z.ZodType => z.array(z.enum(words)).length(1);
const openRule = z.union([
  z.strictObject({ src: all("*"), dst: all("*"), ip: all("*") }),
  z.strictObject({ action: z.literal("accept"), src: all("*"), dst: all("*:*") }),
  z.strictObject({ action: z.literal("accept"), users: all("*"), ports: all("*:*") }),
]);
const ownDevices = z.object({ src: all("autogroup:member", "autogroup:members"), dst: all("autogroup:self") });
const funnel = z.object({ target: all("autogroup:member", "autogroup:members"), attr: all("funnel") });

/** Everything may reach everything, people may enter their own devices, and nothing else is said. */
const DefaultSchema = z
  .strictObject({
    acls: z.array(openRule).length(1).optional(),
    grants: z.array(openRule).length(1).optional(),
    ssh: z.array(ownDevices).optional(),
    nodeAttrs: z.array(funnel).optional(),
    groups: z.strictObject({}).optional(),
    hosts: z.strictObject({}).optional(),
    tagOwners: z.strictObject({}).optional(),
  })
  .refine(({ acls, grants }) => (acls === undefined) !== (grants === undefined));

/** Whether that is the policy a server comes with: nothing in it is anybody's work. */
export function isDefaultPolicy(text: string): boolean {
  return text.trim() === "" || DefaultSchema.safeParse(policyValue(text)).success;
}
