/** Facts as real nodes of the lab gave them. */
import { readFileSync } from "node:fs";
import type { NodeFacts } from "../../src/facts/facts.ts";
import { parseFacts } from "../../src/facts/parse.ts";

/** @param state `bare`: K3s runs, nothing of ours; `joined`: a converged mesh */
export function captured(node: string, state: "bare" | "joined"): NodeFacts {
  const file = new URL(`../fixtures/facts/${node}.${state}.txt`, import.meta.url);
  return parseFacts(node, readFileSync(file, "utf8"), "NONCE");
}
