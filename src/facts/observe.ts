/** Opens one connection per node and learns its facts in one round trip, all nodes side by side. */
import pMap from "p-map";
import { MeshError } from "../mesh/error.ts";
import { inertText } from "../mesh/inert.ts";
import type { Node } from "../mesh/mesh.ts";
import type { Shell, ShellSession } from "../ports/shell.ts";
import { factsError } from "./errors.ts";
import type { NodeFacts } from "./facts.ts";
import { parseFacts } from "./parse.ts";
import { factsScript } from "./script.ts";

/** What is known of the nodes; a node is either in `sessions` and `facts`, or in `unreachable`. */
export interface Observation {
  readonly sessions: Map<string, ShellSession>;
  readonly facts: Map<string, NodeFacts>;
  readonly unreachable: Map<string, MeshError>;
}

/** Seconds that one node may take to answer; its own questions are each bounded below that. */
const factsTimeout = 30;

/** @param nonce unguessable word of letters and digits that frames the answers */
export async function observeNodes(
  shell: Shell,
  nodes: readonly Node[],
  nonce: string,
  concurrency: number,
): Promise<Observation> {
  const seen: Observation = { sessions: new Map(), facts: new Map(), unreachable: new Map() };
  await pMap(
    nodes,
    async (node) => {
      try {
        const session = await shell.open(node);
        seen.sessions.set(node.name, session);
        seen.facts.set(node.name, await readFacts(session, nonce));
      } catch (error) {
        if (!(error instanceof MeshError)) throw error;
        seen.unreachable.set(node.name, error);
      }
    },
    { concurrency },
  );
  return seen;
}

/** One more look over an open session. Throws MeshError. */
export async function readFacts(session: ShellSession, nonce: string): Promise<NodeFacts> {
  const result = await session.run(factsScript(nonce), { timeout: factsTimeout });
  if (result.code !== 0) {
    throw factsError(
      "MESH_FACTS_INCOMPLETE",
      `reading the state of ${session.node} ended with code ${result.code}: ${inertText(result.stderr.trim(), 300)}`,
      { where: { address: `node/${session.node}` } },
    );
  }
  return parseFacts(session.node, result.stdout, nonce);
}

/** Closes every connection; whatever happens to one, the others are closed too. */
export async function closeSessions(seen: Observation): Promise<void> {
  await Promise.allSettled([...seen.sessions.values()].map((s) => s[Symbol.asyncDispose]()));
  seen.sessions.clear();
}
