/** The plan of a policy as a comment on a pull request. */
import { inertMarkdown } from "../mesh/inert.ts";
import type { Mesh } from "../mesh/mesh.ts";
import { sha256 } from "../mesh/sha256.ts";
import { countChanges } from "../plan/guards.ts";
import { planMarkdown } from "../plan/render.ts";
import type { PolicyPlan } from "./plan.ts";
import { policySummary } from "./summary.ts";

/** GitHub takes 65536 characters; blocks beyond this are left out whole. */
const maxBody = 60_000;

/** The hidden line by which our comment is found again: one for each tailnet and set of clusters. */
export function commentMarker({ tailnet, clusters }: Mesh): string {
  const names = [tailnet.url, tailnet.name, ...clusters.map(({ name }) => name)].join("\n");
  return `<!-- tailmesh acl-apply ${sha256(new TextEncoder().encode(names)).slice(0, 16)} -->`;
}

/** Markdown; nothing of the policy's text can act in it. */
export function commentBody(planned: PolicyPlan, hash: string): string {
  const { plan, blocked } = planned;
  const count = plan.changes.length === 0 ? "nothing would change" : `${countChanges(plan)} would be made`;
  const title = `### Tailnet policy: ${blocked === null ? "" : "refused, "}${count}`;
  const blocks = [...policySummary(planned), ...planMarkdown(plan)];
  const last = `Plan \`${inertMarkdown(hash)}\``;
  const kept: string[] = [];
  let size = title.length + last.length + 200;
  for (const block of blocks) {
    if (size + block.length > maxBody) {
      kept.push("*The rest is left out: a comment is limited. The step summary has all of it.*");
      break;
    }
    kept.push(block);
    size += block.length + 2;
  }
  return [title, ...kept, last].join("\n\n");
}
