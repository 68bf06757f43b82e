/** What Vault or OpenBao can refuse or fail at. */
import { defineErrors } from "../../mesh/error.ts";

const knot =
  "Is the address right, the server running, and its port open from this runner? If this Vault is reached through the mesh that this run is to build or repair, it cannot be asked before the mesh stands: use workload identity (`oauth-client-id` with `audience`), or give the credential as an input. Either is used without asking Vault (docs/vault.md).";

export const vaultErrors = defineErrors({
  MESH_VAULT_UNREACHABLE: {
    kind: "unreachable",
    meaning: "Vault does not answer, or what stands in front of it says that it does not.",
    hint: knot,
  },
  MESH_VAULT_UNTRUSTED: {
    kind: "config",
    meaning: "Vault's certificate is signed by nobody this machine trusts. Nothing was sent to it.",
    hint: "For a private authority, put its PEM certificate into the repository and name the file in `stores.NAME.vault.ca`.",
  },
  MESH_VAULT_SEALED: {
    kind: "unreachable",
    meaning: "Vault is sealed: it runs, but cannot read its own storage. Nothing was changed.",
    hint: "Unseal it (`bao operator unseal`, `vault operator unseal`) and run again. A restart seals it unless auto-unseal is set up.",
  },
  MESH_VAULT_STANDBY: {
    kind: "unreachable",
    meaning: "That server is on standby and knows no active one. Nothing was changed.",
    hint: "Wait for an active server (`bao operator raft list-peers` shows them), or let the store's `url` be an address that always leads to it.",
  },
  MESH_VAULT_REDIRECT: {
    kind: "remote",
    meaning: "Vault's address sends us to another one. A token is never carried there.",
    hint: "A server on standby does this when it may not forward requests, and a login page in front of it does too: let the store's `url` be the address that answers by itself.",
  },
  MESH_VAULT_LIMITED: {
    kind: "unreachable",
    meaning: "Vault says that it is asked too often (a rate limit quota), or a proxy in front of it does.",
    hint: "Run again later, or raise the quota (`sys/quotas/rate-limit`).",
  },
  MESH_VAULT_FAILED: {
    kind: "remote",
    meaning: "Vault failed at the request.",
    hint: "The message is the server's own; its log for this moment says more. Then run again: a run starts by reading what is there.",
  },
  MESH_VAULT_ANSWER: {
    kind: "remote",
    meaning: "What answers at Vault's address does not answer as Vault does.",
    hint: "`stores.NAME.vault.url` is scheme, host and port, without a path. A login page or another site in front of it must let /v1/ pass.",
  },
  MESH_VAULT_NAMESPACE: {
    kind: "config",
    meaning: "Vault does not have that namespace.",
    hint: "`namespace` is where the secrets are, `auth-namespace` where the login is (default: the same). `bao namespace list` shows them. Open-source Vault has none; OpenBao does.",
  },
  MESH_VAULT_LOGIN_MISSING: {
    kind: "config",
    meaning: "The store's way of logging in needs inputs that are not given.",
    hint: "Give `vault-role-id` with `vault-secret-id` for approle, `vault-token` for token, or let the store log in by jwt with this job's own identity (`permissions: id-token: write`). In a pull request from a fork, secrets are empty.",
  },
  MESH_VAULT_APPROLE: {
    kind: "denied",
    meaning: "Vault does not accept the role id and secret id.",
    hint: "Is the secret id expired or used up (`secret_id_ttl`, `secret_id_num_uses`), or bound to other addresses? `bao write -f auth/approle/role/NAME/secret-id` gives a new one; `bao read auth/approle/role/NAME/role-id` shows the role id.",
  },
  MESH_VAULT_AUTH_MOUNT: {
    kind: "config",
    meaning: "No login method answers at that path, in that namespace.",
    hint: "`bao auth list` shows where the methods are mounted: write the path in `stores.NAME.vault.auth.mount`, and its namespace in `auth-namespace`. A role that is bound to other addresses than this runner's is answered so, too.",
  },
  MESH_VAULT_AUTH_CONFIG: {
    kind: "config",
    meaning: "The login method is mounted and not configured, or not in that namespace; or it cannot reach the issuer.",
    hint: "`bao write auth/MOUNT/config oidc_discovery_url=https://token.actions.githubusercontent.com bound_issuer=https://token.actions.githubusercontent.com` configures it. Is `auth-namespace` the namespace where that was done?",
  },
  MESH_VAULT_ROLE: {
    kind: "config",
    meaning: "The login names no role, and the method has no default one; or there is no such role.",
    hint: "`bao list auth/MOUNT/role` shows them: name one in `stores.NAME.vault.auth.role`, in the long form of `auth`.",
  },
  MESH_VAULT_AUDIENCE: {
    kind: "denied",
    meaning: "The role does not take tokens that are made out to this audience. Tailmesh asks for the store's `url`.",
    hint: "Let `bound_audiences` of the role be the store's `url`, letter by letter.",
  },
  MESH_VAULT_CLAIM: {
    kind: "denied",
    meaning: "The role is bound to a claim that this job's token does not have, or has with another value.",
    hint: "Either this job is not meant to get in, or the role's `bound_claims` are to be corrected. `environment` is in the token only when the job has `environment: NAME`.",
  },
  MESH_VAULT_CLOCK: {
    kind: "denied",
    meaning: "For Vault, this job's token is expired or not valid yet.",
    hint: "Compare the clocks of this machine and of Vault's (`timedatectl`): a token of GitHub's lives for five minutes.",
  },
  MESH_VAULT_ISSUER: {
    kind: "denied",
    meaning: "This job's token was issued by somebody else than the method's `bound_issuer`.",
    hint: "Let `bound_issuer` of the method's configuration be the token's `iss`; an enterprise can have an issuer of its own.",
  },
  MESH_VAULT_SIGNATURE: {
    kind: "denied",
    meaning: "Vault cannot verify the signature of this job's token with the keys that it knows.",
    hint: "Do `oidc_discovery_url` or `jwks_url` of the method's configuration belong to the token's `iss`, and can Vault reach them?",
  },
  MESH_VAULT_LOGIN: {
    kind: "denied",
    meaning: "Vault refuses the login.",
    hint: "The message is the server's own; its audit log says more.",
  },
  MESH_VAULT_TOKEN: {
    kind: "denied",
    meaning: "Vault does not know the token: expired, revoked, used up, or of another server.",
    hint: "Make a new one and store it as the secret behind `vault-token`. For a login of Tailmesh's own: `token_ttl` of the role must last for a run, and `token_num_uses` must be 0 or larger than the number of its requests.",
  },
  MESH_VAULT_CAPABILITY: {
    kind: "denied",
    meaning: "The token's policies lack a capability on that path.",
    hint: "Add the printed lines to a policy of the role (docs/vault.md has the whole of it).",
  },
  MESH_VAULT_MOUNT: {
    kind: "config",
    meaning: "No secrets engine is mounted at that path, in that namespace.",
    hint: "`bao secrets list` shows them: write the path in `stores.NAME.vault.mount` (default secret), and its namespace in `namespace`.",
  },
  MESH_VAULT_NOT_KV2: {
    kind: "config",
    meaning:
      "What is mounted there is no KV engine of version 2: without its check-and-set two runs could overwrite each other.",
    hint: "`bao secrets enable -path=PATH kv-v2` makes one; `bao kv enable-versioning PATH` turns a version 1 into it.",
  },
  MESH_VAULT_CAS_REQUIRED: {
    kind: "remote",
    meaning: "Vault asks for a check-and-set that was sent with the write: something in between took it out.",
    hint: "Look for a proxy that rewrites bodies. Nothing was written.",
  },
  MESH_VAULT_UNSURE: {
    kind: "unreachable",
    meaning:
      "A write was sent, no answer came, and the place could not be read afterwards: whether it was written is not known.",
    hint: "Run again when Vault answers: a run starts by reading what is there, and repairs.",
  },
  MESH_VAULT_SECRET_MISSING: {
    kind: "config",
    meaning: "There is no secret at the path of `credentials`, or its newest version is deleted.",
    hint: "`bao kv put -mount=MOUNT PATH oauth_client_id=… oauth_client_secret=-` writes one. `credentials.path` is the path below the mount, without `data/`.",
  },
  MESH_VAULT_FIELD_MISSING: {
    kind: "config",
    meaning: "The secret at the path of `credentials` lacks a field, or what is in it is no text.",
    hint: "It needs `oauth_client_id` and `oauth_client_secret`; `bao kv patch` adds one.",
  },
});
