// rotate.yml of the example, unchanged, under act: stored keys in a real OpenBao that trusts the job's identity. Runs on the
// runner's machine, where OpenBao listens, see cases/workflows.test.ts; the policy in force knows the key's tag already.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
let bao: OpenBao;
let repository: ActRepository;

interface Stored {
  readonly authkey: string;
  readonly key_id: string;
  readonly previous_key_id: string | null;
  readonly tags: readonly string[];
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
  repository = new ActRepository(lab, "rotation", []);
  for (const part of [".github", "policy.hujson"]) repository.copy(join(example, part), part);
  for (const file of ["known_hosts", "ca.crt"]) repository.copy(lab.file(file), file);
  writeTopology("26d");
  await repository.commit();
});

afterAll(() => bao[Symbol.asyncDispose]());

/** The lab's mesh with the example's stored key; what is old enough is the lab's to say, as it has no month to wait. */
function writeTopology(rotateAfter: string): void {
  const stores = `stores: { vault: { vault: { url: "${bao.url}", auth: { method: jwt, role: tailmesh } } } }`;
  const key = `{ tags: [tag:nas], store: vault, path: homelab/tailscale/authkeys/nas, rotate-after: ${rotateAfter} }`;
  const text = `${lab.read("tailmesh-v2.yaml")}policy: { file: policy.hujson }\n${stores}\nstored-keys: { nas: ${key} }\n`;
  repository.write("tailmesh.yaml", text);
}

async function rotate(event: "schedule" | "workflow_dispatch", inputs = {}): Promise<ActRun> {
  const payload = event === "schedule" ? { schedule: "17 4 * * 1" } : {};
  const done = await repository.run({ name: event, workflow: "rotate.yml", payload, inputs }, labSettings(lab));
  runs.push(done);
  expect(done.exit, done.log.slice(-3500)).toBe(0);
  return done;
}

async function stored(): Promise<Stored> {
  const record = (await bao.read(place)) as unknown as Stored;
  texts.push(record.authkey);
  return record;
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

  it("no log has a stored key, an ID token, a token of OpenBao's, or the root's", () => {
    const secrets = [...new Set(texts), access.idTokenRequestToken, bao.rootToken];
    expect(secrets.length).toBeGreaterThan(4);
    for (const { log } of runs) {
      for (const form of secrets.flatMap(leakForms)) expect(log.includes(form)).toBe(false);
      expect(log).not.toMatch(
        /eyJ[\w-]{10,}\.[\w-]{10,}|\b(hvs|s)\.[\w-]{20,}|[th]skey-(api|client|auth)-[\w-]+-[\w-]{8,}/,
      );
    }
  });
});
