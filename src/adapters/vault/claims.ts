/** What this job's token says of it, in the words of a role that lets in this job and no other. */
import * as z from "zod/mini";
import { inertText } from "../../mesh/inert.ts";
import type { Secret } from "../../mesh/secret.ts";

const claim = z.catch(z.optional(z.union([z.string(), z.pipe(z.number(), z.transform(String))])), undefined);

const ClaimsSchema = z.object({
  iss: claim,
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
  sub: claim,
  ref: claim,
  environment: claim,
  job_workflow_ref: claim,
  repository_id: claim,
  repository_owner_id: claim,
  nbf: z.catch(z.optional(z.number()), undefined),
  exp: z.catch(z.optional(z.number()), undefined),
});

export type VaultClaims = z.output<typeof ClaimsSchema>;

/** None when it cannot be read. Whether they are true is for Vault to say. */
export function readClaims(idToken: Secret): VaultClaims {
  const [, payload = ""] = idToken.reveal().split(".");
  try {
    const claims = ClaimsSchema.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
    return claims.success ? claims.data : {};
  } catch {
    return {};
  }
}

const shownClaims = ["iss", "aud", "sub", "ref", "environment", "job_workflow_ref", "repository_id"] as const;

/** One line: the claims that roles are bound to, each as it is. */
export function claimsLine(claims: VaultClaims): string {
  const texts = shownClaims.map((name) => `${name}=${shown(claims[name])}`);
  return `This job's token says: ${texts.join(", ")}.`;
}

function shown(value: string | undefined): string {
  return value === undefined ? "(not there)" : inertText(value, 300);
}

/** A role for this job as it is, bound to what nobody else can take over; to be pasted where `bao` is logged in. */
export function roleLines(claims: VaultClaims, login: { readonly mount: string; readonly role: string }): string {
  const bound = Object.fromEntries(
    (["repository_id", "repository_owner_id", "environment", "job_workflow_ref"] as const).flatMap((name) => {
      const value = claims[name];
      return value === undefined ? [] : [[name, inertText(value, 300)]];
    }),
  );
  const role = {
    role_type: "jwt",
    user_claim: "repository_id",
    bound_audiences: [inertText(claims.aud ?? "", 300)],
    bound_claims_type: "string",
    bound_claims: bound,
    token_policies: ["tailmesh"],
    token_ttl: "10m",
  };
  return `bao write auth/${login.mount}/role/${login.role} - <<'EOF'\n${JSON.stringify(role)}\nEOF`;
}

/** From when to when the token is good. */
export function lifeOf({ nbf, exp }: VaultClaims): string {
  const time = (seconds: number | undefined): string =>
    seconds === undefined || Math.abs(seconds) > 1e11 ? "?" : new Date(seconds * 1000).toISOString();
  return `from ${time(nbf)} to ${time(exp)}`;
}
