// From nothing to running clusters. First on the machine (packages, tools, the world's first process), then inside the world.
import { mkdirSync } from "node:fs";
import { packArchive } from "./archive.ts";
import { hasGroups } from "./cgroups.ts";
import { startControlV2 } from "./control-v2.ts";
import { installPackages } from "./debian.ts";
import { down } from "./down.ts";
import { run } from "./exec.ts";
import { handOver } from "./handover.ts";
import { setUpHeadscale } from "./headscale.ts";
import { buildImages } from "./images.ts";
import { clusterReady } from "./kubernetes.ts";
import { buildLayer } from "./layer.ts";
import { layNetwork } from "./network.ts";
import { bootNode, prepareNode, sshAnswers } from "./nodes.ts";
import { handover } from "./paths.ts";
import { makeKeys } from "./pki.ts";
import { isAlive, know } from "./processes.ts";
import { progress, timed } from "./progress.ts";
import { readRecord, running, writeRecord } from "./record.ts";
import { whyNot } from "./requirements.ts";
import { buildRootFolder } from "./rootfs.ts";
import { rememberSysctl } from "./sysctl.ts";
import { buildTools, type Tools } from "./tools.ts";
import type { LabTopology } from "./topology.ts";
import { insideWorld, startWorld } from "./world.ts";

interface Parts {
  readonly tools: Tools;
  readonly rootFolder: string;
  readonly layer: string;
  readonly images: string;
}

/** Everything that is built once and kept. */
export async function build(): Promise<Parts> {
  await installPackages();
  const tools = await buildTools();
  const rootFolder = await buildRootFolder();
  const layer = await buildLayer(tools);
  const images = await buildImages(rootFolder, tools);
  await packArchive(tools.tailscale);
  return { tools, rootFolder, layer, images };
}

/** Clears what a killed `up` left; refuses to touch a lab that is up, or being built. Answers true when there is nothing to do. */
async function isUpAlready(topology: LabTopology): Promise<boolean> {
  const record = readRecord();
  if (record?.complete && record.world && isAlive(record.world)) {
    if (record.topology.name === topology.name && record.topology.nat === topology.nat) return true;
    throw new Error(`another lab (${record.topology.name}) is up in this checkout: npm run lab -- down`);
  }
  if (record && !record.complete && isAlive(record.builder))
    throw new Error("another `up` is at work in this checkout");
  if (record || hasGroups()) {
    progress("clearing what an earlier lab left");
    await down();
  }
  return false;
}

export async function up(topology: LabTopology): Promise<void> {
  const reason = whyNot();
  if (reason) throw new Error(`the lab cannot run on this machine: ${reason}`);
  if (await isUpAlready(topology)) {
    progress("the lab is up already");
    return;
  }
  const parts = await build();
  // kernels that have these as modules; built in, or in a container, it is not needed
  await run(["modprobe", "-q", "-a", "tun", "veth", "bridge", "br_netfilter", "overlay", "vxlan"]);
  mkdirSync(handover, { recursive: true });
  const record = { ...parts, builder: know(process.pid), complete: false, topology };
  writeRecord(record);
  rememberSysctl();
  const world = await startWorld(topology.nodes.map((node) => node.name));
  writeRecord({ ...record, world });
  const code = await insideWorld(["up-inside"]);
  if (code !== 0) throw new Error("`up` failed; what is there stays for a look, and `down` takes it away");
  writeRecord({ ...record, world, complete: true });
  progress("the lab is up");
}

/** Called inside the world. */
export async function upInside(): Promise<void> {
  const record = running();
  const { topology, tools } = record;
  await timed("network", () => layNetwork(topology, tools.coredns));
  await makeKeys();
  const control = timed("control servers", async () => {
    await setUpHeadscale();
    await startControlV2();
  });
  control.catch(() => {}); // awaited below
  await timed("machines", async () => {
    await Promise.all(
      topology.nodes.map(async (node) => {
        await prepareNode(record, node);
        bootNode(node);
        await sshAnswers(node);
      }),
    );
  });
  await control;
  handOver(topology, await packArchive(tools.tailscale));
  await timed("clusters", async () => {
    await Promise.all(
      topology.clusters.map((cluster) => timed(`cluster ${cluster.name}`, () => clusterReady(cluster))),
    );
  });
}
