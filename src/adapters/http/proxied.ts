/** Through the runner's proxy, by undici, which knows how: tunnels for https, requests for http, and whom to reach without. */
import { EnvHttpProxyAgent, request } from "undici";
import { mostConnections, type Transport, type TransportSettings } from "./transport.ts";

export interface ProxySettings {
  readonly https?: string;
  readonly http?: string;
  readonly no?: string;
}

export function createProxied({ trust, timeouts }: TransportSettings, proxy: ProxySettings): Transport {
  const tls = trust ? { secureContext: trust } : {};
  const dispatcher = new EnvHttpProxyAgent({
    connections: mostConnections,
    allowH2: false,
    connectTimeout: timeouts.connect,
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
    connect: { timeout: timeouts.connect, ...tls },
    requestTls: tls,
    // Empty strings keep undici from reading the environment itself: what applies was decided where the inputs were read.
    httpProxy: proxy.http ?? "",
    httpsProxy: proxy.https ?? "",
    noProxy: proxy.no ?? "",
  });
  return {
    async send(url, { body, ...exchange }) {
      const options = { ...exchange, dispatcher, ...(body === undefined ? {} : { body }) };
      const { statusCode: status, headers, body: stream } = await request(url, options);
      return { status, headers, body: stream };
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}
