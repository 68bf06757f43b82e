/** What a control server can refuse or fail at. */
import { defineErrors } from "../../mesh/error.ts";

export const controlErrors = defineErrors({
  MESH_CONTROL_DOWN: {
    kind: "unreachable",
    meaning:
      "The control server does not answer. Joined nodes keep their traffic without it, but nothing can be read or changed.",
    hint: "Is the server running, and its port reachable from this runner? `curl -v URL/health` from here answers both; `journalctl -u headscale` there tells why it stopped.",
  },
  MESH_CONTROL_UNKNOWN: {
    kind: "config",
    meaning: "What answers at the address is not the control server that the topology names.",
    hint: "`tailnet.url` is Headscale's `server_url`, without a path. A login page or another site in front of it must let /version and /api/ pass.",
  },
  MESH_CONTROL_UNSUPPORTED: {
    kind: "config",
    meaning: "This version of Tailmesh does not speak with that version of the control server.",
    hint: "Use Headscale 0.29 or newer. Older ones know neither grants nor policy tests.",
  },
  MESH_CREDENTIAL_MISSING: {
    kind: "config",
    meaning: "There is no credential for the control server, or it is no text that could be one.",
    hint: "Give one of: `oauth-client-id` with `audience`, `oauth-client-id` with `oauth-client-secret`, or `api-key`, or keep the client in Vault (`credentials` of the topology); docs/tailscale.md, docs/headscale.md and docs/vault.md say where each is made. In a pull request from a fork, secrets are empty.",
  },
  MESH_CREDENTIAL_INCOMPLETE: {
    kind: "config",
    meaning:
      "One half of a credential is given and the other is not. Nothing else is tried in its place: a run uses the credential that you meant, or none.",
    hint: "`oauth-client-id` goes with `audience` (workload identity) or with `oauth-client-secret`. In a pull request from a fork, secrets are empty. To use `api-key`, leave the other three out.",
  },
  MESH_CREDENTIAL_UNFIT: {
    kind: "config",
    meaning: "That kind of credential does not exist on that kind of control server.",
    hint: "Tailscale takes workload identity, OAuth clients and API keys; Headscale 0.30 OAuth clients and API keys; Headscale 0.29 API keys only.",
  },
  MESH_CREDENTIAL_REJECTED: {
    kind: "denied",
    meaning: "The control server does not accept the credential: expired, revoked, mistyped, or of another server.",
    hint: "Make a new one (docs/tailscale.md, docs/headscale.md) and store it as the secret behind the input.",
  },
  MESH_CREDENTIAL_DENIED: {
    kind: "denied",
    meaning: "The credential is valid but lacks the right for this request.",
    hint: "Give it the right that the message names, or look for a proxy in front of the server that filters /api/.",
  },
  MESH_CREDENTIAL_TAGS: {
    kind: "denied",
    meaning:
      "The credential may not give a device that tag: it neither holds exactly the tags that were asked for, nor does a tag of it own them in the policy that is in force.",
    hint: "Let the credential hold one tag, the owner tag (`tailnet.owner-tag`, default tag:ci), let the policy make that the owner of every cluster's tag, and apply the policy before keys are minted.",
  },
  MESH_IDENTITY_REJECTED: {
    kind: "denied",
    meaning: "The control server does not trust the identity of this job.",
    hint: "Compare the credential in the console with the values that are printed: each must be equal, letter by letter.",
  },
  MESH_CONTROL_NOT_FOUND: {
    kind: "remote",
    meaning: "The control server has no such thing or no such endpoint.",
    hint: "If it was there a moment ago, somebody removed it: run again. Otherwise check `tailnet.url`.",
  },
  MESH_CONTROL_REJECTED: {
    kind: "remote",
    meaning: "The control server understood the request and refused it; nothing was changed by it.",
    hint: "The message is the server's own. A tag must be in the policy's `tagOwners` before a device can have it: apply the policy first.",
  },
  MESH_CONTROL_FAILED: {
    kind: "remote",
    meaning: "The control server failed at the request.",
    hint: "Look at the server's log for this moment (`journalctl -u headscale`), then run again: a run starts by reading what is there.",
  },
  MESH_CONTROL_LIMITED: {
    kind: "unreachable",
    meaning: "The control server, or a proxy in front of it, says that we ask too often.",
    hint: "Wait as long as it says and run again. The no-op of a run costs four requests at most: look for other clients.",
  },
  MESH_CONTROL_ANSWER: {
    kind: "remote",
    meaning: "The control server's answer is not what its API promises.",
    hint: "Is something in between that rewrites answers? Otherwise please report it, with the server's version.",
  },
  MESH_POLICY_READ_ONLY: {
    kind: "denied",
    meaning: "The control server takes its policy from a file and does not let us write it.",
    hint: "Set `policy.mode: database` in Headscale's configuration and restart it, after storing the present file with `headscale policy set -f FILE`.",
  },
});
