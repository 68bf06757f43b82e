/** Files of the checkout (read) and of this run (written). */

/** Paths are relative to the checkout or absolute. */
export interface Workspace {
  /** Text of a file of the checkout; undefined when there is none. Throws on any other failure. */
  read(path: string): Promise<string | undefined>;
  /** Replaces a file of the checkout, or makes it, complete or not at all. Throws for a place outside of the checkout. */
  write(path: string, content: string): Promise<void>;
  /** Writes a file of this run (0600 when `secret`), complete or not at all, and returns its absolute path. */
  writeRunFile(name: string, content: string, options?: { readonly secret?: boolean }): Promise<string>;
  /** Removes a file of this run; nothing happens when it is gone. */
  removeRunFile(path: string): Promise<void>;
}
