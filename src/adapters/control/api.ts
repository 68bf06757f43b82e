/** Requests to a control server's API with its credential; failures become our errors, the server's clock is watched. */
import type * as z from "zod/mini";
import { MeshError } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Http, HttpReply, HttpRequest } from "../http/http.ts";
import { mismatch } from "../http/mismatch.ts";
import { type Bearer, withoutSecrets } from "./bearer.ts";
import { controlErrors } from "./errors.ts";
import { errorTexts, parseJson } from "./wire.ts";

export interface ApiOptions {
  readonly http: Http;
  /** Without a trailing slash. */
  readonly url: string;
  readonly bearer: Bearer;
  readonly clock: Clock;
  /** What to do about a credential that is not accepted, on this kind of server. */
  readonly rejectedHint: string;
  /** The scope that a refused request lacks, in words; null where the credential has it or there are none. */
  readonly missingScope?: (method: string, path: string) => string | null;
}

export interface CallOptions {
  /** Sent as it is, with this Content-Type; else the body is sent as JSON. */
  readonly contentType?: string;
  /** Default application/json. */
  readonly accept?: string;
  readonly ifMatch?: string;
  /** Without the credential. */
  readonly anonymous?: boolean;
  /** May be sent again when no answer came. */
  readonly repeatable?: boolean;
}

export interface ApiReply {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** `GET /api/v1/node`, for messages. */
  readonly what: string;
  readonly method: string;
  readonly path: string;
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

  /**
   * One request; any status is a reply. A token that is not accepted is renewed once: 401 means that nothing was done.
   * Throws MESH_CONTROL_DOWN when there is no reply, and what TLS, redirects and the token endpoint say.
   */
  async call(
    method: HttpRequest["method"],
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<ApiReply> {
    const request: HttpRequest = {
      method,
      url: `${this.url}${path}`,
      headers: {
        accept: options.accept ?? "application/json",
        ...(body === undefined ? {} : { "content-type": options.contentType ?? "application/json" }),
        ...(options.ifMatch === undefined ? {} : { "if-match": options.ifMatch }),
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      ...(options.repeatable === undefined ? {} : { repeatable: options.repeatable }),
    };
    const reply = await (options.anonymous ? this.#send(request) : this.#sendWithCredential(request));
    const date = Date.parse(reply.headers["date"] ?? "");
    if (!Number.isNaN(date)) this.#ahead = date - this.#options.clock.now().getTime();
    const { status, text, headers } = reply;
    return { ok: status >= 200 && status < 300, status, text, headers, what: `${method} ${path}`, method, path };
  }

  /** As `call`, for requests where only success is an answer. */
  async must<T>(
    schema: z.ZodMiniType<T>,
    method: HttpRequest["method"],
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<T> {
    return this.read(await this.call(method, path, body, options), schema);
  }

  /** The body of a successful reply; throws for any other and for one that cannot be read. An empty body is an empty object. */
  read<T>(reply: ApiReply, schema: z.ZodMiniType<T>): T {
    if (!reply.ok) throw this.failure(reply);
    const parsed = schema.safeParse(reply.text.trim() === "" ? {} : parseJson(reply.text));
    if (parsed.success) return parsed.data;
    throw this.unreadable(reply, mismatch(parsed.error));
  }

  /** A success that is not what the API promises. */
  unreadable(reply: ApiReply, why: string): MeshError {
    return controlErrors("MESH_CONTROL_ANSWER", `${reply.what}: ${inertText(why, 200)}`, { where: this.#where });
  }

  /** What a reply that is no success means. */
  failure(reply: ApiReply): MeshError {
    const message = `${reply.what} was answered ${reply.status}: ${this.told(reply)}`;
    const code = codeOf(reply.status);
    if (code === "MESH_CREDENTIAL_REJECTED") {
      return controlErrors(code, message, { where: this.#where, hint: this.#options.rejectedHint });
    }
    const scope = code === "MESH_CREDENTIAL_DENIED" ? this.#options.missingScope?.(reply.method, reply.path) : null;
    if (!scope) return controlErrors(code, message, { where: this.#where });
    return controlErrors(code, `${message}. It needs the scope ${scope}`, {
      where: this.#where,
      hint: `Add the scope ${scope} to the credential, or make one that has it; docs/tailscale.md and docs/headscale.md list what each action needs.`,
    });
  }

  /** The server's own words, inert, and without what is secret: a server that repeats a credential must not get it into a log. */
  told(reply: Pick<ApiReply, "text">): string {
    return inertText(withoutSecrets(errorTexts(reply.text).join("; "), this.#options.bearer.secrets), 600);
  }

  get #where(): { readonly address: string } {
    return { address: this.url };
  }

  async #sendWithCredential(request: HttpRequest): Promise<HttpReply> {
    const { bearer } = this.#options;
    const first = await bearer.current();
    const reply = await this.#send({ ...request, bearer: first });
    if (reply.status !== 401) return reply;
    const second = await bearer.renewed(first);
    return second === undefined ? reply : this.#send({ ...request, bearer: second });
  }

  async #send(request: HttpRequest): Promise<HttpReply> {
    try {
      return await this.#options.http.request(request);
    } catch (error) {
      if (!(error instanceof MeshError) || error.code !== "MESH_HTTP_UNREACHABLE") throw error;
      throw controlErrors("MESH_CONTROL_DOWN", error.message, { where: this.#where, cause: error });
    }
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
