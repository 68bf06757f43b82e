/** Earlier versions of a topology and its policy files. */
import { MeshError } from "../mesh/error.ts";
import { parseTopology } from "../mesh/topology/parse.ts";
import type { Past } from "../policy/observe.ts";
import type { Wiring } from "../wiring.ts";

/** Nothing is read before somebody asks. */
export function pastOf(topology: string, { history, env }: Wiring): Past {
  return {
    history,
    topology,
    readMesh(text) {
      try {
        return parseTopology(text, { file: topology, env: (name) => env[name] });
      } catch (error) {
        if (error instanceof MeshError) return undefined;
        throw error;
      }
    },
  };
}
