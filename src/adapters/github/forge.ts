/** The Forge port on GitHub: one comment on a pull request, found again by its first line and its author. */
import { inertText } from "../../mesh/inert.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { Forge } from "../../ports/forge.ts";
import { githubError } from "./errors.ts";

export interface GitHubOptions {
  readonly token: Secret;
  /** `https://api.github.com`. */
  readonly url: string;
  /** `owner/name`; undefined outside of GitHub. */
  readonly repository: string | undefined;
  /** Undefined where the run belongs to none. */
  readonly pullRequest: number | undefined;
}

export function createForge(options: GitHubOptions): Forge {
  const [owner, repo] = options.repository?.split("/") ?? [];
  const { pullRequest } = options;
  return {
    isPullRequest: pullRequest !== undefined && owner !== undefined && repo !== undefined,
    async comment(marker, body) {
      if (pullRequest === undefined || owner === undefined || repo === undefined) return;
      const where = { address: `pull request #${pullRequest}` };
      try {
        await writeComment(await client(options), { owner, repo, issue_number: pullRequest }, marker, body);
      } catch (cause) {
        throw githubError("MESH_GITHUB_COMMENT", `no comment on #${pullRequest}: ${reasonOf(cause)}`, { where, cause });
      }
    },
  };
}

/** Heavy to load, and only needed for a comment. */
async function client({ token, url }: GitHubOptions) {
  const { getOctokitOptions, GitHub } = await import("@actions/github/lib/utils");
  return new GitHub(getOctokitOptions(token.reveal(), { baseUrl: url, log: silent }));
}

type Client = Awaited<ReturnType<typeof client>>;

/** The library would print what it is refused. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Place {
  readonly owner: string;
  readonly repo: string;
  readonly issue_number: number;
}

async function writeComment(github: Client, place: Place, marker: string, body: string): Promise<void> {
  const text = `${marker}\n${body}`;
  const own = await ownName(github);
  const pages = github.paginate.iterator(github.rest.issues.listComments, { ...place, per_page: 100 });
  for await (const { data } of pages) {
    // Anybody may write a comment that begins like ours; such a one is left alone.
    const found = data.find(
      ({ body: written, user }) =>
        (written ?? "").startsWith(marker) && (own === undefined ? user?.type === "Bot" : user?.login === own),
    );
    if (found === undefined) continue;
    if (found.body === text) return;
    await github.rest.issues.updateComment({ ...repository(place), comment_id: found.id, body: text });
    return;
  }
  await github.rest.issues.createComment({ ...place, body: text });
}

function repository({ owner, repo }: Place) {
  return { owner, repo };
}

/** Who a personal token belongs to; undefined for a token of an app, such as the job's own, which may not ask. */
async function ownName(github: Client): Promise<string | undefined> {
  try {
    return (await github.rest.users.getAuthenticated()).data.login;
  } catch (error) {
    if (statusOf(error) === 403) return undefined;
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : undefined;
}

function reasonOf(error: unknown): string {
  const status = statusOf(error);
  const message = error instanceof Error ? error.message : "something that is no error was thrown";
  return inertText(status === undefined ? message : `${status}: ${message}`, 300);
}
