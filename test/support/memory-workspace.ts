/** A workspace in memory. */
import type { Workspace } from "../../src/ports/workspace.ts";

export class MemoryWorkspace implements Workspace {
  /** Files of the checkout. */
  readonly files = new Map<string, string>();
  /** Files of the run, by path. */
  readonly runFiles = new Map<string, { readonly content: string; readonly secret: boolean }>();

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(files)) this.files.set(path, text);
  }

  async read(path: string): Promise<string | undefined> {
    return this.files.get(path) ?? this.runFiles.get(path)?.content;
  }

  async write(path: string, content: string): Promise<void> {
    this.files.set(path, content);
  }

  async writeRunFile(name: string, content: string, options?: { readonly secret?: boolean }): Promise<string> {
    const path = `/run/${name}`;
    this.runFiles.set(path, { content, secret: options?.secret ?? false });
    return path;
  }

  async removeRunFile(path: string): Promise<void> {
    this.runFiles.delete(path);
  }
}
