import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Screen } from "./screen.ts";

const demo = join(import.meta.dirname, "demo.ts");

interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly seconds: number;
}

function run(temp: string): Promise<Ran> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [demo], { env: { PATH: process.env["PATH"] ?? "", TMPDIR: temp } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
    child.once("close", (code) => resolve({ code, output, seconds: (performance.now() - started) / 1000 }));
  });
}

/** Names and times of what a program running as root could have changed: its own temporary folder is elsewhere. */
function machine(): unknown {
  const folders = ["/etc", "/etc/systemd/system", "/etc/sysctl.d", "/etc/default", "/usr/local/lib", "/usr/local/bin"];
  const more = ["/usr/bin", "/usr/sbin", "/var/lib", "/var/tmp", "/run", "/root"];
  const seen = [...folders, ...more].map((folder) => {
    try {
      const names = readdirSync(folder).filter((name) => /tailmesh|tailscale/i.test(name));
      return [folder, folder.startsWith("/etc") || folder.startsWith("/usr") ? statSync(folder).mtimeMs : 0, names];
    } catch {
      return [folder, "cannot be read"];
    }
  });
  const network = [
    ["ip", "-4", "rule"],
    ["ip", "-4", "route", "show", "table", "all"],
    ["iptables-save"],
    ["sysctl", "net.ipv4.ip_forward"],
  ].map(([command = "", ...args]) => said(command, args));
  return { seen, interfaces: networkInterfaces(), network };
}

/** What a command of the system says, without comments and counters; nothing where there is no such command. */
function said(command: string, args: readonly string[]): string {
  const { stdout } = spawnSync(command, [...args], { encoding: "utf8" });
  return (stdout ?? "").replace(/^#.*$/gm, "").replace(/\[\d+:\d+\]/g, "");
}

test("the demo tells a true story in under 30 seconds, in plain lines, and touches nothing outside its folder", async () => {
  const temp = mkdtempSync(join(tmpdir(), "tailmesh-demo-test-"));
  try {
    const before = machine();
    const { code, output, seconds } = await run(temp);
    expect(code, output).toBe(0);
    expect(machine()).toEqual(before);
    expect(readdirSync(temp).filter((name) => name.startsWith("tailmesh"))).toEqual([]);
    expect(output).toContain("Simulated");
    expect(output).toMatch(/(\d+) of \1 claims checked and true, [\d.]+ s, simulated\n$/);
    expect(output).not.toContain("\u001b");
    expect(output).not.toContain("✗");
    expect(seconds).toBeLessThan(30);
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}, 60_000);

test("on a terminal one line lives; elsewhere, or when told, nothing is coloured", async () => {
  const shown = async (terminal: boolean, env: Record<string, string>): Promise<string> => {
    let text = "";
    const write = (piece: string | Uint8Array): boolean => {
      text += String(piece);
      return true;
    };
    const screen = new Screen({ write, isTTY: terminal, columns: 40 }, env);
    await screen.during("working", async () => screen.progress("more\u001b[31m news"));
    screen.line(screen.paint("done", "green"));
    return text;
  };
  expect(await shown(true, {})).toContain("\r\u001b[2K");
  expect(await shown(true, {})).toContain("\u001b[32mdone\u001b[0m");
  expect(await shown(true, { NO_COLOR: "1" })).toContain("\ndone\n".trim());
  expect(await shown(true, { NO_COLOR: "1" })).not.toContain("\u001b[32m");
  expect(await shown(false, {})).toBe("  . working\n  . more\\u{1b}[31m news\ndone\n");
});
