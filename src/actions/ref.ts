/** From where changes may be applied. */
import type { MeshError } from "../mesh/error.ts";
import type { Trigger } from "../ports/host.ts";
import { actionError } from "./errors.ts";

/**
 * Undefined when the run may apply: it is on the default branch, it is unknown which that is, or `allowed` (`true`, or
 * names of refs) says so.
 */
export function refusedRef({ ref, defaultBranch }: Trigger, allowed: readonly string[]): MeshError | undefined {
  if (ref === null || defaultBranch === null || ref === `refs/heads/${defaultBranch}`) return undefined;
  const short = ref.replace(/^refs\/(heads|tags)\//, "");
  if (allowed.some((name) => name === "true" || name === ref || name === short)) return undefined;
  return actionError("MESH_REF_NOT_ALLOWED", `this run is on ${ref}; the default branch is ${defaultBranch}`);
}
