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
    meaning: "This version of Tailmesh does not speak with that control server or that version of it.",
    hint: "Use Headscale 0.29. Older ones know neither grants nor policy tests; newer ones have another API.",
  },
  MESH_CREDENTIAL_MISSING: {
    kind: "config",
    meaning: "There is no credential for the control server, or it is no text that could be one.",
    hint: "Give the input `api-key`: on Headscale `headscale apikeys create --expiration 90d` prints one. In a pull request from a fork, secrets are empty.",
  },
  MESH_CREDENTIAL_REJECTED: {
    kind: "denied",
    meaning: "The control server does not accept the API key: expired, revoked, or of another server.",
    hint: "Make a new one on the Headscale machine with `headscale apikeys create --expiration 90d` and store it as the secret behind `api-key`; `headscale apikeys list` shows when the old one expired.",
  },
  MESH_CREDENTIAL_DENIED: {
    kind: "denied",
    meaning: "The credential is valid but lacks the right for this request.",
    hint: "Give it the right that the message names, or look for a proxy in front of the server that filters /api/.",
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
