/**
 * Straight to the server, by Node's own client: undici, and the parser that it brings along, take longer to load than all
 * requests of a run that changes nothing.
 */
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import { takeEarly } from "./early.ts";
import { type Answer, mostConnections, type Transport, type TransportSettings } from "./transport.ts";

/** Milliseconds that a connection is kept without use, where the server does not say how long it keeps it. */
const idle = 4_000;

/** Asked for when they are needed: each takes a tenth of an action's start to load. */
const modules = {
  "http:": () => process.getBuiltinModule("node:http"),
  "https:": () => process.getBuiltinModule("node:https"),
} as const;

export function createDirect(settings: TransportSettings): Transport {
  const agents = new Map<string, Agent>();
  function agentFor(protocol: keyof typeof modules): Agent {
    const known = agents.get(protocol);
    if (known) return known;
    const { Agent } = modules[protocol]();
    const tls = settings.trust ? { secureContext: settings.trust } : {};
    const agent = new Agent({ keepAlive: true, maxSockets: mostConnections, timeout: idle, ...tls });
    if (protocol === "https:" && settings.trust === undefined) useEarly(agent);
    agents.set(protocol, agent);
    return agent;
  }
  return {
    async send(url, exchange) {
      const protocol = url.protocol === "http:" ? "http:" : "https:";
      const { request } = modules[protocol]();
      const agent = agentFor(protocol);
      const { method, body, signal } = exchange;
      // Node tells the length of a body only where it expects one.
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const headers = { ...exchange.headers, ...length };
      return await answerTo(request(url, { method, headers, signal, agent }), body, settings, protocol);
    },
    async [Symbol.asyncDispose]() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

/** Its first connection to a server is the one that has been opened already. */
function useEarly(agent: Agent): void {
  const connect = agent.createConnection;
  agent.createConnection = (options, ready) =>
    takeEarly(options.host, options.port) ?? connect.call(agent, options, ready);
}

function answerTo(
  request: ClientRequest,
  body: string | undefined,
  { timeouts }: TransportSettings,
  protocol: keyof typeof modules,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const limit = timer((code) => request.destroy(timedOut(code)));
    request.on("error", (error) => {
      limit.stop();
      reject(error);
    });
    request.once("socket", (socket) => {
      const connected = (): void => limit.start(timeouts.headers, "HEADERS_TIMEOUT");
      if (request.reusedSocket || !socket.connecting) return connected();
      limit.start(timeouts.connect, "CONNECT_TIMEOUT");
      socket.once(protocol === "https:" ? "secureConnect" : "connect", connected);
    });
    request.once("response", (response) => {
      limit.stop();
      const { statusCode: status = 0, headersDistinct: headers } = response;
      resolve({ status, headers, body: bodyOf(response, timeouts.body) });
    });
    request.end(body);
  });
}

async function* bodyOf(response: IncomingMessage, milliseconds: number): AsyncGenerator<Uint8Array> {
  const limit = timer((code) => response.destroy(timedOut(code)));
  try {
    limit.start(milliseconds, "BODY_TIMEOUT");
    for await (const chunk of response) {
      yield chunk;
      limit.start(milliseconds, "BODY_TIMEOUT");
    }
  } finally {
    limit.stop();
  }
}

/** One at a time: what is started ends what ran before. */
function timer(expired: (code: string) => void): {
  start(milliseconds: number, code: string): void;
  stop(): void;
} {
  let running: NodeJS.Timeout | undefined;
  return {
    start(milliseconds, code) {
      clearTimeout(running);
      running = setTimeout(() => expired(code), milliseconds);
    },
    stop: () => clearTimeout(running),
  };
}

function timedOut(code: string): Error {
  return Object.assign(new Error("took too long"), { code });
}
