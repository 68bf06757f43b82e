/** The codes of auth keys. */
import { defineErrors } from "../mesh/error.ts";

export const keyError = defineErrors({
  MESH_KEY_FILE_SYNTAX: {
    kind: "config",
    meaning: "A line of the key file is not `NODE KEY`.",
    hint: "Take the file that key-mint wrote. Each line is a node name, one blank and the key; lines that begin with # are comments.",
  },
  MESH_KEY_FILE_DUPLICATE: {
    kind: "config",
    meaning: "The key file has two keys for one node.",
    hint: "Keep one line for each node.",
  },
  MESH_KEY_FILE_MISSING: {
    kind: "config",
    meaning: "The key file does not exist.",
    hint: "Give `key-file` the output of key-mint of the same job, or leave it out: then each node gets a key just in time.",
  },
  MESH_KEY_NONE: {
    kind: "config",
    meaning: "A node has to log in and the key file has no key for it.",
    hint: "Run key-mint with the same topology and the same nodes selected, right before this step, or leave `key-file` out.",
  },
  MESH_KEY_UNKNOWN: {
    kind: "config",
    meaning: "A key of the key file is not known to this control server.",
    hint: "Was it minted for another server or tailnet, or deleted since? Run key-mint again in the same job.",
  },
  MESH_KEY_UNUSABLE: {
    kind: "config",
    meaning: "A key of the key file was used already, has expired, or was revoked.",
    hint: "Keys live for ten minutes and work once. Run key-mint again, right before this step.",
  },
  MESH_KEY_TAGS: {
    kind: "config",
    meaning:
      "A key of the key file carries other tags than the node's cluster has. The node would join with the wrong rights.",
    hint: "Run key-mint again with this topology. Tags come from the key and cannot be corrected by the node.",
  },
  MESH_KEY_LIFETIME: {
    kind: "config",
    meaning: "The life asked for a key is more than this control server gives.",
    hint: "Ask for a shorter `expiry`. Ten minutes are enough for a join in the same job.",
  },
  MESH_ROTATION_OVERDUE: {
    kind: "unverified",
    meaning:
      "A stored key should have been rotated long ago: the scheduled run was dropped, fails, or is switched off.",
    hint: "Look at the runs of the rotation workflow. GitHub switches schedules off after 60 days without a commit in a public repository, and in every fork: switch it on again under Actions, or with `gh workflow enable rotate.yml`, and start it once by hand.",
  },
  MESH_EXPIRY_NEAR: {
    kind: "config",
    meaning: "Something that this mesh lives by expires within 14 days, or has expired.",
    hint: "Replace it now; docs/rotation.md says how for each kind. `report-file` lists everything that expires.",
  },
});
