/** Files of the checkout (read) and of this run (written). */

/** Paths are relative to the checkout or absolute. */
export interface Workspace {
  /** Text of a file of the checkout; undefined when there is none. Throws on any other failure. */
  read(path: string): Promise<string | undefined>;
  /** Writes a file of this run (0600 when `secret`), complete or not at all, and returns its absolute path. */
  writeRunFile(name: string, content: string, options?: { readonly secret?: boolean }): Promise<string>;
  /** Removes a file of this run; nothing happens when it is gone. */
  removeRunFile(path: string): Promise<void>;
}
