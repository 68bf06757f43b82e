/** One exec per node, all at once; a lost node is a gap. */
import { expect, test } from "vitest";
import { MeshError } from "../../src/mesh/error.ts";
import type { ShellResult, ShellSession } from "../../src/ports/shell.ts";
import { probeLinks } from "../../src/reach/check.ts";
import { judgeLinks } from "../../src/reach/judge.ts";
import { evidenceOf, healthy, links, mesh } from "./healthy.ts";

const nonce = "n0nce";

class FakeSession implements ShellSession {
  readonly node: string;
  readonly scripts: string[] = [];
  readonly #answer: (script: string) => Promise<ShellResult>;
  constructor(node: string, answer: (script: string) => Promise<ShellResult>) {
    this.node = node;
    this.#answer = answer;
  }
  run(script: string): Promise<ShellResult> {
    this.scripts.push(script);
    return this.#answer(script);
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** The output that the node's script would print on a healthy mesh. */
function printed(node: string): ShellResult {
  const results = evidenceOf(healthy()).results.get(node) ?? new Map();
  const sections = [...results].map(([id, r]) => `\n${nonce} ${id} ${r.code}\n${r.output}`);
  return { code: 0, stdout: `${sections.join("\n")}\n${nonce} end 0\n`, stderr: "" };
}

const names = ["homelab-1", "homelab-2", "oracle-1"] as const;

test("every node is asked once, at the same time, and the verdict is made of the answers", async () => {
  let running = 0;
  let most = 0;
  const sessions = new Map(
    names.map((name) => [
      name,
      new FakeSession(name, async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
        return printed(name);
      }),
    ]),
  );
  const scene = healthy();
  const results = await probeLinks(sessions, mesh, scene.facts, links, { nonce, port: 20_500 });
  expect(most).toBe(3);
  for (const s of sessions.values()) {
    expect(s.scripts).toHaveLength(1);
    expect(s.scripts[0]).toContain(" 20500 ");
  }
  const judged = judgeLinks({ ...scene, results });
  expect(judged.map((j) => j.verdict)).toEqual(["reachable", "reachable"]);
});

test.each([
  {
    name: "a lost connection",
    answer: () => Promise.reject(new MeshError("MESH_SSH_LOST", "unreachable", "gone", "x")),
  },
  { name: "output that ends early", answer: async () => ({ code: 0, stdout: `\n${nonce} x 0\n`, stderr: "" }) },
  { name: "a script that could not start", answer: async () => ({ code: 70, stdout: "", stderr: "mktemp: no space" }) },
])("$name is a gap of that node alone", async ({ answer }) => {
  const sessions = new Map<string, ShellSession>(
    names.map((name) => [name, new FakeSession(name, name === "homelab-2" ? answer : async () => printed(name))]),
  );
  const scene = healthy();
  const results = await probeLinks(sessions, mesh, scene.facts, links, { nonce, port: 20_500 });
  expect([...results.keys()]).toEqual(["homelab-1", "oracle-1"]);
  const judged = judgeLinks({ ...scene, results });
  expect(judged.map((j) => [j.verdict, j.layer])).toEqual([
    ["not-tested", null],
    ["reachable", null],
  ]);
});

test("a fault of ours is not swallowed", async () => {
  const sessions = new Map<string, ShellSession>([
    ["homelab-1", new FakeSession("homelab-1", () => Promise.reject(new TypeError("ours")))],
  ]);
  await expect(probeLinks(sessions, mesh, healthy().facts, links, { nonce, port: 20_500 })).rejects.toThrow("ours");
});
