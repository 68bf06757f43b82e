/** The committed bundle, spawned as the runner does: what it says, masks, writes and how it exits. */

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ResultFileSchema } from "../../src/plan/files-schema.ts";
import { Job, type StepResult } from "../support/run-action.ts";

const apiKey = "hskey-api-abcdefghijkl-0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnop+/";

function topology(url: string): string {
  return [
    "version: 1",
    `tailnet: { control: headscale, url: "${url}" }`,
    "ssh: { user: root, known-hosts: known_hosts }",
    "clusters:",
    "  homelab:",
    "    pods: 10.42.0.0/16",
    "    services: 10.43.0.0/16",
    "    nodes: { homelab-1: 10.10.10.10 }",
    "  oracle:",
    "    pods: 10.52.0.0/16",
    "    services: 10.53.0.0/16",
    "    nodes: { oracle-1: 10.0.0.26 }",
    "",
  ].join("\n");
}

/** A Headscale that answers everything but the question for its version with one status and body. */
async function answering(status: number, body: string): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const isVersion = request.url === "/version";
    response.writeHead(isVersion ? 200 : status, { "content-type": "application/json" });
    response.end(isVersion ? '{"version":"v0.29.2"}' : body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: urlOf(server), server };
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

function annotations({ log }: StepResult): readonly string[] {
  return log.split("\n").filter((line) => line.startsWith("::error "));
}

describe("missing and wrong inputs", () => {
  test("all problems at once, exit 1, nothing said before the masks", async () => {
    using job = new Job();
    const done = await job.run("acl-apply", { "api-key": apiKey, mode: "perhaps", allow: "all", plan: "x" });
    expect(done.exit).toBe(1);
    expect(annotations(done)).toHaveLength(3);
    expect(annotations(done).every((line) => line.startsWith("::error title=MESH_INPUT_INVALID::"))).toBe(true);
    expect(done.outputs["changed"]).toBe("false");
    const result = ResultFileSchema.parse(JSON.parse(readFileSync(done.outputs["result-file"] ?? "", "utf8")));
    expect(result).toMatchObject({ action: "acl-apply", changed: false, error: { code: "MESH_INPUT_INVALID" } });
  });

  test("a missing topology file is named", async () => {
    using job = new Job();
    const done = await job.run("acl-apply", { "api-key": apiKey, topology: "net/mesh.yaml" });
    expect(done.exit).toBe(1);
    expect(annotations(done)[0]).toMatch(/^::error title=MESH_TOPOLOGY_MISSING,file=net\/mesh\.yaml::/);
  });
});

describe("the topology's mistakes", () => {
  test("are annotated at their lines, all of them, before anything is contacted", async () => {
    using job = new Job({
      files: {
        "tailmesh.yaml": `${topology("http://127.0.0.1:9")}rollouts: {}\nlinks: [{ from: homelab, to: nowhere }]\n`,
      },
    });
    const done = await job.run("acl-apply", { "api-key": apiKey });
    expect(done.exit).toBe(1);
    const places = annotations(done).map((line) => /file=tailmesh\.yaml,line=(\d+),col=\d+::/.exec(line)?.[1]);
    expect(places).toEqual(["13", "14"]);
  });
});

describe("secrets", () => {
  test("are masked in every form before anything else is printed, and appear nowhere else", async () => {
    using job = new Job({ files: { "tailmesh.yaml": topology("http://127.0.0.1:9") } });
    const done = await job.run("acl-apply", { "api-key": apiKey });
    const lines = done.log.split("\n").filter((line) => line !== "");
    const firstOther = lines.findIndex((line) => !line.startsWith("::add-mask::"));
    const masks = lines.slice(0, firstOther).map((line) => line.slice("::add-mask::".length));
    expect(masks).toContain(apiKey);
    expect(masks).toContain(Buffer.from(apiKey).toString("base64"));
    expect(masks).toContain(Buffer.from(apiKey).toString("hex"));
    expect(masks).toContain(encodeURIComponent(apiKey).replaceAll("%", "%25"));
    const rest = [...lines.slice(firstOther), done.summary, JSON.stringify([done.outputs, done.state])];
    const files = job.leftFiles().map((file) => readFileSync(file, "utf8"));
    for (const form of [apiKey, Buffer.from(apiKey).toString("base64"), Buffer.from(apiKey).toString("hex")]) {
      expect([...rest, ...files].join("\n")).not.toContain(form);
    }
  });
});

describe("the control server", () => {
  let hostile: { readonly url: string; readonly server: Server };
  const text =
    "\\n::stop-commands::x\\n::set-output name=a::b ##[error]no \\u001b[31mred <img src=x> [a](http://b) ```";

  beforeAll(async () => {
    hostile = await answering(500, `{"code":2,"message":"${text}","details":[]}`);
  });
  afterAll(() => hostile.server.close());

  test("down: a coded error, exit 1, nothing changed", async () => {
    using job = new Job({ files: { "tailmesh.yaml": topology("http://127.0.0.1:9") } });
    const done = await job.run("acl-apply", { "api-key": apiKey });
    expect(done.exit).toBe(1);
    expect(annotations(done)[0]).toMatch(/^::error title=MESH_[A-Z_]+::/);
    expect(done.outputs["changed"]).toBe("false");
    expect(done.log.trimEnd().split("\n").at(-1)).toMatch(/^acl-apply failed, nothing was changed: MESH_/);
  });

  test("hostile text in its answer does nothing to log and summary", async () => {
    using job = new Job({ files: { "tailmesh.yaml": topology(hostile.url) } });
    const done = await job.run("acl-apply", { "api-key": apiKey });
    expect(done.exit).toBe(1);
    for (const line of done.log.split("\n")) {
      expect(line).not.toMatch(/^\s*::(stop-commands|set-output)/);
      expect(line).not.toContain("##[");
      expect(line).not.toContain("\u001b");
    }
    expect(done.summary).not.toMatch(/<img|\]\(http/);
    expect(done.summary).not.toContain("\u001b");
    expect(annotations(done)[0]).toContain("stop-commands");
  });
});

describe("a wish to stop", () => {
  test("while a question is open ends the run at once, with a code and a result file", async () => {
    const silent = createServer((_request, _response) => {});
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const url = urlOf(silent);
    try {
      using job = new Job({ files: { "tailmesh.yaml": topology(url) } });
      const asked = new Promise<void>((done) => silent.once("request", () => done()));
      const running = job.start("acl-apply", { "api-key": apiKey });
      await asked;
      running.child.kill("SIGTERM");
      const done = await running.result;
      expect(done.exit).toBe(1);
      expect(annotations(done)[0]).toMatch(/^::error title=MESH_CANCELLED::/);
      const result = ResultFileSchema.parse(JSON.parse(readFileSync(done.outputs["result-file"] ?? "", "utf8")));
      expect(result).toMatchObject({ changed: false, error: { code: "MESH_CANCELLED" } });
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});

describe("where changes may come from", () => {
  const event = { repository: { default_branch: "main" } };

  test("another branch than the default is refused before anything is contacted", async () => {
    using job = new Job({
      files: { "tailmesh.yaml": topology("http://127.0.0.1:9") },
      event,
      env: { GITHUB_REF: "refs/heads/x" },
    });
    const done = await job.run("acl-apply", { "api-key": apiKey });
    expect(annotations(done)[0]).toMatch(/^::error title=MESH_REF_NOT_ALLOWED::/);
    const allowed = await job.run("acl-apply", { "api-key": apiKey, "allow-ref": "true" });
    expect(annotations(allowed)[0]).not.toContain("MESH_REF_NOT_ALLOWED");
  });
});

describe("post", () => {
  test("of a step that failed early exits 0, with the same bundle", async () => {
    using job = new Job();
    const inputs = { "api-key": apiKey, mode: "perhaps" };
    const main = await job.run("acl-apply", inputs);
    const post = await job.post("acl-apply", inputs, main);
    expect(main.state["tailmesh-main-has-run"]).toBe("true");
    expect(post.exit).toBe(0);
    expect(annotations(post)).toEqual([]);
  });
});
