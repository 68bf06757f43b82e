/** The Shell port over SSH: one connection per session, jump hosts included. */
import type { Duplex } from "node:stream";
import type { MeshError } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import type { Node, SshHop } from "../../mesh/mesh.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { RunOptions, Shell, ShellResult, ShellSession } from "../../ports/shell.ts";
import { invocation, isSudoRefusal } from "./command.ts";
import { type Connection, dial } from "./dial.ts";
import { sshErrors } from "./errors.ts";
import { exec } from "./exec.ts";
import type { Dialled } from "./failure.ts";
import { vouchedFor } from "./host-key.ts";
import { Turns } from "./turns.ts";

const outputLimit = 8 * 1024 * 1024;
/** OpenSSH refuses the eleventh command on one connection (MaxSessions 10), and counts one that has just ended for a moment more. */
const mostAtATime = 4;

export interface ShellOptions {
  readonly privateKey: Secret;
  readonly passphrase?: Secret;
  /** Reads a known_hosts file of the checkout; undefined when there is none. */
  readonly knownHosts: (path: string) => Promise<string | undefined>;
  /** How many handshakes may go on at a time. */
  readonly concurrency: number;
  /** Milliseconds for connecting and handshake, each hop; default 10 seconds. */
  readonly connectTimeout?: number;
  readonly signal?: AbortSignal;
}

export interface SshSession extends ShellSession {
  /** Commands run so far. */
  readonly execs: number;
}

export interface SshShell extends Shell {
  open(node: Node): Promise<SshSession>;
  /** Connections opened to nodes so far, those to jump hosts not counted. */
  readonly connections: number;
  /** Connections opened to jump hosts so far. */
  readonly jumps: number;
}

export function createShell(options: ShellOptions): SshShell {
  return new NodeShell(options);
}

class NodeShell implements SshShell {
  readonly #options: ShellOptions;
  readonly #turns: Turns;
  readonly #files = new Map<string, Promise<string | undefined>>();
  connections = 0;
  jumps = 0;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#turns = new Turns(options.concurrency);
  }

  open(node: Node): Promise<SshSession> {
    return this.#turns.take(() => this.#open(node));
  }

  async #open(node: Node): Promise<SshSession> {
    const address = `node/${node.name}`;
    const hops: Connection[] = [];
    try {
      for (const hop of node.ssh.jump) {
        hops.unshift(await this.#dial(hop, address, hops[0]));
        this.jumps += 1;
      }
      const connection = await this.#dial(node.ssh, address, hops[0]);
      this.connections += 1;
      return new NodeSession(node, connection, hops);
    } catch (error) {
      await Promise.all(hops.map((hop) => hop.close()));
      throw error;
    }
  }

  async #dial(hop: SshHop, address: string, over: Connection | undefined): Promise<Connection> {
    const to = { user: hop.user, host: hop.host, port: hop.port, address };
    const vouched = await vouchedFor(hop, address, (path) => this.#read(path));
    return dial(to, vouched, {
      privateKey: this.#options.privateKey,
      passphrase: this.#options.passphrase,
      timeout: this.#options.connectTimeout ?? 10_000,
      signal: this.#options.signal,
      via: over && (() => forward(over, to, this.#options.connectTimeout ?? 10_000)),
    });
  }

  #read(path: string): Promise<string | undefined> {
    const known = this.#files.get(path) ?? this.#options.knownHosts(path);
    this.#files.set(path, known);
    return known;
  }
}

/** A stream to the next hop through an open connection. */
function forward(over: Connection, to: Dialled, timeout: number): Promise<Duplex> {
  const target = `${to.host}:${to.port}`;
  const where = { address: to.address };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(sshErrors("MESH_SSH_TIMEOUT", `${target}: the jump host did not connect in time`, { where })),
      timeout,
    );
    over.client.forwardOut("127.0.0.1", 0, to.host, to.port, (error, stream) => {
      clearTimeout(timer);
      if (!error) {
        resolve(stream);
        return;
      }
      const why = inertText(error.message, 200);
      reject(sshErrors("MESH_SSH_JUMP", `${target}: the jump host did not connect: ${why}`, { where, cause: error }));
    });
  });
}

class NodeSession implements SshSession {
  readonly node: string;
  readonly #user: string;
  readonly #connection: Connection;
  readonly #hops: readonly Connection[];
  readonly #turns = new Turns(mostAtATime);
  execs = 0;

  constructor(node: Node, connection: Connection, hops: readonly Connection[]) {
    this.node = node.name;
    this.#user = node.ssh.user;
    this.#connection = connection;
    this.#hops = hops;
  }

  async run(script: string, options: RunOptions): Promise<ShellResult> {
    const { command, script: bytes } = invocation(script, this.#user);
    this.execs += 1;
    const result = await this.#turns.take(() =>
      exec(this.#connection, {
        command,
        input: options.payload ? [bytes, options.payload] : [bytes],
        timeout: options.timeout * 1000,
        outputLimit,
        address: `node/${this.node}`,
      }),
    );
    if (this.#user !== "root" && isSudoRefusal(result)) throw this.#refusal(result.stderr);
    return result;
  }

  #refusal(stderr: string): MeshError {
    const line = `${this.#user} ALL=(root) NOPASSWD: /bin/sh`;
    return sshErrors("MESH_SUDO_REFUSED", `user ${this.#user} may not become root: ${inertText(stderr.trim(), 200)}`, {
      where: { address: `node/${this.node}` },
      hint: `On that node, as root, put this line into /etc/sudoers.d/tailmesh (mode 0440): \`${line}\`. Or let the SSH user be root. Nothing was changed.`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
    await Promise.all(this.#hops.map((hop) => hop.close()));
  }
}
