/** What the guards of a plan refuse. */
import { defineErrors } from "../mesh/error.ts";

export const planError = defineErrors({
  MESH_CHANGE_NOT_ALLOWED: {
    kind: "refused",
    meaning:
      "The plan holds a kind of change (create, update or delete) that the input `allow` does not name. Nothing was changed.",
    hint: "Read the changes listed under Plan. If you want them, name their kind in `allow`, for example `allow: create,update,delete`.",
  },
  MESH_PLAN_CHANGED: {
    kind: "refused",
    meaning:
      "The input `plan` pins the apply to one plan, and what was observed now leads to another. Nothing was changed.",
    hint: "Run with `mode: plan`, review the plan, and pin the new hash (output `plan-hash`).",
  },
  MESH_CHANGES_PENDING: {
    kind: "refused",
    meaning: "`fail-on-changes` is true and the plan is not empty: what is there differs from what your files say.",
    hint: "Read the changes listed under Plan; apply them with `mode: apply`, or bring the topology file to what is there.",
  },
});
