/** Inside the lab's world: node-provision, the root action, Ansible and pyinfra in turn, none of which may change anything. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { owned } from "../../src/facts/paths.ts";
import { type RunOptions, run } from "../lab/exec.ts";
import { parseFileCommand } from "../lab/file-commands.ts";
import { handover, nodeRoot, state } from "../lab/paths.ts";
import { running } from "../lab/record.ts";
import { enterRunner, readyStep } from "../lab/runner.ts";
import { tailscaleVersion } from "../lab/tools.ts";
import { clusterOf, type LabNode, type LabTopology } from "../lab/topology.ts";
import { baselines, bringPython, nodePython, takeAwayPython } from "./baselines.ts";
import { against, inRounds, median, row } from "./figures.ts";

const rounds = 9;
const budget = { ansible: 0.1, pyinfra: 0.7 };

/** What both baselines are told of a node: its files as they are there, and what must hold. */
function desired(topology: LabTopology, node: LabNode) {
  const { pods, services, lan } = clusterOf(topology, node.cluster);
  const files = Object.values(owned).flatMap((path) => {
    const file = join(nodeRoot(node.name), path);
    if (!existsSync(file)) return [];
    return [{ path, mode: (statSync(file).mode & 0o777).toString(8), content: readFileSync(file, "utf8") }];
  });
  return {
    tailscale_version: tailscaleVersion,
    mesh_files: files,
    mesh_units: ["tailscaled.service", "tailmesh-guard.service", "tailmesh-guard.timer"],
    advertised: node.role === "router" ? [pods, services] : [],
    guarded: [pods, services, lan],
  };
}

/** Seconds that a command took; anything but success is an error. */
async function timed(
  argv: readonly string[],
  options: RunOptions,
  isNoop: (output: string) => boolean,
): Promise<number> {
  const started = performance.now();
  const { code, stdout, stderr } = await run(argv, { milliseconds: 300_000, ...options });
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0 || !isNoop(`${stdout}${stderr}`))
    throw new Error(`${argv.slice(3, 7).join(" ")}: exit ${code}, or it changed something\n${stdout}\n${stderr}`);
  return seconds;
}

/** An action as GitHub's runner starts it. */
async function action(name: string): Promise<number> {
  const { argv, cwd, env } = readyStep(name);
  const isNoop = (): boolean => {
    return parseFileCommand(readFileSync(env["GITHUB_OUTPUT"] ?? "", "utf8"))["changed"] === "false";
  };
  return await timed(argv, { cwd, env }, isNoop);
}

const [python = "", library = ""] = process.argv.slice(2);
const { topology } = running();
const folder = join(state, "bench");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const key = join(handover, "id_ed25519");
const knownHosts = join(handover, "known_hosts");
const plain = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: folder,
  LANG: "C.UTF-8",
  LC_ALL: "C.UTF-8",
};

const nodes = topology.nodes.map((node) => [node, desired(topology, node)] as const);
const inventory = join(folder, "inventory.json");
const ansibleHosts = nodes.map(([node, data]) => [node.name, { ansible_host: node.address, ...data }]);
const ansibleVars = {
  ansible_user: "root",
  ansible_ssh_private_key_file: key,
  ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts} -o StrictHostKeyChecking=yes`,
  ansible_python_interpreter: nodePython,
};
writeFileSync(inventory, JSON.stringify({ all: { vars: ansibleVars, hosts: Object.fromEntries(ansibleHosts) } }));
const pyinfraNodes = join(folder, "nodes.json");
const pyinfraSsh = {
  ssh_user: "root",
  ssh_key: key,
  ssh_known_hosts_file: knownHosts,
  ssh_strict_host_key_checking: "yes",
};
const pyinfraHosts = nodes.map(([node, data]) => [node.name, { ssh_hostname: node.address, ...pyinfraSsh, ...data }]);
writeFileSync(pyinfraNodes, JSON.stringify(Object.fromEntries(pyinfraHosts)));

/** No connection of an earlier round is left, as on a fresh runner. */
async function ansible(round: number): Promise<number> {
  const cwd = join(baselines, "ansible");
  const sockets = join("/run", `bench-${round}`);
  const env = {
    ...plain,
    ANSIBLE_CONFIG: join(cwd, "ansible.cfg"),
    ANSIBLE_SSH_CONTROL_PATH_DIR: sockets,
    ANSIBLE_LOCAL_TEMP: join(folder, "ansible"),
  };
  const recap = /ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)/g;
  const isNoop = (output: string): boolean => {
    const hosts = [...output.matchAll(recap)];
    return hosts.length === nodes.length && hosts.every(([, ...counts]) => counts.every((count) => count === "0"));
  };
  const argv = [...enterRunner(), python, "-m", "ansible", "playbook", "-i", inventory, "playbook.yml"];
  const seconds = await timed(argv, { cwd, env }, isNoop);
  for (const socket of existsSync(sockets) ? readdirSync(sockets) : [])
    await run([...enterRunner(), "ssh", "-o", `ControlPath=${join(sockets, socket)}`, "-O", "exit", "node"], { env });
  return seconds;
}

async function pyinfra(): Promise<number> {
  const cwd = join(baselines, "pyinfra");
  const env = { ...plain, BENCH_NODES: pyinfraNodes, PYTHONDONTWRITEBYTECODE: "1" };
  const argv = [...enterRunner(), python, "-m", "pyinfra", "-y", "inventory.py", "deploy.py"];
  // operations by hosts, changed, failed, unchanged
  const isNoop = (output: string): boolean => {
    const [, all, unchanged] = /Grand total +(\d+) +- +- +(\d+)/.exec(stripVTControlCharacters(output)) ?? [];
    return all !== undefined && all === unchanged;
  };
  return await timed(argv, { cwd, env }, isNoop);
}

for (const node of topology.nodes) bringPython(nodeRoot(node.name), library);
try {
  const subjects = {
    provision: () => action("node-provision"),
    converge: () => action("converge"),
    pyinfra,
    ansible,
  };
  await inRounds(1, subjects); // files read once, Python's compiled on the nodes
  const times = await inRounds(rounds, subjects);
  const [ours, root, py, an] = [
    median(times.provision),
    median(times.converge),
    median(times.pyinfra),
    median(times.ansible),
  ];
  const s = (seconds: number): string => `${seconds.toFixed(2)} s`;
  const beside = (value: number): string[] => [against(value, an, "Ansible"), against(value, py, "pyinfra")];
  console.log(`nothing to do on ${nodes.length} nodes, process start included, median of ${rounds}`);
  console.log(
    row(
      "node-provision",
      s(ours),
      against(ours, an, "Ansible", budget.ansible),
      against(ours, py, "pyinfra", budget.pyinfra),
    ),
  );
  console.log(row("the root action, check included", s(root), ...beside(root)));
  console.log(row("pyinfra 3.10.0", s(py)));
  console.log(row("ansible-core 2.19.14, pipelining", s(an)));
} finally {
  for (const node of topology.nodes) takeAwayPython(nodeRoot(node.name));
}
