/** The script, run for real by this machine's sh against stub commands, and what is read out of it. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { MeshError } from "../../src/mesh/error.ts";
import { parseProbes } from "../../src/reach/parse.ts";
import { dropsId, listenerId, type NodeProbes, type Probe, type ProbeRun } from "../../src/reach/probe.ts";
import { probeScript } from "../../src/reach/script.ts";

const folder = mkdtempSync(join(tmpdir(), "tailmesh-script-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nonce = "n0nce-4711";
const options = { seconds: 3, port: 20_123, nonce };
const pair = { from: "homelab", to: "oracle", forbidden: false };

const probe = (id: string, run: ProbeRun, pid: number | null = 4000): Probe => ({
  id,
  layer: "pod",
  pair,
  target: "oracle-1",
  pid,
  run,
});

const node = (probes: readonly Probe[], more: Partial<NodeProbes> = {}): NodeProbes => ({
  node: "homelab-1",
  probes,
  listener: null,
  countDrops: false,
  gaps: [],
  ...more,
});

let worlds = 0;

/** A root folder, and a PATH of stubs before the machine's own tools (or, bare, with nothing but what is named). */
function world(stubs: Readonly<Record<string, string>>): { root: string; env: Record<string, string> } {
  worlds += 1;
  const root = join(folder, `w${worlds}`);
  const bin = join(root, "bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, body] of Object.entries(stubs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { root, env: { PATH: `${bin}:${process.env["PATH"]}`, TAILMESH_ROOT: root, STUB_LOG: join(root, "log") } };
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly ms: number;
}

function sh(shell: readonly string[], script: string, env: Record<string, string>): Promise<Ran> {
  const started = performance.now();
  const [command = "sh", ...args] = shell;
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { env, timeout: 20_000 }, (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, ms: performance.now() - started });
    });
    child.on("error", reject);
    child.stdin?.end(script);
  });
}

function present(command: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${command}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const shells = [["sh"], ["dash"], ["bash", "--posix"], ["busybox", "sh"]].filter(([c]) => present(c ?? ""));

/** `nsenter -t PID -n COMMAND…` in a world without namespaces: note the words, run the command. */
const nsenter = 'echo "nsenter $*" >>"$STUB_LOG"\nshift 3\nexec "$@"';
const answering = 'echo "64 bytes from x: icmp_seq=1"; echo "1 packets transmitted, 1 received"';

describe.each(shells.map((words) => ({ words, name: words.join(" ") })))("in $name", ({ words }) => {
  test("everything runs side by side, and each answer comes back under its id", async () => {
    const { root, env } = world({
      nsenter,
      ping: `sleep 0.5; ${answering}`,
      tailscale:
        'sleep 0.5; case $1 in metrics) echo "tailscaled_inbound_dropped_packets_total{reason=\\"acl\\"} 5";; *) echo "pong from o (100.64.0.2) via DERP(lab) in 9ms"; exit 1;; esac',
      ip: 'echo "10.52.0.4 dev tailscale0 table 52 src 100.64.0.3"',
    });
    const plan = node(
      [
        probe("a/ping", { kind: "ping", address: "10.52.0.4", size: null }),
        probe("a/full", { kind: "ping", address: "10.52.0.4", size: 1252 }),
        probe("a/path", { kind: "path", address: "100.64.0.2" }, null),
        probe("a/route", { kind: "route", address: "10.52.0.4", tunnel: true }, null),
        probe("a/fetch", { kind: "fetch", address: "127.0.0.1" }),
      ],
      { countDrops: true, listener: { pid: 4001, address: "10.42.0.3", expected: 1 } },
    );
    const ran = await sh(words, probeScript(plan, options), env);
    expect(ran.code).toBe(0);
    const results = parseProbes(ran.stdout, nonce);
    expect([...results.keys()].sort()).toEqual(
      [listenerId, dropsId, "a/ping", "a/full", "a/path", "a/route", "a/fetch"].sort(),
    );
    expect(results.get("a/ping")).toMatchObject({ code: 0 });
    expect(results.get("a/path")).toMatchObject({ code: 1, output: "pong from o (100.64.0.2) via DERP(lab) in 9ms" });
    expect(results.get("a/route")?.output).toBe("10.52.0.4 dev tailscale0 table 52 src 100.64.0.3");
    expect(results.get("a/fetch")?.output).toMatch(/^ok 1048576 /);
    expect(results.get(listenerId)?.output).toBe("ok 1 1");
    expect(results.get(dropsId)?.output).toBe("dropped 5 5");
    expect(ran.ms).toBeLessThan(3500);
    expect(readdirSync(join(root, "run"))).toEqual([]);
  });

  test("what hangs is cut off, and the rest is told", async () => {
    const { root, env } = world({
      nsenter,
      ping: "sleep 30",
      tailscale: 'echo "ping timed out"; sleep 30',
      ip: "exit 2",
    });
    const plan = node([
      probe("p", { kind: "ping", address: "10.52.0.4", size: null }),
      probe("t", { kind: "path", address: "100.64.0.2" }, null),
      probe("r", { kind: "route", address: "10.52.0.4", tunnel: true }, null),
    ]);
    const ran = await sh(words, probeScript(plan, { ...options, seconds: 1 }), env);
    const results = parseProbes(ran.stdout, nonce);
    expect(results.get("p")?.code).toBe(124);
    expect(results.get("t")).toEqual({ code: 124, output: "ping timed out" });
    expect(results.get("r")).toEqual({ code: 2, output: "" });
    expect(ran.ms).toBeLessThan(4000);
    expect(readdirSync(join(root, "run"))).toEqual([]);
  });

  test("a node's output cannot pass for a frame or for another probe", async () => {
    const forged = 'printf "\\n%s\\n" "guess a/route 0" "NONCE end 0"; head -c 100000 /dev/zero | tr "\\\\0" x';
    const { env } = world({ nsenter, ping: forged, ip: "echo honest" });
    const plan = node([
      probe("a/ping", { kind: "ping", address: "10.52.0.4", size: null }),
      probe("a/route", { kind: "route", address: "10.52.0.4", tunnel: true }, null),
    ]);
    const ran = await sh(words, probeScript(plan, options), env);
    const results = parseProbes(ran.stdout, nonce);
    expect([...results.keys()]).toEqual(["a/ping", "a/route"]);
    expect(results.get("a/route")?.output).toBe("honest");
    expect(ran.stdout.length).toBeLessThan(6000);
  });
});

test("the private folder is 0700 and named in no argument list of others", async () => {
  const { env } = world({ nsenter, ping: 'ls -ld "$TAILMESH_ROOT"/run/tailmesh-probe.*' });
  const ran = await sh(
    ["sh"],
    probeScript(node([probe("p", { kind: "ping", address: "10.52.0.4", size: null })]), options),
    env,
  );
  expect(parseProbes(ran.stdout, nonce).get("p")?.output).toMatch(/^drwx------/);
});

test("a hang-up in the middle leaves nothing behind", async () => {
  const { root, env } = world({ nsenter, ping: "sleep 2" });
  const script = probeScript(node([probe("p", { kind: "ping", address: "10.52.0.4", size: null })]), options);
  const child = spawn("sh", [], { env, stdio: ["pipe", "ignore", "ignore"] });
  child.stdin.end(script);
  const folderThere = (): boolean => existsSync(join(root, "run")) && readdirSync(join(root, "run")).length > 0;
  for (let i = 0; i < 100 && !folderThere(); i += 1) await new Promise((r) => setTimeout(r, 20));
  expect(folderThere()).toBe(true);
  const ended = new Promise((r) => child.once("exit", r));
  child.kill("SIGTERM");
  await ended;
  expect(readdirSync(join(root, "run"))).toEqual([]);
});

test("words on command lines are ours: the namespace, the tool, checked addresses", async () => {
  const { root, env } = world({ nsenter, ping: answering });
  const plan = node([probe("p", { kind: "ping", address: "10.52.0.4", size: 1252 })]);
  await sh(["sh"], probeScript(plan, options), env);
  const { readFileSync } = await import("node:fs");
  expect(readFileSync(join(root, "log"), "utf8")).toBe(
    "nsenter -t 4000 -n ping -n -c 1 -w 3 -M do -s 1252 10.52.0.4\n",
  );
});

test("names of the topology cannot leave their quotes", async () => {
  const { root, env } = world({ nsenter, ping: answering });
  const evil = `x'; touch "$TAILMESH_ROOT/pwned"; echo '`;
  await sh(["sh"], probeScript(node([probe(evil, { kind: "ping", address: "10.52.0.4", size: null })]), options), env);
  expect(existsSync(join(root, "pwned"))).toBe(false);
});

test("tools that are missing are said, per probe", async () => {
  const { root, env } = world({ ip: "echo 10.52.0.4 dev tailscale0" });
  const bin = join(root, "bin");
  for (const tool of ["mktemp", "mkdir", "rm", "cat", "head", "timeout", "sed", "awk"]) {
    const path = execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim();
    writeFileSync(join(bin, tool), `#!/bin/sh\nexec ${path} "$@"\n`);
    chmodSync(join(bin, tool), 0o755);
  }
  const plan = node([
    probe("p", { kind: "ping", address: "10.52.0.4", size: null }),
    probe("f", { kind: "tcp", address: "10.53.0.1", port: 443 }),
    probe("r", { kind: "route", address: "10.52.0.4", tunnel: true }, null),
  ]);
  // The script appends the usual folders to PATH; here they must not help.
  const script = probeScript(plan, options).replace(/^PATH=.*$/m, "");
  const ran = await sh(["/bin/sh"], script, { ...env, PATH: bin });
  const results = parseProbes(ran.stdout, nonce);
  expect(results.get("p")).toEqual({ code: 127, output: "nsenter is not installed" });
  expect(results.get("f")).toEqual({ code: 127, output: "nsenter is not installed" });
  expect(results.get("r")?.code).toBe(0);
});

test("output that ends early is an error, not a verdict", () => {
  for (const text of ["", "hello\n", `\n${nonce} a 0\nok 1\n`, `\n${nonce} a 0\n${nonce} end 0\n\n${nonce} b 0\n`]) {
    expect(() => parseProbes(text, nonce)).toThrow(MeshError);
  }
});
