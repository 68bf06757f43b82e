/** Runs the probes of all nodes at once, one exec each, over sessions that are already open. */
import type { NodeFacts } from "../facts/facts.ts";
import { MeshError } from "../mesh/error.ts";
import type { Link, Mesh } from "../mesh/mesh.ts";
import type { ShellSession } from "../ports/shell.ts";
import { reachError } from "./errors.ts";
import { lastLine, type ProbeResult, parseProbes } from "./parse.ts";
import type { NodeProbes } from "./probe.ts";
import { planProbes } from "./probes.ts";
import { probeScript, probeSeconds } from "./script.ts";

/** Wall-clock limit of a node's exec in seconds; the script itself ends well before. */
const execSeconds = 15;

export interface ProbeRunOptions {
  /** Unguessable word that frames what nodes say. */
  readonly nonce: string;
  /** TCP port of the listeners in pods, out of `listenerPorts`. */
  readonly port: number;
}

/** Results by node, then by probe id. A node whose probes were lost is not in it, and its links are not green. */
export async function probeLinks(
  sessions: ReadonlyMap<string, ShellSession>,
  mesh: Mesh,
  facts: ReadonlyMap<string, NodeFacts>,
  links: readonly Link[],
  options: ProbeRunOptions,
): Promise<ReadonlyMap<string, ReadonlyMap<string, ProbeResult>>> {
  const plans = [...planProbes(mesh, facts, links).values()].filter((p) => p.probes.length > 0 || p.listener);
  const done = await Promise.all(
    plans.map(async (plan): Promise<readonly (readonly [string, ReadonlyMap<string, ProbeResult>])[]> => {
      const session = sessions.get(plan.node);
      const results = session ? await probeNode(session, plan, options) : undefined;
      return results ? [[plan.node, results]] : [];
    }),
  );
  return new Map(done.flat());
}

/** Undefined where the connection was lost or the script did not end as it should: that is a gap, not a verdict. */
async function probeNode(
  session: ShellSession,
  plan: NodeProbes,
  options: ProbeRunOptions,
): Promise<ReadonlyMap<string, ProbeResult> | undefined> {
  try {
    const script = probeScript(plan, { ...options, seconds: probeSeconds });
    const { code, stdout, stderr } = await session.run(script, { timeout: execSeconds });
    if (code !== 0) throw reachError("MESH_PROBE_INCOMPLETE", `${plan.node} exited ${code}: ${lastLine(stderr)}`);
    return parseProbes(stdout, options.nonce);
  } catch (error) {
    if (error instanceof MeshError) return undefined;
    throw error;
  }
}
