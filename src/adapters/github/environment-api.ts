/** Requests about one environment of a repository, with what GitHub's refusals mean. */
import * as z from "zod/mini";
import type { MeshError } from "../../mesh/error.ts";
import { inertText } from "../../mesh/inert.ts";
import type { Secret } from "../../mesh/secret.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Http, HttpRequest } from "../http/http.ts";
import { mismatch } from "../http/mismatch.ts";
import { githubError } from "./errors.ts";

export interface EnvironmentOptions {
  /** `https://api.github.com`. */
  readonly url: string;
  readonly owner: string;
  readonly repo: string;
  readonly environment: string;
  readonly token: Secret;
  readonly http: () => Promise<Http>;
  readonly clock: Clock;
}

export interface EnvironmentReply {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `PUT …/secrets/NAME`, for messages. */
  readonly what: string;
}

/** Seconds in all that one request waits for GitHub to let it through. */
const longestWait = 90;

const errorBody = z.object({
  message: z.catch(z.string(), ""),
  errors: z.catch(
    z.array(
      z.catch(
        z.union([
          z.string(),
          z.pipe(
            z.object({ message: z.string() }),
            z.transform((one) => one.message),
          ),
        ]),
        "",
      ),
    ),
    [],
  ),
});

export class EnvironmentApi {
  /** `/repos/OWNER/REPO/environments/NAME`. */
  readonly path: string;
  /** For messages. */
  readonly address: string;
  readonly #options: EnvironmentOptions;
  #expiry: Date | null = null;

  constructor(options: EnvironmentOptions) {
    const { owner, repo, environment } = options;
    this.#options = options;
    this.path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}/environments/${encodeURIComponent(environment)}`;
    this.address = `environment ${inertText(environment, 80)} of ${inertText(`${owner}/${repo}`, 120)}`;
  }

  /** When the token ends, as GitHub's last answer said; null where it says nothing, as of an App's. */
  get tokenExpiry(): Date | null {
    return this.#expiry;
  }

  /**
   * Any status is a reply, but for those of limits: they are waited for, within reason. `below` is the path below the
   * environment. Every write here does twice what it does once, so that one whose reply was lost is sent again. A look that
   * is `part` of a write goes on when the run is told to stop, as the write does.
   */
  async call(
    method: "GET" | "PUT" | "POST" | "PATCH",
    below: string,
    body?: unknown,
    part: boolean = false,
  ): Promise<EnvironmentReply> {
    const { url, token, http, clock } = this.#options;
    const request: HttpRequest = {
      method,
      url: `${url.replace(/\/+$/, "")}${this.path}${below}`,
      bearer: token,
      headers: {
        accept: "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      repeatable: true,
      ...(part ? { signal: new AbortController().signal } : {}),
    };
    const what = `${method} ${this.path}${below}`;
    for (let left = longestWait; ; ) {
      const { status, text, headers } = await (await http()).request(request);
      const reply = { status, text, headers, what };
      this.#expiry = expiryOf(headers) ?? this.#expiry;
      const wait = waitOf(reply, clock.now());
      if (wait === undefined) return reply;
      if (wait > left) throw this.#limited(reply, wait);
      left -= Math.max(1, wait);
      await clock.sleep(Math.max(1, wait) * 1000);
    }
  }

  /** The body of a success. */
  read<T>(reply: EnvironmentReply, schema: z.ZodMiniType<T>): T {
    if (reply.status < 200 || reply.status > 299) throw this.failure(reply);
    const parsed = schema.safeParse(parseJson(reply.text));
    if (parsed.success) return parsed.data;
    const why = mismatch(parsed.error);
    return this.#throw("MESH_GITHUB_FAILED", `${reply.what}: the answer is not GitHub's: ${inertText(why, 200)}`);
  }

  /** What a reply that is no success means. */
  failure(reply: EnvironmentReply): MeshError {
    const said = `${reply.what} was answered ${reply.status}: ${inertText(told(reply), 300)}`;
    const where = { address: this.address };
    switch (reply.status) {
      case 401:
        return githubError("MESH_GITHUB_TOKEN", said, { where });
      case 403:
        return githubError("MESH_GITHUB_DENIED", `${said}. The token lacks ${neededText(reply)}`, { where });
      case 404:
        return githubError("MESH_GITHUB_ENVIRONMENT", said, { where });
      case 409:
      case 422:
        return githubError("MESH_GITHUB_REJECTED", said, { where });
      default:
        return githubError("MESH_GITHUB_FAILED", said, { where });
    }
  }

  #limited(reply: EnvironmentReply, wait: number): MeshError {
    const until = new Date(this.#options.clock.now().getTime() + wait * 1000).toISOString();
    const said = `${reply.what} was answered ${reply.status}: ${inertText(told(reply), 200)}; GitHub takes the next one at ${until}`;
    return githubError("MESH_GITHUB_LIMITED", said, { where: { address: this.address } });
  }

  #throw(code: keyof typeof githubError.specs, message: string): never {
    throw githubError(code, message, { where: { address: this.address } });
  }
}

/** `2026-12-31 12:00:00 UTC`; only of a person's token. */
function expiryOf(headers: EnvironmentReply["headers"]): Date | undefined {
  const date = Date.parse(headers["github-authentication-token-expiration"] ?? "");
  return Number.isNaN(date) ? undefined : new Date(date);
}

/** Seconds that GitHub wants to be left alone; undefined when the reply is no such answer. */
function waitOf({ status, headers, text }: EnvironmentReply, now: Date): number | undefined {
  const after = headers["retry-after"];
  const isSpent = headers["x-ratelimit-remaining"] === "0";
  const isLimit = status === 429 || (status === 403 && (after !== undefined || isSpent || /rate limit/i.test(text)));
  if (!isLimit) return undefined;
  if (after !== undefined && /^\d+$/.test(after)) return Number(after);
  const reset = Number(headers["x-ratelimit-reset"]);
  // Both are GitHub's clock: the difference does not care how wrong ours is.
  const date = Date.parse(headers["date"] ?? "");
  const from = Number.isNaN(date) ? now.getTime() : date;
  if (isSpent && Number.isFinite(reset)) return Math.max(0, Math.ceil(reset - from / 1000));
  return 60;
}

function told(reply: EnvironmentReply): string {
  const parsed = errorBody.safeParse(parseJson(reply.text));
  if (!parsed.success) return "no reason given";
  const { message, errors } = parsed.data;
  return [message, ...errors].filter((text) => text !== "").join(": ") || "no reason given";
}

/** As GitHub says it in a header; where it does not, as its documents do. */
function neededText({ headers, what }: EnvironmentReply): string {
  const header = headers["x-accepted-github-permissions"] ?? "";
  const sets = header.split(";").map((set) => [...set.matchAll(/([a-z_]+)=(read|write|admin)/g)].map(permissionText));
  const said = sets.filter((set) => set.length > 0).map((set) => set.join(" and "));
  if (said.length > 0) return said.join(", or ");
  const right = what.startsWith("GET ") ? "read" : "write";
  const kind = what.includes("/variables") ? "Variables" : "Secrets";
  return `${kind}: ${right} and Environments: ${right}`;
}

/** `actions_variables` and `write` as the pages where they are given call them. */
function permissionText([, name = "", right = ""]: RegExpExecArray): string {
  const plain = name.replace(/^actions_variables$/, "variables").replaceAll("_", " ");
  return `${plain.replace(/^./, (first) => first.toUpperCase())}: ${right}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A path below the environment. */
export function secretPath(name: string): string {
  return `/secrets/${encodeURIComponent(name)}`;
}

export function variablePath(name: string): string {
  return `/variables/${encodeURIComponent(name)}`;
}

export function isMissing({ status }: EnvironmentReply): boolean {
  return status === 404;
}
