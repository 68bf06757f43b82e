/** Ids that outlive the main step, for the post step. Never a secret: the runner keeps them in a plain file. */
export interface RunState {
  /** Replaces the value; written at once, so that a kill right after does not lose it. */
  save(name: string, value: string): void;
  /** Undefined in the main step, the saved value in the post step. */
  load(name: string): string | undefined;
}
