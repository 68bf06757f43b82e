/** What the common life of every action refuses or gives up on. */
import { defineErrors } from "../mesh/error.ts";

export const actionError = defineErrors({
  MESH_INPUT_INVALID: {
    kind: "config",
    meaning: "An input of the action is missing or has a value that it cannot have. Nothing was contacted.",
    hint: "Correct the input in the step's `with:`; the action's README lists what each takes.",
  },
  MESH_TOPOLOGY_MISSING: {
    kind: "config",
    meaning: "The topology file is not in the checkout.",
    hint: "Run actions/checkout before this step, or set `topology` to the path of your file.",
  },
  MESH_REF_NOT_ALLOWED: {
    kind: "refused",
    meaning: "Changes are applied from the default branch only, and this run is on another ref. Nothing was contacted.",
    hint: "Use `mode: plan` on branches and pull requests. To apply from this ref all the same, set `allow-ref` to `true` or to its name.",
  },
  MESH_CANCELLED: {
    kind: "refused",
    meaning: "The run was told to stop. The step at hand was finished; the rest was not begun.",
    hint: "Run it again: it finishes what is missing and changes nothing else.",
  },
  MESH_INTERNAL: {
    kind: "bug",
    meaning: "Something failed that Tailmesh did not expect. Running it again is safe.",
    hint: "Run again with step debug on (secret ACTIONS_STEP_DEBUG=true) and report the stack that it shows.",
  },
});
