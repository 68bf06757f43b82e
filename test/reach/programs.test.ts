/** The program for pods, for real, on loopback: Perl and Python give the same answers. */
import { execFile, execFileSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { perlProgram, pythonProgram } from "../../src/reach/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "tailmesh-programs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function present(tool: string): boolean {
  try {
    execFileSync(tool, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

// Whoever has neither Perl nor Python has nothing to run here; one of the two is on every machine that runs the tests.
const languages = [
  { tool: "perl", text: perlProgram },
  { tool: "python3", text: pythonProgram },
].filter((l) => present(l.tool));

test("this machine has at least one of the two languages", () => {
  expect(languages.length).toBeGreaterThan(0);
});

const open: { close(): void }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    open.push(server);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });

const bind = (socket: Socket): Promise<number> =>
  new Promise((resolve) => {
    open.push(socket);
    socket.bind(0, "127.0.0.1", () => resolve(socket.address().port));
  });

const freePort = async (): Promise<number> => {
  const server = createServer();
  const port = await listen(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  open.pop();
  return port;
};

const name = "kubernetes.default.svc.cluster.local";

/** Answers a query: the question back, then records as given. */
function reply(query: Buffer, rcode: number, addresses: readonly string[]): Buffer {
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180 | rcode, 2);
  head.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((a) =>
    Buffer.concat([Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4]), Buffer.from(a.split(".").map(Number))]),
  );
  return Buffer.concat([head, query.subarray(12), ...records]);
}

const asked = (query: Buffer): string => {
  const labels: string[] = [];
  for (let at = 12; query[at]; at += 1 + (query[at] ?? 0)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + (query[at] ?? 0)));
  }
  return labels.join(".");
};

describe.each(languages)("in $tool", ({ tool, text }) => {
  const file = join(folder, tool);
  beforeAll(() => writeFileSync(file, text));

  const run = (...args: readonly (string | number)[]): Promise<{ code: number; line: string; ms: number }> => {
    const started = performance.now();
    return new Promise((resolve) => {
      execFile(tool, [file, ...args.map(String)], { timeout: 15_000 }, (error, stdout) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 99;
        resolve({ code, line: stdout.trim(), ms: performance.now() - started });
      });
    });
  };

  test("serve and fetch move 1 MiB, to several at once, and end by themselves", async () => {
    const port = await freePort();
    const serving = run("serve", port, 3, 8, 9);
    const fetched = await Promise.all([1, 2, 3].map(() => run("fetch", "127.0.0.1", port, 3, 6)));
    for (const f of fetched) expect(f.line).toMatch(/^ok 1048576 \d+$/);
    const served = await serving;
    expect(served.line).toBe("ok 3 3");
    expect(served.ms).toBeLessThan(6000);
  });

  test("fetch waits for a listener that comes a second late", async () => {
    const port = await freePort();
    const fetching = run("fetch", "127.0.0.1", port, 3, 6);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const serving = run("serve", port, 1, 6, 9);
    expect((await fetching).line).toMatch(/^ok 1048576 /);
    expect((await serving).line).toBe("ok 1 1");
  });

  test("serve gives up at its time, and says a port is taken", async () => {
    const port = await freePort();
    expect(await run("serve", port, 1, 0.6, 9)).toMatchObject({ code: 1, line: "late 0 1" });
    // Nobody came for a while: nobody will.
    const quiet = await run("serve", port, 1, 8, 0.5);
    expect(quiet).toMatchObject({ line: "late 0 1" });
    expect(quiet.ms).toBeLessThan(4000);
    const taken = await listen(createServer());
    expect((await run("serve", taken, 1, 2, 9)).line).toMatch(/^busy .*in use/i);
  });

  test("serve survives clients that leave in the middle", async () => {
    const port = await freePort();
    const serving = run("serve", port, 2, 6, 9);
    const { connect } = await import("node:net");
    await new Promise<void>((resolve, reject) => {
      const attempt = (left: number): void => {
        const socket = connect(port, "127.0.0.1", () => {
          socket.once("data", () => {
            socket.destroy();
            resolve();
          });
        });
        socket.on("error", () =>
          left > 0 ? setTimeout(() => attempt(left - 1), 50) : reject(new Error("no listener")),
        );
      };
      attempt(60);
    });
    expect((await run("fetch", "127.0.0.1", port, 3, 5)).line).toMatch(/^ok 1048576 /);
    expect((await serving).line).toBe("ok 2 2");
  });

  test("a transfer that stops is stalled, one that ends early is short", async () => {
    const stalls = await listen(createServer((s) => s.on("error", () => undefined).write("x".repeat(100))));
    const stalled = await run("fetch", "127.0.0.1", stalls, 3, 6);
    expect(stalled).toMatchObject({ code: 1, line: "stalled 100" });
    expect(stalled.ms).toBeLessThan(4500);
    const ends = await listen(createServer((s) => s.on("error", () => undefined).end("y".repeat(70_000))));
    expect((await run("fetch", "127.0.0.1", ends, 3, 6)).line).toMatch(/^short 70000 \d+$/);
  });

  test("tcp connects, or is refused after it kept trying", async () => {
    const port = await listen(createServer((s) => s.end()));
    expect(await run("tcp", "127.0.0.1", port, 1)).toMatchObject({ code: 0 });
    const refused = await run("tcp", "127.0.0.1", await freePort(), 0.5);
    expect(refused).toMatchObject({ code: 1, line: "refused" });
    expect(refused.ms).toBeGreaterThan(400);
  });

  test("DNS over UDP: the right question, every answer", async () => {
    const questions: string[] = [];
    const server = createSocket("udp4");
    let answer: (q: Buffer) => Buffer | undefined = (q) => reply(q, 0, ["10.53.0.1"]);
    server.on("message", (q, from) => {
      questions.push(asked(q));
      const bytes = answer(q);
      if (bytes) server.send(bytes, from.port, from.address);
    });
    const port = await bind(server);
    const ask = (seconds = 1.5) => run("dns-udp", "127.0.0.1", name, seconds, port);
    expect(await ask()).toMatchObject({ code: 0, line: "ok 10.53.0.1" });
    expect(questions).toEqual([name]);
    answer = (q) => reply(q, 0, ["10.0.0.9", "10.0.0.8"]);
    expect((await ask()).line).toBe("ok 10.0.0.8 10.0.0.9");
    answer = (q) => reply(q, 3, []);
    expect(await ask()).toMatchObject({ code: 1, line: "rcode 3" });
    answer = (q) => reply(q, 0, []);
    expect((await ask()).line).toBe("empty");
    answer = () => undefined;
    expect((await ask(0.4)).line).toBe("timeout");
    // Answers to other questions and broken ones are not answers.
    answer = (q) => {
      const other = Buffer.from(reply(q, 0, ["6.6.6.6"]));
      other.writeUInt16BE((other.readUInt16BE(0) + 1) % 65536, 0);
      return other;
    };
    expect((await ask(0.4)).line).toBe("timeout");
    answer = (q) => Buffer.concat([reply(q, 0, ["10.1.1.1"]).subarray(0, -6)]);
    expect((await ask(0.4)).line).toBe("empty");
  });

  test("DNS over UDP asks again when the first packet is lost, and tells a closed port", async () => {
    const server = createSocket("udp4");
    let seen = 0;
    server.on("message", (q, from) => {
      seen += 1;
      if (seen > 1) server.send(reply(q, 0, ["10.53.0.1"]), from.port, from.address);
    });
    const port = await bind(server);
    expect((await run("dns-udp", "127.0.0.1", name, 2.5, port)).line).toBe("ok 10.53.0.1");
    expect((await run("dns-udp", "127.0.0.1", name, 0.5, await freePort())).line).toBe("refused");
  });

  test("DNS over TCP, in pieces too", async () => {
    const port = await listen(
      createServer((s) => {
        s.on("error", () => undefined);
        s.on("data", (q) => {
          const answer = reply(q.subarray(2), 0, ["10.53.0.1"]);
          const whole = Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 255]), answer]);
          s.write(whole.subarray(0, 5));
          setTimeout(() => s.end(whole.subarray(5)), 100);
        });
      }),
    );
    expect(await run("dns-tcp", "127.0.0.1", name, 2, port)).toMatchObject({ code: 0, line: "ok 10.53.0.1" });
    const silent = await listen(createServer((s) => s.on("error", () => undefined)));
    expect((await run("dns-tcp", "127.0.0.1", name, 0.5, silent)).line).toBe("timeout");
  });

  test("an unknown mode is an error", async () => {
    expect(await run("bogus")).toMatchObject({ code: 1, line: "error mode" });
  });
});
