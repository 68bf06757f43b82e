/** Opens one SSH connection: strict host key, our key only, bounded in time. */
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import type { Secret } from "../../mesh/secret.ts";
import { sshErrors } from "./errors.ts";
import { type Dialled, explain, isNoCommonHostKey } from "./failure.ts";
import { describeKey, type HostKeyAlgorithm, offeredAlgorithms, type Vouched } from "./host-key.ts";
import { keyType } from "./known-hosts.ts";

const keepAlive = { keepaliveInterval: 5_000, keepaliveCountMax: 3 };

export interface DialOptions {
  readonly privateKey: Secret;
  readonly passphrase: Secret | undefined;
  /** Milliseconds for connecting and the handshake together. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** A new stream to the host through a jump host; undefined: over TCP. */
  readonly via?: (() => Promise<Duplex>) | undefined;
}

/** An open connection. */
export interface Connection {
  readonly client: Client;
  /** Why it broke; undefined while it is open and after `close`. */
  readonly broken: () => Error | undefined;
  close(): Promise<void>;
}

/**
 * Connects and logs in. With only a fingerprint to compare, the type of its key is not known, so a server with several keys is
 * asked for each type in turn; nothing is sent to it before one fits.
 */
export async function dial(to: Dialled, vouched: Vouched, options: DialOptions): Promise<Connection> {
  const shown: Buffer[] = [];
  for (;;) {
    const offered = offeredAlgorithms(
      vouched.types,
      shown.flatMap((key) => keyType(key.toString("base64")) ?? []),
    );
    const before = shown.length;
    try {
      return await attempt(to, offered, options, (key) => {
        if (vouched.accepts(key)) return true;
        shown.push(key);
        return false;
      });
    } catch (error) {
      const mismatch = shown.length > before;
      const tryOther = mismatch && vouched.types.length === 0 && offered.length > 1 && shown.length < 5;
      if (tryOther) continue;
      if (mismatch || (shown.length > 0 && isNoCommonHostKey(error))) throw wrongHost(to, vouched, shown, error);
      throw explain(error, to);
    }
  }
}

function wrongHost(to: Dialled, vouched: Vouched, shown: readonly Buffer[], cause: unknown): Error {
  const seen = shown.map(describeKey).join(", ");
  const what = shown.some((key) => vouched.isRevoked(key))
    ? "its host key is marked as revoked"
    : "its host key is another";
  return sshErrors(
    "MESH_SSH_HOST_KEY",
    `${to.host}:${to.port}: ${what}: expected ${vouched.fingerprints.join(" or ")}, got ${seen}; nothing was changed`,
    { where: { address: to.address }, cause },
  );
}

async function attempt(
  to: Dialled,
  offered: readonly HostKeyAlgorithm[],
  options: DialOptions,
  isRightHost: (key: Buffer) => boolean,
): Promise<Connection> {
  options.signal?.throwIfAborted();
  // Loaded when it is needed: it costs some 50 ms, and many runs end before they reach a node.
  const { NodeSSH } = await import("node-ssh");
  const sock = await options.via?.();
  const ssh = new NodeSSH();
  const connecting = ssh.connect({
    ...(sock ? { sock } : {}),
    host: to.host,
    port: to.port,
    username: to.user,
    privateKey: options.privateKey.reveal().replaceAll("\r\n", "\n"),
    ...(options.passphrase && !options.passphrase.isEmpty ? { passphrase: options.passphrase.reveal() } : {}),
    authHandler: ["publickey"],
    readyTimeout: options.timeout,
    ...keepAlive,
    algorithms: { serverHostKey: [...offered] },
    hostVerifier: isRightHost,
  });
  const client = ssh.connection;
  if (!client) {
    await connecting;
    throw new Error("no connection");
  }
  // Small packets in both directions: with Nagle's algorithm each exchange of the handshake waits 40 ms for an acknowledgement.
  client.setNoDelay(true);
  let broken: Error | undefined;
  // Stays for good: an error on an open connection would otherwise end the process.
  client.on("error", (error) => {
    broken ??= error;
  });
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  const abort = (): void => {
    client.destroy();
  };
  options.signal?.addEventListener("abort", abort, { once: true });
  try {
    await connecting;
  } catch (error) {
    client.destroy();
    options.signal?.removeEventListener("abort", abort);
    options.signal?.throwIfAborted();
    throw broken ?? error;
  }
  return {
    client,
    broken: () => broken,
    async close() {
      options.signal?.removeEventListener("abort", abort);
      client.end();
      const late = setTimeout(() => client.destroy(), 500);
      await closed;
      clearTimeout(late);
    },
  };
}
