// The machines: real systemd and sshd on an overlay of the root file system, each in a namespace and cgroups of its own.
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { clearGroup, inGroup } from "./cgroups.ts";
import { must, type Outcome, type RunOptions, run, start } from "./exec.ts";
import { plugNode, unplugNode } from "./network.ts";
import { nodeFolder, nodeRoot, source } from "./paths.ts";
import { pki } from "./pki.ts";
import { childrenOf, isAlive, type Known, kill, know } from "./processes.ts";
import type { LabRecord } from "./record.ts";
import { clusterOf, internet, type LabNode, type LabTopology, serverOf } from "./topology.ts";
import { until } from "./wait.ts";

export const users = ["root", "deploy", "nosudo"] as const;

/** Everything that makes this machine another than its neighbour. Its file system is mounted, but it does not run. */
async function personalize(record: LabRecord, node: LabNode): Promise<void> {
  const cluster = clusterOf(record.topology, node.cluster);
  const root = nodeRoot(node.name);
  const write = (path: string, text: string, mode = 0o644): void => {
    writeFileSync(join(root, path), text, { mode });
  };
  write("etc/hostname", `${node.name}\n`);
  rmSync(join(root, "etc/machine-id"), { force: true });
  write("etc/machine-id", `${randomBytes(16).toString("hex")}\n`, 0o444);
  write("etc/hosts", `127.0.0.1 localhost\n${node.address} ${node.name}\n`);
  write("etc/resolv.conf", `nameserver ${internet.resolver}\n`);
  await must([
    "ssh-keygen",
    "-q",
    "-t",
    "ed25519",
    "-N",
    "",
    "-C",
    node.name,
    "-f",
    join(root, "etc/ssh/ssh_host_ed25519_key"),
  ]);

  const accounts = readFileSync(join(root, "etc/passwd"), "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const user of users) {
    const [, , uid, gid, , home] = accounts.find(([name]) => name === user) ?? [];
    if (home === undefined) throw new Error(`no user ${user} on ${node.name}`);
    const folder = join(root, home, ".ssh");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    copyFileSync(`${pki.sshKey}.pub`, join(folder, "authorized_keys"));
    for (const path of [folder, join(folder, "authorized_keys")]) chownSync(path, Number(uid), Number(gid));
    chmodSync(join(folder, "authorized_keys"), 0o600);
  }

  mkdirSync(join(root, "usr/local/share/ca-certificates"), { recursive: true });
  copyFileSync(pki.authority, join(root, "usr/local/share/ca-certificates/lab.crt"));
  appendFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), readFileSync(pki.authority));

  // what K3s keeps lies on the disk itself: its own overlay cannot lie on ours
  const rancher = join(nodeFolder(node.name), "rancher");
  mkdirSync(join(rancher, "k3s/agent/images"), { recursive: true });
  mkdirSync(join(rancher, "k3s/server/manifests"), { recursive: true });
  mkdirSync(join(nodeFolder(node.name), "kubelet"), { recursive: true });
  for (const image of readdirSync(record.images)) {
    hardLink(join(record.images, image), join(rancher, "k3s/agent/images", image));
  }
  const unit = node.k3s === "server" ? "k3s" : "k3s-agent";
  if (node.k3s === "server") {
    for (const name of readdirSync(join(source, "manifests"))) {
      copyFileSync(join(source, "manifests", name), join(rancher, "k3s/server/manifests", name));
    }
  }
  mkdirSync(join(root, "etc/rancher/k3s"), { recursive: true });
  const cidrs = [`cluster-cidr: ${cluster.pods}`, `service-cidr: ${cluster.services}`, `cluster-dns: ${cluster.dns}`];
  const k3s = [
    `node-ip: ${node.address}`,
    "flannel-iface: eth0",
    `token: lab-${cluster.name}-token`,
    ...(node.k3s === "agent" ? [`server: https://${serverOf(cluster).address}:6443`] : cluster.writeCidrs ? cidrs : []),
  ];
  write("etc/rancher/k3s/config.yaml", `${k3s.join("\n")}\n`, 0o600);
  const wants = join(root, "etc/systemd/system/multi-user.target.wants");
  mkdirSync(wants, { recursive: true });
  const enabled = [unit, ...(node.firewall === "reject" ? ["host-firewall"] : [])];
  for (const name of enabled) symlinkSync(`../${name}.service`, join(wants, `${name}.service`));
}

function hardLink(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // the cache lies on another disk
  }
}

export function hostKeyLine(node: LabNode): string {
  const [type, key] = readFileSync(join(nodeRoot(node.name), "etc/ssh/ssh_host_ed25519_key.pub"), "utf8").split(" ");
  return `${node.address} ${type} ${key}`;
}

/** Mounts the node's disk; a node that was prepared before keeps what is on it. */
export async function prepareNode(record: LabRecord, node: LabNode): Promise<void> {
  const folder = nodeFolder(node.name);
  for (const name of ["up", "work", "root"]) mkdirSync(join(folder, name), { recursive: true });
  const layers = `lowerdir=${record.layer}:${record.rootFolder},upperdir=${folder}/up,workdir=${folder}/work`;
  await must(["mount", "-t", "overlay", "overlay", "-o", layers, nodeRoot(node.name)]);
  await personalize(record, node);
}

const pidFile = (node: string): string => join(nodeFolder(node), "pid.json");

/** The container's own process in the world, or null. */
function container(node: string): Known | null {
  return existsSync(pidFile(node)) ? (JSON.parse(readFileSync(pidFile(node), "utf8")) as Known) : null;
}

/** The node's systemd as the world sees it, or null while the node is off. */
export function initOf(node: string): number | null {
  const process = container(node);
  return process && isAlive(process) ? (childrenOf(process.pid)[0] ?? null) : null;
}

export function bootNode(node: LabNode): void {
  const folder = nodeFolder(node.name);
  const argv = [
    ...inGroup(node.name),
    ...["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", `--machine=${node.name}`],
    // else the machine's resolv.conf is copied in, and nothing resolves
    ...["--resolv-conf=off", "--timezone=off", "--link-journal=no"],
    ...[`--network-namespace-path=/run/netns/${node.name}`, "--bind=/dev/net/tun", "--capability=all"],
    ...[`--bind=${folder}/rancher:/var/lib/rancher`, `--bind=${folder}/kubelet:/var/lib/kubelet`],
    `--directory=${nodeRoot(node.name)}`,
  ];
  const env = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    // runc joins a session keyring
    SYSTEMD_SECCOMP: "0",
    // of /proc/sys only net may be written: a node changes no value of the machine
    SYSTEMD_NSPAWN_API_VFS_WRITABLE: "network",
  };
  const pid = start(argv, join(folder, "console"), env);
  writeFileSync(pidFile(node.name), JSON.stringify(know(pid)));
}

function banner(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22 });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => done(false));
    socket.on("error", () => done(false));
    socket.on("data", (data) => done(data.toString("latin1").startsWith("SSH-")));
  });
}

export async function sshAnswers(node: LabNode): Promise<void> {
  try {
    await until(`SSH on ${node.name}`, 40_000, () => banner(node.address), 100);
  } catch (error) {
    const console = readFileSync(join(nodeFolder(node.name), "console"), "utf8").slice(-600);
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${console}`);
  }
}

const nodePath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Words to put before a command so that it runs on a node, as root, without SSH. Inside the world only. */
export function enterNode(node: string): string[] {
  const init = initOf(node);
  if (init === null) throw new Error(`${node} is off`);
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"];
  return ["nsenter", `--target=${init}`, ...namespaces, "--", "env", "-i", nodePath, "HOME=/root", "LANG=C.UTF-8"];
}

/** A shell script on a node. */
export function onNode(node: string, script: string, options: RunOptions = {}): Promise<Outcome> {
  return run([...enterNode(node), "/bin/sh", "-c", script], { milliseconds: 30_000, ...options });
}

export async function mustOnNode(node: string, script: string, options: RunOptions = {}): Promise<string> {
  const outcome = await onNode(node, script, options);
  if (outcome.code !== 0) {
    throw new Error(
      `${node}: ${script.slice(0, 200)}: exit ${outcome.code}\n${(outcome.stdout + outcome.stderr).slice(-800)}`,
    );
  }
  return outcome.stdout;
}

async function off(node: LabNode, how: "power-off" | "crash"): Promise<void> {
  const process = container(node.name);
  if (!process) return;
  if (how === "power-off") {
    // nspawn turns SIGTERM into an orderly power-off of what it contains
    kill(process, "SIGTERM");
    await until(`${node.name} to power off`, 20_000, () => !isAlive(process), 100).catch(() => {});
  }
  if (isAlive(process)) {
    const init = childrenOf(process.pid).map(know);
    kill(process, "SIGKILL");
    for (const child of init) kill(child, "SIGKILL");
  }
  await clearGroup(node.name);
}

export async function rebootNode(topology: LabTopology, node: LabNode, how: "power-off" | "crash"): Promise<void> {
  await off(node, how);
  await unplugNode(node);
  await plugNode(topology, node);
  bootNode(node);
  await sshAnswers(node);
}
