// Waiting with a deadline: the lab never waits without one.
import { setTimeout as sleep } from "node:timers/promises";

export { sleep };

/** Asks `probe` until it answers something other than false, null or undefined; an error counts as "not yet". */
export async function until<T>(
  what: string,
  milliseconds: number,
  probe: () => Promise<T> | T,
  interval = 150,
): Promise<NonNullable<T>> {
  const end = Date.now() + milliseconds;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== false && answer !== null && answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= end) {
      const why = last === undefined ? "" : `: ${last instanceof Error ? last.message : String(last)}`;
      throw new Error(`not within ${milliseconds / 1000} s: ${what}${why}`);
    }
    await sleep(interval);
  }
}
