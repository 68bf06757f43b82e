/** What can go wrong with files of the checkout and of this run. */
import { defineErrors } from "../../mesh/error.ts";

export const fileErrors = defineErrors({
  MESH_FILE_READ: {
    kind: "config",
    meaning: "A file is there but cannot be read: a folder in its place, or no right to it.",
    hint: "Paths are relative to the repository's root. Check that it is a plain file that the runner's user may read.",
  },
  MESH_FILE_WRITE: {
    kind: "config",
    meaning: "A file of this run or of the checkout could not be written. What was there before is as it was.",
    hint: "Is there room on the disk, and may the runner's user write to its temporary folder (RUNNER_TEMP)?",
  },
  MESH_FILE_OUTSIDE: {
    kind: "refused",
    meaning: "A file was to be written or removed outside the folder of this run, or outside the checkout.",
    hint: "Something replaced part of the run's folder by a link, or a name with `..` got here. Start the job on a clean runner.",
  },
  MESH_STORE_FOLDER: {
    kind: "config",
    meaning:
      "A file store cannot use its folder: no right to it, no plain file at the place, or a link that leads out of it. What was there before is as it was.",
    hint: "`stores.NAME.file.folder` must be a folder that the runner's user may write to, on a file system with hard links; places in it are plain files.",
  },
});
