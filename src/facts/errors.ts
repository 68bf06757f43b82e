/** What can go wrong while a node is being read. */
import { defineErrors } from "../mesh/error.ts";

export const factsError = defineErrors({
  MESH_FACTS_INCOMPLETE: {
    kind: "remote",
    meaning: "The script that reads a node's state ended early or answered with something else.",
    hint: "Log in to the node by hand and look for a full disk, a shell profile that prints text, or a missing /run; then run again.",
  },
});
