/** Time, so that deciding and waiting can be tested without it passing. */
export interface Clock {
  now(): Date;
  /** Resolves after that many milliseconds, or rejects with the signal's reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
