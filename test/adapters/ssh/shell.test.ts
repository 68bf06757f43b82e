import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { invocation } from "../../../src/adapters/ssh/command.ts";
import { createShell, type ShellOptions, type SshSession } from "../../../src/adapters/ssh/shell.ts";
import { MeshError } from "../../../src/mesh/error.ts";
import type { HostKey, Node, SshHop } from "../../../src/mesh/mesh.ts";
import { Secret } from "../../../src/mesh/secret.ts";
import { generateKey, type SshServer, type SshServerOptions, startSshServer } from "../../support/ssh-server.ts";

const client = generateKey();
const folder = mkdtempSync(join(tmpdir(), "tailmesh-ssh-"));
afterAll(() => rmSync(folder, { recursive: true }));
const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder };

function server(options: Partial<SshServerOptions> = {}): Promise<SshServer> {
  return startSshServer({ authorizedKey: client.public, env, ...options });
}

function hop(to: { readonly host: string; readonly port: number }, more: Partial<SshHop> = {}): SshHop {
  return { user: "root", host: to.host, port: to.port, hostKey: undefined, knownHosts: "known_hosts", ...more };
}

function node(
  to: { readonly host: string; readonly port: number },
  more: Partial<SshHop> = {},
  jump: readonly SshHop[] = [],
): Node {
  return {
    name: "homelab-1",
    cluster: "homelab",
    address: "10.10.10.10",
    role: "router",
    k3s: "server",
    hostname: "homelab-1",
    state: "present",
    ssh: { ...hop(to, more), jump, via: "direct" },
  };
}

function shell(knownHosts: string | undefined, options: Partial<ShellOptions> = {}): ReturnType<typeof createShell> {
  return createShell({
    privateKey: new Secret(client.private),
    knownHosts: async () => knownHosts,
    concurrency: 4,
    ...options,
  });
}

async function failure(work: Promise<unknown>): Promise<MeshError> {
  const error: unknown = await work.then(
    () => expect.fail("it succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MeshError)) throw error;
  expect(error.hint).not.toBe("");
  return error;
}

/** A session as root with a server of its own. */
async function withSession(
  work: (session: SshSession, to: SshServer) => Promise<void>,
  options: Partial<SshServerOptions> = {},
): Promise<void> {
  await using to = await server(options);
  await using session = await shell(to.knownHosts).open(node(to));
  await work(session, to);
}

describe("a session", () => {
  test("runs scripts over one connection, and counts both", async () => {
    await using to = await server();
    const opened = shell(to.knownHosts);
    await using session = await opened.open(node(to));
    expect(await session.run("echo out; echo err >&2; exit 3", { timeout: 10 })).toEqual({
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
    expect(await session.run("exit 0", { timeout: 10 })).toEqual({ code: 0, stdout: "", stderr: "" });
    expect({ connections: opened.connections, execs: session.execs, node: session.node }).toEqual({
      connections: 1,
      execs: 2,
      node: "homelab-1",
    });
    expect({ connections: to.connections, execs: to.execs.length }).toEqual({ connections: 1, execs: 2 });
  });

  test("puts neither script nor payload on the command line", () =>
    withSession(async (session, to) => {
      const payload = Buffer.from("tskey-very-secret");
      const script = "cat; tr '\\0' ' ' </proc/$$/cmdline; tr '\\0' ' ' </proc/$PPID/cmdline # ünïcode ' \" $(";
      const { stdout } = await session.run(script, { timeout: 10, payload });
      expect(stdout.startsWith("tskey-very-secret")).toBe(true);
      expect(stdout.slice(payload.length)).not.toMatch(/secret|cmdline/);
      await session.run("x=1", { timeout: 10 });
      await session.run("x=1234567", { timeout: 10 });
      const sent = [script, "x=1", "x=1234567"].map((text) => Buffer.byteLength(`{\n${text}\n}\n`));
      expect(to.execs).toEqual(
        sent.map(
          (n) =>
            `/bin/sh -c 's=$(dd bs=${n} count=1 iflag=fullblock 2>/dev/null || dd bs=1 count=${n} 2>/dev/null) && eval "$s"'`,
        ),
      );
    }));

  test("gives a script with any characters to the shell unchanged", () =>
    withSession(async (session) => {
      const script = `printf '%s' 'a"b$c\`d\\e ü 漢 ::stop-commands::x'\nset -eu\ncat <<'EOF'\nhere $doc\nEOF\n# the end`;
      expect((await session.run(script, { timeout: 10 })).stdout).toBe('a"b$c`d\\e ü 漢 ::stop-commands::xhere $doc\n');
    }));

  test("stops at the first failing command under set -e", () =>
    withSession(async (session) => {
      expect(await session.run("set -e\nfalse\necho reached", { timeout: 10 })).toMatchObject({ code: 1, stdout: "" });
    }));

  test("passes 40 MB of payload, byte for byte, after a script of a size that fills every buffer", () =>
    withSession(async (session) => {
      const payload = randomBytes(40 * 1024 * 1024);
      const script = `# ${"x".repeat(70_000)}\nsha256sum`;
      const { stdout } = await session.run(script, { timeout: 60, payload });
      expect(stdout.split(" ")[0]).toBe(createHash("sha256").update(payload).digest("hex"));
    }));

  test("waits for a slow reader instead of filling memory", () =>
    withSession(async (session) => {
      const before = process.memoryUsage().rss;
      const payload = Buffer.alloc(64 * 1024 * 1024, 1);
      let most = 0;
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage().rss);
      }, 20);
      const { stdout } = await session.run("sleep 1; wc -c", { timeout: 60, payload });
      clearInterval(watch);
      expect(Number(stdout)).toBe(payload.length);
      // the payload itself, and less than another half of it on the way (client and server are in this process)
      expect(most - before).toBeLessThan(1.5 * payload.length);
    }));

  test("keeps characters whole that arrive in pieces", () =>
    withSession(async (session) => {
      const { stdout } = await session.run("printf '\\303'; sleep 0.1; printf '\\274'", { timeout: 10 });
      expect(stdout).toBe("ü");
    }));

  test("reports a signal as a shell would", () =>
    withSession(async (session) => {
      expect((await session.run("kill -TERM $$", { timeout: 10 })).code).toBe(143);
    }));

  test("does not mind a script that leaves its payload unread", () =>
    withSession(async (session) => {
      expect((await session.run("exit 5", { timeout: 10, payload: Buffer.alloc(8 * 1024 * 1024) })).code).toBe(5);
      expect((await session.run("echo still here", { timeout: 10 })).stdout).toBe("still here\n");
    }));

  test("runs many scripts at a time, never more than sshd allows", () =>
    withSession(async (session) => {
      const numbers = Array.from({ length: 20 }, (_, n) => String(n));
      const results = await Promise.all(numbers.map((n) => session.run(`sleep 0.05; echo ${n}`, { timeout: 10 })));
      expect(results.map((r) => r.stdout.trim())).toEqual(numbers);
    }));
});

describe("limits of a command", () => {
  test("past its time it is ended, and the session can still be used", () =>
    withSession(async (session) => {
      const mark = join(folder, "late");
      const started = Date.now();
      const error = await failure(session.run(`sleep 1; touch ${mark}`, { timeout: 0.3 }));
      expect(error).toMatchObject({
        code: "MESH_SSH_EXEC_TIMEOUT",
        kind: "unreachable",
        where: { address: "node/homelab-1" },
      });
      expect(Date.now() - started).toBeLessThan(900);
      expect((await session.run("echo ok", { timeout: 10 })).stdout).toBe("ok\n");
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(existsSync(mark)).toBe(false);
    }));

  test("endless output is cut", () =>
    withSession(async (session) => {
      expect((await failure(session.run("yes", { timeout: 20 }))).code).toBe("MESH_SSH_OUTPUT");
      expect((await session.run("echo ok", { timeout: 10 })).stdout).toBe("ok\n");
    }));

  test("a connection that breaks in the middle", () =>
    withSession(async (session, to) => {
      const running = failure(session.run("sleep 5", { timeout: 20 }));
      await new Promise((resolve) => setTimeout(resolve, 100));
      to.drop();
      expect((await running).code).toBe("MESH_SSH_LOST");
      expect((await failure(session.run("echo more", { timeout: 20 }))).code).toBe("MESH_SSH_LOST");
    }));

  test("a script that arrives in part does not run at all", () => {
    const mark = join(folder, "half");
    const { command, script } = invocation(`touch ${mark}\nif true; then\n  touch ${mark}\nfi\n`, "root");
    // Up to its closing brace: what follows that is only a line end.
    for (let length = 0; length < script.length - 2; length++) {
      const cut = spawnSync("/bin/sh", ["-c", command], { input: script.subarray(0, length), env });
      expect([length, length > 0 && cut.status === 0, existsSync(mark)]).toEqual([length, false, false]);
    }
    expect(spawnSync("/bin/sh", ["-c", command], { input: script, env }).status).toBe(0);
    expect(existsSync(mark)).toBe(true);
  });

  test("a system whose dd knows no fullblock passes script and payload as well", () => {
    const bin = mkdtempSync(join(folder, "old-"));
    const plain = `#!/bin/sh\ncase "$*" in *iflag*) echo "dd: unknown operand iflag" >&2; exit 1;; esac\nPATH=${env.PATH} exec dd "$@"\n`;
    writeFileSync(join(bin, "dd"), plain, { mode: 0o755 });
    const { command, script } = invocation("cat", "root");
    const input = Buffer.concat([script, Buffer.from("payload")]);
    const result = spawnSync("/bin/sh", ["-c", command], { input, env: { ...env, PATH: `${bin}:${env.PATH}` } });
    expect(result.stdout.toString()).toBe("payload");
  });

  test("a system without dd is a failure, not a script of nothing", () => {
    const { command, script } = invocation("true", "root");
    expect(spawnSync("/bin/sh", ["-c", command], { input: script, env: { PATH: folder } }).status).not.toBe(0);
  });

  test("a server that starts no commands", () =>
    withSession(
      async (session) => expect((await failure(session.run("true", { timeout: 10 }))).code).toBe("MESH_SSH_EXEC"),
      { onExec: () => Promise.reject(new Error("no")) },
    ));
});

describe("host keys", () => {
  const keys = { ed25519: generateKey(), ecdsa: generateKey("ecdsa"), rsa: generateKey("rsa") };
  const other = generateKey();
  const all = [keys.ed25519, keys.ecdsa, keys.rsa];
  const key = (pair: { readonly public: string }): HostKey => ({ kind: "key", key: pair.public });
  const print = (pair: { readonly fingerprint: string }): HostKey => ({
    kind: "fingerprint",
    sha256: pair.fingerprint,
  });

  test.each<[string, HostKey]>([
    ["an ed25519 key", key(keys.ed25519)],
    ["an ecdsa key", key(keys.ecdsa)],
    ["an rsa key", key(keys.rsa)],
    ["an ed25519 fingerprint", print(keys.ed25519)],
    ["an ecdsa fingerprint", print(keys.ecdsa)],
    ["an rsa fingerprint", print(keys.rsa)],
    ["a fingerprint without prefix", { kind: "fingerprint", sha256: keys.ed25519.fingerprint.slice(7) }],
  ])("%s is found on a server that has all three", async (_, hostKey) => {
    await using to = await server({ hostKeys: all });
    await using session = await shell(undefined).open(node(to, { hostKey }));
    expect((await session.run("echo in", { timeout: 10 })).stdout).toBe("in\n");
    expect(to.connections).toBe(1);
  });

  test.each<[string, HostKey]>([
    ["key", key(other)],
    ["fingerprint", print(other)],
    ["key of a type that the server has not", key(generateKey("rsa"))],
  ])("another %s is refused with both fingerprints, before logging in", async (_, hostKey) => {
    await using to = await server({ hostKeys: [keys.ed25519, keys.ecdsa] });
    const error = await failure(shell(undefined).open(node(to, { hostKey })));
    const vouched = hostKey.kind === "fingerprint" ? hostKey.sha256 : "SHA256:";
    expect(error).toMatchObject({ code: "MESH_SSH_HOST_KEY", kind: "denied", where: { address: "node/homelab-1" } });
    expect(error.message).toContain(vouched);
    expect(error.message).toContain(keys.ed25519.fingerprint);
    expect(error.message).toContain("nothing was changed");
    expect(to.connections).toBe(0);
  });

  test("the known_hosts file decides when there is no key in the topology", async () => {
    await using to = await server({ hostKeys: all });
    const rsaOnly = `[${to.host}]:${to.port} ${keys.rsa.public}\n`;
    await using session = await shell(rsaOnly).open(node(to));
    expect((await session.run("echo in", { timeout: 10 })).stdout).toBe("in\n");
    const wrong = await failure(shell(`[${to.host}]:${to.port} ${other.public}\n`).open(node(to)));
    expect(wrong.code).toBe("MESH_SSH_HOST_KEY");
    const revoked = await failure(shell(`@revoked * ${keys.rsa.public}\n${rsaOnly}`).open(node(to)));
    expect(revoked.code).toBe("MESH_SSH_HOST_KEY");
    expect(revoked.message).toContain("revoked");
  });

  test("a host that is not known, and a file that is not there", async () => {
    await using to = await server();
    expect((await failure(shell(`elsewhere ${other.public}\n`).open(node(to)))).message).toContain(
      `[127.0.0.1]:${to.port}`,
    );
    expect((await failure(shell(`elsewhere ${other.public}\n`).open(node(to)))).code).toBe("MESH_SSH_HOST_UNKNOWN");
    expect((await failure(shell(`@cert-authority * ${other.public}\n`).open(node(to)))).message).toContain("authority");
    expect((await failure(shell(undefined).open(node(to, { knownHosts: undefined })))).code).toBe(
      "MESH_SSH_HOST_UNKNOWN",
    );
    expect(await failure(shell(undefined).open(node(to)))).toMatchObject({
      code: "MESH_SSH_KNOWN_HOSTS",
      where: { file: "known_hosts" },
    });
    expect(to.connections).toBe(0);
  });

  test("a known_hosts file is read once for many nodes", async () => {
    await using to = await server();
    let reads = 0;
    const opened = shell(undefined, {
      knownHosts: async () => {
        reads += 1;
        return to.knownHosts;
      },
    });
    for (const session of await Promise.all([1, 2, 3].map(() => opened.open(node(to)))))
      await session[Symbol.asyncDispose]();
    expect(reads).toBe(1);
  });
});

describe("logging in", () => {
  test("with an encrypted key", async () => {
    await using to = await server();
    const locked = generateKey("ed25519", "open sesame");
    await using door = await server({ authorizedKey: locked.public });
    const privateKey = new Secret(locked.private);
    await using session = await shell(door.knownHosts, { privateKey, passphrase: new Secret("open sesame") }).open(
      node(door),
    );
    expect((await session.run("echo in", { timeout: 10 })).stdout).toBe("in\n");
    for (const options of [
      { privateKey },
      { privateKey, passphrase: new Secret("wrong") },
      { privateKey: new Secret("no key") },
    ]) {
      const error = await failure(shell(to.knownHosts, options).open(node(to)));
      expect(error.code).toBe("MESH_SSH_KEY");
      expect(`${error.message} ${String(error.cause)}`).not.toMatch(/wrong|no key|OPENSSH/);
    }
  });

  test("with Windows line ends in the key", async () => {
    await using to = await server();
    const privateKey = new Secret(client.private.replaceAll("\n", "\r\n"));
    await using session = await shell(to.knownHosts, { privateKey }).open(node(to));
    expect((await session.run("echo in", { timeout: 10 })).stdout).toBe("in\n");
  });

  test.each(["ecdsa", "rsa"] as const)("with an %s key", async (type) => {
    const pair = generateKey(type);
    await using to = await server({ authorizedKey: pair.public });
    await using session = await shell(to.knownHosts, { privateKey: new Secret(pair.private) }).open(node(to));
    expect((await session.run("echo in", { timeout: 10 })).stdout).toBe("in\n");
  });

  test("another key or user is refused", async () => {
    await using to = await server({ user: "ubuntu" });
    expect((await failure(shell(to.knownHosts).open(node(to)))).code).toBe("MESH_SSH_AUTH");
    const privateKey = new Secret(generateKey().private);
    const error = await failure(shell(to.knownHosts, { privateKey }).open(node(to, { user: "ubuntu" })));
    expect(error).toMatchObject({ code: "MESH_SSH_AUTH", kind: "denied" });
    expect(error.message).toContain(`127.0.0.1:${to.port}`);
    expect(error.message).toContain("ubuntu");
  });
});

describe("no connection", () => {
  async function listener(
    onConnect: Parameters<typeof createServer>[1],
  ): Promise<{ to: { host: string; port: number }; server: Server }> {
    const silent = createServer(onConnect).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    return { to: { host: "127.0.0.1", port: (silent.address() as AddressInfo).port }, server: silent };
  }
  const known = `* ${generateKey().public}\n`;

  test("refused", async () => {
    const { to, server: closed } = await listener(() => undefined);
    await new Promise((resolve) => closed.close(resolve));
    const error = await failure(shell(known).open(node(to)));
    expect(error).toMatchObject({
      code: "MESH_SSH_REFUSED",
      kind: "unreachable",
      where: { address: "node/homelab-1" },
    });
    expect(error.message).toContain(`127.0.0.1:${to.port}`);
  });

  test("a name that does not exist", async () => {
    const error = await failure(shell(known).open(node({ host: "no-such-host.invalid", port: 22 })));
    expect(error.code).toBe("MESH_SSH_DNS");
    expect(error.message).toContain("no-such-host.invalid:22");
  });

  test("silence", async () => {
    const { to, server: silent } = await listener((socket) => socket.on("error", () => undefined));
    const error = await failure(shell(known, { connectTimeout: 200 }).open(node(to)));
    expect(error.code).toBe("MESH_SSH_TIMEOUT");
    silent.close();
  });

  test("something else than SSH", async () => {
    const { to, server: web } = await listener((socket) =>
      socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    );
    const error = await failure(shell(known).open(node(to)));
    expect(["MESH_SSH_PROTOCOL", "MESH_SSH_UNREACHABLE"]).toContain(error.code);
    web.close();
  });

  test("an abort ends a session that is being opened", async () => {
    const { to, server: silent } = await listener((socket) => socket.on("error", () => undefined));
    const controller = new AbortController();
    const opening = shell(known, { signal: controller.signal }).open(node(to));
    setTimeout(() => controller.abort(new Error("cancelled")), 50);
    await expect(opening).rejects.toThrow("cancelled");
    silent.close();
  });
});

describe("jump hosts", () => {
  test("are passed in order, each with its own host key", async () => {
    await using outer = await server();
    await using inner = await server();
    await using target = await server();
    const opened = shell(outer.knownHosts + inner.knownHosts + target.knownHosts);
    await using session = await opened.open(node(target, {}, [hop(outer), hop(inner)]));
    const payload = randomBytes(3_000_000);
    const { stdout } = await session.run("sha256sum", { timeout: 20, payload });
    expect(stdout.split(" ")[0]).toBe(createHash("sha256").update(payload).digest("hex"));
    expect([outer, inner, target].map((s) => [s.connections, s.execs.length])).toEqual([
      [1, 0],
      [1, 0],
      [1, 1],
    ]);
    expect({ connections: opened.connections, jumps: opened.jumps }).toEqual({ connections: 1, jumps: 2 });
  });

  test("a jump host with another key is refused, and the node is not dialled", async () => {
    await using jump = await server();
    await using target = await server();
    const hostKey: HostKey = { kind: "key", key: generateKey().public };
    const error = await failure(shell(target.knownHosts).open(node(target, {}, [hop(jump, { hostKey })])));
    expect(error.code).toBe("MESH_SSH_HOST_KEY");
    expect(error.message).toContain(`127.0.0.1:${jump.port}`);
    expect([jump.connections, target.connections]).toEqual([0, 0]);
  });

  test("the node behind a jump host is held to its own key", async () => {
    await using jump = await server();
    await using target = await server();
    const hostKey: HostKey = { kind: "key", key: jump.hostKeys[0]?.public ?? "" };
    expect((await failure(shell(jump.knownHosts).open(node(target, { hostKey }, [hop(jump)])))).code).toBe(
      "MESH_SSH_HOST_KEY",
    );
    expect(target.connections).toBe(0);
  });

  test("one that does not forward", async () => {
    await using jump = await server({ forwards: false });
    await using target = await server();
    expect((await failure(shell(jump.knownHosts + target.knownHosts).open(node(target, {}, [hop(jump)])))).code).toBe(
      "MESH_SSH_JUMP",
    );
  });
});

describe("sudo", () => {
  const bin = mkdtempSync(join(folder, "bin-"));
  function stub(script: string): Partial<SshServerOptions> {
    writeFileSync(join(bin, "sudo"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, "sudo"), 0o755);
    return { env: { ...env, PATH: `${bin}:${env.PATH}` } };
  }

  test("is used without a password for a user that is not root", async () => {
    await using to = await server(stub(`printf "%s " "$@" > ${bin}/argv; shift; exec "$@"`));
    await using session = await shell(to.knownHosts).open(node(to, { user: "ubuntu" }));
    const { stdout } = await session.run("cat", { timeout: 10, payload: Buffer.from("payload") });
    expect(stdout).toBe("payload");
    expect(readFileSync(join(bin, "argv"), "utf8")).toMatch(
      /^-n \/bin\/sh -c s=\$\(dd bs=\d+ count=1 .*\) && eval "\$s" $/,
    );
  });

  test.each([
    ["sudo: a password is required", 1],
    ["sudo: a terminal is required to read the password; either use the -S option", 1],
    ["sudo: sorry, you must have a tty to run sudo", 1],
    ["ubuntu is not in the sudoers file.", 1],
    ["Sorry, user ubuntu is not allowed to execute '/bin/sh -c x' as root on h.", 1],
    ["sh: 1: sudo: not found", 127],
    ["bash: line 1: sudo: command not found", 127],
  ])("that says %j is told with the line to add", async (says, code) => {
    await using to = await server(stub(`echo "${says}" >&2; exit ${code}`));
    await using session = await shell(to.knownHosts).open(node(to, { user: "ubuntu" }));
    const error = await failure(session.run("touch /x", { timeout: 10, payload: Buffer.alloc(4 * 1024 * 1024) }));
    expect(error).toMatchObject({ code: "MESH_SUDO_REFUSED", kind: "denied", where: { address: "node/homelab-1" } });
    expect(error.hint).toContain("ubuntu ALL=(root) NOPASSWD: /bin/sh");
  });

  test("a script that fails by itself is a result", async () => {
    await using to = await server(stub(`shift; exec "$@"`));
    await using session = await shell(to.knownHosts).open(node(to, { user: "ubuntu" }));
    expect((await session.run("echo 'cannot do that' >&2; exit 1", { timeout: 10 })).code).toBe(1);
  });
});
