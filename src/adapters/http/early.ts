/** A TLS connection that is opened before there is anything to ask, so that it is there when there is. */
import type { TLSSocket } from "node:tls";

interface Early {
  readonly host: string;
  readonly port: number;
  readonly socket: TLSSocket;
}

let early: Early | undefined;

/**
 * Begins to connect, with the machine's trust and no proxy. Nothing is sent, the process does not wait for it, and where it
 * fails the first request makes its own connection, and tells.
 */
export function dialEarly({ hostname, port: given }: URL): void {
  const host = hostname.replace(/^\[|\]$/g, "");
  const port = Number(given) || 443;
  const { isIP } = process.getBuiltinModule("node:net");
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = process
    .getBuiltinModule("node:tls")
    .connect({ host, port, ALPNProtocols: ["http/1.1"], ...servername });
  socket.unref();
  socket.on("error", () => undefined);
  early = { host, port, socket };
}

/** That connection, for one taker; undefined when there is none to this place, or none any more. */
export function takeEarly(host: unknown, port: unknown): TLSSocket | undefined {
  if (early === undefined || early.host !== host || early.port !== (Number(port) || 443)) return undefined;
  const { socket } = early;
  early = undefined;
  return socket.destroyed ? undefined : socket.ref();
}
