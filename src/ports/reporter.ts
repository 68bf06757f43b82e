/** What a run says while it works. Implementations make every text inert for their medium. */
import type { Where } from "../mesh/error.ts";
import type { Secret } from "../mesh/secret.ts";

export interface Reporter {
  info(line: string): void;
  /** Only with step debug on. */
  debug(line: string): void;
  warn(line: string, where?: Where): void;
  /** Opens a named group around `work`. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>;
  /** From now on this value must not appear in anything printed. Call before the value is used. */
  mask(secret: Secret): void;
}
