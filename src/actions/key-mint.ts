/** Mints the keys that nodes log in with, in the job that uses them; or a stored key into its store. */
import { keyError } from "../keys/errors.ts";
import { keyMintJob, postKeyMint } from "../keys/job.ts";
import { defaultExpirySeconds } from "../keys/mint.ts";
import { storedMintJob } from "../keys/stored-mint.ts";
import { revokeUnstored, unstoredKeys } from "../keys/unstored.ts";
import { inertText } from "../mesh/inert.ts";
import type { Mesh, StoredKey, Tag } from "../mesh/mesh.ts";
import { isTag } from "../mesh/tag.ts";
import { changeInputs, controlInputs, meshInputs } from "./common.ts";
import { defineAction } from "./define.ts";
import { flag, type Input, optionalSecret, span, splitList, text, Unfit } from "./inputs.ts";
import { lazyKeys } from "./revoke.ts";
import { ownerOf, runIdOf, storedPlace } from "./stored-key.ts";
import { openStore } from "./stores.ts";
import { controlSettings, loadMesh } from "./topology.ts";

const tagsMessage = "must be tags such as tag:nas, parted by commas";

const tagList: Input<readonly Tag[]> = {
  isSecret: false,
  read(given = "") {
    const entries = splitList(given);
    const tags = entries.filter(isTag);
    return tags.length < entries.length ? new Unfit(tagsMessage) : tags;
  },
};

export const action = defineAction({
  name: "key-mint",
  inputs: {
    ...meshInputs,
    ...changeInputs,
    ...controlInputs,
    tags: tagList,
    expiry: span("1m", "90d", "10m"),
    reusable: flag(),
    "stored-key": text(),
    "github-token": optionalSecret(),
  },
  rules: [
    {
      input: "tags",
      why: "is for one key that belongs to no node: leave out clusters and nodes",
      holds: ({ tags, clusters, nodes }) => tags.length === 0 || clusters.length + nodes.length === 0,
    },
    {
      input: "stored-key",
      why: "is for one key of the topology: leave out clusters, nodes and tags",
      holds: ({ tags, clusters, nodes, ...inputs }) =>
        inputs["stored-key"] === undefined || tags.length + clusters.length + nodes.length === 0,
    },
    {
      input: "stored-key",
      why: "has its expiry and reusable from the topology: leave them out",
      holds: ({ expiry, reusable, ...inputs }) =>
        inputs["stored-key"] === undefined || (expiry === defaultExpirySeconds && !reusable),
    },
  ],
  outputs: ["key-file", "key-ids", "expires"],
  async job(inputs, wiring) {
    const { mesh, selection } = await loadMesh(inputs, wiring);
    const stored = inputs["stored-key"] === undefined ? undefined : storedKeyOf(mesh, inputs["stored-key"]);
    const control = await wiring.control(controlSettings(mesh, inputs))();
    const { workspace, reporter, clock, state, signal, env } = wiring;
    if (stored !== undefined) {
      return storedMintJob(
        { control, reporter, state, signal, store: (name) => openStore(mesh, name, inputs, wiring) },
        { stored, all: mesh.storedKeys ?? [], owner: ownerOf(env), runId: runIdOf(wiring) },
      );
    }
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
  async post(inputs, wiring) {
    const { reporter, state } = wiring;
    const keys = lazyKeys(inputs, wiring);
    await postKeyMint(keys, state, wiring);
    if (unstoredKeys(state).length === 0) return;
    await revokeUnstored(state, { control: keys, reporter, find: (name) => storedPlace(name, inputs, wiring) });
  },
});

function storedKeyOf(mesh: Mesh, name: string): StoredKey {
  const stored = mesh.storedKeys?.find((one) => one.name === name);
  if (stored !== undefined) return stored;
  const names = (mesh.storedKeys ?? []).map((one) => one.name).join(", ");
  throw keyError(
    "MESH_STORED_KEY_UNKNOWN",
    `the topology has no stored key ${inertText(name, 80)}${names === "" ? "; it has none at all" : `: there are ${names}`}`,
  );
}
