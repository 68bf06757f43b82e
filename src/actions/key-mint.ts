/** Mints the keys that nodes log in with, in the job that uses them. */
import * as z from "zod";
import { keyMintJob, postKeyMint } from "../keys/job.ts";
import type { Tag } from "../mesh/mesh.ts";
import { isTag } from "../mesh/tag.ts";
import { changeInputs, controlInputs, meshInputs } from "./common.ts";
import { defineAction } from "./define.ts";
import { flag, list, span } from "./inputs.ts";
import { lazyKeys } from "./revoke.ts";
import { controlSettings, loadMesh } from "./topology.ts";

const tagsMessage = "must be tags such as tag:nas, parted by commas";

const tagList: z.ZodType<readonly Tag[]> = list().transform((entries, context) => {
  const tags = entries.filter(isTag);
  if (tags.length < entries.length) context.addIssue({ code: "custom", message: tagsMessage });
  return tags;
});

export const action = defineAction({
  name: "key-mint",
  inputs: z
    .strictObject({
      ...meshInputs,
      ...changeInputs,
      ...controlInputs,
      tags: tagList,
      expiry: span("1m", "90d", "10m"),
      reusable: flag(),
    })
    .refine(({ tags, clusters, nodes }) => tags.length === 0 || clusters.length + nodes.length === 0, {
      path: ["tags"],
      message: "is for one key that belongs to no node: leave out clusters and nodes",
    }),
  outputs: ["key-file", "key-ids", "expires"],
  async job(inputs, wiring) {
    const { mesh, selection } = await loadMesh(inputs, wiring);
    const control = await wiring.control(controlSettings(mesh, inputs))();
    const { workspace, reporter, clock, state, env } = wiring;
    return keyMintJob(
      { control, workspace, reporter, clock, state },
      {
        mesh,
        nodes: selection.nodes,
        ...(inputs.tags.length === 0 ? {} : { tags: inputs.tags }),
        expirySeconds: inputs.expiry,
        reusable: inputs.reusable,
        ...(env["GITHUB_RUN_ID"] ? { runId: env["GITHUB_RUN_ID"] } : {}),
      },
    );
  },
  post: (inputs, wiring) => postKeyMint(lazyKeys(inputs, wiring), wiring.state, wiring),
});
