/** Earlier versions of files of the checkout, as version control keeps them. */

export interface Version {
  /** Hash of the commit. */
  readonly commit: string;
  /** Texts by path; a path is missing where the commit does not have it. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface History {
  /** The commits that touched one of the paths, newest first, a bounded number. Empty where there is no history to read. */
  versions(paths: readonly string[]): Promise<readonly Version[]>;
}
