/** The place where changes are reviewed. */

export interface Forge {
  /** Whether this run belongs to a pull request. */
  readonly isPullRequest: boolean;
  /**
   * Writes the one comment of ours that begins with `marker` on the run's pull request, or changes it. `body` is Markdown,
   * already inert. Throws a coded error where it may not.
   */
  comment(marker: string, body: string): Promise<void>;
}
