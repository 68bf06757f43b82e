/** A real SSH server on loopback that runs commands with the machine's /bin/sh, in an environment that the test chooses. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { type AddressInfo, connect, Socket } from "node:net";
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel, type Session } from "ssh2";

const { Server, utils } = ssh2;

export interface KeyPair {
  /** OpenSSH private key. */
  readonly private: string;
  /** `ssh-ed25519 AAAA…`. */
  readonly public: string;
  /** `SHA256:…`. */
  readonly fingerprint: string;
}

/** A new key; encrypted when there is a passphrase. */
export function generateKey(type: "ed25519" | "ecdsa" | "rsa" = "ed25519", passphrase?: string): KeyPair {
  const bits = type === "rsa" ? { bits: 2048 } : type === "ecdsa" ? { bits: 256 } : {};
  const pair = utils.generateKeyPairSync(
    type as "rsa",
    {
      ...bits,
      ...(passphrase ? { passphrase, cipher: "aes256-ctr", rounds: 16 } : {}),
    } as { bits: number },
  );
  // Some one in 250 ed25519 keys that ssh2 makes is malformed, for OpenSSH too.
  if (utils.parseKey(pair.private, passphrase) instanceof Error) return generateKey(type, passphrase);
  const blob = Buffer.from(pair.public.split(" ")[1] ?? "", "base64");
  const digest = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
  return { private: pair.private, public: pair.public, fingerprint: `SHA256:${digest}` };
}

export interface SshServerOptions {
  /** Private host keys; default one new ed25519 key. */
  readonly hostKeys?: readonly KeyPair[];
  /** Public key that may log in. */
  readonly authorizedKey: string;
  /** Only this user may log in; default anybody. */
  readonly user?: string;
  /** The whole environment of commands. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Address that is listened on; default 127.0.0.1. */
  readonly host?: string;
  /** Whether connections may be forwarded (a jump host); default true. */
  readonly forwards?: boolean;
  /** Called with each command line before it runs; when it rejects, the command is refused. */
  readonly onExec?: (command: string) => void | Promise<void>;
  /** Called when a command has ended, before the client learns of it. */
  readonly onExecEnd?: (command: string) => void;
  /** Whether commands go on when their connection is lost, as under a real sshd without a terminal; default false: killed. */
  readonly survives?: boolean;
}

export interface SshServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly hostKeys: readonly KeyPair[];
  /** A line for a known_hosts file for each host key. */
  readonly knownHosts: string;
  /** Command lines so far. */
  readonly execs: readonly string[];
  /** Connections that logged in so far. */
  readonly connections: number;
  /** Cuts every open connection without a word. */
  drop(): void;
  close(): Promise<void>;
}

export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const hostKeys = options.hostKeys ?? [generateKey()];
  const authorized = parsed(options.authorizedKey);
  const host = options.host ?? "127.0.0.1";
  const open = new Set<Connection>();
  const children = new Set<ChildProcess>();
  const execs: string[] = [];
  let connections = 0;

  const server = new Server({ hostKeys: hostKeys.map((key) => key.private) }, (client) => {
    open.add(client);
    socketOf(client)?.setNoDelay(true); // as sshd
    client.on("close", () => open.delete(client));
    client.on("error", () => undefined);
    client.on("authentication", (context) => authenticate(context, authorized, options.user));
    client.on("ready", () => {
      connections += 1;
    });
    client.on("session", (accept) => serveSession(accept(), options, execs, children));
    client.on("tcpip", (accept, reject, info) => {
      if (options.forwards === false) {
        reject();
        return;
      }
      const socket = connect(info.destPort, info.destIP);
      socket.once("error", () => reject());
      socket.once("connect", () => {
        const channel = accept();
        channel.on("error", () => undefined);
        socket.on("error", () => channel.destroy());
        socket.pipe(channel).pipe(socket);
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const drop = (): void => {
    for (const client of open) socketOf(client)?.destroy();
  };
  const close = async (): Promise<void> => {
    drop();
    for (const child of children) killGroup(child);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    host,
    port,
    hostKeys,
    knownHosts: hostKeys.map((key) => `[${host}]:${port} ${key.public}\n`).join(""),
    execs,
    get connections() {
      return connections;
    },
    drop,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function parsed(key: string): ParsedKey {
  const result = utils.parseKey(key);
  const first = Array.isArray(result) ? result[0] : result;
  if (!first || first instanceof Error) throw first ?? new Error("no key");
  return first;
}

function authenticate(context: AuthContext, authorized: ParsedKey, user: string | undefined): void {
  const isUser = user === undefined || context.username === user;
  if (context.method !== "publickey" || !isUser || !context.key.data.equals(authorized.getPublicSSH())) {
    context.reject(["publickey"]);
    return;
  }
  const { blob, signature, hashAlgo } = context;
  // Without a signature the client only asks whether the key would do.
  if (!signature || !blob || authorized.verify(blob, signature, hashAlgo) === true) context.accept();
  else context.reject(["publickey"]);
}

function serveSession(session: Session, options: SshServerOptions, execs: string[], children: Set<ChildProcess>): void {
  let child: ChildProcess | undefined;
  session.on("signal", (accept, _reject, info) => {
    accept?.();
    if (child) killGroup(child, `SIG${info.name}` as NodeJS.Signals);
  });
  session.on("exec", (accept, reject, info) => {
    execs.push(info.command);
    const start = (): void => {
      child = run(accept(), info.command, options);
      children.add(child);
      child.once("close", () => child && children.delete(child));
    };
    // Without a hook the command starts in the same turn, as it does in sshd.
    if (!options.onExec) return start();
    Promise.resolve(options.onExec(info.command)).then(start, () => reject());
  });
}

/** As sshd: the login shell with the command, its streams on the channel, its own process group. */
function run(channel: ServerChannel, command: string, options: SshServerOptions): ChildProcess {
  const child = spawn("/bin/sh", ["-c", command], {
    env: options.env,
    detached: true,
    ...(options.cwd ? { cwd: options.cwd } : {}),
  });
  channel.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once("close", (code, signal) => {
    options.onExecEnd?.(command);
    if (signal) channel.exit(signal.slice(3));
    else channel.exit(code ?? 255);
    channel.end();
    channel.close();
  });
  channel.once("close", () => {
    if (!options.survives) return killGroup(child);
    child.stdin.end();
    child.stdout.destroy();
    child.stderr.destroy();
  });
  return child;
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // it was faster
  }
}

/** The server side's socket, which ssh2 does not show: to cut a connection without the goodbye that `end` says. */
function socketOf(client: Connection): Socket | undefined {
  const socket: unknown = Reflect.get(client, "_sock");
  return socket instanceof Socket ? socket : undefined;
}
