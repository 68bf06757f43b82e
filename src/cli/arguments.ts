/** Options and files of a command, read strictly. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { inertText } from "../mesh/inert.ts";
import { cliError } from "./errors.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Throws MESH_CLI_USAGE for an option that does not exist or lacks its value. */
export function readArguments<const T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : "the arguments cannot be read";
    throw cliError("MESH_CLI_USAGE", inertText(message, 300));
  }
}

/** Throws MESH_CLI_USAGE. */
export function usageError(message: string): never {
  throw cliError("MESH_CLI_USAGE", inertText(message, 300));
}
