// rotate.yml of the example, unchanged, under act: stored keys in a real OpenBao that trusts the job's identity, and in the
// environment of a GitHub that opens what it is sent. Runs on the runner's machine, where the two listen, see
// cases/workflows.test.ts; the policy in force knows the key's tag already.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GitHubServer, startGitHub, storePermissions } from "../../support/github-server.ts";
import { ActRepository, type ActRun, labSettings, leakForms, outputsOf } from "../act.ts";
import { Lab } from "../client.ts";
import type { V2Access } from "../control-v2.ts";
import { run } from "../exec.ts";
import { type OpenBao, startOpenBao } from "../openbao.ts";
import { checkout } from "../paths.ts";

const lab = new Lab();
const access = JSON.parse(lab.read("control-v2.json")) as V2Access;
const example = join(checkout, "examples", "two-clusters");
const place = "secret/homelab/tailscale/authkeys/nas";
const runs: ActRun[] = [];
const texts: string[] = [];
const githubToken = "fake-github-token-of-an-app-0123456789";
let bao: OpenBao;
let github: GitHubServer;
let repository: ActRepository;

interface Stored {
  readonly authkey: string;
  readonly key_id: string;
  readonly previous_key_id: string | null;
  readonly tags: readonly string[];
  readonly created: string;
  readonly expires: string;
}

beforeAll(async () => {
  bao = await startOpenBao({ issuer: "https://id.lab.test", caFile: access.caFile });
  await bao.addPolicy("tailmesh", {
    "secret/data/homelab/tailscale/authkeys/*": ["create", "update", "read"],
    "secret/metadata/homelab/tailscale/authkeys/*": ["read"],
  });
  const claims = { repository_id: "74" };
  await bao.addJwtRole("tailmesh", { audiences: [bao.url], claims, policies: ["tailmesh"] });
  github = await startGitHub({
    repository: "lab/mesh",
    environments: ["mesh"],
    tokens: [{ token: githubToken, kind: "app", permissions: storePermissions }],
  });
  repository = new ActRepository(lab, "rotation", []);
  for (const part of [".github", "policy.hujson"]) repository.copy(join(example, part), part);
  for (const file of ["known_hosts", "ca.crt"]) repository.copy(lab.file(file), file);
  writeTopology("26d");
  await repository.commit();
});

afterAll(async () => {
  await bao[Symbol.asyncDispose]();
  await github[Symbol.asyncDispose]();
});

const vaultStore = (): string => `{ vault: { url: "${bao.url}", auth: { method: jwt, role: tailmesh } } }`;
const vaultKey = "store: store, path: homelab/tailscale/authkeys/nas";
const githubStore = "{ github: { environment: mesh } }";
const githubKey = "store: store, name: NAS_AUTHKEY";

/** The lab's mesh with the example's stored key; when it is old enough is the lab's to say, as it has no month to wait. */
function writeTopology(rotateAfter: string, store = vaultStore(), key = vaultKey): void {
  const stored = `stores: { store: ${store} }\nstored-keys: { nas: { tags: [tag:nas], ${key}, rotate-after: ${rotateAfter} } }`;
  const text = `${lab.read("tailmesh-v2.yaml")}policy: { file: policy.hujson }\n${stored}\n`;
  repository.write("tailmesh.yaml", text);
}

async function rotate(event: "schedule" | "workflow_dispatch", inputs = {}): Promise<ActRun> {
  const payload = event === "schedule" ? { schedule: "17 4 * * 1" } : {};
  const settings = labSettings(lab);
  const given = {
    ...settings,
    secrets: { ...settings.secrets, STORE_GITHUB_TOKEN: githubToken },
    env: { ...settings.env, GITHUB_API_URL: github.url },
  };
  const done = await repository.run({ name: event, workflow: "rotate.yml", payload, inputs }, given);
  runs.push(done);
  expect(done.exit, done.log.slice(-3500)).toBe(0);
  return done;
}

async function stored(): Promise<Stored> {
  const record = (await bao.read(place)) as unknown as Stored;
  texts.push(record.authkey);
  return record;
}

/** Servers tell times in whole seconds: with three, a key is older than one for sure. */
async function grown({ created }: Pick<Stored, "created">): Promise<void> {
  await sleep(Math.max(0, Date.parse(created) + 3000 - Date.now()));
}

interface ServersKey {
  readonly id: string;
  readonly expires?: string;
  readonly revoked?: string;
  readonly invalid?: boolean;
}

/** What the control server says of a key. */
async function keyAtServer(id: string): Promise<ServersKey> {
  const options = ["-sS", "-f", "-m", "10", "--cacert", access.caFile, "-u", `${access.apiKey}:`];
  const { stdout } = await run(["curl", ...options, `${access.url}/api/v2/tailnet/-/keys/${id}`]);
  return JSON.parse(stdout) as ServersKey;
}

describe("rotate.yml", () => {
  it("its bytes are the example's", () => {
    const file = join(".github", "workflows", "rotate.yml");
    expect(readFileSync(join(repository.folder, file))).toEqual(readFileSync(join(example, file)));
  });

  it("the first scheduled run stores a key that the server knows", async () => {
    expect(outputsOf(await rotate("schedule"))).toMatchObject({ rotated: "true", changed: "true" });
    const first = await stored();
    expect(first).toMatchObject({ tags: ["tag:nas"], previous_key_id: null });
    expect(await keyAtServer(first.key_id)).toMatchObject({ id: first.key_id });
  });

  it("the next one finds nothing due, changes nothing, and says when", async () => {
    const before = await stored();
    const outputs = outputsOf(await rotate("schedule"));
    expect(outputs).toMatchObject({ rotated: "false", changed: "false" });
    const days = (Date.parse(outputs["next-due"] ?? "") - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(25.9);
    expect(days).toBeLessThan(26.1);
    expect(await stored()).toEqual(before);
  });

  it("a key that is due is replaced by the scheduled run; the old one stays valid for its grace", async () => {
    const before = await stored();
    writeTopology("1s");
    await grown(before);
    expect(outputsOf(await rotate("schedule"))).toMatchObject({ rotated: "true" });
    writeTopology("26d");
    const after = await stored();
    expect(after.key_id).not.toBe(before.key_id);
    expect(after.previous_key_id).toBe(before.key_id);
    expect((await keyAtServer(before.key_id)).invalid ?? false).toBe(false);
    expect((await keyAtServer(after.key_id)).invalid ?? false).toBe(false);
  });

  it("by hand, force replaces one that is not due", async () => {
    const before = await stored();
    expect(outputsOf(await rotate("workflow_dispatch", { force: true }))).toMatchObject({ rotated: "true" });
    expect((await stored()).previous_key_id).toBe(before.key_id);
  });

  it("a key in a GitHub environment: made and replaced by scheduled runs, the variable names the one in the secret", async () => {
    const secret = () => github.state.environments.get("mesh")?.secrets.get("NAS_AUTHKEY")?.value ?? "";
    const named = () => {
      const text = github.state.environments.get("mesh")?.variables.get("NAS_AUTHKEY_META")?.value ?? "{}";
      return JSON.parse(text) as Omit<Stored, "authkey">;
    };
    writeTopology("26d", githubStore, githubKey);
    expect(outputsOf(await rotate("schedule"))).toMatchObject({ rotated: "true" });
    const [first, firstId] = [secret(), named().key_id];
    writeTopology("1s", githubStore, githubKey);
    await grown(named());
    expect(outputsOf(await rotate("schedule"))).toMatchObject({ rotated: "true" });
    texts.push(first, secret());
    expect(secret()).not.toBe(first);
    expect(named()).toMatchObject({ previous_key_id: firstId, tags: ["tag:nas"] });
    for (const id of [firstId, named().key_id]) expect((await keyAtServer(id)).invalid ?? false).toBe(false);
  });

  it("no log has a stored key, an ID token, a token of OpenBao's, or the root's", () => {
    const secrets = [...new Set(texts), access.idTokenRequestToken, bao.rootToken, githubToken];
    expect(secrets.length).toBeGreaterThan(7);
    for (const { log } of runs) {
      for (const form of secrets.flatMap(leakForms)) expect(log.includes(form)).toBe(false);
      expect(log).not.toMatch(
        /eyJ[\w-]{10,}\.[\w-]{10,}|\b(hvs|s)\.[\w-]{20,}|[th]skey-(api|client|auth)-[\w-]+-[\w-]{8,}/,
      );
    }
  });
});
