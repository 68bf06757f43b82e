/** Mints keys that are used within minutes, remembers them, and takes back the unused. */
import { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { Cluster, Node, Tag } from "../mesh/mesh.ts";
import type { Change } from "../plan/change.ts";
import type { Control, Device, MintedKey } from "../ports/control.ts";
import type { Reporter } from "../ports/reporter.ts";
import type { RunState } from "../ports/run-state.ts";
import { keyDescription } from "./description.ts";
import { keyError } from "./errors.ts";

export interface KeyRequest {
  /** Whom it is for; only the name counts. */
  readonly node: Pick<Node, "name">;
  readonly tags: readonly [Tag, ...Tag[]];
  /** Named in the description, so that a key can be traced to its run. */
  readonly runId: string;
  /** Default: ten minutes. */
  readonly expirySeconds?: number;
  /** Default: works once. */
  readonly reusable?: boolean;
}

export interface MintPorts {
  readonly reporter: Pick<Reporter, "mask" | "info">;
  readonly state: RunState;
}

export const defaultExpirySeconds = 600;

/** Under this name the ids of minted keys wait for the post step. */
const stateName = "minted-key-ids";

/** Ids of each run so far: in the main step a saved state cannot be read back. */
const mintedByRun = new WeakMap<RunState, string[]>();

/** True when the control server does not show the node as joined with its tag. */
export function needsKey(node: Node, cluster: Pick<Cluster, "tag">, devices: readonly Device[]): boolean {
  const name = node.hostname.toLowerCase();
  return !devices.some(
    (d) => d.tags.includes(cluster.tag) && [d.hostname, d.label].some((n) => n.toLowerCase() === name),
  );
}

/** The change that mints one key. */
export function mintChange(
  name: string,
  tags: Tag | readonly Tag[],
  wire: string,
  key: Pick<KeyRequest, "expirySeconds" | "reusable"> & { readonly isSeen?: boolean } = {},
): Change {
  const list = typeof tags === "string" ? tags : tags.join(", ");
  const use = key.reusable ? "reusable" : "single-use";
  return {
    address: `key/${name}`,
    resource: "key",
    kind: "create",
    why:
      key.isSeen === false
        ? `whether ${name} is joined with ${list} is not verified: the credential may not list devices`
        : `the control server does not show ${name} as joined with ${list}`,
    diff: `+ ${use} key for ${list}, ${key.expirySeconds ?? defaultExpirySeconds} s`,
    risk: "none",
    undo: "unused keys are revoked when the job ends",
    does: [`${wire} (${list})`],
  };
}

/** Throws MESH_KEY_LIFETIME where the server gives no key that lives so long. */
export function checkLifetime(control: Control, expirySeconds: number): void {
  const longest = control.capabilities.keys.maxLifetimeSeconds;
  if (expirySeconds > 0 && (longest === null || expirySeconds <= longest)) return;
  throw keyError(
    "MESH_KEY_LIFETIME",
    `${expirySeconds} s; the server gives ${longest === null ? "more than 0" : `1 to ${longest}`} s`,
  );
}

/** Mints one after the other. Each is masked before anything else, and its id saved before the next is minted. */
export async function mintKeys(
  control: Control,
  requests: readonly KeyRequest[],
  ports: MintPorts,
): Promise<readonly MintedKey[]> {
  const minted: MintedKey[] = [];
  for (const { node, tags, runId, expirySeconds = defaultExpirySeconds, reusable = false } of requests) {
    checkLifetime(control, expirySeconds);
    const made = await control.mintKey({
      tags,
      description: keyDescription(node.name, runId),
      expirySeconds,
      reusable,
    });
    ports.reporter.mask(made.secret);
    remember(ports.state, made.key.id);
    ports.reporter.info(`key ${inertText(made.key.id, 60)} minted for ${node.name}`);
    minted.push(made);
  }
  return minted;
}

function remember(state: RunState, id: string): void {
  const ids = [...(mintedByRun.get(state) ?? []), id];
  mintedByRun.set(state, ids);
  state.save(stateName, ids.join(","));
}

/** Ids that the main step minted; in the post step they come from the saved state. */
export function mintedIds(state: RunState): readonly string[] {
  const saved = state.load(stateName) ?? "";
  return mintedByRun.get(state) ?? saved.split(",").filter((id) => id !== "");
}

/** Revokes those of the ids that are still usable. Never throws: what fails is a warning, and the key expires by itself. */
export async function revokeUnused(
  control: Pick<Control, "listKeys" | "revokeKey">,
  ids: readonly string[],
  reporter: Pick<Reporter, "info" | "warn">,
): Promise<void> {
  if (ids.length === 0) return;
  try {
    const usable = (await control.listKeys()).filter((key) => ids.includes(key.id) && key.state === "usable");
    for (const key of usable) await revokeOne(control, key.id, reporter);
  } catch (error) {
    reporter.warn(
      `keys ${inertText(ids.join(", "), 200)} could not be looked at: ${reason(error)}; unused ones expire by themselves`,
    );
  }
}

async function revokeOne(
  control: Pick<Control, "revokeKey">,
  id: string,
  reporter: Pick<Reporter, "info" | "warn">,
): Promise<void> {
  try {
    await control.revokeKey(id);
    reporter.info(`unused key ${inertText(id, 60)} revoked`);
  } catch (error) {
    reporter.warn(`key ${inertText(id, 60)} could not be revoked: ${reason(error)}; it expires by itself`);
  }
}

function reason(error: unknown): string {
  return error instanceof MeshError ? inertText(`${error.code}: ${error.message}`, 300) : "unexpected failure";
}
