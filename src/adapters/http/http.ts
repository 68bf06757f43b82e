/** The one HTTP client of a run: bounded in time and size, sends again only what may be sent twice, carries credentials to one host only. */
import type { SecureContext } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent, request as send } from "undici";
import type { Secret } from "../../mesh/secret.ts";
import type { Clock } from "../../ports/clock.ts";
import { systemClock } from "../clock.ts";
import { httpErrors } from "./errors.ts";
import { explain, hostPort, isReset, isUntrusted } from "./failure.ts";
import { defaultTrust, parseRoots, systemTrust } from "./roots.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly bearer?: Secret;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sent twice it does what it does once, so that it may be sent again when no answer came; a GET always may. */
  readonly repeatable?: boolean;
  /** Statuses after which it is asked again beside 502, 503 and 504, when it may be sent twice. */
  readonly retryStatus?: readonly number[];
  /** Largest answer in bytes; default 10 MiB. */
  readonly bodyLimit?: number;
  /** `anywhere` (https only) is for downloads that are verified afterwards; it is refused together with a credential. */
  readonly redirects?: "same-origin" | "anywhere";
  readonly signal?: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Lower-case names; of repeated ones the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The body as UTF-8. */
  readonly text: string;
}

/** One request as it was sent, retries and redirects counted each. */
export interface RequestRecord {
  readonly method: string;
  readonly origin: string;
  /** Without the query. */
  readonly path: string;
  /** 0 when no answer came. */
  readonly status: number;
}

export interface Http extends AsyncDisposable {
  /** Any status is a reply; throws MeshError when there is none, or when it points elsewhere or is too large. */
  request(request: HttpRequest): Promise<HttpReply>;
  /** All that was sent so far. */
  readonly requests: readonly RequestRecord[];
}

export interface HttpOptions {
  readonly userAgent: string;
  /** PEM certificates trusted beside the machine's own. */
  readonly roots?: string;
  /** Values of HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
  readonly proxy?: { readonly https?: string; readonly http?: string; readonly no?: string };
  /** Milliseconds; default 5, 15 and 15 seconds. `total` (60 s) ends an answer that only drips. */
  readonly timeouts?: {
    readonly connect?: number;
    readonly headers?: number;
    readonly body?: number;
    readonly total?: number;
  };
  readonly clock?: Clock;
  /** Told of every exchange, without query, body or credential. */
  readonly log?: (line: string) => void;
}

const mebibyte = 1024 * 1024;
const mostRetries = 3;
const mostRedirects = 3;
const firstPause = 250;
const longestPause = 20_000;
const retriedStatus: ReadonlySet<number> = new Set([502, 503, 504]);
const redirectStatus: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function createHttp(options: HttpOptions): Http {
  return new UndiciHttp(options);
}

class UndiciHttp implements Http {
  readonly #options: HttpOptions;
  readonly #roots: readonly string[];
  readonly #clock: Clock;
  readonly #requests: RequestRecord[] = [];
  readonly #opened: Dispatcher[] = [];
  #dispatcher: Dispatcher | undefined;
  #trustsSystem = false;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#roots = options.roots === undefined ? [] : parseRoots(options.roots);
    this.#clock = options.clock ?? systemClock;
  }

  get requests(): readonly RequestRecord[] {
    return this.#requests;
  }

  async request(request: HttpRequest): Promise<HttpReply> {
    let url = parseUrl(request.url);
    for (let redirects = 0; ; redirects++) {
      const reply = await this.#withRetries(request, url);
      const location = reply.headers["location"];
      if (!redirectStatus.has(reply.status) || location === undefined) return reply;
      url = redirectTarget(request, url, location, redirects);
    }
  }

  async #withRetries(request: HttpRequest, url: URL): Promise<HttpReply> {
    for (let retries = 0; ; retries++) {
      const isLeft = retries < mostRetries;
      const mayRetry = isLeft && (request.method === "GET" || request.repeatable === true);
      let pause = firstPause * 2 ** retries;
      try {
        const reply = await this.#once(request, url);
        // What was answered 429 was not done, whatever it was.
        const isTurnedAway = isLeft && reply.status === 429;
        const isRetried = retriedStatus.has(reply.status) || request.retryStatus?.includes(reply.status) === true;
        if (!isTurnedAway && !(mayRetry && isRetried)) return reply;
        pause = retryAfter(reply.headers["retry-after"], this.#clock.now()) ?? pause;
        if (pause > longestPause) return reply;
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason;
        if (!mayRetry || !isReset(error)) throw explain(error, url, limitOf(request));
      }
      await this.#clock.sleep(pause, request.signal);
    }
  }

  /** One exchange; once per run it may be repeated with the machine's own roots, as an untrusted server was sent nothing. */
  async #once(request: HttpRequest, url: URL): Promise<HttpReply> {
    try {
      return await this.#exchange(request, url);
    } catch (error) {
      if (this.#trustsSystem || !isUntrusted(error)) throw error;
      this.#trustsSystem = true;
      this.#dispatcher = this.#open(systemTrust(this.#roots));
      return await this.#exchange(request, url);
    }
  }

  async #exchange(request: HttpRequest, url: URL): Promise<HttpReply> {
    this.#dispatcher ??= this.#open(defaultTrust(this.#roots));
    const record = { method: request.method, origin: url.origin, path: url.pathname, status: 0 };
    this.#requests.push(record);
    const deadline = AbortSignal.timeout(this.#options.timeouts?.total ?? 60_000);
    try {
      const reply = await send(url, {
        dispatcher: this.#dispatcher,
        method: request.method,
        headers: this.#headers(request),
        signal: request.signal ? AbortSignal.any([request.signal, deadline]) : deadline,
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      record.status = reply.statusCode;
      const body = await readBody(reply.body, url, limitOf(request));
      return { status: reply.statusCode, headers: firstOf(reply.headers), body, text: new TextDecoder().decode(body) };
    } catch (error) {
      if (!deadline.aborted) throw error;
      throw httpErrors("MESH_HTTP_UNREACHABLE", `${hostPort(url)}: no complete answer in time`, {
        where: { address: url.origin },
        cause: error,
      });
    } finally {
      this.#options.log?.(`${record.method} ${record.origin}${record.path} → ${record.status || "no answer"}`);
    }
  }

  #headers(request: HttpRequest): Record<string, string> {
    return {
      "user-agent": this.#options.userAgent,
      ...request.headers,
      ...(request.bearer ? { authorization: `Bearer ${request.bearer.reveal()}` } : {}),
    };
  }

  #open(trust: SecureContext | undefined): Dispatcher {
    const { timeouts = {}, proxy } = this.#options;
    const tls = trust ? { secureContext: trust } : {};
    const common = {
      connections: 4,
      allowH2: false,
      connectTimeout: timeouts.connect ?? 5_000,
      headersTimeout: timeouts.headers ?? 15_000,
      bodyTimeout: timeouts.body ?? 15_000,
      connect: { timeout: timeouts.connect ?? 5_000, ...tls },
    };
    // Empty strings keep undici from reading the environment itself: what applies was decided where the inputs were read.
    const dispatcher = proxy
      ? new EnvHttpProxyAgent({
          ...common,
          requestTls: tls,
          httpProxy: proxy.http ?? "",
          httpsProxy: proxy.https ?? "",
          noProxy: proxy.no ?? "",
        })
      : new Agent(common);
    this.#opened.push(dispatcher);
    return dispatcher;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.map((dispatcher) => dispatcher.destroy()));
  }
}

function limitOf(request: HttpRequest): number {
  return request.bodyLimit ?? 10 * mebibyte;
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw httpErrors("MESH_HTTP_URL", "the address is not an http or https URL");
  }
  if (url.username || url.password)
    throw httpErrors("MESH_HTTP_URL", `the address of ${url.host} carries a user name or password`);
  return url;
}

/** Where a redirect leads, or the reason why it is not followed. */
function redirectTarget(request: HttpRequest, from: URL, location: string, redirects: number): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const anywhere = request.redirects === "anywhere" && request.bearer === undefined && to?.protocol === "https:";
  const allowed = request.method === "GET" && redirects < mostRedirects && (to?.origin === from.origin || anywhere);
  if (to && allowed) return to;
  throw httpErrors(
    "MESH_HTTP_REDIRECT",
    `${hostPort(from)} sends us to ${to ? to.origin : "an unreadable address"}; not followed`,
    {
      where: { address: from.origin },
    },
  );
}

/** Milliseconds that the server asks us to wait: seconds or a date. */
function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

function firstOf(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = typeof value === "string" ? value : value?.[0];
      return first === undefined ? [] : [[name.toLowerCase(), first] as const];
    }),
  );
}

async function readBody(stream: AsyncIterable<Uint8Array>, url: URL, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) {
      throw httpErrors("MESH_HTTP_TOO_LARGE", `${hostPort(url)}: the answer is larger than ${limit} bytes`, {
        where: { address: url.origin },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
