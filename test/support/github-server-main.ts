/**
 * The in-process GitHub as a program, for those who need one beside them:
 *
 *     node test/support/github-server-main.ts --token T [--port P] [--host H] [--repository O/R] [--environment E]… [--job-token J]
 *
 * Prints its URL. `GET /_state` shows all that it keeps, opened secrets included; nobody but tests may reach it.
 */
import { parseArgs } from "node:util";
import { type FakeToken, type GitHubServer, startGitHub, storePermissions } from "./github-server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    repository: { type: "string", default: "acme/net" },
    environment: { type: "string", multiple: true, default: ["mesh"] },
    token: { type: "string" },
    "job-token": { type: "string" },
  },
});
if (values.token === undefined) throw new Error("--token is needed: the one that may write secrets");

const tokens: FakeToken[] = [
  { token: values.token, kind: "app", permissions: { ...storePermissions, issues: "write" } },
];
if (values["job-token"] !== undefined) {
  tokens.push({ token: values["job-token"], kind: "job", permissions: { issues: "write" } });
}

const server: GitHubServer = await startGitHub({
  repository: values.repository,
  environments: values.environment,
  tokens,
  port: Number(values.port),
  host: values.host,
  onCall: ({ path }) => (path === "/_state" ? { status: 200, body: stateOf(server) } : undefined),
});
process.stdout.write(`${server.url}\n`);

function stateOf({ state, calls }: GitHubServer): unknown {
  const environments = [...state.environments.values()].map(({ name, secrets, variables }) => [
    name,
    { secrets: valuesOf(secrets), variables: valuesOf(variables) },
  ]);
  return {
    environments: Object.fromEntries(environments),
    comments: state.comments,
    calls: calls.map(({ method, path }) => `${method} ${path}`),
  };
}

function valuesOf(map: ReadonlyMap<string, { readonly value: string }>): Readonly<Record<string, string>> {
  return Object.fromEntries([...map].map(([name, { value }]) => [name, value]));
}
