/** The codes of policy work. */
import { defineErrors } from "../mesh/error.ts";

export const policyError = defineErrors({
  MESH_POLICY_SHAPE: {
    kind: "config",
    meaning:
      "A policy is well-formed HuJSON, but a part of it is not what a tailnet policy has there (a list where an object belongs, a member twice).",
    hint: "Correct the policy at that place. Nothing was written.",
  },
  MESH_POLICY_FILE_MISSING: {
    kind: "config",
    meaning: "The topology names a policy file that is not in the checkout.",
    hint: "Correct `policy.file` or `policy.parts` in the topology, or check out the file before this step.",
  },
  MESH_POLICY_INVALID: {
    kind: "config",
    meaning:
      "The policy that the topology and your policy files give has a mistake, or one of its own tests fails. That was found without a server.",
    hint: "Correct your policy file at that place; `tailmesh policy check` tries it on your machine (docs/policy.md).",
  },
  MESH_POLICY_DEVICES: {
    kind: "config",
    meaning: "A devices file is not what the evaluator can use.",
    hint: 'Give it the shape `{"users":[…],"nodes":{NAME:{"user","tags","ipv4","ipv6","routes","approved"}}}` (docs/policy.md).',
  },
  MESH_POLICY_PARTS_CONFLICT: {
    kind: "config",
    meaning: "Two of your policy files define the same name differently.",
    hint: "Keep the definition in one of the two files.",
  },
  MESH_POLICY_FORBID_CONTRADICTS: {
    kind: "config",
    meaning:
      "A port is both allowed by `links` and forbidden by `forbid`; grants can only allow, so one of the two cannot be kept.",
    hint: "List the ports of that link under `links` without the forbidden ones, or remove the entry under `forbid`.",
  },
  MESH_POLICY_FOREIGN: {
    kind: "refused",
    meaning: "The tailnet already has a policy that Tailmesh has not written, and it lacks what the topology needs.",
    hint: "Read the diff. To let the derived entries be merged into that policy (nothing of it is removed), set `adopt: true` once.",
  },
  MESH_POLICY_DRIFTED: {
    kind: "conflict",
    meaning: "The policy was edited elsewhere after Tailmesh last wrote it, and something is to be written now.",
    hint: "Read the diff. `adopt: true` keeps those edits and merges into them (and rewrites `policy.file`); `on-drift: overwrite` goes on with your own base.",
  },
  MESH_POLICY_DEFAULT_IN_USE: {
    kind: "refused",
    meaning:
      "The server still has its default policy, which allows everything, and devices outside the topology live under it; the first policy would cut them off.",
    hint: "Set `adopt: true` to keep everything allowed for now, or write a policy for those devices and name it in `policy.file`.",
  },
  MESH_POLICY_LOCKOUT: {
    kind: "refused",
    meaning:
      "The policy to be written would take away what nobody wants to lose by accident: the owner of the credential's tag, a tag that devices carry, the runner's way to the nodes, the access of those who look after the tailnet, or a route that is served. Nothing was written.",
    hint: "Put a rule or an owner for it into your policy. If it is meant, set `allow-lockout: true` for this one run.",
  },
  MESH_POLICY_EMPTY: {
    kind: "refused",
    meaning:
      "The policy to be written would be empty or without a rule section. Servers take that as: everything is allowed.",
    hint: "Give the base policy a `grants` section, even an empty one.",
  },
  MESH_POLICY_LOSES_ENTRY: {
    kind: "refused",
    meaning:
      "The merged policy would lack an entry of others that the base has. This must not happen, so nothing was written.",
    hint: "Please report it with the policy and the topology.",
  },
  MESH_POLICY_REJECTED: {
    kind: "remote",
    meaning: "The control server refuses the policy. The old one stays in force.",
    hint: "Correct what the server names. A failing test says which access would be wrong.",
  },
  MESH_POLICY_CHANGED: {
    kind: "conflict",
    meaning: "The policy was changed by someone else between reading and writing it. Nothing was overwritten.",
    hint: "Run again: the new policy is read and planned afresh.",
  },
  MESH_POLICY_NOT_STORED: {
    kind: "unverified",
    meaning: "The server took the policy, but reading it back gives another one.",
    hint: "Run again and read the diff; someone may have written at the same moment.",
  },
});
