/** What a federated identity must trust so that it trusts this job and no other: printed when a server does not. */
import * as z from "zod/mini";
import { inertText } from "../../mesh/inert.ts";
import type { Secret } from "../../mesh/secret.ts";
import { parseJson } from "./wire.ts";

const claim = z.catch(z.optional(z.union([z.string(), z.pipe(z.number(), z.transform(String))])), undefined);

/** Claims of GitHub's ID tokens (and of those that are alike) by which a job is told from others. */
const ClaimsSchema = z.object({
  iss: claim,
  sub: claim,
  aud: z.catch(
    z.optional(
      z.union([
        z.string(),
        z.pipe(
          z.array(z.string()),
          z.transform((list) => list.join(", ")),
        ),
      ]),
    ),
    undefined,
  ),
  repository: claim,
  repository_id: claim,
  environment: claim,
  workflow_ref: claim,
});

export type JobClaims = z.output<typeof ClaimsSchema>;

/** The claims of a token that we were given; none when it cannot be read. Its signature is for the server to check. */
export function claimsOf(idToken: Secret): JobClaims {
  const [, payload = ""] = idToken.reveal().split(".");
  const claims = ClaimsSchema.safeParse(parseJson(Buffer.from(payload, "base64url").toString("utf8")));
  return claims.success ? claims.data : {};
}

/**
 * The credential's fields, one a line, each an exact value: a wildcard would let others in. What this job lacks, and what
 * cannot be written exactly, is said instead of left out.
 */
export function trustSnippet(claims: JobClaims, audience: string): readonly string[] {
  const rules: readonly (readonly [string, string | undefined, string])[] = [
    ["repository_id", claims.repository_id, "the token does not say it"],
    ["environment", claims.environment, "this job has none: give it `environment: NAME` in the workflow first"],
    ["workflow_ref", claims.workflow_ref, "the token does not say it"],
  ];
  return [
    `Issuer: ${exact(claims.iss, "the token does not say it")}`,
    `Subject: ${exact(claims.sub, "the token does not say it")}`,
    `Audience: ${exact(audience, "none")} (for this server only; another destination gets its own)`,
    ...rules.map(([name, value, absent]) => `Custom claim ${name}: ${exact(value, absent)}`),
  ];
}

/** Servers take `*` in a value for anything, so that such a value cannot be bound. */
function exact(value: string | undefined, absent: string): string {
  if (value === undefined || value === "") return `(${absent})`;
  if (value.includes("*")) return "(the job's value has a * in it, which would match others too: rename it)";
  return inertText(value, 300);
}

/** What of the job is not bound to one value yet. */
export function missingClaims(claims: JobClaims): readonly string[] {
  return (["repository_id", "environment", "workflow_ref"] as const).filter((name) => !claims[name]);
}
