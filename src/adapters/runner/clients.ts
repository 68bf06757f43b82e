/** HTTP clients of a run: one for each set of trusted roots, with the runner's proxy, all closed together. */
import type { Workspace } from "../../ports/workspace.ts";
import { createHttp, type Http, type RequestRecord } from "../http/http.ts";
import { runnerError } from "./errors.ts";

export interface ClientSettings {
  readonly workspace: Workspace;
  readonly userAgent: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told of every exchange. */
  readonly log: (line: string) => void;
}

/** Largest archive, in bytes. */
const archiveLimit = 200 * 1024 * 1024;

export class HttpClients {
  readonly #settings: ClientSettings;
  readonly #clients = new Map<string, Promise<Http>>();

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  /** The client that trusts these PEM files beside the machine's roots. Throws MESH_ROOTS_MISSING. */
  get(caFiles: readonly string[]): Promise<Http> {
    return this.#kept(caFiles.join("\n"), () => this.#open(caFiles, this.#settings.log));
  }

  /** One that logs no address, for addresses that are secrets. */
  quiet(caFiles: readonly string[]): Promise<Http> {
    return this.#kept(["quiet", ...caFiles].join("\n"), () => this.#open(caFiles, () => undefined));
  }

  #kept(key: string, open: () => Promise<Http>): Promise<Http> {
    const client = this.#clients.get(key) ?? open();
    this.#clients.set(key, client);
    return client;
  }

  /** Bytes behind a URL; undefined when there are none. Redirects are followed: what comes is checked against its sum. */
  async download(url: string, caFiles: readonly string[]): Promise<Uint8Array | undefined> {
    const http = await this.get(caFiles);
    const { signal } = this.#settings;
    const reply = await http.request({ method: "GET", url, redirects: "anywhere", bodyLimit: archiveLimit, signal });
    if (reply.status === 200) return reply.body;
    if (reply.status === 404) return undefined;
    throw runnerError("MESH_ARCHIVE_NOT_FOUND", `${url} answers with status ${reply.status}`);
  }

  /** All requests of the run so far. */
  async requests(): Promise<readonly RequestRecord[]> {
    const clients = await Promise.all(this.#clients.values());
    return clients.flatMap((client) => client.requests);
  }

  async close(): Promise<void> {
    const clients = await Promise.allSettled(this.#clients.values());
    await Promise.all(
      clients.map((client) => (client.status === "fulfilled" ? client.value[Symbol.asyncDispose]() : undefined)),
    );
  }

  async #open(caFiles: readonly string[], log: (line: string) => void): Promise<Http> {
    const { userAgent, env } = this.#settings;
    const roots = (await Promise.all(caFiles.map((file) => this.#read(file)))).join("\n");
    const either = (name: string): string => env[name] || env[name.toLowerCase()] || "";
    const [https, http, no] = [either("HTTPS_PROXY"), either("HTTP_PROXY"), either("NO_PROXY")];
    const client = createHttp({
      userAgent,
      log,
      ...(roots === "" ? {} : { roots }),
      ...(https || http ? { proxy: { https, http, no } } : {}),
    });
    return abortable(client, this.#settings.signal);
  }

  async #read(file: string): Promise<string> {
    const text = await this.#settings.workspace.read(file);
    if (text !== undefined) return text;
    throw runnerError("MESH_ROOTS_MISSING", `there is no file ${file}`, { where: { file } });
  }
}

/** Questions that are open when the run is told to stop end at once; a write is finished, and what is asked after that, too. */
function abortable(client: Http, signal: AbortSignal): Http {
  return {
    request: (request) =>
      client.request(request.method === "GET" && !signal.aborted ? { signal, ...request } : request),
    get requests() {
      return client.requests;
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
