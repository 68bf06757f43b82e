/** The runner's wish to stop, as an AbortSignal: what is at hand is finished, the rest is not begun. */
import { actionError } from "./errors.ts";

export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** Listens until disposed. The runner sends SIGINT, SIGTERM 7.5 s later, and kills after 2.5 s more. */
export function listenForStop(say: (line: string) => void): StopSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) return;
    say(`${name} received: the step at hand is finished, then this run stops.`);
    controller.abort(actionError("MESH_CANCELLED", `stopped by ${name}`));
  };
  const names = ["SIGINT", "SIGTERM"] as const;
  for (const name of names) process.on(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, stop);
    },
  };
}
