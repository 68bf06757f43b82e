/** What can go wrong with GitHub's API. */
import { defineErrors } from "../../mesh/error.ts";

export const githubError = defineErrors({
  MESH_GITHUB_COMMENT: {
    kind: "denied",
    meaning: "The plan could not be written as a comment on the pull request. The plan itself is not concerned.",
    hint: "Give the job `permissions: { pull-requests: write }` and `github-token: ${{ github.token }}`. Pull requests from forks get a token that may only read: there the step summary has the plan.",
  },
  MESH_GITHUB_TOKEN_MISSING: {
    kind: "config",
    meaning: "A store is on GitHub and there is no token that may write there.",
    hint: "Give `github-token` the token of a GitHub App (actions/create-github-app-token) or a fine-grained personal token. The job's own GITHUB_TOKEN can never write secrets, whatever `permissions:` says (docs/github-secrets.md).",
  },
  MESH_GITHUB_REPOSITORY: {
    kind: "config",
    meaning: "A store is on GitHub and this run does not say which repository it belongs to.",
    hint: "GITHUB_REPOSITORY is `owner/name` in every job on GitHub. Elsewhere, set it to the repository that has the environment.",
  },
  MESH_GITHUB_TOKEN: {
    kind: "denied",
    meaning: "GitHub does not accept the token: it has expired, was revoked, or is none.",
    hint: "An App's token lives for an hour: make it in the same job, right before this step. A personal token has the date that it was made with.",
  },
  MESH_GITHUB_DENIED: {
    kind: "denied",
    meaning: "The token may not do this with the environment's secrets and variables.",
    hint: "The App or the fine-grained personal token needs the repository permissions Environments, Secrets and Variables, each Read and write; after a change an App's owner must accept it. The job's own GITHUB_TOKEN can never have them, whatever `permissions:` says (docs/github-secrets.md).",
  },
  MESH_GITHUB_ENVIRONMENT: {
    kind: "config",
    meaning: "The repository has no environment of that name, or the token does not see the repository.",
    hint: "Make the environment under Settings > Environments, with the very name of the topology, and let the App be installed on this repository. Private repositories on the free plan have no environment secrets: use a Vault store there.",
  },
  MESH_GITHUB_NAME: {
    kind: "config",
    meaning: "GitHub takes no secret of that name, or no variable of that name with _META behind it.",
    hint: "Use letters, digits and _, not a digit first, nothing that begins with GITHUB_, and at most 250 characters.",
  },
  MESH_GITHUB_FOREIGN: {
    kind: "refused",
    meaning:
      "The environment has a secret or a variable of that name that Tailmesh did not make. It is not written over.",
    hint: "If it is of no use any more, delete the secret and its _META variable, else give the stored key another `name`.",
  },
  MESH_GITHUB_REJECTED: {
    kind: "remote",
    meaning: "GitHub refuses what was sent: a limit is reached, or the environment's public key has just changed.",
    hint: "An environment takes 100 secrets and 100 variables. Otherwise run again.",
  },
  MESH_GITHUB_LIMITED: {
    kind: "remote",
    meaning: "GitHub takes no more requests with this token for some time.",
    hint: "Run again after the time in the message. What was begun is finished or repaired by then. A token of its own for this job has a limit of its own.",
  },
  MESH_GITHUB_FAILED: {
    kind: "remote",
    meaning: "GitHub's API failed, or something else answered in its place.",
    hint: "Run again; what was begun is finished or repaired. githubstatus.com tells of outages. On GitHub Enterprise Server, GITHUB_API_URL must be its own API.",
  },
  MESH_GITHUB_UNPROVEN: {
    kind: "unverified",
    meaning: "GitHub said that it took the secret, and shows it as unchanged. No key was revoked.",
    hint: "Run again: the key is replaced. If it happens twice, look at the secret's date under Settings > Environments.",
  },
  MESH_GITHUB_RACE: {
    kind: "conflict",
    meaning:
      "Two runs wrote the same secret at the same time, and GitHub cannot say which of the two keys it holds. No key was revoked.",
    hint: "Run again: the secret gets a new key and both others are revoked later. One run at a time: put all workflows that change the mesh into one `concurrency` group, and rotate a key in one repository only.",
  },
});
