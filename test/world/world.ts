/**
 * The embedded world: two clusters of simulated machines on loopback. Each machine is an SSH server whose commands run the
 * real scripts with /bin/sh, against stub commands whose meaning is here; the control server speaks Headscale 0.29's API.
 * Needs no right, no account and no network, and touches nothing outside its folder.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { generateKey, type KeyPair, type SshServer, startSshServer } from "../support/ssh-server.ts";
import { writeArchive } from "./archive.ts";
import { type Answer, Channel, failed, type Request } from "./channel.ts";
import { allCommands } from "./commands/all.ts";
import type { Command, Context } from "./commands/context.ts";
import { Listeners } from "./commands/probes.ts";
import { start } from "./commands/systemd.ts";
import { type ControlServer, startControl } from "./control.ts";
import { type ClusterSpec, Machine } from "./machine.ts";
import { Network } from "./network.ts";
import { furnishTools } from "./tools.ts";
import { demoClusters } from "./topology.ts";

/** Something that changed the world, or a point at which the runner may die. */
export interface Effect {
  readonly kind: "api" | "command" | "exec";
  /** Machine, or `control`. */
  readonly where: string;
  readonly what: string;
}

export interface WorldOptions {
  readonly clusters?: readonly ClusterSpec[];
  /** Whether scripts go on when the runner is gone, as under a real sshd; default true. */
  readonly scriptsSurvive?: boolean;
  /** Called after each effect, before anybody learns that it happened. */
  readonly onEffect?: (effect: Effect, number: number) => void;
}

export interface World {
  [Symbol.asyncDispose](): Promise<void>;
  /** Everything is below it. */
  readonly folder: string;
  /** The checkout in which actions are started: tailmesh.yaml, known_hosts. */
  readonly workspace: string;
  readonly machines: readonly Machine[];
  readonly network: Network;
  readonly control: ControlServer;
  /** Inputs for the root action. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly effects: readonly Effect[];
  /** SSH connections and execs so far, all machines together. */
  readonly traffic: { readonly connections: number; readonly execs: number };
  machine(name: string): Machine;
  /** Runs a command on a machine as its root, outside any SSH. */
  run(machine: string, command: string): Promise<{ readonly code: number; readonly output: string }>;
  /** Lets every armed timer of a machine fire now. */
  fireTimers(machine: string): Promise<readonly string[]>;
  /** As a power failure: what only the kernel knew is gone, enabled units start. */
  reboot(machine: string): Promise<void>;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const world = new SimulatedWorld(options);
  await world.start();
  return world;
}

class SimulatedWorld implements World {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "tailmesh-world-")));
  readonly workspace = join(this.folder, "workspace");
  readonly machines: readonly Machine[];
  readonly network: Network;
  readonly effects: Effect[] = [];
  readonly #options: WorldOptions;
  readonly #clusters: readonly ClusterSpec[];
  readonly #key: KeyPair = generateKey();
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #path: string;
  readonly #channels: Channel[] = [];
  readonly #servers = new Map<string, SshServer>();
  #control: ControlServer | undefined;
  #inputs: Readonly<Record<string, string>> = {};

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#clusters = options.clusters ?? demoClusters;
    this.#commands = allCommands(new Listeners());
    mkdirSync(this.workspace);
    this.#path = furnishTools(this.folder, this.#commands.keys());
    this.machines = this.#clusters.flatMap((cluster) =>
      cluster.machines.map((spec) => new Machine(spec, cluster, join(this.folder, "machines", spec.name))),
    );
    this.network = new Network(this.machines, {
      nodes: () => this.control.nodes(),
      policy: () => this.control.policy(),
    });
  }

  get control(): ControlServer {
    if (!this.#control) throw new Error("the world has not started");
    return this.#control;
  }

  get inputs(): Readonly<Record<string, string>> {
    return this.#inputs;
  }

  async start(): Promise<void> {
    this.#control = await startControl((what) => this.#effect({ kind: "api", where: "control", what }));
    for (const machine of this.machines) await this.#open(machine);
    const archive = writeArchive(this.folder);
    writeFileSync(join(this.workspace, "tailmesh.yaml"), this.#topology());
    writeFileSync(
      join(this.workspace, "known_hosts"),
      [...this.#servers.values()].map((server) => server.knownHosts).join(""),
    );
    this.#inputs = {
      "api-key": this.control.apiKey,
      "ssh-private-key": this.#key.private,
      "tailscale-archive": archive.path,
      "tailscale-sha256": archive.sha256,
    };
  }

  async #open(machine: Machine): Promise<void> {
    this.#channels.push(new Channel(join(machine.folder, "channel"), (request) => this.#answer(machine, request)));
    const at = (what: string): Effect => ({ kind: "exec", where: machine.name, what });
    const server = await startSshServer({
      authorizedKey: this.#key.public,
      user: "ubuntu",
      env: { ...this.#environment(machine), SSH_CONNECTION: `198.18.0.100 50000 ${machine.spec.address} 22` },
      cwd: machine.root,
      survives: this.#options.scriptsSurvive ?? true,
      onExec: () => this.#effect(at("begin")),
      onExecEnd: () => this.#effect(at("end")),
    });
    this.#servers.set(machine.name, server);
  }

  #environment(machine: Machine): Record<string, string> {
    const own = ["/usr/local/bin", "/usr/sbin", "/usr/bin"].map((folder) => machine.path(folder));
    return {
      PATH: [this.#path, ...own].join(delimiter),
      TAILMESH_ROOT: machine.root,
      HOME: machine.path("/root"),
      TMPDIR: machine.path("/tmp"),
      USER: "ubuntu",
    };
  }

  #topology(): string {
    const lines = [
      "version: 1",
      `tailnet: { control: headscale, url: "${this.control.url}" }`,
      "ssh: { user: ubuntu, host: 127.0.0.1, known-hosts: known_hosts }",
      "clusters:",
      ...this.#clusters.flatMap((c) => [
        `  ${c.name}:`,
        `    pods: ${c.pods}`,
        `    services: ${c.services}`,
        "    nodes:",
        ...c.machines.map((m) => `      ${m.name}: { address: ${m.address}, ssh: { port: ${this.#port(m.name)} } }`),
      ]),
    ];
    return `${lines.join("\n")}\n`;
  }

  #port(name: string): number {
    return this.#servers.get(name)?.port ?? 0;
  }

  #effect(effect: Effect): void {
    this.effects.push(effect);
    this.#options.onEffect?.(effect, this.effects.length);
  }

  async #answer(machine: Machine, request: Request): Promise<Answer> {
    const name = request.name.slice(request.name.lastIndexOf("/") + 1);
    const command = this.#commands.get(name);
    if (!command) return failed(`${name}: simulated, but the world does not know it`, 127);
    return command(
      request.args,
      this.#context(machine, () => request.input()),
    );
  }

  #context(machine: Machine, input: () => Promise<string> = async () => ""): Context {
    return {
      machine,
      network: this.network,
      control: this.control,
      changes: (what) => this.#effect({ kind: "command", where: machine.name, what }),
      execute: (words) => this.#execute(machine, words),
      input,
    };
  }

  /** Absolute paths of the command are the machine's, unless they already are below its folder. */
  #execute(machine: Machine, words: readonly string[]): Promise<{ code: number; output: string }> {
    const mapped = words.map((w) =>
      w.startsWith("/") && !w.startsWith(machine.root) && w !== "/bin/sh" ? machine.path(w) : w,
    );
    return new Promise((resolve) => {
      const child = spawn("/bin/sh", ["-c", 'exec "$@"', "sh", ...mapped], {
        env: this.#environment(machine),
        cwd: machine.root,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
      child.once("close", (code) => resolve({ code: code ?? 255, output }));
    });
  }

  get traffic(): { readonly connections: number; readonly execs: number } {
    const servers = [...this.#servers.values()];
    return {
      connections: servers.reduce((sum, s) => sum + s.connections, 0),
      execs: servers.reduce((sum, s) => sum + s.execs.length, 0),
    };
  }

  machine(name: string): Machine {
    const found = this.machines.find((m) => m.name === name);
    if (!found) throw new RangeError(`no machine ${name}`);
    return found;
  }

  run(machine: string, command: string): Promise<{ readonly code: number; readonly output: string }> {
    return this.#execute(this.machine(machine), ["/bin/sh", "-c", command]);
  }

  async fireTimers(name: string): Promise<readonly string[]> {
    const machine = this.machine(name);
    const due = [...machine.timers.values()];
    machine.timers.clear();
    for (const timer of due) await this.#execute(machine, timer.command);
    return due.map((timer) => timer.unit);
  }

  async reboot(name: string): Promise<void> {
    const machine = this.machine(name);
    if (machine.identity) this.control.announce(machine.identity.id, { online: false });
    rmSync(machine.path("/run"), { recursive: true, force: true });
    mkdirSync(machine.path("/run/systemd"), { recursive: true });
    machine.boot();
    const conf = machine.path("/etc/sysctl.d");
    for (const file of readdirSync(conf)) {
      for (const line of readFileSync(join(conf, file), "utf8").split("\n")) {
        const [key = "", value] = line.split("=").map((part) => part.trim());
        if (value !== undefined) machine.write(`/proc/sys/${key.replaceAll(".", "/")}`, `${value}\n`);
      }
    }
    const enabled = [...machine.units].filter(([, u]) => u.enabled && u.active !== "active").map(([unit]) => unit);
    // The guard says Before=tailscaled.service.
    for (const unit of enabled.sort(
      (a, b) => Number(a === "tailscaled.service") - Number(b === "tailscaled.service"),
    )) {
      await start(unit, this.#context(machine));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers.values()) await server.close();
    for (const channel of this.#channels) channel.close();
    await this.#control?.[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
