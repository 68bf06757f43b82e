/** Requests to a control server's API with its credential; failures become our errors, the server's clock is watched. */
import type * as z from "zod";
import { MeshError } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Http, HttpReply, HttpRequest } from "../http/http.ts";
import { controlErrors } from "./errors.ts";
import { errorTexts, parseJson } from "./wire.ts";

export interface ApiOptions {
  readonly http: Http;
  /** Without a trailing slash. */
  readonly url: string;
  readonly apiKey: Secret;
  readonly clock: Clock;
}

export interface ApiReply {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
  /** `GET /api/v1/node`, for messages. */
  readonly what: string;
}

export class Api {
  readonly url: string;
  readonly #options: ApiOptions;
  #ahead = 0;

  constructor(options: ApiOptions) {
    this.url = options.url;
    this.#options = options;
  }

  /** The server's time, by the `Date` of its last answer, to the second: keys live and die by that clock, not by ours. */
  now(): Date {
    return new Date(this.#options.clock.now().getTime() + this.#ahead);
  }

  /** One request; any status is a reply. Throws MESH_CONTROL_DOWN when there is none, and what TLS and the like say. */
  async call(method: HttpRequest["method"], path: string, body?: unknown, anonymous = false): Promise<ApiReply> {
    const reply = await this.#send({
      method,
      url: `${this.url}${path}`,
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(anonymous ? {} : { bearer: this.#options.apiKey }),
    });
    const date = Date.parse(reply.headers["date"] ?? "");
    if (!Number.isNaN(date)) this.#ahead = date - this.#options.clock.now().getTime();
    const what = `${method} ${path}`;
    return { ok: reply.status >= 200 && reply.status < 300, status: reply.status, text: reply.text, what };
  }

  /** As `call`, for requests where only success is an answer. */
  async must<T>(schema: z.ZodType<T>, method: HttpRequest["method"], path: string, body?: unknown): Promise<T> {
    return this.read(await this.call(method, path, body), schema);
  }

  /** The body of a successful reply; throws for any other and for one that cannot be read. */
  read<T>(reply: ApiReply, schema: z.ZodType<T>): T {
    if (!reply.ok) throw this.failure(reply);
    const parsed = schema.safeParse(parseJson(reply.text));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const why = issue ? `${issue.path.join(".") || "the body"}: ${issue.message}` : "it cannot be read";
    throw controlErrors("MESH_CONTROL_ANSWER", `${reply.what}: ${inertText(why, 200)}`, { where: this.#where });
  }

  /** What a reply that is no success means. */
  failure(reply: ApiReply): MeshError {
    const told = this.#scrub(errorTexts(reply.text).join("; "));
    const message = `${reply.what} was answered ${reply.status}: ${told}`;
    return controlErrors(codeOf(reply.status), message, { where: this.#where });
  }

  get #where(): { readonly address: string } {
    return { address: this.url };
  }

  async #send(request: HttpRequest): Promise<HttpReply> {
    try {
      return await this.#options.http.request(request);
    } catch (error) {
      if (!(error instanceof MeshError) || error.code !== "MESH_HTTP_UNREACHABLE") throw error;
      throw controlErrors("MESH_CONTROL_DOWN", error.message, { where: this.#where, cause: error });
    }
  }

  /** A server that repeats our credential must not get it into a log. */
  #scrub(text: string): string {
    return inertText(text.replaceAll(this.#options.apiKey.reveal(), "[secret]"), 600);
  }
}

function codeOf(status: number): keyof typeof controlErrors.specs {
  if (status === 401) return "MESH_CREDENTIAL_REJECTED";
  if (status === 403) return "MESH_CREDENTIAL_DENIED";
  if (status === 404) return "MESH_CONTROL_NOT_FOUND";
  if (status === 429) return "MESH_CONTROL_LIMITED";
  if (status === 502 || status === 503 || status === 504) return "MESH_CONTROL_DOWN";
  return status >= 400 && status < 500 ? "MESH_CONTROL_REJECTED" : "MESH_CONTROL_FAILED";
}
