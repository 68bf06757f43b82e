// The lab's own promises: real clusters, nothing of ours on them, and an untouched machine.
import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as yaml from "yaml";
import { Lab } from "../client.ts";
import { lookAtMachine, type Machine, untouched } from "../machine.ts";

const lab = new Lab();
const echo = "./test/lab/fixtures/echo";

describe("a lab that is up", () => {
  it("leaves the machine's addresses, routes, rules and firewall alone", async () => {
    const file = process.env["TAILMESH_LAB_MACHINE"];
    expect(file, "set by scripts/test-lab.ts").toBeDefined();
    const before = JSON.parse(readFileSync(file ?? "", "utf8")) as Machine;
    const now = await lookAtMachine();
    for (const part of untouched) expect(now[part], part).toBe(before[part]);
    expect(now.sysctl).toEqual(before.sysctl);
    expect(now.mounts).toEqual(before.mounts);
  });

  it("has two clusters whose machines are ready and whose pods run", async () => {
    for (const [server, machines] of [
      ["homelab-1", 2],
      ["oracle-1", 1],
    ] as const) {
      const nodes = await lab.exec(server, "k3s kubectl get nodes --no-headers");
      expect(nodes.trim().split("\n")).toHaveLength(machines);
      expect(nodes).not.toContain("NotReady");
      const pods = await lab.exec(server, "k3s kubectl get pods -A --no-headers");
      expect(pods.match(/ 1\/1 +Running /g)).toHaveLength(machines + 1);
    }
    const flannel = await lab.exec("homelab-2", "ip -d link show flannel.1; iptables-save -t nat");
    expect(flannel).toContain("vxlan id 1");
    expect(flannel).toContain("FLANNEL-POSTRTG");
    expect(flannel).toContain("KUBE-SERVICES");
  });

  it("gives outsiders what they need, secrets only to their owner", () => {
    const topology = yaml.parse(lab.read("tailmesh.yaml")) as Record<string, unknown>;
    expect(topology).toMatchObject({
      version: 1,
      ssh: { user: "root", "known-hosts": "known_hosts" },
      tailnet: { control: "headscale", url: "https://hs.lab.test", ca: "ca.crt" },
      clusters: { homelab: { nodes: { "homelab-2": "10.10.10.11" } }, oracle: { pods: "10.52.0.0/16" } },
    });
    const control = JSON.parse(lab.read("control.json")) as Record<string, string>;
    expect(Object.keys(control).sort()).toEqual(["apiKey", "caFile", "url"]);
    const inputs = JSON.parse(lab.read("inputs.json")) as Record<string, Record<string, string>>;
    expect(inputs["key-mint"]).toEqual({ "api-key": control["apiKey"] });
    expect(inputs["node-provision"]?.["ssh-private-key"]).toBe(lab.read("id_ed25519"));
    for (const name of ["id_ed25519", "inputs.json", "control.json", "control-v2.json"])
      expect(statSync(lab.file(name)).mode & 0o777).toBe(0o600);
  });

  it("has nothing outside itself: no default route leads anywhere", async () => {
    const outcome = await lab.try(["runner", "--", "curl -sS -m 5 http://192.0.2.1/"]);
    expect(outcome.code).not.toBe(0);
    expect(await lab.runner("getent hosts hs.lab.test")).toContain("198.18.0.10");
  });

  it("knows a user with sudo and one without", async () => {
    const ssh = `ssh -i ${lab.file("id_ed25519")} -o UserKnownHostsFile=${lab.file("known_hosts")} -o BatchMode=yes -o ConnectTimeout=5`;
    expect(await lab.runner(`${ssh} deploy@10.10.10.11 sudo -n id -u`)).toBe("0\n");
    const refused = await lab.try(["runner", "--", `${ssh} nosudo@10.10.10.11 sudo -n id -u`]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("a password is required");
  });
});

describe("the verb action", () => {
  it("hands over inputs, files and names as GitHub's runner does, and nothing of the caller's", async () => {
    const { exit, outputs, log, summary, post } = await lab.action(echo, {
      greeting: "two\nlines",
      "two words": "a b",
    });
    expect({ exit, outputs, summary }).toEqual({
      exit: 0,
      outputs: { said: "two\nlines", plain: "1=1" },
      summary: "# Said\n",
    });
    expect(log).toContain("node 24.");
    expect(log).toContain("words a b, cwd true, caller undefined");
    expect(log).toContain("address 198.18.0.100");
    expect(post).toEqual({ exit: 0, log: "post of two\nlines\n" });
  });

  it("exits with the action's code, and leaves a post pending when told to: the newest runs first", async () => {
    const failed = await lab.try(["action", echo, "fail=3", "greeting=first", "--json", "--no-post"]);
    expect(failed.code).toBe(3);
    expect(JSON.parse(failed.stdout)).toMatchObject({ exit: 3, post: null });
    await lab.action(echo, { greeting: "second" }, "--no-post");
    const posts = JSON.parse(await lab.run("post", "--json")) as Array<{ log: string }>;
    expect(posts.map(({ log }) => log)).toEqual(["post of second\n", "post of first\n"]);
    expect(await lab.run("post", "--json")).toBe("[]\n");
  });

  it("shows no masked word, and keeps it in the log that tests search", async () => {
    const shown = await lab.run("action", echo, "--debug");
    expect(shown).toContain("debug 1");
    expect(shown).not.toContain("s3cret");
    expect((await lab.action(echo)).log).toContain("a s3cret word");
  });

  it("kills an action when its log says so", async () => {
    const killed = await lab.action(echo, { linger: "20000" }, "--kill-on=greeting hello");
    expect(killed.exit).toBe(137);
  });
});
