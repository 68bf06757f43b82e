/** The text of a policy to write: derived entries merged into a base, with the line by which it is recognised later. */
import type { Mesh } from "../mesh/mesh.ts";
import { type Base, baseOf } from "./base.ts";
import { type DerivedPolicy, derivePolicy } from "./desired.ts";
import { readPolicy } from "./document.ts";
import { policyState, withMarker } from "./marker.ts";
import { mergePolicy } from "./merge.ts";
import type { PolicyFile } from "./parts.ts";

export interface Rendered {
  /** Base and derived entries. */
  readonly merged: string;
  /** The same as it is sent; its hash is only computed when it is asked for. */
  text(): string;
}

/** Throws MESH_POLICY_SHAPE where a section is not what it must be. */
export function renderPolicy(base: Base, derived: DerivedPolicy): Rendered {
  const merged = mergePolicy(base.tree, derived);
  return { merged, text: () => withMarker(merged) };
}

/**
 * The text that a run would send, without asking a server. `server` is the policy that is found there and taken as the
 * base (as with `adopt`); undefined = your files, else the server's untouched default.
 */
export function renderLocally(mesh: Mesh, files: readonly PolicyFile[], server: string | undefined): string {
  const document = { text: server ?? "", version: "", isDefault: server === undefined };
  const base = baseOf({
    control: mesh.tailnet.control,
    document,
    state: policyState(document),
    server: server === undefined ? undefined : readPolicy(server),
    files: server === undefined ? files : [],
    adopt: true,
    hasForeignDevices: false,
  });
  return renderPolicy(base, derivePolicy(mesh)).text();
}
