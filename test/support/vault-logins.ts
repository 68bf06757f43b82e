/** Logins of the in-process Vault: JWTs against an issuer's published keys, and AppRole. Texts as OpenBao 2.7.2 has them. */
import { type IdClaims, verifyToken } from "./oidc-issuer.ts";

export interface JwtRole {
  readonly audiences: readonly string[];
  readonly claims?: Readonly<Record<string, string>>;
  readonly subject?: string;
  readonly policies: readonly string[];
  /** Seconds; default 300. */
  readonly ttl?: number;
  readonly type?: "service" | "batch";
  readonly uses?: number;
}

export interface JwtMount {
  /** Base URL of the issuer; undefined: the mount is not configured. */
  readonly issuer: string | undefined;
  readonly roles: Map<string, JwtRole>;
}

export interface AppRole {
  readonly secretId: string;
  readonly policies: readonly string[];
}

/** What a login comes to: a role that lets in, or status and text of the refusal. */
export type LoginResult<Role> =
  | { readonly role: Role; readonly name: string }
  | { readonly status: number; readonly error: string };

const refused = (error: string, status = 400): { readonly status: number; readonly error: string } => ({
  status,
  error,
});

export async function loginByJwt(
  mount: JwtMount,
  body: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<LoginResult<JwtRole>> {
  const { role: name, jwt } = body;
  if (typeof name !== "string" || name === "") return refused("missing role");
  if (mount.issuer === undefined) return refused("could not load configuration");
  const role = mount.roles.get(name);
  if (!role) return refused(`role "${name}" could not be found`);
  if (typeof jwt !== "string" || jwt.split(".").length !== 3) {
    return refused("error validating token: error verifying token signature: oidc: malformed jwt");
  }
  const claims = await verifyToken(jwt, mount.issuer);
  const wrong =
    claims === undefined
      ? "error validating token: error verifying token signature: failed to verify id token signature"
      : wrongClaim(claims, role, mount.issuer, now.getTime() / 1000);
  return wrong === undefined ? { role, name } : refused(wrong);
}

function wrongClaim(claims: IdClaims, role: JwtRole, issuer: string, now: number): string | undefined {
  const token = "error validating token: invalid";
  if (Number(claims["exp"]) < now) return `${token} expiration time (exp) claim: token is expired`;
  // The one leeway that was seen: none for `exp`; `nbf` is let through within the default minute and a half.
  if (Number(claims["nbf"]) > now + 150) return `${token} not before (nbf) claim: token not yet valid`;
  if (claims["iss"] !== issuer) return `${token} issuer (iss) claim`;
  if (role.subject !== undefined && claims["sub"] !== role.subject) return `${token} subject (sub) claim`;
  if (role.audiences.length === 0) return "audience claim found in JWT but no audiences bound to the role";
  if (!role.audiences.includes(String(claims["aud"]))) {
    return `${token} audience (aud) claim: audience claim does not match any expected audience`;
  }
  for (const [name, value] of Object.entries(role.claims ?? {})) {
    if (claims[name] === undefined) return `error validating claims: claim "${name}" is missing`;
    if (String(claims[name]) !== value) {
      return `error validating claims: claim "${name}" does not match any associated bound claim values`;
    }
  }
  return undefined;
}

export function loginByAppRole(
  roles: ReadonlyMap<string, AppRole>,
  body: Readonly<Record<string, unknown>>,
): LoginResult<AppRole> {
  const { role_id: roleId, secret_id: secretId } = body;
  if (typeof roleId !== "string" || roleId === "") return refused("missing role_id", 500);
  const role = roles.get(roleId);
  if (role && (secretId === undefined || secretId === "")) return refused("missing secret_id");
  if (!role || role.secretId !== secretId) return refused("invalid role or secret ID");
  return { role, name: roleId };
}
