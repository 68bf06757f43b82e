// A second checkout has its own lab beside the first, and an end whatever happened before.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as yaml from "yaml";
import { Lab } from "../client.ts";
import { lookAtMachine } from "../machine.ts";
import { checkout } from "../paths.ts";

describe("a second checkout", () => {
  let other: Lab;
  let topology: string;

  beforeAll(() => {
    const root = mkdtempSync(join(tmpdir(), "tailmesh-lab-test-"));
    other = new Lab(root);
    cpSync(join(checkout, "test", "lab"), join(root, "test", "lab"), { recursive: true });
    mkdirSync(join(root, "scripts"));
    cpSync(join(checkout, "scripts", "debian-packages.txt"), join(root, "scripts", "debian-packages.txt"));
    cpSync(join(checkout, "package.json"), join(root, "package.json"));
    symlinkSync(join(checkout, "node_modules"), join(root, "node_modules"));
    topology = join(root, "small.yaml");
    const site = { lan: "10.10.10.0/24", pods: "10.42.0.0/16", services: "10.43.0.0/16" };
    writeFileSync(
      topology,
      yaml.stringify({ clusters: { home: { ...site, nodes: { one: { address: "10.10.10.10" } } } } }),
    );
  });

  afterAll(async () => {
    await other.run("down");
    rmSync(other.root, { recursive: true, force: true });
  });

  /** Runs `up` and kills it, and nothing else, once it has said something. */
  async function killUpAt(words: string): Promise<void> {
    const [command = "", ...args] = other.argv("up", "--topology", topology);
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      if (said.includes(words)) child.kill("SIGKILL");
    });
    await new Promise((resolve) => child.on("exit", resolve));
    expect(said).toContain(words);
  }

  it("clears what a killed up left, and has its own lab beside the first, with nothing of ours on it", async () => {
    await killUpAt("network");
    await other.run("up", "--topology", topology);
    expect(await other.exec("one", "hostname")).toBe("one\n");
    expect(await new Lab().exec("homelab-1", "hostname")).toBe("homelab-1\n");
    const ours = await other.exec(
      "one",
      "find / -xdev \\( -iname '*tailscale*' -o -iname '*tailmesh*' \\) -not -path '/proc/*'",
    );
    expect(ours).toBe("/etc/default/tailscaled\n");
  });

  it("goes down twice, also after a kill in the middle, and leaves nothing", async () => {
    await other.run("down");
    for (const words of ["network", "machines"]) {
      const before = await lookAtMachine(other.folder);
      await killUpAt(words);
      await other.run("down");
      await other.run("down");
      expect(existsSync(other.folder)).toBe(false);
      expect(await lookAtMachine(other.folder)).toEqual(before);
    }
  });
});
