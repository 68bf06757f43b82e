/** The no-op of node-provision beside Ansible's and pyinfra's on the same nodes. The timing itself is done inside the lab. */
import { join } from "node:path";
import { commandOn } from "../lab/doors.ts";
import { must, run } from "../lab/exec.ts";
import { labName } from "../lab/paths.ts";
import { isAlive } from "../lab/processes.ts";
import { readRecord } from "../lab/record.ts";
import { enterWorld } from "../lab/world.ts";
import { buildNodeLibrary, buildPython } from "./baselines.ts";

const howTo = "npm run lab -- up --joined";

/** Why it cannot be measured now, and how it could; null when it can. */
export async function whyNoProvision(): Promise<string | null> {
  const record = readRecord();
  if (!record?.complete || !record.world || !isAlive(record.world)) return `the lab is not up: ${howTo}`;
  for (const node of record.topology.nodes) {
    const command = [...commandOn({ node: node.name }), "tailscale", "status", "--json", "--peers=false"];
    const { stdout } = await run(command, { milliseconds: 10_000 });
    if (!/"BackendState": "Running"/.test(stdout)) return `${node.name} has not joined: npm run lab -- down, ${howTo}`;
  }
  return null;
}

export async function provision(): Promise<readonly string[]> {
  const python = await buildPython();
  const library = await buildNodeLibrary();
  const program = join(import.meta.dirname, "provision-inside.ts");
  const env = { ...process.env, TAILMESH_LAB_INSIDE: labName };
  const output = await must([...enterWorld(), process.execPath, program, python, library], {
    env,
    milliseconds: 1_200_000,
  });
  return output.trimEnd().split("\n");
}
