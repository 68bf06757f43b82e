/** From inputs to the job that looks after the whole mesh, or after the part of it that an action is for. */
import type { ConvergePlanned, ConvergeSettings, Observed, Parts } from "../converge/model.ts";
import { convergeJob } from "../converge.ts";
import type { Secret } from "../mesh/secret.ts";
import type { Job } from "../plan/job.ts";
import type { PolicyOptions } from "../policy/plan.ts";
import type { Wiring } from "../wiring.ts";
import { pastOf } from "./past.ts";
import { ownerOf } from "./stored-key.ts";
import { controlSettings, loadMesh, type MeshChoice, type ServerInputs } from "./topology.ts";

/** Inputs of every action that reaches nodes. */
export interface NodeInputs extends MeshChoice, ServerInputs {
  readonly "ssh-private-key": Secret;
  readonly "ssh-passphrase": Secret | undefined;
  readonly concurrency: number;
}

/** Inputs of an action that changes nodes. */
export interface InstallInputs {
  readonly "tailscale-version": string;
  readonly "tailscale-archive": string | undefined;
  readonly "tailscale-sha256": readonly string[];
  readonly "undo-after": number;
}

export interface PolicyInputs {
  readonly adopt: boolean;
  readonly "on-drift": "fail" | "overwrite";
  readonly "allow-lockout": boolean;
}

/** What an action asks for beside the common things; what it has no input for does not matter to its parts. */
export interface MeshRequest {
  readonly parts: Parts;
  readonly install?: InstallInputs;
  readonly policy?: PolicyInputs;
  readonly keyFile?: ConvergeSettings["keyFile"];
  readonly failOn?: "broken" | "relayed";
  readonly rollback?: boolean;
  /** Watch over the stored keys of the topology, if it has any. */
  readonly watch?: boolean;
}

const noInstall: InstallInputs = {
  "tailscale-version": "1.102.5",
  "tailscale-archive": undefined,
  "tailscale-sha256": [],
  "undo-after": 300,
};

/** Reads the topology and wires the job. Throws what is wrong with the topology, all at once. */
export async function meshJob(
  inputs: NodeInputs,
  wiring: Wiring,
  request: MeshRequest,
): Promise<Job<Observed, ConvergePlanned>> {
  const { mesh, selection } = await loadMesh(inputs, wiring);
  const { install = noInstall, policy, keyFile, failOn = "broken", parts, watch = false } = request;
  const { storedKeys = [] } = mesh;
  const server = controlSettings(mesh, inputs);
  const { concurrency } = inputs;
  const { reporter, clock, state, workspace, nonce, signal, env } = wiring;
  const ports = {
    control: wiring.control(server),
    shell: wiring.shell({ privateKey: inputs["ssh-private-key"], passphrase: inputs["ssh-passphrase"], concurrency }),
    archives: wiring.archives({
      source: install["tailscale-archive"],
      sha256: install["tailscale-sha256"],
      caFiles: server.caFiles,
    }),
    workspace,
    reporter,
    clock,
    state,
    past: pastOf(inputs.topology, wiring),
  };
  return convergeJob(ports, {
    mesh,
    parts,
    selected: selection.nodes,
    links: selection.links,
    node: { version: install["tailscale-version"], undoAfter: install["undo-after"] },
    policy: policyOptions(policy),
    rollback: request.rollback ?? true,
    keyFile,
    failOn,
    concurrency,
    nonce,
    probePort: probePort(nonce),
    runId: env["GITHUB_RUN_ID"] || nonce.slice(0, 12),
    startedAt: clock.now(),
    signal,
    watch: watch && storedKeys.length > 0 ? { storedKeys, owner: ownerOf(env) } : undefined,
  });
}

/** How the inputs want the policy to be treated. */
export function policyOptions(inputs: PolicyInputs | undefined): PolicyOptions {
  return {
    adopt: inputs?.adopt ?? false,
    onDrift: inputs?.["on-drift"] ?? "fail",
    allowLockout: inputs?.["allow-lockout"] ?? false,
  };
}

/** A port for listeners in pods that two runs at once hardly share. */
function probePort(nonce: string): number {
  return 20_000 + (Number.parseInt(nonce.slice(0, 4), 16) % 10_000);
}
