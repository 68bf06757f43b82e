// Nothing secret is anywhere it does not belong, in no usual encoding, while a run works and after it.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../client.ts";
import { machines } from "../product.ts";
import type { StepResult } from "../runner.ts";

const lab = new Lab();
const steps: StepResult[] = [];
let processes = "";
let keys: readonly string[] = [];

/** A part that nothing else contains; the first lines of all OpenSSH keys are alike, so it is taken from the middle. */
function core(secret: string): string {
  const lines = secret.trim().split("\n");
  return lines[Math.floor(lines.length / 2)]?.slice(4, -4) ?? "";
}

function forms(secret: string): readonly string[] {
  const bytes = Buffer.from(core(secret));
  const aligned = [0, 1, 2].map((n) =>
    Buffer.concat([Buffer.alloc(n, 120), bytes])
      .toString("base64")
      .slice(4, -4),
  );
  return [core(secret), ...aligned, bytes.toString("hex"), encodeURIComponent(core(secret))];
}

function secretsOf(): Readonly<Record<string, string>> {
  const control = JSON.parse(lab.read("control.json")) as { apiKey: string };
  return {
    "API key": control.apiKey,
    "SSH key": lab.read("id_ed25519"),
    ...Object.fromEntries(keys.map((k, i) => [`auth key ${i}`, k])),
  };
}

/** A line that tells the runner what to hide is the one place where a secret must stand. */
function withoutMasks(log: string): string {
  return log
    .split("\n")
    .filter((line) => !line.startsWith("::add-mask::"))
    .join("\n");
}

function search(text: string, where: string): void {
  for (const [name, secret] of Object.entries(secretsOf()))
    for (const form of forms(secret)) expect(text.includes(form), `${name} in ${where}`).toBe(false);
}

beforeAll(async () => {
  await lab.run("heal", "--bare");
  // Processes of runner and nodes share the world's pid namespace: one look from it sees all of them.
  let watching = true;
  const watch = (async () => {
    while (watching) processes += await lab.runner("ps -eo args ww");
  })();
  steps.push(await lab.action("acl-apply", {}, "--debug", "--no-post"));
  const mint = await lab.action("key-mint", {}, "--debug", "--no-post");
  steps.push(mint);
  keys = readFileSync(mint.outputs["key-file"] ?? "", "utf8")
    .trim()
    .split("\n")
    .map((l) => l.split(" ")[1] ?? "");
  expect(statSync(mint.outputs["key-file"] ?? "").mode & 0o777).toBe(0o600);
  steps.push(
    await lab.action("node-provision", { "key-file": mint.outputs["key-file"] ?? "" }, "--debug", "--no-post"),
  );
  steps.push(await lab.action("connectivity-check", {}, "--debug", "--no-post"));
  watching = false;
  await watch;
  for (const step of steps) expect(step.exit, step.log.slice(-2000)).toBe(0);
});

describe("no secret", () => {
  it("in any log with step debug on, output or summary", () => {
    expect(keys).toHaveLength(3);
    for (const step of steps) {
      search(withoutMasks(step.log), "a log");
      search(JSON.stringify(step.outputs), "an output");
      search(step.summary, "a summary");
    }
  });

  it("in what processes show of themselves while a run works", () => {
    expect(processes).toContain("tailscaled");
    search(processes, "ps");
  });

  it("in plan, result, state or any other file of the run, key-file aside", () => {
    const jobs = lab.file(join("state", "jobs"));
    for (const file of readdirSync(jobs, { recursive: true, encoding: "utf8" })) {
      const path = join(jobs, file);
      if (!statSync(path).isFile() || file.endsWith("auth-keys")) continue;
      search(withoutMasks(readFileSync(path, "utf8")), file);
    }
  });

  it("in any file or history on a node", async () => {
    const patterns = Object.values(secretsOf())
      .flatMap(forms)
      .map((form) => form.replaceAll("'", ""))
      .join("\n");
    const places = "/etc /root /home /run /tmp /var/tmp /var/lib/tailscale /var/log /usr/local/lib";
    const looks = machines.map((machine) =>
      lab.exec(
        machine,
        `patterns='${patterns}'
         grep -rlF "$patterns" ${places} --exclude-dir=journal --exclude-dir=containerd 2>/dev/null | grep -v '^/run/user'
         journalctl --no-pager -o cat | grep -cF "$patterns" || true`,
      ),
    );
    expect(await Promise.all(looks)).toEqual(machines.map(() => "0\n"));
  });

  it("after post, not even in the key file", async () => {
    await lab.run("post");
    const jobs = lab.file(join("state", "jobs"));
    for (const file of readdirSync(jobs, { recursive: true, encoding: "utf8" }))
      expect(file.endsWith("auth-keys"), file).toBe(false);
  });
});
