/** The devices file that `--devices` names. */
import { decodeText } from "../hujson/tree.ts";
import { inertText } from "../mesh/inert.ts";
import { type Devices, readDevices } from "../policy/rules/devices.ts";
import { cliError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** Throws MESH_CLI_FILE or MESH_POLICY_DEVICES. */
export function readDevicesFile(terminal: Terminal, file: string): Devices {
  const text = decodeText(terminal.read(file));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw cliError("MESH_CLI_FILE", `${inertText(file, 200)} is not JSON`, { where: { file }, cause: error });
  }
  return readDevices(value);
}
