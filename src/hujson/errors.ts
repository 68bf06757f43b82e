/** The codes of HuJSON reading. */
import { defineErrors } from "../mesh/error.ts";

export const hujsonError = defineErrors({
  MESH_HUJSON_SYNTAX: {
    kind: "config",
    meaning:
      "A policy file is not HuJSON (JSON with comments and trailing commas); the place is where the reader gave up.",
    hint: "Look at that line and the one before it: most often a comma or a quote is missing. Nothing was written.",
  },
});
