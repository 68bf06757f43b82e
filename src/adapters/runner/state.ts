/** Run state in the runner's state file; the post step gets it back as STATE_* variables. */
import * as core from "@actions/core";
import type { RunState } from "../../ports/run-state.ts";

export function createRunnerState(): RunState {
  return {
    save: (name, value) => core.saveState(name, value),
    load: (name) => core.getState(name) || undefined,
  };
}
