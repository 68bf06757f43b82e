/** An in-process server that answers as GitHub's REST API does for an environment's secrets and variables, and for comments. */
import type { ServerResponse } from "node:http";
import { type FakeEnvironment, GitHubState, Refusal } from "./github-state.ts";
import { type Received, startHttpServer } from "./http-server.ts";

/** One request of a client. */
export interface GitHubCall {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body: string;
  readonly headers: Received["headers"];
}

/** What a hook answers in the server's place; `drop` cuts the connection, `hang` never answers. */
export type GitHubOverride =
  | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  | "drop"
  | "hang";

export type Permission = "secrets" | "environments" | "actions_variables" | "issues";

export interface FakeToken {
  readonly token: string;
  /** `job` is the GITHUB_TOKEN of a job: it has no secrets, environments or variables, whatever is asked for. */
  readonly kind: "app" | "person" | "job";
  readonly permissions: Readonly<Partial<Record<Permission, "read" | "write">>>;
}

/** What a token needs for the store of stored keys. */
export const storePermissions = { secrets: "write", environments: "write", actions_variables: "write" } as const;

export interface GitHubOptions {
  /** `owner/name`. */
  readonly repository: string;
  readonly environments: readonly string[];
  readonly tokens: readonly FakeToken[];
  readonly now?: () => Date;
  readonly port?: number;
  /** Where it listens; default 127.0.0.1. */
  readonly host?: string;
  /** Called before each request is served; what it returns is sent instead. */
  readonly onCall?: (call: GitHubCall) => GitHubOverride | undefined | Promise<GitHubOverride | undefined>;
  /** Called when a request has had its effect, before the client learns of it; `drop` keeps the reply from it. */
  readonly onServed?: (call: GitHubCall) => "drop" | undefined | Promise<"drop" | undefined>;
}

export interface GitHubServer extends AsyncDisposable {
  readonly url: string;
  readonly state: GitHubState;
  readonly calls: readonly GitHubCall[];
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function startGitHub(options: GitHubOptions): Promise<GitHubServer> {
  const now = options.now ?? (() => new Date());
  const state = await GitHubState.create(options.repository, options.environments, now);
  const calls: GitHubCall[] = [];
  const serve = async (request: Received, response: ServerResponse): Promise<void> => {
    const call = { method: request.method, path: request.path, body: request.body, headers: request.headers };
    const override = await options.onCall?.(call);
    calls.push(call);
    response.setHeader("date", now().toUTCString());
    if (override === "hang") return;
    if (override === "drop") return void response.destroy();
    const reply = override ?? answer(call, state, options.tokens);
    if ((await options.onServed?.(call)) === "drop") return void response.destroy();
    send(response, reply);
  };
  const server = await startHttpServer((request, response) => void serve(request, response), {
    ...(options.port ? { port: options.port } : {}),
    ...(options.host ? { host: options.host } : {}),
  });
  return { url: server.url, state, calls, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

interface Question {
  readonly state: GitHubState;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly token: FakeToken;
}

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  /** All of these. */
  readonly needs: readonly (readonly [Permission, "read" | "write"])[];
  readonly answer: (question: Question) => Reply;
}

function answer(call: GitHubCall, state: GitHubState, tokens: readonly FakeToken[]): Reply {
  const { pathname, searchParams } = new URL(call.path, "http://github");
  const path = pathname.replace(/^\/api\/v3/, "");
  try {
    const given = /^(?:Bearer|token) (.+)$/i.exec(call.headers.authorization ?? "")?.[1];
    const token = tokens.find((one) => one.token === given);
    if (!token) throw new Refusal(401, given === undefined ? "Requires authentication" : "Bad credentials");
    if (call.headers["user-agent"] === undefined) throw new Refusal(403, "Request forbidden by administrative rules.");
    const route = routes.find((one) => one.method === call.method && one.pattern.test(path));
    if (!route) throw new Refusal(404, "Not Found");
    const [owner = "", repo = "", ...parts] = route.pattern.exec(path)?.slice(1).map(decodeURIComponent) ?? [];
    if (path !== "/user" && `${owner}/${repo}`.toLowerCase() !== state.repository.toLowerCase()) {
      throw new Refusal(404, "Not Found");
    }
    authorize(route, token);
    return route.answer({ state, parts, query: searchParams, body: bodyOf(call.body), token });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const documentation_url = "https://docs.github.com/rest";
    return {
      ...error,
      status: error.status,
      body: { message: error.message, documentation_url, status: `${error.status}` },
    };
  }
}

/** GitHub looks at the rights before it looks at the body, and says in a header which ones it wants. */
function authorize({ needs }: Route, { kind, permissions }: FakeToken): void {
  const has = ([name, right]: Route["needs"][number]): boolean => {
    if (kind === "job" && name !== "issues") return false;
    return permissions[name] === "write" || permissions[name] === right;
  };
  if (needs.every(has)) return;
  const accepted = needs.map(([name, right]) => `${name}=${right}`).join(",");
  const message =
    kind === "person" ? "Resource not accessible by personal access token" : "Resource not accessible by integration";
  throw new Refusal(403, message, { "x-accepted-github-permissions": accepted });
}

function bodyOf(text: string): Readonly<Record<string, unknown>> {
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (value instanceof Object) return { ...value };
  } catch {
    // told below
  }
  throw new Refusal(400, "Problems parsing JSON");
}

function route(method: string, path: string, needs: Route["needs"], answer: Route["answer"]): Route {
  return { method, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "([^/]+)")}$`), needs, answer };
}

/** A handler that is given the environment of the path and the name behind it. */
function inEnvironment(
  work: (environment: FakeEnvironment, name: string, question: Question) => Reply,
): Route["answer"] {
  return (question) => work(question.state.environment(question.parts[0] ?? ""), question.parts[1] ?? "", question);
}

const environment = "/repos/{owner}/{repo}/environments/{environment}";
const secrets = (right: "read" | "write") => [["secrets", right] as const, ["environments", right] as const];
const variables = (right: "read" | "write") => [
  ["actions_variables", right] as const,
  ["environments", right] as const,
];

const routes: readonly Route[] = [
  route(
    "GET",
    `${environment}/secrets/public-key`,
    secrets("read"),
    inEnvironment(({ keyId, publicKey }) => ({ status: 200, body: { key_id: keyId, key: publicKey } })),
  ),
  route(
    "GET",
    `${environment}/secrets/{name}`,
    secrets("read"),
    inEnvironment((env, name) => {
      const { created, updated } = found(env.secrets, name);
      return {
        status: 200,
        body: { name: name.toUpperCase(), created_at: seconds(created), updated_at: seconds(updated) },
      };
    }),
  ),
  route(
    "PUT",
    `${environment}/secrets/{name}`,
    secrets("write"),
    inEnvironment((env, name, { state, body }) =>
      state.putSecret(env, name, body) ? { status: 201, body: {} } : { status: 204 },
    ),
  ),
  route(
    "DELETE",
    `${environment}/secrets/{name}`,
    secrets("write"),
    inEnvironment((env, name) => {
      found(env.secrets, name);
      env.secrets.delete(name.toUpperCase());
      return { status: 204 };
    }),
  ),
  route(
    "GET",
    `${environment}/variables/{name}`,
    variables("read"),
    inEnvironment((env, name) => {
      const { value, created, updated } = found(env.variables, name);
      const dates = { created_at: seconds(created), updated_at: seconds(updated) };
      return { status: 200, body: { name: name.toUpperCase(), value, ...dates } };
    }),
  ),
  route(
    "POST",
    `${environment}/variables`,
    variables("write"),
    inEnvironment((env, _, { state, body }) => {
      state.createVariable(env, body);
      return { status: 201, body: {} };
    }),
  ),
  route(
    "PATCH",
    `${environment}/variables/{name}`,
    variables("write"),
    inEnvironment((env, name, { state, body }) => {
      state.updateVariable(env, name, body);
      return { status: 204 };
    }),
  ),
  route(
    "DELETE",
    `${environment}/variables/{name}`,
    variables("write"),
    inEnvironment((env, name) => {
      found(env.variables, name);
      env.variables.delete(name.toUpperCase());
      return { status: 204 };
    }),
  ),
  route("GET", "/user", [], ({ token }) => {
    if (token.kind !== "person") throw new Refusal(403, "Resource not accessible by integration");
    return { status: 200, body: { login: "person" } };
  }),
  route("GET", "/repos/{owner}/{repo}/issues/{number}/comments", [["issues", "read"]], ({ state, parts, query }) => {
    const [page, size] = [Number(query.get("page") ?? 1), Number(query.get("per_page") ?? 30)];
    const all = state.comments.filter(({ issue }) => issue === Number(parts[0]));
    const next = new URLSearchParams({ page: String(page + 1), per_page: String(size) });
    const link = `<${`/repos/${state.repository}/issues/${parts[0]}/comments?${next}`}>; rel="next"`;
    const headers: Record<string, string> = all.length > page * size ? { link } : {};
    return { status: 200, body: all.slice((page - 1) * size, page * size), headers };
  }),
  route(
    "POST",
    "/repos/{owner}/{repo}/issues/{number}/comments",
    [["issues", "write"]],
    ({ state, parts, body, token }) => {
      const user = token.kind === "person" ? { login: "person", type: "User" } : { login: "app[bot]", type: "Bot" };
      const comment = {
        id: state.comments.length + 1,
        issue: Number(parts[0]),
        body: String(body["body"] ?? ""),
        user,
      };
      state.comments.push(comment as (typeof state.comments)[number]);
      return { status: 201, body: comment };
    },
  ),
  route("PATCH", "/repos/{owner}/{repo}/issues/comments/{id}", [["issues", "write"]], ({ state, parts, body }) => {
    const comment = state.comments.find(({ id }) => id === Number(parts[0]));
    if (!comment) throw new Refusal(404, "Not Found");
    comment.body = String(body["body"] ?? "");
    return { status: 200, body: comment };
  }),
];

function found<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name.toUpperCase());
  if (value === undefined) throw new Refusal(404, "Not Found");
  return value;
}

/** GitHub shows whole seconds. */
function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
