/** The job of the action key-mint. */
import { clusterOf, type Mesh, type Node, type Tag } from "../mesh/mesh.ts";
import { joinPlans, type Plan } from "../plan/change.ts";
import { emptyOutcome, type Job, type Outcome, type Planned } from "../plan/job.ts";
import type { Clock } from "../ports/clock.ts";
import { type AuthKey, type Control, type Device, visibleDevices } from "../ports/control.ts";
import type { Reporter } from "../ports/reporter.ts";
import type { RunState } from "../ports/run-state.ts";
import type { Workspace } from "../ports/workspace.ts";
import { formatKeyFile, type KeyFileEntry } from "./file.ts";
import { checkLifetime, type KeyRequest, mintChange, mintedIds, mintKeys, needsKey, revokeUnused } from "./mint.ts";
import { orphanedKeys, revokeChange } from "./orphans.ts";

export interface KeyMintPorts {
  readonly control: Control;
  readonly workspace: Workspace;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly state: RunState;
}

export interface KeyMintSettings {
  readonly mesh: Mesh;
  /** Selected nodes. */
  readonly nodes: readonly Node[];
  /** One key with these tags instead of keys for nodes. */
  readonly tags?: readonly Tag[];
  readonly expirySeconds: number;
  readonly reusable: boolean;
  /** Named in the description of keys; default: the time of the run. */
  readonly runId?: string;
}

interface Observed {
  /** Null: the credential may not list them. */
  readonly devices: readonly Device[] | null;
  readonly keys: readonly AuthKey[];
}

interface KeyMintPlan extends Planned {
  readonly requests: readonly KeyRequest[];
  readonly orphans: readonly AuthKey[];
}

/** What was made, for the outputs. */
interface Minted {
  readonly ids: readonly string[];
  readonly file: string;
  readonly expires: string;
}

const stateName = "key-file";
const fileName = "auth-keys";

/** One key for each selected node with tailscaled that is not joined with its tag, or one for `tags`. */
export function keyMintJob(ports: KeyMintPorts, settings: KeyMintSettings): Job<Observed, KeyMintPlan> {
  const { control, reporter, clock } = ports;
  const startedAt = clock.now();
  let minted: Minted | undefined;
  return {
    async observe() {
      checkLifetime(control, settings.expirySeconds);
      const [devices, keys] = await Promise.all([visibleDevices(control), control.listKeys()]);
      if (devices === null) {
        reporter.warn(
          "which nodes are joined is not verified: the credential may not list devices, so every node gets a key",
        );
      }
      return { devices, keys };
    },
    plan: (observed) => planMint(control, settings, observed, startedAt),
    preview: () => outcomeOf({ ids: [], file: "", expires: "" }),
    async apply(planned) {
      await revokeUnused(
        control,
        planned.orphans.map((key) => key.id),
        reporter,
      );
      minted = await mintToFile(ports, planned.requests);
    },
    async verify() {
      return outcomeOf(minted ?? (await writeKeys(ports, [], [], "")));
    },
    async close() {},
  };
}

/** The post step: the key file goes, and so do keys of it that no node has used. Never throws. */
export async function postKeyMint(
  control: Pick<Control, "listKeys" | "revokeKey">,
  state: RunState,
  ports: { readonly workspace: Workspace; readonly reporter: Reporter },
): Promise<void> {
  const file = state.load(stateName);
  if (file !== undefined && file !== "") {
    try {
      await ports.workspace.removeRunFile(file);
    } catch {
      ports.reporter.warn(`the key file ${file} could not be removed`);
    }
  }
  await revokeUnused(control, mintedIds(state), ports.reporter);
}

function planMint(control: Control, settings: KeyMintSettings, observed: Observed, startedAt: Date): KeyMintPlan {
  const { mesh, expirySeconds, reusable } = settings;
  const runId = settings.runId ?? startedAt.toISOString().replace(/\D/g, "").slice(0, 14);
  const request = (name: string, tags: readonly [Tag, ...Tag[]]): KeyRequest => ({
    node: { name },
    tags,
    runId,
    expirySeconds,
    reusable,
  });
  const [tag, ...more] = settings.tags ?? [];
  const candidates = tag === undefined ? settings.nodes.filter((n) => n.role !== "plain" && n.state === "present") : [];
  const clusters = mesh.clusters.filter((c) => candidates.some((node) => node.cluster === c.name));
  const orphans = orphanedKeys(observed.keys, { clusters }, { startedAt, keyFile: [] });
  const { devices } = observed;
  const lacking = candidates.filter(
    (node) => devices === null || needsKey(node, clusterOf(mesh, node.cluster), devices),
  );
  const requests =
    tag === undefined
      ? lacking.map((node) => request(node.name, [clusterOf(mesh, node.cluster).tag]))
      : [request([tag, ...more].map((t) => t.slice("tag:".length)).join("+"), [tag, ...more])];
  const joined = candidates.filter((node) => !lacking.includes(node));
  const mint: Plan = {
    changes: requests.map((r) =>
      mintChange(r.node.name, r.tags, control.wire.mintKey, { ...r, isSeen: observed.devices !== null }),
    ),
    unchanged: joined.map((node) => ({
      address: `key/${node.name}`,
      why: "the node is joined with its tag and needs no key",
    })),
  };
  const revoke: Plan = { changes: orphans.map((key) => revokeChange(key, control.wire.revokeKey)), unchanged: [] };
  return { plan: joinPlans([revoke, mint]), requests, orphans };
}

async function mintToFile(ports: KeyMintPorts, requests: readonly KeyRequest[]): Promise<Minted> {
  const entries: KeyFileEntry[] = [];
  const ids: string[] = [];
  let expires = "";
  for (const request of requests) {
    for (const { key, secret } of await mintKeys(ports.control, [request], ports)) {
      entries.push({ node: request.node.name, secret });
      ids.push(key.id);
      const ends = key.expires?.toISOString() ?? "";
      expires = expires === "" || ends < expires ? ends : expires;
    }
  }
  return writeKeys(ports, entries, ids, expires);
}

async function writeKeys(
  ports: KeyMintPorts,
  entries: readonly KeyFileEntry[],
  ids: readonly string[],
  expires: string,
): Promise<Minted> {
  const file = await ports.workspace.writeRunFile(fileName, formatKeyFile(entries), { secret: true });
  ports.state.save(stateName, file);
  return { ids, file, expires };
}

function outcomeOf(minted: Minted): Outcome {
  return {
    ...emptyOutcome,
    outputs: { "key-ids": minted.ids.join(","), "key-file": minted.file, expires: minted.expires },
  };
}
