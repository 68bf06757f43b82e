/** What the runner does not have or does not give: the archive, files of roots, the job's identity. */
import { defineErrors } from "../../mesh/error.ts";

export const runnerError = defineErrors({
  MESH_ROOTS_MISSING: {
    kind: "config",
    meaning:
      "The PEM file of certificate authorities, input `ca-file`, `tailnet.ca` or `ca` of a Vault store, is not there.",
    hint: "Commit the file, or write it in an earlier step; a path is relative to the checkout.",
  },
  MESH_ID_TOKEN_MISSING: {
    kind: "config",
    meaning:
      "The runner gives this job no ID token, which workload identity (`audience`) and a JWT login at Vault need.",
    hint: "Add `permissions: { id-token: write, contents: read }` to the job. Pull requests from forks never get one, and neither does a job outside GitHub Actions: use `oauth-client-secret` or `api-key` there, and AppRole or `vault-token` for Vault.",
  },
  MESH_ARCHIVE_NOT_FOUND: {
    kind: "config",
    meaning: "The tailscale archive could not be read from the path or URL that `tailscale-archive` names.",
    hint: "Check `tailscale-archive`; `{version}` and `{arch}` in it are filled in (amd64, arm64, arm, 386, riscv64). A path is relative to the checkout.",
  },
  MESH_ARCHIVE_CHECKSUM_MISSING: {
    kind: "config",
    meaning: "No SHA-256 is known for the tailscale archive: neither as input nor beside the archive.",
    hint: "Give `tailscale-sha256` (one sum, or one `arch=sum` for each architecture), or put a file `….tgz.sha256` beside the archive.",
  },
  MESH_ARCHIVE_CHECKSUM_MISMATCH: {
    kind: "refused",
    meaning: "The tailscale archive is not the one that its SHA-256 promises. No node has received it.",
    hint: "If you meant another build, give its sum as `tailscale-sha256`. Otherwise do not use this archive: it was cut short or tampered with.",
  },
  MESH_ARCHIVE_LAYOUT: {
    kind: "refused",
    meaning:
      "The tailscale archive is not laid out as Tailscale's own: one folder `tailscale_VERSION_ARCH` with plain files. No node has received it.",
    hint: "Use an archive from https://pkgs.tailscale.com/stable/ or build yours in that layout; `tailscale-version` must be the version in its folder's name.",
  },
});
