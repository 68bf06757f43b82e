/**
 * Tailscale's v2 API on loopback over TLS, in a process of its own: `node policy-server.ts` with its options as JSON on the
 * first line of standard input. Prints its URL; a second line is the ETag that it answers with from then on.
 */
import { createInterface } from "node:readline";
import { startV2, type V2Options } from "../support/v2-server.ts";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const options = JSON.parse((await lines.next()).value ?? "") as V2Options;
let etag: string | undefined;
const server = await startV2({
  ...options,
  onCall: ({ method, path }) =>
    etag !== undefined && method === "GET" && path.includes("/acl")
      ? {
          status: 200,
          body: options.policy ?? "",
          type: "application/hujson",
          headers: { etag: `"${etag}"` },
        }
      : undefined,
});
console.log(server.url);
etag = (await lines.next()).value;
console.log("ready");
for await (const _ of lines);
await server[Symbol.asyncDispose]();
