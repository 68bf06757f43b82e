/** Learns what a plan of the policy needs, and no more: one read where there is nothing to write. */
import type { Mesh } from "../mesh/mesh.ts";
import type { Control, Device, PolicyDocument } from "../ports/control.ts";
import type { History } from "../ports/history.ts";
import type { Workspace } from "../ports/workspace.ts";
import { policyError } from "./errors.ts";
import { confirmed, expectedPlan } from "./expected.ts";
import { findLastApplied, type LastApplied } from "./last-applied.ts";
import { markerHash, policyState } from "./marker.ts";
import type { PolicyFile } from "./parts.ts";
import { type PolicyInput, type PolicyOptions, type PolicyPlan, planPolicy } from "./plan.ts";
import { previewLockouts } from "./preview.ts";

/** Where earlier versions of the files are, and how an old topology is read. */
export interface Past {
  readonly history: History;
  /** Path of the topology file. */
  readonly topology: string;
  /** Undefined where an old one cannot be read any more. */
  readonly readMesh: (text: string) => Mesh | undefined;
}

export interface ObservePorts {
  readonly control: Control;
  /** The policy, where it has been asked for already. */
  readonly document?: Promise<PolicyDocument>;
  readonly workspace: Workspace;
  /** Undefined: there is no history to look into. */
  readonly past?: Past | undefined;
}

/** Reads and plans; `devices` is called only when something is to be written. */
export async function observePolicy(
  { control, document: asked, workspace, past }: ObservePorts,
  { mesh, options }: { readonly mesh: Mesh; readonly options: PolicyOptions },
  devices: () => Promise<readonly Device[] | null>,
): Promise<PolicyPlan> {
  const known = {
    mesh,
    capabilities: control.capabilities,
    wire: control.wire.setPolicy,
    files: await readPolicyFiles(workspace, mesh.policyFiles),
    options,
  };
  const expected = asked && expectedPlan(known);
  const document = await (asked ?? control.getPolicy());
  const input: PolicyInput = { ...known, document };
  const first = confirmed(expected, document) ?? planPolicy(input);
  if (first.text === null) return first;
  const lastApplied = await lastAppliedOf(input, past);
  const second = planPolicy({ ...input, devices: await devices(), lastApplied });
  if (second.text === null || second.blocked !== null) return second;
  const previewed = await previewLockouts(control, second);
  return previewed.length === 0 ? second : planPolicy({ ...second.input, previewed });
}

/** Only looked for where it decides something: after an edit elsewhere, and where the server keeps no marker. */
async function lastAppliedOf(input: PolicyInput, past: Past | undefined): Promise<LastApplied | null | undefined> {
  const { document, capabilities, mesh } = input;
  const isUnmarked = !capabilities.policy.keepsComments && markerHash(document.text) === undefined;
  if (document.isDefault || (policyState(document) !== "drifted" && !isUnmarked)) return undefined;
  if (past === undefined) return null;
  const versions = await past.history.versions([...mesh.policyFiles, past.topology]);
  const { topology, readMesh } = past;
  return findLastApplied(versions, { document, files: mesh.policyFiles, topology, readMesh });
}

/** The operator's own files, in order. Throws MESH_POLICY_FILE_MISSING. */
export async function readPolicyFiles(workspace: Workspace, paths: readonly string[]): Promise<readonly PolicyFile[]> {
  const files: PolicyFile[] = [];
  for (const file of paths) {
    const text = await workspace.read(file);
    if (text === undefined) throw policyError("MESH_POLICY_FILE_MISSING", `no such file: ${file}`, { where: { file } });
    files.push({ file, text });
  }
  return files;
}
