/** A proxy that connects to servers of a test under names that no name server knows. */

import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** `control.example:443`, one for each connection that was asked for. */
  readonly asked: readonly string[];
}

/** `routes`: from `name:port` to a port on loopback; anything else is refused. */
export async function startProxy(routes: Readonly<Record<string, number>>): Promise<Proxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => undefined);
    client.once("data", (head) => {
      const [, target = ""] = /^CONNECT (\S+) HTTP/.exec(String(head)) ?? [];
      asked.push(target);
      const port = routes[target];
      if (port === undefined) return void client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      const far = connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        far.pipe(client);
        client.pipe(far);
      });
      sockets.add(far);
      far.on("error", () => client.destroy());
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
