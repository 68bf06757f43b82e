// The v2 API in front of the lab's Headscale: the whole chain with v2 credentials joins real nodes, and Tailscale's own Go
// programs, its OpenAPI document and the Control port's cases vouch for the server.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiProblems, readOpenApi } from "../../support/openapi.ts";
import type { V2Call } from "../../support/v2-server.ts";
import { Lab } from "../client.ts";
import type { V2Access } from "../control-v2.ts";
import { must } from "../exec.ts";
import { checkout, source } from "../paths.ts";
import { isWrite, pathsOf, requestsOf, resultOf } from "../product.ts";
import type { StepResult } from "../runner.ts";

const lab = new Lab();

// its nodes belong to other control servers than those of the cases that follow
afterAll(() => lab.run("heal", "--bare"));

const access = JSON.parse(lab.read("control-v2.json")) as V2Access;
const tailscale = { topology: "tailmesh-v2.yaml", "api-key": "" };
const oauth = { "oauth-client-id": access.oauthClientId, "oauth-client-secret": access.oauthClientSecret };
const identity = { "oauth-client-id": access.identityClientId, audience: access.audience };

/** As somebody leaves it in Tailscale's console, so that a credential can hold the tag. */
const byHand = `// Ours.
{
	"tagOwners": {"tag:ci": ["autogroup:admin"]}, // the credential of Tailmesh
	"grants": [{"src": ["192.168.77.0/24"], "dst": ["192.168.78.0/24"], "ip": ["*"]}],
}
`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The policy on a server, as a person asks for it, or another in its place. */
function policyOf(server: { readonly url: string; readonly apiKey: string }, text?: string): Promise<string> {
  const options = ["-sS", "-f", "-m", "10", "--cacert", access.caFile, "-u", `${server.apiKey}:`];
  const body = text === undefined ? [] : ["-H", "Content-Type: application/hujson", "--data-binary", text];
  return lab.runner(["curl", ...options, ...body, `${server.url}/api/v2/tailnet/-/acl`].map(quoted).join(" "));
}

/** A program of Tailscale's on the runner, which trusts the lab's authority there; one of them leaves a file where it runs. */
function tailscalesOwn(program: string, env: Readonly<Record<string, string>>, ...words: readonly string[]) {
  const settings = { SSL_CERT_FILE: access.caFile, ...env };
  const line = ["env", ...Object.entries(settings).map(([name, value]) => `${name}=${value}`), program, ...words];
  return lab.try(["runner", "--", `cd ${quoted(lab.file("state"))} && ${line.map(quoted).join(" ")} 2>&1`]);
}

describe("the server", () => {
  it("passes its own tests", async () => {
    const env = { ...process.env, GOFLAGS: "-buildvcs=false -mod=readonly", GOWORK: "off" };
    const cwd = join(source, "tools", "control-v2");
    await must(["go", "test", "./..."], { cwd, env, milliseconds: 170_000 });
    expect(await must(["gofmt", "-l", ".", "../client-v2"], { cwd })).toBe("");
  });

  it("and the Headscale behind it pass the cases of the Control port", async () => {
    await lab.run("heal", "--bare");
    const vitest = join(checkout, "node_modules", "vitest", "vitest.mjs");
    const config = ["--config", join(source, "vitest.config.ts"), "lab/within/conformance"];
    const run = await lab.try(["runner", "--", process.execPath, vitest, "run", ...config, "--reporter=verbose"]);
    expect(run.code, `${run.stdout}\n${run.stderr}`.slice(-4000)).toBe(0);
    for (const name of ["Headscale 0.29.2", "Tailscale's v2 before it", "Headscale 0.30's v2 before it"])
      expect(run.stdout).toContain(`Control: ${name}`);
  });
});

describe("the whole chain with an OAuth client", () => {
  let first: StepResult;

  beforeAll(async () => {
    await lab.run("heal", "--bare");
    first = await lab.action("converge", { ...tailscale, ...oauth }, "--debug");
  });

  it("joins bare machines, and every link is reachable", async () => {
    expect(first.exit, first.log.slice(-3000)).toBe(0);
    expect(first.outputs).toMatchObject({ changed: "true", verdict: "reachable" });
    expect(resultOf(first).links.map(({ verdict, path }) => `${verdict} ${path}`)).toEqual([
      "reachable direct",
      "reachable direct",
    ]);
    expect(await pathsOf(lab)).toBe("14 of 14");
    expect(await lab.exec("homelab-1", "tailscale debug prefs")).toContain(`"ControlURL": "${access.url}"`);
  });

  it("by one token, one policy and one key a node, all through the v2 API", () => {
    const writes = requestsOf(first).filter((request) => isWrite(request) && !request.endsWith("/validate"));
    expect(writes.filter((r) => r === "POST /api/v2/oauth/token")).toHaveLength(1);
    expect(writes.filter((r) => r === "POST /api/v2/tailnet/-/acl")).toHaveLength(1);
    expect(writes.filter((r) => r === "POST /api/v2/tailnet/-/keys")).toHaveLength(3);
    expect(requestsOf(first).filter((r) => r.includes("/api/v1/"))).toEqual([]);
  });

  it("changes nothing the second time, in four calls", async () => {
    const second = await lab.action("converge", { ...tailscale, ...oauth }, "--debug");
    expect(second.exit, second.log.slice(-3000)).toBe(0);
    expect(second.outputs).toMatchObject({ changed: "false", verdict: "reachable" });
    expect(requestsOf(second).filter(isWrite)).toEqual(["POST /api/v2/oauth/token"]);
    expect(requestsOf(second)).toHaveLength(4);
  });
});

describe("Tailscale's own programs", () => {
  it("gitops-pusher finds nothing to do after ours", async () => {
    const file = lab.file("rendered.hujson");
    await lab.runner(`cat > ${file} <<'END'\n${rendered()}END`);
    const env = { TS_TAILNET: "-", TS_OAUTH_ID: access.oauthClientId, TS_OAUTH_SECRET: access.oauthClientSecret };
    const words = ["-policy-file", file, "-api-server", new URL(access.url).host];
    const tested = await tailscalesOwn(access.gitopsPusher, env, ...words, "test");
    expect(tested.stdout).toContain("no updates found, doing nothing");
    const applied = await tailscalesOwn(access.gitopsPusher, env, ...words, "apply");
    expect(applied.stdout).toContain("no update needed, doing nothing");
    await lab.runner(`echo '// one more' >> ${file}`);
    const changed = await tailscalesOwn(access.gitopsPusher, env, ...words, "test");
    expect(changed.code, changed.stdout).toBe(0);
    expect(changed.stdout).not.toContain("doing nothing");
    await lab.runner(`rm -f ${file} ${lab.file("state/version-cache.json")}`);
  });

  it("the Go client does all that it does on Tailscale, and leaves the mesh as it was", async () => {
    const judged = await tailscalesOwn(access.client, {}, lab.file("control-v2.json"));
    expect(judged.stdout).not.toContain("not ok:");
    expect(judged.code, judged.stdout).toBe(0);
    expect(judged.stdout.match(/^ok: /gm)?.length).toBeGreaterThan(45);
    const after = await lab.action("converge", { ...tailscale, ...identity }, "--debug");
    expect(after.exit, after.log.slice(-3000)).toBe(0);
    expect(after.outputs).toMatchObject({ changed: "false", verdict: "reachable" });
    expect(requestsOf(after)).toContain("POST /api/v2/oauth/token-exchange");
  });
});

describe("the whole chain with a job's identity and the two write scopes", () => {
  let first: StepResult;

  beforeAll(async () => {
    await lab.run("heal", "--bare");
    await policyOf(access, byHand);
    first = await lab.action("converge", { ...tailscale, ...identity, adopt: "true" }, "--debug");
  });

  it("joins bare machines, and says what it could not verify", async () => {
    expect(first.exit, first.log.slice(-3000)).toBe(0);
    expect(first.outputs).toMatchObject({ changed: "true", verdict: "reachable" });
    expect(first.log).toContain("not verified");
    expect(requestsOf(first).filter((r) => r.includes("/device"))).toEqual([]);
    expect(await pathsOf(lab)).toBe("14 of 14");
  });

  it("keeps what was written by hand, comments and all", async () => {
    const text = await policyOf(access);
    expect(text).toMatch(/"tagOwners": \{"tag:ci": \["autogroup:admin"\],.*\}, \/\/ the credential of Tailmesh\n/);
    expect(text).toContain('{"src": ["192.168.77.0/24"], "dst": ["192.168.78.0/24"], "ip": ["*"]}');
    expect(text).toContain("// Ours.\n");
  });

  it("changes nothing the second time", async () => {
    const second = await lab.action("converge", { ...tailscale, ...identity }, "--debug");
    expect(second.exit, second.log.slice(-3000)).toBe(0);
    expect(second.outputs).toMatchObject({ changed: "false", verdict: "reachable" });
    expect(requestsOf(second).filter(isWrite)).toEqual(["POST /api/v2/oauth/token-exchange"]);
  });
});

describe("what is rare", () => {
  it("a server that is asked too often is asked again later", async () => {
    const token = `Authorization: Bearer ${access.idTokenRequestToken}`;
    await lab.runner(`curl -sS -f -X POST -H '${token}' '${access.switchUrl}/limit?requests=2&after=1'`);
    const step = await lab.action("acl-apply", { ...tailscale, ...oauth }, "--debug");
    expect(step.exit, step.log.slice(-2000)).toBe(0);
    expect(step.outputs["changed"]).toBe("false");
    expect(step.log.match(/ → 429\b/g)).toHaveLength(2);
  });

  it("an identity that is made out to somebody else is refused, with what to trust", async () => {
    const step = await lab.action("acl-apply", { ...tailscale, ...identity, audience: "api.example.com" });
    expect(step.exit).toBe(1);
    expect(step.log).toContain("repo:lab/mesh:ref:refs/heads/main");
    expect(step.log).toContain("Custom claim repository_id: 74");
  });

  it("Headscale 0.30 takes the comments out, and a second run still changes nothing", async () => {
    const { apiKey } = JSON.parse(lab.read("control.json")) as { apiKey: string };
    const server = { url: access.headscaleUrl, apiKey };
    await policyOf(server, byHand.replace('"autogroup:admin"', ""));
    const hs30 = { topology: "tailmesh-hs30.yaml", "api-key": "", ...oauth };
    const apply = await lab.action("acl-apply", { ...hs30, adopt: "true" });
    expect(apply.exit, apply.log.slice(-2000)).toBe(0);
    expect(apply.outputs["changed"]).toBe("true");
    const text = await policyOf(server);
    expect(text).toContain("192.168.77.0/24");
    expect(text).not.toContain("//");
    const again = await lab.action("acl-apply", hs30, "--debug");
    expect(again.exit, again.log.slice(-2000)).toBe(0);
    expect(again.outputs["changed"]).toBe("false");
    expect(requestsOf(again).filter(isWrite)).toEqual(["POST /api/v2/oauth/token"]);
  });
});

it("no secret of the v2 API is in any file that a step left, the debug log among them", () => {
  const jobs = lab.file("state/jobs");
  const files = readdirSync(jobs, { recursive: true, encoding: "utf8" })
    .map((name) => join(jobs, name))
    .filter((file) => statSync(file).isFile());
  expect(files.filter((file) => file.endsWith("/log")).length).toBeGreaterThan(5);
  // tokens, keys as Headscale makes them, and ID tokens
  const shapes = /tskey-(api|client)-[0-9A-Za-z]+-|hskey-auth-[\w-]{12}-[\w-]{20}|eyJ[\w-]+\.eyJ[\w-]+\./;
  for (const file of files) {
    const text = readFileSync(file, "latin1");
    for (const secret of [access.oauthClientSecret, access.apiKey, access.idTokenRequestToken])
      expect(text.includes(secret), file).toBe(false);
    expect(shapes.exec(text)?.[0], file).toBeUndefined();
  }
});

const document = readOpenApi();
it.skipIf(!document)("what was exchanged is as Tailscale's OpenAPI document has it", () => {
  if (!document) return;
  const calls = readFileSync(access.exchangesFile, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as V2Call & { flavor: string })
    .filter(({ flavor }) => flavor === "tailscale");
  const operations = new Set(calls.map(({ method, path }) => `${method} ${path.replace(/[?].*|\d+/g, "")}`));
  expect(operations.size).toBeGreaterThan(15);
  // Tailscale's own programs send what they like.
  const isOurs = ({ headers }: V2Call): boolean => headers["user-agent"]?.startsWith("tailmesh/") === true;
  expect(calls.filter(isOurs).length).toBeGreaterThan(20);
  const problems = calls.flatMap((call) => apiProblems(document, call, isOurs(call) ? "both sides" : "reply"));
  expect([...new Set(problems)]).toEqual([]);
});

/** The policy that the topology asks for, as the command line prints it without any server. */
function rendered(): string {
  const program = join(checkout, "dist", "tailmesh.js");
  const words = [program, "policy", "render", "--topology", lab.file("tailmesh-v2.yaml")];
  return execFileSync(process.execPath, words, { encoding: "utf8" });
}
