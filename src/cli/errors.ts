/** The codes of the command line. */
import { defineErrors } from "../mesh/error.ts";

export const cliError = defineErrors({
  MESH_CLI_USAGE: {
    kind: "config",
    meaning: "A command or an option does not exist, or something it needs is missing.",
    hint: "Read `tailmesh --help`.",
  },
  MESH_CLI_FILE: {
    kind: "config",
    meaning: "A file named on the command line cannot be read, or is not JSON where JSON is needed.",
    hint: "Correct the path, or the file.",
  },
});
