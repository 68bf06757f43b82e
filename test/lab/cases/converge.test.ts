// The whole chain from bare machines: one run joins everything, the next changes nothing, by hand it ends the same.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../client.ts";
import { checkout } from "../paths.ts";
import {
  ask,
  countSsh,
  endState,
  inPod,
  isWrite,
  leaveSshd,
  listenToSshd,
  machines,
  pathsOf,
  requestsOf,
  resultOf,
  type SshCount,
  untouchedState,
  usableKeys,
} from "../product.ts";
import type { StepResult } from "../runner.ts";

const lab = new Lab();
let first: StepResult;
let firstSsh: Readonly<Record<string, SshCount>>;
let byRoot: readonly string[];

beforeAll(async () => {
  await lab.run("heal", "--bare");
  await listenToSshd(lab);
  firstSsh = await countSsh(lab, async () => {
    first = await lab.action("converge", {}, "--debug");
  });
  byRoot = await endState(lab);
});

afterAll(() => leaveSshd(lab));

describe("from bare machines", () => {
  it("one run ends with every link reachable, both ways", async () => {
    expect(first.exit, first.log.slice(-3000)).toBe(0);
    expect(first.outputs).toMatchObject({ changed: "true", verdict: "reachable" });
    expect(resultOf(first).links).toMatchObject([
      { from: "homelab", to: "oracle", verdict: "reachable", path: "direct", layer: null },
      { from: "oracle", to: "homelab", verdict: "reachable", path: "direct", layer: null },
    ]);
  });

  it("and the lab's own probes, which share nothing with it, agree", async () => {
    expect(await pathsOf(lab)).toBe("14 of 14");
  });

  it("took at most six execs a node, and one more connection to confirm", () => {
    for (const machine of machines) {
      expect(firstSsh[machine]?.execs, machine).toBeLessThanOrEqual(6);
      expect(firstSsh[machine]?.connections, machine).toBe(2);
    }
  });

  it("minted one key a node and left none usable", async () => {
    expect(requestsOf(first).filter((r) => r === "POST /api/v1/preauthkey")).toHaveLength(3);
    expect(await usableKeys(lab)).toEqual([]);
  });

  it("wrote a policy whose grants end at pods and services, never at a node", async () => {
    const { policy } = (await ask(lab, "GET", "/api/v1/policy")) as { policy: string };
    expect(policy).toMatch(/^\/\/ tailmesh sha256:[0-9a-f]{64}\n/);
    const grants = /"grants"[\s\S]*?\n {2}\]/.exec(policy)?.[0] ?? "";
    expect(grants).toContain("10.52.0.0/16");
    expect(grants).not.toMatch(/"dst": *\[[^\]]*tag:/);
  });

  it("draws what it found in the summary", () => {
    expect(first.summary).toContain("```mermaid");
    expect(first.summary).toMatch(/\| homelab → oracle \| .*reachable/);
  });
});

describe("the second run", () => {
  let second: StepResult;
  let ssh: Readonly<Record<string, SshCount>>;
  let before: readonly string[];

  beforeAll(async () => {
    before = await untouchedState(lab);
    ssh = await countSsh(lab, async () => {
      second = await lab.action("converge", {}, "--debug");
    });
  });

  it("changes nothing and says so", () => {
    expect(second.exit).toBe(0);
    expect(second.outputs).toMatchObject({ changed: "false", verdict: "reachable", "nodes-changed": "" });
  });

  it("makes no write call, and four calls in all", () => {
    expect(requestsOf(second).filter(isWrite)).toEqual([]);
    expect(requestsOf(second)).toHaveLength(4);
  });

  it("costs one connection and two execs a node", () => {
    for (const machine of machines) expect(ssh[machine], machine).toEqual({ connections: 1, execs: 2 });
  });

  it("leaves processes, rules, firewall, prefs and files as they were, to the letter", async () => {
    expect(await untouchedState(lab)).toEqual(before);
  });
});

describe("modes", () => {
  it("plan changes nothing on a bare mesh's router, and a stale pin is refused", async () => {
    await lab.exec("oracle-1", "tailscale set --accept-routes=false");
    const plan = await lab.action("converge", { mode: "plan" }, "--debug");
    expect(plan.exit).toBe(0);
    expect(requestsOf(plan).filter(isWrite)).toEqual([]);
    expect(await lab.exec("oracle-1", "tailscale debug prefs")).toContain('"RouteAll": false');
    const failing = await lab.action("converge", { mode: "plan", "fail-on-changes": "true" });
    expect(failing.exit).toBe(1);
    const stale = await lab.action("converge", { plan: "0".repeat(64) });
    expect(stale.exit).toBe(1);
    expect(await lab.exec("oracle-1", "tailscale debug prefs")).toContain('"RouteAll": false');
    const pinned = await lab.action("converge", { plan: plan.outputs["plan-hash"] ?? "" });
    expect(pinned.exit, pinned.log.slice(-2000)).toBe(0);
    expect(pinned.outputs["nodes-changed"]).toBe("oracle-1");
  });

  it("topology-plan changes nothing and emits the matrices", async () => {
    const plan = await lab.action("topology-plan", {}, "--debug");
    expect(plan.exit, plan.log.slice(-2000)).toBe(0);
    expect(JSON.parse(plan.outputs["matrix-nodes"] ?? "")).toEqual({
      include: [
        { cluster: "homelab", node: "homelab-1", role: "router" },
        { cluster: "homelab", node: "homelab-2", role: "member" },
        { cluster: "oracle", node: "oracle-1", role: "router" },
      ],
    });
    expect(plan.outputs["count"]).toBe("3");
    expect(requestsOf(plan).filter(isWrite)).toEqual([]);
  });
});

describe("the router's own services", () => {
  let guarded = "";
  // What a far pod may not reach at the router's addresses in the pod network, and how it would answer.
  const services = [
    { name: "sshd", port: 22 },
    { name: "kubelet", port: 10250 },
    { name: "API server", port: 6443 },
    { name: "a NodePort", port: 30080 },
  ] as const;
  /** What each address and port answers, all asked at once: `10.42.0.1 22 open`. */
  const dialAll = (addresses: readonly string[]): string => {
    const one = addresses.flatMap((a) =>
      services.map(
        ({ port }) =>
          `(timeout 2 bash -c 'exec 3<>/dev/tcp/${a}/${port}' 2>/dev/null && echo ${a} ${port} open || echo ${a} ${port} closed) &`,
      ),
    );
    return inPod(`bash -c "${one.join(" ").replaceAll('"', '\\"')} wait"`);
  };

  beforeAll(async () => {
    await lab.exec(
      "homelab-1",
      `k3s kubectl get service nodeport >/dev/null 2>&1 || k3s kubectl create service nodeport nodeport --tcp=80:8080 --node-port=30080
       k3s kubectl patch service nodeport -p '{"spec":{"selector":{"app":"web"}}}'; sleep 2`,
    );
    guarded = await lab.exec("oracle-1", dialAll(["10.42.0.1", "10.42.0.0"]));
  });

  afterAll(async () => {
    await lab.exec(
      "homelab-1",
      "k3s kubectl delete service nodeport; systemctl start tailmesh-guard.timer; /usr/local/lib/tailmesh/guard.sh apply",
    );
  });

  it.each(services)("$name is closed to the far cluster, at cni0 and flannel.1", ({ port }) => {
    for (const address of ["10.42.0.1", "10.42.0.0"]) expect(guarded).toContain(`${address} ${port} closed\n`);
  });

  it("ping to these addresses is answered, ClusterIPs and pods are unaffected", async () => {
    expect(await lab.exec("oracle-1", inPod("ping -c1 -W2 10.42.0.1"))).toContain("1 received");
    expect(await pathsOf(lab)).toBe("14 of 14");
  });

  it("and all four would be open without the chain", async () => {
    await lab.exec(
      "homelab-1",
      "systemctl stop tailmesh-guard.timer tailmesh-guard-apply.service; iptables -w -t mangle -F TAILMESH-GUARD",
    );
    const open = await lab.exec("oracle-1", dialAll(["10.42.0.1"]));
    for (const { port } of services) expect(open).toContain(`10.42.0.1 ${port} open\n`);
  });
});

describe("taken back by hand", () => {
  it("as the README says, nothing of it is left on a machine, and Kubernetes never noticed", async () => {
    const readme = readFileSync(join(checkout, "README.md"), "utf8");
    const commands = /## Take it back\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? "exit 9";
    const left = `ip rule show pref 2500; iptables-save | grep TAILMESH; ip route show table 52
      find /etc /usr/local /run /var/lib /var/tmp -xdev -iname '*tailmesh*' 2>/dev/null; systemctl list-units --all --plain --no-legend 'tailmesh*'`;
    const looks = machines.map((m) => lab.exec(m, `set -e\n${commands}\nset +e\n${left}\ntrue`));
    for (const found of await Promise.all(looks)) expect(found.trim()).toBe("");
    expect(await lab.exec("homelab-1", "k3s kubectl get nodes --no-headers")).toMatch(
      /homelab-1 +Ready[\s\S]*homelab-2 +Ready/,
    );
  });
});

describe("the four actions chained by hand", () => {
  it("end in the same state as the root action", async () => {
    await lab.run("heal", "--bare");
    const policy = await lab.action("acl-apply", {}, "--no-post");
    expect(policy.exit, policy.log.slice(-2000)).toBe(0);
    const mint = await lab.action("key-mint", {}, "--no-post");
    expect(mint.exit, mint.log.slice(-2000)).toBe(0);
    expect(mint.outputs["key-ids"]?.split(",")).toHaveLength(3);
    const provision = await lab.action("node-provision", { "key-file": mint.outputs["key-file"] ?? "" }, "--no-post");
    expect(provision.exit, provision.log.slice(-2000)).toBe(0);
    const check = await lab.action("connectivity-check", {}, "--no-post");
    expect(check.exit, check.log.slice(-2000)).toBe(0);
    expect(check.outputs["verdict"]).toBe("reachable");
    await lab.run("post");
    expect(await usableKeys(lab)).toEqual([]);
    expect(await lab.runner(`ls ${mint.outputs["key-file"]} 2>&1 || true`)).toContain("No such file");
    expect(await endState(lab)).toEqual(byRoot);
  });

  it("post revokes keys that nobody used", async () => {
    await lab.run("heal", "--bare");
    await lab.action("acl-apply");
    const mint = await lab.action("key-mint", {}, "--no-post");
    expect((await usableKeys(lab)).length).toBe(3);
    expect(mint.outputs["key-ids"]).toBe((await usableKeys(lab)).join(","));
    await lab.run("post");
    expect(await usableKeys(lab)).toEqual([]);
  });
});
