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
    meaning: "The key file does not exist. It is a file of the job that minted the keys, and goes with that job.",
    hint: "Run key-mint in the same job as node-provision: files do not reach another job, and neither does a key as a job output, since GitHub drops outputs that hold masked values. Or leave `key-file` out: then each node gets a key just in time.",
  },
  MESH_KEY_EMPTY: {
    kind: "config",
    meaning:
      "A line of the key file names a node and has no key after it: the key that was to be written there arrived empty. GitHub drops, without an error, job outputs that hold masked values, so that a key never reaches another job that way.",
    hint: "Run key-mint in the same job as node-provision and give `key-file` its output `key-file`, or leave `key-file` out: then each node gets a key just in time.",
  },
  MESH_KEY_NONE: {
    kind: "config",
    meaning: "A node has to log in and the key file has no key for it.",
    hint: "Run key-mint with the same topology and the same nodes selected, in this job and right before this step, or leave `key-file` out. A file that was written from a job output is empty: GitHub drops outputs that hold masked values.",
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
});
