/** How a run gets its token: by this job's identity, by AppRole, or one that was given; and why it did not get one. */
import * as z from "zod/mini";
import type { MeshError } from "../../mesh/error.ts";
import type { VaultAuth } from "../../mesh/mesh.ts";
import { Secret } from "../../mesh/secret.ts";
import type { VaultApi, VaultReply } from "./api.ts";
import { claimsLine, lifeOf, readClaims, roleLines, type VaultClaims } from "./claims.ts";
import { vaultErrors } from "./errors.ts";

/** As the inputs give them; unset ones are undefined. */
export interface VaultLoginInputs {
  readonly token?: Secret | undefined;
  readonly roleId?: string | undefined;
  readonly secretId?: Secret | undefined;
}

export type VaultLogin =
  | { readonly method: "token"; readonly token: Secret }
  | {
      readonly method: "approle";
      readonly mount: string;
      readonly roleId: string;
      readonly secretId: Secret | undefined;
    }
  | { readonly method: "jwt"; readonly mount: string; readonly role: string | undefined };

/**
 * What the topology says, when its inputs are there; else what the inputs are for; else this job's identity, if the topology
 * says so. Throws MESH_VAULT_LOGIN_MISSING.
 */
export function chooseLogin(auth: VaultAuth, inputs: VaultLoginInputs, store: string): VaultLogin {
  const { token, roleId, secretId } = inputs;
  if (secretId !== undefined && roleId === undefined) {
    throw vaultErrors("MESH_VAULT_LOGIN_MISSING", "`vault-secret-id` is given without `vault-role-id`");
  }
  const byToken = token === undefined ? undefined : ({ method: "token", token: plainSecret(token) } as const);
  const mount = auth.method === "approle" ? auth.mount : "approle";
  const byRole = roleId === undefined ? undefined : ({ method: "approle", mount, roleId, secretId } as const);
  const chosen = auth.method === "approle" ? (byRole ?? byToken) : (byToken ?? byRole);
  if (chosen !== undefined) return chosen;
  if (auth.method === "jwt") return { method: "jwt", mount: auth.mount, role: auth.role };
  const needed = auth.method === "token" ? "`vault-token`" : "`vault-role-id` with `vault-secret-id`";
  throw vaultErrors("MESH_VAULT_LOGIN_MISSING", `store ${store} logs in by ${auth.method}, and ${needed} is not given`);
}

/** Without the line end that pasting adds; it goes into a header, where other characters cannot be. */
function plainSecret(token: Secret): Secret {
  const text = token.reveal().trim();
  if (/^[\x21-\x7e]+$/.test(text)) return new Secret(text);
  throw vaultErrors(
    "MESH_VAULT_LOGIN_MISSING",
    "the input vault-token is empty, or holds characters that no token has",
  );
}

export interface VaultToken {
  readonly secret: Secret;
  /** It is a login of ours, to be ended by us. */
  readonly isOurs: boolean;
  /** Vault can end it before its time; it cannot for a batch token. */
  readonly isRevocable: boolean;
}

export interface LoginContext {
  readonly api: VaultApi;
  readonly namespace: string | undefined;
  /** Whom this job's token is made out to. */
  readonly audience: string;
  readonly mask: (secret: Secret) => void;
  readonly idToken: (audience: string) => Promise<Secret>;
}

const AuthSchema = z.object({
  auth: z.object({ client_token: z.string().check(z.regex(/^[\x21-\x7e]+$/)), token_type: z.optional(z.string()) }),
});

/** Asking twice does no harm: a second token ends by itself. */
export async function logIn(login: VaultLogin, context: LoginContext): Promise<VaultToken> {
  const { api, mask } = context;
  const keep = (secret: Secret): Secret => {
    mask(secret);
    api.hide(secret);
    return secret;
  };
  if (login.method === "token") return { secret: keep(login.token), isOurs: false, isRevocable: false };
  const idToken = login.method === "jwt" ? keep(await context.idToken(context.audience)) : undefined;
  if (login.method === "approle" && login.secretId) keep(login.secretId);
  const reply = await api.call({
    method: "POST",
    path: `auth/${login.mount}/login`,
    namespace: context.namespace,
    body: idToken === undefined ? appRoleBody(login) : jwtBody(login, idToken),
    repeatable: true,
  });
  if (!reply.ok) throw refusal(login, reply, idToken, context);
  const parsed = AuthSchema.safeParse(reply.json);
  if (!parsed.success) throw vaultErrors("MESH_VAULT_ANSWER", `${reply.what}: there is no token in the answer`);
  const { client_token: token, token_type: type } = parsed.data.auth;
  return { secret: keep(new Secret(token)), isOurs: true, isRevocable: type !== "batch" };
}

function jwtBody(login: VaultLogin, idToken: Secret): unknown {
  const role = login.method === "jwt" ? login.role : undefined;
  return { ...(role === undefined ? {} : { role }), jwt: idToken.reveal() };
}

function appRoleBody(login: VaultLogin): unknown {
  if (login.method !== "approle") return {};
  const secretId = login.secretId?.reveal().trim();
  return { role_id: login.roleId.trim(), ...(secretId === undefined ? {} : { secret_id: secretId }) };
}

function refusal(login: VaultLogin, reply: VaultReply, idToken: Secret | undefined, context: LoginContext): MeshError {
  const place = context.api.where();
  const said = `${reply.what} was answered ${reply.status}: ${reply.said || "no reason given"}`;
  const mount = login.method === "token" ? "" : login.mount;
  if (reply.status === 403 || reply.status === 404) {
    return vaultErrors("MESH_VAULT_AUTH_MOUNT", `no login method answers at auth/${mount}: ${said}`, place);
  }
  if (idToken === undefined) {
    const isSecret = /secret.?id|role.?id|invalid role/i.test(reply.said);
    return vaultErrors(isSecret ? "MESH_VAULT_APPROLE" : "MESH_VAULT_LOGIN", said, place);
  }
  return jwtRefusal(said, reply, readClaims(idToken), {
    ...context,
    mount,
    role: login.method === "jwt" ? login.role : undefined,
  });
}

interface JwtContext extends LoginContext {
  readonly mount: string;
  readonly role: string | undefined;
}

function jwtRefusal(said: string, reply: VaultReply, claims: VaultClaims, context: JwtContext): MeshError {
  const { code, advice } = reasonOf(reply, claims, context);
  const lines = [advice ?? vaultErrors.specs[code].hint, claimsLine(claims)];
  const isClaim = code === "MESH_VAULT_CLAIM" || code === "MESH_VAULT_AUDIENCE" || code === "MESH_VAULT_ROLE";
  if (isClaim) {
    const role = context.role ?? "tailmesh";
    lines.push("A role that lets in this job and no other:", roleLines(claims, { mount: context.mount, role }));
  }
  return vaultErrors(code, said, { ...context.api.where(), hint: lines.join("\n") });
}

type Reason =
  | "MESH_VAULT_AUTH_CONFIG"
  | "MESH_VAULT_ROLE"
  | "MESH_VAULT_AUDIENCE"
  | "MESH_VAULT_CLAIM"
  | "MESH_VAULT_CLOCK"
  | "MESH_VAULT_ISSUER"
  | "MESH_VAULT_SIGNATURE"
  | "MESH_VAULT_LOGIN";

/** Vault has one status for all of it; the text is what there is to go by. */
function reasonOf(
  { said, date }: VaultReply,
  claims: VaultClaims,
  context: JwtContext,
): { readonly code: Reason; readonly advice?: string } {
  if (/could not load configuration/i.test(said)) {
    const at = context.namespace === undefined ? "the root namespace" : `namespace ${context.namespace}`;
    const advice = vaultErrors.specs.MESH_VAULT_AUTH_CONFIG.hint.replaceAll("MOUNT", context.mount);
    return { code: "MESH_VAULT_AUTH_CONFIG", advice: `It was looked for in ${at}. ${advice}` };
  }
  if (/missing role|role .* could not be found/i.test(said)) {
    return { code: "MESH_VAULT_ROLE", advice: vaultErrors.specs.MESH_VAULT_ROLE.hint.replace("MOUNT", context.mount) };
  }
  if (/\(exp\)|\(nbf\)|\(iat\)|is expired|not yet valid|issued in the future/i.test(said)) {
    const server = date === null ? "" : ` Vault's clock says ${date.toISOString()}.`;
    const advice = `The token is good ${lifeOf(claims)}.${server} ${vaultErrors.specs.MESH_VAULT_CLOCK.hint}`;
    return { code: "MESH_VAULT_CLOCK", advice };
  }
  if (/\(iss\)/i.test(said)) return { code: "MESH_VAULT_ISSUER" };
  if (/\(aud\)|no audiences bound/i.test(said)) return { code: "MESH_VAULT_AUDIENCE" };
  if (/\(sub\)/i.test(said)) {
    const advice =
      "The role has `bound_subject`, which changes with the repository's name and with GitHub's form of it: bind `repository_id` and its like instead.";
    return { code: "MESH_VAULT_CLAIM", advice };
  }
  if (/claim "[^"]*" (is missing|does not match|not found)|error validating claims/i.test(said)) {
    const name = /claim "([^"]*)"/.exec(said)?.[1];
    return name === undefined ? { code: "MESH_VAULT_CLAIM" } : { code: "MESH_VAULT_CLAIM", advice: claimAdvice(name) };
  }
  if (/signature|malformed jwt|unknown key|no known key/i.test(said)) return { code: "MESH_VAULT_SIGNATURE" };
  return { code: "MESH_VAULT_LOGIN" };
}

function claimAdvice(name: string): string {
  const more =
    name === "environment" ? " It is in the token only when the job has `environment: NAME` in the workflow." : "";
  return `Either this job is not meant to get in, or the role's \`bound_claims\` are to be corrected: ${name}.${more}`;
}
