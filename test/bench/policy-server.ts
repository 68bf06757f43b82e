/**
 * Tailscale's v2 API on loopback over TLS, near and at a distance, in a process of its own: `node policy-server.ts` with its
 * options as JSON on the first line of standard input. Prints its two URLs; a second line is the ETag that it answers with
 * from then on.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { startV2, type V2Options } from "../support/v2-server.ts";

export interface ServerOptions extends V2Options {
  /** Milliseconds that a round trip to the distant one takes. */
  readonly roundTrip: number;
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { roundTrip, ...options } = JSON.parse((await lines.next()).value ?? "") as ServerOptions;
let etag: string | undefined;
const server = await startV2({
  ...options,
  onCall: ({ method, path }) =>
    etag !== undefined && method === "GET" && path.includes("/acl")
      ? { status: 200, body: options.policy ?? "", type: "application/hujson", headers: { etag: `"${etag}"` } }
      : undefined,
});

/** Hands on what comes, half a round trip later, and none of it before `opened` (as performance.now() tells time). */
function relay(from: Socket, to: Socket, opened: number): void {
  const later = (work: () => void): void =>
    void setTimeout(work, roundTrip / 2 + Math.max(0, opened - performance.now()));
  from.on("data", (part) => later(() => to.write(part)));
  from.on("end", () => later(() => to.end()));
  from.on("error", () => to.destroy());
}

const distant = createServer((client) => {
  const upstream = connect(Number(new URL(server.url).port), "127.0.0.1").setNoDelay();
  // On loopback a connection is there at once; at a distance it takes a round trip before anything can be said.
  const opened = performance.now() + roundTrip;
  relay(client.setNoDelay(), upstream, opened);
  relay(upstream, client, opened);
}).listen(0, "127.0.0.1");
await once(distant, "listening");
const { port } = distant.address() as AddressInfo;

console.log(JSON.stringify([server.url, `https://127.0.0.1:${port}`]));
etag = (await lines.next()).value;
console.log("ready");
for await (const _ of lines);
distant.close();
await server[Symbol.asyncDispose]();
