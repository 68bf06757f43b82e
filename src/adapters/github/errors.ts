/** What can go wrong with GitHub's API. */
import { defineErrors } from "../../mesh/error.ts";

export const githubError = defineErrors({
  MESH_GITHUB_COMMENT: {
    kind: "denied",
    meaning: "The plan could not be written as a comment on the pull request. The plan itself is not concerned.",
    hint: "Give the job `permissions: { pull-requests: write }` and `github-token: ${{ github.token }}`. Pull requests from forks get a token that may only read: there the step summary has the plan.",
  },
});
