/** Post steps: keys that a run minted and that nothing used must not stay usable. */
import { mintedIds, revokeUnused } from "../keys/mint.ts";
import type { Control } from "../ports/control.ts";
import type { Wiring } from "../wiring.ts";
import { controlSettings, loadMesh, type ServerInputs } from "./topology.ts";

interface RevokeInputs extends ServerInputs {
  readonly topology: string;
}

type Keys = Pick<Control, "listKeys" | "revokeKey">;

/** The server's keys; nothing is read or contacted before one of them is asked for. */
export function lazyKeys(inputs: RevokeInputs, wiring: Wiring): Keys {
  let opened: Promise<Control> | undefined;
  const control = (): Promise<Control> => {
    opened ??= open(inputs, wiring);
    return opened;
  };
  return {
    listKeys: async () => (await control()).listKeys(),
    revokeKey: async (id) => (await control()).revokeKey(id),
  };
}

/** Revokes what the main step minted just in time and did not come to use or to take back. */
export async function revokeMinted(inputs: RevokeInputs, wiring: Wiring): Promise<void> {
  await revokeUnused(lazyKeys(inputs, wiring), mintedIds(wiring.state), wiring.reporter);
}

async function open(inputs: RevokeInputs, wiring: Wiring): Promise<Control> {
  const { mesh } = await loadMesh({ ...inputs, clusters: [], nodes: [] }, wiring);
  return wiring.control(controlSettings(mesh, inputs))();
}
