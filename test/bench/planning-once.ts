/** One planning of the large mesh in a process of its own; prints what it took as JSON. */

import { existsSync, readFileSync } from "node:fs";
import { localPrefixes } from "../../src/facts/local.ts";
import { parseFacts } from "../../src/facts/parse.ts";
import { meshNodes } from "../../src/mesh/mesh.ts";
import { localOverlaps } from "../../src/mesh/topology/overlap.ts";
import { parseTopology } from "../../src/mesh/topology/parse.ts";
import { desiredNode } from "../../src/nodes/desired.ts";
import { nodesPlan, planNode } from "../../src/nodes/plan.ts";
import { unsupported } from "../../src/nodes/refusals.ts";
import { planPolicy } from "../../src/policy/plan.ts";
import type { PolicyDocument } from "../../src/ports/control.ts";
import { headscaleCapabilities } from "../support/fake-control.ts";
import { joinedFacts, topologyText } from "./big-mesh.ts";
import type { PlanningFigures } from "./planning.ts";

/** MiB, the most so far. Linux' `maxRSS` begins with what the parent had; the high-water mark is this program's own. */
function peak(): number {
  const mark = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  return Number(/VmHWM:\s+(\d+) kB/.exec(mark)?.[1] ?? process.resourceUsage().maxRSS) / 1024;
}

function timed<T>(work: () => T): readonly [T, number] {
  const started = performance.now();
  const answer = work();
  return [answer, performance.now() - started];
}

const text = topologyText(50, 20);
const before = peak();
const [mesh, parse] = timed(() => parseTopology(text, { file: "tailmesh.yaml", env: () => undefined }));

const facts = joinedFacts(mesh, parseFacts("homelab-1", readFileSync(process.argv[2] ?? "", "utf8"), "NONCE"));
const withFacts = peak();
const settings = { version: "1.102.5", undoAfter: 300 };
const [plans, nodes] = timed(() => {
  const all = meshNodes(mesh).map((node) => {
    const found = facts.get(node.name);
    if (!found) throw new RangeError(node.name);
    return planNode(found, desiredNode(mesh, node, settings));
  });
  const problems = [...unsupported(mesh, meshNodes(mesh)), ...localOverlaps(mesh, localPrefixes(facts))];
  for (const problem of [...problems, ...all.flatMap((plan) => plan.refused)]) throw problem;
  return nodesPlan(all);
});

const planned = (document: PolicyDocument) =>
  planPolicy({
    mesh,
    document,
    capabilities: headscaleCapabilities,
    wire: "PUT /api/v1/policy",
    devices: [],
    files: [],
    options: { adopt: false, onDrift: "fail" },
  });
const [first, policyFirst] = timed(() => planned({ text: "", version: "1", isDefault: true }));
// a run plans the policy once
const most = peak();
const [again, policyAgain] = timed(() => planned({ text: first.text ?? "", version: "2", isDefault: false }));

// a plan of the wrong thing would be quick as well
if (plans.changes.length > 0) throw new Error(`a joined node has changes: ${plans.changes[0]?.address}`);
if (first.plan.changes.length < 50 * 49 || again.text !== null) throw new Error("the policy is not the mesh's");

const figures: PlanningFigures = { parse, nodes, policyFirst, policyAgain, before, withFacts, peak: most };
console.log(JSON.stringify(figures));
