/** Inputs and outputs that several actions share; design and READMEs describe them once. */
import {
  choice,
  choices,
  flag,
  integer,
  list,
  matching,
  optionalSecret,
  secret,
  span,
  text,
  textOr,
  type Values,
} from "./inputs.ts";

/** Which mesh, and how much of it is shown. */
export const topologyInputs = { topology: textOr("tailmesh.yaml"), detail: choice(["masked", "full"]) };

/** Which part of the mesh. */
export const filterInputs = { clusters: list(), nodes: list() };

export const meshInputs = { ...topologyInputs, ...filterInputs };

/** What an action that writes asks before it does. */
export const changeInputs = {
  mode: choice(["apply", "plan"]),
  allow: choices(["create", "update", "delete"], "create,update"),
  plan: matching(/^[0-9a-f]{64}$/, "must be a plan hash: 64 hexadecimal digits", undefined),
  "fail-on-changes": flag(),
  "allow-ref": list("false"),
};

/** How to log in to Vault, unless it is by this job's identity. */
export const vaultInputs = {
  "vault-token": optionalSecret(),
  "vault-role-id": text(),
  "vault-secret-id": optionalSecret(),
};

/** The control server's credential, first of these that is given, and further roots. */
export const controlInputs = {
  "oauth-client-id": text(),
  audience: text(),
  "oauth-client-secret": optionalSecret(),
  "api-key": optionalSecret(),
  ...vaultInputs,
  "ca-file": text(),
};

export const sshInputs = {
  "ssh-private-key": secret(),
  "ssh-passphrase": optionalSecret(),
  concurrency: integer(1, 64, 10),
};

/** The tailscale that nodes without it get, and how long a node waits for its confirmation. */
export const installInputs = {
  "tailscale-version": matching(/^\d+\.\d+\.\d+$/, "must be a version such as 1.102.5", "1.102.5"),
  "tailscale-archive": text(),
  "tailscale-sha256": list(),
  "undo-after": span("60s", "1h", "300s"),
};

/** What becomes of a policy that is not as Tailmesh left it. */
export const policyInputs = { adopt: flag(), "on-drift": choice(["fail", "overwrite"]), "allow-lockout": flag() };

/** When a link that carries traffic is not good enough. */
export const failOnInput = { "fail-on": choice(["broken", "relayed"]) };

/** Outputs of every action. */
export const commonOutputs = ["changed", "plan-hash", "plan-file", "result-file"] as const;

/** How the common life reads the common inputs, whichever of them an action declares. */
export const lifeInputs = { ...changeInputs, detail: topologyInputs.detail };

export type LifeInputs = Values<typeof lifeInputs>;
