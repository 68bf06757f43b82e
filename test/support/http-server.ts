/** A real web server on loopback for tests of what goes over the wire. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "./certificates.ts";

export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface HttpServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
}

export interface ServerOptions {
  readonly tls?: Certificate;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

/** Starts it; `answer` is called with each complete request and must end the response. */
export async function startHttpServer(
  answer: (request: Received, response: ServerResponse, raw: IncomingMessage) => void,
  options: ServerOptions = {},
): Promise<HttpServer> {
  const received: Received[] = [];
  const listener: RequestListener = (raw, response) => {
    const chunks: Buffer[] = [];
    raw.on("data", (chunk: Buffer) => chunks.push(chunk));
    raw.on("error", () => undefined);
    raw.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const request = { method: raw.method ?? "", path: raw.url ?? "", headers: raw.headers, body };
      received.push(request);
      answer(request, response, raw);
    });
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? "https" : "http"}://${options.host ?? "127.0.0.1"}:${port}`,
    port,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
