/** What a simulated command may use: its machine, the network, the control server. */
import type { Answer } from "../channel.ts";
import type { ControlServer } from "../control.ts";
import type { Machine } from "../machine.ts";
import type { Network } from "../network.ts";

export interface Context {
  readonly machine: Machine;
  readonly network: Network;
  readonly control: ControlServer;
  /** Marks what the running command does as a change to the world. */
  changes(what: string): void;
  /** Runs a command of the machine (a unit's ExecStart, a timer) as its root. */
  execute(command: readonly string[]): Promise<{ readonly code: number; readonly output: string }>;
  input(): Promise<string>;
}

export type Command = (args: readonly string[], context: Context) => Promise<Answer>;
