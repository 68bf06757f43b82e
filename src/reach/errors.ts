/** What can be wrong with the proof that traffic flows. */
import { defineErrors } from "../mesh/error.ts";

export const reachError = defineErrors({
  MESH_LINK_BROKEN: {
    kind: "unverified",
    meaning: "Pods of one cluster do not get an answer from the other, or a connection that must not exist does.",
    hint: "The message names the first layer that failed and its remedy; the step summary has every link and what was seen.",
  },
  MESH_LINK_RELAYED: {
    kind: "unverified",
    meaning: "Traffic flows, but through a relay, and `fail-on: relayed` asks for direct paths.",
    hint: "Open UDP 41641 to the routers, or give at least one side of the link a public address.",
  },
  MESH_LINK_NOT_TESTED: {
    kind: "unverified",
    meaning: "Nothing could be sent over a link, so nothing is known about it.",
    hint: "A link is tested from the pods of its nodes: each side needs a ready pod, and the nodes must be reachable by SSH.",
  },
  MESH_REGRESSION: {
    kind: "unverified",
    meaning: "A link worked before the run's changes and not after them, so the changes were taken back.",
    hint: "Read the finding of that link in the step summary; then plan the change for fewer nodes at a time.",
  },
  MESH_PROBE_INCOMPLETE: {
    kind: "remote",
    meaning: "The script that probes from a node ended early or answered with something else.",
    hint: "Log in to the node by hand and look for a full /run or a shell profile that prints text; then run again.",
  },
});
