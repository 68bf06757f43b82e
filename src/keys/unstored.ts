/** Keys that this run minted for a store and that are not proven to be in it: the post step decides about them. */
import { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { StoredKey } from "../mesh/mesh.ts";
import type { Control } from "../ports/control.ts";
import type { Reporter } from "../ports/reporter.ts";
import type { RunState } from "../ports/run-state.ts";
import type { SecretStore } from "../ports/secret-store.ts";

export interface Unstored {
  readonly keyId: string;
  /** Name of the stored key. */
  readonly name: string;
  /** `minted`: no store was sent it yet. `sent`: a store may have it. */
  readonly phase: "minted" | "sent";
}

const stateName = "unstored-keys";

/** Of each run so far: in the main step a saved state cannot be read back. */
const unstoredByRun = new WeakMap<RunState, readonly Unstored[]>();

/** Notes the key, or how far it has come; written at once, so that a kill right after does not lose it. */
export function noteUnstored(state: RunState, entry: Unstored): void {
  save(state, [...unstoredKeys(state).filter(({ keyId }) => keyId !== entry.keyId), entry]);
}

/** The key is in its store, or revoked: nothing is left to decide. */
export function forgetUnstored(state: RunState, keyId: string): void {
  save(
    state,
    unstoredKeys(state).filter((entry) => entry.keyId !== keyId),
  );
}

export function unstoredKeys(state: RunState): readonly Unstored[] {
  return unstoredByRun.get(state) ?? parse(state.load(stateName) ?? "");
}

export interface UnstoredPorts {
  readonly control: Pick<Control, "revokeKey">;
  readonly reporter: Pick<Reporter, "info" | "warn">;
  /** The stored key of that name, and its store; undefined when the topology has none. */
  find(name: string): Promise<{ readonly stored: StoredKey; readonly store: SecretStore } | undefined>;
}

/** Revokes those that never reached their store. A store is asked again first; where it cannot tell, the key stays. Never throws. */
export async function revokeUnstored(state: RunState, ports: UnstoredPorts): Promise<void> {
  for (const entry of unstoredKeys(state)) {
    const id = inertText(entry.keyId, 60);
    try {
      const isSafe = entry.phase === "minted" || (await isElsewhere(entry, ports));
      if (!isSafe) {
        ports.reporter.info(`key ${id} is in the store, or may be: it stays`);
        continue;
      }
      await ports.control.revokeKey(entry.keyId);
      ports.reporter.info(`key ${id} never reached its store and was revoked`);
    } catch (error) {
      const why = error instanceof MeshError ? `${error.code}: ${error.message}` : "unexpected failure";
      ports.reporter.warn(
        `key ${id} for stored key ${inertText(entry.name, 80)} may be left over: ${inertText(why, 300)}; the next key-rotate decides`,
      );
    }
  }
}

/** True only when the store says for certain that it has something else. */
async function isElsewhere({ keyId, name }: Unstored, ports: UnstoredPorts): Promise<boolean> {
  const found = await ports.find(name);
  if (found === undefined || !found.store.capabilities.readable) return false;
  const { kind, record, isConsistent } = await found.store.read(found.stored.place);
  if (!isConsistent || kind === "foreign") return false;
  return record?.keyId !== keyId && record?.previousKeyId !== keyId;
}

function save(state: RunState, entries: readonly Unstored[]): void {
  unstoredByRun.set(state, entries);
  state.save(stateName, entries.map(({ phase, name, keyId }) => `${phase} ${name} ${keyId}`).join("\n"));
}

function parse(text: string): readonly Unstored[] {
  return text.split("\n").flatMap((line) => {
    const [, phase, name, keyId] = /^(minted|sent) (\S+) (.+)$/.exec(line) ?? [];
    if (name === undefined || keyId === undefined) return [];
    return { keyId, name, phase: phase === "minted" ? "minted" : "sent" };
  });
}
