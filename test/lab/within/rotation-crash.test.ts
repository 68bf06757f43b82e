// The crash table of key-rotate once more, on real servers: the committed program, a real OpenBao, and Headscale behind the v2
// API. Two proxies before them count the requests and kill the program, or lose an answer. Runs on the runner's machine, see
// cases/workflows.test.ts; the policy in force knows the key's tag already.
import { readFileSync } from "node:fs";
import { request as send } from "node:https";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type HttpServer, type Received, startHttpServer } from "../../support/http-server.ts";
import { Job, type RunningStep } from "../../support/run-action.ts";
import { Lab } from "../client.ts";
import type { V2Access } from "../control-v2.ts";
import { type OpenBao, startOpenBao } from "../openbao.ts";

const lab = new Lab();
const access = JSON.parse(lab.read("control-v2.json")) as V2Access;
const authority = readFileSync(access.caFile, "utf8");
const place = "secret/crash/struck";

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface ServersKey {
  readonly id: string;
  readonly description?: string;
  readonly created: string;
  readonly invalid?: boolean;
}

/** What happens at the request of that number: the program is killed, or its connection ends. */
interface Blow {
  readonly at: number;
  readonly phase: "before" | "after";
  readonly kind: "killed" | "lost";
}

let bao: OpenBao;
let job: Job;
const proxies: HttpServer[] = [];
const asked: string[] = [];
let blow: Blow | undefined;
let step: RunningStep | undefined;

const kept = /^(authorization|accept|content-type|content-length|if-match|etag|date|x-vault-.*|user-agent)$/;
const endToEnd = (headers: Received["headers"]) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => kept.test(name)));

function toControl({ method, path, headers, body }: Received): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: endToEnd(headers), ca: authority, agent: false };
    const sent = send(`${access.url}${path}`, options, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, headers: endToEnd(reply.headers), text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function toVault({ method, path, headers, body }: Received): Promise<Reply> {
  const kept = endToEnd(headers) as Record<string, string>;
  delete kept["content-length"];
  const reply = await fetch(`${bao.url}${path}`, { method, headers: kept, ...(body === "" ? {} : { body }) });
  return { status: reply.status, headers: { "content-type": "application/json" }, text: await reply.text() };
}

async function proxy(name: string, forward: (request: Received) => Promise<Reply>): Promise<HttpServer> {
  const server = await startHttpServer((request, response) => {
    const n = asked.push(`${name} ${request.method} ${request.path}`);
    const strikes = (phase: Blow["phase"]): boolean => {
      if (blow?.at !== n || blow.phase !== phase) return false;
      if (blow.kind === "killed") step?.child.kill("SIGKILL");
      response.destroy();
      return true;
    };
    if (strikes("before")) return;
    void forward(request).then(
      ({ status, headers, text }) => {
        if (!strikes("after"))
          response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) }).end(text);
      },
      () => response.destroy(),
    );
  });
  proxies.push(server);
  return server;
}

beforeAll(async () => {
  bao = await startOpenBao({ issuer: "https://id.lab.test", caFile: access.caFile });
  const control = await proxy("control", toControl);
  const vault = await proxy("vault", toVault);
  const topology = `version: 1
ssh: { user: ubuntu, known-hosts: known_hosts }
tailnet: { url: "${control.url}" }
clusters:
  homelab: { pods: 10.42.0.0/16, services: 10.43.0.0/16, nodes: { homelab-1: 10.10.10.10 } }
stores: { store: { vault: { url: "${vault.url}", auth: token } } }
stored-keys: { struck: { tags: [tag:nas], store: store, path: crash/struck, expiry: 80d, rotate-after: 26d } }
`;
  const env = { GITHUB_REPOSITORY: "lab/mesh", GITHUB_REPOSITORY_ID: "74", GITHUB_RUN_ID: "1" };
  job = new Job({ files: { "tailmesh.yaml": topology }, env });
});

afterAll(async () => {
  for (const server of proxies) await server[Symbol.asyncDispose]();
  await bao[Symbol.asyncDispose]();
  job[Symbol.dispose]();
});

const inputs = {
  "oauth-client-id": access.oauthClientId,
  "oauth-client-secret": access.oauthClientSecret,
  "allow-ref": "true",
  grace: "0s",
  "max-revocations": "100",
};

async function rotate(force: boolean, struck?: Blow): Promise<number> {
  asked.length = 0;
  blow = struck;
  step = job.start("key-rotate", { ...inputs, "vault-token": bao.rootToken, force: String(force) });
  const { exit, log } = await step.result;
  blow = undefined;
  if (struck === undefined) expect(exit, log.slice(-3000)).toBe(0);
  return exit;
}

/** Usable keys of ours at the control server, and the one that the store names. */
async function standing(): Promise<{ readonly usable: readonly ServersKey[]; readonly named: string | undefined }> {
  const authorization = `Basic ${Buffer.from(`${access.apiKey}:`).toString("base64")}`;
  const ask = async (path: string): Promise<string> =>
    (await toControl({ method: "GET", path: `/api/v2/tailnet/-/keys${path}`, headers: { authorization }, body: "" }))
      .text;
  const { keys } = JSON.parse(await ask("?all=true")) as { keys: readonly ServersKey[] };
  const usable = keys.filter(
    ({ description = "", invalid }) => /^tailmesh stored struck /.test(description) && !invalid,
  );
  const record = await bao.read(place);
  return { usable, named: record === undefined ? undefined : String(record["key_id"]) };
}

it("killed before and after every request, and with every answer lost: the next run ends with one key in force, no store ever empty", async () => {
  await rotate(false);
  await rotate(true);
  const requests = [...asked];
  expect(requests.filter((what) => what.startsWith("vault POST"))).not.toEqual([]);
  // what only reads is simply asked again by the next run: its lost answers are told by the tables without a real server
  const blows = requests.flatMap((what, n): readonly Blow[] => [
    { at: n + 1, phase: "before", kind: "killed" },
    { at: n + 1, phase: "after", kind: "killed" },
    ...(what.includes(" GET ") ? [] : ([{ at: n + 1, phase: "after", kind: "lost" }] as const)),
  ]);
  expect(blows.length).toBeGreaterThan(20);
  const wrong: string[] = [];
  for (const struck of blows) {
    const what = `${struck.kind} ${struck.phase} ${requests[struck.at - 1]}`;
    const exit = await rotate(true, struck);
    if (struck.kind === "killed" && exit !== -1) wrong.push(`${what}: the program ended by itself, with ${exit}`);
    const { usable, named } = await standing();
    if (!usable.some(({ id }) => id === named)) wrong.push(`${what}: the store names ${named}, which does not work`);
    const began = Date.now();
    await rotate(false);
    const after = await standing();
    if (!after.usable.some(({ id }) => id === after.named)) wrong.push(`${what}: no key in force after the next run`);
    // what no store names is younger than the age at which it goes, since the server's clock cannot be moved
    const stray = after.usable.filter(({ id, created }) => id !== after.named && Date.parse(created) < began - 900_000);
    if (stray.length > 0) wrong.push(`${what}: left over: ${stray.map(({ id }) => id).join()}`);
  }
  expect(wrong).toEqual([]);
  const { usable, named } = await standing();
  // one for each run that was stopped between minting and storing, and none that was ever in the store
  expect(usable.filter(({ id }) => id !== named).length).toBeLessThan(blows.length / 3);
}, 170_000);
