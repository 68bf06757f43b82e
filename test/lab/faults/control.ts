// Faults of the control server, and of what it thinks of a node and of the policy.
import { applyEdits, modify, parse } from "jsonc-parser";
import {
  control,
  devices,
  headscaleRuns,
  readPolicy,
  restoreDatabase,
  saveDatabase,
  startHeadscale,
  stopHeadscale,
  writePolicy,
} from "../headscale.ts";
import { mustOnNode, onNode } from "../nodes.ts";
import type { LabNode } from "../topology.ts";
import type { Fault, Scene } from "./fault.ts";
import { anyAnswer, isCut, reconnect } from "./on-node.ts";

async function deviceOf(node: string): Promise<{ id: string; approvedRoutes: readonly string[] }> {
  const device = (await devices()).find((d) => d.givenName === node);
  if (!device) throw new Error(`the control server knows no ${node}`);
  return device;
}

async function policy(): Promise<string> {
  const text = await readPolicy();
  if (text === null) throw new Error("there is no policy");
  return text;
}

interface Grant {
  readonly dst?: readonly string[];
}

/** The policy without a member, or with another value of it; comments stay. */
const edited = (text: string, member: string, value: unknown): string =>
  applyEdits(text, modify(text, [member], value, { formattingOptions: { insertSpaces: true, tabSize: 2 } }));

const stateFolder = "/var/lib/tailscale";
const stateCopy = "/var/lib/tailscale.lab";

/** What a node and the control server know of each other, kept on both sides, so that it can be put back as it was. */
async function saveIdentity(node: LabNode, name: string): Promise<void> {
  saveDatabase(name);
  await mustOnNode(node.name, `rm -rf ${stateCopy} && cp -a ${stateFolder} ${stateCopy}`);
}

async function restoreIdentity({ farRouter: node, topology }: Scene, name: string): Promise<void> {
  await mustOnNode(node.name, "systemctl stop tailscaled", { milliseconds: 60_000 });
  await restoreDatabase(name);
  const script = `test ! -e ${stateCopy} || { rm -rf ${stateFolder} && cp -a ${stateCopy} ${stateFolder} && rm -rf ${stateCopy}; }`;
  await mustOnNode(node.name, `${script}\nsystemctl start tailscaled`);
  await reconnect(topology.nodes.filter((other) => other !== node));
}

export const controlFaults: readonly Fault[] = [
  {
    name: "control-down",
    layer: "control",
    topology: "any",
    what: "the control server does not answer; what is connected stays connected",
    inject: stopHeadscale,
    settled: async ({ nearRouter, farRouter }) => {
      if (headscaleRuns()) return false;
      const offline = async (node: LabNode): Promise<boolean> => {
        const text = await mustOnNode(node.name, "tailscale status --json");
        return (JSON.parse(text) as { Self?: { Online?: boolean } }).Self?.Online === false;
      };
      return (await offline(nearRouter)) && (await offline(farRouter));
    },
    undo: async ({ topology }) => {
      await startHeadscale();
      await reconnect(topology.nodes);
    },
  },
  {
    name: "node-deleted",
    layer: "identity",
    topology: "any",
    what: "the far router is deleted at the control server, and does not know it: it says Running, and nothing gets through",
    save: ({ farRouter }) => saveIdentity(farRouter, "node-deleted"),
    inject: async ({ farRouter }) => {
      await control("DELETE", `/api/v1/node/${(await deviceOf(farRouter.name)).id}`);
    },
    settled: async (scene) => {
      if ((await devices()).some((d) => d.givenName === scene.farRouter.name)) return false;
      return !(await anyAnswer(scene, new RegExp(` pod ${scene.farRouter.name}$`)));
    },
    undo: (scene) => restoreIdentity(scene, "node-deleted"),
  },
  {
    name: "logged-out",
    layer: "identity",
    topology: "any",
    what: "the far router is logged out",
    save: ({ farRouter }) => saveIdentity(farRouter, "logged-out"),
    inject: async ({ farRouter }) => {
      await mustOnNode(farRouter.name, "timeout 20 tailscale logout");
    },
    settled: async (scene) => {
      const { stdout } = await onNode(scene.farRouter.name, "tailscale status --json");
      if (!stdout.includes('"BackendState": "NeedsLogin"')) return false;
      return !(await anyAnswer(scene, new RegExp(` pod ${scene.farRouter.name}$`)));
    },
    undo: (scene) => restoreIdentity(scene, "logged-out"),
  },
  {
    name: "approver-missing",
    layer: "approved",
    topology: "any",
    what: "the policy approves no routes, and the far router's are not approved",
    save: async ({ farRouter }) => ({
      policy: await policy(),
      approved: (await deviceOf(farRouter.name)).approvedRoutes,
    }),
    inject: async ({ farRouter }) => {
      await writePolicy(edited(await policy(), "autoApprovers", undefined));
      await control("POST", `/api/v1/node/${(await deviceOf(farRouter.name)).id}/approve_routes`, { routes: [] });
    },
    settled: ({ nearRouter, far }) => isCut(nearRouter, far),
    undo: async ({ farRouter }, saved) => {
      const before = saved as { policy: string; approved: readonly string[] };
      await writePolicy(before.policy);
      const { id } = await deviceOf(farRouter.name);
      await control("POST", `/api/v1/node/${id}/approve_routes`, { routes: before.approved });
    },
  },
  {
    name: "no-reverse-grant",
    layer: "grant",
    topology: "any",
    what: "the policy lets the near cluster reach the far one, and not the other way round",
    save: policy,
    inject: async ({ near }) => {
      const text = await policy();
      const grants = (parse(text, [], { allowTrailingComma: true }) as { grants?: readonly Grant[] }).grants ?? [];
      const left = grants.filter((g) => !g.dst?.some((dst) => dst === near.pods || dst === near.services));
      if (left.length === grants.length) throw new Error(`no grant of the policy names ${near.pods}`);
      // tests of what is no longer granted would have the policy refused
      await writePolicy(edited(edited(text, "grants", left), "tests", undefined));
    },
    settled: async (scene) => {
      const pattern = new RegExp(`^(${scene.far.nodes.map((n) => n.name).join("|")}) .* ${scene.near.name}`);
      return !(await anyAnswer(scene, pattern));
    },
    undo: async (_scene: Scene, saved) => {
      await writePolicy(String(saved));
    },
  },
];
