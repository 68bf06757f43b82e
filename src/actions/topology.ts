/** The topology file of a run, and the part of it that the run is about. */
import type { Mesh } from "../mesh/mesh.ts";
import type { Secret } from "../mesh/secret.ts";
import { type Selection, selectNodes } from "../mesh/topology/select.ts";
import type { ControlSettings, Wiring } from "../wiring.ts";
import { actionError } from "./errors.ts";
import { type StoreInputs, storeSettings } from "./stores.ts";

export interface MeshChoice {
  readonly topology: string;
  readonly clusters: readonly string[];
  readonly nodes: readonly string[];
}

/** Inputs of every action that asks the control server. */
export interface ServerInputs extends StoreInputs {
  readonly "oauth-client-id": string | undefined;
  readonly "oauth-client-secret": Secret | undefined;
  readonly audience: string | undefined;
  readonly "api-key": Secret | undefined;
}

/** Throws MESH_TOPOLOGY_MISSING, or every problem of the file and of the filters. */
export async function loadMesh(
  { topology: file, clusters, nodes }: MeshChoice,
  { workspace, env }: Wiring,
): Promise<{ readonly mesh: Mesh; readonly selection: Selection }> {
  const text = await workspace.read(file);
  if (text === undefined) {
    throw actionError("MESH_TOPOLOGY_MISSING", `there is no file ${file} in the checkout`, { where: { file } });
  }
  await nextTurn();
  // YAML and the topology's schema take longer to load than the inputs take to read: bad inputs need not wait for them.
  const { parseTopology } = await import("../mesh/topology/parse.ts");
  await nextTurn();
  const mesh = parseTopology(text, { file, env: (name) => env[name] });
  return { mesh, selection: selectNodes(mesh, { clusters, nodes }) };
}

/** PEM files of further roots: the input's and the topology's. */
export function trustedFiles(mesh: Mesh, caFile: string | undefined): readonly string[] {
  return [...new Set([caFile, mesh.tailnet.ca].filter((file) => file !== undefined))];
}

/** Lets what has arrived meanwhile be dealt with: loading and parsing keep the process busy, and a handshake has steps. */
export function nextTurn(): Promise<void> {
  return new Promise((done) => void setImmediate(done));
}

/** How the control server is reached, and with which credential. */
export function controlSettings(mesh: Mesh, inputs: ServerInputs): ControlSettings {
  return {
    tailnet: mesh.tailnet,
    credentials: {
      clientId: inputs["oauth-client-id"],
      clientSecret: inputs["oauth-client-secret"],
      audience: inputs.audience,
      apiKey: inputs["api-key"],
    },
    stored: mesh.credentials && {
      settings: storeSettings(mesh, mesh.credentials.store, inputs),
      place: mesh.credentials.path,
    },
    caFiles: trustedFiles(mesh, inputs["ca-file"]),
  };
}
