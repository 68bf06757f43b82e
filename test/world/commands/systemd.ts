/** `systemctl` and `systemd-run`: units from the machine's own unit files, and transient timers. */
import { existsSync, readFileSync } from "node:fs";
import { type Answer, done, failed } from "../channel.ts";
import type { Machine, Unit } from "../machine.ts";
import type { Command, Context } from "./context.ts";
import { daemonStarted, daemonStopped } from "./tailscale.ts";

const full = (name: string): string => (/\.(service|timer|target|socket|path)$/.test(name) ? name : `${name}.service`);

function unitFile(machine: Machine, name: string): string | undefined {
  const paths = ["/etc/systemd/system", "/lib/systemd/system"].map((folder) => machine.path(`${folder}/${name}`));
  const found = paths.find((p) => existsSync(p));
  return found === undefined ? undefined : readFileSync(found, "utf8");
}

function unitOf(machine: Machine, name: string): Unit | undefined {
  const known = machine.units.get(name);
  if (known) return known;
  if (unitFile(machine, name) === undefined) return undefined;
  const unit = machine.newUnit("inactive", false);
  machine.units.set(name, unit);
  return unit;
}

export const systemctl: Command = async (args, context) => {
  const flags = args.filter((a) => a.startsWith("-"));
  const [verb = "", ...names] = args.filter((a) => !a.startsWith("-"));
  const units = names.map(full);
  const { machine } = context;
  switch (verb) {
    case "show":
      return done(units.map((u) => shown(machine, u)).join("\n"));
    case "is-active":
      return isActive(machine, units, flags);
    case "is-enabled": {
      const enabled = units.every((u) => unitOf(machine, u)?.enabled);
      return { code: enabled ? 0 : 1, stdout: `${enabled ? "enabled" : "disabled"}\n`, stderr: "" };
    }
    case "daemon-reload":
    case "reset-failed":
      return done();
    case "enable":
    case "disable":
      return able(verb === "enable", units, flags.includes("--now"), context);
    case "start":
    case "restart":
    case "try-restart":
    case "stop":
      for (const unit of units) {
        const answer = await move(verb, unit, context);
        if (answer.code !== 0) return answer;
      }
      return done();
    default:
      return failed(`Unknown command verb '${verb}'.`);
  }
};

function shown(machine: Machine, name: string): string {
  const timer = machine.timers.get(name);
  const unit = unitOf(machine, name);
  const lines = {
    Id: name,
    LoadState: unit || timer ? "loaded" : "not-found",
    ActiveState: timer ? "active" : (unit?.active ?? "inactive"),
    UnitFileState: timer ? "transient" : unit ? (unit.enabled ? "enabled" : "disabled") : "",
    ...(name.endsWith(".service")
      ? { MainPID: unit?.pid ?? 0, ExecMainStartTimestampMonotonic: unit?.started ?? 0 }
      : {}),
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

function isActive(machine: Machine, units: readonly string[], flags: readonly string[]): Answer {
  const states = units.map((u) => (machine.timers.has(u) ? "active" : (unitOf(machine, u)?.active ?? "inactive")));
  const quiet = flags.some((f) => f === "-q" || f === "--quiet");
  return { code: states.includes("active") ? 0 : 3, stdout: quiet ? "" : `${states.join("\n")}\n`, stderr: "" };
}

async function able(enable: boolean, units: readonly string[], now: boolean, context: Context): Promise<Answer> {
  for (const name of units) {
    const unit = unitOf(context.machine, name);
    if (!unit) return failed(`Failed to ${enable ? "enable" : "disable"} unit: Unit file ${name} does not exist.`);
    const changed = unit.enabled !== enable;
    unit.enabled = enable;
    if (changed) context.changes(`systemctl ${enable ? "enable" : "disable"} ${name}`);
    if (!now) continue;
    const answer = await move(enable ? "start" : "stop", name, context);
    if (answer.code !== 0) return answer;
  }
  return done();
}

async function move(verb: string, name: string, context: Context): Promise<Answer> {
  const { machine } = context;
  if (verb === "stop" && machine.timers.delete(name)) {
    context.changes(`systemctl stop ${name}`);
    return done();
  }
  const unit = unitOf(machine, name);
  if (!unit) return failed(`Failed to ${verb} ${name}: Unit ${name} not found.`, 5);
  const running = unit.active === "active";
  if (verb === "try-restart" && !running) return done();
  if ((verb === "stop" && !running) || (verb === "start" && running)) return done();
  if (running) stop(name, unit, context);
  if (verb !== "stop") {
    const problem = await start(name, context);
    if (problem)
      return failed(`Job for ${name} failed because the control process exited with error code.\n${problem}`);
  }
  context.changes(`systemctl ${verb} ${name}`);
  return done();
}

function stop(name: string, unit: Unit, context: Context): void {
  context.machine.units.set(name, context.machine.newUnit("inactive", unit.enabled));
  if (name === "tailscaled.service") daemonStopped(context);
}

/** Starts a unit; the text of the failure when it failed. */
export async function start(name: string, context: Context): Promise<string | undefined> {
  const { machine } = context;
  const text = unitFile(machine, name) ?? "";
  const enabled = machine.units.get(name)?.enabled ?? false;
  const value = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, "m").exec(text)?.[1];
  const condition = value("ConditionPathExists");
  if (condition !== undefined && !existsSync(machine.path(condition))) return undefined;
  const become = (active: Unit["active"]): void => {
    machine.units.set(name, machine.newUnit(active, enabled));
  };
  if (name === "tailscaled.service") {
    if (!existsSync(machine.path("/usr/sbin/tailscaled"))) return "status=203/EXEC";
    become("active");
    daemonStarted(context);
    return undefined;
  }
  const command = value("ExecStart");
  if (command === undefined || name.endsWith(".timer")) {
    become("active");
    return undefined;
  }
  const { code, output } = await context.execute(command.split(" "));
  become(code === 0 && value("RemainAfterExit") === "yes" ? "active" : code === 0 ? "inactive" : "failed");
  return code === 0 ? undefined : output;
}

export const systemdRun: Command = async (args, context) => {
  const value = (flag: string): string | undefined =>
    args.find((a) => a.startsWith(`--${flag}=`))?.slice(flag.length + 3);
  const command = args.slice(args.findIndex((a) => !a.startsWith("-")));
  const unit = value("unit") ?? `run-u${context.machine.timers.size + 1}`;
  const seconds = value("on-active");
  if (seconds === undefined) {
    const { code, output } = await context.execute(command);
    context.changes(`systemd-run ${unit}`);
    return { code, stdout: "", stderr: output };
  }
  if (context.machine.timers.has(`${unit}.timer`)) {
    return failed(
      `Failed to start transient timer unit: Unit ${unit}.timer was already loaded or has a fragment file.`,
    );
  }
  context.machine.timers.set(`${unit}.timer`, { unit, seconds: Number.parseInt(seconds, 10), command });
  context.changes(`systemd-run ${unit}.timer`);
  return done();
};
